/** Watches every call of the functions for what would make requests fail because of a deployment. */
import type { Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { groupsOf, type Targets, targetHealthOf } from './observe';
import type { World } from './world';

/** What can take a target away from a load balancer, or an instance from the fleet. */
export const TAKING_AWAY = /^(Detach|UpdateAutoScalingGroup|SetDesiredCapacity|Terminate|Delete|Deregister)/;

/**
 * Answers a list that grows with every action of a function that takes the last healthy target of a real target group or
 * Classic Load Balancer away, or makes a group smaller while one still lists its instances. A test expects it empty.
 */
export function guard(world: World): string[] {
  const violations: string[] = [];
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (!isInvocationCaller(call.caller) || !TAKING_AWAY.test(call.operation)) return proceed();
    const function_ = call.caller.invocation?.function;
    const before = targetHealthOf(world.aws);
    const shrinking = idsOfShrinkingGroup(world, call);
    for (const [name, targets] of before) {
      const listed = shrinking.filter((id) => targets.has(id));
      if (listed.length > 0) violations.push(`${function_} terminates ${listed.join(', ')}, which ${name} still lists`);
    }
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
