import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  RestoreObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { clientDefaults } from '../../endpoint/client';
import { Endpoint } from '../../endpoint/endpoint';
import { VirtualClock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import type { S3Event } from './events';
import { S3 } from './s3';

const VERSION_ID = /^[A-Za-z0-9._]{32}$/;
const UNKNOWN_VERSION_ID = '0'.repeat(32);

/** An S3 with the versioned bucket `wars`, which tells EventBridge, and the plain bucket `state`. */
function world({ region = 'ap-northeast-2' } = {}) {
  const clock = new VirtualClock();
  const s3 = new S3({ clock, random: new Random(1), region, accountId: '123456789012' });
  s3.createBucket('wars', { versioning: 'Enabled', eventBridge: true });
  s3.createBucket('state');
  const events: S3Event[] = [];
  s3.onEvent((event) => events.push(event));
  const endpoint = new Endpoint(clock, { s3 }, 0);
  const operator = { principal: 'operator', isAlive: () => true };
  const client = new S3Client(clientDefaults(endpoint, clock, operator, region));
  const put = (Bucket: string, Key: string, Body: PutObjectCommandInput['Body'], more = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Bucket: string, Key: string, more = {}) => {
    const output = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { ...output, text: (await output.Body?.transformToString()) ?? '' };
  };
  const head = (Bucket: string, Key: string, more = {}) => client.send(new HeadObjectCommand({ Bucket, Key, ...more }));
  const remove = (Bucket: string, Key: string, more = {}) =>
    client.send(new DeleteObjectCommand({ Bucket, Key, ...more }));
  return { clock, s3, events, client, put, get, head, remove };
}

function failsWith(name: string, status: number) {
  return expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });
}

function md5(text: string | Uint8Array): string {
  return createHash('md5').update(text).digest('hex');
}

