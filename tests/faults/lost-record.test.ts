/** A record that is lost: who says so, what is kept, and what is never done for want of knowing. */
import { packagedTemplate } from '../../local/cloudformation/template';
import { heldMarkOf } from '../../shared/deployment/versions';
import { UNKNOWN_CLAIM_SECONDS } from '../../shared/pipeline/record';
import { fleetState } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { RecordObject } from '../harness/record-object';
import { World } from '../harness/world';

const WAYS: [how: string, lose: (record: RecordObject) => void][] = [
  ['damaged', (record) => record.overwrite('{"schemaVersion":1,')],
  ['deleted', (record) => record.delete()],
];

function forgetAll(record: RecordObject): void {
  for (const versionId of record.versionIds) record.delete(versionId);
}

/** Uploads, and answers the version, once it serves. */
async function deployed(world: World, version: string): Promise<string> {
  const after = world.events.length;
  const versionId = await world.upload('app.war', { version });
  await world.until('Completed', { after });
  await world.clock.advance(120);
  return versionId;
}

async function asked(world: World, type: string, detail: object, answer: string): Promise<Record<string, unknown>> {
  const after = world.events.length;
  await world.put(type, { task: 'WAS', ...detail });
  return (await world.until(answer, { after, limitSeconds: 3600 })).detail;
}

const cleaned = (world: World) => asked(world, 'CleanRequested', {}, 'Cleaned');

function lastMail(world: World, subject: RegExp): string {
  return world.aws.sns.mails.findLast((mail) => subject.test(mail.subject ?? ''))?.body ?? '';
}

describe.each(WAYS)('a record that is %s between deployments', (how, lose) => {
  test('is no surprise afterwards: what served and what is held is known, and each set can be gone back to', async () => {
    const world = await World.quick();
    const second = await deployed(world, '2');
    await asked(world, 'DeployRequested', { versions: 'previous' }, 'Completed');
    await world.clock.advance(120);
    const { servedSets, heldVersions } = await world.record();
    expect(heldVersions).toEqual({ 'app.war': [heldMarkOf(second)] });
    const before = await fleetState(world);
    lose(new RecordObject(world));
    await world.clock.advance(1200);
    expect(await cleaned(world)).toMatchObject({ outcome: 'cleaned' });
    await world.clock.advance(120);
    expect(await fleetState(world)).toEqual(before);
    expect(await world.record()).toMatchObject({ servedSets, heldVersions });
    expect(lastMail(world, /Deploy Clean/)).toMatch(/was taken instead: what was noted later is lost/);

    await asked(world, 'DeployRequested', {}, 'Completed');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds); // what was rolled back from is held
    await world.clock.advance(120);
    await asked(world, 'DeployRequested', { versions: 'previous' }, 'Completed');
    expect(world.servedVersions()).toEqual([second]);
  });

  test('is told of once: a later clean-up has nothing to say of it', async () => {
    const world = await World.quick();
    await deployed(world, '2');
    lose(new RecordObject(world));
    await cleaned(world);
    await world.clock.advance(120);
    expect(lastMail(world, /Deploy Clean/)).toContain('The record of the task');
    await cleaned(world);
    await world.clock.advance(60);
    expect(lastMail(world, /Deploy Clean/)).not.toContain('The record of the task');
  });

  test('has other requests refused, with what mends it; and again once it is mended they are run', async () => {
    const world = await World.quick();
    await deployed(world, '2');
    lose(new RecordObject(world));
    const refused = await asked(world, 'DeployRequested', {}, 'Refused');
    expect(refused).toMatchObject({ code: '401', message: expect.stringContaining('CleanRequested') });
    expect(String(refused.message)).toContain(how);
    const aborted = await asked(world, 'AbortRequested', { reason: 'no' }, 'Refused');
    expect(aborted).toMatchObject({
      code: '418',
      request: 'Abort',
      message: expect.stringContaining('CleanRequested'),
    });
    await world.clock.advance(60);
    expect(world.mails.slice(-2)).toEqual([
      '[Failed] Deploy Start Failed(Task : WAS, errCode : 401)',
      '[Refused] Abort(Task : WAS)',
    ]);
    await cleaned(world);
    await asked(world, 'DeployRequested', {}, 'Completed');
  });

  test('has an upload refused with a mail, not forgotten', async () => {
    const world = await World.quick();
    await deployed(world, '2');
    lose(new RecordObject(world));
    const after = world.events.length;
    await world.upload('app.war', { version: '3' });
    expect((await world.until('Refused', { after, limitSeconds: 600 })).detail).toMatchObject({ code: '401' });
  });

  test('is not mended by a replay', async () => {
    const world = await World.quick();
    await deployed(world, '2');
    await cleaned(world);
    await world.clock.advance(1200);
    lose(new RecordObject(world));
    const [after, mails] = [world.events.length, world.mails];
    await world.replay('all-of-it');
    await world.clock.advance(250);
    const own = world.events.slice(after).filter((event) => event['replay-name'] === undefined);
    expect(own.map((event) => event['detail-type']).filter((type) => type !== 'CheckDue')).toEqual([]);
    expect(world.mails.filter((subject) => !subject.startsWith('[Error] Pipeline'))).toEqual(mails);
  });

  test('lets the upload that waited go on, also one that was taken from an older version', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.clock.advance(5);
    const third = await world.upload('app.war', { version: '3' });
    await world.clock.advance(5);
    lose(new RecordObject(world));
    const after = world.events.length;
    await cleaned(world);
    await world.until('Completed', { after });
    await world.clock.advance(60);
    expect(world.servedVersions()).toEqual([third]);
  });
});

