/** Going back: to which versions `previous` goes, and what the mail of success offers. */
import { AutoScalingClient, CreateOrUpdateTagsCommand } from '@aws-sdk/client-auto-scaling';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DeploymentRecord } from '../../shared/pipeline/record';
import { World } from '../harness/world';

/** Lets time pass until what was asked for last has completed. */
async function completes(world: World): Promise<void> {
  const after = world.events.length;
  await world.until('Completed', { after });
  await world.clock.advance(120);
}

async function deploy(world: World, versions?: string): Promise<void> {
  await world.put('DeployRequested', { task: 'WAS', versions });
  await completes(world);
}

async function upload(world: World, key: string, version: string): Promise<string> {
  const versionId = await world.upload(key, { version });
  await completes(world);
  return versionId;
}

async function refusal(world: World, versions: string): Promise<unknown> {
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS', versions });
  return (await world.until('Refused', { after, limitSeconds: 300 })).detail;
}

/** The versions that the newest mail of success offers to go back to. */
function offered(world: World): string | undefined {
  const mails = world.aws.sns.mails.filter(({ subject }) => subject?.startsWith('[Success] Non-disruptive'));
  return /To go back\n(?: {2}(?:#|bluegreen ).*\n)*.*\\"versions\\":\\"([^"\\]*)\\"/.exec(
    mails.at(-1)?.body ?? '',
  )?.[1];
}

/** As somebody does who makes a fleet, or a war more, before there is a version. */
async function tagBoth(world: World, tags: Record<string, string>): Promise<void> {
  const { activeGroup, standByGroup } = world.fleet;
  const Tags = [activeGroup, standByGroup].flatMap((ResourceId) =>
    Object.entries(tags).map(([Key, Value]) => ({
      ...{ ResourceId, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true },
      ...{ Key, Value },
    })),
  );
  await world.clock.run(new AutoScalingClient(world.aws.operator).send(new CreateOrUpdateTagsCommand({ Tags })));
}

async function rewriteRecord(world: World, change: (record: DeploymentRecord) => DeploymentRecord): Promise<void> {
  const Body = JSON.stringify(change(await world.record()));
  const command = new PutObjectCommand({ Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body });
  await world.clock.run(new S3Client(world.aws.operator).send(command));
}

/** It knew of no sets, but what its last deployment had changed. */
function asOfEarlierVersion({ servedSets: _, lastSuccess, ...record }: DeploymentRecord): DeploymentRecord {
  return { ...record, lastSuccess: lastSuccess && { ...lastSuccess, wars: record.plan?.wars ?? [] } };
}

test('what serves, deployed once more, is not what previous goes back to', async () => {
  const world = await World.quick();
  const [first] = world.fleet.versionIds;
  const second = await upload(world, 'app.war', '2');
  await deploy(world);
  expect([world.servedVersions(), offered(world)]).toEqual([[second], first]);
  await deploy(world, 'previous');
  expect([world.servedVersions(), offered(world)]).toEqual([[first], second]);
});

test('previous does not go back to a version that never served', async () => {
  const world = await World.quick();
  const [first] = world.fleet.versionIds;
  const second = await upload(world, 'app.war', '2');
  await world.upload('app.war', { health: '500 ill' });
  await world.until('Cleaned');
  await world.clock.advance(120);
  expect(world.servedVersions()).toEqual([second]);
  await deploy(world, 'previous');
  expect(world.servedVersions()).toEqual([first]);
});

test('where nothing else has served, previous is refused', async () => {
  const world = await World.quick();
  await deploy(world, 'latest');
  expect(offered(world)).toBeUndefined();
  expect(await refusal(world, 'previous')).toMatchObject({ code: '414', message: expect.stringContaining('differs') });
});

test.each(['none', '-', 'PLACEHOLDER', 'null', 'not deployed yet'])(
  'nobody is told to go back to %s, which the tags of a new fleet had in place of a version',
  async (placeholder) => {
    const world = await World.quick();
    await tagBoth(world, { s3VersionIdApp1: placeholder });
    const first = await upload(world, 'app.war', '1');
    expect(offered(world)).toBeUndefined();
    expect(await refusal(world, 'previous')).toMatchObject({ code: '414' });
    const second = await upload(world, 'app.war', '2');
    expect([world.servedVersions(), offered(world)]).toEqual([[second], first]);
  },
);

test('a war that came since keeps its version when previous goes back', async () => {
  const world = await World.quick({ fleet: { extraTags: { settleSeconds: '0' } } });
  const [first] = world.fleet.versionIds;
  await upload(world, 'app.war', '2');
  await tagBoth(world, { appS3Key2: 'new.war', s3VersionIdApp2: 'none', appPath2: '/opt/new.war' });
  const added = await upload(world, 'new.war', '1');
  expect(offered(world)).toBe(`${first},`);
  await deploy(world, 'previous');
  expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[first], [added]]);
});

test('a version that was deleted since is named by the refusal', async () => {
  const world = await World.quick();
  const [VersionId] = world.fleet.versionIds;
  await upload(world, 'app.war', '2');
  const command = new DeleteObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', VersionId });
  await world.clock.run(new S3Client(world.aws.operator).send(command));
  expect(await refusal(world, 'previous')).toMatchObject({
    code: '402',
    message: expect.stringContaining(`key(app.war) versionId(${VersionId}) does not exist`),
  });
});

test('a record of an earlier version knows what served before', async () => {
  const world = await World.quick();
  const [first] = world.fleet.versionIds;
  const second = await upload(world, 'app.war', '2');
  await rewriteRecord(world, asOfEarlierVersion);
  await deploy(world, 'previous');
  expect([world.servedVersions(), offered(world)]).toEqual([[first], second]);
});

test('a deployment that an earlier version has planned completes, and can be gone back from', async () => {
  const world = await World.quick();
  const [first] = world.fleet.versionIds;
  await world.upload('app.war', { version: '2' });
  await world.until('Step1Passed');
  await world.clock.advance(1);
  await rewriteRecord(world, asOfEarlierVersion);
  await completes(world);
  await deploy(world, 'previous');
  expect(world.servedVersions()).toEqual([first]);
});
