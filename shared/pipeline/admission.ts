/**
 * Decides what becomes of a request to deploy: it opens the task's record, waits as the record's pending request, is one
 * with the deployment that runs, or is refused.
 */
import type { Entry } from '../../events/contract';
import { Postponed } from '../../events/postponed';
import { errorMessage } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import { addSeconds, secondsBetween } from '../aws/time';
import { commandsToSee } from '../codes/by-hand';
import { toDoOf } from '../codes/refusal-remedies';
import type { PlannedDeployment } from '../deployment/planning';
import { isRefusal, type Refusal, type Remedy } from '../deployment/refusal';
import { isChecked } from '../deployment/snapshot';
import { refusedEntry } from './changes';
import { type Decision, drop } from './deciding';
import { again, type Outcome } from './outcome';
import { fractionOf, pauseSeconds, roomPauseSeconds } from './pacing';
import { type DeploymentRecord, handledWith, isOpen, newDeploymentId, newRecord, type Request } from './record';
import { CLOCKS_APART_MILLISECONDS, type Take, takeRequests, type Verdict } from './request-adapter';
import { isOneWith, type ReadRequest, readRequest } from './requests';
import { isThrottled } from './session';
import { cleanAgain } from './stopped';

/**
 * What can be found out about a request before its record is opened: a plan, how long to wait for companions, or for what of
 * the account.
 */
export type Preparation = PlannedDeployment | { settleSeconds: number } | { waitsFor: string };

/** Nothing could be found out, for this reason: the account's request rate did not let it be. */
interface Unprepared {
  throttled: string;
}

type Prepare<Connections> = (
  request: ReadRequest,
  past: DeploymentRecord | undefined,
  connections: Connections,
  now: Date,
) => Promise<Preparation | Refusal>;

export function deployRequests<Connections>(prepare: Prepare<Connections>): Take<Connections> {
  return takeRequests<ReadRequest, Connections>({
    whereLost: '401',
    read: readRequest,

    async decide(request, record, connections, services) {
      const { runtime } = services;
      const arrivedAt = runtime.now().toISOString();
      const busy = record && decideBeside(request, record);
      if (busy) return busy;
      const preparation = await prepare(request, record, connections, runtime.now()).catch((error: unknown) => {
        if (!isThrottled(error, services)) throw error;
        return { throttled: errorMessage(error) };
      });
      if (isRefusal(preparation)) return { kind: 'refuse', refusal: preparation };
      if (servesAlready(request, preparation)) return drop('the uploaded versions serve already');
      return opening({ ...request, arrivedAt }, preparation, record, runtime);
    },

    answer: (request, refusal) => refusedEntry(request, refusal),
  });
}

/** A task deploys one at a time: an upload waits in the record, anything else is refused. Undefined where nothing runs. */
export function decideBeside({ task, ...request }: ReadRequest, record: DeploymentRecord): Verdict | undefined {
  if (isOneWith(record, request) && isOfItsMoment(request, record)) return oneWith(request);
  if (!isOpen(record)) return undefined;
  const { pending, status, failure, stage, deploymentId } = record;
  // While companions are waited for it only joins them.
  const tells = request.type === 'upload' && record.plan ? postponed(record, request) : undefined;
  if (pending?.requestId === request.requestId) return { kind: 'leave', reason: 'it waits already', tells };
  if (request.type === 'upload' && pending && pending.requestedAt >= request.requestedAt) {
    const stands = (fresh: DeploymentRecord) => ({
      ...fresh,
      ...handledWith(fresh, request),
      pending: fresh.pending && covering(fresh.pending, request),
    });
    return { kind: 'note', reason: 'a newer upload waits, and stands for it', change: stands };
  }
  if (request.type !== 'upload' || status === 'blocked') {
    const state = failure ? `failed with ${failure.code} and is not cleaned` : `is in ${stage}`;
    const message = `the deployment ${deploymentId} of ${task} ${state}`;
    return { kind: 'refuse', refusal: { code: '401', message, remedy: remedyOfBusy(record), ...lookOf(record) } };
  }
  const change = (fresh: DeploymentRecord) => ({
    ...fresh,
    ...(fresh.pending && handledWith(fresh, fresh.pending)),
    pending: covering(request, fresh.pending),
  });
  // Mailed once for a deployment: this one may have begun while another waited already.
  return { kind: 'note', reason: 'waits for the running deployment', change, tells };
}

function lookOf({ plan }: DeploymentRecord): Pick<Refusal, 'look'> {
  if (!plan) return {};
  const attachments = plan.attachments.map(({ kind, way, identifier }) => ({ kind, way, identifier }));
  return { look: { groups: [plan.oldGroup, plan.newGroup], attachments } };
}

