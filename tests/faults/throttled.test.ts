/** An account that takes no request for hours: whatever is under way waits, and goes on where it was. */

import type { ServiceName } from '../../local/kernel/service';
import { throttlingOf } from '../../local/kernel/throttle';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { guard } from '../harness/guard';
import { World } from '../harness/world';

/** Longer than any stage may wait, and than all its cycles. */
const HOURS = 3;

const LOOKING: readonly ServiceName[] = ['auto-scaling', 'elastic-load-balancing', 'elastic-load-balancing-v2'];

/** From now on no function may look at the fleet; answers what ends that. */
function exhaust(world: World): () => void {
  return world.aws.endpoint.intercept((call, proceed) => {
    if (!isInvocationCaller(call.caller) || !LOOKING.includes(call.service)) return proceed();
    throw throttlingOf(call.service);
  });
}

async function exhaustFor(world: World, hours: number): Promise<void> {
  const release = exhaust(world);
  await world.clock.advance(hours * 3600);
  release();
}

/** How many looks of its stages there were. */
function looks(world: World): number {
  return world.events.filter((event) => event['detail-type'] === 'CheckDue').length;
}

function failures(world: World): string[] {
  return world.story.filter((type) => /^(Failed|Lambda|Refused)/.test(type));
}

test.each(['Started', 'DummyAttached', 'Step1Passed', 'RealAttached', 'Step2Passed', 'Swapped'])(
  'after %s: it waits, paces itself, and completes',
  async (event) => {
    const world = await World.quick();
    const violations = guard(world);
    const version = await world.upload('app.war', { version: '2' });
    await world.until(event);
    const before = looks(world);
    await exhaustFor(world, HOURS);
    expect(looks(world) - before).toBeGreaterThan(10);
    expect(looks(world) - before).toBeLessThan(HOURS * 60);
    await world.until('Completed');
    await world.clock.advance(600);
    expect(failures(world)).toEqual([]);
    expect(world.servedVersions()).toEqual([version]);
    expect(await world.dummies()).toEqual([]);
    expect(violations).toEqual([]);
    expect(world.mails).toEqual([...new Set(world.mails)]);
  },
);

test('who was throttled before leaves the rate to others: a look asks once, and no more', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const release = exhaust(world);
  await world.clock.advance(120);
  let refused = 0;
  const stop = world.aws.endpoint.intercept((call, proceed) => {
    if (call.caller.principal === 'CheckDummyRole' && LOOKING.includes(call.service)) refused++;
    return proceed();
  });
  const before = looks(world);
  await world.clock.advance(3600);
  expect(refused).toBeGreaterThanOrEqual(looks(world) - before);
  expect(refused).toBeLessThanOrEqual(2 * (looks(world) - before));
  stop();
  release();
  await world.until('Completed');
});

test('a war that is not healthy has all its cycles, and no more, however long nobody could look', async () => {
  const world = await World.quick({ parameters: { CycleSeconds: '210' } });
  await world.upload('app.war', { version: '2', health: '500' });
  await world.until('CheckPending', { after: world.events.findIndex((one) => one['detail-type'] === 'DummyAttached') });
  await world.clock.advance(60);
  await exhaustFor(world, HOURS);
  const since_ms = world.clock.now().getTime();
  await world.until('Failed');
  const seconds = (world.clock.now().getTime() - since_ms) / 1000;
  expect(seconds).toBeGreaterThan(210);
  // Two cycles, of which a minute was over, and the longest pause.
  expect(seconds).toBeLessThan(360 + 480 + 30);
  await world.until('Cleaned');
});

test('clean-up waits, too, and ends as it would have', async () => {
  const world = await World.quick();
  const violations = guard(world);
  await world.upload('app.war', { version: '2', health: '500' });
  await world.until('Failed');
  await exhaustFor(world, HOURS);
  const { detail } = await world.until('Cleaned');
  expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  expect(violations).toEqual([]);
});

