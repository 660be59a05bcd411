/** Every deployment that ends has its place in the history, however it ends; and the newest of a task are one object. */
import { buildWar } from '../../local/fleet/war';
import { AwsError, type Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { STAGES, type StageName } from '../../shared/pipeline/flow';
import { blockDeployment } from '../harness/blocked';
import { historyOf } from '../harness/history';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

const INDEX = 'history/WAS.json';

const MANIFEST = 'Manifest-Version: 1.0\r\nImplementation-Version: 1.4.2\r\n\r\n';

/** The end of the deployment that runs, and what the history has of it. */
async function endedBy(world: World, detailType: string) {
  const { detail } = await world.until(detailType, { after: world.events.length });
  await world.clock.advance(30);
  const history = historyOf(world);
  return { detail, entry: await history.read(detail.deploymentId), newest: await history.newest() };
}

async function deployed(world: World, version: string) {
  await world.upload('app.war', { version });
  return endedBy(world, 'Completed');
}

describe('the history has a deployment', () => {
  test('with the cycle of a step whose very first look passed', async () => {
    const idle = { kind: 'application', way: 'direct', isAcrossZones: true } as const;
    const loadBalancers = [{ ...idle, targetGroups: [{ protocol: 'HTTP', isIdle: true } as const] }];
    const { entry } = await deployed(await World.quick({ fleet: { loadBalancers } }), '2');
    expect(entry?.stages.find(({ stage }) => stage === 'check-real')).toMatchObject({ cycles: 1 });
  });

  test('that completed: who asked, the versions by name, the time and the cycles of each stage, and what it has cost', async () => {
    const world = await World.quick();
    const [before] = world.fleet.versionIds;
    const bytes = buildWar({ 'META-INF/MANIFEST.MF': MANIFEST, health: '200' });
    const to = await world.uploadBytes('app.war', bytes, { Metadata: { build: '77' } });
    const { detail, entry, newest } = await endedBy(world, 'Completed');
    const war = { slot: 1, key: 'app.war', from: before, to, fromName: 'uploaded 2030-01-01 00:00:00 UTC' };
    expect(entry).toMatchObject({
      ...{ outcome: 'completed', status: 'completed', task: 'WAS', deploymentId: detail.deploymentId },
      ...{ requestedBy: 'the upload of app.war', request: { type: 'upload' }, oldGroup: 'was-blue' },
      wars: [{ ...war, toName: '1.4.2, build 77' }],
      findings: [],
      resolvedFailures: [],
    });
    expect(entry?.stages).toEqual(
      (detail.stages as { stage: string }[]).map((timed) => ({
        ...timed,
        seconds: expect.any(Number),
        ...(timed.stage.startsWith('check-') && { cycles: 1 }),
      })),
    );
    const seconds = entry?.stages.reduce((sum, stage) => sum + stage.seconds, 0);
    expect(Date.parse(entry?.endedAt ?? '') - Date.parse(entry?.begunAt ?? '')).toBeCloseTo((seconds ?? 0) * 1000, -1);
    expect(newest).toEqual([
      {
        ...{ deploymentId: detail.deploymentId, outcome: 'completed', requestedBy: 'the upload of app.war' },
        ...{ begunAt: entry?.begunAt, endedAt: entry?.endedAt },
        versions: `app.war 1.4.2, build 77 (${to.slice(0, 8)})`,
      },
    ]);
  });

  test('that failed and was cleaned: code, findings, and every cycle', async () => {
    const world = await World.quick();
    await world.upload('app.war', { health: '500' });
    const { detail, entry, newest } = await endedBy(world, 'Cleaned');
    expect(entry).toMatchObject({
      ...{ outcome: 'cleaned', status: 'failed', code: 'T001', summary: detail.summary, findings: detail.findings },
      message: expect.stringContaining('not healthy'),
      wars: [{ key: 'app.war', toName: expect.stringMatching(/^uploaded 2030/) }],
    });
    expect(entry?.findings.length).toBeGreaterThan(0);
    expect(entry?.stages).toEqual([
      { stage: 'start', seconds: expect.any(Number) },
      { stage: 'check-dummy', seconds: expect.any(Number), cycles: 2 },
      { stage: 'clean-up', seconds: expect.any(Number) },
    ]);
    expect(newest).toMatchObject([{ outcome: 'cleaned', code: 'T001' }]);
  });

  test('that was aborted', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.put('AbortRequested', { task: 'WAS', reason: 'the wrong one', requestedBy: 'jane' });
    const { entry } = await endedBy(world, 'Cleaned');
    expect(entry).toMatchObject({ outcome: 'aborted', code: 'T015', message: 'aborted by jane: the wrong one' });
  });

  test('that an operator has to decide about, and that is over once it is cleaned', async () => {
    const world = await World.quick();
    const { mend } = await blockDeployment(world);
    const history = historyOf(world);
    const [{ deploymentId = '' } = {}] = await history.newest();
    expect(await history.read(deploymentId)).toMatchObject({ outcome: 'blocked', status: 'blocked', code: 'T015' });
    await mend();
    await world.clock.advance(60);
    await world.put('CleanRequested', { task: 'WAS' });
    const { entry, newest } = await endedBy(world, 'Cleaned');
    expect(entry).toMatchObject({ deploymentId, outcome: 'aborted', status: 'failed' });
    expect(newest).toMatchObject([{ deploymentId, outcome: 'aborted' }]);
  });

  test('that was refused after its record was opened', async () => {
    const world = await World.quick({ fleet: { extraTags: { settleseconds: '60' } } });
    await world.uploadBytes('app.war', 'no zip');
    const { entry, newest } = await endedBy(world, 'Refused');
    expect(entry).toBeUndefined(); // the event names no deployment
    const read = await historyOf(world).read(newest[0]?.deploymentId);
    expect(read).toMatchObject({ outcome: 'refused', status: 'failed', code: '402', wars: [] });
    expect(read?.message).toContain('not a zip');
  });

  test('that went forward after it had failed', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('Swapped');
    const operator = new Operator(world);
    operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { status: 403, of: 'retire', times: 1 });
    const { entry } = await endedBy(world, 'Completed');
    expect(entry).toMatchObject({ outcome: 'completed', resolvedFailures: [{ code: 'T009', stage: 'retire' }] });
    expect(entry?.code).toBeUndefined();
  });
});

