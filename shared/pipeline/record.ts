/** The record: the one object per task that is both lock and state of its deployment. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { outage, taskName } from '../../events/contract';
import { upload } from '../../events/deploy-requested';
import { secondsBetween, time } from '../aws/time';
import { elsewhere, plan, war } from '../deployment/plan';
import { servedSet } from '../deployment/versions';
import { capacity } from '../fleet/auto-scaling-groups';
import { isStage, type StageName } from './flow';

/** Where a stage stands. Forgotten when the next stage begins. */
const progress = z.object({
  /** Until when `start` lets further uploads come that belong to the same deployment. */
  settleUntil: z.optional(time),
  /** Since when `start` waits for room in the account that the clones of others take up. */
  shortSince: z.optional(time),
  /** Of a request whose task could not be read yet, since the account's request rate did not let it be. */
  isUnprepared: z.optional(z.literal(true)),
  /** Since when the stage waits: its first look that was not its last. */
  waitingSince: z.optional(time),
  /** Until when nobody looks, unless something wakes the stage: its limit is over then. */
  parkedUntil: z.optional(time),
  /** When the groups were looked at last, while their clones provision. */
  groupsSeenAt: z.optional(time),
  /** Since when cycles count, and the last one that was announced. */
  cyclesSince: z.optional(time),
  cycle: z.optional(z.int()),
  /** What the mail of that cycle has told that is waited for. */
  toldOfCycle: z.optional(z.string()),
  /** Since when no dummy is left, and the new group is being attached to the real load balancers. */
  dummiesGoneAt: z.optional(time),
  /** Written before the first detaching call: from then on missing attachments are our own doing. */
  detachingSince: z.optional(time),
  /** Since when the old group is detached everywhere: from then on it drains. */
  drainingSince: z.optional(time),
  /** When clean-up detached StandBy last. */
  detachedAt: z.optional(time),
  /** How long draining may take, in seconds. */
  drainLimitSeconds: z.optional(z.number()),
  /** When start gave the new group its size; when retire gave it its true sizes, and resumed what was suspended. */
  sizedAt: z.optional(time),
  /** Since when start looks for clones that it has just created, by name. */
  unreadableSince: z.optional(z.record(z.string(), time)),
  /** Since when the tags of the pair are read as if somebody had swapped half of them. */
  unsettledSince: z.optional(time),
  /** As `reattachedAt`: where earlier versions noted it. */
  attachingSince: z.optional(time),
  /** When clean-up last attached the old group again without being done with it: what comes later has its time, too. */
  returningAt: z.optional(time),
  /** Since when start detaches StandBy from what has users, or attach-real or clean-up tries to delete the dummies. */
  leavingSince: z.optional(time),
  /** Where else instances of the new group are registered, as far as clean-up has looked. */
  elsewhere: z.optional(elsewhere),
  /** Since when some load balancer has nobody who serves, as retire and clean-up see it. */
  downSince: z.optional(time),
  /** Since when some load balancer has nobody who serves, as the cycles see it: it goes with the deployment. */
  unservedSince: z.optional(time),
  /** The lifecycle hooks that held instances in this step, and until when they may. */
  hold: z.optional(z.object({ hooks: z.array(z.string()), until: time })),
  /** Where nobody served since the deployment failed, or when it did, as clean-up is to tell. */
  outage: z.optional(outage),
  /** What clean-up has found of earlier deployments, and takes away, where an operator asked for no more than that. */
  removed: z.optional(z.array(z.string())),
  /** Of looks that the account's request rate did not let be made: how many in a row, until when nobody looks; in all. */
  throttled: z.optional(z.object({ looks: z.int(), until: z.optional(time), seconds: z.number() })),
  /** Since when clean-up is refused what it needs by an error that does not pass by itself. */
  refusedSince: z.optional(time),
});
export type Progress = z.infer<typeof progress>;

const request = z.object({
  requestId: z.string(),
  /** What it says, and when, if people put it: the same however often it is delivered, and for no other request. */
  fingerprint: z.optional(z.string()),
  type: z.enum(['manual', 'upload', 'clean']),
  requestedAt: time,
  /** When `start` was told of it, by our own clock. */
  arrivedAt: z.optional(time),
  requestedBy: z.string(),
  versions: z.optional(z.string()),
  capacity: z.optional(z.int()),
  upload: z.optional(upload),
  /** The keys of earlier uploads that wait with it: it deploys the latest version of every war. */
  covers: z.optional(z.array(z.string())),
});
/** A request to deploy, or to clean, as the record keeps it. */
export type Request = z.infer<typeof request>;

const outbox = z.object({
  events: z.array(z.object({ detailType: z.string(), detail: z.record(z.string(), z.unknown()) })),
  writtenAt: time,
  published: z.boolean(),
});

const failure = z.object({
  code: z.string(),
  stage: z.string(),
  message: z.string(),
  /** Who had asked for what waited, where an operator gave that up. */
  dropped: z.optional(z.string()),
});

