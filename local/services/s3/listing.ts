/** Lists of a bucket's objects and versions, page by page. */
import type {
  ListObjectsCommandInput,
  ListObjectsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/service';
import type { Bucket, ObjectVersion } from './bucket';

const MAX_PAGE_SIZE = 1000;

type Output<Full> = Omit<Full, '$metadata'>;

export function listObjects(bucket: Bucket, input: ListObjectsV2CommandInput): Output<ListObjectsV2CommandOutput> {
  const { Prefix, Delimiter, StartAfter, ContinuationToken, EncodingType } = input;
  const after = ContinuationToken === undefined ? StartAfter : keyOf(ContinuationToken);
  const found = bucket.entries().flatMap(([key]) => bucket.current(key) ?? []);
  const rest = found.filter(({ key }) => after === undefined || isAfter(key, after, Delimiter));
  const page = pageOf(rest, input);
  const encode = encoderOf(EncodingType);
  return {
    Name: bucket.name,
    Prefix: encode(Prefix ?? ''),
    Delimiter: encode(Delimiter),
    StartAfter: encode(StartAfter),
    EncodingType,
    MaxKeys: page.limit,
    KeyCount: page.items.length + page.commonPrefixes.length,
    IsTruncated: page.isTruncated,
    ContinuationToken,
    NextContinuationToken: page.isTruncated ? tokenOf(page.last) : undefined,
    Contents: page.items.map((version) => ({ ...listed(version), Key: encode(version.key) })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

/** The first version of the list, which some clients still ask for: its pages begin after a key instead of a token. */
export function listObjectsByMarker(bucket: Bucket, input: ListObjectsCommandInput): Output<ListObjectsCommandOutput> {
  const { Marker, Delimiter, EncodingType } = input;
  const {
    StartAfter: _,
    KeyCount,
    ContinuationToken,
    NextContinuationToken,
    ...page
  } = listObjects(bucket, {
    ...input,
    StartAfter: Marker || undefined,
  });
  const next = NextContinuationToken === undefined ? undefined : keyOf(NextContinuationToken);
  const encode = encoderOf(EncodingType);
  return { ...page, Marker: encode(Marker ?? ''), NextMarker: Delimiter ? encode(next) : undefined };
}

export function listVersions(
  bucket: Bucket,
  input: ListObjectVersionsCommandInput,
): Output<ListObjectVersionsCommandOutput> {
  const { Prefix, Delimiter, KeyMarker, VersionIdMarker, EncodingType } = input;
  if (VersionIdMarker !== undefined && !KeyMarker) {
    throw new AwsError('InvalidArgument', 'A version-id marker cannot be specified without a key marker.');
  }
  const rest = bucket.entries().flatMap(([key, versions]) => {
    if (!KeyMarker || isAfter(key, KeyMarker, Delimiter)) return versions;
    if (key !== KeyMarker || VersionIdMarker === undefined) return [];
    return versions.slice(versions.findIndex(({ versionId }) => versionId === VersionIdMarker) + 1);
  });
  const page = pageOf(rest, input);
  const encode = encoderOf(EncodingType);
  const described = (version: ObjectVersion) => ({
    Key: encode(version.key),
    VersionId: version.versionId,
    IsLatest: bucket.newest(version.key) === version,
    LastModified: version.lastModified,
  });
  return {
    Name: bucket.name,
    Prefix: encode(Prefix ?? ''),
    Delimiter: encode(Delimiter),
    EncodingType,
    MaxKeys: page.limit,
    IsTruncated: page.isTruncated,
    KeyMarker: encode(KeyMarker ?? ''),
    VersionIdMarker: VersionIdMarker ?? '',
    NextKeyMarker: page.isTruncated ? encode(page.last) : undefined,
    NextVersionIdMarker: page.isTruncated ? page.lastVersionId : undefined,
    Versions: page.items
      .filter((version) => !version.isDeleteMarker)
      .map((version) => ({ ...listed(version), ...described(version) })),
    DeleteMarkers: page.items.filter((version) => version.isDeleteMarker).map(described),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function listed(version: ObjectVersion) {
  const { etag, bytes, lastModified, storageClass } = version;
  return { ETag: etag, Size: bytes.length, LastModified: lastModified, StorageClass: storageClass as 'STANDARD' };
}

interface PageInput {
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
}

/** The first `MaxKeys` of `versions`: what shares a prefix up to the delimiter is rolled up, and counts as one. */
function pageOf(versions: readonly ObjectVersion[], { Prefix = '', Delimiter, MaxKeys = MAX_PAGE_SIZE }: PageInput) {
  if (MaxKeys < 0)
    throw new AwsError('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  const limit = Math.min(MaxKeys, MAX_PAGE_SIZE);
  const items: ObjectVersion[] = [];
  const commonPrefixes = new Set<string>();
  let last = '';
  let lastVersionId: string | undefined;
  for (const version of versions.filter(({ key }) => key.startsWith(Prefix))) {
    const rolledUp = commonPrefixOf(version.key, Prefix, Delimiter);
    if (rolledUp !== undefined && commonPrefixes.has(rolledUp)) continue;
    if (items.length + commonPrefixes.size >= limit) {
      return { items, commonPrefixes: [...commonPrefixes], isTruncated: limit > 0, last, lastVersionId, limit };
    }
    if (rolledUp === undefined) items.push(version);
    else commonPrefixes.add(rolledUp);
    last = rolledUp ?? version.key;
    lastVersionId = rolledUp === undefined ? version.versionId : undefined;
  }
  return { items, commonPrefixes: [...commonPrefixes], isTruncated: false, last, lastVersionId, limit };
}

function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Where a page ended with a rolled-up prefix, all that it stands for is behind it. */
function isAfter(key: string, marker: string, delimiter: string | undefined): boolean {
  if (delimiter && marker.endsWith(delimiter) && key.startsWith(marker)) return false;
  return Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0;
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64');
}

function keyOf(token: string): string {
  const key = Buffer.from(token, 'base64').toString('utf8');
  if (tokenOf(key) !== token) throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}

/** `EncodingType=url` is what clients ask for that could not read a control character in XML. */
function encoderOf(encodingType: string | undefined) {
  return <Text extends string | undefined>(text: Text): Text =>
    (text !== undefined && encodingType === 'url' ? encodeURIComponent(text).replace(/%2F/g, '/') : text) as Text;
}