describe('objects', () => {
  test('come back as they were put, with their headers', async () => {
    const { put, get, head } = world();
    const headers = { ContentType: 'text/plain', CacheControl: 'no-cache', Metadata: { token: 't-1' } };
    const written = await put('state', 'tasks/WAS.json', '{"task":"한글"}', headers);
    expect(written.ETag).toBe(`"${md5('{"task":"한글"}')}"`);
    const described = { ...headers, ETag: written.ETag, ContentLength: 17 };
    expect(await get('state', 'tasks/WAS.json')).toMatchObject({ ...described, text: '{"task":"한글"}' });
    expect(await head('state', 'tasks/WAS.json')).toMatchObject({
      ...described,
      LastModified: new Date('2030-01-01T00:00:00Z'),
    });
  });

  test('come back with metadata that is not ASCII as encoded words', async () => {
    const { put, get, head } = world();
    await put('wars', 'a.war', 'x', { Metadata: { plain: '1.4', other: 'ÄMÄZÕÑ S3' } });
    const Metadata = { plain: '1.4', other: '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=' };
    expect(await get('wars', 'a.war')).toMatchObject({ Metadata });
    expect(await head('wars', 'a.war')).toMatchObject({ Metadata });
  });

  test.each(['a b/c+d%20e.war', '한글/배포 1.war', '/leading.war', 'a//b', "q?x=1&y#z'(1)!*~.war"])(
    'have any key: %s',
    async (key) => {
      const { put, get, head, remove, client, s3 } = world();
      const { VersionId } = await put('wars', key, 'content');
      expect((await get('wars', key, { VersionId })).text).toBe('content');
      expect(await head('wars', key)).toMatchObject({ VersionId });
      const list = await client.send(new ListObjectsV2Command({ Bucket: 'wars' }));
      expect(list.Contents).toMatchObject([{ Key: key }]);
      const CopySource = `wars/${encodeURIComponent(key)}?versionId=${VersionId}`;
      await client.send(new CopyObjectCommand({ Bucket: 'state', Key: `copy of ${key}`, CopySource }));
      expect((await get('state', `copy of ${key}`)).text).toBe('content');
      await remove('wars', key);
      expect(s3.readObject('wars', key)).toBeUndefined();
    },
  );

  test('may be empty, large, and streamed', async () => {
    const { put, get, s3 } = world();
    await put('state', 'empty', new Uint8Array());
    expect(await get('state', 'empty')).toMatchObject({ text: '', ContentLength: 0 });
    const bytes = Buffer.alloc(300_000, 'x');
    await put('state', 'streamed', Readable.from([bytes, bytes]), { ContentLength: 600_000 });
    expect(s3.readObject('state', 'streamed')?.bytes.length).toBe(600_000);
  });

  test('are answered in virtual time, whole streams included', async () => {
    const { clock, put, get } = world();
    await clock.run(put('state', 'a', Readable.from([Buffer.from('streamed')]), { ContentLength: 8 }));
    expect((await clock.run(get('state', 'a'))).text).toBe('streamed');
  });

  test('are read in part', async () => {
    const { put, get } = world();
    await put('wars', 'a.war', 'PK\x03\x04 and the rest');
    const part = await get('wars', 'a.war', { Range: 'bytes=0-3' });
    expect(part).toMatchObject({ text: 'PK\x03\x04', ContentLength: 4, ContentRange: 'bytes 0-3/17' });
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect((await get('wars', 'a.war', { Range: 'bytes=13-' })).text).toBe('rest');
    expect((await get('wars', 'a.war', { Range: 'bytes=-4' })).text).toBe('rest');
    expect((await get('wars', 'a.war', { Range: 'bytes=13-99' })).text).toBe('rest');
    expect((await get('wars', 'a.war', { Range: 'lines=1-2' })).ContentLength).toBe(17);
    await expect(get('wars', 'a.war', { Range: 'bytes=17-20' })).rejects.toEqual(failsWith('InvalidRange', 416));
  });

  test('that are not there: NoSuchKey, NoSuchBucket, and a HEAD without a body', async () => {
    const { get, head } = world();
    await expect(get('wars', 'none')).rejects.toEqual(failsWith('NoSuchKey', 404));
    await expect(get('nowhere', 'none')).rejects.toEqual(failsWith('NoSuchBucket', 404));
    await expect(head('wars', 'none')).rejects.toEqual(failsWith('NotFound', 404));
  });

  test('whose digest is not that of the body are refused', async () => {
    const { put, s3 } = world();
    await expect(put('state', 'a', 'x', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toEqual(
      failsWith('BadDigest', 400),
    );
    await expect(put('state', 'a', 'x', { ChecksumCRC32: 'AAAAAA==' })).rejects.toEqual(failsWith('BadDigest', 400));
    expect(s3.readObject('state', 'a')).toBeUndefined();
  });

  test('with a parameter that is not understood are refused, not written without it', async () => {
    const { put, s3 } = world();
    await expect(put('state', 'a', 'x', { Tagging: 'a=b' })).rejects.toEqual(failsWith('NotImplemented', 501));
    expect(s3.readObject('state', 'a')).toBeUndefined();
  });
});

describe('versions', () => {
  test('each write makes one, and each can be read', async () => {
    const { put, get, head, s3 } = world();
    const first = await put('wars', 'a.war', 'one');
    const second = await put('wars', 'a.war', 'two');
    expect(first.VersionId).toMatch(VERSION_ID);
    expect(second.VersionId).not.toBe(first.VersionId);
    expect(await get('wars', 'a.war')).toMatchObject({ text: 'two', VersionId: second.VersionId });
    expect((await get('wars', 'a.war', { VersionId: first.VersionId })).text).toBe('one');
    expect(await head('wars', 'a.war')).toMatchObject({ VersionId: second.VersionId });
    expect(s3.readObject('wars', 'a.war', first.VersionId)).toEqual({
      bytes: new Uint8Array(Buffer.from('one')),
      versionId: first.VersionId,
    });
  });

  test('that cannot exist are invalid, and that do not exist are not found', async () => {
    const { put, get, head } = world();
    await put('wars', 'a.war', 'one');
    for (const VersionId of ['abc', 'with space', '../../etc', `${UNKNOWN_VERSION_ID}0`]) {
      await expect(get('wars', 'a.war', { VersionId })).rejects.toEqual(failsWith('InvalidArgument', 400));
      await expect(head('wars', 'a.war', { VersionId })).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    }
    const VersionId = UNKNOWN_VERSION_ID;
    await expect(get('wars', 'a.war', { VersionId })).rejects.toEqual(failsWith('NoSuchVersion', 404));
    await expect(head('wars', 'a.war', { VersionId })).rejects.toEqual(failsWith('NotFound', 404));
  });

  test('of another key do not count', async () => {
    const { put, get } = world();
    const { VersionId } = await put('wars', 'a.war', 'one');
    await put('wars', 'b.war', 'two');
    await expect(get('wars', 'b.war', { VersionId })).rejects.toEqual(failsWith('NoSuchVersion', 404));
  });

  test('a deletion hides the object behind a marker, and taking the marker away brings it back', async () => {
    const { put, get, head, remove } = world();
    const { VersionId } = await put('wars', 'a.war', 'one');
    const marker = await remove('wars', 'a.war');
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(VERSION_ID) });
    await expect(get('wars', 'a.war')).rejects.toEqual(failsWith('NoSuchKey', 404));
    await expect(get('wars', 'a.war', { VersionId: marker.VersionId })).rejects.toEqual(
      failsWith('MethodNotAllowed', 405),
    );
    await expect(head('wars', 'a.war', { VersionId: marker.VersionId })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 405 },
    });
    expect((await get('wars', 'a.war', { VersionId })).text).toBe('one');
    expect(await remove('wars', 'a.war', { VersionId: marker.VersionId })).toMatchObject({ DeleteMarker: true });
    expect((await get('wars', 'a.war')).text).toBe('one');
    await remove('wars', 'a.war', { VersionId });
    await expect(get('wars', 'a.war', { VersionId })).rejects.toEqual(failsWith('NoSuchVersion', 404));
  });

  test('a bucket without versioning has none: a write replaces, a deletion deletes', async () => {
    const { put, get, remove, client } = world();
    await put('state', 'a', 'one');
    await put('state', 'a', 'two');
    const { text, VersionId } = await get('state', 'a');
    expect([text, VersionId]).toEqual(['two', undefined]);
    const list = await client.send(new ListObjectVersionsCommand({ Bucket: 'state' }));
    expect(list.Versions).toMatchObject([{ Key: 'a', VersionId: 'null', IsLatest: true }]);
    const removed = await remove('state', 'a');
    expect([removed.VersionId, removed.DeleteMarker]).toEqual([undefined, undefined]);
    await remove('state', 'a');
    expect((await client.send(new ListObjectVersionsCommand({ Bucket: 'state' }))).Versions).toBeUndefined();
  });

  test('a suspended bucket keeps the versions it has, and replaces only the one named null', async () => {
    const { put, remove, client } = world();
    const { VersionId } = await put('wars', 'a', 'kept');
    const VersioningConfiguration = { Status: 'Suspended' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket: 'wars', VersioningConfiguration }));
    await put('wars', 'a', 'replaced');
    expect(await put('wars', 'a', 'now')).toMatchObject({ VersionId: 'null' });
    const listed = async () => {
      const list = await client.send(new ListObjectVersionsCommand({ Bucket: 'wars' }));
      return [
        list.Versions?.map((version) => version.VersionId),
        list.DeleteMarkers?.map((marker) => marker.VersionId),
      ];
    };
    expect(await listed()).toEqual([['null', VersionId], undefined]);
    expect(await remove('wars', 'a')).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    expect(await listed()).toEqual([[VersionId], ['null']]);
  });
});

