/** Two who ask in the same instant: one loses the race for the record, and decides anew. Nothing fails by that. */
import { uploadWar } from '../../local/example/fleet';
import { World } from '../harness/world';

const SEEDS = 100;
const WARS = ['app1.war', 'app2.war'];

/** Both wars are put at once; with `isExact`, every event also arrives after exactly the same time. */
async function putTwoWars(
  seed: number,
  { settleSeconds, health, isExact }: { settleSeconds: string; health: string; isExact: boolean },
): Promise<{ world: World; versions: string[] }> {
  const world = await World.quick({ seed, fleet: { warKeys: WARS, instances: 1, extraTags: { settleSeconds } } });
  if (isExact) world.aws.eventBridge.deliveryPolicy = () => [0.5];
  const puts = WARS.map((key) => uploadWar(world.aws, world.fleet.bucket, key, { version: '2', health }));
  return { world, versions: await world.clock.run(Promise.all(puts)) };
}

function countOf(world: World, detailType: string): number {
  return world.story.filter((type) => type === detailType).length;
}

/** Every invocation that did not succeed. */
function failedInvocations(world: World): string[] {
  const failed = world.aws.lambda.invocations.filter(({ outcome }) => outcome !== 'succeeded');
  return failed.map((invocation) => `${invocation.function}: ${JSON.stringify(invocation.response)}`);
}

const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);

/** Half of the seeds let uploads settle, half do not; half have a delay that varies. */
function variantOf(seed: number): { settleSeconds: string; isExact: boolean } {
  return { settleSeconds: seed % 2 === 0 ? '0' : '20', isExact: seed % 4 < 2 };
}

test(`two wars put in the same instant are one deployment of both (${SEEDS} seeds)`, async () => {
  for (const seed of seeds) {
    const { world, versions } = await putTwoWars(seed, { ...variantOf(seed), health: '200' });
    await world.until('Completed');
    await world.clock.advance(900);
    expect({ seed, started: countOf(world, 'Started'), failed: failedInvocations(world) }).toEqual({
      ...{ seed, started: 1, failed: [] },
    });
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual(versions.map((version) => [version]));
    expect(world.mails).toEqual([...new Set(world.mails)]);
    expect(world.mails.filter((subject) => subject.startsWith('[Success]'))).toHaveLength(1);
  }
}, 300_000);

test('two broken wars put in the same instant fail once, and are mailed once', async () => {
  for (const seed of seeds.slice(0, 20)) {
    const { world } = await putTwoWars(seed, { ...variantOf(seed), health: '500' });
    await world.until('Cleaned');
    await world.clock.advance(1800);
    const counts = ['Started', 'Failed', 'Cleaned'].map((type) => countOf(world, type));
    expect({ seed, counts, failed: failedInvocations(world) }).toEqual({ seed, counts: [1, 1, 1], failed: [] });
    expect(world.mails).toEqual([...new Set(world.mails)]);
    expect((await world.record()).pending).toBeUndefined();
  }
}, 300_000);

test('nine wars put in the same instant, each of them told twice, are one deployment too', async () => {
  const warKeys = Array.from({ length: 9 }, (_, index) => `app${index + 1}.war`);
  for (const seed of seeds.slice(0, 8)) {
    const settleSeconds = seed % 2 === 0 ? '0' : '20';
    const world = await World.quick({ seed, fleet: { warKeys, instances: 1, extraTags: { settleSeconds } } });
    world.aws.eventBridge.deliveryPolicy = ({ event }) =>
      event['detail-type'] === 'DeployRequested' ? [0.5, 0.5 + world.aws.random.next()] : [0.5];
    const puts = warKeys.map((key) => uploadWar(world.aws, world.fleet.bucket, key, { version: '2' }));
    await world.clock.run(Promise.all(puts));
    await world.until('Completed');
    await world.clock.advance(900);
    expect({ seed, started: countOf(world, 'Started'), failed: failedInvocations(world) }).toEqual({
      ...{ seed, started: 1, failed: [] },
    });
    expect(world.mails).toEqual([...new Set(world.mails)]);
  }
});

