/** What the demo's fleet is like at a moment, as an operator would look it up. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  ElasticLoadBalancingClient,
  paginateDescribeLoadBalancers as paginateClassicLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EmbeddedAws } from '../embedded-aws';
import type { ExampleFleet } from '../example/fleet';

/** How the product names what it makes for a test only. */
export const DUMMY_PREFIX = 'deploycheck-';

export type Groups = Pick<ExampleFleet, 'activeGroup' | 'standByGroup'>;

/** Every instance of Active is healthy on all that the fleet is attached to. */
export async function isServing(aws: EmbeddedAws, fleet: ExampleFleet): Promise<boolean> {
  const active = (await describe(aws, fleet)).find((group) => typeOf(group) === 'Active');
  const instances = active?.Instances ?? [];
  const isHealthy = ({ kind, identifier }: ExampleFleet['attachments'][number], instanceId = '') =>
    (kind === 'classic' ? aws.elasticLoadBalancing : aws.elasticLoadBalancingV2).stateOf(identifier, instanceId) ===
    'healthy';
  const isAccepted = ({ InstanceId }: { InstanceId?: string }) =>
    fleet.attachments.every((attachment) => isHealthy(attachment, InstanceId));
  return instances.length === fleet.instances && instances.every(isAccepted);
}

/** The sizes of the group that is StandBy now, as `minimum/desired/maximum`, and how many instances it still has. */
export async function standByOf(aws: EmbeddedAws, groups: Groups): Promise<{ size: string; instances: number }> {
  const group = (await describe(aws, groups)).find((candidate) => typeOf(candidate) === 'StandBy');
  const { MinSize, DesiredCapacity, MaxSize, Instances = [] } = group ?? {};
  return { size: [MinSize, DesiredCapacity, MaxSize].join('/'), instances: Instances.length };
}

/** The load balancers of both kinds and the target groups that were made for a test and are still there. */
export async function countDummies({ operator }: EmbeddedAws): Promise<number> {
  const names: (string | undefined)[] = [];
  const client = new ElasticLoadBalancingV2Client(operator);
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) {
    names.push(...LoadBalancers.map(({ LoadBalancerName }) => LoadBalancerName));
  }
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) {
    names.push(...TargetGroups.map(({ TargetGroupName }) => TargetGroupName));
  }
  const classic = { client: new ElasticLoadBalancingClient(operator) };
  for await (const { LoadBalancerDescriptions = [] } of paginateClassicLoadBalancers(classic, {})) {
    names.push(...LoadBalancerDescriptions.map(({ LoadBalancerName }) => LoadBalancerName));
  }
  return names.filter((name) => name?.startsWith(DUMMY_PREFIX)).length;
}

async function describe({ operator }: EmbeddedAws, { activeGroup, standByGroup }: Groups): Promise<AutoScalingGroup[]> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [activeGroup, standByGroup] });
  return (await new AutoScalingClient(operator).send(command)).AutoScalingGroups ?? [];
}

function typeOf({ Tags = [] }: AutoScalingGroup): string | undefined {
  return Tags.find(({ Key }) => Key === 'type')?.Value;
}