test('the watchdog leaves to later rounds what it cannot look at, and no round is a dead letter', async () => {
  const world = await World.quick();
  await exhaustFor(world, HOURS);
  expect(world.aws.lambda.invocations.filter((one) => one.function === 'watchdog').length).toBeGreaterThan(HOURS * 10);
  expect(world.aws.lambda.invocations.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  expect(world.mails).toEqual([]);
});

describe('a request whose task cannot be read yet', () => {
  test('has its place: it is not asked for again, who comes later is refused, and it is run', async () => {
    const world = await World.quick();
    world.aws.eventBridge.deliveryPolicy = () => [0.5, 0.7, 30];
    const release = exhaust(world);
    await world.put('DeployRequested', { task: 'WAS', requestId: 'first', versions: world.fleet.versionIds[0] });
    await world.clock.advance(600);
    await world.put('DeployRequested', { task: 'WAS', requestId: 'second' });
    await world.clock.advance(HOURS * 3600);
    release();
    await world.until('Completed');
    const refused = world.events.filter((event) => event['detail-type'] === 'Refused');
    const answers = refused.map(({ detail }) => detail as { requestId: string; code: string });
    expect([...new Set(answers.map(({ requestId, code }) => `${requestId}: ${code}`))]).toEqual(['second: 401']);
    expect(world.story.filter((type) => type === 'Started')).toHaveLength(1);
  });

  test('is refused as at once, where it cannot be run', async () => {
    const world = await World.quick();
    const request = { task: 'WAS', versions: 'no-such-version' };
    await world.put('DeployRequested', { ...request, requestId: 'at-once' });
    const { detail: atOnce } = await world.until('Refused');
    await world.clock.advance(60);
    const release = exhaust(world);
    const after = world.events.length;
    await world.put('DeployRequested', { ...request, requestId: 'later' });
    await world.clock.advance(HOURS * 3600);
    release();
    const { detail: later } = await world.until('Refused', { after });
    expect(later).toEqual({ ...(atOnce as object), requestId: 'later' });
    await world.clock.advance(600);
    expect(world.mails).toHaveLength(2);
  });

  test('waits for the rules to be asked about, too: without them it is refused', async () => {
    const world = await World.quick();
    const stop = world.aws.endpoint.intercept((call, proceed) => {
      if (call.operation === 'ListRules') throw throttlingOf('eventbridge');
      return proceed();
    });
    await world.upload('app.war', { version: '2' });
    await world.clock.advance(600);
    expect(world.story).not.toContain('Started');
    stop();
    await world.until('Completed');
    expect(failures(world)).toEqual([]);
  });

  test('waits for its companions no longer than it would have', async () => {
    const world = await World.quick({
      fleet: { warKeys: ['app1.war', 'app2.war'], extraTags: { settleSeconds: '100' } },
    });
    const release = exhaust(world);
    await world.upload('app1.war', { version: '2' });
    await world.clock.advance(80);
    release();
    const since_ms = world.clock.now().getTime();
    await world.until('Started');
    expect((world.clock.now().getTime() - since_ms) / 1000).toBeLessThan(120);
    await world.until('Completed');
  });
});

describe('an upload that waits in the queue, since nobody can ask whose it is,', () => {
  test('is given up by an abort that is put meanwhile, and nothing is changed for it', async () => {
    const world = await World.quick();
    const release = exhaust(world);
    await world.upload('app.war', { version: '2' });
    await world.clock.advance(1800);
    await world.put('AbortRequested', { task: 'WAS' });
    await world.clock.advance(1800);
    release();
    expect((await world.until('Failed')).detail).toMatchObject({ code: 'T015' });
    await world.until('Cleaned');
    expect(world.story).not.toContain('DummyAttached');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  });

  test('is deployed where the abort was put before it', async () => {
    const world = await World.quick();
    await world.put('AbortRequested', { task: 'WAS' });
    await world.clock.advance(120);
    const release = exhaust(world);
    const versionId = await world.upload('app.war', { version: '2' });
    await world.clock.advance(1800);
    release();
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([versionId]);
  });
});
