/** Versions are told by their names, wherever people read of them; and nothing depends on what is said of a war. */
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildWar } from '../../local/fleet/war';
import { AwsError } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { historyOf } from '../harness/history';
import { World } from '../harness/world';

const built = (version: string, health = '200') =>
  buildWar({ 'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\r\nImplementation-Version: ${version}\r\n\r\n`, health });

const shown = (name: string, versionId: string) => `${name} (${versionId.slice(0, 8)})`;

async function completes(world: World): Promise<void> {
  await world.until('Completed', { after: world.events.length });
  await world.clock.advance(120);
}

/** The newest mail whose subject begins so. */
function mailOf(world: World, subject: string): string {
  return world.aws.sns.mails.findLast((mail) => mail.subject?.startsWith(subject))?.body ?? '';
}

const STARTED = '[Deploy] Start';
const DONE = '[Success] Non-disruptive';

test('mails, events and the history call versions by their names: deployed, gone back from, held, and kept', async () => {
  const world = await World.quick({ fleet: { warKeys: ['app.war', 'api.war'], extraTags: { settleSeconds: '0' } } });
  const one = await world.uploadBytes('app.war', built('1.4.1'));
  await completes(world);
  const two = await world.uploadBytes('app.war', built('9'), { Metadata: { version: '1.4.2', commit: 'abcdef0' } });
  await completes(world);
  const newest = shown('1.4.2, commit abcdef0', two);
  const change = `  app.war\n    from ${shown('1.4.1', one)}\n    to   ${newest}\n`;
  expect(mailOf(world, STARTED)).toContain(change);
  expect(mailOf(world, DONE)).toContain(change);
  expect(mailOf(world, DONE)).toContain(`To go back\n  # app.war gets ${shown('1.4.1', one)}\n`);
  expect(mailOf(world, DONE)).toMatch(/ {2}api\.war\n {4}stays uploaded 2030-01-01 \S+ UTC \(\w/);
  const [started] = world.events.filter((event) => event['detail-type'] === 'Started').slice(-1);
  expect(started?.detail.wars).toMatchObject([{ fromName: '1.4.1', toName: '1.4.2, commit abcdef0' }, { slot: 2 }]);

  await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
  await completes(world);
  expect(mailOf(world, DONE)).toContain(`  app.war\n    from ${newest}\n    to   ${shown('1.4.1', one)}\n`);
  await world.uploadBytes('api.war', built('2.0'));
  await completes(world);
  expect(mailOf(world, STARTED)).toContain(`app.war stays ${shown('1.4.1', one)}: its latest version ${newest} was`);
  const lines = await historyOf(world).newest();
  expect(lines.slice(1).map(({ versions }) => versions)).toEqual([
    `app.war ${shown('1.4.1', one)}`,
    `app.war ${newest}`,
    `app.war ${shown('1.4.1', one)}`,
  ]);
});

test('a failed deployment has the names in its history', async () => {
  const world = await World.quick();
  const versionId = await world.uploadBytes('app.war', built('1.5', '500'));
  await world.until('Cleaned');
  await world.clock.advance(60);
  const [line] = await historyOf(world).newest();
  expect(line).toMatchObject({ outcome: 'cleaned', versions: `app.war ${shown('1.5', versionId)}` });
});

test('what its uploader writes adds no line to a mail, and breaks no event', async () => {
  const world = await World.quick();
  const version = '1.0"}],\\n</script> \\u000a [Error] Deploy Clean';
  await world.uploadBytes('app.war', built('1.0\r[Error] Deploy Clean(Task : WAS)\r'), {
    Metadata: { build: `${version}${'x'.repeat(500)}` },
  });
  await completes(world);
  const lines = mailOf(world, STARTED).split('\n');
  expect(lines.find((line) => line.startsWith('    to'))).toMatch(
    /^ {4}to {3}1\.0, build 1\.0'\}\],'n.{1,60}\(.{8}\)$/u,
  );
  expect(lines.filter((line) => line.trim().startsWith('[Error]'))).toEqual([]);
});

/** Answers so whatever is read of a war beside what proves it: its beginning, once. */
function keepNames(world: World, answer: () => Promise<unknown>): void {
  const proven = new Set<string>();
  world.aws.endpoint.intercept((call, proceed) => {
    const { Bucket, Key, VersionId, Range } = call.input as Record<string, string | undefined>;
    const isOfWar = isInvocationCaller(call.caller) && call.operation === 'GetObject' && Bucket === world.fleet.bucket;
    if (!isOfWar) return proceed();
    const read = JSON.stringify([Key, VersionId, Range]);
    const isProof = Range === 'bytes=0-16383' && !proven.has(read);
    proven.add(read);
    return isProof ? proceed() : answer();
  });
}

describe('a war that cannot be read for its name is deployed all the same', () => {
  const noise = Object.fromEntries(
    Array.from({ length: 90 }, (_, index) => [
      `${index}`,
      Array.from({ length: 400 }, (_, at) => (at * 7919 + index) ** 2).join(''),
    ]),
  );
  /** Its manifest comes last. */
  const war = buildWar({ health: '200', ...noise, 'META-INF/MANIFEST.MF': 'Implementation-Version: 3\r\n\r\n' });

  test.each<[string, () => Promise<unknown>]>([
    ['denied', async () => Promise.reject(new AwsError('AccessDenied', 'Access Denied', 403))],
    ['out of order', async () => Promise.reject(new AwsError('InternalError', 'not now', 500))],
    ['throttled', async () => Promise.reject(new AwsError('SlowDown', 'slow down', 503))],
    ['gone', async () => Promise.reject(new AwsError('NoSuchVersion', 'no such version', 404))],
    ['answered with something else', async () => ({ Body: Buffer.from('PK\u0005\u0006 but not so') })],
    ['answered with nothing', async () => ({})],
  ])('where that is %s', async (_, answer) => {
    const world = await World.quick();
    keepNames(world, answer);
    const versionId = await world.uploadBytes('app.war', war);
    await completes(world);
    expect(world.servedVersions()).toEqual([versionId]);
    expect(mailOf(world, DONE)).toMatch(/to {3}uploaded 2030-01-01 \S+ UTC \(/);
  });

  test('and has its name where it can', async () => {
    const world = await World.quick();
    const versionId = await world.uploadBytes('app.war', war);
    await completes(world);
    expect(mailOf(world, DONE)).toContain(`to   ${shown('3', versionId)}`);
  });
});

test('a version that was deleted since has no name any more, and is replaced all the same', async () => {
  const world = await World.quick();
  const [VersionId = ''] = world.fleet.versionIds;
  const { bucket: Bucket } = world.fleet;
  const deleting = new DeleteObjectCommand({ Bucket, Key: 'app.war', VersionId });
  await world.clock.run(new S3Client(world.aws.operator).send(deleting));
  await world.uploadBytes('app.war', built('2'));
  await completes(world);
  expect(mailOf(world, DONE)).toContain(`    from ${VersionId}\n`);
});
