/** Everything of one account that the parts of Elastic Load Balancing v2 share: its resources, settings and listeners. */
import type {
  Action,
  Certificate,
  LoadBalancer as LoadBalancerDescription,
  RuleCondition,
  TargetGroup as TargetGroupDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheck } from '../../fleet/health-check';
import type { InstanceHost } from '../../fleet/instances';
import type { Network } from '../../fleet/network';
import type { Clock, Timer } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError, validationError } from '../../kernel/service';

export interface Settings {
  /** From CreateLoadBalancer until the state is `active`. */
  provisioningSeconds: number;
  /** From the registration with a target group of a Network Load Balancer until its first health check. */
  networkRegistrationSeconds: number;
  /**
   * For how long a Network Load Balancer goes on sending new connections to a target that was deregistered, whatever the
   * deregistration delay is and whatever it lists. No page says so; who measured it do: aws/containers-roadmap#470,
   * kubernetes-sigs/aws-load-balancer-controller#2366 (in its #1834 AWS Support speaks of three to five minutes).
   */
  networkSendsSeconds: number;
  /** What HealthCheckIntervalSeconds must be at least. */
  shortestHealthCheckIntervalSeconds: number;
  /** How long a target group still counts as in use after the load balancer that used it was deleted. */
  releaseSeconds: number;
  applicationLoadBalancerLimit: number;
  networkLoadBalancerLimit: number;
  targetGroupLimit: number;
  /** Of one load balancer or target group, by the names of DescribeAccountLimits, where not as usual. */
  limits: Readonly<Record<string, number>>;
}

export const STANDARD_SETTINGS: Settings = {
  provisioningSeconds: 150,
  networkRegistrationSeconds: 120,
  networkSendsSeconds: 120,
  shortestHealthCheckIntervalSeconds: 5,
  releaseSeconds: 3,
  applicationLoadBalancerLimit: 50,
  networkLoadBalancerLimit: 50,
  targetGroupLimit: 3000,
  limits: {},
};

export type LoadBalancingEvent =
  | { type: 'load-balancer-active' | 'load-balancer-deleted'; loadBalancerArn: string; loadBalancerName: string }
  | {
      type: 'target';
      targetGroupArn: string;
      targetGroupName: string;
      instanceId: string;
      port: number;
      /** As DescribeTargetHealth says it; `deregistered` once the target is gone. */
      state: string;
      reason?: string;
      description?: string;
    };

export interface LoadBalancer {
  arn: string;
  name: string;
  kind: 'application' | 'network';
  active: boolean;
  description: LoadBalancerDescription;
  zones: ReadonlySet<string>;
  attributes: Map<string, string>;
}

export interface Listener {
  arn: string;
  loadBalancerArn: string;
  port: number;
  protocol: string;
  sslPolicy: string | undefined;
  certificates: Certificate[] | undefined;
}

/** A listener's default actions are its rule with the priority `default`, as in AWS. */
export interface Rule {
  arn: string;
  listenerArn: string;
  priority: number | 'default';
  conditions: RuleCondition[];
  actions: Action[];
  /** The ARNs of the target groups that the actions forward to. */
  targetGroupArns: string[];
}

export interface TargetGroup {
  arn: string;
  name: string;
  /** As DescribeTargetGroups answers it, without the load balancers. */
  description: TargetGroupDescription;
  attributes: Map<string, string>;
  /** In the order of their registration, by instance and port. */
  targets: Map<string, Target>;
  /** What a Network Load Balancer still sends to though it was deregistered, by the same keys. */
  departed: Map<string, Departed>;
  /** Until then a load balancer that is deleted already keeps the target group in use. */
  held_until_ms: number;
}

export interface Target {
  instanceId: string;
  /** By which it was registered, where that is not its id. */
  address: string | undefined;
  port: number;
  /** The instance was there when it was registered; what no group has launched never is. */
  wasRunning: boolean;
  /** Set while the load balancer probes it. */
  check: HealthCheck | undefined;
  /** Set while a Network Load Balancer has yet to take it in, which comes before the first probe. */
  registration: Timer | undefined;
  /** Since it is healthy, if it was then to be spared at first. */
  slowStartFrom_ms: number | undefined;
  /** Set while it is deregistered but keeps its connections. */
  draining: Timer | undefined;
  /** The state that was announced last. */
  announced: string | undefined;
}

