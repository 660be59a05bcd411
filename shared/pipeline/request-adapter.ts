/**
 * The adapter of requests, as `stage.ts` is that of events: which are too old, which had their outcome before, how one
 * that is not run is answered. What becomes of the others is the business of the stage that takes them.
 */
import { createHash } from 'node:crypto';
import { Cleaned } from '../../events/cleaned';
import { type Contract, type Entry, plainLine } from '../../events/contract';
import type { Envelope } from '../aws/envelope';
import type { Refusal } from '../deployment/refusal';
import { apply, type Decision, decideOn, drop } from './deciding';
import { type DeploymentRecord, isHandled, isOpen } from './record';
import { requestIdOf } from './requests';
import type { StageServices } from './services';

/** What every request says of itself. */
export interface Asked {
  task: string;
  /** `manual` and `upload` ask for a deployment; any other, as `abort`, is asked of the deployment that there is. */
  type: string;
  requestId: string;
  /** An ISO time: when it was made, by its event's own time at the latest. */
  requestedAt: string;
  requestedBy: string;
}

/** A request that cannot be read: answered, where its kind has an answer to that, else only logged. */
export interface Unreadable<Request> {
  problem: string;
  refused?: { request: Request; refusal: Refusal };
}

export type Verdict = Decision | { kind: 'refuse'; refusal: Refusal };

/** One kind of request: how it is read, decided upon, and answered where it is not run. */
export interface RequestKind<Request extends Asked, Connections> {
  read(envelope: Envelope): Request | Unreadable<Request>;
  decide(
    request: Request,
    record: DeploymentRecord | undefined,
    connections: Connections,
    services: StageServices,
  ): Promise<Verdict> | Verdict;
  answer(request: Request, refusal: Refusal, record: DeploymentRecord | undefined): Entry;
}

/** What a stage does with the events of one detail-type that are not of a deployment's own chain. */
export type Take<Connections> = (
  services: StageServices,
  envelope: Envelope,
  connections: Connections,
) => Promise<void>;

export function takeRequests<Request extends Asked, Connections>(
  kind: RequestKind<Request, Connections>,
): Take<Connections> {
  return async (services, envelope, connections) => {
    const request = kind.read(envelope);
    if ('problem' in request) return answerUnreadable(services, envelope, kind, request);
    await decideOn(services, request, async (stored) => {
      const record = stored?.record;
      const verdict =
        (await outcomeBefore(services, envelope, request, record)) ??
        ageProblem(envelope, request, record) ??
        (await kind.decide(request, record, connections, services));
      return verdict.kind === 'refuse'
        ? answerOf(request, verdict.refusal, kind.answer(request, verdict.refusal, record))
        : forgetting(verdict, request, record);
    });
  };
}

/** What an operator asks of a deployment that there is. */
export interface OperatorRequest<Detail> extends Asked {
  detail: Detail;
}

/** A kind of request of operators, who are answered by clean-up's mail where it is not run. */
export function operatorRequests<Detail extends { task: string; requestedBy?: string }, Connections>({
  contract,
  type,
  decide,
}: {
  contract: Contract<string, Detail>;
  type: string;
  decide: RequestKind<OperatorRequest<Detail>, Connections>['decide'];
}): Take<Connections> {
  return takeRequests({
    read(envelope) {
      const read = contract.read(envelope.detail);
      if (!read.success) return { problem: read.problem };
      const { task, requestedBy = 'an operator' } = read.detail;
      const requestId = requestIdOf(envelope.detailType, envelope);
      const ofRequest = { requestId, requestedAt: envelope.time, requestedBy: plainLine(requestedBy) };
      return { type, task, ...ofRequest, detail: read.detail };
    },
    decide,
    answer({ task, requestId }, { message: summary }, record) {
      const { deploymentId = 'none', seq = 1 } = record ?? {};
      const ofRequest = { deploymentId, task, seq, requestId };
      return Cleaned.entry({ ...ofRequest, outcome: 'refused', summary, findings: [], commands: [] });
    },
  });
}

