/** The world as it is at this very moment: asked of the services themselves, since a client's call would take time. */
import type { EmbeddedAws } from '../../local/embedded-aws';
import type { Call, Operations } from '../../local/kernel/service';

/** How the instances on one target group or Classic Load Balancer stand: `healthy`, `draining`, … by instance id. */
export type Targets = Map<string, string>;

/** By the ARN of each real target group and the name of each Classic Load Balancer; dummies are left out. */
export function targetHealthOf(aws: EmbeddedAws): Map<string, Targets> {
  const { elasticLoadBalancing, elasticLoadBalancingV2, autoScaling } = aws;
  const owners = new Map(autoScaling.instances.map(({ id, privateIp }) => [privateIp, id]));
  const { operations: modern } = elasticLoadBalancingV2;
  const { operations: classic } = elasticLoadBalancing;
  const found = new Map<string, Targets>();
  for (const { TargetGroupName = '', TargetGroupArn } of pagesOf(modern, 'DescribeTargetGroups', 'TargetGroups')) {
    if (isDummy(TargetGroupName)) continue;
    const { TargetHealthDescriptions } = answerOf(modern, 'DescribeTargetHealth', { TargetGroupArn });
    found.set(
      TargetGroupArn,
      new Map(
        TargetHealthDescriptions.map((one) => [owners.get(one.Target.Id) ?? one.Target.Id, one.TargetHealth.State]),
      ),
    );
  }
  for (const { LoadBalancerName = '' } of pagesOf(classic, 'DescribeLoadBalancers', 'LoadBalancerDescriptions')) {
    if (isDummy(LoadBalancerName)) continue;
    const { InstanceStates } = answerOf(classic, 'DescribeInstanceHealth', { LoadBalancerName });
    found.set(LoadBalancerName, new Map(InstanceStates.map((one) => [one.InstanceId, classicState(one)])));
  }
  return found;
}

/** Whether users come to this target group by a Network Load Balancer; not once it is deleted. */
export function isOfNetwork({ elasticLoadBalancingV2 }: EmbeddedAws, targetGroupArn: string): boolean {
  if (!elasticLoadBalancingV2.exists(targetGroupArn)) return false;
  const asked = { TargetGroupArns: [targetGroupArn] };
  const [found] = answerOf(elasticLoadBalancingV2.operations, 'DescribeTargetGroups', asked).TargetGroups;
  return found?.LoadBalancerArns?.some((arn) => arn.includes('/net/')) ?? false;
}

export interface ObservedGroup {
  minimum: number;
  desired: number;
  maximum: number;
  instanceIds: Set<string>;
  /** By their keys in lower case: the product reads them without regard to case. */
  tags: Map<string, string>;
  /** ARNs of target groups and names of Classic Load Balancers, attached in whichever way. */
  attachments: Set<string>;
  suspended: string[];
}

export function groupsOf({ autoScaling }: EmbeddedAws): Map<string, ObservedGroup> {
  const groups = pagesOf(autoScaling.operations, 'DescribeAutoScalingGroups', 'AutoScalingGroups');
  return new Map(groups.map((group) => [group.AutoScalingGroupName, observedGroup(group)]));
}

function observedGroup(group: Answers['AutoScalingGroups'][number]): ObservedGroup {
  return {
    minimum: group.MinSize,
    desired: group.DesiredCapacity,
    maximum: group.MaxSize,
    instanceIds: new Set(group.Instances.map(({ InstanceId }) => InstanceId)),
    tags: new Map(group.Tags.map(({ Key, Value }) => [Key.toLowerCase(), Value])),
    attachments: new Set([
      ...group.TargetGroupARNs,
      ...group.LoadBalancerNames,
      ...group.TrafficSources.map(({ Identifier }) => Identifier),
    ]),
    suspended: group.SuspendedProcesses.map(({ ProcessName }) => ProcessName),
  };
}