describe('conditional requests', () => {
  test('If-None-Match: * writes only a new key', async () => {
    const { put, get } = world();
    await put('state', 'lock', 'mine', { IfNoneMatch: '*' });
    await expect(put('state', 'lock', 'yours', { IfNoneMatch: '*' })).rejects.toEqual(
      failsWith('PreconditionFailed', 412),
    );
    expect((await get('state', 'lock')).text).toBe('mine');
    await expect(put('state', 'lock', 'x', { IfNoneMatch: '"abc"' })).rejects.toEqual(failsWith('NotImplemented', 501));
  });

  test('If-Match writes only over that very version', async () => {
    const { put, get } = world();
    const { ETag } = await put('state', 'record', 'one');
    await put('state', 'record', 'two', { IfMatch: ETag });
    await expect(put('state', 'record', 'three', { IfMatch: ETag })).rejects.toEqual(
      failsWith('PreconditionFailed', 412),
    );
    expect((await get('state', 'record')).text).toBe('two');
    await expect(put('state', 'none', 'x', { IfMatch: ETag })).rejects.toEqual(failsWith('NoSuchKey', 404));
  });

  test('of two concurrent writers one wins', async () => {
    const { put } = world();
    const { ETag } = await put('state', 'record', 'one');
    const outcomes = await Promise.allSettled([
      put('state', 'record', 'left', { IfMatch: ETag }),
      put('state', 'record', 'right', { IfMatch: ETag }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a deleted object counts as one that is not there', async () => {
    const { put, remove } = world();
    const { ETag } = await put('wars', 'a', 'one');
    await remove('wars', 'a');
    await expect(put('wars', 'a', 'x', { IfMatch: ETag })).rejects.toEqual(failsWith('NoSuchKey', 404));
    await put('wars', 'a', 'two', { IfNoneMatch: '*' });
  });

  test('If-Match deletes only that very version', async () => {
    const { put, get, remove } = world();
    const { ETag } = await put('state', 'a', 'one');
    await expect(remove('state', 'a', { IfMatch: '"other"' })).rejects.toEqual(failsWith('PreconditionFailed', 412));
    expect((await get('state', 'a')).text).toBe('one');
    await remove('state', 'a', { IfMatch: ETag });
    await expect(remove('state', 'a', { IfMatch: '*' })).rejects.toEqual(failsWith('NoSuchKey', 404));
  });

  test('reads: 412 where If-Match does not match, 304 where nothing has changed', async () => {
    const { put, get } = world();
    const { ETag } = await put('state', 'a', 'one');
    expect((await get('state', 'a', { IfMatch: ETag })).text).toBe('one');
    await expect(get('state', 'a', { IfMatch: '"other"' })).rejects.toEqual(failsWith('PreconditionFailed', 412));
    await expect(get('state', 'a', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });
});

describe('lists', () => {
  /** JavaScript compares the last two the other way round. */
  const KEYS = ['a/1', 'a/2', 'b/1', 'c', 'ㄱ', '～', '😀'];

  test('come in pages, in the order of the bytes', async () => {
    const { client, put } = world();
    for (const key of [...KEYS].reverse()) await put('state', key, key);
    const pages: string[][] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 3 }, { Bucket: 'state' })) {
      pages.push((page.Contents ?? []).map((entry) => entry.Key ?? ''));
    }
    expect(pages).toEqual([KEYS.slice(0, 3), KEYS.slice(3, 6), KEYS.slice(6)]);
  });

  test('keep their order as objects come, go, and come again', async () => {
    const { client, put, remove } = world();
    const keys = ['b', '\u{1f600}', '\uff5e', 'a/b', 'a', 'B', '결제', 'a!', ''].map((key) => `k${key}`);
    for (const key of keys) await put('state', key, key);
    for (const key of ['ka', 'k결제', 'kB']) await remove('state', key);
    for (const key of ['kB', 'ka', 'kc', 'kb']) await put('state', key, 'again');
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'state' }));
    expect(Contents.map(({ Key }) => Key)).toEqual([
      'k',
      'kB',
      'ka',
      'ka!',
      'ka/b',
      'kb',
      'kc',
      'k\uff5e',
      'k\u{1f600}',
    ]);
  });

  test('are narrowed by a prefix, a start and a delimiter', async () => {
    const { client, put, remove } = world();
    for (const key of [...KEYS, 'deleted']) await put('wars', key, key);
    await remove('wars', 'deleted');
    const list = async (more: object) => {
      const page = await client.send(new ListObjectsV2Command({ Bucket: 'wars', ...more }));
      return [...(page.Contents ?? []).map((entry) => entry.Key), ...(page.CommonPrefixes ?? []).map((p) => p.Prefix)];
    };
    expect(await list({ Prefix: 'a/' })).toEqual(['a/1', 'a/2']);
    expect(await list({ StartAfter: 'b/1' })).toEqual(['c', 'ㄱ', '～', '😀']);
    expect(await list({ Delimiter: '/' })).toEqual(['c', 'ㄱ', '～', '😀', 'a/', 'b/']);
    expect(await list({ Prefix: 'none' })).toEqual([]);
    expect(await list({ Prefix: 'ㄱ', EncodingType: 'url' })).toEqual([encodeURIComponent('ㄱ')]);
  });

  test('roll a prefix up once, across pages', async () => {
    const { client, put } = world();
    for (const key of KEYS) await put('state', key, key);
    const seen: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 1 }, { Bucket: 'state', Delimiter: '/' })) {
      seen.push(...(page.Contents ?? []).map((entry) => entry.Key));
      seen.push(...(page.CommonPrefixes ?? []).map((entry) => entry.Prefix));
    }
    expect(seen).toEqual(['a/', 'b/', 'c', 'ㄱ', '～', '😀']);
  });

  test('of the first version of the operation go on after a key', async () => {
    const { client, put } = world();
    for (const key of KEYS) await put('state', key, key);
    const list = (more: object) => client.send(new ListObjectsCommand({ Bucket: 'state', MaxKeys: 2, ...more }));
    const first = await list({});
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
    expect(first).toMatchObject({ IsTruncated: true, Marker: '' });
    expect((await list({ Marker: 'a/2' })).Contents?.map(({ Key }) => Key)).toEqual(['b/1', 'c']);
    const rolledUp = await list({ Delimiter: '/' });
    expect(rolledUp).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }, { Prefix: 'b/' }], NextMarker: 'b/' });
    expect(await list({ Marker: '～' })).toMatchObject({ IsTruncated: false });
  });

  test('of versions come newest first, in pages, with markers', async () => {
    const { client, put, remove } = world();
    const first = await put('wars', 'a', 'one');
    const second = await put('wars', 'a', 'two');
    const marker = await remove('wars', 'a');
    const other = await put('wars', 'b', 'three');
    const seen: unknown[] = [];
    let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let page = 0; page < 4; page += 1) {
      const list = await client.send(new ListObjectVersionsCommand({ Bucket: 'wars', MaxKeys: 1, ...next }));
      for (const entry of [...(list.Versions ?? []), ...(list.DeleteMarkers ?? [])]) {
        seen.push([entry.Key, entry.VersionId, entry.IsLatest]);
      }
      expect(list.IsTruncated).toBe(page < 3);
      next = { KeyMarker: list.NextKeyMarker, VersionIdMarker: list.NextVersionIdMarker };
    }
    expect(seen).toEqual([
      ['a', marker.VersionId, true],
      ['a', second.VersionId, false],
      ['a', first.VersionId, false],
      ['b', other.VersionId, true],
    ]);
  });
});

