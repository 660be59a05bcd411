/** How a deployment gets into the hands of clean-up: it failed, a stage crashed, or an operator wants it undone. */
import { AbortRequested } from '../../events/abort-requested';
import { CheckDue } from '../../events/check-due';
import { CleanRequested } from '../../events/clean-requested';
import { Cleaned } from '../../events/cleaned';
import { plainLine } from '../../events/contract';
import { DeployRequested } from '../../events/deploy-requested';
import { Failed } from '../../events/failed';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { surveyAttachments } from '../deployment/attachments';
import { isRefusal, type Pair, pairOf, type Refusal } from '../deployment/readiness';
import type { Fleet } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { typeTagOf } from '../fleet/tags';
import {
  type DeploymentRecord,
  handledWith,
  isOpen,
  newDeploymentId,
  newRecord,
  type Plan,
  type Request,
} from './record';
import { FencedOff, isWhereWeLeftIt, type StoredRecord } from './record-store';
import { readRequest, requestIdOf } from './requests';
import { type Backbone, republish } from './stage';
import { failedEntry } from './transition';

/** What a stage's on-failure destination puts on the bus. */
export const CRASH = 'Lambda Function Invocation Result - Failure';

const ABORT_ATTEMPTS = 3;

/** A failure is obeyed only where it is the newest word of its deployment. */
export async function takeOver(backbone: Backbone, envelope: Envelope): Promise<void> {
  const read = Failed.read(envelope.detail);
  if (!read.success) return backbone.log('refused: does not fit its contract', { problem: read.problem });
  const { task, deploymentId, seq } = read.detail;
  const stored = await backbone.store.read(task);
  if (!stored || stored.record.deploymentId !== deploymentId)
    return backbone.log('dropped: not of the open deployment');
  const { record } = stored;
  if (record.status === 'cleaning' && record.seq === seq + 1) return republish(backbone, stored);
  if (record.seq !== seq || record.status !== 'running' || !record.failure)
    return backbone.log('dropped: already handled');
  await beginCleaning(backbone, stored, record.failure);
}

/** `detail.requestPayload` is the event that the stage was invoked with. */
export async function takeOverCrashed(backbone: Backbone, envelope: Envelope): Promise<void> {
  const { log, store } = backbone;
  const crashed = readEnvelope(envelope.detail.requestPayload);
  const task = crashed?.detail.task;
  if (!crashed || typeof task !== 'string') return log('dropped: a crash of something else');
  const stored = await store.read(task);
  if (!stored || !isOf(stored.record, crashed)) return log('dropped: not of the open deployment');
  const { record } = stored;
  const seq = crashed.detailType === DeployRequested.detailType ? 0 : crashed.detail.seq;
  if (seq === record.seq - 1) return republish(backbone, stored); // it had done its work: only the telling failed
  if (seq !== record.seq || record.status !== 'running' || record.failure) return log('dropped: already handled');
  const code = record.stage === 'start' ? '500' : 'T999';
  const message = `the function of ${record.stage} crashed: see its log`;
  await beginCleaning(backbone, stored, { code, stage: record.stage, message });
}

/** Before Active is detached a deployment can be undone; after that only forward or a rollback keeps users served. */
export async function abort(backbone: Backbone, envelope: Envelope): Promise<void> {
  const read = AbortRequested.read(envelope.detail);
  if (!read.success) return backbone.log('refused: does not fit its contract', { problem: read.problem });
  const { task, requestedBy, reason = 'no reason given' } = read.detail;
  const request = operatorRequest(envelope, task, requestedBy);
  const stored = await backbone.store.read(task);
  const record = stored?.record;
  if (isOutdated(envelope, record)) return backbone.log('dropped: older than the deployment', { task });
  if (!stored || record?.status !== 'running' || record.failure) {
    const state = record?.failure && isOpen(record) ? 'has failed and is being cleaned' : 'does not run';
    return refuse(backbone, request, record, `There is nothing to abort: a deployment of ${task} ${state}.`);
  }
  await undo(backbone, request, stored, `aborted by ${request.requestedBy}: ${reason}`);
}

