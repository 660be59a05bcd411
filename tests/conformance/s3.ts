/** Objects: conditional writes, versions, and what EventBridge is told of them. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import {
  type BucketLocationConstraint,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  RestoreObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { type Event, Listener } from './queues';
import { refusalOf } from './refusal';

const OTHER_ETAG = '"00000000000000000000000000000000"';

export const S3: readonly ConformanceCase[] = [
  {
    name: 'If-None-Match: * writes a new key; where one is, it is refused (412)',
    source: 'Amazon S3 User Guide, Conditional writes',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      await write(context, bucket, 'key', { IfNoneMatch: '*' });
      const { name, status } = await refusalOf(write(context, bucket, 'key', { IfNoneMatch: '*', Body: 'other' }));
      deepEqual([name, status], ['PreconditionFailed', 412]);
      equal(await read(context, bucket, 'key'), 'text');
    },
  },
  {
    name: 'If-Match writes over the version that it names, else: 412',
    source: 'Amazon S3 User Guide, Conditional writes',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      const { ETag } = await write(context, bucket, 'key');
      const stale = await refusalOf(write(context, bucket, 'key', { IfMatch: OTHER_ETAG }));
      deepEqual([stale.name, stale.status], ['PreconditionFailed', 412]);
      await write(context, bucket, 'key', { IfMatch: ETag, Body: 'next' });
      await refusalOf(write(context, bucket, 'key', { IfMatch: ETag }), 'PreconditionFailed');
      equal(await read(context, bucket, 'key'), 'next');
      equal((await refusalOf(write(context, bucket, 'none', { IfMatch: ETag }))).status, 404);
    },
  },
  {
    name: 'If-Match deletes the version that it names, else: 412',
    source: 'Amazon S3 User Guide, Conditional deletes',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      const { ETag } = await write(context, bucket, 'key');
      const remove = (IfMatch: string | undefined) =>
        context.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'key', IfMatch }));
      equal((await refusalOf(remove(OTHER_ETAG))).status, 412);
      await remove(ETag);
      await refusalOf(read(context, bucket, 'key'), 'NoSuchKey');
    },
  },
  {
    name: 'In a versioned bucket every write has an id, by which it can be read',
    source: 'Amazon S3 User Guide, Working with object versions',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      equal((await write(context, bucket, 'key', { Body: 'before' })).VersionId, undefined);
      await enableVersioning(context, bucket);
      const first = await write(context, bucket, 'key', { Body: '1' });
      const second = await write(context, bucket, 'key', { Body: '2' });
      notEqual(first.VersionId, second.VersionId);
      for (const { VersionId = '' } of [first, second]) ok(/^\S{1,1024}$/.test(VersionId), `an id is "${VersionId}"`);
      equal(await read(context, bucket, 'key', first.VersionId), '1');
      equal(await read(context, bucket, 'key', 'null'), 'before');
      equal(await read(context, bucket, 'key'), '2');
    },
  },
  {
    name: 'A deleted object is as one that is not there; its versions stay',
    source: 'Amazon S3 User Guide, Working with delete markers; Conditional writes',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      await enableVersioning(context, bucket);
      const { VersionId } = await write(context, bucket, 'key');
      const deleted = await context.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'key' }));
      equal(deleted.DeleteMarker, true);
      equal((await refusalOf(read(context, bucket, 'key'), 'NoSuchKey')).status, 404);
      equal(await read(context, bucket, 'key', VersionId), 'text');
      await write(context, bucket, 'key', { IfNoneMatch: '*' });
    },
  },
  {
    name: 'An archived object is described, but not read until it is restored',
    source: 'Amazon S3 User Guide, Working with archived objects; API Reference, GetObject',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      await enableVersioning(context, bucket);
      const { VersionId } = await write(context, bucket, 'key', { StorageClass: 'GLACIER' });
      const { name, status } = await refusalOf(read(context, bucket, 'key', VersionId));
      deepEqual([name, status], ['InvalidObjectState', 403]);
      const described = () => context.clients.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'key' }));
      const before = await described();
      deepEqual([before.VersionId, before.StorageClass, before.Restore], [VersionId, 'GLACIER', undefined]);
      const restore = () =>
        context.clients.s3.send(new RestoreObjectCommand({ Bucket: bucket, Key: 'key', RestoreRequest: { Days: 1 } }));
      await restore();
      equal((await described()).Restore, 'ongoing-request="true"');
      await refusalOf(restore(), 'RestoreAlreadyInProgress');
      await refusalOf(read(context, bucket, 'key'), 'InvalidObjectState');
    },
  },
  {
    name: 'The end of an object is read by a length alone',
    source: 'Amazon S3 API Reference, GetObject; RFC 9110, Range',
    needs: [],
    async run(context) {
      const bucket = await createBucket(context);
      await write(context, bucket, 'key', { Body: 'long text' });
      const ending = async (Range: string) => {
        const { Body, ContentRange } = await context.clients.s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: 'key', Range }),
        );
        return [await Body?.transformToString(), ContentRange];
      };
      deepEqual(await ending('bytes=-4'), ['text', 'bytes 5-8/9']);
      deepEqual(await ending('bytes=-400'), ['long text', 'bytes 0-8/9']);
    },
  },
  {
    name: 'DeleteObjects takes 1000 keys, and 1001 are MalformedXML, as none are',
    source: 'Amazon S3 API Reference, DeleteObjects; aws/aws-sdk-java#1293',
    needs: [],
    async run(context) {
      const Bucket = await createBucket(context);
      const remove = (count: number) => {
        const Objects = Array.from({ length: count }, (_, index) => ({ Key: `key-${index}` }));
        return context.clients.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      };
      equal((await remove(1000)).Deleted?.length, 1000);
      await refusalOf(remove(1001), 'MalformedXML');
      await refusalOf(remove(0), 'MalformedXML');
    },
  },
  {
    name: 'A bucket tells EventBridge of objects that are put, copied, assembled',
    source: 'Amazon S3 User Guide, EventBridge event message structure',
    needs: ['minutes'],
    async run(context) {
      const bucket = await createBucket(context);
      await enableVersioning(context, bucket);
      await enableEvents(context, bucket);
      const pattern = { source: ['aws.s3'], 'detail-type': ['Object Created'], detail: { bucket: { name: [bucket] } } };
      const listener = await Listener.create(context, 'default', pattern);
      await listener.untilReady(() => write(context, bucket, 'first'));

      const key = 'dir/한 글+a&b%20.war';
      const put = await write(context, bucket, key);
      const CopySource = `${bucket}/${encodeURIComponent(key)}`;
      const copy = await context.clients.s3.send(
        new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource, MetadataDirective: 'REPLACE' }),
      );
      const assembled = await upload(context, bucket, key);
      const events = await listener.until('three events arrive', 3, ({ detail }) => detail.object.key === key);
      const written = [put, copy, assembled].map(({ VersionId }) => VersionId);
      const inOrder = (events as Event[]).sort((one, other) =>
        one.detail.object.sequencer < other.detail.object.sequencer ? -1 : 1,
      );
      deepEqual(
        inOrder.map(({ detail }) => detail.object['version-id']),
        written,
      );
      deepEqual(
        inOrder.map(({ detail }) => detail.reason),
        ['PutObject', 'CopyObject', 'CompleteMultipartUpload'],
      );
      const { size, etag } = inOrder[0]?.detail.object ?? {};
      deepEqual([size, etag], ['text'.length, put.ETag?.replaceAll('"', '')]);
    },
  },
];

async function createBucket(context: Context): Promise<string> {
  const { s3 } = context.clients;
  const Bucket = context.name();
  const region = await s3.config.region();
  const LocationConstraint = region as BucketLocationConstraint;
  const configuration = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
  await s3.send(new CreateBucketCommand({ Bucket, ...configuration }));
  context.afterwards(() => s3.send(new DeleteBucketCommand({ Bucket })));
  context.afterwards(() => empty(context, Bucket));
  return Bucket;
}

async function empty(context: Context, Bucket: string): Promise<void> {
  const { s3 } = context.clients;
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
}

async function enableVersioning(context: Context, Bucket: string): Promise<void> {
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await context.clients.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
}

async function enableEvents(context: Context, Bucket: string): Promise<void> {
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  await context.clients.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
}

function write(context: Context, Bucket: string, Key: string, input: Partial<PutObjectCommandInput> = {}) {
  return context.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'text', ...input }));
}

async function read(context: Context, Bucket: string, Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await context.clients.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
}

async function upload(context: Context, Bucket: string, Key: string) {
  const { s3 } = context.clients;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
}
