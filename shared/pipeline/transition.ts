/**
 * The records of all tasks, and the one way in which they change. What a change makes known goes out with it: nobody
 * else writes a record, or publishes what a deployment has to tell.
 */
import { CheckDue } from '../../events/check-due';
import type { Bus } from '../aws/bus';
import type { Deadline } from '../aws/deadline';
import { errorMessage, isPermanent } from '../aws/errors';
import type { Log } from '../aws/log';
import type { Runtime } from '../aws/runtime';
import { recordAfter } from './changes';
import { historyOf, isForHistory } from './history';
import type { HistoryStore } from './history-store';
import { measureEnd } from './measuring';
import type { Outcome } from './outcome';
import { type DeploymentRecord, inLog, isAtWork } from './record';
import {
  FencedOff,
  type FoundRecord,
  isWhereWeLeftIt,
  type LostRecord,
  type RecordKeys,
  type RecordStore,
  type StoredRecord,
} from './record-store';
import { requestEntry } from './requests';

/** Whether what is found may still be changed, after somebody else has written the record: see `RecordStore.update`. */
type Condition = (found: DeploymentRecord, left: DeploymentRecord) => boolean;

/** The change was decided on all of the record: whoever finds another one decides anew. */
export const asRead: Condition = () => false;

/** After the calls that it has counted, an invocation writes the record, and publishes what is to be told. */
const WRITING_AND_TELLING = 2;

interface Means {
  store: RecordStore;
  history: HistoryStore;
  bus: Bus;
  deadline: Deadline;
  runtime: Runtime;
  log: Log;
}

export class Records {
  constructor(private readonly means: Means) {}

  /** Undefined where the task has none. Throws `DamagedRecord` where the object is not a record that this version understands. */
  read(task: string): Promise<StoredRecord | undefined> {
    return this.means.store.read(task);
  }

  /** As `read`, but answers also what cannot be read, and that a record was deleted. */
  find(task: string): Promise<FoundRecord> {
    return this.means.store.find(task);
  }

  /** The newest version that can be read of a lost record, to be written over it. Undefined where there is none. */
  async recover(task: string, lost: LostRecord): Promise<StoredRecord | undefined> {
    const recovered = await this.means.store.recover(task, lost, this.means.runtime.now().toISOString());
    const { record } = recovered ?? {};
    const about = record ? inLog(record) : { task };
    this.means.log('the record is lost', { ...about, how: lost.how, writtenAt: record?.restored?.writtenAt });
    return recovered;
  }

  keys(): Promise<RecordKeys> {
    return this.means.store.keys();
  }

  /**
   * Makes an outcome last: one write, then the events that it made. Throws `FencedOff`, and has changed nothing, where
   * the record is somebody else's by now.
   */
  async transition(
    stored: StoredRecord,
    outcome: Outcome,
    condition: Condition = isWhereWeLeftIt,
  ): Promise<StoredRecord> {
    const at = this.means.runtime.now().toISOString();
    const spent = this.spending(WRITING_AND_TELLING);
    const written = await this.means.store.update(
      stored,
      (record) => spent(recordAfter(record, outcome, at)),
      condition,
    );
    await this.tell(written);
    return written;
  }

  /**
   * Opens a deployment with its first outcome, over the record of the task's last one, or over none. Throws `FencedOff`,
   * and has changed nothing, where somebody else was faster; throws, too, where the last one cannot be kept just now.
   */
  async open(
    { stored: previous, lost }: FoundRecord,
    record: DeploymentRecord,
    outcome: Outcome,
  ): Promise<StoredRecord> {
    // The invocation that closed the record may have died before it told of it: nobody else will, once it is written over.
    if (previous && !previous.record.outbox.published) {
      await this.means.bus.publish(previous.record.outbox.events);
      const isKept = await this.keepHistory(previous.record);
      if (!isKept) throw new Error(`the history of ${previous.record.deploymentId} could not be written yet`);
    }
    const opened = recordAfter(record, outcome, this.means.runtime.now().toISOString());
    const written = await this.means.store.open(previous ?? lost, this.spending(WRITING_AND_TELLING)(opened));
    if (!written) throw new FencedOff(record.task);
    await this.tell(written);
    return written;
  }

  /** Writes beside the course of the deployment: nothing moves on by it, and nobody is told. */
  note(
    stored: StoredRecord,
    change: (record: DeploymentRecord) => DeploymentRecord,
    condition: Condition = isWhereWeLeftIt,
  ): Promise<StoredRecord> {
    const spent = this.spending();
    return this.means.store.update(stored, (record) => spent(change(record)), condition);
  }

  /** Publishes the newest events once more. What ends a deployment is not told a third time. */
  async tellAgain(stored: StoredRecord): Promise<void> {
    this.means.log('publishing again', inLog(stored.record));
    await this.tell(stored);
  }

  /** Lets the stage of a parked deployment look. */
  async wake({ record }: StoredRecord): Promise<void> {
    const { deploymentId, task, seq, stage } = record;
    this.means.log('waking', inLog(record));
    await this.means.bus.publish([CheckDue.entry({ deploymentId, task, seq, stage })]);
  }

  /** Asks for the request that waits, as whoever closed the record has done. */
  async askAgain({ record: { task, pending } }: StoredRecord): Promise<void> {
    if (pending) await this.means.bus.publish([requestEntry(task, pending)]);
  }

  private async tell(written: StoredRecord): Promise<void> {
    await this.means.bus.publish(written.record.outbox.events);
    if (isAtWork(written.record)) return;
    const isKept = await this.keepHistory(written.record);
    if (isKept) await this.markPublished(written);
  }

  /**
   * Nothing keeps a deployment from ending. What passes by itself is made up for by whoever tells of the end again: false
   * until then.
   */
  private async keepHistory(record: DeploymentRecord): Promise<boolean> {
    if (!isForHistory(record)) return true;
    const { history, runtime, log, bus } = this.means;
    try {
      await history.keep(record);
    } catch (error) {
      const isGivenUp = isPermanent(error);
      log('the history is not written', { ...inLog(record), isGivenUp, reason: errorMessage(error) });
      if (!isGivenUp) return false;
    }
    // Right before it is noted as told: whoever tells of it again, where the invocation dies in between, counts it again.
    measureEnd(runtime, log, bus.name, historyOf(record), record);
    return true;
  }

  /** Adds what this invocation has made since the last write, and the calls that follow. */
  private spending(following = 0): (record: DeploymentRecord) => DeploymentRecord {
    const spent = this.means.deadline.takeUsage();
    return (record) => {
      const { invocations, calls } = record.usage ?? { invocations: 0, calls: 0 };
      const usage = { invocations: invocations + spent.invocations, calls: calls + spent.calls + following };
      return { ...record, usage };
    };
  }

  /** So that nobody publishes the deployment's last events again. */
  private async markPublished(stored: StoredRecord): Promise<void> {
    const published = (record: DeploymentRecord) => ({ ...record, outbox: { ...record.outbox, published: true } });
    await this.means.store.update(stored, published, isWhereWeLeftIt).catch((error: unknown) => {
      if (!(error instanceof FencedOff)) throw error; // else it has events of somebody else by now
    });
  }
}
