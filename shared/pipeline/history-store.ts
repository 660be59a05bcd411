/** The history in the state bucket: an object for each deployment that has ended, and the newest of a task in one. */
import { isDeepStrictEqual } from 'node:util';
import { mapSome } from '../aws/calls';
import type { StateBucket } from '../aws/state-bucket';
import {
  type HistoryEntry,
  historyKey,
  historyOf,
  historyPrefix,
  type IndexLine,
  indexBody,
  indexKey,
  lineOf,
  readHistory,
  readIndex,
} from './history';
import type { DeploymentRecord } from './record';

const NEWEST_KEPT = 50;

/** A task has one deployment at a time: few write its index at once. */
const WRITE_ATTEMPTS = 5;

export class HistoryStore {
  constructor(private readonly state: StateBucket) {}

  /** Keeps what became of a deployment. Repeated, it changes nothing. */
  async keep(record: DeploymentRecord): Promise<void> {
    const entry = historyOf(record);
    await this.state.write(historyKey(entry), JSON.stringify(entry));
    await this.addToIndex(entry);
  }

  /** The newest deployments of a task that have ended, newest first: one call, however many there were. */
  async newest(task: string): Promise<IndexLine[]> {
    const found = await this.state.read(indexKey(task));
    return (found && readIndex(found.body)) ?? (await this.gathered(task));
  }

  /** What became of one deployment. Undefined where nothing is known of it. */
  async read(task: string, deploymentId: string): Promise<HistoryEntry | undefined> {
    return this.entryAt(historyKey({ task, deploymentId }));
  }

  /** The ids of the task's deployments that begin so: one call, however old they are. */
  async idsBeginningWith(task: string, beginning: string): Promise<string[]> {
    const prefix = historyPrefix(task);
    const keys = await this.state.list(`${prefix}${beginning}`);
    return keys.filter((key) => key.endsWith('.json')).map((key) => key.slice(prefix.length, -'.json'.length));
  }

  private async addToIndex(entry: HistoryEntry): Promise<void> {
    const key = indexKey(entry.task);
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const found = await this.state.read(key);
      const known = found && readIndex(found.body);
      const lines = withLine(known ?? (await this.gathered(entry.task)), lineOf(entry));
      if (known && isDeepStrictEqual(lines, known)) return;
      // One whose answer was lost is found to be there at the next look.
      const write = await this.state.writeOver(found?.etag, key, indexBody(lines));
      if (write.result === 'written') return;
    }
    throw new Error(`the index ${key} could not be written in ${WRITE_ATTEMPTS} attempts`);
  }

  /** Where there is no index that can be read, the objects of the newest deployments say what was in it. */
  private async gathered(task: string): Promise<IndexLine[]> {
    const keys = await this.state.list(historyPrefix(task));
    const newest = keys.sort().slice(-NEWEST_KEPT).reverse();
    const entries = await mapSome(newest, (key) => this.entryAt(key));
    return entries.flatMap((entry) => (entry ? [lineOf(entry)] : []));
  }

  private async entryAt(key: string): Promise<HistoryEntry | undefined> {
    const found = await this.state.read(key);
    return found && readHistory(found.body);
  }
}

function withLine(lines: readonly IndexLine[], line: IndexLine): IndexLine[] {
  const others = lines.filter(({ deploymentId }) => deploymentId !== line.deploymentId);
  const newestFirst = (one: IndexLine, other: IndexLine) => (one.deploymentId < other.deploymentId ? 1 : -1);
  // As they are read again: what is undefined is not there.
  return JSON.parse(JSON.stringify([...others, line].sort(newestFirst).slice(0, NEWEST_KEPT)));
}
