/** Watches every call of the functions for what would make requests fail because of a deployment. */
import { isInvocationCaller } from '../local/lambda-environment';
import type { Call, Operations } from '../local/service';
import type { World } from './world';

/** What can take a target away from a load balancer, or an instance from the fleet. */
const TAKING_AWAY = /^(Detach|UpdateAutoScalingGroup|SetDesiredCapacity|Terminate|Delete|Deregister)/;

/** How the instances on one real target group or Classic Load Balancer stand: `healthy`, `draining`, … by instance id. */
type Targets = Map<string, string>;

/**
 * Answers a list that grows with every action of a function that takes the last healthy target of a real target group or
 * Classic Load Balancer away, or makes a group smaller while one still lists its instances. A test expects it empty.
 */
export function guard(world: World): string[] {
  const violations: string[] = [];
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (!isInvocationCaller(call.caller) || !TAKING_AWAY.test(call.operation)) return proceed();
    const function_ = call.caller.invocation?.function;
    const before = standings(world);
    const shrinking = idsOfShrinkingGroup(world, call);
    for (const [name, targets] of before) {
      const listed = shrinking.filter((id) => targets.has(id));
      if (listed.length > 0) violations.push(`${function_} terminates ${listed.join(', ')}, which ${name} still lists`);
    }
    const answer = await proceed();
    for (const [name, targets] of standings(world)) {
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

/** Asks the services themselves, at this very moment: a client's call would take time. */
function standings({ aws }: World): Map<string, Targets> {
  const { operations: modern } = aws.elasticLoadBalancingV2;
  const { operations: classic } = aws.elasticLoadBalancing;
  const found = new Map<string, Targets>();
  for (const { TargetGroupName = '', TargetGroupArn } of answerOf(modern, 'DescribeTargetGroups').TargetGroups) {
    if (TargetGroupName.startsWith('deploycheck-')) continue;
    const { TargetHealthDescriptions } = answerOf(modern, 'DescribeTargetHealth', { TargetGroupArn });
    found.set(TargetGroupName, new Map(TargetHealthDescriptions.map((one) => [one.Target.Id, one.TargetHealth.State])));
  }
  for (const { LoadBalancerName = '' } of answerOf(classic, 'DescribeLoadBalancers').LoadBalancerDescriptions) {
    if (LoadBalancerName.startsWith('deploycheck-')) continue;
    const { InstanceStates } = answerOf(classic, 'DescribeInstanceHealth', { LoadBalancerName });
    found.set(LoadBalancerName, new Map(InstanceStates.map((one) => [one.InstanceId, classicState(one)])));
  }
  return found;
}

interface Answers {
  TargetGroups: { TargetGroupName?: string; TargetGroupArn: string }[];
  TargetHealthDescriptions: { Target: { Id: string }; TargetHealth: { State: string } }[];
  LoadBalancerDescriptions: { LoadBalancerName?: string }[];
  InstanceStates: { InstanceId: string; State: string; Description: string }[];
  AutoScalingGroups: { DesiredCapacity: number; Instances: { InstanceId: string }[] }[];
}

function answerOf(operations: Operations, operation: string, input: object = {}): Answers {
  return operations[operation]?.(input, ITSELF) as Answers;
}

const ITSELF: Call = {
  service: 'auto-scaling',
  operation: 'Describe',
  input: {},
  caller: { principal: 'operator', isAlive: () => true },
  requestId: 'guard',
};

function classicState({ State, Description }: Answers['InstanceStates'][number]): string {
  if (/deregistration currently in progress/i.test(Description)) return 'draining';
  return State === 'InService' ? 'healthy' : 'unhealthy';
}

/** The instances of the group that the call would take below its size. */
function idsOfShrinkingGroup({ aws }: World, { operation, input }: Call): string[] {
  if (!/^((Update|Delete)AutoScalingGroup|SetDesiredCapacity)$/.test(operation)) return [];
  const names = { AutoScalingGroupNames: [input.AutoScalingGroupName] };
  const [group] = answerOf(aws.autoScaling.operations, 'DescribeAutoScalingGroups', names).AutoScalingGroups;
  const desired = operation.startsWith('Delete') ? 0 : (input.DesiredCapacity as number | undefined);
  if (!group || desired === undefined || desired >= group.DesiredCapacity) return [];
  return group.Instances.map(({ InstanceId }) => InstanceId);
}
