/** Amazon S3 of the embedded AWS: versioned buckets, conditional requests, multipart uploads, EventBridge events. */
import type {
  AbortMultipartUploadCommandInput,
  CompleteMultipartUploadCommandInput,
  CopyObjectCommandInput,
  CreateMultipartUploadCommandInput,
  DeletedObject,
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  GetObjectCommandInput,
  ListObjectsCommandInput,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
  PutObjectCommandInput,
  RestoreObjectCommandInput,
  _Error as S3Error,
  UploadPartCommandInput,
  UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import type { Access } from '../../kernel/access';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { s3Access, s3AccessToLearn } from './access';
import { checkReadable, isReadable, restore, storageHeaders } from './archive';
import type { Bucket, ObjectVersion } from './bucket';
import { type BucketSettings, Buckets } from './buckets';
import { CHECKSUMS, etagOf, verifiedChecksums } from './checksums';
import { checkDelete, checkRead, checkWrite } from './conditions';
import { createdEvent, deletedEvent, type Occurrence, type S3Event } from './events';
import { type KeyState, Keys } from './keys';
import { listObjects, listObjectsByMarker, listVersions } from './listing';
import { MultipartUploads } from './multipart';
import {
  answeredHeaders,
  BODY,
  checkedKey,
  copySourceOf,
  HEADERS,
  headersOf,
  malformedXml,
  OVERRIDES,
  overrides,
  READ,
  understood,
  WRITE,
} from './parameters';
import { rangeOf } from './range';

export interface S3Options {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  /** How long after the write its event reaches EventBridge. */
  eventDelaySeconds?: number;
}

/** DeleteObjects, API reference; more are answered as in https://github.com/aws/aws-sdk-java/issues/1293 */
const MAXIMUM_DELETIONS = 1000;
const VERSION_ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';

export class S3 implements Service {
  readonly operations: Operations;
  readonly accessToLearn = s3AccessToLearn;
  private readonly buckets: Buckets;
  private readonly uploads = new MultipartUploads();
  private readonly keys = new Keys();
  private readonly listeners: ((event: S3Event) => void)[] = [];
  private writes = 0;

  private readonly objectOperations: Operations = {
    PutObject: understood([...WRITE, ...HEADERS, ...BODY], (input) => this.putObject(input)),
    GetObject: understood([...READ, ...OVERRIDES], (input) => this.getObject(input)),
    HeadObject: understood([...READ, ...OVERRIDES], (input) => this.headObject(input)),
    RestoreObject: understood(['VersionId', 'RestoreRequest'], (input) => this.restoreObject(input)),
    CopyObject: understood(
      [...WRITE, ...HEADERS, 'CopySource', 'MetadataDirective', 'CopySourceIfMatch', 'CopySourceIfNoneMatch'],
      (input) => this.copyObject(input),
    ),
    DeleteObject: understood(['VersionId', 'IfMatch'], (input) => this.deleteObject(input)),
    DeleteObjects: understood(['Delete'], (input) => this.deleteObjects(input)),
    ListObjects: understood(
      ['Prefix', 'Delimiter', 'MaxKeys', 'Marker', 'EncodingType'],
      (input: ListObjectsCommandInput) => listObjectsByMarker(this.bucket(input.Bucket), input),
    ),
    ListObjectsV2: understood(
      ['Prefix', 'Delimiter', 'MaxKeys', 'StartAfter', 'ContinuationToken', 'EncodingType'],
      (input: ListObjectsV2CommandInput) => listObjects(this.bucket(input.Bucket), input),
    ),
    ListObjectVersions: understood(
      ['Prefix', 'Delimiter', 'MaxKeys', 'KeyMarker', 'VersionIdMarker', 'EncodingType'],
      (input: ListObjectVersionsCommandInput) => listVersions(this.bucket(input.Bucket), input),
    ),
    CreateMultipartUpload: understood([...HEADERS, 'ChecksumType', 'StorageClass'], (input) =>
      this.createMultipartUpload(input),
    ),
    UploadPart: understood(['UploadId', 'PartNumber', ...BODY], (input) => this.uploadPart(input)),
    UploadPartCopy: understood(
      [...['UploadId', 'PartNumber', 'CopySource', 'CopySourceRange', 'CopySourceIfMatch', 'CopySourceIfNoneMatch']],
      (input) => this.uploadPartCopy(input),
    ),
    CompleteMultipartUpload: understood(
      [...WRITE, ...CHECKSUMS, 'UploadId', 'MultipartUpload', 'ChecksumType', 'MpuObjectSize'],
      (input) => this.completeMultipartUpload(input),
    ),
    AbortMultipartUpload: understood(['UploadId'], (input) => this.abortMultipartUpload(input)),
  };

  constructor(private readonly options: S3Options) {
    const { random, region, accountId } = options;
    const newVersionId = () => random.text(32, VERSION_ID_ALPHABET);
    this.buckets = new Buckets({ region, accountId, now: () => this.now(), newVersionId });
    this.operations = { ...this.buckets.operations, ...this.objectOperations };
  }

  createBucket(name: string, settings?: BucketSettings): void {
    this.buckets.create(name, settings);
  }

  /** Whoever reads what is encrypted with a key of the account needs that key: of an alias or AWS's own key, nothing is asked. */
  requiredAccess(operation: string, input: Parameters<typeof s3Access>[1]): Access[] {
    const { Bucket, Key = '', VersionId } = input;
    const bucket = operation === 'GetObject' ? this.buckets.find(Bucket) : undefined;
    const version = VersionId === undefined ? bucket?.current(Key) : bucket?.find(Key, VersionId);
    const key = version?.headers.SSEKMSKeyId;
    const decryption = key?.startsWith('arn:') ? [{ action: 'kms:Decrypt', resource: key, context: {} }] : [];
    return [...s3Access(operation, input), ...decryption];
  }

  /** Gets every event that S3 sends to EventBridge, as EventBridge delivers it. */
  onEvent(listener: (event: S3Event) => void): void {
    this.listeners.push(listener);
  }

  /** By its ARN, a key of KMS that objects are encrypted with; undefined: it can be used. */
  setKeyState(keyArn: string, state: KeyState | undefined): void {
    this.keys.set(keyArn, state);
  }

  /** What GetObject would read, for those parts of the embedded AWS that are no clients. */
  readObject(
    bucket: string,
    key: string,
    versionId?: string,
  ): { bytes: Uint8Array; versionId: string | undefined } | undefined {
    const known = this.buckets.find(bucket);
    const version = versionId === undefined ? known?.current(key) : known?.find(key, versionId);
    if (!known || !version || version.isDeleteMarker) return undefined;
    if (!isReadable(version, this.now()) || !this.keys.isUsable(version.headers)) return undefined;
    return { bytes: version.bytes, versionId: shownVersionId(known, version) };
  }

  private bucket(name: string | undefined): Bucket {
    return this.buckets.bucket(name);
  }

  private putObject(input: PutObjectCommandInput) {
    const bucket = this.bucket(input.Bucket);
    const key = checkedKey(input.Key);
    const bytes = (input.Body as Uint8Array | undefined) ?? new Uint8Array();
    const checksums = verifiedChecksums(input, bytes);
    checkWrite(bucket, key, input);
    const { StorageClass: storageClass = 'STANDARD' } = input;
    const content = { bytes, etag: etagOf(bytes), checksums, headers: headersOf(input), storageClass };
    return this.write(bucket, key, content, 'PutObject');
  }

  private write(
    bucket: Bucket,
    key: string,
    content: Pick<ObjectVersion, 'bytes' | 'etag' | 'checksums' | 'headers' | 'storageClass'>,
    reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload',
  ) {
    this.keys.check(content.headers);
    const version = bucket.write({ ...content, key, lastModified: this.now(), isDeleteMarker: false });
    this.emit(bucket, (occurrence) => createdEvent(occurrence, version, reason));
    const { ServerSideEncryption = 'AES256', SSEKMSKeyId } = version.headers;
    return {
      ETag: version.etag,
      VersionId: shownVersionId(bucket, version),
      ServerSideEncryption,
      SSEKMSKeyId,
      ...version.checksums,
    };
  }

  private getObject(input: GetObjectCommandInput) {
    const version = this.bucket(input.Bucket).read(checkedKey(input.Key), input.VersionId);
    checkReadable(version, this.now());
    this.keys.check(version.headers);
    return this.headObject(input);
  }

  private headObject(input: GetObjectCommandInput) {
    const bucket = this.bucket(input.Bucket);
    const version = bucket.read(checkedKey(input.Key), input.VersionId);
    checkRead(version, input);
    const range = rangeOf(input.Range, version.bytes.length);
    return {
      AcceptRanges: 'bytes',
      ETag: version.etag,
      LastModified: version.lastModified,
      VersionId: shownVersionId(bucket, version),
      ServerSideEncryption: 'AES256',
      ...answeredHeaders(version.headers),
      ...storageHeaders(version, this.now()),
      ...overrides(input),
      ...(input.ChecksumMode === 'ENABLED' && !range ? version.checksums : {}),
      ContentRange: range?.contentRange,
      ContentLength: range ? range.end - range.start : version.bytes.length,
      Body: range ? version.bytes.subarray(range.start, range.end) : version.bytes,
    };
  }

  private restoreObject({ Bucket, Key, VersionId, RestoreRequest }: RestoreObjectCommandInput) {
    restore(this.bucket(Bucket).read(checkedKey(Key), VersionId), RestoreRequest, this.now());
    return {};
  }

  private copyObject(input: CopyObjectCommandInput) {
    const bucket = this.bucket(input.Bucket);
    const key = checkedKey(input.Key);
    const { source, sourceBucket, copied } = this.copySource(input);
    checkWrite(bucket, key, input);
    const isReplaced = input.MetadataDirective === 'REPLACE';
    const isChanged = isReplaced || input.StorageClass !== undefined;
    if (bucket === sourceBucket && key === source.key && !source.versionId && !isChanged) {
      const message =
        'This copy request is illegal because it is trying to copy an object to itself without changing it.';
      throw new AwsError('InvalidRequest', message);
    }
    const { bytes, checksums } = copied;
    const headers = isReplaced ? headersOf(input) : copied.headers;
    const { ETag, ...output } = this.write(
      bucket,
      key,
      { bytes, etag: etagOf(bytes), checksums, headers, storageClass: input.StorageClass ?? 'STANDARD' },
      'CopyObject',
    );
    return {
      ...output,
      CopySourceVersionId: shownVersionId(sourceBucket, copied),
      CopyObjectResult: { ETag, LastModified: this.now(), ...checksums },
    };
  }

  private copySource(
    input: Pick<CopyObjectCommandInput, 'CopySource' | 'CopySourceIfMatch' | 'CopySourceIfNoneMatch'>,
  ) {
    const source = copySourceOf(input.CopySource);
    const sourceBucket = this.bucket(source.bucket);
    const copied = sourceBucket.read(source.key, source.versionId);
    const { CopySourceIfMatch: IfMatch, CopySourceIfNoneMatch: IfNoneMatch } = input;
    checkRead(copied, { IfMatch, IfNoneMatch });
    checkReadable(copied, this.now());
    this.keys.check(copied.headers);
    return { source, sourceBucket, copied };
  }

  private deleteObject({ Bucket: name, Key, VersionId, IfMatch }: DeleteObjectCommandInput) {
    const bucket = this.bucket(name);
    const key = checkedKey(Key);
    checkDelete(bucket, key, IfMatch);
    if (VersionId !== undefined) {
      const removed = bucket.remove(key, VersionId);
      if (removed) this.emit(bucket, (occurrence) => deletedEvent(occurrence, removed, 'Permanently Deleted'));
      return { VersionId, DeleteMarker: removed?.isDeleteMarker || undefined };
    }
    if (bucket.versioning === undefined) {
      const removed = bucket.remove(key, 'null');
      if (removed) this.emit(bucket, (occurrence) => deletedEvent(occurrence, removed, 'Permanently Deleted'));
      return {};
    }
    const content = { bytes: new Uint8Array(), etag: '', checksums: {}, headers: {}, storageClass: 'STANDARD' };
    const marker = bucket.write({ ...content, key, lastModified: this.now(), isDeleteMarker: true });
    this.emit(bucket, (occurrence) => deletedEvent(occurrence, marker, 'Delete Marker Created'));
    return { VersionId: marker.versionId, DeleteMarker: true };
  }

  private deleteObjects({ Bucket, Delete }: DeleteObjectsCommandInput) {
    this.bucket(Bucket);
    const objects = Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > MAXIMUM_DELETIONS) throw malformedXml();
    const Deleted: DeletedObject[] = [];
    const Errors: S3Error[] = [];
    for (const { Key, VersionId, ETag } of objects) {
      try {
        const removed = this.deleteObject({ Bucket, Key, VersionId, IfMatch: ETag });
        const marker = removed.DeleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: removed.VersionId } : {};
        Deleted.push({ Key, VersionId, ...marker });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ Key, VersionId, Code: error.code, Message: error.message });
      }
    }
    return { Deleted: Delete?.Quiet ? [] : Deleted, Errors };
  }

  private createMultipartUpload(input: CreateMultipartUploadCommandInput) {
    const { name } = this.bucket(input.Bucket);
    const key = checkedKey(input.Key);
    const UploadId = this.options.random.text(128, VERSION_ID_ALPHABET);
    this.uploads.begin(UploadId, {
      bucket: name,
      key,
      headers: headersOf(input),
      storageClass: input.StorageClass ?? 'STANDARD',
    });
    return { Bucket: name, Key: key, UploadId, ChecksumAlgorithm: input.ChecksumAlgorithm };
  }

  private uploadPart(input: UploadPartCommandInput) {
    const upload = this.uploads.find(input.UploadId ?? '', input.Bucket ?? '', input.Key ?? '');
    const bytes = (input.Body as Uint8Array | undefined) ?? new Uint8Array();
    const checksums = verifiedChecksums(input, bytes);
    return { ETag: this.uploads.addPart(upload, input.PartNumber ?? 0, bytes), ...checksums };
  }

  private uploadPartCopy(input: UploadPartCopyCommandInput) {
    const upload = this.uploads.find(input.UploadId ?? '', input.Bucket ?? '', input.Key ?? '');
    const { sourceBucket, copied } = this.copySource(input);
    const { start, end } = rangeOf(input.CopySourceRange, copied.bytes.length) ?? {};
    const ETag = this.uploads.addPart(upload, input.PartNumber ?? 0, copied.bytes.subarray(start, end));
    return {
      CopySourceVersionId: shownVersionId(sourceBucket, copied),
      CopyPartResult: { ETag, LastModified: this.now() },
    };
  }

  private completeMultipartUpload(input: CompleteMultipartUploadCommandInput) {
    const bucket = this.bucket(input.Bucket);
    const { Key = '', UploadId = '' } = input;
    const upload = this.uploads.find(UploadId, bucket.name, Key);
    const content = this.uploads.assemble(upload, input.MultipartUpload?.Parts);
    if ((input.MpuObjectSize ?? content.bytes.length) !== content.bytes.length) {
      throw new AwsError('InvalidRequest', 'The provided object size does not match the size of the parts together.');
    }
    // A composite checksum is one of the parts' checksums: each was checked with its part.
    const checksums = input.ChecksumType === 'FULL_OBJECT' ? verifiedChecksums(input, content.bytes) : {};
    checkWrite(bucket, Key, input);
    const { headers, storageClass } = upload;
    const output = this.write(bucket, Key, { ...content, headers, checksums, storageClass }, 'CompleteMultipartUpload');
    this.uploads.end(UploadId);
    const Location = `https://${bucket.name}.s3.${this.options.region}.amazonaws.com/${encodeURIComponent(Key)}`;
    return { Bucket: bucket.name, Key, Location, ...output };
  }

  private abortMultipartUpload({ Bucket, Key, UploadId = '' }: AbortMultipartUploadCommandInput) {
    this.uploads.find(UploadId, this.bucket(Bucket).name, Key ?? '');
    this.uploads.end(UploadId);
  }

  private emit(bucket: Bucket, describe: (occurrence: Occurrence) => S3Event): void {
    if (!bucket.eventBridge) return;
    const { random, accountId, region, clock, eventDelaySeconds = 0 } = this.options;
    this.writes += 1;
    const event = describe({
      id: random.uuid(),
      requestId: random.text(16, VERSION_ID_ALPHABET.slice(0, 26)),
      accountId,
      region,
      time: this.now(),
      bucket: bucket.name,
      order: this.writes,
    });
    clock.after(eventDelaySeconds, () => {
      for (const listener of this.listeners) listener(event);
    });
  }

  /** S3 keeps whole seconds. */
  private now(): Date {
    return new Date(Math.floor(this.options.clock.now().getTime() / 1000) * 1000);
  }
}

/** An unversioned bucket names no versions; one that was versioned says `null` for what has none. */
function shownVersionId(bucket: Bucket, version: ObjectVersion): string | undefined {
  return bucket.versioning === undefined ? undefined : version.versionId;
}
