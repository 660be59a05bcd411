/** The private bucket with the records, the history and the marks of what was mailed and refused. */
import {
  GetObjectCommand,
  HeadObjectCommand,
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

export class StateBucket {
  constructor(
    private readonly client: S3Client,
    private readonly name: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, name: string): StateBucket {
    return new StateBucket(deadline.guard(new S3Client(runtime.clientDefaults)), name);
  }

  async read(key: string): Promise<StoredObject | undefined> {
    try {
      const answer = await this.client.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
      return { body: (await answer.Body?.transformToString()) ?? '', etag: answer.ETag ?? '' };
    } catch (error) {
      if (errorCode(error) === 'NoSuchKey') return undefined;
      throw error;
    }
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
