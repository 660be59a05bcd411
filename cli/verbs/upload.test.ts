import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { buildWar } from '../../local/fleet/war';
import { AwsError } from '../../local/kernel/service';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine, type CommandOptions } from '../../tests/harness/command';
import { Operator } from '../../tests/harness/operator';
import { World } from '../../tests/harness/world';

let world: World;
let command: CommandLine;
let folder: string;

async function begin(fleet: { warKeys?: string[]; extraTags?: Record<string, string> } = {}): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'upload-'));
  world = await World.quick({ fleet });
  command = await CommandLine.open(world);
}

afterEach(() => {
  command.close();
  rmSync(folder, { recursive: true });
});

describe('upload', () => {
  beforeEach(() => begin());

  test('says what it will do, uploads, and follows the deployment that it starts', async () => {
    const file = war('app.war');
    const { code, errors, output } = await upload([
      file,
      '--name',
      '2.4.1',
      '--commit',
      'a1b2c3d4',
      '--yes',
      '--watch',
    ]);
    expect(code).toBe(0);
    expect(words(errors)).toMatch(
      /^app\.war uploaded .* \(.{8}\) → 2\.4\.1, commit a1b2c3d4: \S+app\.war \(1 kB\) to s3:\/\/\S+\/app\.war\. It is deployed on was-green; was-blue serves until then\. app\.war 100 % of 1 kB/,
    );
    expect(words(output)).toMatch(
      /^Uploaded app\.war 2\.4\.1, commit a1b2c3d4 \(.{8}\)\. \S+ completed after (\d+ min )?\d+ s\./,
    );
    expect((await head()).Metadata).toEqual({ version: '2.4.1', commit: 'a1b2c3d4' });
    expect(world.servedVersions()).toEqual([(await head()).VersionId]);
  });

  test.each(['판본 2.4.1 – Straße', '=?utf-8?q?=41?=', '한글로만된아주긴판본이름열여섯'])(
    'keeps the name %s',
    async (name) => {
      const { code, output } = await upload([war('app.war'), '--name', name, '--yes', '--watch', '--json']);
      expect(code).toBe(0);
      expect(JSON.parse(output).uploads).toMatchObject([{ key: 'app.war', name }]);
      expect(world.mails.length).toBeGreaterThan(0);
      const { output: shown } = await command.run('status WAS --json');
      expect(JSON.parse(shown).sentence).toContain(`Users are served by ${name}.`);
    },
  );

  test('calls it by what its build says', async () => {
    const manifest = 'Manifest-Version: 1.0\nImplementation-Version: 7.1\n\n';
    const file = war('app.war', { 'META-INF/MANIFEST.MF': manifest });
    const { errors } = await upload([file], { answers: [false] });
    expect(words(errors)).toContain('→ 7.1:');
  });

  test('without --watch ends when the deployment has begun', async () => {
    const { code, output } = await upload([war('app.war'), '--yes']);
    expect(code).toBe(0);
    expect(words(output)).toMatch(/^Uploaded app\.war .*\. \S+ has begun\. Follow it: bluegreen watch WAS/);
  });

  test('waits behind what runs, says so, and is followed to its own end', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const first = await upload([war('app.war'), '--yes']);
    expect(first.code).toBe(0);
    expect(words(first.errors)).toMatch(/It waits until \S+ has ended, which runs \(check-dummy\)/);
    expect(words(first.output)).toMatch(/It waits until \S+ has ended, and is deployed then\. Follow what runs/);
    const { code, output } = await upload([war('app.war'), '--yes', '--watch', '--json']);
    expect({ code, outcome: JSON.parse(output).outcome }).toEqual({ code: 0, outcome: 'completed' });
    expect(world.servedVersions()).toEqual([JSON.parse(output).uploads[0].versionId]);
  });

  test('says what it waits for where its time is over before that has ended', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const { deploymentId } = await world.record();
    const { code, output } = await upload([war('app.war'), '--yes', '--watch', '--timeout', '3']);
    expect(code).toBe(5);
    expect(words(output)).toMatch(
      new RegExp(
        `It waits until ${deploymentId} has ended, and is deployed then\\. Follow what runs: bluegreen watch WAS`,
      ),
    );
    expect(output).not.toContain('nothing has answered');
  });

  test('warns where a version is called so already', async () => {
    await upload([war('app.war'), '--name', '2.7.0', '--yes', '--watch']);
    const [serving = ''] = world.servedVersions();
    const { errors } = await upload([war('app.war'), '--name', '2.7.0'], { answers: [false] });
    expect(words(errors)).toMatch(/^app\.war 2\.7\.0 \(.{8}\) → 2\.7\.0 \(new\): /);
    expect(words(errors)).toContain(
      `! A version of app.war is called 2.7.0 already (${serving.slice(0, 8)}): only their ids will tell them apart.`,
    );
    const other = await upload([war('app.war'), '--name', '2.7.1'], { answers: [false] });
    expect(other.errors).not.toContain('already');
  });

  test('tells that what waited was given up', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    world.clock.after(20, () => void world.put('AbortRequested', { task: 'WAS', dropPending: true }));
    const { code, output } = await upload([war('app.war'), '--yes', '--watch']);
    expect(code).toBe(1);
    expect(words(output)).toContain('It is not deployed: refused with T015: what waited was given up by an abort.');
  });

  test('follows the newer upload that takes its place while it waits', async () => {
    await world.upload('app.war', { health: '200' });
    await world.until('DummyAttached');
    const newer = new Promise<string>((resolve) => {
      world.clock.after(40, () => void world.upload('app.war', { health: '200', version: '3' }).then(resolve));
    });
    const { code, output } = await upload([war('app.war'), '--yes', '--watch', '--json']);
    expect({ code, outcome: JSON.parse(output).outcome }).toEqual({ code: 0, outcome: 'completed' });
    expect(world.servedVersions()).toEqual([await newer]);
  });

  test('ends with 4 where what it waits for needs an operator', async () => {
    const operator = new Operator(world);
    world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-swap') ? [] : [0.5]);
    await world.upload('app.war', { health: '200' });
    await world.until('Step2Passed');
    await operator.suspend('was-blue', ['ReplaceUnhealthy']);
    await operator.setHealth('was-blue', 500);
    await world.clock.advance(60);
    world.clock.after(30, () => void world.put('AbortRequested', { task: 'WAS' }));
    const { code, output } = await upload([war('app.war'), '--yes', '--watch']);
    expect(code).toBe(4);
    expect(words(output)).toContain('the upload waits until that is cleaned');
  });

  test('ends with 1 where the war is not well', async () => {
    const { code } = await upload([war('app.war', { health: '500' }), '--yes', '--watch']);
    expect(code).toBe(1);
  });

  test('on Ctrl-C leaves the deployment running, and ends with 5 when its time is over', async () => {
    const interrupted = await upload([war('app.war'), '--yes', '--watch'], { interruptAfterSeconds: 40 });
    expect(interrupted.code).toBe(5);
    expect(interrupted.output).toContain('Come back to it:\n  bluegreen watch WAS');
    const late = await upload([war('app.war'), '--yes', '--watch', '--timeout', '10']);
    expect(late.code).toBe(5);
    await world.until('Completed');
  });

  test('asks, and a no or nobody to ask changes nothing', async () => {
    const before = (await head()).VersionId;
    expect((await upload([war('app.war')], { answers: [false] })).code).toBe(3);
    expect((await upload([war('app.war')])).code).toBe(2);
    expect((await head()).VersionId).toBe(before);
  });

  test.each([
    ['is empty', '', 'it is empty'],
    ['is no zip', 'no zip', 'it is not a zip (6 bytes)'],
    [
      'was cut off',
      buildWar({ health: '200', more: 'x'.repeat(99) }).slice(0, 90),
      'it begins as a zip, but its end is missing after 90 bytes: it was cut off',
    ],
    ['has no entries', buildWar({}), 'it is a zip without entries'],
    ['is packed otherwise', Buffer.from('1f8b0800', 'hex'), 'it is packed with gzip, and no zip'],
    ['is a page', '<html>404</html>', 'it is a page of text'],
  ])('does not send what %s', async (_, content, said) => {
    const before = (await head()).VersionId;
    const { code, errors } = await upload([file('app.war', content), '--yes']);
    expect(words(errors)).toContain(`is not a war: ${said}`);
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 2, versionId: before });
  });

  test.each([
    [['ap.war'], 'There is no file'],
    [['ap.war'], 'Did you mean app.war?'],
    [['.'], 'is not a file'],
    [['app.war=.'], 'is not a file'],
    [['other.war'], 'Say which: bluegreen upload WAS 1='],
    [['api.war=app.war'], 'WAS has no war api.war'],
    [['app.war', '1=app.war'], 'app.war is given twice, as'],
    [['app.war', 'app.war'], 'app.war is given twice, as'],
    [['app.war', 'app.war=copy.war'], 'app.war is given two files: '],
    [['1=copy.war', 'app.war'], 'Give each war one.'],
    [['app.war', '--name', ' '], '--name says nothing'],
    [['app.war', '--name', 'x'.repeat(49)], 'more than 48 bytes'],
    [['app.war', '--name', 'a\nb'], 'more than one line'],
    [['app.war', '--nmae', 'b'], 'nmae'],
    [[], 'upload needs a file. As in: bluegreen upload WAS app.war --watch'],
  ])('%j is answered without anything being sent', async (typed, said) => {
    for (const name of ['app.war', 'other.war', 'copy.war']) war(name);
    const before = (await head()).VersionId;
    const inFolder = typed.map((one) => one.replace(/^([^=]*=)?((?:ap|app|other|copy)\.war|\.)$/, `$1${folder}/$2`));
    const { code, errors } = await upload([...inFolder, '--yes']);
    expect(words(errors).replaceAll(`${folder}/`, '')).toContain(said);
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 2, versionId: before });
  });

  test('of a task in another spelling names the one that there is', async () => {
    const { code, errors } = await command.run(['upload', 'was', war('app.war'), '--yes']);
    expect(code).toBe(2);
    expect(errors).toContain('Did you mean WAS?');
  });

  test('refuses with the code of start what could not be deployed', async () => {
    await new Operator(world).setSize('was-green', 1, 1, 1);
    const before = (await head()).VersionId;
    const { code, errors } = await upload([war('app.war'), '--yes']);
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 3, versionId: before });
    expect(errors).toMatch(/^Refused with 401: /);
  });

  test('takes the place of a war that is broken', async () => {
    await world.uploadBytes('app.war', 'no zip');
    await world.clock.advance(60);
    expect((await upload([war('app.war'), '--yes', '--watch'])).code).toBe(0);
  });

  test('refuses while an operator has to decide', async () => {
    await blockDeployment(world);
    const { code, errors } = await upload([war('app.war'), '--yes']);
    expect(code).toBe(3);
    expect(words(errors)).toMatch(/^Refused with 401: .* waits for an operator: .* Clean up: bluegreen clean WAS/);
  });

  test.each([
    ['written anew', (path: string, content: Uint8Array) => writeFileSync(path, content)],
    [
      'replaced by another one',
      (path: string, content: Uint8Array) => {
        writeFileSync(`${path}.new`, content);
        renameSync(`${path}.new`, path);
      },
    ],
  ])('sends nothing of a file that is %s while it asks', async (_, change) => {
    const path = war('app.war', { large: 'x'.repeat(100) });
    const before = (await head()).VersionId;
    const { code, errors } = await upload([path], {
      answers: [async () => change(path, buildWar({ health: '200', large: 'y'.repeat(500) }))],
    });
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 3, versionId: before });
    expect(words(errors)).toContain('app.war was changed since it was looked at: nothing of it was uploaded.');
  });

  test('completes nothing of a large war that is written anew while it is sent', async () => {
    const path = largeWar();
    const before = (await head()).VersionId;
    const uploadIds = slowly(1);
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.operation === 'UploadPart') writeFileSync(path, new Uint8Array(20 * 1024 ** 2));
      return proceed();
    });
    const { code, errors } = await upload([path, '--yes']);
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 3, versionId: before });
    expect(errors).toContain('was changed since it was looked at');
    await expectGone(uploadIds);
  });

  test('goes on where a large war is completed and the answer is lost', async () => {
    let isLost = false;
    world.aws.endpoint.intercept(async (call, proceed) => {
      const answer = await proceed();
      if (call.operation !== 'CompleteMultipartUpload' || isLost) return answer;
      isLost = true;
      throw new AwsError('InternalError', 'We encountered an internal error.', 500);
    });
    const { code, output } = await upload([largeWar(), '--yes', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(output).uploads).toMatchObject([{ versionId: (await head()).VersionId }]);
  });

  test('does not wait for what a pipe would say', async () => {
    mkdirSync(folder, { recursive: true });
    execFileSync('mkfifo', [join(folder, 'app.war')]);
    const { code, errors } = await upload([join(folder, 'app.war'), '--yes']);
    expect(code).toBe(2);
    expect(words(errors)).toContain('app.war is not a file.');
  });

  test('goes on looking while AWS throttles what comes after the upload', async () => {
    let throttled = 0;
    let isSent = false;
    world.aws.endpoint.intercept((call, proceed) => {
      isSent ||= call.operation === 'PutObject' && call.caller.principal === 'operator';
      const isLook = isSent && call.caller.principal === 'operator' && call.operation === 'GetObject';
      if (!isLook || throttled++ >= 12) return proceed();
      return Promise.reject(new AwsError('SlowDown', 'Please reduce your request rate.', 503));
    });
    const { code } = await upload([war('app.war'), '--yes', '--watch']);
    expect({ code, served: world.servedVersions() }).toEqual({ code: 0, served: [(await head()).VersionId] });
  });

  test('names what it has uploaded where it may not look any more', async () => {
    let isSent = false;
    world.aws.endpoint.intercept((call, proceed) => {
      isSent ||= call.operation === 'PutObject' && call.caller.principal === 'operator';
      const isLook = isSent && call.caller.principal === 'operator' && call.operation === 'GetObject';
      return isLook ? Promise.reject(new AwsError('ExpiredToken', 'The provided token has expired.', 400)) : proceed();
    });
    const { code, errors } = await upload([war('app.war'), '--name', '2.4.1', '--yes', '--watch']);
    expect(code).toBe(5);
    expect(words(errors)).toMatch(
      /Uploaded app\.war 2\.4\.1 \(.{8}\), but what becomes of it is not seen: AWS does not/,
    );
  });

  test('says which newer upload is deployed in its place', async () => {
    let isFirst = true;
    let newer: Promise<string> | undefined;
    world.aws.endpoint.intercept(async (call, proceed) => {
      const answer = await proceed();
      if (call.operation === 'PutObject' && isFirst) {
        isFirst = false;
        const input = { Bucket: world.fleet.bucket, Key: 'app.war', Body: buildWar({ health: '200', by: 'bob' }) };
        const put = new PutObjectCommand({ ...input, Metadata: { version: '2.5.0' } });
        newer = new S3Client(world.aws.operator).send(put).then(({ VersionId = '' }) => VersionId);
      }
      return answer;
    });
    const { errors, output } = await upload([war('app.war'), '--name', '2.4.1', '--yes', '--watch', '--json']);
    expect(JSON.parse(output).wars).toMatchObject([{ key: 'app.war', to: { versionId: await newer } }]);
    expect(words(errors)).toMatch(/2\.5\.0 \(.{8}\), is deployed in place of 2\.4\.1 \(.{8}\)/);
  });

  test('sends a large war in parts, and tells how far it is', async () => {
    const large = largeWar();
    const onTerminal = await upload([large, '--yes'], { isTerminal: true });
    expect(onTerminal.code).toBe(0);
    expect(onTerminal.errors.split('\r\u001b[2K')[1]).toMatch(/^█+░+ app\.war \d+ % of 21\.0 MB$/);
    expect((await head()).ETag).toMatch(/-3"$/);
    await world.until('Completed');
    await world.clock.advance(60);
    slowly(12);
    const piped = await upload([large, '--yes', '--watch']);
    expect(piped.code).toBe(0);
    expect(piped.errors).toMatch(/^app\.war \d\d % of 21\.0 MB\n/m);
    expect(piped.errors).not.toContain('\r');
    expect(piped.errors).not.toContain('\u001b');
    expect(world.servedVersions()).toEqual([(await head()).VersionId]);
  });

  test('on Ctrl-C leaves nothing of a large war', async () => {
    const before = (await head()).VersionId;
    const uploadIds = slowly(20);
    const { code, errors } = await upload([largeWar(), '--yes', '--watch'], { interruptAfterSeconds: 15 });
    expect(words(errors)).toContain('was interrupted. Nothing of it is left in S3.');
    expect({ code, versionId: (await head()).VersionId }).toEqual({ code: 1, versionId: before });
    await expectGone(uploadIds);
  });

  test('leaves nothing of a large war that is refused on its way', async () => {
    const uploadIds = slowly(1, new AwsError('AccessDenied', 'Access Denied', 403));
    const { code, errors } = await upload([largeWar(), '--yes']);
    expect(errors).toContain('AWS does not let you do this');
    expect(code).toBe(6);
    await expectGone(uploadIds);
  });
});

