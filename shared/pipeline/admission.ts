/**
 * Decides what becomes of a request to deploy: it opens the task's record, waits as the record's pending request, or is
 * refused. Nothing but the record and the marks of refusals is written here.
 */
import { createHash } from 'node:crypto';
import { CheckPending } from '../../events/check-pending';
import type { Entry } from '../../events/contract';
import type { Envelope } from '../aws/envelope';
import { addSeconds } from '../aws/time';
import type { PlannedDeployment } from '../deployment/planning';
import { isRefusal, type Refusal } from '../deployment/refusal';
import { type DeploymentRecord, isOpen, newDeploymentId, newRecord, type Request } from './record';
import type { StoredRecord } from './record-store';
import { type ReadRequest, readRequest } from './requests';
import { republish, type StageServices } from './stage';
import { plannedEntries, type Refusable, refusedEntry } from './transition';

/** What can be found out about a request before its record is opened: a plan, or how long to wait for companions. */
export type Preparation = PlannedDeployment | { settleSeconds: number };

export async function admitRequest(
  services: StageServices,
  envelope: Envelope,
  prepare: (request: ReadRequest, past: DeploymentRecord | undefined) => Promise<Preparation | Refusal>,
): Promise<void> {
  const { store, state, log } = services;
  const request = readRequest(envelope);
  if ('refusal' in request) {
    if (envelope.isReplayed) return log('dropped: not valid', { requestId: request.requestId });
    return refuse(services, request, request.refusal);
  }
  const { requestId } = request;
  const stored = await store.read(request.task);
  if (stored?.record.request.requestId === requestId) return openedBefore(services, stored);
  if (await state.exists(refusalKey(request))) return refuseAgain(services, envelope, request, stored);
  if (stored && isHandled(stored.record, request)) return drop(services, stored, requestId, 'already handled');
  const refusal = refusalOfAge(request, stored?.record);
  if (refusal === 'covered') return drop(services, stored, requestId, 'a newer upload was deployed with it');
  if (refusal && envelope.isReplayed) return log('dropped: older than what was run since', { requestId });
  if (refusal) return refuse(services, request, refusal, stored);
  if (stored && isOpen(stored.record)) return queue(services, request, stored);

  const preparation = await prepare(request, stored?.record);
  if (isRefusal(preparation)) return refuse(services, request, preparation, stored);
  if (servesAlready(request, preparation)) {
    return drop(services, stored, requestId, 'the uploaded versions serve already');
  }
  await open(services, stored, request, preparation);
}

/** An upload changes nothing where every latest version serves, or is held back. */
export function servesAlready({ type }: { type: string }, preparation: Preparation): boolean {
  return type === 'upload' && 'plan' in preparation && preparation.plan.wars.every(({ from, to }) => from === to);
}

/** The request opened this record: what that led to may be lost. */
async function openedBefore(services: StageServices, stored: StoredRecord): Promise<void> {
  if (stored.record.seq === 1) return republish(services, stored);
  await drop(services, stored, stored.record.request.requestId, 'already handled');
}

async function open(
  { runtime, store, bus, log }: StageServices,
  previous: StoredRecord | undefined,
  request: ReadRequest,
  preparation: Preparation,
): Promise<void> {
  if (previous && !previous.record.outbox.published) await bus.publish(previous.record.outbox.events);
  const at = runtime.now();
  const deploymentId = newDeploymentId(at, runtime.uniqueId());
  const { task, ...asked } = request;
  const record = openedRecord(newRecord(task, deploymentId, at, asked, previous?.record), at, preparation);
  // Somebody else wrote meanwhile: the repetition of this invocation looks again and decides anew.
  if (!(await store.open(previous, record))) {
    throw new Error(`the record of ${request.task} was written by somebody else while opening it`);
  }
  log('opened', { deploymentId, task: record.task, requestId: request.requestId });
  await bus.publish(record.outbox.events);
}

function openedRecord(record: DeploymentRecord, at: Date, preparation: Preparation): DeploymentRecord {
  const opened =
    'plan' in preparation
      ? { ...record, plan: preparation.plan }
      : { ...record, progress: { settleUntil: addSeconds(at, preparation.settleSeconds) } };
  const events = 'plan' in preparation ? plannedEntries(opened, preparation.notes) : [settlingEntry(opened)];
  return { ...opened, outbox: { ...record.outbox, events } };
}

