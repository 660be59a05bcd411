/** How much a load balancer and a target group take, as DescribeAccountLimits tells it. */
import { AwsError } from '../../kernel/service';
import { type Account, type LoadBalancer, type TargetGroup, targetGroupsOf } from './account';

/** The names and defaults that the CLI's reference has in its example of describe-account-limits. */
export const STANDARD_LIMITS: Readonly<Record<string, number>> = {
  'listeners-per-application-load-balancer': 50,
  'listeners-per-network-load-balancer': 50,
  'rules-per-application-load-balancer': 100,
  'target-groups-per-application-load-balancer': 100,
  'targets-per-application-load-balancer': 1000,
  'targets-per-availability-zone-per-network-load-balancer': 500,
  'targets-per-network-load-balancer': 3000,
  'targets-per-target-group': 1000,
};

export function limitsOf({ options: { settings } }: Account): { Name: string; Max: string }[] {
  const all = {
    'application-load-balancers': settings.applicationLoadBalancerLimit,
    'network-load-balancers': settings.networkLoadBalancerLimit,
    'target-groups': settings.targetGroupLimit,
    ...STANDARD_LIMITS,
    ...settings.limits,
  };
  return Object.entries(all).map(([Name, limit]) => ({ Name, Max: String(limit) }));
}

/**
 * Whether one more target can be registered. A target counts once for each target group of the load balancer that it is
 * registered with: no page says whether it does, and who is right with more is right with less.
 */
export function hasRoom(account: Account, targetGroup: TargetGroup, instanceId: string): boolean {
  const limit = (name: string) => limitOf(account, name);
  if (targetGroup.targets.size >= limit('targets-per-target-group')) return false;
  const loadBalancer = account.loadBalancerUsing(targetGroup.arn);
  if (!loadBalancer) return true;
  const used = usedBy(account, loadBalancer).map((arn) => account.targetGroup(arn).targets);
  const registered = used.reduce((sum, targets) => sum + targets.size, 0);
  if (registered >= limit(`targets-per-${loadBalancer.kind}-load-balancer`)) return false;
  const zone = account.zoneOf?.(instanceId);
  if (loadBalancer.kind !== 'network' || zone === undefined) return true;
  const all = used.flatMap((targets) => [...targets.values()]);
  const inZone = all.filter((target) => account.zoneOf?.(target.instanceId) === zone);
  return inZone.length < limit('targets-per-availability-zone-per-network-load-balancer');
}

/** Throws where the load balancer takes no more listeners or target groups. */
export function checkListener(account: Account, loadBalancer: LoadBalancer, targetGroupArns: string[]): void {
  const count = account.listenersOf(loadBalancer.arn).length;
  if (count >= limitOf(account, `listeners-per-${loadBalancer.kind}-load-balancer`)) {
    throw new AwsError('TooManyListeners', 'The maximum number of listeners per load balancer has been reached');
  }
  checkTargetGroups(account, loadBalancer, targetGroupArns);
}

/** Throws where the load balancer takes no more rules or target groups. Default rules are not counted (user guide). */
export function checkRule(account: Account, loadBalancer: LoadBalancer, targetGroupArns: string[]): void {
  const rules = account.listenersOf(loadBalancer.arn).flatMap(({ arn }) => account.rulesOf(arn));
  const counted = rules.filter(({ priority }) => priority !== 'default');
  if (counted.length >= limitOf(account, 'rules-per-application-load-balancer')) {
    throw new AwsError('TooManyRules', 'The maximum number of rules per load balancer has been reached');
  }
  checkTargetGroups(account, loadBalancer, targetGroupArns);
}

function checkTargetGroups(account: Account, loadBalancer: LoadBalancer, targetGroupArns: string[]): void {
  if (loadBalancer.kind !== 'application') return;
  const used = new Set([...usedBy(account, loadBalancer), ...targetGroupArns]);
  if (used.size <= limitOf(account, 'target-groups-per-application-load-balancer')) return;
  const message = 'The maximum number of unique target groups per load balancer has been reached';
  throw new AwsError('TooManyUniqueTargetGroupsPerLoadBalancer', message);
}

function usedBy(account: Account, loadBalancer: LoadBalancer): string[] {
  const rules = account.listenersOf(loadBalancer.arn).flatMap(({ arn }) => account.rulesOf(arn));
  return [...new Set(rules.flatMap(({ actions }) => targetGroupsOf(actions)))];
}

function limitOf({ options: { settings } }: Account, name: string): number {
  return settings.limits[name] ?? STANDARD_LIMITS[name] ?? Number.POSITIVE_INFINITY;
}
