/** Which groups the functions of the packaged stack may change: those of a task whose wars are in a bucket of the stack. */
import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteScheduledActionCommand,
  DetachLoadBalancersCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  PutScheduledUpdateGroupActionCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { clientDefaults } from '../../local/endpoint/client';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

const DUMMY = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/deploycheck-1/0123456789abcdef';

const CHANGES: [string, (client: AutoScalingClient, AutoScalingGroupName: string) => Promise<unknown>][] = [
  [
    'resize',
    (client, AutoScalingGroupName) =>
      client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MaxSize: 0 })),
  ],
  [
    'suspend processes of',
    (client, AutoScalingGroupName) => client.send(new SuspendProcessesCommand({ AutoScalingGroupName })),
  ],
  [
    'resume processes of',
    (client, AutoScalingGroupName) => client.send(new ResumeProcessesCommand({ AutoScalingGroupName })),
  ],
  [
    'attach a Classic Load Balancer to',
    (client, AutoScalingGroupName) =>
      client.send(new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames: ['deploycheck-1'] })),
  ],
  [
    'attach a target group to',
    (client, AutoScalingGroupName) =>
      client.send(new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: [DUMMY] })),
  ],
  [
    'attach a traffic source to',
    (client, AutoScalingGroupName) =>
      client.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources: [{ Identifier: DUMMY }] })),
  ],
  [
    'detach a Classic Load Balancer from',
    (client, AutoScalingGroupName) =>
      client.send(new DetachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames: ['deploycheck-1'] })),
  ],
  [
    'detach a target group from',
    (client, AutoScalingGroupName) =>
      client.send(new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: [DUMMY] })),
  ],
  [
    'detach a traffic source from',
    (client, AutoScalingGroupName) =>
      client.send(new DetachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources: [{ Identifier: DUMMY }] })),
  ],
  [
    'lift the protection of instances of',
    (client, AutoScalingGroupName) =>
      client.send(
        new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds: ['i-1'], ProtectedFromScaleIn: false }),
      ),
  ],
  [
    'put a scheduled action on',
    (client, AutoScalingGroupName) =>
      client.send(
        new PutScheduledUpdateGroupActionCommand({ AutoScalingGroupName, ScheduledActionName: 'x', MinSize: 0 }),
      ),
  ],
  [
    'delete a scheduled action of',
    (client, AutoScalingGroupName) =>
      client.send(new DeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionName: 'x' })),
  ],
  ['tag the role of', (client, name) => client.send(tagging(name, 'type'))],
  ['tag the versions of', (client, name) => client.send(tagging(name, 's3VersionIdApp1'))],
];

function tagging(ResourceId: string, Key: string): CreateOrUpdateTagsCommand {
  const tag = { ResourceType: 'auto-scaling-group', ResourceId, Key, Value: 'x', PropagateAtLaunch: false };
  return new CreateOrUpdateTagsCommand({ Tags: [tag] });
}

type Change = (typeof CHANGES)[number][1];

/** The stack's own, in a spelling that nothing else here uses. */
const OURS = 'spelt-otherwise';
const BUCKETS = ['wars', 'more-wars'];

let world: World;

beforeAll(async () => {
  world = await World.create({
    fleet: { bucket: 'wars' },
    parameters: { WarBuckets: BUCKETS.join() },
    prepare({ s3 }) {
      for (const name of BUCKETS) s3.createBucket(name, { versioning: 'Enabled', eventBridge: true });
    },
  });
  const operator = new Operator(world);
  await operator.createGroup(OURS, { TASKFORDEPLOY: 'SHOP', Type: 'StandBy', BUCKET: 'more-wars' });
  await operator.createGroup('bucket-of-others', { taskForDeploy: 'WAS', type: 'StandBy', bucket: 'their-wars' });
  await operator.createGroup('bucket-in-capitals', { taskForDeploy: 'WAS', type: 'StandBy', bucket: 'WARS' });
  await operator.createGroup('without-bucket', { taskForDeploy: 'WAS', type: 'StandBy' });
  await operator.createGroup('without-task', { type: 'StandBy', bucket: 'wars' });
});

/** Who of all roles may make a call. Another error than a denial counts as allowed. */
async function whoMay(change: Change, groupName: string): Promise<string[]> {
  const roles = [...world.stack.resources].flatMap(([key, { type }]) => (type === 'AWS::IAM::Role' ? [key] : []));
  const { endpoint, region } = world.aws;
  const allowed: string[] = [];
  for (const principal of roles) {
    const client = clientDefaults(endpoint, world.clock, { principal, isAlive: () => true }, region);
    const called = change(new AutoScalingClient(client), groupName).then(String, (error: Error) => error.message);
    if (!/ is not authorized to perform: /.test(await world.clock.run(called))) allowed.push(principal);
  }
  return allowed;
}

test.each(CHANGES)(
  'those who have to may %s a group of the stack, whichever of its buckets it names',
  async (_, change) => {
    const may = await whoMay(change, world.fleet.standByGroup);
    expect(may).not.toEqual([]);
    expect(await whoMay(change, OURS)).toEqual(may);
  },
);

describe.each(['bucket-of-others', 'bucket-in-capitals', 'without-bucket', 'without-task'])(
  'of the group %s',
  (group) => {
    test.each(CHANGES)('no function may %s it', async (_, change) => {
      expect(await whoMay(change, group)).toEqual([]);
    });
  },
);
