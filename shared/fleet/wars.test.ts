/** Which wars can be deployed, asked of S3 with objects of every kind that operators have uploaded. */
import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
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
const wars = new Wars(client, client, () => clock.now());
const war = buildWar({ health: 'well' });

let uploadedAt = clock.now();

/** Uploads and answers the version id. */
function put(
  Key: string,
  Body: string | Uint8Array = war,
  Bucket = 'wars',
  Metadata?: Record<string, string>,
): Promise<string> {
  const Bytes = Buffer.from(Body);
  const answer = client.send(new PutObjectCommand({ Bucket, Key, Body: Bytes, ContentLength: Bytes.length, Metadata }));
  uploadedAt = clock.now();
  return clock.run(answer.then(({ VersionId = '' }) => VersionId));
}

/** As what was just uploaded is called: S3 keeps whole seconds. */
function uploaded(): string {
  return `uploaded 2030-01-01 ${uploadedAt.toISOString().slice(11, 19)} UTC`;
}

function prove(key: string, versionId?: string, bucket = 'wars'): Promise<ProvenWar> {
  return clock.run(wars.prove(bucket, key, versionId));
}

test('a version that is there and is a zip is proven; without one named, the latest', async () => {
  const first = await put('app.war');
  const second = await put('app.war', buildWar({ health: 'better' }));
  expect(await prove('app.war')).toMatchObject({ versionId: second });
  expect(await prove('app.war', first)).toMatchObject({ versionId: first });
});

test.each(['my app.war', '결제/애플리케이션.war', 'a+b.war', 'a%20b.war', "it's (new) & <best>?.war", 'a//b.war'])(
  'a strange key is a key like any other: %s',
  async (key) => {
    const versionId = await put(key);
    expect(await prove(key)).toMatchObject({ versionId });
    expect(await prove(key, versionId)).toMatchObject({ versionId });
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
  ['a script alone', '#!/bin/sh\nexec java -jar "$0"\n'],
  ['a long text', 'no war\n'.repeat(20_000)],
])('%s is not a war', async (_, body) => {
  const versionId = await put('broken.war', Buffer.from(body, 'latin1'));
  expect(await prove('broken.war')).toEqual({
    problem: `wars key(broken.war) versionId(${versionId}) is not a war: not a zip, ${uploaded()}`,
  });
});

