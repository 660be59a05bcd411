/** Conditional requests of S3: which reads, writes and deletions the `If-…` headers let through. */
import type { GetObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/service';
import { type Bucket, noSuchKey, type ObjectVersion } from './bucket';

/**
 * "Conditional writes" of the S3 User Guide: `If-None-Match: *` writes only a new key, `If-Match` only over the version
 * with that entity tag. A deleted object counts as one that is not there.
 */
export function checkWrite(
  bucket: Bucket,
  key: string,
  { IfMatch, IfNoneMatch }: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
): void {
  if (IfNoneMatch !== undefined && (IfNoneMatch !== '*' || IfMatch !== undefined)) {
    const message = 'A header you provided implies functionality that is not implemented';
    throw new AwsError('NotImplemented', message, 501);
  }
  const current = bucket.current(key);
  if (IfNoneMatch !== undefined && current) throw preconditionFailed();
  if (IfMatch === undefined) return;
  if (!current) throw noSuchKey();
  if (!isSameTag(IfMatch, current)) throw preconditionFailed();
}

/** "Conditional deletes" of the S3 User Guide: they look at the current version alone; `*` asks only that there is one. */
export function checkDelete(bucket: Bucket, key: string, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  const newest = bucket.newest(key);
  if (!newest) throw noSuchKey();
  if (newest.isDeleteMarker || (ifMatch !== '*' && !isSameTag(ifMatch, newest))) throw preconditionFailed();
}

/** A tag decides before a date of the same kind does, as RFC 7232 orders them. */
export function checkRead(
  version: ObjectVersion,
  condition: Pick<GetObjectCommandInput, 'IfMatch' | 'IfNoneMatch' | 'IfModifiedSince' | 'IfUnmodifiedSince'>,
): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = condition;
  if (IfMatch !== undefined) {
    if (IfMatch !== '*' && !isSameTag(IfMatch, version)) throw preconditionFailed();
  } else if (IfUnmodifiedSince && version.lastModified > IfUnmodifiedSince) throw preconditionFailed();
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch === '*' || isSameTag(IfNoneMatch, version)) throw notModified(version);
  } else if (IfModifiedSince && version.lastModified <= IfModifiedSince) throw notModified(version);
}

function isSameTag(tag: string, version: ObjectVersion): boolean {
  return unquoted(tag) === unquoted(version.etag);
}

export function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}

export function preconditionFailed(): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}

function notModified(version: ObjectVersion): AwsError {
  return new AwsError('NotModified', 'Not Modified', 304, { etag: version.etag });
}
