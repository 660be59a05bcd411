/** What can be asked for, and what becomes of it: versions, capacity, companions, the queue of one, held versions. */
import { AutoScalingClient, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import type { Call } from '../../local/kernel/service';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

/** Lets time pass until so many deployments have completed. */
async function completions(world: World, count: number): Promise<void> {
  const completed = () => world.events.filter((event) => event['detail-type'] === 'Completed').length;
  await world.clock.runUntil(() => completed() === count, 4 * 3600);
  await world.clock.advance(120);
}

function bodyOf(world: World, subject: string, index = -1): string {
  return world.aws.sns.mails.filter((mail) => mail.subject?.startsWith(subject)).at(index)?.body ?? '';
}

describe('versions', () => {
  test('previous goes back to what served before, and back again', async () => {
    const world = await World.quick();
    const second = await world.upload('app.war', { version: '2' });
    await completions(world, 1);
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    await completions(world, 2);
    expect(world.servedVersions()).toEqual([world.fleet.versionIds[0]]);
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    await completions(world, 3);
    expect(world.servedVersions()).toEqual([second]);
  });

  test('previous is refused where no deployment is known', async () => {
    const world = await World.quick();
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    const { detail } = await world.until('Refused', { limitSeconds: 300 });
    expect(detail).toMatchObject({ code: '414', message: expect.stringContaining('no completed deployment is known') });
  });

  test('an empty item keeps what serves', async () => {
    const world = await World.quick({
      fleet: { warKeys: ['a.war', 'b.war'], extraTags: { settleSeconds: '0' } },
    });
    const a2 = await world.upload('a.war', { version: '2' });
    await completions(world, 1);
    await world.put('DeployRequested', { task: 'WAS', versions: `${world.fleet.versionIds[0]},` });
    await completions(world, 2);
    await world.put('DeployRequested', { task: 'WAS', versions: `,${world.fleet.versionIds[1]}` });
    await completions(world, 3);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([
      [world.fleet.versionIds[0]],
      [world.fleet.versionIds[1]],
    ]);
    await world.put('DeployRequested', { task: 'WAS', versions: 'latest' });
    await completions(world, 4);
    expect(world.servedVersions(1)).toEqual([a2]);
  });
});

/** As mails call a version whose upload says nothing of itself. */
function named(world: World, versionId: string): string {
  const call: Call = {
    ...{ service: 's3', operation: 'ListObjectVersions', input: {}, requestId: 'named' },
    caller: { principal: 'operator', isAlive: () => true },
  };
  const listed = world.aws.s3.operations.ListObjectVersions?.({ Bucket: world.fleet.bucket }, call);
  const { Versions = [] } = listed as { Versions?: { VersionId: string; LastModified: Date }[] };
  const at = Versions.find(({ VersionId }) => VersionId === versionId)?.LastModified.toISOString() ?? '';
  return `uploaded ${at.slice(0, 10)} ${at.slice(11, 19)} UTC (${versionId.slice(0, 8)})`;
}

test('a version that was rolled back stays away until a newer one is uploaded, and the mail says why', async () => {
  const world = await World.quick({
    fleet: { warKeys: ['a.war', 'b.war'], extraTags: { settleSeconds: '0' } },
  });
  const [versionA = ''] = world.fleet.versionIds;
  const versionB = await world.upload('a.war', { version: 'B' });
  await completions(world, 1);
  await world.put('DeployRequested', { task: 'WAS', versions: versionA });
  await completions(world, 2);

  const other = await world.upload('b.war', { version: '2' });
  await completions(world, 3);
  expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[versionA], [other]]);
  expect(bodyOf(world, '[Deploy] Start')).toContain(
    `a.war stays ${named(world, versionA)}: its latest version ${named(world, versionB)} was rolled back`,
  );

  await world.put('DeployRequested', { task: 'WAS' });
  await completions(world, 4);
  expect(world.servedVersions(1)).toEqual([versionA]);

  const versionC = await world.upload('a.war', { version: 'C' });
  await completions(world, 5);
  expect(world.servedVersions(1)).toEqual([versionC]);
  expect(bodyOf(world, '[Deploy] Start')).not.toContain('rolled back');
});

test('after two rollbacks in a row neither of the versions that were taken away comes back', async () => {
  const fleet = { warKeys: ['a.war', 'b.war'], extraTags: { settleSeconds: '0' } };
  const world = await World.quick({ fleet });
  const [versionZ = ''] = world.fleet.versionIds;
  const versionA = await world.upload('a.war', { version: 'A' });
  await completions(world, 1);
  await world.upload('a.war', { version: 'B' });
  await completions(world, 2);
  for (const [count, version] of [versionA, versionZ].entries()) {
    await world.put('DeployRequested', { task: 'WAS', versions: version });
    await completions(world, 3 + count);
  }
  await world.upload('b.war', { version: '2' });
  await completions(world, 5);
  expect(world.servedVersions(1)).toEqual([versionZ]);
});

