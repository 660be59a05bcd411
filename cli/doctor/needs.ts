/**
 * What the command asks of AWS, by the jobs that the stack's policies are made for: of each action an example of each kind
 * of resource. A test compares it with the policies.
 */
import type { Stack, StackResource } from '../stack';

export type Job = 'Reader' | 'Uploader' | 'Operator';

export interface Need {
  jobs: readonly Job[];
  actions: readonly string[];
  /** ARNs; `*` of actions that know none. */
  resources: readonly string[];
}

export const JOBS: readonly { job: Job; does: string }[] = [
  { job: 'Reader', does: 'look at everything' },
  { job: 'Uploader', does: 'upload wars' },
  { job: 'Operator', does: 'request deployments and replays' },
];

/** Of condition keys, for all of them: only statements that ask for a key look at it. */
export const CONTEXT: Readonly<Record<string, string | readonly string[]>> = {
  's3:prefix': 'tasks/one.json',
  'events:source': ['bluegreen'],
  'events:detail-type': ['AbortRequested', 'CleanRequested', 'DeployRequested'],
};

/** What is found out of a task before a request or an upload. */
const LOOKS_AHEAD = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribeLifecycleHooks',
  'autoscaling:DescribeLoadBalancerTargetGroups',
  'autoscaling:DescribeLoadBalancers',
  'autoscaling:DescribePolicies',
  'autoscaling:DescribeScalingActivities',
  'autoscaling:DescribeScheduledActions',
  'autoscaling:DescribeTrafficSources',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeSecurityGroups',
  'elasticloadbalancing:DescribeAccountLimits',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'events:ListRules',
];

const OTHER_LOOKS = [
  'ec2:DescribeClassicLinkInstances',
  'ec2:DescribeInstances',
  'ec2:DescribeSubnets',
  'elasticloadbalancing:DescribeInstanceHealth',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeTargetHealth',
];

const ALL: readonly Job[] = ['Reader', 'Uploader', 'Operator'];
/** Whoever requests looks at everything, too. */
const LOOKERS: readonly Job[] = ['Reader', 'Operator'];
const ASKERS: readonly Job[] = ['Uploader', 'Operator'];

/** Without the resources of the stack nothing is asked of its queues. */
export function needsOf(stack: Stack, resources: readonly StackResource[]): Need[] {
  const arns = arnsOf(stack);
  const { bus, archive, replay, state, wars, warBuckets } = arns;
  const queues = resources.filter(
    ({ type, logicalId }) => type === 'AWS::SQS::Queue' && /DeadLetters$|^UploadQueue$/.test(logicalId),
  );
  const need = (jobs: readonly Job[], actions: string[], ...on: string[]): Need => ({ jobs, actions, resources: on });
  const needs = [
    need(ALL, LOOKS_AHEAD, '*'),
    need(LOOKERS, OTHER_LOOKS, '*'),
    need(ALL, ['cloudformation:DescribeStacks'], arns.stack),
    need(LOOKERS, ['cloudformation:ListStackResources'], arns.stack),
    need(ALL, ['s3:GetObject'], `${state}/tasks/one.json`, `${state}/history/one.json`),
    need(LOOKERS, ['s3:GetObject'], `${state}/damaged/one.json`),
    need(ASKERS, ['s3:GetObject'], `${state}/refusals/one.json`),
    need(ALL, ['s3:ListBucket', 's3:ListBucketVersions'], state),
    need(ALL, ['s3:GetObject', 's3:GetObjectVersion'], ...wars),
    need(ALL, ['s3:ListBucket', 's3:ListBucketVersions'], ...warBuckets),
    need(['Uploader'], ['s3:AbortMultipartUpload', 's3:PutObject'], ...wars),
    need(ALL, ['events:ListTargetsByRule'], arns.rule),
    need(LOOKERS, ['logs:FilterLogEvents'], arns.logs),
    need(LOOKERS, ['sns:ListSubscriptionsByTopic'], stack.output('AdminTopicArn')),
    need(LOOKERS, ['sqs:GetQueueAttributes'], ...queues.map(({ physicalId }) => arns.queue(physicalId))),
    need(['Operator'], ['events:PutEvents'], bus),
    need(['Operator'], ['events:StartReplay'], bus, archive, replay),
    need(['Operator'], ['events:DescribeReplay'], replay),
  ];
  return needs.filter((one) => one.resources.length > 0);
}

function arnsOf(stack: Stack) {
  const bus = stack.output('EventBusArn');
  const [, partition = 'aws', , region = '', account = ''] = bus.split(':');
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const warBuckets = stack.warBuckets.map((bucket) => `arn:${partition}:s3:::${bucket}`);
  const busName = stack.output('EventBusName');
  return {
    bus,
    archive: stack.output('ArchiveArn'),
    replay: arn('events', 'replay/one'),
    rule: arn('events', `rule/${busName}/one`),
    stack: arn('cloudformation', `stack/${stack.name}/one`),
    // Functions are called as the bus is.
    logs: arn('logs', `log-group:/aws/lambda/${busName}-start:log-stream:one`),
    state: `arn:${partition}:s3:::${stack.output('StateBucketName')}`,
    warBuckets,
    wars: warBuckets.map((bucket) => `${bucket}/app.war`),
    /** By its URL, which ends with its name. */
    queue: (url: string) => arn('sqs', url.split('/').at(-1) ?? ''),
  };
}
