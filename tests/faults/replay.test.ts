/** Replaying the archive is a repair: what was handled is skipped, what was lost is run. */
import { World } from '../harness/world';

/** Longer than it takes until an event is in the archive. */
const UNTIL_ARCHIVED_SECONDS = 1200;

test('replaying the archive of a finished deployment changes nothing and mails nothing', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  const before = [
    world.mails,
    await world.record(),
    world.servedVersions(),
    await world.size(world.fleet.standByGroup),
  ];
  const replayedFrom = world.events.length;
  await world.replay('all-of-it');
  await world.clock.advance(3600);

  const replayed = world.events.slice(replayedFrom);
  expect(replayed.map((event) => event['detail-type'])).toContain('Swapped');
  // A replayed CheckPending is due again, and refused by its stage; nothing else comes of a replay.
  const newEvents = replayed.filter((event) => event['replay-name'] === undefined);
  expect([...new Set(newEvents.map((event) => event['detail-type']))]).toEqual(['CheckDue']);
  const after = [world.mails, await world.record(), world.servedVersions(), await world.size(world.fleet.standByGroup)];
  expect(after).toEqual(before);
});

test('replaying two deployments does not run the older one again', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(300);
  const after = world.events.length;
  const newest = await world.upload('app.war', { version: '3' });
  await world.until('Completed', { after });
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  const mails = world.mails;
  await world.replay('both');
  await world.clock.advance(3600);
  expect(world.servedVersions()).toEqual([newest]);
  expect(world.mails).toEqual(mails);
});

test('a refused request stays refused when it is replayed, also when it could be run by now', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.put('DeployRequested', { task: 'WAS', versions: world.fleet.versionIds[0] });
  await world.until('Refused');
  await world.until('Completed');
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  const [mails, served] = [world.mails, world.servedVersions()];
  await world.replay('after-a-refusal');
  await world.clock.advance(3600);
  expect(world.servedVersions()).toEqual(served);
  expect(world.mails).toEqual(mails);
});

test.each([
  ...['DeployRequested', 'DummyAttached', 'CheckPending', 'CheckDue', 'Step1Passed', 'RealAttached', 'Step2Passed'],
  'Swapped',
])('a deployment that stopped because a %s was lost is finished by a replay', async (lost) => {
  const world = await World.quick();
  let losses = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event, target }) => {
    const isLost = event['detail-type'] === lost && losses === 0 && !target.Arn?.includes('notify');
    if (isLost) losses++;
    return isLost ? [] : [0.5];
  };
  await world.clock.run(world.stopWatchdog()); // or it would have repaired this before anybody could
  const version = await world.upload('app.war', { version: '2' });
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  expect(losses).toBe(1);
  expect(world.story).not.toContain('Completed');

  await world.replay('repair');
  await world.until('Completed');
  await world.clock.advance(600);
  expect(world.servedVersions()).toEqual([version]);
  expect(new Set(world.events.flatMap(({ detail }) => detail.deploymentId ?? [])).size).toBe(1);
  expect(world.mails).toEqual([...new Set(world.mails)]);
});

/** The types of the events that a replay of everything leads to, without those that it repeats. */
async function cameOfReplay(world: World): Promise<string[]> {
  await world.clock.advance(UNTIL_ARCHIVED_SECONDS);
  const replayedFrom = world.events.length;
  await world.replay('all-of-it');
  await world.clock.advance(1800);
  const own = world.events.slice(replayedFrom).filter((event) => event['replay-name'] === undefined);
  return own.map((event) => event['detail-type']);
}

test('an upload that failed is not run again by a replay, although another request was run since', async () => {
  const world = await World.quick();
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  await world.put('DeployRequested', { task: 'WAS', versions: world.fleet.versionIds.join(',') });
  await world.until('Completed');
  expect(await cameOfReplay(world)).not.toContain('Started');
});

test('an upload that an abort dropped is not run by a replay', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.clock.advance(5);
  await world.upload('app.war', { version: '3' });
  await world.clock.advance(5);
  await world.put('AbortRequested', { task: 'WAS' });
  await world.until('Cleaned');
  expect(await cameOfReplay(world)).not.toContain('Started');
});