describe('events for EventBridge', () => {
  test('tell of a new object, as AWS writes them', async () => {
    const { clock, events, put } = world();
    const { VersionId } = await put('wars', '한글/a b+c.war', 'content');
    await clock.advance(0);
    expect(events).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '123456789012',
        time: '2030-01-01T00:00:00Z',
        region: 'ap-northeast-2',
        resources: ['arn:aws:s3:::wars'],
        detail: {
          version: '0',
          bucket: { name: 'wars' },
          object: {
            key: '한글/a b+c.war',
            size: 7,
            etag: md5('content'),
            'version-id': VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
          'request-id': expect.stringMatching(/^[A-Z]{16}$/),
          requester: '123456789012',
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ]);
  });

  test('name how the object came to be, and rise in sequence', async () => {
    const { clock, events, client, put, remove } = world();
    await put('wars', 'a', 'x');
    await client.send(new CopyObjectCommand({ Bucket: 'wars', Key: 'b', CopySource: 'wars/a' }));
    await multipart(client, 'wars', 'c', ['parts']);
    await remove('wars', 'a');
    await clock.advance(0);
    expect(events.map(({ detail }) => [detail.object.key, detail.reason])).toEqual([
      ['a', 'PutObject'],
      ['b', 'CopyObject'],
      ['c', 'CompleteMultipartUpload'],
      ['a', 'DeleteObject'],
    ]);
    expect(events[3]?.detail['deletion-type']).toBe('Delete Marker Created');
    const sequencers = events.map(({ detail }) => detail.object.sequencer);
    expect([...sequencers].sort()).toEqual(sequencers);
  });

  test('come only where they are switched on, and name no version where there is none', async () => {
    const { clock, events, client, put } = world();
    await put('state', 'a', 'x');
    await clock.advance(0);
    expect(events).toEqual([]);
    const configuration = { Bucket: 'state', NotificationConfiguration: { EventBridgeConfiguration: {} } };
    await client.send(new PutBucketNotificationConfigurationCommand(configuration));
    await put('state', 'a', 'x');
    await clock.advance(0);
    expect(events.map(({ detail }) => Object.keys(detail.object))).toEqual([['key', 'size', 'etag', 'sequencer']]);
  });

  test('do not come for a write that was refused', async () => {
    const { clock, events, put } = world();
    await expect(put('wars', 'a', 'x', { IfMatch: '"e"' })).rejects.toThrow();
    await clock.advance(0);
    expect(events).toEqual([]);
  });
});

