/** What calls of Amazon S3 need: "Required permissions for Amazon S3 API operations", user guide. */
import { type Access, present, undescribed } from '../../kernel/access';
import { AwsError, type Call } from '../../kernel/service';

interface Input {
  Bucket?: string;
  Key?: string;
  VersionId?: string;
  CopySource?: string;
  IfMatch?: string;
  IfNoneMatch?: string;
  Prefix?: string;
  Delimiter?: string;
  Delete?: { Objects?: { Key?: string; VersionId?: string }[] };
}

export function s3Access(operation: string, input: Input): Access[] {
  const { Bucket = '', Key = '', VersionId } = input;
  switch (operation) {
    case 'GetObject':
    case 'HeadObject':
      return [reading(Bucket, Key, VersionId)];
    case 'PutObject':
    case 'CompleteMultipartUpload':
      return writing(input);
    case 'CreateMultipartUpload':
    case 'UploadPart':
      return [onObject('PutObject', Bucket, Key)];
    case 'RestoreObject':
      return [onObject('RestoreObject', Bucket, Key)];
    case 'AbortMultipartUpload':
      return [onObject('AbortMultipartUpload', Bucket, Key)];
    case 'CopyObject': {
      const source = new URL(input.CopySource ?? '', 'https://source/');
      const [bucket = '', ...key] = decodeURIComponent(source.pathname.slice(1)).split('/');
      return [reading(bucket, key.join('/'), source.searchParams.get('versionId') ?? undefined), ...writing(input)];
    }
    case 'DeleteObject':
      return deleting(Bucket, Key, VersionId, input.IfMatch);
    case 'DeleteObjects':
      return (input.Delete?.Objects ?? []).flatMap((object) => deleting(Bucket, object.Key ?? '', object.VersionId));
    case 'HeadBucket':
      return [listing(Bucket)];
    case 'ListBuckets':
      return [{ action: 's3:ListAllMyBuckets', resource: '*', context: {} }];
    case 'GetBucketLocation':
    case 'GetBucketVersioning':
      return [onBucket(operation, Bucket)];
    case 'GetBucketNotificationConfiguration':
      return [onBucket('GetBucketNotification', Bucket)];
    case 'ListObjects':
    case 'ListObjectsV2':
      return [onBucket('ListBucket', Bucket, present({ 's3:prefix': input.Prefix, 's3:delimiter': input.Delimiter }))];
    case 'ListObjectVersions':
      return [onBucket('ListBucketVersions', Bucket, present({ 's3:prefix': input.Prefix }))];
    default:
      throw undescribed('s3', operation);
  }
}

/** Whoever may not list a bucket is not told which object or version is missing in it: that reads as 403 instead of 404. */
export function s3AccessToLearn({ input }: Call, error: unknown): Access[] {
  const isAbsence = error instanceof AwsError && /^NoSuch(Key|Version)$/.test(error.code);
  return isAbsence ? [listing(String(input.Bucket))] : [];
}

function listing(bucket: string): Access {
  return onBucket('ListBucket', bucket);
}

function reading(bucket: string, key: string, versionId: string | undefined): Access {
  if (versionId === undefined) return onObject('GetObject', bucket, key);
  return onObject('GetObjectVersion', bucket, key, { 's3:VersionId': versionId });
}

/** Comparing with what is there is reading it. */
function writing({ Bucket = '', Key = '', IfMatch, IfNoneMatch }: Input): Access[] {
  const conditions = present({ 's3:if-match': IfMatch, 's3:if-none-match': IfNoneMatch });
  const write = onObject('PutObject', Bucket, Key, conditions);
  return IfMatch === undefined ? [write] : [write, onObject('GetObject', Bucket, Key)];
}

function deleting(bucket: string, key: string, versionId: string | undefined, ifMatch?: string): Access[] {
  const deletion = onObject(versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion', bucket, key);
  return ifMatch === undefined ? [deletion] : [deletion, onObject('GetObject', bucket, key)];
}

function onObject(operation: string, bucket: string, key: string, context: Access['context'] = {}): Access {
  return { action: `s3:${operation}`, resource: `arn:aws:s3:::${bucket}/${key}`, context };
}

function onBucket(operation: string, bucket: string, context: Access['context'] = {}): Access {
  return { action: `s3:${operation}`, resource: `arn:aws:s3:::${bucket}`, context };
}