describe('a zip with something in front of it', () => {
  const SCRIPT = '#!/bin/sh\nexec java -jar "$0"\n';
  const LONG_SCRIPT = `#!/bin/sh\n${'# PK\u0005\u0006 '.repeat(20_000)}\n`;

  /** As tools that know of the script write it: offsets count from the beginning of the file. */
  function adjusted(zip: Uint8Array, bytes: number): Buffer {
    const copy = Buffer.from(zip);
    const end = copy.length - 22;
    copy.writeUInt32LE(copy.readUInt32LE(end + 16) + bytes, end + 16);
    return copy;
  }

  function withComment(zip: Uint8Array, comment: string): Buffer {
    const copy = Buffer.from(zip);
    copy.writeUInt16LE(comment.length, copy.length - 2);
    return Buffer.concat([copy, Buffer.from(comment, 'latin1')]);
  }

  /** With a number of its end record changed: two bytes, or four. */
  function changed(offset: number, value: number, width: 2 | 4): Buffer {
    const copy = Buffer.from(war);
    copy.writeUIntLE(value, copy.length - 22 + offset, width);
    return copy;
  }

  const manyEntries = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`entry-number-${index}`, '']));
  const locator = Buffer.from('PK\u0006\u0007'.padEnd(20, '\u0000'), 'latin1');

  test.each<[string, string, Uint8Array]>([
    ['a script', SCRIPT, war],
    ['a script that offsets account for', SCRIPT, adjusted(war, SCRIPT.length)],
    ['a script longer than what is read of the end', LONG_SCRIPT, war],
    ['an executable', '\u007fELF'.padEnd(4096, '\u0000'), war],
    ['a script, and a comment behind it', SCRIPT, withComment(war, 'built on a Monday')],
    ['a script, and the longest comment', SCRIPT, withComment(war, '#'.repeat(0xffff))],
    [
      'a script, and a comment that looks like its end',
      SCRIPT,
      withComment(war, `${'PK\u0005\u0006'.padEnd(22, '\u0000')}!`),
    ],
    ['a script, and more entries than are read of the end', SCRIPT, buildWar(manyEntries)],
    [
      'a script, and more entries than two bytes can count',
      SCRIPT,
      Buffer.concat([war.subarray(0, -22), locator, changed(10, 0xffff, 2).subarray(-22)]),
    ],
  ])('is a war: %s', async (_, before, zip) => {
    const versionId = await put('executable.war', Buffer.concat([Buffer.from(before, 'latin1'), zip]));
    expect(await prove('executable.war')).toMatchObject({ versionId });
    expect(await prove('executable.war', versionId)).toMatchObject({ versionId });
  });

  test.each<[string, Uint8Array]>([
    ['is cut off', war.subarray(0, -1)],
    ['goes on behind its end', Buffer.concat([war, Buffer.from('more')])],
    ['says that its directory is larger than the file', changed(12, 100_000, 4)],
    ['says that its directory is beyond the file', changed(16, 100_000, 4)],
    ['says that its directory is where none is', changed(12, 47, 4)],
    ['says that it has more entries than its directory has room for', changed(8, 0x01010101, 4)],
    ['is the last of several disks', changed(4, 1, 2)],
    ['counts more than it can, and says nowhere how many', changed(10, 0xffff, 2)],
  ])('is not one where the zip %s', async (_, zip) => {
    const versionId = await put('broken.war', Buffer.concat([Buffer.from(SCRIPT), zip]));
    expect(await prove('broken.war')).toEqual({
      problem: `wars key(broken.war) versionId(${versionId}) is not a war: not a zip, ${uploaded()}`,
    });
  });

  test('costs one more read, and a plain one none', async () => {
    const reads: unknown[] = [];
    const stop = aws.endpoint.intercept((call, proceed) => {
      reads.push(call.input.Range);
      return proceed();
    });
    await put('app.war');
    await prove('app.war');
    expect(reads.splice(0)).toEqual([undefined, 'bytes=0-16383']);
    await put('app.war', Buffer.concat([Buffer.from(LONG_SCRIPT, 'latin1'), war]));
    await prove('app.war');
    expect(reads.splice(0)).toHaveLength(3);
    stop();
  });
});

