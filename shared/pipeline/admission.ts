/**
 * Decides what becomes of a request to deploy: it opens the task's record, waits as the record's pending request, is one
 * with the deployment that runs, or is refused.
 */
import type { Runtime } from '../aws/runtime';
import { addSeconds } from '../aws/time';
import type { PlannedDeployment } from '../deployment/planning';
import { isRefusal, type Refusal } from '../deployment/refusal';
import { requestedVersions } from '../deployment/versions';
import { plannedEntries, refusedEntry, settlingEntry } from './changes';
import { type Decision, drop } from './deciding';
import { type DeploymentRecord, handledWith, isOpen, newDeploymentId, newRecord, type Request } from './record';
import { type Take, takeRequests, type Verdict } from './request-adapter';
import { type ReadRequest, readRequest } from './requests';

/** What can be found out about a request before its record is opened: a plan, or how long to wait for companions. */
export type Preparation = PlannedDeployment | { settleSeconds: number };

type Prepare<Connections> = (
  request: ReadRequest,
  past: DeploymentRecord | undefined,
  connections: Connections,
  now: Date,
) => Promise<Preparation | Refusal>;

export function deployRequests<Connections>(prepare: Prepare<Connections>): Take<Connections> {
  return takeRequests<ReadRequest, Connections>({
    read(envelope) {
      const read = readRequest(envelope);
      if (!('refusal' in read)) return read;
      const { refusal, ...known } = read;
      const request = { ...known, type: 'manual' as const, requestedAt: envelope.time };
      return { problem: refusal.message, refused: { request, refusal } };
    },

    async decide(request, record, connections, { runtime }) {
      const busy = record && decideBeside(request, record);
      if (busy) return busy;
      const preparation = await prepare(request, record, connections, runtime.now());
      if (isRefusal(preparation)) return { kind: 'refuse', refusal: preparation };
      if (servesAlready(request, preparation)) return drop('the uploaded versions serve already');
      return { kind: 'open', record: openedRecord(request, preparation, record, runtime) };
    },

    answer: (request, refusal) => refusedEntry(request, refusal),
  });
}

/** A task deploys one at a time: an upload waits in the record, anything else is refused. Undefined where nothing runs. */
export function decideBeside({ task, ...request }: ReadRequest, record: DeploymentRecord): Verdict | undefined {
  if (isOneWith(record, request)) return oneWith(request);
  if (!isOpen(record)) return undefined;
  const { pending, status, failure, stage, deploymentId } = record;
  if (request.type === 'upload' && pending && pending.requestedAt >= request.requestedAt) {
    return { kind: 'leave', reason: 'it waits already, or a newer upload does' };
  }
  if (request.type !== 'upload' || status === 'blocked') {
    const state = failure ? `failed with ${failure.code} and is not cleaned` : `is in ${stage}`;
    const message = `the deployment ${deploymentId} of ${task} ${state}`;
    return { kind: 'refuse', refusal: { code: '401', message } };
  }
  const change = (fresh: DeploymentRecord) => ({ ...fresh, pending: covering(request, fresh.pending) });
  return { kind: 'note', reason: 'waits for the running deployment', change };
}

/** Two that were made in the same instant: the deployment of the first chose what the second means, and its end is that of both. */
function oneWith(request: Request): Decision {
  const change = (fresh: DeploymentRecord) => ({ ...fresh, ...handledWith(fresh, request) });
  return { kind: 'note', reason: 'is one with the deployment that chose its versions', change };
}

/** It was made before the deployment chose its versions, and for what that chose. */
export function isOneWith({ plan, request: run }: DeploymentRecord, request: Request): boolean {
  const { upload, versions, requestedAt } = request;
  if (!plan?.versionsChosenAt || requestedAt > plan.versionsChosenAt) return false;
  if (upload) {
    return plan.wars.some(
      ({ bucket, key, to }) => bucket === upload.bucket && key === upload.key && to === upload.versionId,
    );
  }
  if (request.capacity !== run.capacity) return false;
  if (versions === run.versions) return true;
  const named = requestedVersions(versions);
  return named.length > 0 && plan.wars.every(({ from, to }, index) => to === (named[index] || from));
}

/** An upload changes nothing where every latest version serves, or is held back. */
export function servesAlready({ type }: { type: string }, preparation: Preparation): boolean {
  return type === 'upload' && 'plan' in preparation && preparation.plan.wars.every(({ from, to }) => from === to);
}

function openedRecord(
  { task, ...request }: ReadRequest,
  preparation: Preparation,
  previous: DeploymentRecord | undefined,
  { now, uniqueId }: Pick<Runtime, 'now' | 'uniqueId'>,
): DeploymentRecord {
  const at = now();
  const record = newRecord(task, newDeploymentId(at, uniqueId()), at, request, previous);
  const opened =
    'plan' in preparation
      ? { ...record, plan: preparation.plan }
      : { ...record, progress: { settleUntil: addSeconds(at, preparation.settleSeconds) } };
  const events = 'plan' in preparation ? plannedEntries(opened, preparation.notes) : [settlingEntry(opened)];
  return { ...opened, outbox: { ...record.outbox, events } };
}

/** The newest upload stands for those that it takes the place of. */
function covering(request: Request, replaced: Request | undefined): Request {
  const keys = [...(replaced?.covers ?? []), replaced?.upload?.key].filter((key) => key !== undefined);
  const covers = [...new Set(keys)].filter((key) => key !== request.upload?.key);
  return covers.length === 0 ? request : { ...request, covers };
}
