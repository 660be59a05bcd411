/** The wars in S3: which version is the latest, whether a version is there and is a zip, and what people call it. */
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Deadline } from '../aws/deadline';
import { isDenied, isPermanent } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import { absence, isForGood, unreadable } from './unreadable';
import { implementationVersion, MANIFEST, type Uploaded, warName } from './war-name';
import { entryAt, entryAtBeginning, FIRST_BYTES, rangeOfEntry, TAIL_BYTES, type ZipEntry, zipOf } from './zip';

/**
 * A version that is there and is a zip, and its name where anything is known of that; else `problem` says why it cannot be
 * deployed, naming bucket, key, version.
 */
export type ProvenWar = { versionId: string; name?: string } | { problem: string };

/** Builds put the manifest first: then no more has to be read. */
const BEGINNING_BYTES = 16 * 1024;

/** Names are not asked for so long after S3 has left such a question open: what is deployed must not wait for them. */
const SILENT_MILLISECONDS = 60_000;

export class Wars {
  private silentUntil = 0;

  /**
   * `hasty` asks once: for what nothing depends on. Who does not deploy itself may have fewer rights than the stack: that it
   * is denied then says nothing of a war, and is thrown.
   */
  constructor(
    private readonly client: S3Client,
    private readonly hasty: S3Client,
    private readonly now: () => Date,
    private readonly deploys = true,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, { deploys = true } = {}): Wars {
    const { clientDefaults, now } = runtime;
    const connected = (settings: object) => deadline.guard(new S3Client(settings));
    return new Wars(connected(clientDefaults), connected({ ...clientDefaults, maxAttempts: 1 }), now, deploys);
  }

  /** Proves one version, by default the latest, with a read of its beginning, and where that is of no zip by its end. */
  async prove(bucket: string, key: string, versionId?: string): Promise<ProvenWar> {
    try {
      const war = await this.open(this.client, bucket, key, versionId);
      if (!war.versionId || war.versionId === 'null') {
        return { problem: `${named(bucket, key)} has no versions: versioning is not enabled on the bucket` };
      }
      const proven = { ...war, versionId: war.versionId };
      if (isZip(war)) return { versionId: war.versionId, name: await this.nameIn(proven) };
      const tail = await read(this.client, proven, `bytes=-${TAIL_BYTES}`);
      const kind = zipOf(tail, war.size);
      if (kind === 'zip') return { versionId: war.versionId, name: await this.nameIn(proven, tail) };
      const reason = kind === 'empty' ? 'an empty zip, without entries' : 'not a zip';
      const called = warName(war, undefined);
      const problem = `${named(bucket, key, war.versionId)} is not a war: ${reason}`;
      return { problem: called === undefined ? problem : `${problem}, ${called}` };
    } catch (error) {
      const missing = absence(error, versionId);
      if (missing) return { problem: `${named(bucket, key, versionId)} ${missing}` };
      if (!isForGood(error) || (!this.deploys && isDenied(error))) throw error;
      const refused = versionId ?? (await this.latestOf(bucket, key));
      return { problem: `${named(bucket, key, refused)} ${unreadable(error)}` };
    }
  }

  /** What people call a version. Undefined where that is not known, for whatever reason: nothing depends on it. */
  nameOf(bucket: string, key: string, versionId: string): Promise<string | undefined> {
    return this.unlessSilent(async () => {
      const war = await this.open(this.hasty, bucket, key, versionId);
      return this.nameIn(war);
    });
  }

  /** By the beginning, else by two reads at most: of the end, which says where the manifest is, and of that. */
  private async nameIn(war: OpenedWar, ending?: Buffer): Promise<string | undefined> {
    const says = async () => {
      if (war.metadata.version?.trim()) return undefined;
      const first = entryAtBeginning(war.beginning, MANIFEST);
      const entry = first ?? (await this.manifestByTheEnd(war, ending));
      return entry && implementationVersion(entry);
    };
    return warName(war, await this.unlessSilent(says));
  }

  private async manifestByTheEnd(war: OpenedWar, ending: Buffer | undefined): Promise<ZipEntry | undefined> {
    const isAllThere = war.size <= war.beginning.length;
    const tail = ending ?? (isAllThere ? war.beginning : await read(this.hasty, war, `bytes=-${TAIL_BYTES}`));
    const [from, to] = rangeOfEntry(tail, war.size, MANIFEST) ?? [];
    if (from === undefined || to === undefined || from < 0 || from >= to) return undefined;
    if (to <= war.beginning.length) return entryAt(war.beginning, from);
    return entryAt(await read(this.hasty, war, `bytes=${from}-${to - 1}`), 0);
  }

  private async unlessSilent<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
    if (this.now().getTime() < this.silentUntil) return undefined;
    try {
      return await ask();
    } catch (error) {
      const isAnswer = isPermanent(error) || !isOfService(error);
      if (!isAnswer) this.silentUntil = this.now().getTime() + SILENT_MILLISECONDS;
      return undefined;
    }
  }

  private async open(client: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<OpenedWar> {
    const Range = `bytes=0-${BEGINNING_BYTES - 1}`;
    const answer = await client.send(new GetObjectCommand({ Bucket, Key, VersionId, Range }));
    const beginning = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    const size = Number(answer.ContentRange?.split('/')[1]);
    return {
      bucket: Bucket,
      key: Key,
      versionId: answer.VersionId,
      beginning,
      size: Number.isNaN(size) ? beginning.length : size,
      metadata: answer.Metadata ?? {},
      uploadedAt: answer.LastModified,
    };
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

/** What the first read tells of a version. */
interface OpenedWar extends Uploaded {
  bucket: string;
  key: string;
  versionId: string | undefined;
  beginning: Buffer;
  size: number;
}

async function read(client: S3Client, { bucket, key, versionId }: OpenedWar, Range: string): Promise<Buffer> {
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, Range }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

/** Nothing stands in front of it. */
function isZip({ beginning }: OpenedWar): boolean {
  return beginning.toString('latin1', 0, FIRST_BYTES.length) === FIRST_BYTES;
}

/** Else it is of our own reading: of a zip that is not as it should be. */
function isOfService(error: unknown): boolean {
  return (error as { $metadata?: object }).$metadata !== undefined || (error as Error).name === 'TimeoutError';
}

function named(bucket: string, key: string, versionId?: string): string {
  return `${bucket} key(${key})${versionId === undefined ? '' : ` versionId(${versionId})`}`;
}