describe('a war is called', () => {
  const UPLOADED = 'uploaded 2030-01-01 00:00:';

  /** `Manifest-Version` comes first, as everywhere. */
  const manifest = (...lines: string[]) => ['Manifest-Version: 1.0', ...lines, '', ''].join('\r\n');
  const warWith = (text: string) => buildWar({ 'META-INF/MANIFEST.MF': text, health: 'well' });
  const builtAs = (version: string) => warWith(manifest(`Implementation-Version: ${version}`));

  /** That no compression makes shorter. */
  const noise = (bytes: number) =>
    createHash('shake256', { outputLength: bytes }).update('noise').digest().toString('latin1');

  async function nameOf(bytes: Uint8Array, metadata?: Record<string, string>): Promise<string | undefined> {
    const versionId = await put('named.war', bytes, 'wars', metadata);
    const proven = await prove('named.war');
    const name = 'name' in proven ? proven.name : undefined;
    expect(await clock.run(wars.nameOf('wars', 'named.war', versionId))).toBe(name); // also where it is not proven
    return name;
  }

  test.each<[string, string, Uint8Array, Record<string, string> | undefined]>([
    ['what its uploader calls it', '1.4.2', builtAs('9'), { version: '1.4.2' }],
    [
      'that, with commit and build',
      '1.4.2, commit 0123456789ab, build 77',
      builtAs('9'),
      { version: '1.4.2', commit: '0123456789abcdef0123', build: '77' },
    ],
    ['what its build calls it', '1.4.3-SNAPSHOT', builtAs('1.4.3-SNAPSHOT'), undefined],
    ['that, where its uploader says nothing', '1.4.3', builtAs('1.4.3'), { version: ' ', owner: 'jane' }],
    ['that, with the build its uploader names', '1.4.3, build 7', builtAs('1.4.3'), { build: '7' }],
    ['that, in whatever case', '2', warWith(manifest('IMPLEMENTATION-VERSION: 2')), undefined],
    ['that, where the line goes on in the next one', '1.2.3', builtAs('1.\r\n 2.\r\n 3'), undefined],
    [
      'that, where lines end with line feeds alone, and the last with nothing',
      '5',
      warWith('Manifest-Version: 1.0\nImplementation-Version: 5'),
      undefined,
    ],
    [
      'that, where the manifest is not the first entry',
      '7',
      buildWar({
        ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`entry-${index}`, noise(2000)])),
        'META-INF/MANIFEST.MF': manifest('Implementation-Version: 7'),
      }),
      undefined,
    ],
    [
      'that, behind a script that makes it executable',
      '8',
      Buffer.concat([Buffer.from('#!/bin/sh\n'), builtAs('8')]),
      undefined,
    ],
    [
      'that, where the manifest is long',
      '9',
      warWith(
        manifest('Implementation-Version: 9', ...Array.from({ length: 900 }, (_, index) => `Long-${index}: ${index}`)),
      ),
      undefined,
    ],
    [
      'nothing else than the whole manifest names',
      UPLOADED,
      warWith(manifest('', 'Name: part.class', 'Implementation-Version: 3')),
      undefined,
    ],
    ['by its upload, without a manifest', UPLOADED, war, undefined],
    ['by its upload, where the manifest names no version', UPLOADED, warWith(manifest('Created-By: 21')), undefined],
    ['by its upload, where that is blank', UPLOADED, builtAs(' '), undefined],
  ])('%s', async (_, expected, bytes, metadata) => {
    const name = await nameOf(bytes, metadata);
    if (expected === UPLOADED) expect(name).toMatch(/^uploaded 2030-01-01 00:\d\d:\d\d UTC$/);
    else expect(name).toBe(expected);
  });

  test('by no more than two reads of its manifest beside the one that proves it, and none where that comes first', async () => {
    const reads: string[] = [];
    const stop = aws.endpoint.intercept((call, proceed) => {
      if (call.operation === 'GetObject') reads.push(String(call.input.Range));
      return proceed();
    });
    const filler = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`entry-${index}`, noise(2000)]));
    const manifestLast = buildWar({ ...filler, 'META-INF/MANIFEST.MF': manifest('Implementation-Version: 7') });
    await put('app.war', manifestLast);
    await prove('app.war');
    expect(reads.splice(0)).toHaveLength(3);
    await put('app.war', buildWar({ 'META-INF/MANIFEST.MF': manifest('Implementation-Version: 7'), ...filler }));
    await prove('app.war');
    expect(reads.splice(0)).toHaveLength(1);
    await put('app.war', manifestLast, 'wars', { version: '7' });
    await prove('app.war');
    expect(reads.splice(0)).toHaveLength(1);
    stop();
  });

  test.each([
    ['line breaks', '1.0\n[Error] Deploy Clean\r\naws s3 rm'],
    ['control characters', '1.0\u0000\u001b[2J\u0085\u2028x'],
    ['a direction of writing', '1.0\u202e\u2066gnp.exe'],
    ['quotes and markup', '"1.0" <b>\\'],
    ['more than has room', '1.0.'.repeat(100)],
    ['more than has room, of wide characters', '😀'.repeat(100)],
  ])('one short line, whatever its build says: %s', async (_, version) => {
    const name = await nameOf(warWith(`Implementation-Version: ${version.replace(/[\r\n]+/g, '\r')}\r\n\r\n`));
    expect(name).toMatch(/^[^"\\<>\p{Cc}\p{Cf}\u2028]+$/u);
    expect(Buffer.byteLength(name ?? '')).toBeLessThanOrEqual(48);
    expect(name?.isWellFormed()).toBe(true);
  });

  test('one short line, whatever its uploader says', async () => {
    const name = await nameOf(war, {
      version: '=?UTF-8?Q?1?= "x"'.padEnd(300, 'y'),
      commit: 'c'.repeat(300),
      build: 'b'.repeat(900),
    });
    expect(name).toMatch(/^[^"\\<>\p{Cc}]+$/u);
    expect(Buffer.byteLength(name ?? '')).toBeLessThanOrEqual(48);
  });

  test('something, or nothing, however its zip is broken: it is proven all the same', async () => {
    const filler = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`entry-${index}`, noise(2000)]));
    const plain = buildWar({ ...filler, 'META-INF/MANIFEST.MF': manifest('Implementation-Version: 7') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (changes, atEnd) => {
          const bytes = Buffer.from(plain);
          for (const [at, value] of changes) bytes[atEnd ? bytes.length - 23 - at : at + 4] = value;
          const changed = await put('broken.war', bytes);
          expect(await prove('broken.war')).toMatchObject({ versionId: changed, name: expect.any(String) });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test('by its upload, where S3 does not give its manifest, and for a while nothing more is asked', async () => {
    const filler = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`entry-${index}`, noise(2000)]));
    await put('app.war', buildWar({ ...filler, 'META-INF/MANIFEST.MF': manifest('Implementation-Version: 7') }));
    let asked = 0;
    const stop = aws.endpoint.intercept(async (call, proceed) => {
      if (!String(call.input.Range).startsWith('bytes=-')) return proceed();
      asked++;
      throw new AwsError('InternalError', 'not now', 500);
    });
    const uploaded = expect.stringContaining('uploaded 2030-01-01');
    expect(await prove('app.war')).toMatchObject({ name: uploaded });
    const once = asked;
    expect(once).toBeGreaterThan(0);
    expect(await prove('app.war')).toMatchObject({ name: uploaded });
    expect(asked).toBe(once);
    await clock.advance(61);
    stop();
    expect(await prove('app.war')).toMatchObject({ name: '7' });
  });

  test.each(['none', '-', '0'.repeat(32)])('nothing, where there is no version %s', async (versionId) => {
    await put('app.war');
    expect(await clock.run(wars.nameOf('wars', 'app.war', versionId))).toBeUndefined();
    expect(await clock.run(wars.nameOf('no-bucket', 'app.war', versionId))).toBeUndefined();
  });
});

test.each([
  ['alone', ''],
  ['behind a script', '#!/bin/sh\n'],
])('a zip without entries is refused as empty: %s', async (_, before) => {
  const versionId = await put('broken.war', Buffer.from(before + 'PK\u0005\u0006'.padEnd(22, '\u0000'), 'latin1'));
  expect(await prove('broken.war')).toEqual({
    problem: `wars key(broken.war) versionId(${versionId}) is not a war: an empty zip, without entries, ${uploaded()}`,
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
  expect(await prove('deleted.war', versionId)).toMatchObject({ versionId });
});

test('a bucket without versioning cannot be deployed from: nobody could go back', async () => {
  await put('app.war', war, 'plain');
  expect(await prove('app.war', undefined, 'plain')).toEqual({
    problem: 'plain key(app.war) has no versions: versioning is not enabled on the bucket',
  });
});

describe('where S3 answers', () => {
  let versionId: string;
  beforeAll(async () => {
    versionId = await put('app.war');
  });

  /** What is said of the latest version where S3 refuses to give it. */
  async function refusedWith(code: string, message: string, status: number, operations = ['GetObject']) {
    const recover = aws.endpoint.intercept(async (call, proceed) => {
      if (operations.includes(call.operation)) throw new AwsError(code, message, status);
      return proceed();
    });
    try {
      return await prove('app.war');
    } finally {
      recover();
    }
  }

  const KMS = /the KMS key that it is encrypted with cannot be used\. Upload the war again with SSE-S3/;
  const REGION = /its bucket is in another region than the stack\. Use a bucket of the region/;
  const DENIED = /access denied\. Let the role of start read it \(s3:GetObject, s3:GetObjectVersion\)/;
  const CUSTOMER_KEY = /encrypted with a key that only its uploader has\. Upload the war again with SSE-S3/;

  test.each<[string, string, number, RegExp]>([
    [
      'InvalidObjectState',
      "The operation is not valid for the object's storage class",
      403,
      /is archived .* restore that/,
    ],
    [
      'InvalidObjectState',
      "The operation is not valid for the object's access tier",
      403,
      /is archived .* restore that/,
    ],
    ['KMS.DisabledException', 'arn:aws:kms:eu-central-1:123456789012:key/1 is disabled.', 400, KMS],
    ['KMS.NotFoundException', 'Key does not exist', 400, KMS],
    ['KMS.KMSInvalidStateException', 'It is pending deletion.', 400, KMS],
    ['AccessDenied', 'The ciphertext refers to a customer master key that does not exist', 403, KMS],
    ['AccessDenied', 'User: x is not authorized to perform: kms:Decrypt on resource: y', 403, KMS],
    [
      'InvalidRequest',
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided',
      400,
      CUSTOMER_KEY,
    ],
    ['PermanentRedirect', 'The bucket must be addressed using the specified endpoint.', 301, REGION],
    ['AuthorizationHeaderMalformed', "the region 'a' is wrong; expecting 'b'", 400, REGION],
    ['IllegalLocationConstraintException', 'The b location constraint is incompatible', 400, REGION],
    ['AccessDenied', 'Access Denied', 403, DENIED],
    ['AllAccessDisabled', 'All access to this object has been disabled', 403, DENIED],
    ['Forbidden', 'Forbidden', 403, DENIED],
    ['InvalidBucketName', 'The specified bucket is not valid.', 400, /remove the cause that S3 names/],
    ['KeyTooLongError', 'Your key is too long', 400, /remove the cause that S3 names/],
    ['InvalidArgument', 'Requests specifying KMS keys require AWS Signature Version 4.', 400, /cannot be read/],
    ['NotSignedUp', 'Your account is not signed up for the Amazon S3 service.', 403, /remove the cause that S3 names/],
    ['constructor', 'A code that every object has', 400, /remove the cause that S3 names/],
  ])(
    '%s (%s) the war is refused for good, with its name, what to do, and what S3 says',
    async (code, message, status, expected) => {
      const proven = await refusedWith(code, message, status);
      const problem = 'problem' in proven ? proven.problem : '';
      expect(problem).toMatch(expected);
      expect(problem.startsWith(`wars key(app.war) versionId(${versionId}) `)).toBe(true);
      expect(problem).toContain(`(S3 answers ${code}`);
      expect(problem).toContain(message.replace(';', ',').slice(message === code ? code.length : 0));
    },
  );

  test('a redirection without a word the bucket is said to be in another region', async () => {
    expect(await refusedWith('', '', 301)).toEqual({ problem: expect.stringMatching(REGION) });
  });

  test('with markup and line breaks, one plain line is said of it', async () => {
    const proven = await refusedWith('AccessDenied', `"a" <b>\n\\c; ${'d'.repeat(5000)}`, 403);
    const problem = 'problem' in proven ? proven.problem : '';
    expect(problem).toMatch(/^[^"\\<>\n;]{100,800}$/);
  });

  test('with a denial to whatever is asked, it is the latest version that cannot be read', async () => {
    const proven = await refusedWith('AccessDenied', 'Access Denied', 403, ['GetObject', 'HeadObject']);
    expect(proven).toEqual({
      problem: expect.stringMatching(/^wars key\(app\.war\) versionId\(the latest\) cannot be read/),
    });
  });

  test.each<[string, number]>([
    ['InternalError', 500],
    ['SlowDown', 503],
    ['Throttling', 400],
    ['KMS.ThrottlingException', 400],
    ['KMS.KMSInternalException', 400],
    ['RequestTimeout', 400],
    ['RequestTimeTooSkewed', 403],
    ['ExpiredToken', 400],
    ['TokenRefreshRequired', 400],
    ['TemporaryRedirect', 307],
    ['OperationAborted', 409],
    ['TooManyRequests', 429],
    ['Unheard', 307],
    ['Unheard', 408],
    ['Unheard', 409],
    ['Unheard', 429],
  ])('%s (%d) that is a fault, and no reason to refuse: it passes by itself', async (code, status) => {
    await expect(refusedWith(code, 'not now', status)).rejects.toThrow('not now');
  });
});