/** What a war was called then, nobody asks any more. */
const warWithoutNames = z.omit(war, { fromName: true, toName: true });

/** Invocations that have written the record, and the calls of AWS that they made. */
const usage = z.object({ invocations: z.int(), calls: z.int() });

const claim = z.object({ token: z.string(), until: time, attempt: z.int() });

export const recordSchema = z.object({
  schemaVersion: z.literal(1),
  task: taskName,
  deploymentId: z.string(),
  request,
  status: z.enum(['running', 'cleaning', 'completed', 'failed', 'blocked']),
  /** The stage that the newest event is for. */
  stage: z.string().check(z.refine(isStage, 'the flow knows no such stage')) as unknown as z.ZodMiniType<
    StageName,
    string
  >,
  seq: z.int(),
  /** Tells our own write from somebody else's when the answer to it was lost. */
  writeToken: z.string(),
  /** Those of the writes before, newest first: somebody may have written beside the course of a deployment since. */
  earlierTokens: z.optional(z.array(z.string())),
  claim: z.optional(claim),
  /** When something was last done, and since when again and again. */
  acted: z.optional(z.object({ at: time, burstSince: time, action: z.optional(z.string()) })),
  plan: z.optional(plan),
  progress,
  outbox,
  /** When each stage began; of one that is over, how many cycles of checking it had. */
  timeline: z.array(z.object({ stage: z.string(), at: time, cycles: z.optional(z.int()) })),
  /** What it has cost until this write. */
  usage: z.optional(usage),
  /** What failed. While clean-up works, and after it, too. */
  failure: z.optional(failure),
  /**
   * Until `waitUntil` the stage that failed may still be acting. An operator's request to clean takes the dummies of all
   * deployments of the task away (`ofTask`), not only of this one.
   */
  cleaning: z.optional(z.object({ since: time, waitUntil: z.optional(time), ofTask: z.boolean() })),
  /** The record was lost, and is taken from an older version of its object, of that time. Until a mail says so. */
  restored: z.optional(z.object({ how: z.enum(['damaged', 'deleted']), writtenAt: z.optional(time) })),
  /**
   * What was run until then may not be known: the record was lost, or there was none. Nothing that people asked for before
   * is run any more, unless it waits here or is an upload that comes for the first time.
   */
  forgottenUntil: z.optional(time),
  /** When the old group was attached again, by swap, retire or clean-up: it may not be healthy yet. */
  reattachedAt: z.optional(time),
  /** What had failed before clean-up went forward, once each time. */
  resolvedFailures: z.array(failure),
  /** When the watchdog last published the outbox of a deployment that did not move. */
  nudgedAt: z.optional(time),
  /** The upload that came while this deployment ran: it is deployed next. The newest one wins. */
  pending: z.optional(request),
  /** The last deployment that completed: the size after an emergency, and what served, where no sets are known yet. */
  lastSuccess: z.optional(
    z.object({
      deploymentId: z.string(),
      wars: z.array(warWithoutNames),
      capacity,
      /** It left its group at 0, as the schedule had it. */
      asleep: z.optional(z.object({ group: z.string(), at: time })),
    }),
  ),
  /**
   * What `previous` goes back to: the sets of versions that served, newest first, each once. Those that Active had when a
   * deployment was planned, and those of deployments that completed. Missing until one is planned by a version that knows
   * of them.
   */
  servedSets: z.optional(z.array(servedSet)),
  /**
   * By war key, the marks of the versions that rollbacks took away: as long as one of them is the latest, a plain
   * deployment does not bring it back.
   */
  heldVersions: z.record(z.string(), z.array(z.string())),
  /** When the newest request of each type that was run was made: none that is older is run. */
  handledRequests: z.record(z.string(), time),
  /** The last requests that have their outcome, newest first: none of them is run again. */
  handledMarks: z.optional(z.array(z.string())),
  /** The same, where earlier versions noted it: at length, or by type, the newest, and all that were made in its second. */
  handled: z.optional(z.array(z.object({ id: z.string(), fingerprint: z.optional(z.string()) }))),
  handledIds: z.optional(z.record(z.string(), z.string())),
  newestIds: z.optional(z.record(z.string(), z.array(z.string()))),
  /** When the deployment before ended: what operators asked for until then was not meant for this one. */
  previousEndedAt: z.optional(time),
});
export type DeploymentRecord = z.infer<typeof recordSchema>;

/** Every poll writes the record: one that was not written for so long, and two intervals, does not move. */
export const STILL_AFTER_SECONDS = 240;

/**
 * What a lost record did not tell of, may still be under way for so long: a stage's longest invocation, and the lease that
 * outlives it.
 */
export const UNKNOWN_CLAIM_SECONDS = 55;

/** Nobody works on it, and nobody is about to: of a parked stage that is so only when its limit is over. */
export function isStill({ outbox, claim, progress }: DeploymentRecord, now: Date, afterSeconds: number): boolean {
  const { parkedUntil, throttled } = progress;
  const isHeld = [claim?.until, parkedUntil, throttled?.until].some(
    (until) => until !== undefined && new Date(until) > now,
  );
  return !isHeld && secondsBetween(outbox.writtenAt, now) > afterSeconds;
}

