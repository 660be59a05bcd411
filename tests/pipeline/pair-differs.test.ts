/** Two groups of a task that are made in different ways: told where that is a matter of taste, refused where sizes lie. */
import {
  AutoScalingClient,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

type Change = Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'>;

/** StandBy is made so; then a war is uploaded. */
async function deployedWith(change: Change, tags: Record<string, string> = {}): Promise<World> {
  const world = await World.quick();
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
