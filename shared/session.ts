/** One invocation's hold on the record of a deployment: what a stage sees of it, and every write to it. */

import { CheckDue } from '../events/check-due';
import { CheckPending } from '../events/check-pending';
import { Cleaned } from '../events/cleaned';
import { type Entry, plainLine } from '../events/contract';
import { Failed } from '../events/failed';
import { Refused } from '../events/refused';
import { Started } from '../events/started';
import { Step2Passed } from '../events/step-2-passed';
import { Swapped } from '../events/swapped';
import { errorMessage } from './aws-error';
import { commandsToDecide } from './commands';
import { requestEntry } from './deploy-request';
import { failureHeadline, nextStepOf } from './failure';
import type { Outcome } from './outcome';
import { addSeconds, type DeploymentRecord, isOpen, type Plan, type Progress, secondsBetween } from './record';
import type { RecordStore, StoredRecord } from './record-store';
import type { Invocation, Runtime } from './runtime';
import { CALLS_AT_ONCE } from './some-at-once';
import { heldVersionsAfter } from './versions';

/** A claim outlives the invocation that holds it by this much, so that its last calls are over. */
const LEASE_MARGIN_SECONDS = 5;

/** Another invocation is acting for the same event: this one stops, quietly. */
export class ClaimedElsewhere extends Error {
  override readonly name = 'ClaimedElsewhere';
}

/** An action failed; `code` is the code that the operator knows it by. */
export class ActionFailed extends Error {
  override readonly name = 'ActionFailed';

  constructor(
    readonly code: string,
    action: string,
    override readonly cause: unknown,
  ) {
    super(`${action} failed: ${errorMessage(cause)}`);
  }
}

/** What a stage sees of its deployment. */
export interface Deployment {
  readonly deploymentId: string;
  readonly task: string;
  readonly record: DeploymentRecord;
  /** Every stage after `start` has one. */
  readonly plan: Plan;
  readonly progress: Progress;
  readonly now: Date;
  /** Since this stage's first look. Before that an event may have been lost for long, which is no fault of the stage. */
  readonly secondsWaiting: number;
  /**
   * Changes the world: takes the claim, makes all the calls, and waits for every one of them. Answers their results.
   * Throws `ActionFailed` with `code` when one failed. `progress` is written with the claim, before the first call.
   */
  act<Result>(
    code: string,
    action: string,
    calls: readonly (() => Promise<Result>)[],
    progress?: Progress,
  ): Promise<Result[]>;
  /** Reads the world. Where that cannot succeed, however often it is repeated, the deployment fails with `code`. */
  read<Result>(code: string, what: string, call: () => Promise<Result>): Promise<Result>;
}

export class Session implements Deployment {
  private claimToken: string | undefined;

  constructor(
    private readonly store: RecordStore,
    private stored: StoredRecord,
    private readonly runtime: Runtime,
    private readonly invocation: Invocation,
  ) {}

  get record(): DeploymentRecord {
    return this.stored.record;
  }

  get deploymentId(): string {
    return this.record.deploymentId;
  }

  get task(): string {
    return this.record.task;
  }

  get plan(): Plan {
    if (!this.record.plan) throw new Error(`the record of ${this.task} has no plan`);
    return this.record.plan;
  }

  get progress(): Progress {
    return this.record.progress;
  }

  get now(): Date {
    return this.runtime.now();
  }

  get secondsCleaning(): number {
    return secondsBetween(this.record.cleaning?.since ?? this.now.toISOString(), this.now);
  }

  get functionName(): string {
    return this.invocation.functionName;
  }

  get isClaimed(): boolean {
    return this.claimToken !== undefined;
  }

  get attempt(): number {
    return this.record.claim?.attempt ?? 0;
  }

  get secondsWaiting(): number {
    return secondsBetween(this.progress.waitingSince ?? this.now.toISOString(), this.now);
  }

