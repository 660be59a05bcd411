/** The wars in S3: which version is the latest, and whether a version is there and is a zip. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Deadline } from '../aws/deadline';
import { errorCode } from '../aws/errors';
import type { Runtime } from '../aws/runtime';

/** The first bytes of every zip with content: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7. */
const ZIP_SIGNATURE = 'PK\u0003\u0004';

/** A version that is there and is a zip; else `problem` says why it cannot be deployed, naming bucket, key, version. */
export type ProvenWar = { versionId: string } | { problem: string };

export class Wars {
  constructor(private readonly client: S3Client) {}

  static connect(runtime: Runtime, deadline: Deadline): Wars {
    return new Wars(deadline.guard(new S3Client(runtime.clientDefaults)));
  }

  /** Proves one version, by default the latest, with one read of its first bytes. */
  async prove(bucket: string, key: string, versionId?: string): Promise<ProvenWar> {
    const object = `${bucket} key(${key})`;
    try {
      const answer = await this.client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, Range: 'bytes=0-3' }),
      );
      const start = await answer.Body?.transformToString('latin1');
      if (!answer.VersionId || answer.VersionId === 'null') {
        return { problem: `${object} has no versions: versioning is not enabled on the bucket` };
      }
      if (start !== ZIP_SIGNATURE)
        return { problem: `${object} versionId(${answer.VersionId}) is not a war: not a zip` };
      return { versionId: answer.VersionId };
    } catch (error) {
      const problem = PROBLEMS[errorCode(error)];
      if (!problem) throw error;
      return { problem: `${object}${versionId === undefined ? '' : ` versionId(${versionId})`} ${problem}` };
    }
  }
}

const PROBLEMS: Record<string, string> = {
  NoSuchBucket: 'does not exist: there is no such bucket',
  NoSuchKey: 'does not exist',
  NoSuchVersion: 'does not exist: the key has no such version',
  InvalidArgument: 'does not exist: that is not a version id',
  MethodNotAllowed: 'is a delete marker: that version was deleted',
  InvalidRange: 'is empty',
  AccessDenied: 'cannot be read: access denied',
  Forbidden: 'cannot be read: access denied',
};