/** Undoes the running deployment; without one, takes away what earlier ones have left behind. */
export async function clean(
  backbone: Backbone,
  envelope: Envelope,
  sources: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<void> {
  const read = CleanRequested.read(envelope.detail);
  if (!read.success) return backbone.log('refused: does not fit its contract', { problem: read.problem });
  const { task } = read.detail;
  const request = operatorRequest(envelope, task, read.detail.requestedBy);
  const stored = await backbone.store.read(task);
  if (isOutdated(envelope, stored?.record)) return backbone.log('dropped: older than the deployment', { task });
  const pair = pairOf(task, await sources.fleet.groupsOfTask(task));
  if (stored && isOpen(stored.record) && !isOfOtherGroups(stored.record, pair)) {
    return cleanOpen(backbone, request, stored);
  }
  if (isRefusal(pair)) return refuse(backbone, request, stored?.record, `Nothing was cleaned: ${pair.message}.`);
  await openCleaning(backbone, stored, request, await planToClean(pair, sources));
}

/** Clean-up was left to an operator, who has given the task another pair of groups since: there is nothing to go back to. */
function isOfOtherGroups({ status, plan }: DeploymentRecord, pair: Pair | Refusal): boolean {
  if (status !== 'blocked' || !plan || isRefusal(pair)) return false;
  const planned = [plan.oldGroup, plan.newGroup];
  return ![pair.active, pair.standBy].every(({ name }) => planned.includes(name));
}

async function cleanOpen(backbone: Backbone, request: OperatorRequest, stored: StoredRecord): Promise<void> {
  const { status, failure, stage, deploymentId } = stored.record;
  if (status === 'blocked') {
    return beginCleaning(backbone, stored, failure ?? { code: 'T999', stage, message: 'clean-up was blocked' });
  }
  if (status === 'running' && !failure) {
    return undo(backbone, request, stored, `clean-up requested by ${request.requestedBy}`);
  }
  backbone.log('dropped: is being cleaned', { deploymentId });
}

interface OperatorRequest {
  task: string;
  requestId: string;
  requestedAt: string;
  requestedBy: string;
}

function operatorRequest(envelope: Envelope, task: string, requestedBy = 'an operator'): OperatorRequest {
  const requestId = requestIdOf(envelope.detailType, envelope);
  return { task, requestId, requestedAt: envelope.time, requestedBy: plainLine(requestedBy) };
}

/** Replayed or late: the request meant an earlier deployment. The time of an event is in whole seconds. */
function isOutdated({ time, isReplayed }: Envelope, record: DeploymentRecord | undefined): boolean {
  const openedAt = record?.timeline[0]?.at ?? '';
  return time < `${openedAt.slice(0, 19)}.000Z` || (isReplayed && record !== undefined && !isOpen(record));
}

/** The stage that runs loses its record by this write: whatever it does next, it cannot make last. */
async function undo(
  backbone: Backbone,
  request: OperatorRequest,
  stored: StoredRecord,
  message: string,
): Promise<void> {
  let current = stored;
  for (let attempt = 0; attempt < ABORT_ATTEMPTS; attempt++) {
    const why = reasonNotToUndo(current.record);
    if (why) return refuse(backbone, request, current.record, why);
    const failure = { code: 'T015', message, dropsPending: true };
    // A stage may write between this look and the write: then it is looked at again.
    const isStillUndone = (found: DeploymentRecord, left: DeploymentRecord) =>
      isWhereWeLeftIt(found, left) && reasonNotToUndo(found) === undefined;
    const undone = await fail(backbone, current, failure, isStillUndone);
    if (undone) return;
    const moved = await backbone.store.read(request.task);
    if (!moved) return refuse(backbone, request, undefined, 'The record is gone.');
    current = moved;
  }
  throw new Error(`the record of ${request.task} moved on ${ABORT_ATTEMPTS} times while it was to be undone`);
}

function reasonNotToUndo({ status, failure, stage, progress, plan }: DeploymentRecord): string | undefined {
  if (status !== 'running' || failure) return 'The deployment is over.';
  if (progress.detachingSince === undefined && stage !== 'retire') return undefined;
  return `${plan?.oldGroup} (Active) is detached already. Let the deployment finish, then go back with versions = previous.`;
}

/** Writes a failure into a running deployment from outside of its stages. False where it has moved on meanwhile. */
export async function fail(
  { store, bus, runtime, log }: Backbone,
  stored: StoredRecord,
  { code, message, dropsPending }: { code: string; message: string; dropsPending: boolean },
  isStillOurs = isWhereWeLeftIt,
): Promise<boolean> {
  const at = runtime.now().toISOString();
  const failing = (fresh: DeploymentRecord): DeploymentRecord => {
    const dropping = dropsPending && fresh.pending ? { pending: undefined, ...handledWith(fresh, fresh.pending) } : {};
    const dropped = fresh.pending && dropsPending ? `; ${droppedText(fresh.pending)}` : '';
    const failure = { code, stage: fresh.stage, message };
    const next = { ...fresh, ...dropping, seq: fresh.seq + 1, failure };
    const events = [failedEntry(next, code, message + dropped)];
    return { ...next, outbox: { events, writtenAt: at, published: false } };
  };
  const written = await store.update(stored, failing, isStillOurs).catch((error: unknown) => {
    if (!(error instanceof FencedOff)) throw error;
    return undefined;
  });
  if (!written) return false;
  log('failed', { deploymentId: written.record.deploymentId, code, reason: message });
  await bus.publish(written.record.outbox.events);
  return true;
}

function droppedText({ requestedBy, covers = [] }: Request): string {
  const others = covers.map((key) => `the upload of ${plainLine(key)}`);
  const all = [...others, requestedBy].join(' and ');
  return `${all}, which waited, ${others.length > 0 ? 'are' : 'is'} dropped`;
}

/** Whether a crashed invocation was about this record's deployment. */
function isOf(record: DeploymentRecord, crashed: Envelope): boolean {
  if (crashed.detailType !== DeployRequested.detailType) return crashed.detail.deploymentId === record.deploymentId;
  const request = readRequest(crashed);
  return !('refusal' in request) && request.requestId === record.request.requestId;
}

/** First the record: from here on no stage can make anything last, and clean-up goes on by events of its own. */
async function beginCleaning(
  { store, bus, runtime, log }: Backbone,
  stored: StoredRecord,
  failure: NonNullable<DeploymentRecord['failure']>,
): Promise<void> {
  const at = runtime.now().toISOString();
  const { record } = await store.update(stored, (fresh) => {
    const { deploymentId, task } = fresh;
    const seq = fresh.seq + 1;
    const events = [CheckDue.entry({ deploymentId, task, seq, stage: 'clean-up' })];
    return {
      ...fresh,
      status: 'cleaning',
      stage: 'clean-up',
      seq,
      claim: undefined,
      progress: {},
      failure,
      // What an operator asks for anew may be tried anew.
      resolvedFailures: fresh.status === 'blocked' ? [] : fresh.resolvedFailures,
      cleaning: { since: at, waitUntil: fresh.claim?.until, ofTask: fresh.cleaning?.ofTask ?? false },
      timeline: [...fresh.timeline, { stage: 'clean-up', at }],
      outbox: { events, writtenAt: at, published: false },
    };
  });
  log('cleaning', { deploymentId: record.deploymentId, code: failure.code });
  await bus.publish(record.outbox.events);
}

/** A record of its own, so that nothing is deployed while leftovers are taken away. */
async function openCleaning(
  { store, bus, runtime, log }: Backbone,
  previous: StoredRecord | undefined,
  { task, ...request }: OperatorRequest,
  plan: Plan,
): Promise<void> {
  // The invocation that closed the record may have died before it told of it: nobody else will, once it is written over.
  if (previous && !previous.record.outbox.published) await bus.publish(previous.record.outbox.events);
  const at = runtime.now();
  const deploymentId = newDeploymentId(at, runtime.uniqueId());
  const record = newRecord(task, deploymentId, at, { ...request, type: 'clean' }, previous?.record);
  const events = [CheckDue.entry({ deploymentId, task, seq: record.seq, stage: 'clean-up' })];
  const stored = await store.open(previous, {
    ...record,
    status: 'cleaning',
    stage: 'clean-up',
    plan,
    cleaning: { since: at.toISOString(), ofTask: true },
    timeline: [{ stage: 'clean-up', at: at.toISOString() }],
    outbox: { ...record.outbox, events },
  });
  if (!stored) throw new Error(`the record of ${task} was written by somebody else`);
  log('cleaning', { deploymentId, requestId: request.requestId });
  await bus.publish(events);
}

/** StandBy is what goes; it may be attached anywhere. */
async function planToClean(
  { active, standBy }: Pair,
  sources: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<Plan> {
  const attachments = await surveyAttachments(active, sources);
  return {
    oldGroup: active.name,
    newGroup: standBy.name,
    typeTag: typeTagOf(active.tags),
    capacity: active.capacity,
    // Nobody asked for a deployment: where StandBy serves, an operator has to decide, whatever size Active has.
    isEmergency: false,
    repetitions: 0,
    wars: [],
    attachments: isRefusal(attachments) ? [] : attachments,
    dummyLoadBalancerArns: [],
    suspendedProcesses: [],
    scheduledActions: [],
  };
}

/** The operator asked for something that would take users down, or that there is nothing of. */
async function refuse(
  { bus, log }: Backbone,
  { task, requestId }: OperatorRequest,
  record: DeploymentRecord | undefined,
  summary: string,
): Promise<void> {
  log('refused', { requestId, reason: summary });
  const { deploymentId = 'none', seq = 1 } = record ?? {};
  const answer = {
    deploymentId,
    task,
    seq,
    requestId,
    outcome: 'refused' as const,
    summary,
    findings: [],
    commands: [],
  };
  await bus.publish([Cleaned.entry(answer)]);
}
