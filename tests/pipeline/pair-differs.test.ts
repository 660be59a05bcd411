/** Two groups of a task that are made in different ways: told where that is a matter of taste, refused where sizes lie. */
import {
  AutoScalingClient,
  PutScalingPolicyCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

type Change = Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'>;

/** StandBy is made so; then a war is uploaded. */
async function deployedWith(
  change: Change,
  tags: Record<string, string> = {},
  prepare: (world: World) => Promise<unknown> = async () => undefined,
): Promise<World> {
  const world = await World.quick();
  await world.clock.run(prepare(world));
  const { standByGroup: AutoScalingGroupName } = world.fleet;
  const client = new AutoScalingClient(world.aws.operator);
  await world.clock.run(client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...change })));
  for (const [key, value] of Object.entries(tags)) await new Operator(world).tag(AutoScalingGroupName, key, value);
  await world.upload('app.war', { version: '2' });
  return world;
}

const SPECIFICATION = { LaunchTemplateSpecification: { LaunchTemplateName: 'tomcat', Version: '$Latest' } };

function ofType(InstanceType: string, WeightedCapacity?: string): Change {
  return {
    MixedInstancesPolicy: { LaunchTemplate: { ...SPECIFICATION, Overrides: [{ InstanceType, WeightedCapacity }] } },
  };
}

const HALF_SPOT: Change = {
  MixedInstancesPolicy: {
    LaunchTemplate: SPECIFICATION,
    InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 50 },
  },
};

test.each<[string, Change, string]>([
  ['weights', ofType('c7i.2xlarge', '4'), 'weights: 1 against 4'],
  ['the share of Spot', HALF_SPOT, 'share of Spot: none against 50 % above 1 On-Demand'],
])('a pair that differs in %s is refused, and nothing is changed', async (_, change, words) => {
  const world = await deployedWith(change);
  const before = await world.group(world.fleet.standByGroup);
  const { detail } = await world.until('Refused');
  expect(detail).toMatchObject({
    code: '415',
    message:
      `was-blue and was-green differ in their ${words}, so that the same size is another fleet: ` +
      'make them alike, or tag either group pairdiffers = accepted',
  });
  expect(await world.group(world.fleet.standByGroup)).toEqual(before);
});

test.each(['c7gn.large', 'a1.large', 'is4gen.medium'])('another architecture, of %s, is refused', async (type) => {
  const world = await deployedWith(ofType(type));
  expect((await world.until('Refused')).detail).toMatchObject({
    code: '415',
    message:
      'was-blue and was-green differ in their architecture: x86_64 against arm64, so that what was made for the one may ' +
      'not run on the other: make them alike, or tag either group pairdiffers = accepted',
  });
});

test('one that only another launch template has is found, and may be accepted', async () => {
  const arm = { LaunchTemplateName: 'tomcat-arm', LaunchTemplateData: { InstanceType: 't4g.small' as const } };
  const make = (world: World) => new EC2Client(world.aws.operator).send(new CreateLaunchTemplateCommand(arm));
  const world = await deployedWith({ LaunchTemplate: { LaunchTemplateName: 'tomcat-arm', Version: '1' } }, {}, make);
  expect((await world.until('Refused')).detail).toMatchObject({ code: '415' });
  await new Operator(world).tag(world.fleet.activeGroup, 'pairdiffers', 'accepted');
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Completed');
  expect(startMail(world)).toContain('differ in their architecture: x86_64 against arm64.');
});

test('lifecycle hooks and scaling policies that differ are a line each', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  const client = new AutoScalingClient(world.aws.operator);
  const AutoScalingGroupName = activeGroup;
  const PredefinedMetricSpecification = { PredefinedMetricType: 'ASGAverageCPUUtilization' as const };
  const TargetTrackingConfiguration = { PredefinedMetricSpecification, TargetValue: 50 };
  const policy = { PolicyName: 'cpu', PolicyType: 'TargetTrackingScaling', TargetTrackingConfiguration };
  await world.clock.run(client.send(new PutScalingPolicyCommand({ AutoScalingGroupName, ...policy })));
  await new Operator(world).putLaunchHook(standByGroup, 'install-agent');
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(20);
  expect(startMail(world)).toContain(
    'scaling policies: TargetTrackingScaling ASGAverageCPUUtilization 50 against none.',
  );
  expect(startMail(world)).toMatch(/lifecycle hooks: none against at the launch for up to \d+ s, then \w+\./);
});

test('what is accepted by a tag is deployed, and the start mail says it', async () => {
  const world = await deployedWith(HALF_SPOT, { PairDiffers: 'accepted' });
  await world.until('Completed');
  expect(startMail(world)).toContain('differ in their share of Spot: none against 50 % above 1 On-Demand.');
});

test('another value of that tag is refused', async () => {
  const world = await deployedWith(ofType('c7i.2xlarge', '4'), { pairdiffers: 'yes' });
  expect((await world.until('Refused')).detail).toMatchObject({
    code: '400',
    message: 'was-green is tagged pairdiffers = yes, which is none of accepted',
  });
});

test('what does not change the size is a line each in the start mail', async () => {
  const world = await deployedWith({
    LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '1' },
    HealthCheckGracePeriod: 90,
    TerminationPolicies: ['OldestInstance'],
  });
  await world.until('Completed');
  for (const words of [
    'launch template: tomcat version $Latest against tomcat version 1.',
    'grace seconds: 60 against 90.',
    'termination policies: Default against OldestInstance.',
  ]) {
    expect(startMail(world)).toContain(`was-blue and was-green differ in their ${words}`);
  }
});

test('types that weigh the same are told, and deployed', async () => {
  const world = await deployedWith(ofType('c7i.2xlarge'));
  await world.until('Completed');
  expect(startMail(world)).toContain('differ in their instance types: as launched by default against c7i.2xlarge.');
});

test('of a pair that is alike nothing is said', async () => {
  const world = await deployedWith({});
  await world.until('Completed');
  expect(startMail(world)).not.toContain('differ');
});

function startMail(world: World): string {
  return world.aws.sns.mails.find(({ subject }) => subject === '[Deploy] Start(Task : WAS)')?.body ?? '';
}
