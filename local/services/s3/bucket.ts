/** A bucket: the versions of its objects, and what versioning makes of writing and deleting them. */
import { AwsError } from '../../kernel/service';

/** What an object carries beside its content, as PutObject takes it and GetObject gives it back. */
export interface ObjectHeaders {
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  Metadata?: Record<string, string>;
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string;
}

/** A temporary copy of an archived version: from when, and until when it can be read. */
export interface Restoration {
  readyAt: Date;
  expiresAt: Date;
}

export interface ObjectVersion {
  key: string;
  /** 32 characters of `[A-Za-z0-9._]`, or `null` for what was written while the bucket was not versioned. */
  versionId: string;
  lastModified: Date;
  /** A delete marker has no content: its bytes are empty, and its entity tag is too. */
  isDeleteMarker: boolean;
  bytes: Uint8Array;
  /** With its quotes, as AWS writes it. */
  etag: string;
  headers: ObjectHeaders;
  /** By the names of the SDK: `ChecksumCRC32`, … */
  checksums: Record<string, string>;
  storageClass: string;
  restoration?: Restoration;
}

export type Versioning = 'Enabled' | 'Suspended' | undefined;

const VERSION_ID = /^(?:null|[A-Za-z0-9._]{32})$/;

export class Bucket {
  /** Newest first. */
  private readonly versionsByKey = new Map<string, ObjectVersion[]>();
  /** In the order of their UTF-8 bytes: buckets are listed more often than keys come and go. */
  private readonly keys: string[] = [];

  constructor(
    readonly name: string,
    readonly createdAt: Date,
    public versioning: Versioning,
    public eventBridge: boolean,
    private readonly newVersionId: () => string,
    readonly region: string,
  ) {}

  /** Keys in the order of their UTF-8 bytes, each with its versions, the newest first. */
  entries(): [key: string, versions: readonly ObjectVersion[]][] {
    return this.keys.map((key) => [key, this.versionsByKey.get(key) ?? []]);
  }

  /** The current version, be it a delete marker. */
  newest(key: string): ObjectVersion | undefined {
    return this.versionsByKey.get(key)?.[0];
  }

  /** The current version, unless the object is deleted. */
  current(key: string): ObjectVersion | undefined {
    const newest = this.newest(key);
    return newest?.isDeleteMarker ? undefined : newest;
  }

  find(key: string, versionId: string): ObjectVersion | undefined {
    return this.versionsByKey.get(key)?.find((version) => version.versionId === versionId);
  }

  /** What a read is answered with; throws as GetObject does where there is nothing to read. */
  read(key: string, versionId?: string): ObjectVersion {
    const version = versionId === undefined ? this.newest(key) : this.find(key, checkedVersionId(versionId));
    if (version && !version.isDeleteMarker) return version;
    if (version && versionId !== undefined) {
      const message = 'The specified method is not allowed against this resource.';
      throw new AwsError('MethodNotAllowed', message, 405, {
        ...markerHeaders(version),
        allow: 'DELETE',
        'last-modified': version.lastModified.toUTCString(),
      });
    }
    if (versionId !== undefined) throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
    throw noSuchKey(version ? markerHeaders(version) : {});
  }

  /** Makes a new current version; without versioning it replaces the one there is. */
  write(version: Omit<ObjectVersion, 'versionId'>): ObjectVersion {
    const versionId = this.versioning === 'Enabled' ? this.newVersionId() : 'null';
    const written = { ...version, versionId };
    const kept = (this.versionsByKey.get(version.key) ?? []).filter((known) => known.versionId !== versionId);
    if (!this.versionsByKey.has(version.key)) this.keys.splice(this.placeOf(version.key), 0, version.key);
    this.versionsByKey.set(version.key, [written, ...kept]);
    return written;
  }

  /** Takes one version away for good; there may be none. */
  remove(key: string, versionId: string): ObjectVersion | undefined {
    const removed = this.find(key, checkedVersionId(versionId));
    const kept = (this.versionsByKey.get(key) ?? []).filter((version) => version !== removed);
    if (kept.length > 0) this.versionsByKey.set(key, kept);
    else if (this.versionsByKey.delete(key)) this.keys.splice(this.placeOf(key), 1);
    return removed;
  }

  /** Among the keys: of the first that is not before this one. */
  private placeOf(key: string): number {
    const bytes = Buffer.from(key);
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(Buffer.from(this.keys[middle] ?? ''), bytes) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function noSuchKey(headers: Record<string, string> = {}): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', 404, headers);
}

function markerHeaders(marker: ObjectVersion): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId };
}

/** AWS knows its own identifiers: what cannot be one is an invalid argument, not a version that does not exist. */
function checkedVersionId(versionId: string): string {
  if (!VERSION_ID.test(versionId)) throw new AwsError('InvalidArgument', 'Invalid version id specified');
  return versionId;
}