test('no upload that serves already is in the history: nothing was begun', async () => {
  const world = await World.quick({ fleet: { extraTags: { settleseconds: '60' } } });
  await world.clock.advance(600);
  expect((await world.record()).status).toBe('completed');
  expect(await historyOf(world).newest()).toEqual([]);
});

test('what a deployment has cost are the invocations of its stages, and every call that they made until it ended', async () => {
  const world = await World.quick();
  const writing = new Set<string>();
  let calls = 0;
  let isOver = false;
  world.aws.endpoint.intercept((call, proceed) => {
    const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
    if (isOver || !invocation || !STAGES.includes(invocation.function as StageName)) return proceed();
    calls++;
    if (call.operation === 'PutObject') writing.add(invocation.requestId);
    isOver = JSON.stringify(call.input).includes('"DetailType":"Completed"');
    return proceed();
  });
  const { entry } = await deployed(world, '2');
  expect(entry?.usage).toEqual({ invocations: writing.size, calls });
});

describe('the index', () => {
  test('has one line for each deployment, newest first', async () => {
    const world = await World.quick();
    const ids = [];
    for (const version of ['2', '3']) ids.unshift((await deployed(world, version)).detail.deploymentId);
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    ids.unshift((await endedBy(world, 'Completed')).detail.deploymentId);
    const body = await historyOf(world).body(INDEX);
    const lines = (body ?? '').split('\n').filter((line) => line.startsWith('{"deploymentId"'));
    expect(lines.map((line) => JSON.parse(line.replace(/,$/, '')).deploymentId)).toEqual(ids);
  });

  test.each<[string, (world: World) => Promise<unknown>]>([
    ['is deleted', (world) => historyOf(world).delete(INDEX)],
    ['is no JSON', (world) => historyOf(world).write(INDEX, '{"newest":[')],
    ['is of another shape', (world) => historyOf(world).write(INDEX, '{"schemaVersion":1,"newest":[{"a":1}]}')],
    ['is empty', (world) => historyOf(world).write(INDEX, '')],
  ])('is made anew from what there is, where it %s', async (_, damage) => {
    const world = await World.quick();
    const { newest } = await deployed(world, '2');
    await damage(world);
    expect(await historyOf(world).newest()).toEqual(newest); // also for who reads it before
    const { newest: after } = await deployed(world, '3');
    expect(after).toHaveLength(2);
    expect(after[1]).toEqual(newest[0]);
    expect(await historyOf(world).body(INDEX)).toContain(after[0]?.deploymentId);
  });

  test('is written again where somebody else was faster', async () => {
    const world = await World.quick();
    const { newest } = await deployed(world, '2');
    const other = { ...newest[0], deploymentId: '20300101T000000Z-000000', versions: 'theirs' };
    let races = 3;
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === 'PutObject' && call.input.Key === INDEX && isInvocationCaller(call.caller) && races > 0) {
        races--;
        const theirs = JSON.stringify({
          schemaVersion: 1,
          newest: [newest[0], { ...other, endedAt: `2030-01-01T0${races}:00:00Z` }],
        });
        world.aws.s3.operations.PutObject?.(
          { Bucket: call.input.Bucket, Key: INDEX, Body: Buffer.from(theirs) },
          { ...call, caller: { principal: 'operator', isAlive: () => true } },
        );
      }
      return proceed();
    });
    const { newest: after, detail } = await deployed(world, '3');
    expect(races).toBe(0);
    expect(after.map(({ deploymentId }) => deploymentId)).toEqual([
      detail.deploymentId,
      newest[0]?.deploymentId,
      other.deploymentId,
    ]);
  });

  test('keeps the newest fifty, and of ten thousand deployments they and one of them are read with two calls', async () => {
    const world = await World.quick();
    const { entry, detail } = await deployed(world, '2');
    const { Bucket = '' } = { Bucket: world.stack.outputs.StateBucketName };
    const operator = { principal: 'operator', isAlive: () => true };
    const idOf = (index: number) => `20291231T${String(index).padStart(6, '0')}Z-000000`;
    for (let index = 0; index < 9999; index++) {
      const Body = Buffer.from(JSON.stringify({ ...entry, deploymentId: idOf(index) }));
      const call: Call = { service: 's3', operation: 'PutObject', input: {}, requestId: 'many', caller: operator };
      world.aws.s3.operations.PutObject?.({ Bucket, Key: `history/WAS/${idOf(index)}.json`, Body }, call);
    }
    const history = historyOf(world);
    await history.delete(INDEX);
    const last = await deployed(world, '3'); // which makes the index anew
    let calls = 0;
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.service === 's3') calls++;
      return proceed();
    });
    const newest = await history.newest();
    expect(await history.read(newest[49]?.deploymentId)).toMatchObject({ deploymentId: idOf(9951) });
    expect(calls).toBe(2);
    expect(newest).toHaveLength(50);
    expect(newest.slice(0, 3).map(({ deploymentId }) => deploymentId)).toEqual([
      last.detail.deploymentId,
      detail.deploymentId,
      idOf(9998),
    ]);
  });
});