describe('multipart uploads', () => {
  const LARGE = 'x'.repeat(5 * 1024 * 1024);

  test('become one object with a digest of digests', async () => {
    const { client, get } = world();
    const { ETag, VersionId } = await multipart(client, 'wars', 'a.war', [LARGE, 'end']);
    const digests = Buffer.from(md5(LARGE) + md5('end'), 'hex');
    expect(ETag).toBe(`"${md5(digests)}-2"`);
    const { text, ...output } = await get('wars', 'a.war', { VersionId });
    expect(text.length).toBe(LARGE.length + 3);
    expect(output).toMatchObject({ ETag, ContentType: 'application/java-archive' });
  });

  test('take parts from other objects', async () => {
    const { client, put, get } = world();
    const source = await put('wars', 'a b.war', '0123456789');
    const at = { Bucket: 'wars', Key: 'copy.war' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const part = { ...at, UploadId, PartNumber: 1, CopySource: 'wars/a%20b.war', CopySourceRange: 'bytes=2-4' };
    const copied = await client.send(new UploadPartCopyCommand(part));
    expect(copied).toMatchObject({ CopySourceVersionId: source.VersionId });
    const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
    await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    expect((await get('wars', 'copy.war')).text).toBe('234');
  });

  test('are refused with parts that are too small, out of order or unknown', async () => {
    const { client } = world();
    await expect(multipart(client, 'wars', 'a', ['small', 'end'])).rejects.toEqual(failsWith('EntityTooSmall', 400));
    const at = { Bucket: 'wars', Key: 'a' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const complete = (Parts: { PartNumber: number; ETag: string }[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    await expect(complete([{ PartNumber: 1, ETag: '"e"' }])).rejects.toEqual(failsWith('InvalidPart', 400));
    const { ETag = '' } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 2, Body: 'x' }));
    const disordered = [2, 1].map((PartNumber) => ({ PartNumber, ETag }));
    await expect(complete(disordered)).rejects.toEqual(failsWith('InvalidPartOrder', 400));
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    await expect(complete([{ PartNumber: 2, ETag }])).rejects.toEqual(failsWith('NoSuchUpload', 404));
  });
});

async function multipart(client: S3Client, Bucket: string, Key: string, bodies: string[]) {
  const ContentType = 'application/java-archive';
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType }));
  const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const part = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag: part.ETag });
  }
  return client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

