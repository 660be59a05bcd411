import { DeleteObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { buildWar } from '../../local/fleet/war';
import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';

let world: World;
let command: CommandLine;

describe('rollback', () => {
  let first: string;
  let second: string;
  /** That of the second version. */
  let deploymentId: string;

  /** 1 served, then 2, and 3 does now. */
  beforeAll(async () => {
    await begin();
    first = await deployed('app.war', '1');
    second = await deployed('app.war', '2');
    deploymentId = (await world.record()).deploymentId;
    await deployed('app.war', '3');
  });
  afterAll(() => command.close());

  test.each([
    ['--to 5', 'No version of app.war is called 5. The newest: 3'],
    ['--to 3', '3 serves already'],
    ['--to 20290101T0000', 'WAS had no deployment 20290101T0000. The newest that completed: 2030'],
    ['--to 20300101T', '3 deployments of WAS begin with 20300101T. Name one: 2030'],
    ['--to 1 --to 2', 'app.war is given two versions'],
    ['--too 1', 'too'],
  ])('%s is answered without anything being put', async (typed, said) => {
    const before = world.story;
    const { code, errors } = await command.run(`rollback WAS --yes ${typed}`);
    expect(words(errors)).toContain(said);
    expect({ code, story: world.story }).toEqual({ code: 2, story: before });
  });

  test('asks, and a no or nobody to ask changes nothing', async () => {
    const before = world.story;
    expect((await command.run('rollback WAS', { answers: [false] })).code).toBe(3);
    expect((await command.run('rollback WAS')).code).toBe(2);
    expect(world.story).toEqual(before);
  });

  test('goes to what served before, and says what is held from then on and how that is lifted', async () => {
    const { code, errors, output } = await command.run('rollback WAS --yes --watch');
    expect(code).toBe(0);
    expect(words(errors)).toMatch(
      /^app\.war 3 \(.{8}\) → 2 \(.{8}\) on was-\w+, 2 instances; was-\w+ serves until then\./,
    );
    expect(words(errors)).toMatch(
      /From then on app\.war 3 \(.{8}\) is held: no plain deployment brings it back\. A newer upload lifts that, or: bluegreen deploy WAS --latest --stack stack/,
    );
    expect(output).toMatch(/completed after (\d+ min )?\d+ s\.$/m);
    expect(world.servedVersions()).toEqual([second]);
    const { output: json } = await command.run('deploy WAS --json --yes --watch');
    expect(JSON.parse(json)).toMatchObject({ wars: [{ from: { versionId: second }, to: { versionId: second } }] });
  });

  test.each([
    ['the name of a version', () => '1', () => first],
    ['a deployment', () => deploymentId, () => second],
    ['the id of a version', () => first, () => first],
    ['the beginning of a deployment', () => deploymentId.slice(0, 15), () => second],
  ])('goes to %s', async (_, to, expected) => {
    const { code } = await command.run(['rollback', 'WAS', '--to', to(), '--yes', '--watch']);
    expect({ code, served: world.servedVersions() }).toEqual({ code: 0, served: [expected()] });
  });

  test('does not go to what a deployment was to bring that failed', async () => {
    await world.uploadBytes('app.war', buildWar({ health: '500' }));
    expect((await command.run('deploy WAS --yes --watch')).code).toBe(1);
    const { deploymentId: failed } = await world.record();
    const { code, errors } = await command.run(['rollback', 'WAS', '--to', failed, '--yes']);
    expect(code).toBe(2);
    expect(words(errors)).toContain(`${failed} ended cleaned: what it was to bring did not serve.`);
  });

  test('says what a plain deployment takes where that is another version than what it takes back', async () => {
    await world.uploadBytes('app.war', buildWar({ health: '500' }), { Metadata: { version: '4' } });
    const { errors } = await command.run('rollback WAS', { answers: [false] });
    expect(words(errors)).toMatch(/The next plain deployment takes the latest, app\.war 4 \(.{8}\)\./);
  });

  test('is refused while a deployment runs, and ends with 5 on Ctrl-C', async () => {
    const { code, output } = await command.run('rollback WAS --yes --watch', { interruptAfterSeconds: 30 });
    expect(code).toBe(5);
    expect(output).toContain('Come back to it:\n  bluegreen watch WAS');
    const busy = await command.run('rollback WAS --yes --json');
    expect(busy.code).toBe(3);
    expect(JSON.parse(busy.output).error.code).toBe('401');
  });
});

describe('rollback beside another one', () => {
  beforeEach(() => begin());
  afterEach(() => command.close());

  test('does what was said, or nothing: what is previous changes while it asks', async () => {
    for (const version of ['1', '2', '3']) await deployed('app.war', version);
    const before = world.story.length;
    const { code, errors } = await command.run('rollback WAS', {
      answers: [() => command.run('rollback WAS --yes --watch')],
    });
    expect(code).toBe(3);
    expect(words(errors)).toMatch(/It has changed meanwhile: app\.war 2 \(.{8}\) → 3 .* Nothing was changed\./);
    expect(world.story.slice(before).filter((name) => name === 'DeployRequested')).toHaveLength(1);
  });

  test('goes to the versions that it named, whatever is previous when its request arrives', async () => {
    await deployed('app.war', '1');
    const second = await deployed('app.war', '2');
    await deployed('app.war', '3');
    expect((await command.run('rollback WAS --yes')).code).toBe(0);
    expect((await world.record()).request.versions).toBe(second);
  });
});

describe('rollback where there is nothing to go back to', () => {
  beforeEach(() => begin());
  afterEach(() => command.close());

  test('is refused with the code of start', async () => {
    const { code, errors } = await command.run('rollback WAS --yes');
    expect({ code, story: world.story }).toEqual({ code: 3, story: [] });
    expect(words(errors)).toMatch(
      /^Refused with 414: There is nothing to go back to yet: no completed deployment is known to go back from\. Nothing was changed\. Deploy a version by its name: bluegreen deploy WAS --version NAME/,
    );
  });

  test('of a task in another spelling names the one that there is', async () => {
    const { code, errors } = await command.run('rollback was --yes');
    expect(code).toBe(2);
    expect(errors).toContain('Did you mean WAS?');
  });
});

describe('rollback of a task with several wars', () => {
  test('goes back with one of them, or with all as they were', async () => {
    await begin({ warKeys: ['app.war', 'api.war'] });
    const app = await uploaded('app.war', '1');
    const api = await deployed('api.war', '1');
    const { deploymentId } = await world.record();
    await uploaded('app.war', '2');
    const newApi = await deployed('api.war', '2');
    expect((await command.run('rollback WAS --to 1 --yes')).code).toBe(2);
    expect((await command.run('rollback WAS --to app.war=1 --yes --watch')).code).toBe(0);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[app], [newApi]]);
    expect((await command.run(['rollback', 'WAS', '--to', deploymentId, '--yes', '--watch'])).code).toBe(0);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual([[app], [api]]);
    command.close();
  });
});