function settlingEntry({ deploymentId, task, seq, progress }: DeploymentRecord): Entry {
  const waitingFor = `further uploads that belong together, until ${progress.settleUntil}`;
  return CheckPending.entry({ deploymentId, task, seq, stage: 'start', waitingFor });
}

/** None that is older than the last one of its type is run. An older upload was deployed with the newer one. */
function refusalOfAge(
  { type, requestedAt }: ReadRequest,
  record: DeploymentRecord | undefined,
): Refusal | 'covered' | undefined {
  const newest = record?.handledRequests[type];
  if (newest === undefined || requestedAt >= newest) return undefined;
  if (type === 'upload') return 'covered';
  return { code: '414', message: `the request of ${requestedAt} is older than one that was run since` };
}

/** A task deploys one at a time: an upload waits in the record, anything else is refused. */
async function queue(services: StageServices, { task, ...request }: ReadRequest, stored: StoredRecord): Promise<void> {
  const { record } = stored;
  const { pending } = record;
  if (request.type === 'upload' && pending && pending.requestedAt >= request.requestedAt) {
    return services.log('dropped: it waits already, or a newer upload does', { requestId: request.requestId });
  }
  if (request.type !== 'upload' || record.status === 'blocked') {
    const state = record.failure ? `failed with ${record.failure.code} and is not cleaned` : `is in ${record.stage}`;
    const message = `the deployment ${record.deploymentId} of ${task} ${state}`;
    return refuse(services, { task, ...request }, { code: '401', message });
  }
  // The deployment may move on meanwhile; it only must not end, for then nobody would ask for the pending request.
  // And it may have covered this very upload, if the answer to a first write was lost.
  await services.store.update(
    stored,
    (fresh) => (isHandled(fresh, request) ? fresh : { ...fresh, pending: covering(request, fresh.pending) }),
    isSameAndOpen,
  );
  services.log('waits for the running deployment', { requestId: request.requestId, deploymentId: record.deploymentId });
}

function isHandled({ handledIds }: DeploymentRecord, { type, requestId }: Request): boolean {
  return handledIds?.[type] === requestId;
}

/** The newest upload stands for those that it takes the place of. */
function covering(request: Request, replaced: Request | undefined): Request {
  const keys = [...(replaced?.covers ?? []), replaced?.upload?.key].filter((key) => key !== undefined);
  const covers = [...new Set(keys)].filter((key) => key !== request.upload?.key);
  return covers.length === 0 ? request : { ...request, covers };
}

function isSameAndOpen(found: DeploymentRecord, left: DeploymentRecord): boolean {
  return found.deploymentId === left.deploymentId && isOpen(found);
}

/** Remembers that the request has its outcome, then says so: also in a replay, if it was lost and nobody has heard of it. */
async function refuse(
  services: StageServices,
  request: Refusable,
  refusal: Refusal,
  stored?: StoredRecord,
): Promise<void> {
  const { code, message } = refusal;
  const { requestId } = request;
  services.log('refused', { requestId, code, reason: message });
  await dropPending(services, stored, requestId);
  const entry = refusedEntry(request, refusal);
  await services.state.writeOver(undefined, refusalKey(request), JSON.stringify(entry));
  await services.bus.publish([entry]);
}

/** A refused request came again: its mail may have been lost, but it is never run. */
async function refuseAgain(
  services: StageServices,
  envelope: Envelope,
  request: Refusable,
  stored: StoredRecord | undefined,
): Promise<void> {
  await drop(services, stored, request.requestId, 'refused before');
  if (envelope.isReplayed) return;
  const said = await services.state.read(refusalKey(request));
  if (said) await services.bus.publish([JSON.parse(said.body) as Entry]);
}

/** It has its outcome, and needs no mail. */
async function drop(
  services: StageServices,
  stored: StoredRecord | undefined,
  requestId: string,
  reason: string,
): Promise<void> {
  await dropPending(services, stored, requestId);
  services.log(`dropped: ${reason}`, { requestId });
}

/** A pending request that got its outcome without a deployment is not asked for again. */
async function dropPending(
  { store }: StageServices,
  stored: StoredRecord | undefined,
  requestId: string,
): Promise<void> {
  if (!stored || stored.record.pending?.requestId !== requestId) return;
  await store.update(stored, (fresh) => ({
    ...fresh,
    pending: fresh.pending?.requestId === requestId ? undefined : fresh.pending,
  }));
}

function refusalKey({ task, requestId }: { task: string; requestId: string }): string {
  return `refusals/${createHash('sha256').update(`${task}\n${requestId}`).digest('hex')}.json`;
}