/** What ends by itself is waited for. */
function remedyOfBusy(record: DeploymentRecord): Remedy {
  const { status, stage, timeline, outbox } = record;
  if (status === 'blocked') return cleanAgain(record);
  const [begun, last] = [timeline[0], timeline.at(-1)];
  return { kind: 'wait', since: begun?.at ?? outbox.writtenAt, stage, stageSince: last?.at ?? outbox.writtenAt };
}

/** Two people may ask for the same at once. Who asks later, or asked long before, wants an answer of his own. */
function isOfItsMoment({ type, requestedAt }: Request, record: DeploymentRecord): boolean {
  const apart = Math.abs(Date.parse(requestedAt) - Date.parse(record.request.requestedAt));
  return type === 'upload' || (isOpen(record) && apart <= CLOCKS_APART_MILLISECONDS);
}

function postponed(record: DeploymentRecord, { requestedBy }: Request): Entry {
  const { deploymentId, task, seq, stage, status, plan } = record;
  const isBlocked = status === 'blocked' && { isBlocked: true as const, toDo: toDoOf(cleanAgain(record), '') };
  const commands = plan && commandsToSee(plan.attachments.filter(isChecked));
  return Postponed.entry({ deploymentId, task, seq, stage, requestedBy, ...isBlocked, commands });
}

/** Two that were made in the same instant: the deployment of the first chose what the second means, and its end is that of both. */
function oneWith(request: Request): Decision {
  const change = (fresh: DeploymentRecord) => ({
    ...fresh,
    ...handledWith(fresh, request),
    pending: fresh.pending?.requestId === request.requestId ? undefined : fresh.pending,
  });
  return { kind: 'note', reason: 'is one with the deployment that chose its versions', change };
}

/** An upload changes nothing where every latest version serves, or is held back. */
export function servesAlready({ type }: { type: string }, preparation: Preparation | Unprepared): boolean {
  return type === 'upload' && 'plan' in preparation && preparation.plan.wars.every(({ from, to }) => from === to);
}

/** The first outcome of the new deployment: it goes on at once with its plan, or waits, for companions or its turn. */
function opening(
  { task, ...request }: ReadRequest,
  preparation: Preparation | Unprepared,
  previous: DeploymentRecord | undefined,
  { now, uniqueId }: Pick<Runtime, 'now' | 'uniqueId'>,
): Decision {
  const at = now();
  const record = newRecord(task, newDeploymentId(at, uniqueId()), at, request, previous);
  if ('plan' in preparation)
    return { kind: 'open', record, outcome: { kind: 'planned', ...preparation, covers: undefined } };
  if ('throttled' in preparation) {
    // Its place is kept: who comes later waits behind it, or is refused.
    const notBefore = addSeconds(at, pauseSeconds(fractionOf(uniqueId())));
    const throttled = { looks: 1, seconds: 0, until: notBefore };
    const progress = { settleUntil: notBefore, isUnprepared: true as const, throttled };
    const outcome = again(preparation.throttled, { progress, throttled: { notBefore, lostSeconds: 0 } });
    return { kind: 'open', record, outcome };
  }
  if ('waitsFor' in preparation) {
    return { kind: 'open', record, outcome: waitingForRoom(preparation.waitsFor, { now: at, uniqueId }) };
  }
  const settleUntil = addSeconds(at, preparation.settleSeconds);
  return { kind: 'open', record, outcome: settling(settleUntil) };
}

/** Nothing is changed yet, or no more than is there already. `shortSince`: of one that has waited before. */
export function waitingForRoom(
  waitsFor: string,
  { now, uniqueId, shortSince }: { now: Date; uniqueId: () => string; shortSince?: string },
): Outcome {
  const since = shortSince ?? now.toISOString();
  const notBefore = addSeconds(now, roomPauseSeconds(fractionOf(uniqueId()), secondsBetween(since, now)));
  const progress = { shortSince: since, settleUntil: undefined, isUnprepared: undefined };
  const tellsWaiting = shortSince === undefined ? waitsFor : undefined;
  return again(waitsFor, { progress, notBefore, delay: 'long', tellsWaiting });
}

/** Wars that belong together are uploaded one after the other: they become one deployment. */
export function settling(settleUntil: string): Outcome {
  const progress = { settleUntil, isUnprepared: undefined };
  return again(`further uploads that belong together, until ${settleUntil}`, { progress });
}

/** More than a task has wars at a time. */
const COVERED_KEPT = 20;

/** The newest upload stands for those that it takes the place of. */
function covering(request: Request, replaced: Request | undefined): Request {
  const keys = [...(request.covers ?? []), ...(replaced?.covers ?? []), replaced?.upload?.key].filter(
    (key) => key !== undefined,
  );
  const covers = [...new Set(keys)].filter((key) => key !== request.upload?.key).slice(-COVERED_KEPT);
  return covers.length === 0 ? request : { ...request, covers };
}
