/** Reads and writes records, so that of several writers exactly one wins and each of them knows. */
import * as z from 'zod/mini';
import { isTaskName } from '../../events/contract';
import { isPermanent } from '../aws/errors';
import type { StateBucket } from '../aws/state-bucket';
import { recordInBounds } from './bounds';
import type { DeploymentRecord } from './record';
import { recordSchema } from './record';

const WRITE_ATTEMPTS = 5;

/** Mails and events of the writes that are lost carry their numbers: what comes after a loss has others. */
const SEQS_SKIPPED = 1000;

/** What tells one write from the few before it: 32 bits of its token. */
const TOKEN_CHARACTERS = 8;

/** Of the writes before: as many may come between a write and the look that its lost answer makes necessary. */
const TOKENS_KEPT = 20;

export interface StoredRecord {
  record: DeploymentRecord;
  /** Of what stands in the record's place; undefined where that was deleted. */
  etag: string | undefined;
}

/** A record that was there, and cannot be read any more. */
export type LostRecord = { how: 'damaged'; etag: string; body: string } | { how: 'deleted'; etag: undefined };

/** What stands in the place of a task's record: nothing, where it never had one. */
export interface FoundRecord {
  stored?: StoredRecord;
  lost?: LostRecord;
}

/** Somebody else has moved the record on: whoever meets this stops, quietly. */
export class FencedOff extends Error {
  constructor(task: string) {
    super(`the record of ${task} was moved on by somebody else`);
    this.name = 'FencedOff';
  }
}

/** What stands there is not a record that this version understands: that passes by no repetition. */
export class DamagedRecord extends Error {
  constructor(task: string, why: string) {
    super(`the record of ${task} is damaged: ${why.replace(/\s+/g, ' ')}`);
    this.name = 'DamagedRecord';
  }
}

/** The tasks that have a record, and the keys that end as a record's does, and are that of no task. */
export interface RecordKeys {
  tasks: string[];
  misnamed: string[];
}

export class RecordStore {
  constructor(
    private readonly bucket: StateBucket,
    private readonly uniqueId: () => string,
  ) {}

  async keys(): Promise<RecordKeys> {
    const keys = (await this.bucket.list('tasks/')).filter((key) => key.endsWith('.json'));
    const tasks = keys.map(taskOf);
    return {
      tasks: tasks.filter((task) => task !== undefined),
      misnamed: keys.filter((_, index) => tasks[index] === undefined),
    };
  }

  /** Throws `DamagedRecord` where the object is not a record that this version understands. */
  async read(task: string): Promise<StoredRecord | undefined> {
    const stored = await this.bucket.read(keyOf(task));
    if (!stored) return undefined;
    return { record: recordOf(task, stored.body), etag: stored.etag };
  }

  /** As `read`, but tells what cannot be read, and a task whose record was deleted from one that never had any. */
  async find(task: string): Promise<FoundRecord> {
    const key = keyOf(task);
    let found = await this.bucket.read(key);
    if (!found) {
      if ((await this.bucket.versions(key)).length === 0) return {};
      // Its first version may have been written since it was read.
      found = await this.bucket.read(key);
    }
    if (!found) return { lost: { how: 'deleted', etag: undefined } };
    const record = readable(task, found.body);
    return record ? { stored: { record, etag: found.etag } } : { lost: { how: 'damaged', ...found } };
  }

  /**
   * Sets aside what is damaged, and reads the newest version that can be read, as if it stood in the place of what is lost:
   * whoever decides by it writes over that, in the one write that makes the decision last. Undefined where no version can
   * be read.
   */
  async recover(task: string, lost: LostRecord, at: string): Promise<StoredRecord | undefined> {
    const key = keyOf(task);
    // Once for the same damage, however often this is repeated.
    if (lost.how === 'damaged') await this.bucket.write(`damaged/${key}/${lost.etag.replaceAll('"', '')}`, lost.body);
    for (const { versionId, writtenAt } of await this.bucket.versions(key)) {
      // One that S3 gives to nobody, as an archived one, is as good as none.
      const found = await this.bucket.read(key, versionId).catch((error: unknown) => {
        if (!isPermanent(error)) throw error;
        return undefined;
      });
      const record = found && readable(task, found.body);
      if (!record) continue;
      const restored = { how: lost.how, writtenAt };
      const seq = (Math.floor(record.seq / SEQS_SKIPPED) + 1) * SEQS_SKIPPED;
      return { record: { ...record, seq, restored, forgottenUntil: at }, etag: lost.etag };
    }
    return undefined;
  }

