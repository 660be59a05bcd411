/** Fleets that their own schedule takes to 0 by night: a new version is proven as ever, and starts in the morning. */
import {
  AutoScalingClient,
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

interface Sizes {
  MinSize?: number;
  DesiredCapacity?: number;
  MaxSize?: number;
}

async function schedule(world: World, ScheduledActionName: string, Recurrence: string, sizes: Sizes): Promise<void> {
  const input = { AutoScalingGroupName: world.fleet.activeGroup, ScheduledActionName, Recurrence, ...sizes };
  await world.clock.run(
    new AutoScalingClient(world.aws.operator).send(new PutScheduledUpdateGroupActionCommand(input)),
  );
}

async function scheduled(world: World, AutoScalingGroupName: string): Promise<(string | undefined)[]> {
  const command = new DescribeScheduledActionsCommand({ AutoScalingGroupName });
  const answer = await world.clock.run(new AutoScalingClient(world.aws.operator).send(command));
  return (answer.ScheduledUpdateGroupActions ?? []).map(({ ScheduledActionName }) => ScheduledActionName);
}

const NIGHT = { MinSize: 0, DesiredCapacity: 0 };

/** It is 00:20; by day there are two instances. */
async function night(
  morning = '0 8 * * *',
  { sizes = NIGHT as Sizes, ...options }: WorldOptions & { sizes?: Sizes } = {},
) {
  const world = await World.quick(options);
  await schedule(world, 'evening', '15 0 * * *', sizes);
  await schedule(world, 'morning', morning, { MinSize: 2, DesiredCapacity: 2, MaxSize: 4 });
  await world.clock.advance(600);
  return { world, operator: new Operator(world), blue: world.fleet.activeGroup, green: world.fleet.standByGroup };
}

const until = (world: World, time: string) =>
  world.clock.advance((Date.parse(`2030-01-01T${time}:00Z`) - world.clock.now().getTime()) / 1000);

function mailOf(world: World, subject: RegExp): string {
  return world.mailBody(world.mails.findIndex((one) => subject.test(one)));
}

test('the version is proven on one instance, sleeps on, and starts in the morning; no mail takes it for an emergency', async () => {
  const { world, blue, green } = await night();
  const version = await world.upload('app.war', { version: '2' });
  const { detail: started } = await world.until('Started');
  expect(started).toMatchObject({ instances: 1 });
  await world.until('Completed');
  expect(world.story).toEqual([
    'DeployRequested',
    'Started',
    'DummyAttached',
    'Step1Passed',
    'RealAttached',
    'Step2Passed',
    'Swapped',
    'Completed',
  ]);
  expect([await world.size(blue), await world.size(green)]).toEqual(['0/0/0', '0/0/4']);
  expect([await scheduled(world, blue), await scheduled(world, green)]).toEqual([[], ['evening', 'morning']]);
  await world.clock.advance(120);
  expect(world.servedVersions()).toEqual([]);
  expect(world.mails.filter((subject) => /Failed|Error/.test(subject))).toEqual([]);
  const bodies = world.mails.map((_, index) => world.mailBody(index));
  expect(bodies.filter((body) => /USERS (ARE|MAY BE) DOWN/.test(body))).toEqual([]);
  const start = mailOf(world, /Start/);
  expect(start).toContain(
    'was-blue is Active, and at 0 as its schedule has it: nobody is served until that gives it instances.',
  );
  expect(start).toContain('morning gives 2 instances at 2030-01-01 08:00:00 UTC to whichever is Active then.');
  expect(mailOf(world, /Success/)).toContain('Nobody is served: was-green is at 0, as its schedule has it');
  expect(mailOf(world, /Success/)).toContain('The schedule is on was-green: evening, morning.');
  await until(world, '08:10');
  expect(await world.size(green)).toBe('2/2/4');
  expect(world.servedVersions()).toEqual([version]);
});

test('one whose night leaves no maximum is at 0/0/0 again, and a rollback by night goes the same way', async () => {
  const { world, blue, green } = await night('0 8 * * *', { sizes: { ...NIGHT, MaxSize: 0 } });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(await world.size(green)).toBe('0/0/0');
  await world.clock.advance(60);
  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await world.until('Completed', { after: world.events.length });
  expect([await world.size(blue), await world.size(green)]).toEqual(['0/0/0', '0/0/0']);
  await until(world, '08:10');
  expect(await world.size(blue)).toBe('2/2/4');
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});

test('whoever asks for a size by night gets a fleet that serves', async () => {
  const { world, green } = await night();
  await world.put('DeployRequested', { task: 'WAS', capacity: 2 });
  await world.until('Completed');
  expect(await world.size(green)).toBe('2/2/4');
});

test('an Active that somebody emptied after its schedule had raised it is an emergency', async () => {
  const { world, operator, blue, green } = await night('18 0 * * *');
  await operator.setSize(blue, 0, 0, 4);
  await world.clock.advance(60);
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Completed');
  expect(await world.size(green)).toBe('1/1/4');
  expect(mailOf(world, /Start/)).toContain('USERS MAY BE DOWN');
});

test('an Active that somebody emptied by day is an emergency, though it was at 0 by night before, and gets an instance', async () => {
  const { world, operator, green, blue } = await night();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await until(world, '08:10');
  await operator.setSize(green, 0, 0, 4);
  await world.clock.advance(60);
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Completed', { after: world.events.length });
  expect(await world.size(blue)).toBe('1/1/4');
});

test.each([
  ['step 1', 'DummyAttached'],
  ['step 2', 'RealAttached'],
  ['the swap', 'Step2Passed'],
  ['retire', 'Swapped'],
])('the morning that comes before %s is the size of the new version', async (_, event) => {
  const { world, blue, green } = await night('23 0 * * *');
  world.aws.eventBridge.deliveryPolicy = ({ event: told }) => [told['detail-type'] === event ? 180 : 0.5];
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(world.story).toContain(event);
  expect([await world.size(blue), await world.size(green)]).toEqual(['0/0/0', '2/2/4']);
  await world.clock.advance(300);
  expect(world.servedVersions()).toEqual([version]);
});

test('the evening that comes while a deployment runs is that of the new version, too', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  await schedule(world, 'evening', '11 0 * * *', NIGHT);
  world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'Step1Passed' ? 120 : 0.5];
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect([await world.size(activeGroup), await world.size(standByGroup)]).toEqual(['0/0/0', '0/0/4']);
});