  async act<Result>(
    code: string,
    action: string,
    calls: readonly (() => Promise<Result>)[],
    progress?: Progress,
  ): Promise<Result[]> {
    await this.claim(progress);
    const results: Result[] = [];
    for (let start = 0; start < calls.length; start += CALLS_AT_ONCE) {
      const settled = await Promise.allSettled(calls.slice(start, start + CALLS_AT_ONCE).map((call) => call()));
      for (const outcome of settled) {
        if (outcome.status === 'rejected') throw new ActionFailed(code, action, outcome.reason);
        results.push(outcome.value);
      }
    }
    return results;
  }

  async read<Result>(code: string, what: string, call: () => Promise<Result>): Promise<Result> {
    return call().catch((error: unknown) => {
      throw new ActionFailed(code, what, error);
    });
  }

  /** Makes an outcome last: one write of the record. Answers the events that the write made. */
  async settle(outcome: Outcome): Promise<Entry[]> {
    const seq = this.record.seq + 1;
    const at = this.now.toISOString();
    await this.write((record) => {
      const next = { ...record, ...changesOf(outcome, record, at), seq, claim: undefined };
      const events = [...entriesOf(outcome, next), ...nextRequestOf(next)];
      return { ...next, nudgedAt: undefined, outbox: { events, writtenAt: at, published: false } };
    });
    this.claimToken = undefined;
    return this.record.outbox.events;
  }

  /** So that nobody publishes the deployment's last event again. */
  async markPublished(): Promise<void> {
    await this.write((record) => ({ ...record, outbox: { ...record.outbox, published: true } }));
  }

  private async claim(progress?: Progress): Promise<void> {
    if (this.isClaimed && !progress) return;
    const { claim } = this.record;
    if (!this.isClaimed && claim && Date.parse(claim.until) > this.now.getTime()) {
      throw new ClaimedElsewhere(`${this.task} is claimed until ${claim.until}`);
    }
    const own = this.isClaimed ? claim : this.newClaim();
    await this.write((record) => ({
      ...record,
      claim: own,
      progress: { ...record.progress, ...progress },
    }));
    this.claimToken = own?.token;
  }

  private newClaim(): NonNullable<DeploymentRecord['claim']> {
    const leaseSeconds = this.invocation.getRemainingTimeInMillis() / 1000 + LEASE_MARGIN_SECONDS;
    const attempt = (this.record.claim?.attempt ?? 0) + 1;
    return { token: this.runtime.uniqueId(), until: addSeconds(this.now, leaseSeconds), attempt };
  }

  private async write(change: (record: DeploymentRecord) => DeploymentRecord): Promise<void> {
    this.stored = await this.store.update(this.stored, change);
  }
}

/** The events that tell of an outcome; `record` is as the outcome leaves it. */
function entriesOf(outcome: Outcome, record: DeploymentRecord): Entry[] {
  const { deploymentId, task, seq, stage, request } = record;
  const common = { deploymentId, task, seq };
  switch (outcome.kind) {
    case 'again': {
      const { waitingFor, cycle } = outcome;
      return [CheckPending.entry({ ...common, stage, waitingFor: plainLine(waitingFor), cycle })];
    }
    case 'planned':
      return plannedEntries(record, outcome.notes);
    case 'passed':
    case 'completed':
      return [outcome.contract.entry({ ...common, ...outcome.addition })];
    case 'failed':
      return [failedEntry(record, outcome.code, outcome.message)];
    case 'refused':
      return [refusedEntry({ task, ...request }, outcome)];
    case 'skipped':
      return [];
    case 'forward':
      return [(outcome.next === 'swap' ? Step2Passed : Swapped).entry(common)];
    case 'cleaned':
    case 'blocked':
      return [cleanedEntry(record, outcome)];
  }
}

/** Tells what clean-up came to. */
export function cleanedEntry(
  record: DeploymentRecord,
  outcome: Extract<Outcome, { kind: 'cleaned' | 'blocked' }>,
): Entry {
  const { deploymentId, task, seq, failure, plan, request } = record;
  const isBlocked = outcome.kind === 'blocked';
  return Cleaned.entry({
    deploymentId,
    task,
    seq,
    outcome: isBlocked ? 'operator-needed' : 'cleaned',
    code: isBlocked ? (outcome.code ?? failure?.code) : failure?.code,
    message: failure?.message,
    asked: { versions: request.versions, capacity: request.capacity },
    summary: isBlocked ? outcome.reason : outcome.summary,
    findings: outcome.findings,
    commands: isBlocked && plan ? commandsToDecide(plan) : [],
  });
}

