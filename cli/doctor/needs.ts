/** What the command asks of AWS, by the jobs that the stack's policies are made for: one or two examples of each action. */
import type { Stack } from '../stack';

export interface Need {
  job: Job;
  actions: readonly string[];
  resources: readonly string[];
  /** Of condition keys. */
  context?: Readonly<Record<string, string>>;
}

export type Job = 'Reader' | 'Uploader' | 'Operator';

export const JOBS: readonly { job: Job; does: string }[] = [
  { job: 'Reader', does: 'look at everything' },
  { job: 'Uploader', does: 'upload wars' },
  { job: 'Operator', does: 'request deployments and replays' },
];

/** Actions that know no resources. */
const LOOKS = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribeLoadBalancerTargetGroups',
  'autoscaling:DescribeLoadBalancers',
  'autoscaling:DescribeTrafficSources',
  'ec2:DescribeInstances',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'elasticloadbalancing:DescribeAccountLimits',
  'elasticloadbalancing:DescribeInstanceHealth',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'events:ListRules',
];

export function needsOf(stack: Stack): Need[] {
  const busArn = stack.output('EventBusArn');
  const archiveArn = stack.output('ArchiveArn');
  const [, partition = 'aws', , region = '', account = ''] = busArn.split(':');
  const state = `arn:${partition}:s3:::${stack.output('StateBucketName')}`;
  const wars = stack.warBuckets.map((bucket) => `arn:${partition}:s3:::${bucket}/app.war`);
  const replay = `arn:${partition}:events:${region}:${account}:replay/one`;
  const stackArn = `arn:${partition}:cloudformation:${region}:${account}:stack/${stack.name}/one`;
  return [
    { job: 'Reader', actions: LOOKS, resources: ['*'] },
    { job: 'Reader', actions: ['cloudformation:ListStackResources'], resources: [stackArn] },
    { job: 'Reader', actions: ['s3:GetObject'], resources: [`${state}/tasks/one.json`, `${state}/history/one.json`] },
    { job: 'Reader', actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: wars },
    { job: 'Reader', actions: ['sns:ListSubscriptionsByTopic'], resources: [stack.output('AdminTopicArn')] },
    { job: 'Uploader', actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: wars },
    ...['DeployRequested', 'AbortRequested', 'CleanRequested'].map((detailType) => ({
      job: 'Operator' as const,
      actions: ['events:PutEvents'],
      resources: [busArn],
      context: { 'events:source': 'bluegreen', 'events:detail-type': detailType },
    })),
    { job: 'Operator', actions: ['events:StartReplay'], resources: [busArn, archiveArn, replay] },
  ];
}
