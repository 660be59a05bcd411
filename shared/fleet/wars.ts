/** The wars in S3: which version is the latest, and whether a version is there and is a zip. */
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import { absence, isForGood, unreadable } from './unreadable';
import { FIRST_BYTES, TAIL_BYTES, zipOf } from './zip';

/** A version that is there and is a zip; else `problem` says why it cannot be deployed, naming bucket, key, version. */
export type ProvenWar = { versionId: string } | { problem: string };

export class Wars {
  constructor(private readonly client: S3Client) {}

  static connect(runtime: Runtime, deadline: Deadline): Wars {
    return new Wars(deadline.guard(new S3Client(runtime.clientDefaults)));
  }

  /** Proves one version, by default the latest, with a read of its first bytes, and where it is none by these of its last. */
  async prove(bucket: string, key: string, versionId?: string): Promise<ProvenWar> {
    try {
      const beginning = await this.read(bucket, key, versionId, `bytes=0-${FIRST_BYTES.length - 1}`);
      const { VersionId: found } = beginning;
      if (!found || found === 'null') {
        return { problem: `${named(bucket, key)} has no versions: versioning is not enabled on the bucket` };
      }
      if ((await beginning.Body?.transformToString('latin1')) === FIRST_BYTES) return { versionId: found };
      const zip = await this.zipByItsEnd(bucket, key, found);
      if (zip === 'zip') return { versionId: found };
      const reason = zip === 'empty' ? 'an empty zip, without entries' : 'not a zip';
      return { problem: `${named(bucket, key, found)} is not a war: ${reason}` };
    } catch (error) {
      const missing = absence(error, versionId);
      if (missing) return { problem: `${named(bucket, key, versionId)} ${missing}` };
      if (!isForGood(error)) throw error;
      const refused = versionId ?? (await this.latestOf(bucket, key));
      return { problem: `${named(bucket, key, refused)} ${unreadable(error)}` };
    }
  }

  private async zipByItsEnd(bucket: string, key: string, versionId: string): Promise<ReturnType<typeof zipOf>> {
    const ending = await this.read(bucket, key, versionId, `bytes=-${TAIL_BYTES}`);
    const tail = Buffer.from((await ending.Body?.transformToByteArray()) ?? []);
    const size = Number(ending.ContentRange?.split('/')[1]);
    return zipOf(tail, Number.isNaN(size) ? tail.length : size);
  }

  private read(
    Bucket: string,
    Key: string,
    VersionId: string | undefined,
    Range: string,
  ): Promise<GetObjectCommandOutput> {
    return this.client.send(new GetObjectCommand({ Bucket, Key, VersionId, Range }));
  }

  /**
   * The version that would have been read, so that whoever mends it knows which. HeadObject tells of objects that are
   * archived or encrypted, too: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
   */
  private async latestOf(Bucket: string, Key: string): Promise<string> {
    const unknown = 'the latest';
    try {
      return (await this.client.send(new HeadObjectCommand({ Bucket, Key }))).VersionId ?? unknown;
    } catch {
      return unknown; // what is said of the war does not depend on it
    }
  }
}

function named(bucket: string, key: string, versionId?: string): string {
  return `${bucket} key(${key})${versionId === undefined ? '' : ` versionId(${versionId})`}`;
}