test('two slots of one war get the version both, however it comes, and are held from it both', async () => {
  const fleet = { warKeys: ['app.war', 'app.war'], extraTags: { settleSeconds: '0' } };
  const world = await World.quick({ fleet });
  const served = () => [world.servedVersions(1), world.servedVersions(2)];
  const before = served();
  const second = await world.upload('app.war', { version: '2' });
  await completions(world, 1);
  expect(served()).toEqual([[second], [second]]);
  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await completions(world, 2);
  expect(served()).toEqual(before);
  await world.put('DeployRequested', { task: 'WAS' });
  await completions(world, 3);
  expect(served()).toEqual(before);
  await world.put('DeployRequested', { task: 'WAS', versions: second });
  await completions(world, 4);
  expect(served()).toEqual([[second], [second]]);
});

test.each(['constructor', '__proto__', 'hasOwnProperty'])(
  'a war called %s is deployed, rolled back, held from coming back, and replaced, as any other',
  async (key) => {
    const fleet = { warKeys: [key, 'other.war'], extraTags: { settleSeconds: '0' } };
    const world = await World.quick({ fleet });
    const [first = ''] = world.fleet.versionIds;
    const second = await world.upload(key, { version: '2' });
    await world.put('DeployRequested', { task: 'WAS', versions: second });
    await completions(world, 1);
    expect(world.servedVersions()).toEqual([second]);
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    await completions(world, 2);
    await world.upload('other.war', { version: '2' });
    await completions(world, 3);
    expect(world.servedVersions()).toEqual([first]);
    expect(bodyOf(world, '[Deploy] Start')).toContain(
      `${key} stays ${named(world, first)}: its latest version ${named(world, second)} was rolled back`,
    );
    await world.put('DeployRequested', { task: 'WAS', versions: 'latest' });
    await completions(world, 4);
    expect(world.servedVersions()).toEqual([second]);
  },
);

test('a refused rollback is mailed with the command that asks for that very rollback, unless that is refused again', async () => {
  const world = await World.quick();
  const again = String.raw`{\"task\":\"WAS\",\"versions\":\"previous\"}`;
  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await world.until('Refused', { limitSeconds: 300 });
  await world.clock.advance(30);
  expect(world.mailBody(-1)).toContain('no completed deployment is known');
  expect(world.mailBody(-1)).not.toContain(again);

  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(120);
  await new Operator(world).suspend(world.fleet.activeGroup, ['Launch']);
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await world.until('Refused', { after, limitSeconds: 300 });
  await world.clock.advance(30);
  expect(world.mailBody(-1)).toContain(again);
});

test('latest brings a held version back', async () => {
  const world = await World.quick();
  const versionB = await world.upload('app.war', { version: 'B' });
  await completions(world, 1);
  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await completions(world, 2);
  await world.put('DeployRequested', { task: 'WAS', versions: 'latest' });
  await completions(world, 3);
  expect(world.servedVersions()).toEqual([versionB]);
  await world.put('DeployRequested', { task: 'WAS' });
  await completions(world, 4);
  expect(world.servedVersions()).toEqual([versionB]);
});

describe('companions', () => {
  test('uploads within the settling time become one deployment', async () => {
    const world = await World.quick({ fleet: { warKeys: ['a.war', 'b.war'] } });
    const a = await world.upload('a.war', { version: '2' });
    await world.clock.advance(40);
    const b = await world.upload('b.war', { version: '2' });
    await completions(world, 1);
    await world.clock.advance(3600);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[a], [b]]);
    expect(world.story.filter((type) => type === 'Started')).toHaveLength(1);
    expect(world.mails.filter((subject) => subject.includes('[Failed]'))).toEqual([]);
    expect((await world.record()).pending).toBeUndefined();
  });

  test('the tag settleSeconds sets the time, and one war alone does not wait', async () => {
    const slow = await World.quick({ fleet: { extraTags: { settleSeconds: '300' } } });
    await slow.upload('app.war', { version: '2' });
    await slow.clock.advance(290);
    expect(slow.story).toEqual(['DeployRequested']);
    await completions(slow, 1);
    const quick = await World.quick();
    await quick.upload('app.war', { version: '2' });
    await quick.until('DummyAttached', { limitSeconds: 30 });
  });

  test('a war that turns out to be broken when the time is over is refused, and the task is free again', async () => {
    const world = await World.quick({ fleet: { warKeys: ['a.war', 'b.war'] } });
    await world.uploadBytes('a.war', 'no zip');
    const { detail } = await world.until('Refused', { limitSeconds: 300 });
    expect(detail).toMatchObject({ code: '402' });
    const a = await world.upload('a.war', { version: '3' });
    await completions(world, 1);
    expect(world.servedVersions()).toEqual([a]);
  });
});

