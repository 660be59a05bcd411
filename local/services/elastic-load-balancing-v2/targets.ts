/** Registered targets: their health checks, their states with AWS's reason codes, and their draining. */
import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealth,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { HealthCheck } from '../../fleet/health-check';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations } from '../../kernel/service';
import { type Account, keyOfTarget, type LoadBalancer, type Target, type TargetGroup } from './account';
import { hasRoom } from './limits';
import { failureOf, healthCheckSettings } from './target-health-check';

const HEALTHY: TargetHealth = { State: 'healthy' };

export class Targets {
  readonly operations: Operations = {
    RegisterTargets: (input: RegisterTargetsInput) => {
      const targetGroup = this.account.targetGroup(input.TargetGroupArn as string);
      for (const target of input.Targets ?? []) refuseUnsupported(target, ['Id', 'Port']);
      const isByAddress = targetGroup.description.TargetType === 'ip';
      if (!isByAddress) this.checkRunning(input.Targets ?? []);
      for (const { Id = '', Port } of input.Targets ?? []) {
        const instanceId = isByAddress ? this.ownerOf(Id) : Id;
        if (!hasRoom(this.account, targetGroup, instanceId))
          throw new AwsError('TooManyTargets', 'You have reached the maximum number of targets');
        this.register(targetGroup, instanceId, Port, isByAddress ? Id : undefined);
      }
    },
    DeregisterTargets: (input: DeregisterTargetsInput) => {
      const targetGroup = this.account.targetGroup(input.TargetGroupArn as string);
      for (const { Id = '', Port } of input.Targets ?? []) {
        const named = [...targetGroup.targets.values()].find((target) => target.address === Id);
        this.deregister(targetGroup, named?.instanceId ?? Id, Port);
      }
    },
    DescribeTargetHealth: (input: DescribeTargetHealthInput) => ({
      TargetHealthDescriptions: this.describe(this.account.targetGroup(input.TargetGroupArn as string), input.Targets),
    }),
  };

  constructor(private readonly account: Account) {}

  register(
    targetGroup: TargetGroup,
    instanceId: string,
    port = targetGroup.description.Port as number,
    address?: string,
  ): void {
    const key = keyOfTarget(instanceId, port);
    const existing = targetGroup.targets.get(key);
    if (existing && !existing.draining) return;
    existing?.draining?.cancel();
    targetGroup.departed.delete(key);
    const target: Target = {
      instanceId,
      address,
      port,
      wasRunning: this.account.zoneOf?.(instanceId) !== undefined,
      check: undefined,
      registration: undefined,
      slowStartFrom_ms: undefined,
      draining: undefined,
      announced: existing?.announced,
    };
    targetGroup.targets.set(key, target);
    this.refreshTarget(targetGroup, target, this.account.loadBalancerUsing(targetGroup.arn));
  }

  /**
   * Without a port, on every port. A target that is not registered is no error. A target of a group in use drains for
   * the whole deregistration delay, busy or not ("If a deregistering target has no in-flight requests and no active
   * connections, ELB immediately completes the deregistration process … the status of the target still shows draining
   * until the timeout expires", user guide); one of an unused group goes at once.
   */
  deregister(targetGroup: TargetGroup, instanceId: string, port?: number): void {
    for (const [key, target] of targetGroup.targets) {
      if (target.instanceId !== instanceId || (port !== undefined && target.port !== port) || target.draining) continue;
      if (routable(targetGroup).includes(target)) this.depart(targetGroup, key, target);
      stopChecking(target);
      const delaySeconds = Number(targetGroup.attributes.get('deregistration_delay.timeout_seconds'));
      if (delaySeconds === 0 || !this.account.loadBalancerUsing(targetGroup.arn)) {
        this.remove(targetGroup, key, target);
      } else {
        target.draining = this.account.options.clock.after(delaySeconds, () => this.remove(targetGroup, key, target));
        this.announce(targetGroup, target);
      }
    }
  }

  private depart({ arn, departed }: TargetGroup, key: string, { instanceId, port }: Target): void {
    if (this.account.loadBalancerUsing(arn)?.kind !== 'network') return;
    const { clock, settings } = this.account.options;
    departed.set(key, {
      ...{ instanceId, port },
      sentToUntil_ms: clock.now().getTime() + settings.networkSendsSeconds * 1000,
    });
  }

