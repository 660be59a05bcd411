/** While the new version shares Active's users, Active's own alarms do not make it smaller: it may have to carry them alone. */
import {
  AutoScalingClient,
  PutScalingPolicyCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

/** Four instances of Active, whose alarms may take it to one, and a deployment of a second version that is in step 2. */
async function inStep2(options: WorldOptions = {}) {
  const world = await World.quick({ ...options, fleet: { instances: 4, minimum: 1, ...options.fleet } });
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  return { world, operator, blue: world.fleet.activeGroup, green: world.fleet.standByGroup };
}

async function sizesOf(world: World, groupName: string): Promise<string> {
  const { MinSize, DesiredCapacity, MaxSize } = await world.group(groupName);
  return `${MinSize}/${DesiredCapacity}/${MaxSize}`;
}

test('an alarm that wants one instance in step 2 finds a minimum of four, which the new group does not get', async () => {
  const { world, operator, blue, green } = await inStep2();
  await operator.alarm(blue, 1);
  await world.until('Step2Passed');
  expect(await operator.statesOn(world.fleet.targetGroupArns[0] ?? '', blue)).toEqual(Array(4).fill('healthy'));
  await world.until('Completed');
  expect(await sizesOf(world, green)).toBe('1/4/4');
  expect(await sizesOf(world, blue)).toBe('0/0/0');
});

test('Active has its minimum back when the deployment is undone, and its alarms may have their way', async () => {
  const { world, operator, blue, green } = await inStep2();
  await world.put('AbortRequested', { task: 'WAS' });
  await operator.alarm(blue, 1);
  await world.until('Cleaned');
  expect(await sizesOf(world, blue)).toBe('1/4/4');
  expect(await sizesOf(world, green)).toBe('0/0/0');
  await operator.alarm(blue, 1);
  expect(await sizesOf(world, blue)).toBe('1/1/4');
});

test('whoever lowers its minimum in step 2 is respected, and nobody raises it again', async () => {
  const { world, operator, blue, green } = await inStep2();
  await operator.setSize(blue, 2, 3, 5);
  await operator.alarm(blue, 5);
  await world.clock.runUntil(() => world.aws.autoScaling.instances.length === 10, 600);
  await operator.alarm(blue, 1);
  expect(await sizesOf(world, blue)).toBe('2/2/5');
  await world.until('Completed');
  expect(await sizesOf(world, green)).toBe('2/5/5');
});

test('Active that was taken to 0 right before step 2 stays there', async () => {
  const world = await World.quick({ fleet: { instances: 2, minimum: 1 } });
  const { activeGroup: blue } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('Step1Passed');
  await new Operator(world).setSize(blue, 0, 0, 4);
  await world.until('RealAttached');
  expect(await sizesOf(world, blue)).toBe('0/0/4');
});

test('what Active has grown by is kept once the new group has grown with it', async () => {
  const { world, operator, blue, green } = await inStep2({ fleet: { instances: 2, maximum: 5 } });
  await operator.alarm(blue, 3);
  await operator.setHealth(green, 500);
  await operator.alarm(blue, 1);
  expect(await sizesOf(world, blue)).toBe('2/2/5'); // its alarms may take away what they alone have added
  await operator.alarm(blue, 3);
  await operator.setHealth(green, undefined);
  await world.clock.runUntil(() => world.aws.autoScaling.instances.length === 6, 600);
  await operator.alarm(blue, 1);
  expect(await sizesOf(world, blue)).toBe('3/3/5');
  await world.put('AbortRequested', { task: 'WAS' });
  await world.until('Cleaned');
  expect(await sizesOf(world, blue)).toBe('1/3/5');
});

const OF_ACTIVE = ['AZRebalance', 'AlarmNotification', 'ScheduledActions'];

async function suspendedOn(world: World, groupName: string): Promise<(string | undefined)[]> {
  const { SuspendedProcesses = [] } = await world.group(groupName);
  return SuspendedProcesses.map(({ ProcessName }) => ProcessName).sort();
}

/** Until the first look after Active's detaching. */
async function draining(fleet: WorldOptions['fleet'] = {}) {
  const playing = await inStep2({ fleet: { deregistrationDelaySeconds: 120, ...fleet } });
  await playing.world.until('Step2Passed');
  await playing.world.until('CheckPending', { after: playing.world.events.length });
  return playing;
}

test('nothing sizes Active by itself while it drains; what was suspended for that is resumed at 0', async () => {
  const { world, operator, blue, green } = await draining();
  expect(await suspendedOn(world, blue)).toEqual(OF_ACTIVE);
  await operator.alarm(blue, 1);
  await world.until('Swapped');
  expect(await sizesOf(world, blue)).toBe('4/4/4');
  await world.until('Completed');
  expect([await suspendedOn(world, blue), await suspendedOn(world, green)]).toEqual([[], []]);
  expect(await sizesOf(world, green)).toBe('1/4/4');
});

test('what cannot be suspended is named when the deployment starts', async () => {
  const world = await World.quick({ fleet: { instances: 1 } });
  const { activeGroup: AutoScalingGroupName, standByGroup } = world.fleet;
  const client = new AutoScalingClient(world.aws.operator);
  const target = { PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' as const } };
  const forecast = async (PolicyName: string, Mode: 'ForecastOnly' | 'ForecastAndScale') => {
    const PredictiveScalingConfiguration = { Mode, MetricSpecifications: [{ TargetValue: 40, ...target }] };
    const PolicyType = 'PredictiveScaling';
    const policy = { AutoScalingGroupName, PolicyName, PolicyType, PredictiveScalingConfiguration };
    await world.clock.run(client.send(new PutScalingPolicyCommand(policy)));
  };
  await forecast('by-day', 'ForecastAndScale');
  await forecast('only-watched', 'ForecastOnly');
  for (const name of [AutoScalingGroupName, standByGroup]) {
    const changes = { AutoScalingGroupName: name, MaxInstanceLifetime: 604_800, CapacityRebalance: true };
    await world.clock.run(client.send(new UpdateAutoScalingGroupCommand(changes)));
  }
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(60);
  const { body = '' } = world.aws.sns.mails.find(({ subject }) => subject?.startsWith('[Deploy] Start')) ?? {};
  const goesOn = 'What goes on while was-blue (Active) drains, and cannot be suspended:';
  expect(body.split('\n').filter((line) => line.includes('cannot be suspended'))).toEqual([
    `  ${goesOn} predictive scaling (by-day).`,
    `  ${goesOn} maximum instance lifetime (604800 s).`,
    `  ${goesOn} capacity rebalancing.`,
  ]);
});

test('it is resumed when Active is attached again, but for what an operator has suspended, and its schedule is made up for', async () => {
  const world = await World.quick({ fleet: { instances: 3, minimum: 1, deregistrationDelaySeconds: 300 } });
  const { activeGroup: blue, standByGroup: green } = world.fleet;
  const operator = new Operator(world);
  await operator.suspend(blue, ['AZRebalance']);
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await operator.schedule(blue, 'rush', {
    StartTime: new Date(world.clock.now().getTime() + 60_000),
    DesiredCapacity: 4,
  });
  await world.until('CheckPending', { after: world.events.length });
  expect(await suspendedOn(world, blue)).toEqual(OF_ACTIVE);
  await world.clock.advance(90);
  expect(await sizesOf(world, blue)).toBe('3/3/4');
  await operator.suspend(green, ['ReplaceUnhealthy']);
  await operator.setHealth(green, 500);
  await world.until('Cleaned');
  expect(await suspendedOn(world, blue)).toEqual(['AZRebalance']);
  expect(await sizesOf(world, blue)).toBe('1/4/4');
});
