/** A stage that parks: nobody looks until somebody wakes it, or its limit is over. */
import { HELD, holdHandlers, withHold } from '../harness/hold';
import { World, type WorldOptions } from '../harness/world';

const WAR = 'app.war';

function heldWorld({ fleet, ...options }: WorldOptions = {}): Promise<World> {
  return World.quick({ ...options, fleet: { extraTags: HELD, ...fleet }, handlers: holdHandlers, extend: withHold });
}

/** The deployment is parked before the swap, and its look of a moment ago is over. */
async function park(world: World): Promise<string> {
  const version = await world.upload(WAR, { version: '2' });
  const { detail } = await world.until('Step2Passed');
  expect(detail.next).toBe('hold');
  await world.clock.advance(60);
  expect(await world.record()).toMatchObject({ stage: 'hold', status: 'running', outbox: { events: [] } });
  return version;
}

/** What goes on in the world in an hour: events of every bus, calls of every function. */
async function anHourOf(world: World): Promise<{ events: number; calls: number }> {
  const seen = { events: 0, calls: 0 };
  world.aws.eventBridge.onEvent(() => seen.events++);
  world.aws.endpoint.intercept((_, proceed) => {
    seen.calls++;
    return proceed();
  });
  await world.clock.advance(3600);
  return seen;
}

test('an hour parked is next to nothing, and the deployment goes on when it is released', async () => {
  const world = await heldWorld({ fleet: { extraTags: { ...HELD, repetitions: '9' } } });
  const version = await park(world);
  const parked = await anHourOf(world);
  expect(await world.record()).toMatchObject({ stage: 'hold', status: 'running' });

  const idle = await heldWorld({ fleet: { extraTags: { ...HELD, repetitions: '9' } } });
  await idle.upload(WAR, { version: '2' });
  await idle.until('Step2Passed');
  await idle.put('HoldReleased', { task: 'WAS' });
  await idle.until('Completed');
  await idle.clock.advance(60);
  const nothing = await anHourOf(idle);
  expect(nothing.calls).toBeGreaterThan(0); // the watchdog looks

  expect(parked.events - nothing.events).toBeLessThanOrEqual(15);
  expect(parked.calls - nothing.calls).toBeLessThanOrEqual(36);

  await world.put('HoldReleased', { task: 'WAS' });
  await world.until('Completed');
  expect(world.servedVersions()).toEqual([version]);
  expect(world.story).not.toContain('Failed');
});

test('the watchdog wakes it when its limit, which the plan gives, is over: then it fails with its own code', async () => {
  const world = await heldWorld();
  await park(world);
  const parkedAt = Date.parse((await world.record()).progress.waitingSince ?? '');
  const { detail, time } = await world.until('Failed');
  expect(detail).toMatchObject({ stage: 'hold', code: 'T017', message: expect.stringContaining('to release it') });
  expect((Date.parse(time) - parkedAt) / 1000).toBeGreaterThan(1200);
  expect((Date.parse(time) - parkedAt) / 1000).toBeLessThan(1200 + 300 + 60);
  await world.until('Cleaned');
  await world.clock.advance(120);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
});

test('an abort ends it at once, and a release that comes later changes nothing', async () => {
  const world = await heldWorld();
  await park(world);
  await world.put('AbortRequested', { task: 'WAS' });
  expect((await world.until('Cleaned', { limitSeconds: 600 })).detail).toMatchObject({
    outcome: 'cleaned',
    code: 'T015',
  });
  await world.clock.advance(60);
  const after = world.events.length;
  await world.put('HoldReleased', { task: 'WAS' });
  await world.clock.advance(600);
  expect(world.events.slice(after).map((event) => event['detail-type'])).toEqual(['HoldReleased']);
});

test('a task that is not held passes by', async () => {
  const world = await heldWorld({ fleet: { extraTags: {} } });
  await world.upload(WAR, { version: '2' });
  expect((await world.until('Step2Passed')).detail.next).toBeUndefined();
  await world.until('Completed');
});

test('a release that is delivered twice, or whose Step2Passed is, swaps once', async () => {
  const world = await heldWorld();
  const version = await park(world);
  world.aws.eventBridge.deliveryPolicy = () => [0.5, 0.6, 70];
  await world.put('HoldReleased', { task: 'WAS' });
  await world.until('Completed');
  await world.clock.advance(1800);
  expect(world.servedVersions()).toEqual([version]);
  const swapped = world.events.filter((event) => event['detail-type'] === 'Swapped');
  expect(new Set(swapped.map(({ detail }) => detail.seq)).size).toBe(1);
});

test('a tag that says something else is refused before anything is changed', async () => {
  const world = await heldWorld({ fleet: { extraTags: { hold: 'please' } } });
  await world.upload(WAR, { version: '2' });
  const { detail } = await world.until('Refused', { limitSeconds: 300 });
  expect(`${detail.code}: ${detail.message}`).toMatch(/^400: .* hold = please.*, which is none of beforeswap$/);
});