describe('an upload while a deployment runs', () => {
  test('is deployed next; of three, the newest once', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    for (const version of ['3', '4']) {
      await world.upload('app.war', { version });
      await world.clock.advance(15);
    }
    const newest = await world.upload('app.war', { version: '5' });
    await completions(world, 2);
    await world.clock.advance(3600);
    expect(world.servedVersions()).toEqual([newest]);
    expect(world.story.filter((type) => type === 'Started')).toHaveLength(2);
    expect(world.mails.filter((subject) => subject.includes('[Failed]'))).toEqual([]);
    expect((await world.record()).pending).toBeUndefined();
  });

  test('is not lost when the event that asks for it is', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.upload('app.war', { version: '3' });
    await completions(world, 1);
    expect((await world.record()).pending ?? (await world.record()).request.upload).toBeDefined();
  });

  test('a manual request meanwhile is refused as busy', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.put('DeployRequested', { task: 'WAS' });
    const { detail } = await world.until('Refused', { limitSeconds: 60 });
    expect(detail).toMatchObject({ code: '401', message: expect.stringContaining('is in check-dummy') });
  });
});

describe('an emergency: Active was taken to 0', () => {
  async function emergency(): Promise<World> {
    const world = await World.quick();
    const zero = { AutoScalingGroupName: world.fleet.activeGroup, MinSize: 0, DesiredCapacity: 0 };
    await world.clock.run(new AutoScalingClient(world.aws.operator).send(new UpdateAutoScalingGroupCommand(zero)));
    await world.clock.advance(300);
    return world;
  }

  test('the request names the capacity, and Active stays at 0', async () => {
    const world = await emergency();
    await world.put('DeployRequested', { task: 'WAS', capacity: 3 });
    await completions(world, 1);
    expect(await world.size(world.fleet.standByGroup)).toBe('3/3/4');
    expect(await world.size(world.fleet.activeGroup)).toBe('0/0/0');
  });

  test('without one, that of the last deployment counts, else one instance', async () => {
    const world = await emergency();
    await world.put('DeployRequested', { task: 'WAS' });
    await completions(world, 1);
    expect(await world.size(world.fleet.standByGroup)).toBe('1/1/4');
  });

  test('the limit of the last deployment comes back too, so that alarms can scale out again', async () => {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await completions(world, 1);
    const zero = { AutoScalingGroupName: world.fleet.standByGroup, MinSize: 0, DesiredCapacity: 0, MaxSize: 0 };
    await world.clock.run(new AutoScalingClient(world.aws.operator).send(new UpdateAutoScalingGroupCommand(zero)));
    await world.clock.advance(300);
    await world.put('DeployRequested', { task: 'WAS' });
    await completions(world, 2);
    expect(await world.size(world.fleet.activeGroup)).toBe('2/2/4');
  });

  test('a capacity beyond the maximum of Active is refused with both numbers, and nothing is changed', async () => {
    const world = await emergency();
    const before = await world.group(world.fleet.standByGroup);
    await world.put('DeployRequested', { task: 'WAS', capacity: 5 });
    const { detail } = await world.until('Refused', { limitSeconds: 60 });
    expect(`${detail.code}: ${detail.message}`).toMatch(
      /^414: .*capacity 5 is beyond the maximum of was-blue, which is 4/,
    );
    expect(world.story).toEqual(['DeployRequested', 'Refused']);
    expect(await world.group(world.fleet.standByGroup)).toEqual(before);
  });

  test('a capacity is refused where Active serves', async () => {
    const world = await World.quick();
    await world.put('DeployRequested', { task: 'WAS', capacity: 3 });
    const { detail } = await world.until('Refused', { limitSeconds: 60 });
    expect(detail).toMatchObject({ code: '414', message: expect.stringContaining('for an Active group at 0') });
  });
});

test('with the tag autodeploy = false an upload starts nothing, and a request does', async () => {
  const world = await World.quick({ fleet: { extraTags: { autodeploy: 'false' } } });
  const version = await world.upload('app.war', { version: '2' });
  await world.clock.advance(600);
  expect(world.story).toEqual([]);
  await world.put('DeployRequested', { task: 'WAS' });
  await completions(world, 1);
  expect(world.servedVersions()).toEqual([version]);
});
