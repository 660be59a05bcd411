/** Elastic Load Balancing v2 of the embedded AWS: Application and (simpler) Network Load Balancers. */
import type { Attachable, RegistrationState } from '../../fleet/attachable';
import type { Operations, Service } from '../../kernel/service';
import { elasticLoadBalancingV2Access } from './access';
import {
  Account,
  type AccountOptions,
  keyOfTarget,
  type Listener,
  type LoadBalancingEvent,
  type Rule,
  type Settings,
  STANDARD_SETTINGS,
  type Target,
  type TargetGroup,
} from './account';
import { hasRoom, limitsOf } from './limits';
import { listenerOperations } from './listeners';
import { loadBalancerOperations } from './load-balancers';
import { tagOperations } from './tags';
import { targetGroupOperations } from './target-groups';
import { routable, shareOf, Targets } from './targets';

export type { LoadBalancingEvent } from './account';

export type ElasticLoadBalancingV2Options = Omit<AccountOptions, 'settings'> & { settings?: Partial<Settings> };

export class ElasticLoadBalancingV2 implements Attachable, Service {
  readonly operations: Operations;
  readonly requiredAccess = elasticLoadBalancingV2Access;
  private readonly account: Account;
  private readonly targets: Targets;

  constructor(options: ElasticLoadBalancingV2Options) {
    this.account = new Account({ ...options, settings: { ...STANDARD_SETTINGS, ...options.settings } });
    this.targets = new Targets(this.account);
    this.operations = {
      ...loadBalancerOperations(this.account, this.targets),
      ...targetGroupOperations(this.account, this.targets),
      ...listenerOperations(this.account, this.targets),
      ...this.targets.operations,
      ...tagOperations(this.account),
      DescribeAccountLimits: () => ({ Limits: limitsOf(this.account) }),
    };
  }

  /** Calls back when a load balancer becomes active or is deleted, and when a target's state or its reason changes. */
  onChange(listener: (event: LoadBalancingEvent) => void): void {
    this.account.onChange(listener);
  }

  /** For whoever serves real traffic: the listeners with their rules in order, the default one last. */
  listenersOf(loadBalancerArn: string): (Listener & { rules: Rule[] })[] {
    return this.account
      .listenersOf(loadBalancerArn)
      .map((listener) => ({ ...listener, rules: this.account.rulesOf(listener.arn) }));
  }

  /**
   * The targets that get new requests now, each with its share, where 1 is a full one; and those that should not, but that a
   * Network Load Balancer still sends to.
   */
  routableTargets(targetGroupArn: string): { instanceId: string; port: number; share: number }[] {
    const targetGroup = this.account.targetGroups.get(targetGroupArn);
    if (!targetGroup) return [];
    const now_ms = this.account.options.clock.now().getTime();
    const departed = [...targetGroup.departed.values()].filter(({ sentToUntil_ms }) => now_ms < sentToUntil_ms);
    return [
      ...routable(targetGroup).map((target) => ({ ...placeOf(target), share: shareOf(targetGroup, target, now_ms) })),
      ...departed.map((one) => ({ ...placeOf(one), share: 1 })),
    ];
  }

  /**
   * Whether connections that are still open to a target are closed when its draining is over. Otherwise they live until
   * either side ends them ("deregistration_delay.connection_termination.enabled … the default is false", API reference).
   */
  endsConnections(targetGroupArn: string): boolean {
    const attributes = this.account.targetGroups.get(targetGroupArn)?.attributes;
    return attributes?.get('deregistration_delay.connection_termination.enabled') === 'true';
  }

  /** The tags of a load balancer, target group, listener or rule; none for what does not exist. */
  tagsOf(arn: string): ReadonlyMap<string, string> {
    return this.account.tags.get(arn) ?? new Map();
  }

  /** How many have a node in a zone. */
  loadBalancersIn(zone: string): number {
    return [...this.account.loadBalancers.values()].filter(({ zones }) => zones.has(zone)).length;
  }

  exists(targetGroupArn: string): boolean {
    return this.account.targetGroups.has(targetGroupArn);
  }

  takesInstances(targetGroupArn: string): boolean {
    return this.account.targetGroup(targetGroupArn).description.TargetType === 'instance';
  }

  /** Whoever attaches is not told what does not fit. */
  register(targetGroupArn: string, instanceIds: string[]): void {
    const targetGroup = this.account.targetGroup(targetGroupArn);
    for (const instanceId of instanceIds) {
      if (hasRoom(this.account, targetGroup, instanceId)) this.targets.register(targetGroup, instanceId);
    }
  }

  deregister(targetGroupArn: string, instanceIds: string[]): void {
    const targetGroup = this.account.targetGroup(targetGroupArn);
    for (const instanceId of instanceIds) this.targets.deregister(targetGroup, instanceId);
  }

  /**
   * The zones in which the target group has healthy targets. Where cross-zone is off, a zone without any leaves the load
   * balancer's DNS name, and what still comes to it fails.
   */
  healthyZones(targetGroupArn: string): string[] {
    const targetGroup = this.account.targetGroups.get(targetGroupArn);
    const healthy = [...(targetGroup?.targets.values() ?? [])].filter(({ check }) => check?.verdict === 'healthy');
    return [...new Set(healthy.flatMap(({ instanceId }) => this.account.zoneOf?.(instanceId) ?? []))];
  }

  stateOf(targetGroupArn: string, instanceId: string): RegistrationState {
    const targetGroup = this.account.targetGroups.get(targetGroupArn);
    const target = targetGroup && targetOf(targetGroup, instanceId);
    if (!targetGroup || !target) return undefined;
    const { State } = this.targets.stateOf(targetGroup, target);
    return State === 'healthy' || State === 'unhealthy' || State === 'draining' ? State : 'other';
  }

  onRegistrationChange(listener: (targetGroupArn: string, instanceId: string) => void): void {
    this.onChange((event) => {
      if (event.type === 'target') listener(event.targetGroupArn, event.instanceId);
    });
  }

  locateInstancesWith(
    zoneOf: (instanceId: string) => string | undefined,
    instanceAt?: (address: string) => string | undefined,
  ): void {
    this.account.zoneOf = zoneOf;
    this.account.instanceAt = instanceAt;
  }
}

function placeOf({ instanceId, port }: Pick<Target, 'instanceId' | 'port'>) {
  return { instanceId, port };
}

/** As its group has registered it, by the port of the target group; or as somebody else has. */
function targetOf({ targets, description }: TargetGroup, instanceId: string): Target | undefined {
  const own = targets.get(keyOfTarget(instanceId, description.Port as number));
  return own ?? [...targets.values()].find((target) => target.instanceId === instanceId);
}
