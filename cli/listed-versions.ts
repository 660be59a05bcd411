/** The versions of a war that are in S3, and what they are called. */
import { HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mapSome } from '../shared/aws/calls';
import { shownVersion, warName } from '../shared/fleet/war-name';
import type { Stack } from './stack';

export interface KnownVersion {
  versionId: string;
  /** Undefined where nobody has asked for it, or it has none. */
  name?: string | undefined;
  /** It cannot be read until it is restored. */
  isArchived?: boolean | undefined;
}

/** Pages of a thousand: somebody who means an older version gives its whole id. */
const PAGES_READ = 3;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html */
const ARCHIVES: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

export interface ListedVersions {
  versions: KnownVersion[];
  /** Ids of what says that the war was deleted. */
  deleteMarkers: string[];
  isAll: boolean;
}

/** Newest first, by one call for a thousand. */
export async function listedVersions(stack: Stack, Bucket: string, key: string): Promise<ListedVersions> {
  const client = stack.client(S3Client);
  const versions: KnownVersion[] = [];
  const deleteMarkers: string[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (let page = 0; page < PAGES_READ; page++) {
    const answer = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: key, ...from }));
    for (const { Key, VersionId = '', StorageClass = '' } of answer.Versions ?? []) {
      const isArchived = ARCHIVES.includes(StorageClass);
      if (Key === key) versions.push({ versionId: VersionId, ...(isArchived && { isArchived }) });
    }
    for (const { Key, VersionId = '' } of answer.DeleteMarkers ?? []) if (Key === key) deleteMarkers.push(VersionId);
    from = { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker };
    if (!answer.IsTruncated || answer.NextKeyMarker !== key) return { versions, deleteMarkers, isAll: true };
  }
  return { versions, deleteMarkers, isAll: false };
}

export function withNames(
  stack: Stack,
  bucket: string,
  key: string,
  versions: readonly KnownVersion[],
): Promise<KnownVersion[]> {
  const { wars } = stack.sources;
  return mapSome(versions, async (one) => {
    const { versionId, isArchived } = one;
    const read = isArchived ? nameOfArchived(stack, bucket, key, versionId) : wars.nameOf(bucket, key, versionId);
    return { ...one, name: await read };
  });
}

/** What its uploader called it can be asked for all the same; what its manifest says, cannot. */
async function nameOfArchived(
  stack: Stack,
  Bucket: string,
  Key: string,
  VersionId: string,
): Promise<string | undefined> {
  try {
    const head = await stack.client(S3Client).send(new HeadObjectCommand({ Bucket, Key, VersionId }));
    return warName({ metadata: head.Metadata ?? {}, uploadedAt: head.LastModified }, undefined);
  } catch {
    return undefined; // nothing depends on a name
  }
}

export function inWords({ versionId, name, isArchived }: KnownVersion): string {
  return `${shownVersion(versionId, name)}${isArchived ? ' archived' : ''}`;
}
