/** What becomes of the seed's request to clean, `{"task": "WAS"}`, in every state: a change or a mail, and never twice. */
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { tagText } from '../../shared/fleet/dummy-identity';
import type { DeploymentRecord } from '../../shared/pipeline/record';
import { blockDeployment } from '../harness/blocked';
import { HELD, holdHandlers, withHold } from '../harness/hold';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

const WAR = 'app.war';
const CLEANED = '[Success] Deploy Clean(Task : WAS)';
const REFUSED = '[Refused] Clean(Task : WAS)';

/** A stage is taken for one that does not move after 240 seconds and two intervals of 10. */
const MOVES_FOR_SECONDS = 200;
const STILL_AFTER_SECONDS = 300;

/** Every event of the request is delivered twice, as EventBridge may do. */
async function openWorld(options: WorldOptions = {}): Promise<World> {
  const world = await World.quick(options);
  lose(world, () => false);
  return world;
}

interface Delivery {
  event: BusEvent;
  target: { Arn?: string };
}

/** From now on these deliveries are lost, and no others. */
function lose(world: World, isLost: (delivery: Delivery) => boolean): void {
  world.aws.eventBridge.deliveryPolicy = (delivery) => {
    if (isLost(delivery)) return [];
    return delivery.event['detail-type'] === 'CleanRequested' ? [0.5, 2] : [0.5];
  };
}

const ofFunction =
  (name: string) =>
  ({ target }: Delivery): boolean =>
    target.Arn?.endsWith(`-${name}`) ?? false;

/** Puts the request, and answers what it came to. */
async function askToClean(world: World, more: { abort?: boolean } = {}): Promise<BusEvent> {
  const after = world.events.length;
  await world.put('CleanRequested', { task: 'WAS', ...more });
  const isAnswer = ({ 'detail-type': type }: BusEvent) => ['Refused', 'Cleaned', 'Completed'].includes(type);
  await world.clock.runUntil(() => world.events.slice(after).some(isAnswer), 3600);
  return world.events.slice(after).find(isAnswer) as BusEvent;
}

/** Hours later there is one mail of each outcome, and the fleet is as clean as it can be. */
async function expectOnce(world: World, subject: string, before: readonly string[] = []): Promise<void> {
  await world.clock.advance(2 * 3600);
  const mails = world.mails.slice(before.length);
  expect(mails.filter((mail) => mail === subject)).toEqual([subject]);
}

async function expectClean(world: World): Promise<void> {
  await world.clock.advance(600);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
  expect((await world.group(world.fleet.standByGroup)).TargetGroupARNs).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  expect(world.servedVersions()).toEqual([world.fleet.versionIds[0]]);
}

/** Starts a deployment and answers once it has come to this stage. */
async function deployUntil(world: World, stage: string): Promise<string> {
  const version = await world.upload(WAR, { version: '2' });
  await world.until(BEGINNINGS[stage] ?? '');
  return version;
}

/** The event with which a stage begins. */
const BEGINNINGS: Record<string, string> = {
  start: 'Started',
  'check-dummy': 'DummyAttached',
  'attach-real': 'Step1Passed',
  'check-real': 'RealAttached',
  swap: 'Step2Passed',
  retire: 'Swapped',
};
const RUNNING = Object.keys(BEGINNINGS);

async function addDummy(world: World, suffix: string, task: string, stack = world.stack.outputs.EventBusArn) {
  const created = new Date(world.clock.now().getTime() - 600_000).toISOString();
  const tags = { task, deployment: `20291231T220000Z-${suffix}`, stack, created };
  const command = new CreateTargetGroupCommand({
    Name: `deploycheck-${suffix}`,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: world.aws.network.vpcId,
    Tags: Object.entries(tags).map(([key, Value]) => ({ Key: `bluegreen:${key}`, Value })),
  });
  await world.clock.run(new ElasticLoadBalancingV2Client(world.aws.operator).send(command));
}