export function isOpen(record: DeploymentRecord): boolean {
  return record.status !== 'completed' && record.status !== 'failed';
}

/** A stage may work on it. A deployment that has failed is not at work until clean-up takes it over. */
export function isAtWork({ status, stage, failure }: DeploymentRecord): boolean {
  return stage === 'clean-up' ? status === 'cleaning' : status === 'running' && failure === undefined;
}

/** Nothing is known of what ran right before it, but what is there: the record was lost, or there was none. */
export function isAfterLoss({ request, forgottenUntil, previousEndedAt = '' }: DeploymentRecord): boolean {
  return request.type === 'clean' && forgottenUntil !== undefined && forgottenUntil > previousEndedAt;
}

/** What each line of a log says of the deployment that it is about. */
export function inLog({ deploymentId, task, stage, seq, request: { requestId } }: DeploymentRecord) {
  return { deploymentId, task, stage, requestId, seq };
}

/** Sorts by time, and goes into the names of things. */
export function newDeploymentId(at: Date, uniqueId: string): string {
  return `${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${uniqueId.slice(0, 6)}`;
}

/** A record before its first outcome opens it, with what the task's last one hands on. */
export function newRecord(
  task: string,
  deploymentId: string,
  at: Date,
  request: Request,
  previous: DeploymentRecord | undefined,
): DeploymentRecord {
  return {
    schemaVersion: 1,
    task,
    deploymentId,
    request,
    status: 'running',
    stage: 'start',
    seq: 0,
    writeToken: '',
    progress: {},
    outbox: { events: [], writtenAt: at.toISOString(), published: false },
    timeline: [{ stage: 'start', at: at.toISOString() }],
    pending: previous?.pending?.requestId === request.requestId ? undefined : previous?.pending,
    lastSuccess: previous?.lastSuccess,
    servedSets: previous?.servedSets,
    heldVersions: previous?.heldVersions ?? {},
    resolvedFailures: [],
    previousEndedAt: previous?.outbox.writtenAt,
    forgottenUntil: previous?.forgottenUntil,
    ...handledWith(previous, request),
  };
}

/** What the record remembers of a request that has its outcome. */
export type HandledRequest = Pick<Request, 'requestedAt' | 'requestId' | 'fingerprint'> & { type: string };

type HandledMarks = Pick<DeploymentRecord, 'handledRequests' | 'handledMarks' | 'handled' | 'handledIds' | 'newestIds'>;

/** Of as many requests, told twice and in any order, each is known again; what comes later yet is older than the newest. */
const HANDLED_KEPT = 50;

/** The marks of what was run, with one more request that has its outcome, or is about to. */
export function handledWith(
  record: HandledMarks | undefined,
  { type, requestedAt, requestId, fingerprint }: HandledRequest,
): HandledMarks {
  const { handledRequests = {}, handledIds, newestIds } = record ?? {};
  const newest = handledRequests[type];
  const mark = markOf(requestId, fingerprint);
  const others = marksIn(record ?? {}).filter((other) => !other.startsWith(markOf(requestId)));
  return {
    handledRequests:
      newest !== undefined && newest > requestedAt ? handledRequests : { ...handledRequests, [type]: requestedAt },
    handledMarks: [mark, ...others].slice(0, HANDLED_KEPT),
    handled: undefined,
    handledIds,
    newestIds,
  };
}

/**
 * Whether the request has its outcome, as far as the record remembers; `reused` where that was of another one, which had
 * the same id.
 */
export function isHandled(
  record: HandledMarks,
  { type, requestId, fingerprint }: Pick<HandledRequest, 'type' | 'requestId' | 'fingerprint'>,
): boolean | 'reused' {
  const idMark = markOf(requestId);
  const mark = marksIn(record).find((known) => known.startsWith(idMark));
  // Earlier versions did not note what an upload had said.
  if (mark) return mark === idMark || mark === markOf(requestId, fingerprint) ? true : 'reused';
  return record.handledIds?.[type] === requestId || (record.newestIds?.[type] ?? []).includes(requestId);
}

/** What stands for an id in the record, which may be long if people gave it, and for what the request said. */
export function markOf(requestId: string, fingerprint = ''): string {
  return shortened(createHash('sha256').update(requestId).digest('hex'), fingerprint);
}

function marksIn({ handledMarks = [], handled = [] }: Partial<HandledMarks>): string[] {
  return [...handledMarks, ...handled.map(({ id, fingerprint = '' }) => shortened(id, fingerprint))];
}

/** Of both hashes 48 and 24 bits: of fifty requests none is taken for another, nor what one says for what another did. */
function shortened(idHash: string, fingerprint: string): string {
  return idHash.slice(0, 12) + fingerprint.slice(0, 6);
}