describe('buckets', () => {
  test('tell their region, versioning and notifications', async () => {
    const { client } = world();
    const at = { Bucket: 'wars' };
    expect(await client.send(new HeadBucketCommand(at))).toMatchObject({ BucketRegion: 'ap-northeast-2' });
    expect(await client.send(new GetBucketLocationCommand(at))).toMatchObject({ LocationConstraint: 'ap-northeast-2' });
    expect(await client.send(new GetBucketVersioningCommand(at))).toMatchObject({ Status: 'Enabled' });
    const plain = await client.send(new GetBucketVersioningCommand({ Bucket: 'state' }));
    expect(plain.Status).toBeUndefined();
    const notifications = await client.send(new GetBucketNotificationConfigurationCommand(at));
    expect(notifications.EventBridgeConfiguration).toEqual({});
    const none = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'state' }));
    expect(none.EventBridgeConfiguration).toBeUndefined();
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toEqual(failsWith('NotFound', 404));
  });

  test('are made by request, once, in the region of the endpoint', async () => {
    const { client } = world();
    const create = (Bucket: string, LocationConstraint: 'ap-northeast-2' | 'eu-west-1') =>
      client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
    await create('more', 'ap-northeast-2');
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['more', 'state', 'wars']);
    await expect(create('more', 'ap-northeast-2')).rejects.toEqual(failsWith('BucketAlreadyOwnedByYou', 409));
    await expect(create('other', 'eu-west-1')).rejects.toEqual(failsWith('IllegalLocationConstraintException', 400));
  });

  test('refuse notifications to anything but EventBridge', async () => {
    const { client } = world();
    const TopicConfigurations = [{ TopicArn: 'arn:aws:sns:ap-northeast-2:123456789012:t', Events: [] }];
    const command = new PutBucketNotificationConfigurationCommand({
      Bucket: 'wars',
      NotificationConfiguration: { TopicConfigurations },
    });
    await expect(client.send(command)).rejects.toEqual(failsWith('NotImplemented', 501));
  });
});