describe('rollback to what is not there as it was', () => {
  let first: string;
  let marker: string;
  /** That of the first versions. */
  let deploymentId: string;

  /** 1 of both served; of app.war it is gone by now, 2 was archived, and 3 of both serves. */
  beforeAll(async () => {
    await begin({ warKeys: ['app.war', 'api.war'] });
    first = await uploaded('app.war', '1');
    await deployed('api.war', '1');
    deploymentId = (await world.record()).deploymentId;
    await uploaded('app.war', '2', { StorageClass: 'GLACIER' });
    await uploaded('app.war', '2.5');
    await uploaded('app.war', '3');
    await deployed('api.war', '3');
    await removed(first);
    marker = (await removed()) ?? '';
  });
  afterAll(() => command.close());

  const GONE =
    /^Refused with 402: app\.war 1 \(.{8}\) is not in S3\. Nothing was changed\. Of app\.war these can be deployed: 2\.5 \(/;
  const OTHERS = /Without it, the others alone: bluegreen deploy WAS --version 2=\S+ --stack stack $/;
  const MARKER = /is no version of app\.war, but a delete marker: app\.war was deleted then\. The newest: 3 \(/;
  const NO_VERSION = /is a deployment, not a version of one war\. .* bluegreen rollback WAS --to 20300101T001002Z-abc/;

  test.each<[string, string, () => string, number, RegExp]>([
    ['the name of one that was deleted', 'rollback --to', () => 'app.war=1', 3, GONE],
    ['its id', 'rollback --to', () => `app.war=${first}`, 3, GONE],
    ['the beginning of that', 'rollback --to', () => `app.war=${first.slice(0, 8)}`, 3, GONE],
    ['the name of it', 'deploy --version', () => 'app.war=1', 3, GONE],
    [
      'the name of an archived one',
      'rollback --to',
      () => 'app.war=2',
      3,
      /^Refused with 402: app\.war \S+ is archived/,
    ],
    ['what served before', 'rollback --to', () => 'previous', 3, GONE],
    ['what served before', 'rollback --to', () => 'previous', 3, OTHERS],
    ['the deployment that brought it', 'rollback --to', () => deploymentId, 3, OTHERS],
    ['a delete marker', 'rollback --to', () => `app.war=${marker}`, 2, MARKER],
    ['a delete marker', 'deploy --version', () => `app.war=${marker.slice(0, 8)}`, 2, MARKER],
    ['a deployment of one war', 'rollback --to', () => 'app.war=20300101T001002Z-abc', 2, NO_VERSION],
    ['a deployment as a version', 'deploy --version', () => '20300101T001002Z-abc', 2, NO_VERSION],
    ['a mistyped word', 'rollback --to', () => 'prevoius', 2, /Did you mean previous\?/],
    ['a mistyped deployment', 'rollback --to', () => `${deploymentId.slice(0, -1)}x`, 2, /Did you mean 20300101T/],
    ['the latest', 'rollback --to', () => 'latest', 2, /no way back\. .* bluegreen deploy WAS --latest/],
  ])('%s: %s says what is wrong and what to do, and puts nothing', async (_, typed, named, exitCode, said) => {
    const before = world.story;
    const [verb = '', option = ''] = typed.split(' ');
    const { code, errors } = await command.run([verb, 'WAS', option, named(), '--yes']);
    expect(words(errors)).toMatch(said);
    expect({ code, story: world.story }).toEqual({ code: exitCode, story: before });
  });

  test('the latest that was deleted leaves those behind the marker to be deployed', async () => {
    const { code, errors } = await command.run('deploy WAS --yes');
    expect(code).toBe(3);
    expect(words(errors)).toMatch(
      /app\.war is not in S3\. .* these can be deployed: 2\.5 \(.*\. Upload it again, or deploy another version: bluegreen deploy WAS --version NAME/,
    );
    expect((await command.run('rollback WAS --to app.war=2.5 --yes --watch')).code).toBe(0);
  });
});

test.each(['shop (1); old.war', 'a) versionId(x).war', 'b; a key(c).war'])(
  '%s is a name like any other',
  async (key) => {
    await begin({ warKeys: [key] });
    await deployed(key, '1');
    await uploaded(key, '2');
    await removed(undefined, key);
    const { code, errors } = await command.run('deploy WAS --yes');
    await command.close();
    expect(code).toBe(3);
    expect(words(errors)).toContain(
      `Refused with 402: ${key} is not in S3. Nothing was changed. Of ${key} these can be deployed: 2 (`,
    );
  },
);

async function removed(VersionId?: string, Key = 'app.war'): Promise<string | undefined> {
  const client = new S3Client(world.aws.operator);
  const Bucket = world.stack.outputs.WarBucketName;
  const answer = client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  return (await world.clock.run(answer)).VersionId;
}

async function begin(fleet: { warKeys?: string[] } = {}): Promise<void> {
  world = await World.quick({ fleet: { ...fleet, extraTags: { autodeploy: 'false' } } });
  command = await CommandLine.open(world);
}

async function deployed(key: string, version: string): Promise<string> {
  const versionId = await uploaded(key, version);
  expect((await command.run('deploy WAS --yes --watch')).code).toBe(0);
  return versionId;
}

function uploaded(key: string, version: string, more: Partial<PutObjectCommandInput> = {}): Promise<string> {
  return world.uploadBytes(key, buildWar({ health: '200', version }), { Metadata: { version }, ...more });
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ');
}