  /** Forgets every target at once: their target group is deleted. */
  removeAll(targetGroup: TargetGroup): void {
    for (const [key, target] of targetGroup.targets) {
      stopChecking(target);
      target.draining?.cancel();
      this.remove(targetGroup, key, target);
    }
  }

  /** After a load balancer, listener or rule came, went or changed: starts and stops health checks accordingly. */
  refreshAll(): void {
    for (const targetGroup of this.account.targetGroups.values()) this.refresh(targetGroup);
  }

  refresh(targetGroup: TargetGroup): void {
    if (targetGroup.targets.size === 0) return;
    const loadBalancer = this.account.loadBalancerUsing(targetGroup.arn);
    for (const target of targetGroup.targets.values()) this.refreshTarget(targetGroup, target, loadBalancer);
  }

  private refreshTarget(targetGroup: TargetGroup, target: Target, loadBalancer: LoadBalancer | undefined): void {
    if (this.isChecked(targetGroup, target, loadBalancer)) {
      this.startChecking(targetGroup, target, loadBalancer as LoadBalancer);
    } else stopChecking(target);
    this.announce(targetGroup, target);
  }

  stateOf(targetGroup: TargetGroup, target: Target): TargetHealth {
    const loadBalancer = this.account.loadBalancerUsing(targetGroup.arn);
    if (target.draining) {
      return state('draining', 'Target.DeregistrationInProgress', 'Target deregistration is in progress');
    }
    if (!loadBalancer) {
      return state(
        'unused',
        'Target.NotInUse',
        'Target group is not configured to receive traffic from the load balancer',
      );
    }
    if (this.isGone(target)) {
      return state('unused', 'Target.InvalidState', 'Target is in the stopped or terminated state');
    }
    if (!this.isInEnabledZone(target, loadBalancer)) {
      const description = 'Target is in an Availability Zone that is not enabled for the load balancer';
      return state('unused', 'Target.NotInUse', description);
    }
    if (!targetGroup.description.HealthCheckEnabled) {
      return state('unavailable', 'Target.HealthCheckDisabled', 'Health checks are disabled for this target group');
    }
    if (!target.check) return state('initial', 'Elb.RegistrationInProgress', 'Target registration is in progress');
    if (target.check.verdict === 'healthy') return HEALTHY;
    if (target.check.verdict === 'initial') {
      return state('initial', 'Elb.InitialHealthChecking', 'Initial health checks in progress');
    }
    return { State: 'unhealthy', ...failureOf(targetGroup, target.check.lastFailure) };
  }

  private isChecked(targetGroup: TargetGroup, target: Target, loadBalancer: LoadBalancer | undefined): boolean {
    if (!loadBalancer?.active || target.draining || !targetGroup.description.HealthCheckEnabled) return false;
    return !this.isGone(target) && this.isInEnabledZone(target, loadBalancer);
  }

  /**
   * Its instance is terminated: whoever has registered it by hand has to deregister it, too. Nothing documents that it goes
   * by itself; the reason is documented (API reference, TargetHealth).
   */
  private isGone({ instanceId, wasRunning }: Target): boolean {
    return wasRunning && this.account.zoneOf?.(instanceId) === undefined;
  }

  private isInEnabledZone(target: Target, loadBalancer: LoadBalancer): boolean {
    const zone = this.account.zoneOf?.(target.instanceId);
    return zone === undefined || loadBalancer.zones.has(zone);
  }

  private startChecking(targetGroup: TargetGroup, target: Target, loadBalancer: LoadBalancer): void {
    if (target.check || target.registration) return;
    const { clock, instances, settings } = this.account.options;
    const begin = () => {
      target.registration = undefined;
      target.check = new HealthCheck(
        clock,
        instances,
        target.instanceId,
        () => healthCheckSettings(targetGroup, target, loadBalancer.kind),
        () => {
          if (this.isGone(target)) stopChecking(target);
          this.start(targetGroup, target);
          this.announce(targetGroup, target);
        },
      );
      this.announce(targetGroup, target);
    };
    if (loadBalancer.kind === 'application') begin();
    else target.registration = clock.after(settings.networkRegistrationSeconds, begin);
  }

  /**
   * What becomes healthy is spared at first, if another is healthy and warm, and again whenever it has been ill; what was
   * healthy before anybody asked for slow start is not ("Slow start mode", user guide of Application Load Balancers).
   */
  private start(targetGroup: TargetGroup, target: Target): void {
    const isHealthy = target.check?.verdict === 'healthy';
    if (isHealthy && target.announced === JSON.stringify(HEALTHY)) return;
    const now_ms = this.account.options.clock.now().getTime();
    const others = routable(targetGroup).filter((one) => one !== target && one.check?.verdict === 'healthy');
    const isSpared = others.some((one) => shareOf(targetGroup, one, now_ms) === 1);
    target.slowStartFrom_ms = isHealthy && isSpared ? now_ms : undefined;
  }