describe('upload of a task that is not deployed by itself', () => {
  test('says so, and names what deploys it', async () => {
    await begin({ extraTags: { autodeploy: 'false' } });
    const { code, errors, output } = await upload([war('app.war'), '--name', '2', '--yes', '--watch']);
    expect(code).toBe(0);
    expect(words(errors)).toContain('A group of the task is tagged autodeploy = false: it is not deployed by itself.');
    expect(words(output)).toMatch(
      /^Uploaded app\.war 2 \(.{8}\); not deployed yet\. Deploy it: bluegreen deploy WAS --watch --stack stack/,
    );
    expect(world.story).toEqual([]);
  });
});

describe('upload of several wars', () => {
  beforeEach(() => begin({ warKeys: ['app.war', 'releases/api.war'] }));

  test('one file for two wars is answered before anything is sent', async () => {
    const file = war('app.war');
    const { code, errors } = await upload([`1=${file}`, `2=${file}`, '--yes']);
    expect(words(errors)).toContain('app.war is given for two wars: app.war and releases/api.war.');
    expect({ code, story: world.story }).toEqual({ code: 2, story: [] });
  });

  test('makes one deployment of them', async () => {
    const { code, errors, output } = await upload([war('app.war'), war('api.war'), '--yes', '--watch', '--json']);
    expect(code).toBe(0);
    expect(words(errors)).toContain('after 60 s in which other wars may come');
    const { uploads } = JSON.parse(output);
    expect([world.servedVersions(1), world.servedVersions(2)]).toEqual(
      uploads.map(({ versionId }: { versionId: string }) => [versionId]),
    );
    expect(world.story.filter((type) => type === 'Completed')).toHaveLength(1);
  });

  test('says which of them is there where a later one fails', async () => {
    const second = war('api.war', { large: 'x'.repeat(3000) });
    const { code, errors } = await upload([war('app.war'), second], {
      answers: [async () => truncateSync(second, 100)],
    });
    expect(code).toBe(1);
    expect(words(errors)).toMatch(/Uploaded app\.war \S+; but not releases\/api\.war: \S+ was changed/);
  });

  test('says before and after that it is not deployed because of another war', async () => {
    await world.uploadBytes('releases/api.war', 'no zip');
    await world.clock.advance(90);
    const { code, errors, output } = await upload([war('app.war'), '--yes', '--watch']);
    expect(code).toBe(1);
    expect(words(errors)).toMatch(/It is not deployed until releases\/api\.war is mended: .* is not a war/);
    expect(words(output)).toMatch(/^Uploaded app\.war \S+\. It is not deployed: refused with 402: /);
    expect(output).not.toContain('Nothing was changed');
  });

  test.each(['2', 'releases/api.war', 'api.war'])('takes %s=FILE', async (slot) => {
    const { code, output } = await upload([`${slot}=${war('build.war')}`, '--yes', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(output).uploads).toMatchObject([{ key: 'releases/api.war' }]);
  });
});

describe('upload where two wars have the same file name', () => {
  test('a war that two slots have is one war, by whatever it is called', async () => {
    await begin({ warKeys: ['app.war', 'app.war'] });
    const { code, output } = await upload([`app.war=${war('other.war')}`, '--yes', '--watch', '--json']);
    expect({ code, wars: JSON.parse(output).wars }).toMatchObject({ code: 0, wars: [{ slot: 1 }, { slot: 2 }] });
    const twice = await upload([`1=${war('a.war')}`, `2=${war('b.war')}`, '--yes']);
    expect({ code: twice.code, errors: words(twice.errors) }).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^app\.war is given two files: \S+a\.war and \S+b\.war\. Give each war one\./),
    });
  });

  test('asks which one is meant', async () => {
    await begin({ warKeys: ['a/app.war', 'b/app.war'] });
    const { code, errors } = await upload([war('app.war'), '--yes']);
    expect(code).toBe(2);
    expect(words(errors)).toMatch(
      /2 wars of WAS are called so\. There are: 1 \(a\/app\.war\), 2 \(b\/app\.war\)\. Say which/,
    );
  });
});

