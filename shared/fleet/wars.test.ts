/** Which wars can be deployed, asked of S3 with objects of every kind that operators have uploaded. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { buildWar } from '../../local/fleet/war';
import { VirtualClock } from '../../local/kernel/clock';
import { AwsError } from '../../local/kernel/service';
import { type ProvenWar, Wars } from './wars';

const clock = new VirtualClock();
const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
const aws = new EmbeddedAws({ clock, instances });
aws.s3.createBucket('wars', { versioning: 'Enabled' });
aws.s3.createBucket('plain');
const client = new S3Client(aws.operator);
const wars = new Wars(client);
const war = buildWar({ health: 'well' });

/** Uploads and answers the version id. */
function put(Key: string, Body: string | Uint8Array = war, Bucket = 'wars'): Promise<string> {
  const Bytes = Buffer.from(Body);
  const answer = client.send(new PutObjectCommand({ Bucket, Key, Body: Bytes, ContentLength: Bytes.length }));
  return clock.run(answer.then(({ VersionId = '' }) => VersionId));
}

function prove(key: string, versionId?: string, bucket = 'wars'): Promise<ProvenWar> {
  return clock.run(wars.prove(bucket, key, versionId));
}

test('a version that is there and is a zip is proven; without one named, the latest', async () => {
  const first = await put('app.war');
  const second = await put('app.war', buildWar({ health: 'better' }));
  expect(await prove('app.war')).toEqual({ versionId: second });
  expect(await prove('app.war', first)).toEqual({ versionId: first });
});

test.each(['my app.war', '결제/애플리케이션.war', 'a+b.war', 'a%20b.war', "it's (new) & <best>?.war", 'a//b.war'])(
  'a strange key is a key like any other: %s',
  async (key) => {
    const versionId = await put(key);
    expect(await prove(key)).toEqual({ versionId });
    expect(await prove(key, versionId)).toEqual({ versionId });
  },
);

test('a key that is another one decoded is not taken for it', async () => {
  await put('c d.war');
  expect(await prove('c+d.war')).toEqual({ problem: 'wars key(c+d.war) does not exist' });
  expect(await prove('c%20d.war')).toEqual({ problem: 'wars key(c%20d.war) does not exist' });
});

test.each([
  ['a text', 'no war'],
  ['the beginning of a zip', 'PK'],
  ['a gzip', '\u001f\u008b\u0008\u0000'],
  ['a zip without entries', 'PK\u0005\u0006'.padEnd(22, '\u0000')],
])('%s is not a war', async (_, body) => {
  const versionId = await put('broken.war', Buffer.from(body, 'latin1'));
  expect(await prove('broken.war')).toEqual({
    problem: `wars key(broken.war) versionId(${versionId}) is not a war: not a zip`,
  });
});

test('an empty object is said to be empty', async () => {
  const versionId = await put('empty.war', '');
  expect(await prove('empty.war')).toEqual({ problem: 'wars key(empty.war) is empty' });
  expect(await prove('empty.war', versionId)).toEqual({
    problem: `wars key(empty.war) versionId(${versionId}) is empty`,
  });
});

test('what is not there is named, whatever of it is missing', async () => {
  await put('app.war');
  const unknown = '0'.repeat(32);
  expect(await prove('gone.war')).toEqual({ problem: 'wars key(gone.war) does not exist' });
  expect(await prove('app.war', unknown)).toEqual({
    problem: `wars key(app.war) versionId(${unknown}) does not exist: the key has no such version`,
  });
  expect(await prove('app.war', 'not/a+version')).toEqual({
    problem: 'wars key(app.war) versionId(not/a+version) does not exist: that is not a version id',
  });
  expect(await prove('app.war', undefined, 'no-bucket')).toEqual({
    problem: 'no-bucket key(app.war) does not exist: there is no such bucket',
  });
});

test('what was deleted is not the latest, though its older versions can still be asked for', async () => {
  const versionId = await put('deleted.war');
  const deleting = client.send(new DeleteObjectCommand({ Bucket: 'wars', Key: 'deleted.war' }));
  const marker = (await clock.run(deleting)).VersionId;
  expect(await prove('deleted.war')).toEqual({ problem: 'wars key(deleted.war) does not exist' });
  expect(await prove('deleted.war', marker)).toEqual({
    problem: `wars key(deleted.war) versionId(${marker}) is a delete marker: that version was deleted`,
  });
  expect(await prove('deleted.war', versionId)).toEqual({ versionId });
});

test('a bucket without versioning cannot be deployed from: nobody could go back', async () => {
  await put('app.war', war, 'plain');
  expect(await prove('app.war', undefined, 'plain')).toEqual({
    problem: 'plain key(app.war) has no versions: versioning is not enabled on the bucket',
  });
});

test('a war that may not be read is said to be; a failing S3 is a fault and no reason to refuse', async () => {
  await put('app.war');
  const fail = (code: string, status: number) =>
    aws.endpoint.intercept(async () => {
      throw new AwsError(code, code, status);
    });
  const allow = fail('AccessDenied', 403);
  expect(await prove('app.war')).toEqual({ problem: 'wars key(app.war) cannot be read: access denied' });
  allow();
  const recover = fail('InternalError', 500);
  await expect(prove('app.war')).rejects.toThrow('InternalError');
  recover();
});