test('what was run after the version that is taken is not run by a replay, although nobody knows of it', async () => {
  const world = await World.quick();
  const record = new RecordObject(world);
  const second = await deployed(world, '2');
  const known = record.versionIds;
  await asked(world, 'DeployRequested', { versions: world.fleet.versionIds.join() }, 'Completed');
  await world.clock.advance(120);
  await asked(world, 'DeployRequested', { versions: second }, 'Completed');
  await world.clock.advance(1200);
  for (const versionId of record.versionIds.filter((id) => !known.includes(id))) record.delete(versionId);
  record.overwrite('{}');
  await cleaned(world);
  await world.clock.advance(120);
  await world.replay('all-of-it');
  await world.clock.advance(3600);
  expect(world.servedVersions()).toEqual([second]);
  expect(world.story.filter((type) => type === 'Completed').length).toBeGreaterThan(3); // the replayed ones
  expect(new Set(world.events.flatMap(({ detail }) => detail.deploymentId ?? [])).size).toBe(4);
});

test('a replay into an empty history, before anybody cleaned, runs no request that names its versions', async () => {
  const world = await World.quick();
  const second = await deployed(world, '2');
  await asked(world, 'DeployRequested', { versions: world.fleet.versionIds.join() }, 'Completed');
  await asked(world, 'DeployRequested', { versions: second }, 'Completed');
  await world.clock.advance(1200);
  forgetAll(new RecordObject(world));
  await world.replay('all-of-it');
  await world.clock.advance(3600);
  expect(world.servedVersions()).toEqual([second]);
});

test('the mail of a damaged record names the command, and the stages go on in silence meanwhile', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  new RecordObject(world).overwrite('{}');
  await world.clock.advance(2000);
  const mail = lastMail(world, /^\[Error\] Pipeline/);
  expect(mail).toContain('The task WAS cannot be looked after.');
  expect(mail).toMatch(/aws events put-events .*CleanRequested.*WAS/);
  expect(world.mails.filter((subject) => /Failed|Clean/.test(subject))).toEqual([]);
});

test('what is damaged is set aside, once for each damage, and its mail says where', async () => {
  const world = await World.quick();
  await deployed(world, '2');
  const record = new RecordObject(world);
  for (const body of ['{}', 'no JSON', '{}']) {
    record.overwrite(body);
    await cleaned(world);
    await world.clock.advance(120);
  }
  expect(record.setAside).toHaveLength(2);
  expect(record.setAside[0]).toMatch(/^damaged\/tasks\/WAS\.json\/\w+$/);
  expect(lastMail(world, /Deploy Clean/)).toContain('damaged/');
});

test('two requests at the same moment mend it once', async () => {
  for (const [, lose] of WAYS) {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('Swapped');
    lose(new RecordObject(world));
    const after = world.events.length;
    await Promise.all(
      [1, 2].map((time) => world.put('CleanRequested', { task: 'WAS', requestedBy: `operator ${time}` })),
    );
    const { detail } = await world.until('Completed', { after });
    await world.clock.advance(900);
    expect(detail.lost).toHaveLength(3);
    expect(await world.record()).toMatchObject({ status: 'completed' });
    expect(world.mails.filter((subject) => /^\[Success\] Non-disruptive/.test(subject))).toHaveLength(1);
  }
});

test('a second request leaves alone what the first one has going forward', async () => {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 300 } });
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  new RecordObject(world).delete();
  await world.put('CleanRequested', { task: 'WAS' });
  await world.clock.advance(90);
  expect(await world.record()).toMatchObject({ status: 'running', stage: 'swap' });
  expect(await asked(world, 'CleanRequested', {}, 'Refused')).toMatchObject({ code: '418' });
  await world.until('Completed');
});