describe('where the history cannot be written', () => {
  async function refusing(code: string, status: number) {
    const world = await World.quick();
    let isRefused = true;
    let asked = 0;
    world.aws.endpoint.intercept(async (call, proceed) => {
      const isHistory = call.operation === 'PutObject' && String(call.input.Key).startsWith('history/');
      if (!isHistory || !isRefused) return proceed();
      asked++;
      throw new AwsError(code, 'not now', status);
    });
    await world.upload('app.war', { version: '2' });
    const { detail } = await world.until('Completed');
    await world.clock.advance(30);
    return { world, detail, allow: () => (isRefused = false), timesAsked: () => asked };
  }

  test('for good, the deployment has ended all the same, the log says so, and it is not tried for ever', async () => {
    const { world, detail, timesAsked } = await refusing('AccessDenied', 403);
    expect(await world.record()).toMatchObject({ status: 'completed', outbox: { published: true } });
    expect(world.mails.at(-1)).toMatch(/^\[Success\]/);
    const logged = world.logs.find(({ line }) => line.includes('the history is not written'));
    expect(logged?.line).toContain(String(detail.deploymentId));
    const times = timesAsked();
    await world.clock.advance(1800);
    expect(timesAsked()).toBe(times);
  });

  test('for a while, the deployment has ended all the same, and the watchdog makes up for it, with no mail repeated', async () => {
    const { world, detail, allow } = await refusing('InternalError', 500);
    expect((await world.record()).status).toBe('completed');
    const mails = world.mails.length;
    allow();
    await world.clock.advance(1200);
    const history = historyOf(world);
    expect(await history.read(detail.deploymentId)).toMatchObject({ outcome: 'completed' });
    expect(await history.newest()).toHaveLength(1);
    expect((await world.record()).outbox.published).toBe(true);
    expect(world.mails).toHaveLength(mails);
  });

  test('and the next deployment begins before that, it is the next one that makes up for it', async () => {
    const { world, detail, allow } = await refusing('InternalError', 500);
    allow();
    await world.upload('app.war', { version: '3' });
    await world.until('DummyAttached', { after: world.events.length });
    expect(await historyOf(world).read(detail.deploymentId)).toMatchObject({ outcome: 'completed' });
  });

  test('and the next deployment would begin meanwhile, it begins once the history is written', async () => {
    const { world, detail, allow } = await refusing('SlowDown', 503);
    await world.upload('app.war', { version: '3' });
    await world.clock.advance(30);
    expect(await world.record()).toMatchObject({ deploymentId: detail.deploymentId });
    allow();
    await world.until('Completed', { after: world.events.length });
    expect((await historyOf(world).newest()).map(({ deploymentId }) => deploymentId)).toContain(detail.deploymentId);
  });
});

test('what earlier versions kept is read, and stands in an index that is made anew', async () => {
  const world = await World.quick();
  const { detail } = await deployed(world, '2');
  const history = historyOf(world);
  const record = await world.record();
  const deploymentId = '20291230T120000Z-abcdef';
  const kept = { ...record, deploymentId, status: 'running', stage: 'retire', completedAt: '2029-12-30T12:05:00.000Z' };
  const timeline = [{ stage: 'start', at: '2029-12-30T12:00:00.000Z' }];
  await history.write(`history/WAS/${deploymentId}.json`, JSON.stringify({ ...kept, timeline, stages: [] }));
  await history.write(`history/WAS/20291230T110000Z-abcdef.json`, 'damaged');
  await history.delete(INDEX);
  expect(await history.read(deploymentId)).toMatchObject({
    ...{ outcome: 'completed', status: 'completed', endedAt: kept.completedAt, requestedBy: 'the upload of app.war' },
    ...{ wars: [{ key: 'app.war', from: world.fleet.versionIds[0] }], stages: [{ stage: 'start', seconds: 300 }] },
  });
  const newest = await history.newest();
  expect(newest.map((line) => line.deploymentId)).toEqual([detail.deploymentId, deploymentId]);
});