describe('what fails by night leaves the old version to the morning', () => {
  async function isAsBefore({ world, blue, green }: Awaited<ReturnType<typeof night>>) {
    expect([await world.size(blue), await world.size(green)]).toEqual(['0/0/4', '0/0/0']);
    expect([await scheduled(world, blue), await scheduled(world, green)]).toEqual([['evening', 'morning'], []]);
    expect((await world.tag(blue, 'type'))?.Value).toBe('Active');
    await world.clock.advance(30);
    const bodies = world.mails.map((_, index) => world.mailBody(index));
    expect(bodies.filter((body) => /USERS (ARE|MAY BE) DOWN/.test(body))).toEqual([]);
    expect(mailOf(world, /Deploy Clean/)).toContain('was-blue is at 0, as its schedule has it');
    await until(world, '08:10');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  }

  test('a broken war', async () => {
    const found = await night();
    await found.world.upload('app.war', { health: '500' });
    expect((await found.world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
    await isAsBefore(found);
  });

  test('an abort in step 2, though only the new version is healthy', async () => {
    const found = await night();
    await found.world.upload('app.war', { version: '2' });
    await found.world.until('Step2Passed');
    await found.world.put('AbortRequested', { task: 'WAS' });
    expect((await found.world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    await isAsBefore(found);
  });

  test('a version that falls ill after the swap', async () => {
    const found = await night();
    const { world, operator, green } = found;
    world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'Swapped' ? 25 : 0.5];
    await world.upload('app.war', { version: '2' });
    await world.until('Swapped');
    await operator.setHealth(green, 500);
    expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
    await isAsBefore(found);
  });
});