describe('where nothing runs', () => {
  test.each<[string, (world: World) => Promise<unknown>, removed?: string[]]>([
    ['nothing was ever deployed', async () => {}],
    [
      'a deployment has failed and was cleaned',
      async (world) => {
        await world.upload(WAR, { health: '500' });
        await world.until('Cleaned');
        await world.clock.advance(60);
      },
    ],
    [
      'StandBy was sized by hand',
      (world) => new Operator(world).setSize(world.fleet.standByGroup, 1, 2, 3),
      ['was-green was at 1/2/3.'],
    ],
    [
      'StandBy was sized, and attached beside Active',
      async (world) => {
        await new Operator(world).attach(world.fleet.standByGroup, world.fleet.targetGroupArns);
        await new Operator(world).setSize(world.fleet.standByGroup, 1, 1, 1);
        await world.clock.advance(120);
      },
      ['was-green was at 1/1/1.', 'was-green was attached to was-web-1 of was-web.'],
    ],
    [
      'dummies of an earlier deployment are left',
      (world) => addDummy(world, 'one', 'WAS'),
      ['The clone deploycheck-one (target group) was there.'],
    ],
  ])('%s: it is clean afterwards, and the mail says what was there', async (_, prepare, removed = []) => {
    const world = await openWorld();
    await prepare(world);
    const before = world.mails;
    const { detail } = await askToClean(world);
    expect(detail).toMatchObject({ outcome: 'cleaned', requestedBy: 'an operator', removed });
    await expectClean(world);
    await expectOnce(world, CLEANED, before);
    const asked = 'A clean-up of WAS was asked for by an operator: ';
    const found = removed.length > 0 ? 'what was found of earlier deployments is taken away.' : 'nothing of an earlier';
    expect(world.mailBody(-1).startsWith(asked + found)).toBe(true);
    if (removed.length > 0) expect(world.mailBody(-1)).toContain(`\nTaken away\n  ${removed.join('\n  ')}\n`);
    expect(await world.record()).toMatchObject({ status: 'failed' });
  });

  test('a deployment has completed: what serves is left alone', async () => {
    const world = await openWorld();
    const version = await deployUntil(world, 'retire');
    await world.until('Completed');
    await world.clock.advance(60);
    const { activeGroup: standBy, standByGroup: active } = world.fleet;
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned' });
    await expectOnce(world, CLEANED);
    expect(world.servedVersions()).toEqual([version]);
    expect([await world.size(active), await world.size(standBy)]).toEqual(['2/2/4', '0/0/0']);
  });

  test('only StandBy serves: it is never taken down, and the mail says why, each time', async () => {
    const world = await openWorld();
    const operator = new Operator(world);
    await operator.attach(world.fleet.standByGroup, world.fleet.targetGroupArns);
    await operator.setSize(world.fleet.standByGroup, 2, 2, 4);
    await world.clock.advance(120);
    await operator.detach(world.fleet.activeGroup, world.fleet.targetGroupArns);
    await world.clock.advance(120);
    for (const time of [1, 2]) {
      const { detail } = await askToClean(world);
      expect(detail).toMatchObject({ outcome: 'operator-needed' });
      await world.clock.advance(600);
      expect(world.mails).toEqual(Array(time).fill('[Error] Deploy Clean(Task : WAS)'));
      expect(world.mailBody(-1)).toMatch(/\nUsers\n {2}was-green serves on was-web-1 \(seen at/);
      expect(world.mailBody(-1)).toMatch(/\nLeft over\n {2}Undecided: whether was-green or was-blue is to serve\.\n/);
    }
    expect(await world.size(world.fleet.standByGroup)).toBe('2/2/4');
  });

  test('the dummies of other tasks and of other stacks stay, however much their names look alike', async () => {
    const world = await openWorld({ fleet: { task: 'shop!', name: 'shop' } });
    await addDummy(world, 'ours', tagText('shop!'));
    await addDummy(world, 'question', tagText('shop?'));
    await addDummy(world, 'underscore', tagText('shop_'));
    await addDummy(world, 'capital', tagText('Shop!'));
    await addDummy(world, 'strange', tagText('shop!'), 'arn:aws:events:eu-central-1:123456789012:event-bus/theirs');
    await world.put('CleanRequested', { task: 'shop!' });
    await world.until('Cleaned');
    await world.clock.advance(60);
    const left = ['capital', 'question', 'strange', 'underscore'].map((suffix) => `deploycheck-${suffix}`);
    expect((await world.dummies()).sort()).toEqual(left);
  });
});

describe('a deployment that runs and moves is left alone', () => {
  test.each(RUNNING)('in %s', async (stage) => {
    const world = await openWorld();
    const version = await deployUntil(world, stage);
    const { 'detail-type': type, detail } = await askToClean(world);
    expect([type, detail.code, detail.request]).toEqual(['Refused', '418', 'Clean']);
    const ways =
      stage === 'retire' ? 'was-blue \\(Active\\) is detached already' : 'Either let it end, .*"abort": true';
    expect(detail.message).toMatch(new RegExp(`runs, in [\\w-]+ for \\d+ s, and moves\\. ${ways}`));
    await world.until('Completed');
    await expectOnce(world, REFUSED);
    expect(world.servedVersions()).toEqual([version]);
    expect(world.story).not.toContain('Failed');
  });

  test('while its uploads settle', async () => {
    const world = await openWorld({ fleet: { extraTags: { settleseconds: '120' } } });
    const version = await world.upload(WAR, { version: '2' });
    await world.clock.advance(30);
    expect((await askToClean(world)).detail).toMatchObject({
      code: '418',
      message: expect.stringMatching(/in start for [23]\d s/),
    });
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([version]);
  });

  test('while it is parked, however long', async () => {
    const world = await openWorld({
      fleet: { extraTags: { ...HELD, repetitions: '9' } },
      handlers: holdHandlers,
      extend: withHold,
    });
    const version = await deployUntil(world, 'swap');
    await world.clock.advance(3600);
    const { detail } = await askToClean(world);
    expect(detail).toMatchObject({ code: '418', message: expect.stringMatching(/in hold for 36\d\d s/) });
    await world.put('HoldReleased', { task: 'WAS' });
    await world.until('Completed');
    await expectOnce(world, REFUSED);
    expect(world.servedVersions()).toEqual([version]);
  });
});

describe('with `abort`, a deployment that runs is undone', () => {
  test.each(['start', 'check-dummy', 'attach-real', 'check-real'])('in %s', async (stage) => {
    const world = await openWorld();
    await deployUntil(world, stage);
    const before = world.mails;
    expect((await askToClean(world, { abort: true })).detail).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    await expectClean(world);
    await expectOnce(world, CLEANED, before);
  });

  test('while it is parked', async () => {
    const options = { fleet: { extraTags: HELD }, handlers: holdHandlers, extend: withHold };
    const world = await openWorld(options);
    await deployUntil(world, 'swap');
    await world.clock.advance(60);
    expect((await askToClean(world, { abort: true })).detail).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    await expectClean(world);
  });

  test.each(['swap', 'retire'])('but not in %s, once Active is detached', async (stage) => {
    const world = await openWorld();
    const version = await deployUntil(world, stage);
    await world.clock.advance(3);
    const { detail } = await askToClean(world, { abort: true });
    expect(detail).toMatchObject({ code: '418', message: expect.stringContaining('(Active) is detached already') });
    await world.until('Completed');
    await expectOnce(world, REFUSED);
    expect(world.servedVersions()).toEqual([version]);
  });
});

describe('a deployment that does not move any more', () => {
  test.each(RUNNING.filter((stage) => stage !== 'retire'))('in %s is taken back', async (stage) => {
    const world = await openWorld();
    await world.clock.run(world.stopWatchdog());
    lose(world, ofFunction(stage));
    // The request to deploy is for `start`, too: only what follows it is lost.
    if (stage === 'start') lose(world, (delivery) => delivery.event['detail-type'] === 'CheckDue');
    await deployUntil(world, stage);
    await world.clock.advance(MOVES_FOR_SECONDS);
    expect((await askToClean(world)).detail).toMatchObject({ code: '418' });
    await world.clock.advance(STILL_AFTER_SECONDS - MOVES_FOR_SECONDS);
    lose(world, () => false);
    expect((await askToClean(world)).detail).toMatchObject({
      outcome: 'cleaned',
      code: 'T014',
      message: expect.stringMatching(
        `^clean-up requested by an operator: the stage ${stage} did not move any more, since .* \\(log of the function bluegreen-dev-${stage}\\)$`,
      ),
    });
    await expectClean(world);
    await expectOnce(world, CLEANED);
  });

  test('in retire is finished: Active is detached, and the new version is well', async () => {
    const world = await openWorld();
    await world.clock.run(world.stopWatchdog());
    lose(world, ofFunction('retire'));
    const version = await deployUntil(world, 'retire');
    await world.clock.advance(STILL_AFTER_SECONDS);
    lose(world, () => false);
    expect((await askToClean(world))['detail-type']).toBe('Completed');
    await expectOnce(world, '[Success] Non-disruptive deployment(Task : WAS)');
    expect(world.servedVersions()).toEqual([version]);
    expect(await world.size(world.fleet.activeGroup)).toBe('0/0/0');
  });

  test('because its parking is over, and nobody woke it, is taken back', async () => {
    const options = { fleet: { extraTags: HELD }, handlers: holdHandlers, extend: withHold };
    const world = await openWorld(options);
    await world.clock.run(world.stopWatchdog());
    await deployUntil(world, 'swap');
    await world.clock.advance(2 * 600 + STILL_AFTER_SECONDS);
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned', code: 'T014' });
    await expectClean(world);
  });
});

describe('a deployment that has failed', () => {
  async function failed(isLost: (delivery: Delivery) => boolean): Promise<World> {
    const world = await openWorld();
    await world.clock.run(world.stopWatchdog());
    lose(world, isLost);
    await world.upload(WAR, { health: '500' });
    await world.until('Failed');
    await world.clock.advance(60);
    return world;
  }

  const statusOf = async (world: World): Promise<DeploymentRecord['status']> => (await world.record()).status;

  test('and was not taken over is cleaned by its own code', async () => {
    const world = await failed(
      ({ event, target }) => event['detail-type'] === 'Failed' && !!target.Arn?.includes('lambda'),
    );
    expect(await statusOf(world)).toBe('running');
    lose(world, () => false);
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
    await expectClean(world);
    await expectOnce(world, CLEANED);
  });

  test('and is being cleaned is cleaned once', async () => {
    const world = await openWorld();
    await world.upload(WAR, { health: '500' });
    await world.until('Failed');
    await world.clock.advance(3);
    expect(await statusOf(world)).toBe('cleaning');
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
    await expectClean(world);
    await expectOnce(world, CLEANED);
  });

  test('and whose clean-up has lost its events goes on', async () => {
    const world = await failed(
      (delivery) => ofFunction('clean-up')(delivery) && delivery.event['detail-type'] === 'CheckDue',
    );
    await world.clock.advance(3600);
    expect(await statusOf(world)).toBe('cleaning');
    lose(world, () => false);
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
    await expectClean(world);
    await expectOnce(world, CLEANED);
  });

  test('and is blocked asks again as long as the cause is there, and ends once it is gone', async () => {
    const world = await openWorld();
    const { mend } = await blockDeployment(world);
    lose(world, () => false);
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'operator-needed' });
    await world.clock.advance(60);
    await mend();
    await world.clock.advance(60);
    const before = world.mails;
    expect((await askToClean(world)).detail).toMatchObject({ outcome: 'cleaned' });
    await expectClean(world);
    await expectOnce(world, CLEANED, before);
  });
});

test('a task that does not exist is refused, and so is one whose groups are in no bucket of the stack', async () => {
  const world = await openWorld();
  await world.put('CleanRequested', { task: 'NOPE' });
  expect((await world.until('Refused')).detail).toMatchObject({ code: '400', request: 'Clean', task: 'NOPE' });
  await new Operator(world).tag(world.fleet.standByGroup, 'bucket', 'elsewhere');
  const { detail } = await askToClean(world);
  expect(detail).toMatchObject({
    code: '402',
    message: expect.stringContaining('the tag bucket of was-green is elsewhere'),
  });
  await expectOnce(world, REFUSED);
});