/** `start` goes on at once with the plan that the admins are told of. */
export function plannedEntries({ deploymentId, task, seq, plan, request }: DeploymentRecord, notes: string[]): Entry[] {
  if (!plan) throw new Error(`the record of ${task} has no plan`);
  const { oldGroup, newGroup, wars, capacity } = plan;
  const { requestedBy } = request;
  const common = { deploymentId, task, seq };
  return [
    Started.entry({ ...common, requestedBy, oldGroup, newGroup, instances: capacity.desired, wars, notes }),
    CheckDue.entry({ ...common, stage: 'start' }),
  ];
}

export function failedEntry(
  { deploymentId, task, seq, stage }: DeploymentRecord,
  code: string,
  message: string,
): Entry {
  return Failed.entry({
    deploymentId,
    task,
    seq,
    stage,
    code,
    headline: failureHeadline(stage, code, task),
    message: plainLine(message),
    nextStep: plainLine(nextStepOf(code)),
  });
}

/** What is said of a request that is not run. */
export interface Refusable {
  task: string;
  requestId: string;
  requestedBy: string;
  versions?: string;
  capacity?: number;
}

/** Says why a request is not run. */
export function refusedEntry(
  { task, requestId, requestedBy, ...asked }: Refusable,
  { code, message }: { code: string; message: string },
): Entry {
  const { versions, capacity } = asked;
  return Refused.entry({
    task,
    requestId,
    requestedBy,
    asked: { versions, capacity },
    code,
    message,
    nextStep: nextStepOf(code),
  });
}

/** Whoever closes a record asks for what came meanwhile. It leaves the record only when its deployment is opened. */
function nextRequestOf(record: DeploymentRecord): Entry[] {
  return isOpen(record) || !record.pending ? [] : [requestEntry(record.task, record.pending)];
}

function changesOf(outcome: Outcome, record: DeploymentRecord, at: string): Partial<DeploymentRecord> {
  const { stage } = record;
  switch (outcome.kind) {
    case 'again':
      return {
        progress: { waitingSince: at, ...record.progress, ...outcome.progress },
        plan: outcome.plan ?? record.plan,
      };
    case 'planned':
      return { plan: outcome.plan, progress: {}, pending: without(record.pending, outcome.covers) };
    case 'passed': {
      const timeline = [...record.timeline, { stage: outcome.next, at }];
      return { stage: outcome.next, progress: {}, timeline, plan: outcome.plan ?? record.plan };
    }
    case 'completed':
      return {
        status: 'completed',
        progress: {},
        lastSuccess: record.plan && { ...record.plan, deploymentId: record.deploymentId },
        heldVersions: heldVersionsAfter(record),
      };
    case 'failed':
      return { failure: { code: outcome.code, stage, message: outcome.message } };
    case 'refused':
      return { status: 'failed', failure: { code: outcome.code, stage, message: outcome.message } };
    case 'skipped':
      return { status: 'completed' };
    case 'cleaned':
      return { status: 'failed', progress: {} };
    case 'blocked':
      return { status: 'blocked', progress: {} };
    case 'forward': {
      const { failure, resolvedFailures } = record;
      return {
        status: 'running',
        stage: outcome.next,
        progress: outcome.progress,
        timeline: [...record.timeline, { stage: outcome.next, at }],
        failure: undefined,
        cleaning: undefined,
        resolvedFailures: failure ? [...resolvedFailures, failure] : resolvedFailures,
      };
    }
  }
}

function without(pending: DeploymentRecord['pending'], requestId: string | undefined): DeploymentRecord['pending'] {
  return pending?.requestId === requestId ? undefined : pending;
}