function upload(words: string[], options?: CommandOptions) {
  return command.run(['upload', 'WAS', ...words], options);
}

function war(name: string, entries: Record<string, string> = {}): string {
  return file(name, buildWar({ health: '200', ...entries }));
}

/** Three parts. */
function largeWar(): string {
  return file(
    'app.war',
    zipSync({ health: Buffer.from('200'), large: [new Uint8Array(20 * 1024 ** 2), { level: 0 }] }),
  );
}

function file(name: string, content: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Parts but the first take so long, and are refused then where that is so; answers the ids of uploads in parts. */
function slowly(seconds: number, refusal?: AwsError): string[] {
  const ids: string[] = [];
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.operation === 'CreateMultipartUpload') {
      const answer = (await proceed()) as { UploadId: string };
      ids.push(answer.UploadId);
      return answer;
    }
    if (call.operation !== 'UploadPart' || call.input.PartNumber === 1) return proceed();
    await new Promise<void>((resolve) => void world.clock.after(seconds * Number(call.input.PartNumber), resolve));
    if (refusal) throw refusal;
    return proceed();
  });
  return ids;
}

async function expectGone(uploadIds: string[]): Promise<void> {
  expect(uploadIds).toHaveLength(1);
  const [UploadId] = uploadIds;
  const part = new UploadPartCommand({
    Bucket: world.fleet.bucket,
    Key: 'app.war',
    UploadId,
    PartNumber: 1,
    Body: 'x',
  });
  const sent = world.clock.run(new S3Client(world.aws.operator).send(part));
  await expect(sent).rejects.toMatchObject({ name: 'NoSuchUpload' });
}

function head() {
  const Key = world.fleet.warKeys[0];
  const command = new HeadObjectCommand({ Bucket: world.fleet.bucket, Key });
  return world.clock.run(new S3Client(world.aws.operator).send(command));
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ');
}
