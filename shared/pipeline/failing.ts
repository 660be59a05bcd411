/** How a deployment gets into the hands of clean-up: it failed, a stage of it crashed, or it is failed from outside. */
import { CheckDue } from '../../events/check-due';
import { plainLine } from '../../events/contract';
import { DeployRequested } from '../../events/deploy-requested';
import { Failed } from '../../events/failed';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { type DeploymentRecord, handledWith, type Request } from './record';
import { FencedOff, isWhereWeLeftIt, type StoredRecord } from './record-store';
import { readRequest } from './requests';
import { republish, type StageServices } from './stage';
import { failedEntry } from './transition';

/** What a stage's on-failure destination puts on the bus. */
export const CRASH = 'Lambda Function Invocation Result - Failure';

/** A failure is obeyed only where it is the newest word of its deployment. */
export async function cleanUpFailed(services: StageServices, envelope: Envelope): Promise<void> {
  const read = Failed.read(envelope.detail);
  if (!read.success) return services.log('refused: does not fit its contract', { problem: read.problem });
  const { task, deploymentId, seq } = read.detail;
  const stored = await services.store.read(task);
  if (!stored || stored.record.deploymentId !== deploymentId)
    return services.log('dropped: not of the open deployment');
  const { record } = stored;
  if (record.status === 'cleaning' && record.seq === seq + 1) return republish(services, stored);
  if (record.seq !== seq || record.status !== 'running' || !record.failure)
    return services.log('dropped: already handled');
  await beginCleaning(services, stored, record.failure);
}

/** `detail.requestPayload` is the event that the stage was invoked with. */
export async function cleanUpCrashed(services: StageServices, envelope: Envelope): Promise<void> {
  const { log, store } = services;
  const crashed = readEnvelope(envelope.detail.requestPayload);
  const task = crashed?.detail.task;
  if (!crashed || typeof task !== 'string') return log('dropped: a crash of something else');
  const stored = await store.read(task);
  if (!stored || !isOf(stored.record, crashed)) return log('dropped: not of the open deployment');
  const { record } = stored;
  const seq = crashed.detailType === DeployRequested.detailType ? 0 : crashed.detail.seq;
  if (seq === record.seq - 1) return republish(services, stored); // it had done its work: only the telling failed
  if (seq !== record.seq || record.status !== 'running' || record.failure) return log('dropped: already handled');
  const code = record.stage === 'start' ? '500' : 'T999';
  const message = `the function of ${record.stage} crashed: see its log`;
  await beginCleaning(services, stored, { code, stage: record.stage, message });
}

/** Writes a failure into a running deployment from outside of its stages. False where it has moved on meanwhile. */
export async function fail(
  { store, bus, runtime, log }: StageServices,
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
export async function beginCleaning(
  { store, bus, runtime, log }: StageServices,
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