  /** Opens a deployment over what was read before (or over nothing). Undefined when somebody else was faster. */
  async open(previous: { etag?: string } | undefined, record: DeploymentRecord): Promise<StoredRecord | undefined> {
    const next = recordInBounds({ ...record, writeToken: this.uniqueId(), earlierTokens: [] });
    const write = await this.bucket.writeOver(previous?.etag, keyOf(record.task), bodyOf(next));
    if (write.result === 'written') return { record: next, etag: write.etag };
    const found = await this.readIfWhole(record.task);
    return found && hasSucceeded(next, found) ? found : undefined;
  }

  /**
   * Writes `change(record)`. Where the write lost or its answer did: when our token stands there, or stood there before, it had succeeded; when
   * the deployment is still where we left it, only something beside it changed and our change is made again; else the
   * record is somebody else's now, and this throws `FencedOff`. `isStillOurs` may ask for less than that.
   */
  async update(
    stored: StoredRecord,
    change: (record: DeploymentRecord) => DeploymentRecord,
    isStillOurs = isWhereWeLeftIt,
  ): Promise<StoredRecord> {
    const { task } = stored.record;
    let current = stored;
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const next = recordInBounds({ ...change(current.record), ...this.tokensAfter(current.record) });
      const write = await this.bucket.writeOver(current.etag, keyOf(task), bodyOf(next));
      if (write.result === 'written') return { record: next, etag: write.etag };
      const found = await this.readIfWhole(task);
      if (found && hasSucceeded(next, found)) return found;
      if (!found || !isStillOurs(found.record, stored.record)) throw new FencedOff(task);
      current = found;
    }
    throw new Error(`the record of ${task} could not be written in ${WRITE_ATTEMPTS} attempts`);
  }

  /** What was damaged since is nobody's any more. */
  private async readIfWhole(task: string): Promise<StoredRecord | undefined> {
    const found = await this.bucket.read(keyOf(task));
    const record = found && readable(task, found.body);
    return record && { record, etag: found.etag };
  }

  private tokensAfter({ writeToken, earlierTokens = [] }: DeploymentRecord) {
    return {
      writeToken: this.uniqueId(),
      earlierTokens: [writeToken, ...earlierTokens].slice(0, TOKENS_KEPT).map(shortToken),
    };
  }
}

/** Our write stands there, or what was written over it. */
function hasSucceeded({ writeToken }: DeploymentRecord, { record }: StoredRecord): boolean {
  const earlier = (record.earlierTokens ?? []).map(shortToken);
  return record.writeToken === writeToken || earlier.includes(shortToken(writeToken));
}

function shortToken(token: string): string {
  return token.slice(0, TOKEN_CHARACTERS);
}

/** Throws where the record does not fit its schema, with the place that does not: it could not be read again. */
function bodyOf(record: DeploymentRecord): string {
  const body = JSON.stringify(record);
  const read: unknown = JSON.parse(body);
  const { success, data, error } = recordSchema.safeParse(read);
  const place = success ? unknownPlace(read, data) : z.prettifyError(error).replace(/\s+/g, ' ');
  if (place !== undefined) throw new Error(`the record of ${record.task} does not fit its schema: ${place}`);
  return body;
}

/** The first place that the schema does not know: it would be forgotten by whoever reads the record next. */
function unknownPlace(value: unknown, known: unknown, at = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const place = at === '' ? key : `${at}.${key}`;
    if (!Object.hasOwn(known as object, key)) return `nothing is known of ${place}`;
    const unknown = unknownPlace(inner, (known as Record<string, unknown>)[key], place);
    if (unknown) return unknown;
  }
  return undefined;
}

function readable(task: string, body: string): DeploymentRecord | undefined {
  try {
    return recordOf(task, body);
  } catch (error) {
    if (error instanceof DamagedRecord) return undefined;
    throw error;
  }
}

function recordOf(task: string, body: string): DeploymentRecord {
  const { success, data, error } = recordSchema.safeParse(parsed(task, body));
  if (!success) throw new DamagedRecord(task, z.prettifyError(error));
  if (data.task !== task) throw new DamagedRecord(task, `it is the record of ${data.task}`);
  return data;
}

function parsed(task: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new DamagedRecord(task, (error as Error).message);
  }
}

/** Nobody has moved the deployment on since. */
export function isWhereWeLeftIt(found: DeploymentRecord, left: DeploymentRecord): boolean {
  return (
    found.deploymentId === left.deploymentId &&
    found.seq === left.seq &&
    found.status === left.status &&
    found.claim?.token === left.claim?.token
  );
}

function keyOf(task: string): string {
  return `tasks/${encodeURIComponent(task)}.json`;
}

/** Undefined where it is the key of no task: not every text is a percent-encoding, nor every one the one that we write. */
function taskOf(key: string): string | undefined {
  try {
    const task = decodeURIComponent(key.slice('tasks/'.length, -'.json'.length));
    return keyOf(task) === key && isTaskName(task) ? task : undefined;
  } catch {
    return undefined;
  }
}