test.each([
  ['disabled', 'KMS.DisabledException'],
  ['pending deletion', 'KMS.KMSInvalidStateException'],
] as const)(
  'what is encrypted with a key that is %s is described, but neither read nor copied nor written',
  async (state, code) => {
    const { client, put, get, head, s3 } = world();
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1';
    const encrypted = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: arn } as const;
    await put('wars', 'a', 'x', encrypted);
    await put('wars', 'other', 'x');
    s3.setKeyState(arn, state);
    const refused = expect.objectContaining({ name: code, message: `${arn} is ${state}.` });
    await expect(get('wars', 'a')).rejects.toEqual(refused);
    await expect(put('wars', 'b', 'x', encrypted)).rejects.toEqual(refused);
    const copy = new CopyObjectCommand({ Bucket: 'wars', Key: 'b', CopySource: 'wars/a' });
    await expect(client.send(copy)).rejects.toEqual(refused);
    expect(s3.readObject('wars', 'a')).toBeUndefined();
    expect((await head('wars', 'a')).SSEKMSKeyId).toBe(arn);
    expect((await get('wars', 'other')).text).toBe('x');
    s3.setKeyState(arn, undefined);
    expect((await get('wars', 'a')).text).toBe('x');
  },
);

describe('an archived object', () => {
  const restore = (client: S3Client, Days = 1) =>
    client.send(new RestoreObjectCommand({ Bucket: 'wars', Key: 'a', RestoreRequest: { Days } }));

  test.each([
    ['GLACIER', 5],
    ['DEEP_ARCHIVE', 12],
  ])(
    'of the class %s is read when it is restored, after %d hours, and until its copy expires',
    async (StorageClass, hours) => {
      const { clock, client, put, get, head, s3 } = world();
      await put('wars', 'a', 'x', { StorageClass });
      const refused = failsWith('InvalidObjectState', 403);
      await expect(get('wars', 'a')).rejects.toEqual(refused);
      expect(s3.readObject('wars', 'a')).toBeUndefined();
      expect((await head('wars', 'a')).Restore).toBeUndefined();
      await restore(client);
      await expect(restore(client)).rejects.toEqual(failsWith('RestoreAlreadyInProgress', 409));
      await clock.advance(hours * 3600 - 1);
      await expect(get('wars', 'a')).rejects.toEqual(refused);
      expect(await head('wars', 'a')).toMatchObject({ StorageClass, Restore: 'ongoing-request="true"' });
      await clock.advance(1);
      expect((await get('wars', 'a')).text).toBe('x');
      expect((await head('wars', 'a')).Restore).toMatch(/^ongoing-request="false", expiry-date="\w+, 02 Jan 2030/);
      await restore(client, 2);
      await clock.advance(2 * 24 * 3600 - 1);
      expect((await get('wars', 'a')).text).toBe('x');
      await clock.advance(1);
      await expect(get('wars', 'a')).rejects.toEqual(refused);
    },
  );

  test('cannot be copied; a copy of a restored one is not archived', async () => {
    const { clock, client, put, get } = world();
    await put('wars', 'a', 'x', { StorageClass: 'GLACIER' });
    const copy = new CopyObjectCommand({ Bucket: 'wars', Key: 'a', CopySource: 'wars/a', StorageClass: 'STANDARD' });
    await expect(client.send(copy)).rejects.toEqual(failsWith('InvalidObjectState', 403));
    await restore(client);
    await clock.advance(6 * 3600);
    await client.send(copy);
    await clock.advance(48 * 3600);
    expect((await get('wars', 'a')).StorageClass).toBeUndefined();
  });

  test('is one only by its class: others are read at once, listed by it, and cannot be restored', async () => {
    const { client, put, get } = world();
    await put('wars', 'a', 'x', { StorageClass: 'GLACIER_IR' });
    expect(await get('wars', 'a')).toMatchObject({ text: 'x', StorageClass: 'GLACIER_IR' });
    await expect(restore(client)).rejects.toEqual(failsWith('InvalidObjectState', 403));
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'wars' }));
    expect(Contents).toMatchObject([{ StorageClass: 'GLACIER_IR' }]);
    await expect(put('wars', 'b', 'x', { StorageClass: 'CELLAR' })).rejects.toEqual(
      failsWith('InvalidStorageClass', 400),
    );
  });
});

