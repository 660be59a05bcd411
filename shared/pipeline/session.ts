/** One invocation's hold on the record of a deployment: what a stage sees of it, and every write to it. */
import type { Users } from '../../events/contract';
import { CALLS_AT_ONCE } from '../aws/calls';
import { type Deadline, OutOfTime } from '../aws/deadline';
import { errorMessage, isThrottling } from '../aws/errors';
import type { Invocation, Runtime } from '../aws/runtime';
import { addSeconds, secondsBetween } from '../aws/time';
import type { Plan } from '../deployment/plan';
import { actedAt } from './delay';
import type { Outcome } from './outcome';
import type { DeploymentRecord, Progress } from './record';
import type { StoredRecord } from './record-store';
import type { Records } from './transition';

/** A claim outlives the invocation that holds it by this much, so that its last calls are over. */
const LEASE_MARGIN_SECONDS = 5;

/** What was seen longer ago is looked at again before users may come to depend on it. */
const SEEN_LIMIT_SECONDS = 10;

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

/** The stage looks again: there is nothing to be decided yet. The message says what it waits for. */
export class LookAgain extends Error {
  override readonly name: string = 'LookAgain';

  constructor(
    waitingFor: string,
    readonly progress: Progress,
  ) {
    super(waitingFor);
  }
}

/** Nothing was done: what the stage decided upon may no longer be so. `progress` is what it was before. */
export class OutOfDate extends LookAgain {
  override readonly name = 'OutOfDate';

  constructor(action: string, seconds: number, progress: Progress) {
    super(`a look that is not ${Math.round(seconds)} s old before ${action}`, progress);
  }
}

/** The account's request rate did not let it be read, or be acted on before that was out of date. */
export function isThrottled(error: unknown, { deadline }: { deadline: Deadline }): boolean {
  const cause = error instanceof ActionFailed ? error.cause : error;
  return isThrottling(cause) || (deadline.wasThrottled && (cause instanceof OutOfDate || cause instanceof OutOfTime));
}

/** How an action is taken. */
export interface ActOptions {
  /** Written with the claim, before the first call. */
  progress?: Progress;
  plan?: Plan;
  /** When the old group is attached again, by this action at the latest: an ISO time. */
  reattachedAt?: string;
  /**
   * When the stage began to look at what it decided upon: where calls took so long that this is out of date, nothing is
   * done, and the stage looks again.
   */
  seenAt?: Date;
  /** As the stage has just seen them: the mail says it, should the action fail. */
  users?: Users;
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
  /** A random UUID. */
  readonly uniqueId: () => string;
  readonly begunAt: Date;
  /** Since this stage's first look. Before that an event may have been lost for long, which is no fault of the stage. */
  readonly secondsWaiting: number;
  /**
   * Changes the world: takes the claim, makes all the calls, and waits for every one of them. Answers their results.
   * Throws `ActionFailed` with `code` when one failed.
   */
  act<Result>(
    code: string,
    action: string,
    calls: readonly (() => Promise<Result>)[],
    options?: ActOptions,
  ): Promise<Result[]>;
  /** Reads the world. Where that cannot succeed, however often it is repeated, the deployment fails with `code`. */
  read<Result>(code: string, what: string, call: () => Promise<Result>): Promise<Result>;
}

export class Session implements Deployment {
  private claimToken: string | undefined;
  private users: Users | undefined;

  constructor(
    private readonly records: Records,
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

  get uniqueId(): () => string {
    return this.runtime.uniqueId;
  }

  get begunAt(): Date {
    return new Date(this.record.timeline[0]?.at ?? this.now);
  }

  /** Who served when the last action was begun, where its stage had looked. */
  get usersSeen(): Users | undefined {
    return this.users;
  }

  get secondsCleaning(): number {
    return secondsBetween(this.record.cleaning?.since ?? this.now.toISOString(), this.now);
  }

  get secondsRefused(): number {
    return secondsBetween(this.progress.refusedSince ?? this.now.toISOString(), this.now);
  }

  get functionName(): string {
    return this.invocation.functionName;
  }

  /** The same for each repetition of the invocation. */
  get requestId(): string {
    return this.invocation.awsRequestId;
  }

  get isClaimed(): boolean {
    return this.claimToken !== undefined;
  }

  /** Of the same step, this one included: one that changed nothing counts, too. */
  get attempt(): number {
    const attempt = this.record.claim?.attempt ?? 0;
    return this.isClaimed ? attempt : attempt + 1;
  }

  get secondsWaiting(): number {
    return secondsBetween(this.progress.waitingSince ?? this.now.toISOString(), this.now);
  }

  async act<Result>(
    code: string,
    action: string,
    calls: readonly (() => Promise<Result>)[],
    { progress, plan, reattachedAt, seenAt, users }: ActOptions = {},
  ): Promise<Result[]> {
    this.users = users;
    const noted = Object.keys(progress ?? {}).map((key) => [key, this.progress[key as keyof Progress]]);
    await this.claim(action, { progress, plan, reattachedAt });
    const ageSeconds = seenAt ? secondsBetween(seenAt.toISOString(), this.now) : 0;
    if (ageSeconds > SEEN_LIMIT_SECONDS && calls.length > 0) {
      throw new OutOfDate(action, ageSeconds, { ...this.progress, ...Object.fromEntries(noted) });
    }
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

  /** Of an attempt that fails before it has changed anything the count is kept: by a claim that has lapsed already. */
  async countAttempt(): Promise<void> {
    if (this.isClaimed) return;
    const claim = { token: this.runtime.uniqueId(), until: this.now.toISOString(), attempt: this.attempt };
    this.stored = await this.records.note(this.stored, (record) => ({ ...record, claim }));
  }

  /** Makes an outcome last, and tells of it. */
  async transition(outcome: Outcome): Promise<void> {
    this.stored = await this.records.transition(this.stored, outcome);
    this.claimToken = undefined;
  }

  private async claim(
    action: string,
    { progress, plan, reattachedAt }: Omit<ActOptions, 'seenAt' | 'users'>,
  ): Promise<void> {
    if (this.isClaimed && !progress && !plan && !reattachedAt) return;
    const { claim } = this.record;
    if (!this.isClaimed && claim && Date.parse(claim.until) > this.now.getTime()) {
      throw new ClaimedElsewhere(`${this.task} is claimed until ${claim.until}`);
    }
    const own = this.isClaimed ? claim : this.newClaim();
    this.stored = await this.records.note(this.stored, (record) => ({
      ...record,
      claim: own,
      acted: actedAt(record.acted, action, this.now),
      progress: { ...record.progress, ...progress },
      plan: plan ?? record.plan,
      reattachedAt: reattachedAt ?? record.reattachedAt,
    }));
    this.claimToken = own?.token;
  }

  private newClaim(): NonNullable<DeploymentRecord['claim']> {
    const leaseSeconds = this.invocation.getRemainingTimeInMillis() / 1000 + LEASE_MARGIN_SECONDS;
    const attempt = (this.record.claim?.attempt ?? 0) + 1;
    return { token: this.runtime.uniqueId(), until: addSeconds(this.now, leaseSeconds), attempt };
  }
}