/** The names of all load balancers and target groups that look like dummies, whosever they are. */
export function dummyNamesOf({ elasticLoadBalancing, elasticLoadBalancingV2 }: EmbeddedAws): string[] {
  const { operations: modern } = elasticLoadBalancingV2;
  return [
    ...pagesOf(modern, 'DescribeLoadBalancers', 'LoadBalancers').map(({ LoadBalancerName }) => LoadBalancerName),
    ...pagesOf(modern, 'DescribeTargetGroups', 'TargetGroups').map(({ TargetGroupName }) => TargetGroupName),
    ...pagesOf(elasticLoadBalancing.operations, 'DescribeLoadBalancers', 'LoadBalancerDescriptions').map(
      ({ LoadBalancerName }) => LoadBalancerName,
    ),
  ].flatMap((name) => (name !== undefined && isDummy(name) ? [name] : []));
}

export function scheduledActionNames({ autoScaling }: EmbeddedAws, AutoScalingGroupName: string): string[] {
  const answer = answerOf(autoScaling.operations, 'DescribeScheduledActions', { AutoScalingGroupName });
  return answer.ScheduledUpdateGroupActions.map(({ ScheduledActionName }) => ScheduledActionName);
}

/** The text of an object; undefined where there is none. */
export function objectText({ s3 }: EmbeddedAws, Bucket: string, Key: string): string | undefined {
  const { Contents = [] } = answerOf(s3.operations, 'ListObjectsV2', { Bucket, Prefix: Key });
  if (!Contents.some((object) => object.Key === Key)) return undefined;
  return Buffer.from(answerOf(s3.operations, 'GetObject', { Bucket, Key }).Body).toString();
}

export function isDummy(name: string): boolean {
  return name.startsWith('deploycheck-');
}

interface Answers {
  TargetGroups: { TargetGroupName?: string; TargetGroupArn: string; LoadBalancerArns?: string[] }[];
  TargetHealthDescriptions: { Target: { Id: string }; TargetHealth: { State: string } }[];
  LoadBalancers: { LoadBalancerName?: string }[];
  LoadBalancerDescriptions: { LoadBalancerName?: string }[];
  InstanceStates: { InstanceId: string; State: string; Description: string }[];
  AutoScalingGroups: {
    AutoScalingGroupName: string;
    MinSize: number;
    DesiredCapacity: number;
    MaxSize: number;
    Instances: { InstanceId: string }[];
    Tags: { Key: string; Value: string }[];
    TargetGroupARNs: string[];
    LoadBalancerNames: string[];
    TrafficSources: { Identifier: string }[];
    SuspendedProcesses: { ProcessName: string }[];
  }[];
  ScheduledUpdateGroupActions: { ScheduledActionName: string }[];
  Contents?: { Key: string }[];
  Body: Uint8Array;
}

interface Page {
  NextMarker?: string;
  NextToken?: string;
}

type Lists = 'TargetGroups' | 'LoadBalancers' | 'LoadBalancerDescriptions' | 'AutoScalingGroups';

function pagesOf<List extends Lists>(operations: Operations, operation: string, list: List): Answers[List] {
  const items: unknown[] = [];
  let position: object | undefined = {};
  while (position) {
    const page: Answers & Page = answerOf(operations, operation, position);
    items.push(...page[list]);
    const { NextMarker: Marker, NextToken } = page;
    position = Marker || NextToken ? { Marker, NextToken } : undefined;
  }
  return items as Answers[List];
}

function answerOf(operations: Operations, operation: string, input: object = {}): Answers & Page {
  return operations[operation]?.(input, ITSELF) as Answers & Page;
}

const ITSELF: Call = {
  service: 'auto-scaling',
  operation: 'Describe',
  input: {},
  caller: { principal: 'operator', isAlive: () => true },
  requestId: 'observe',
};

function classicState({ State, Description }: Answers['InstanceStates'][number]): string {
  if (/deregistration currently in progress/i.test(Description)) return 'draining';
  return State === 'InService' ? 'healthy' : 'unhealthy';
}