export interface Departed extends Pick<Target, 'instanceId' | 'port'> {
  sentToUntil_ms: number;
}

/** Of `TargetGroup.targets`. */
export function keyOfTarget(instanceId: string, port: number): string {
  return `${instanceId}:${port}`;
}

export interface AccountOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  network: Network;
  instances: InstanceHost;
  settings: Settings;
}

export class Account {
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly targetGroups = new Map<string, TargetGroup>();
  readonly listeners = new Map<string, Listener>();
  readonly rules = new Map<string, Rule>();
  readonly tags = new Map<string, Map<string, string>>();
  private readonly eventListeners: ((event: LoadBalancingEvent) => void)[] = [];
  /** Where an instance is; until Auto Scaling tells, every instance is taken to exist, in every zone. */
  zoneOf: ((instanceId: string) => string | undefined) | undefined;

  /** Whose a private address is. */
  instanceAt: ((address: string) => string | undefined) | undefined;

  constructor(readonly options: AccountOptions) {}

  arn(resource: string): string {
    return `arn:aws:elasticloadbalancing:${this.options.region}:${this.options.accountId}:${resource}`;
  }

  uniqueId(): string {
    return this.options.random.text(16);
  }

  onChange(listener: (event: LoadBalancingEvent) => void): void {
    this.eventListeners.push(listener);
  }

  emit(event: LoadBalancingEvent): void {
    for (const listener of this.eventListeners) listener(event);
  }

  loadBalancer(arn: string): LoadBalancer {
    const found = this.loadBalancers.get(arn);
    if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
    return found;
  }

  targetGroup(arn: string): TargetGroup {
    const found = this.targetGroups.get(arn);
    if (!found) throw new AwsError('TargetGroupNotFound', `Target groups '${arn}' not found`);
    return found;
  }

  listener(arn: string): Listener {
    const found = this.listeners.get(arn);
    if (!found) throw new AwsError('ListenerNotFound', `Listener '${arn}' not found`);
    return found;
  }

  rulesOf(listenerArn: string): Rule[] {
    const own = [...this.rules.values()].filter((rule) => rule.listenerArn === listenerArn);
    return own.sort((a, b) => orderOf(a) - orderOf(b));
  }

  listenersOf(loadBalancerArn: string): Listener[] {
    return [...this.listeners.values()].filter((listener) => listener.loadBalancerArn === loadBalancerArn);
  }

  /** The load balancer whose listeners or rules refer to the target group. There is at most one. */
  loadBalancerUsing(targetGroupArn: string): LoadBalancer | undefined {
    for (const rule of this.rules.values()) {
      if (!rule.targetGroupArns.includes(targetGroupArn)) continue;
      return this.loadBalancers.get(this.listener(rule.listenerArn).loadBalancerArn);
    }
    return undefined;
  }
}

/** The target groups that actions forward to, each once. */
export function targetGroupsOf(actions: Action[]): string[] {
  const arns = actions.flatMap((action) => [
    ...(action.TargetGroupArn ? [action.TargetGroupArn] : []),
    ...(action.ForwardConfig?.TargetGroups ?? []).flatMap((group) => group.TargetGroupArn ?? []),
  ]);
  return [...new Set(arns)];
}

/** Names of load balancers and target groups follow the same rules (API reference, CreateLoadBalancer: Name). */
export function checkName(kind: string, name: string): void {
  if (name.length > 32) throw validationError(`The ${kind} name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `The ${kind} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    );
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`The ${kind} name '${name}' cannot begin or end with a hyphen(-)`);
  }
}

function orderOf(rule: Rule): number {
  return rule.priority === 'default' ? Number.POSITIVE_INFINITY : rule.priority;
}
