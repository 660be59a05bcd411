/** What operators ask of clean-up: to undo a deployment, or to take away what is left of earlier ones. */
import { AbortRequested } from '../../events/abort-requested';
import { CheckDue } from '../../events/check-due';
import { CleanRequested } from '../../events/clean-requested';
import { Cleaned } from '../../events/cleaned';
import { plainLine } from '../../events/contract';
import type { Envelope } from '../aws/envelope';
import { attachmentsOfActive } from '../deployment/attachments';
import type { Plan } from '../deployment/plan';
import { type Pair, pairOf } from '../deployment/readiness';
import { isRefusal, type Refusal } from '../deployment/refusal';
import type { Fleet } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { typeTagOf } from '../fleet/tags';
import { beginCleaning, fail } from './failing';
import { type DeploymentRecord, isOpen, newDeploymentId, newRecord } from './record';
import { isWhereWeLeftIt, type StoredRecord } from './record-store';
import { requestIdOf } from './requests';
import type { StageServices } from './stage';

const ABORT_ATTEMPTS = 3;

/** Before Active is detached a deployment can be undone; after that only forward or a rollback keeps users served. */
export async function abort(services: StageServices, envelope: Envelope): Promise<void> {
  const read = AbortRequested.read(envelope.detail);
  if (!read.success) return services.log('refused: does not fit its contract', { problem: read.problem });
  const { task, requestedBy, reason = 'no reason given' } = read.detail;
  const request = operatorRequest(envelope, task, requestedBy);
  const stored = await services.store.read(task);
  const record = stored?.record;
  if (isOutdated(envelope, record)) return services.log('dropped: older than the deployment', { task });
  if (!stored || record?.status !== 'running' || record.failure) {
    const state = record?.failure && isOpen(record) ? 'has failed and is being cleaned' : 'does not run';
    return refuse(services, request, record, `There is nothing to abort: a deployment of ${task} ${state}.`);
  }
  await undo(services, request, stored, `aborted by ${request.requestedBy}: ${reason}`);
}

/** Undoes the running deployment; without one, takes away what earlier ones have left behind. */
export async function clean(
  services: StageServices,
  envelope: Envelope,
  sources: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<void> {
  const read = CleanRequested.read(envelope.detail);
  if (!read.success) return services.log('refused: does not fit its contract', { problem: read.problem });
  const { task } = read.detail;
  const request = operatorRequest(envelope, task, read.detail.requestedBy);
  const stored = await services.store.read(task);
  if (isOutdated(envelope, stored?.record)) return services.log('dropped: older than the deployment', { task });
  const pair = pairOf(task, await sources.fleet.groupsOfTask(task));
  if (stored && isOpen(stored.record) && !isOfOtherGroups(stored.record, pair)) {
    return cleanOpen(services, request, stored);
  }
  if (isRefusal(pair)) return refuse(services, request, stored?.record, `Nothing was cleaned: ${pair.message}.`);
  await openCleaning(services, stored, request, await planToClean(pair, sources));
}

/** Clean-up was left to an operator, who has given the task another pair of groups since: there is nothing to go back to. */
function isOfOtherGroups({ status, plan }: DeploymentRecord, pair: Pair | Refusal): boolean {
  if (status !== 'blocked' || !plan || isRefusal(pair)) return false;
  const planned = [plan.oldGroup, plan.newGroup];
  return ![pair.active, pair.standBy].every(({ name }) => planned.includes(name));
}

async function cleanOpen(services: StageServices, request: OperatorRequest, stored: StoredRecord): Promise<void> {
  const { status, failure, stage, deploymentId } = stored.record;
  if (status === 'blocked') {
    return beginCleaning(services, stored, failure ?? { code: 'T999', stage, message: 'clean-up was blocked' });
  }
  if (status === 'running' && !failure) {
    return undo(services, request, stored, `clean-up requested by ${request.requestedBy}`);
  }
  services.log('dropped: is being cleaned', { deploymentId });
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
  services: StageServices,
  request: OperatorRequest,
  stored: StoredRecord,
  message: string,
): Promise<void> {
  let current = stored;
  for (let attempt = 0; attempt < ABORT_ATTEMPTS; attempt++) {
    const why = reasonNotToUndo(current.record);
    if (why) return refuse(services, request, current.record, why);
    const failure = { code: 'T015', message, dropsPending: true };
    // A stage may write between this look and the write: then it is looked at again.
    const isStillUndone = (found: DeploymentRecord, left: DeploymentRecord) =>
      isWhereWeLeftIt(found, left) && reasonNotToUndo(found) === undefined;
    const undone = await fail(services, current, failure, isStillUndone);
    if (undone) return;
    const moved = await services.store.read(request.task);
    if (!moved) return refuse(services, request, undefined, 'The record is gone.');
    current = moved;
  }
  throw new Error(`the record of ${request.task} moved on ${ABORT_ATTEMPTS} times while it was to be undone`);
}

function reasonNotToUndo({ status, failure, stage, progress, plan }: DeploymentRecord): string | undefined {
  if (status !== 'running' || failure) return 'The deployment is over.';
  if (progress.detachingSince === undefined && stage !== 'retire') return undefined;
  return `${plan?.oldGroup} (Active) is detached already. Let the deployment finish, then go back with versions = previous.`;
}

/** A record of its own, so that nothing is deployed while leftovers are taken away. */
async function openCleaning(
  { store, bus, runtime, log }: StageServices,
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
  const attachments = await attachmentsOfActive(active, sources);
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
  { bus, log }: StageServices,
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
