/** Watches every call of the functions for what would make requests fail because of a deployment. */
import type { Call } from '../../local/kernel/service';
import { STANDARD_SETTINGS } from '../../local/services/elastic-load-balancing-v2/account';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { groupsOf, isDummy, isOfNetwork, type Targets, targetHealthOf } from './observe';
import type { World } from './world';

/** What can take a target away from a load balancer, or an instance from the fleet. */
export const TAKING_AWAY = /^(Detach|UpdateAutoScalingGroup|SetDesiredCapacity|Terminate|Delete|Deregister)/;

/**
 * Answers a list that grows with every action of a function that takes the last healthy target of a real target group or
 * Classic Load Balancer away, or makes a group smaller while one still lists its instances, or may still send to them. A
 * test expects it empty.
 */
export function guard(world: World): string[] {
  const violations: string[] = [];
  const leftAt_ms = departuresFromNetwork(world);
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (!isInvocationCaller(call.caller) || !TAKING_AWAY.test(call.operation)) return proceed();
    const function_ = call.caller.invocation?.function;
    const before = targetHealthOf(world.aws);
    const shrinking = idsOfShrinkingGroup(world, call);
    for (const [name, targets] of before) {
      const listed = shrinking.filter((id) => targets.has(id));
      if (listed.length > 0) violations.push(`${function_} terminates ${listed.join(', ')}, which ${name} still lists`);
    }
    const sentTo = sentToByNetwork(world, shrinking, leftAt_ms);
    if (sentTo.length > 0)
      violations.push(`${function_} terminates ${sentTo.join(', ')}, to which a Network Load Balancer may still send`);
    const answer = await proceed();
    for (const [name, targets] of targetHealthOf(world.aws)) {
      if (healthy(before.get(name)) > 0 && healthy(targets) === 0) {
        violations.push(`${function_} took the last healthy target of ${name} away by ${call.operation}`);
      }
    }
    return answer;
  });
  return violations;
}

/** When instances were deregistered from a Network Load Balancer that users come in by, as far as they are not back. */
export function departuresFromNetwork({ aws, clock }: World): ReadonlyMap<string, number> {
  const leftAt_ms = new Map<string, number>();
  aws.elasticLoadBalancingV2.onChange((event) => {
    if (event.type !== 'target' || isDummy(event.targetGroupName) || !isOfNetwork(aws, event.targetGroupArn)) return;
    const isLeaving = event.state === 'draining' || event.state === 'deregistered';
    if (!isLeaving) leftAt_ms.delete(event.instanceId);
    else if (!leftAt_ms.has(event.instanceId)) leftAt_ms.set(event.instanceId, clock.now().getTime());
  });
  return leftAt_ms;
}

/** Those of these instances that run, and that a Network Load Balancer may still send to. */
export function sentToByNetwork(
  { clock, instances }: World,
  ids: readonly string[],
  leftAt_ms: ReadonlyMap<string, number>,
): string[] {
  const since_ms = clock.now().getTime() - STANDARD_SETTINGS.networkSendsSeconds * 1000;
  const running = new Set(instances.running().map(({ instanceId }) => instanceId));
  return ids.filter((id) => running.has(id) && (leftAt_ms.get(id) ?? 0) > since_ms);
}

function healthy(targets: Targets | undefined): number {
  return [...(targets?.values() ?? [])].filter((state) => state === 'healthy').length;
}

/** The instances of the group that the call would take below its size. */
export function idsOfShrinkingGroup({ aws }: World, { operation, input }: Call): string[] {
  if (!/^((Update|Delete)AutoScalingGroup|SetDesiredCapacity)$/.test(operation)) return [];
  const group = groupsOf(aws).get(String(input.AutoScalingGroupName));
  const desired = operation.startsWith('Delete') ? 0 : (input.DesiredCapacity as number | undefined);
  if (!group || desired === undefined || desired >= group.desired) return [];
  return [...group.instanceIds];
}