test('a bucket of another region is redirected to, whatever is asked of it', async () => {
  const { s3, put, get, head } = world();
  s3.createBucket('abroad', { region: 'us-west-2' });
  await expect(put('abroad', 'a', 'x')).rejects.toEqual(failsWith('PermanentRedirect', 301));
  await expect(get('abroad', 'a')).rejects.toEqual(failsWith('PermanentRedirect', 301));
  await expect(head('abroad', 'a')).rejects.toMatchObject({ $metadata: { httpStatusCode: 301 } });
});

test('a bucket is deleted once it is empty, of versions and markers too', async () => {
  const { client, put } = world();
  const remove = () => client.send(new DeleteBucketCommand({ Bucket: 'wars' }));
  const { VersionId } = await put('wars', 'a', 'x');
  const marker = await client.send(new DeleteObjectCommand({ Bucket: 'wars', Key: 'a' }));
  await expect(remove()).rejects.toEqual(failsWith('BucketNotEmpty', 409));
  for (const id of [VersionId, marker.VersionId]) {
    await client.send(new DeleteObjectCommand({ Bucket: 'wars', Key: 'a', VersionId: id }));
  }
  await remove();
  await expect(remove()).rejects.toEqual(failsWith('NoSuchBucket', 404));
});

test('several objects are deleted at once, each with its own outcome', async () => {
  const { client, put } = world();
  const { ETag } = await put('wars', 'a', 'x');
  const { VersionId } = await put('wars', 'b', 'y');
  await put('wars', 'c', 'z');
  const Objects = [{ Key: 'a', ETag }, { Key: 'b', VersionId }, { Key: 'c', ETag: '"other"' }, { Key: 'never was' }];
  const output = await client.send(new DeleteObjectsCommand({ Bucket: 'wars', Delete: { Objects } }));
  expect(output.Deleted).toMatchObject([
    { Key: 'a', DeleteMarker: true, DeleteMarkerVersionId: expect.stringMatching(VERSION_ID) },
    { Key: 'b', VersionId },
    { Key: 'never was', DeleteMarker: true },
  ]);
  expect(output.Errors).toMatchObject([{ Key: 'c', Code: 'PreconditionFailed' }]);
});

test('a copy onto itself needs something to change; with new metadata it makes a new version', async () => {
  const { client, put, get } = world();
  await put('wars', 'a', 'x', { Metadata: { old: '1' } });
  const copy = { Bucket: 'wars', Key: 'a', CopySource: 'wars/a' };
  await expect(client.send(new CopyObjectCommand(copy))).rejects.toEqual(failsWith('InvalidRequest', 400));
  await client.send(new CopyObjectCommand({ ...copy, MetadataDirective: 'REPLACE', Metadata: { new: '2' } }));
  expect(await get('wars', 'a')).toMatchObject({ text: 'x', Metadata: { new: '2' } });
});