test('a deployment asked for twice in the same instant runs once, and neither request is refused', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = () => [0.5];
  await Promise.all([
    world.put('DeployRequested', { task: 'WAS' }),
    world.put('DeployRequested', { task: 'WAS', requestedBy: 'bob' }),
  ]);
  await world.until('Completed');
  await world.clock.advance(900);
  expect([countOf(world, 'Started'), countOf(world, 'Refused')]).toEqual([1, 0]);
  expect(failedInvocations(world)).toEqual([]);
});

test('two who ask for different versions in the same instant: one runs, and the other is told that it does not', async () => {
  const world = await World.quick();
  const [first = ''] = world.fleet.versionIds;
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  world.aws.eventBridge.deliveryPolicy = () => [0.5];
  const after = world.events.length;
  await Promise.all([
    world.put('DeployRequested', { task: 'WAS', versions: first }),
    world.put('DeployRequested', { task: 'WAS', versions: 'latest' }),
  ]);
  const { detail } = await world.until('Refused', { after });
  expect(detail).toMatchObject({ code: '401' });
  await world.until('Completed', { after });
});

test('a broken war whose event comes again long after its deployment has failed is not deployed again', async () => {
  const world = await World.quick({ fleet: { warKeys: WARS, extraTags: { settleSeconds: '0' } } });
  let seen = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event }) => (event.source === 'aws.s3' && ++seen === 2 ? [1500] : [0.5]);
  const puts = WARS.map((key) => uploadWar(world.aws, world.fleet.bucket, key, { health: '500' }));
  await world.clock.run(Promise.all(puts));
  await world.until('Cleaned');
  await world.clock.advance(3600);
  expect(seen).toBe(2);
  expect(['Started', 'Failed', 'Cleaned'].map((type) => countOf(world, type))).toEqual([1, 1, 1]);
});

test('an abort and a clean in the instant in which a stage writes are decided anew, and one of them ends it', async () => {
  for (const seed of seeds.slice(0, 20)) {
    const world = await World.quick({ seed });
    await world.upload('app.war', { version: '2' });
    await world.until('CheckDue');
    await Promise.all([
      world.put('AbortRequested', { task: 'WAS' }),
      world.put('CleanRequested', { task: 'WAS' }),
      world.put('AbortRequested', { task: 'WAS', reason: 'twice' }),
    ]);
    await world.until('Failed');
    await world.clock.advance(900);
    expect(failedInvocations(world)).toEqual([]);
    expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
    expect(world.events.filter(({ detail }) => detail.outcome === 'cleaned')).toHaveLength(1);
  }
});

test.each([
  ['in the same instant', [0.5, 0.5]],
  ['later', [0.5, 20]],
])('an upload that waits, and whose event comes again %s, is deployed in its turn', async (_, delays) => {
  const world = await World.quick();
  await world.put('DeployRequested', { task: 'WAS', versions: world.fleet.versionIds[0] });
  await world.until('DummyAttached');
  world.aws.eventBridge.deliveryPolicy = ({ event }) => (event['detail-type'] === 'DeployRequested' ? delays : [0.5]);
  const version = await world.upload('app.war', { version: '2' });
  await world.clock.advance(30);
  expect((await world.record()).pending?.upload).toMatchObject({ versionId: version });
  await world.until('Completed');
  await world.until('Completed', { after: world.events.length });
  expect(world.servedVersions()).toEqual([version]);
});

test('what two asked for in one second is not run by a replay, whoever was the first', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const ask = (requestedBy: string) => world.put('DeployRequested', { task: 'WAS', versions: 'previous', requestedBy });
  let after = world.events.length;
  await Promise.all([ask('ann'), ask('bob')]);
  await world.until('Completed', { after });
  after = world.events.length;
  const version = await world.upload('app.war', { version: '3' });
  await world.until('Completed', { after });
  await world.clock.advance(1200);
  const started = countOf(world, 'Started');
  await world.replay('all');
  await world.clock.advance(3600);
  const deployments = world.events.filter((event) => event['detail-type'] === 'Started' && !('replay-name' in event));
  expect(deployments).toHaveLength(started);
  expect(world.servedVersions()).toEqual([version]);
});