describe('where no version can be read, the group that serves alone is never taken down', () => {
  /** Active is being drained, or is drained already. */
  async function detached(lateSeconds: number) {
    const world = await World.quick({ fleet: { deregistrationDelaySeconds: 120 } });
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    await world.until('CheckPending', { after: world.events.length });
    await world.clock.advance(lateSeconds);
    return { world, operator: new Operator(world), violations: guard(world) };
  }

  test.each([
    ['well', undefined, 0],
    ['ill at that moment', 503, 0],
    ['well, and Active drained', undefined, 100],
  ])('while Active is detached and StandBy is %s', async (_, health, lateSeconds) => {
    const { world, operator, violations } = await detached(lateSeconds);
    forgetAll(new RecordObject(world));
    await operator.suspend('was-green', ['ReplaceUnhealthy', 'HealthCheck']);
    if (health) await operator.setHealth('was-green', health);
    await world.clock.advance(30);
    const result = await cleaned(world);
    expect(result).toMatchObject({ outcome: 'operator-needed', summary: expect.stringContaining('was-green') });
    expect((await world.group('was-green')).TargetGroupARNs).toEqual(world.fleet.targetGroupArns);
    expect(await world.size('was-green')).toBe('2/2/4');
    await operator.setHealth('was-green', undefined);
    await world.clock.advance(600);
    expect(world.servedVersions()).toHaveLength(1);
    expect(violations).toEqual([]);
  });

  test('while a stage that nobody knows of is about to detach Active', async () => {
    const world = await World.quick();
    const violations = guard(world);
    let isSlow = false;
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (!isSlow && call.operation.startsWith('Detach') && call.input.AutoScalingGroupName === 'was-blue') {
        isSlow = true;
        forgetAll(new RecordObject(world));
        await world.clock.sleep(25);
      }
      return proceed();
    });
    await world.upload('app.war', { version: '2' });
    await world.clock.runUntil(() => isSlow, 4 * 3600);
    await world.put('CleanRequested', { task: 'WAS' });
    await world.clock.advance(1800);
    expect([violations, world.servedVersions().length]).toEqual([[], 1]);
    expect((await world.record()).status).not.toBe('cleaning');
  });

  test('while Active is detached from one of two', async () => {
    const world = await World.quick({ fleet: { targetGroups: 2 } });
    const operator = new Operator(world);
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    forgetAll(new RecordObject(world));
    await world.clock.advance(60);
    const [first = ''] = world.fleet.targetGroupArns;
    await operator.attach('was-blue', world.fleet.targetGroupArns);
    await world.clock.advance(60);
    await operator.detach('was-blue', [first]);
    await world.clock.advance(120);
    expect(await cleaned(world)).toMatchObject({ outcome: 'operator-needed' });
    expect(await operator.statesOn(first, 'was-green')).toEqual(['healthy', 'healthy']);
  });

  test.each(['Active', 'StandBy'])(
    'while both are tagged %s: it is refused, and says what to mend first',
    async (type) => {
      const { world, operator } = await detached(0);
      const record = new RecordObject(world);
      forgetAll(record);
      record.overwrite('{}');
      for (const group of ['was-blue', 'was-green']) await operator.tag(group, 'type', type);
      const refused = await asked(world, 'CleanRequested', {}, 'Refused');
      expect(refused).toMatchObject({ code: '400', request: 'Clean' });
      expect(await world.size('was-green')).toBe('2/2/4');
      await operator.tag('was-blue', 'type', 'StandBy');
      await operator.tag('was-green', 'type', 'Active');
      await world.clock.advance(200);
      expect(await cleaned(world)).toMatchObject({ outcome: 'cleaned' });
      expect([await world.size('was-blue'), world.servedVersions().length]).toEqual(['0/0/0', 1]);
    },
  );
});

test('a record that was deleted under way leaves no dummy longer than an hour, and nothing else is touched', async () => {
  const world = await World.quick({ fleet: { healthCheckIntervalSeconds: 30 } });
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  new RecordObject(world).delete();
  await world.clock.advance(4200);
  expect(await world.dummies()).toEqual([]);
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});

test('a stage that nobody knows of is waited for as long as any can act, and its claim with it', () => {
  const { Resources } = packagedTemplate({});
  const timeouts = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' ? [Number(Properties?.Timeout)] : [],
  );
  expect(UNKNOWN_CLAIM_SECONDS).toBeGreaterThanOrEqual(Math.max(...timeouts) + 5);
});