  private remove(targetGroup: TargetGroup, key: string, target: Target): void {
    targetGroup.targets.delete(key);
    this.emit(targetGroup, target, { State: 'deregistered' as TargetHealth['State'] });
  }

  private announce(targetGroup: TargetGroup, target: Target): void {
    const health = this.stateOf(targetGroup, target);
    const announcement = JSON.stringify(health);
    if (announcement === target.announced) return;
    target.announced = announcement;
    this.emit(targetGroup, target, health);
  }

  private emit(targetGroup: TargetGroup, target: Target, health: TargetHealth): void {
    this.account.emit({
      type: 'target',
      targetGroupArn: targetGroup.arn,
      targetGroupName: targetGroup.name,
      instanceId: target.instanceId,
      port: target.port,
      state: health.State as string,
      reason: health.Reason,
      description: health.Description,
    });
  }

  /** AWS registers any address of the network; here one that is no instance's could never answer. */
  private ownerOf(address: string): string {
    const instanceId = this.account.instanceAt?.(address);
    if (instanceId === undefined)
      throw new AwsError('InvalidTarget', `The IP address '${address}' is that of no instance of this embedded AWS`);
    return instanceId;
  }

  private checkRunning(targets: TargetDescription[]): void {
    const { zoneOf } = this.account;
    const missing = targets.flatMap(({ Id }) => (zoneOf && zoneOf(Id as string) === undefined ? [Id] : []));
    if (missing.length === 0) return;
    const list = missing.map((id) => `'${id}'`).join(', ');
    const message = `The following targets are not in a running state and cannot be registered: ${list}`;
    throw new AwsError('InvalidTarget', message);
  }

  private describe(targetGroup: TargetGroup, asked: TargetDescription[] = []): TargetHealthDescription[] {
    const all = [...targetGroup.targets.values()];
    if (asked.length === 0) return all.map((target) => this.describeOne(targetGroup, target));
    return asked.flatMap(({ Id, Port }) => {
      const found = all.filter((target) => shownId(target) === Id && (Port === undefined || target.port === Port));
      if (found.length > 0) return found.map((target) => this.describeOne(targetGroup, target));
      const TargetHealth = state('unused', 'Target.NotRegistered', 'Target is not registered to the target group');
      return [{ Target: { Id, Port: Port ?? targetGroup.description.Port }, TargetHealth }];
    });
  }

  private describeOne(targetGroup: TargetGroup, target: Target): TargetHealthDescription {
    const { HealthCheckPort } = targetGroup.description;
    return {
      Target: { Id: shownId(target), Port: target.port },
      HealthCheckPort: HealthCheckPort === 'traffic-port' ? String(target.port) : HealthCheckPort,
      TargetHealth: this.stateOf(targetGroup, target),
    };
  }
}

/**
 * The targets that get traffic: the healthy ones, or, when none is, all that are being checked ("If a target group contains
 * only unhealthy registered targets, the load balancer routes requests to all those targets", user guide).
 */
export function routable({ targets }: TargetGroup): Target[] {
  const checked = [...targets.values()].filter(({ check }) => check !== undefined);
  const healthy = checked.filter(({ check }) => check?.verdict === 'healthy');
  return healthy.length > 0 ? healthy : checked;
}

/** What it gets of the requests, where 1 is a full share: in slow start it grows evenly. */
export function shareOf({ attributes }: TargetGroup, { slowStartFrom_ms }: Target, now_ms: number): number {
  const duration_ms = Number(attributes.get('slow_start.duration_seconds') ?? 0) * 1000;
  if (slowStartFrom_ms === undefined || duration_ms === 0) return 1;
  return Math.min(1, (now_ms - slowStartFrom_ms) / duration_ms);
}

function shownId({ address, instanceId }: Target): string {
  return address ?? instanceId;
}

function stopChecking(target: Target): void {
  target.check?.stop();
  target.registration?.cancel();
  target.check = undefined;
  target.registration = undefined;
}

function state(
  State: NonNullable<TargetHealth['State']>,
  Reason: NonNullable<TargetHealth['Reason']>,
  Description: string,
): TargetHealth {
  return { State, Reason, Description };
}
