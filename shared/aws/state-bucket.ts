/** The private bucket with the records, the history and the marks of what was mailed and refused. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Deadline } from './deadline';
import { errorCode } from './errors';
import type { Runtime } from './runtime';

export interface StoredObject {
  body: string;
  etag: string;
}

/** `written` with the new ETag; `lost` when the condition did not hold; `unknown` when no answer came. */
export type WriteResult = { result: 'written'; etag: string } | { result: 'lost' } | { result: 'unknown' };

/** One page: of an object that was damaged so often, nobody would look further back. */
const VERSIONS_LISTED = 200;

export class StateBucket {
  constructor(
    private readonly client: S3Client,
    private readonly name: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, name: string): StateBucket {
    return new StateBucket(deadline.guard(new S3Client(runtime.clientDefaults)), name);
  }

  /** By default the newest version, if that is not a delete marker. Undefined where there is none, or none any more. */
  async read(key: string, versionId?: string): Promise<StoredObject | undefined> {
    try {
      const command = new GetObjectCommand({ Bucket: this.name, Key: key, VersionId: versionId });
      const answer = await this.client.send(command);
      return { body: (await answer.Body?.transformToString()) ?? '', etag: answer.ETag ?? '' };
    } catch (error) {
      if (['NoSuchKey', 'NoSuchVersion'].includes(errorCode(error))) return undefined;
      throw error;
    }
  }

  /**
   * The newest versions of an object, newest first, whether it is deleted by now or not. Keys come in their order, and the
   * versions of each newest first: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
   */
  async versions(key: string): Promise<{ versionId: string; writtenAt: string | undefined }[]> {
    const command = new ListObjectVersionsCommand({ Bucket: this.name, Prefix: key, MaxKeys: VERSIONS_LISTED });
    const { Versions = [] } = await this.client.send(command);
    return Versions.filter(({ Key }) => Key === key).map(({ VersionId = '', LastModified }) => ({
      versionId: VersionId,
      writtenAt: LastModified?.toISOString(),
    }));
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: this.name, Key: key }));
      return true;
    } catch (error) {
      if (errorCode(error) === 'NotFound') return false;
      throw error;
    }
  }

  /** The keys that begin with `prefix`. */
  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: this.name, Prefix: prefix })) {
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    }
    return keys;
  }

  /** Writes whatever is there. */
  async write(key: string, body: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: body }));
  }

  /**
   * Writes only over the object that has `etag`, or, without one, only where there is none.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   */
  async writeOver(etag: string | undefined, key: string, body: string): Promise<WriteResult> {
    const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
    try {
      const answer = await this.client.send(
        new PutObjectCommand({
          Bucket: this.name,
          Key: key,
          Body: body,
          ContentType: 'application/json',
          ...condition,
        }),
      );
      return { result: 'written', etag: answer.ETag ?? '' };
    } catch (error) {
      return resultOf(error);
    }
  }
}

function resultOf(error: unknown): WriteResult {
  if (['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'].includes(errorCode(error))) {
    return { result: 'lost' };
  }
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (errorCode(error) === 'TimeoutError' || (status !== undefined && status >= 500)) return { result: 'unknown' };
  throw error;
}