/** The operator asked for something that would take users down, or that there is nothing of. */
export function refuse(message: string): Verdict {
  return { kind: 'refuse', refusal: { code: '418', message } };
}

/** A request that has its outcome is never run again: not after a replay, nor where its event is delivered once more. */
async function outcomeBefore(
  { state }: StageServices,
  { isReplayed }: Envelope,
  request: Asked,
  record: DeploymentRecord | undefined,
): Promise<Decision | undefined> {
  if (record?.request.requestId === request.requestId) {
    return record.seq === 1 ? { kind: 'tell-again' } : drop('already handled');
  }
  const key = answerKey(request);
  if (await state.exists(key)) {
    const said = isReplayed ? undefined : await state.read(key);
    if (!said) return drop('refused before');
    // Its mail may have been lost.
    const entry = JSON.parse(said.body) as Entry;
    return { kind: 'answer', reason: 'refused before', key, entry, forgets: request.requestId };
  }
  if (!record || !isHandled(record, request)) return undefined;
  // What an operator asked for moved the deployment on: that may not have been told.
  return asksToDeploy(request) ? drop('already handled') : { kind: 'tell-again' };
}

/**
 * Of requests to deploy none is run that is older than the last one of its type: an older upload was deployed with the
 * newer one. An operator's other requests mean what ran when they were made; the time of an event is in whole seconds.
 */
export function ageProblem(
  { isReplayed }: Envelope,
  request: Asked,
  record: DeploymentRecord | undefined,
): Verdict | undefined {
  const { type, requestedAt } = request;
  if (asksToDeploy(request)) {
    const newest = record?.handledRequests[type];
    if (newest === undefined || requestedAt >= newest) return undefined;
    if (type === 'upload') return drop('a newer upload was deployed with it');
    if (isReplayed) return drop('older than what was run since');
    const message = `the request of ${requestedAt} is older than one that was run since`;
    return { kind: 'refuse', refusal: { code: '414', message } };
  }
  const openedAt = record?.timeline[0]?.at ?? '';
  const isOutdated = requestedAt < `${openedAt.slice(0, 19)}.000Z`;
  const isOver = isReplayed && record !== undefined && !isOpen(record);
  return isOutdated || isOver ? drop('older than the deployment') : undefined;
}

function asksToDeploy({ type }: Asked): boolean {
  return type === 'manual' || type === 'upload';
}

/** What waited in the record and got its outcome without a deployment is not asked for again. */
function forgetting(decision: Decision, { requestId }: Asked, record: DeploymentRecord | undefined): Decision {
  if (decision.kind !== 'drop' || record?.pending?.requestId !== requestId) return decision;
  const change = (fresh: DeploymentRecord) => ({ ...fresh, pending: undefined });
  return { kind: 'note', reason: `dropped: ${decision.reason}`, change };
}

async function answerUnreadable<Request extends Asked>(
  services: StageServices,
  { isReplayed }: Envelope,
  { answer }: Pick<RequestKind<Request, never>, 'answer'>,
  { problem, refused }: Unreadable<Request>,
): Promise<void> {
  if (!refused) return services.log('refused: does not fit its contract', { problem });
  const { request, refusal } = refused;
  if (isReplayed) return services.log('dropped: not valid', { requestId: request.requestId });
  await apply(services, undefined, answerOf(request, refusal, answer(request, refusal, undefined)));
}

/** Remembers that the request has its outcome, and says so. */
function answerOf(request: Asked, { code, message }: Refusal, entry: Entry): Decision {
  const { requestId } = request;
  return { kind: 'answer', reason: `refused: ${code}: ${message}`, key: answerKey(request), entry, forgets: requestId };
}

function answerKey({ task, requestId }: { task: string; requestId: string }): string {
  return `refusals/${createHash('sha256').update(`${task}\n${requestId}`).digest('hex')}.json`;
}
