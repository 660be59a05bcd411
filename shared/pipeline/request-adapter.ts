/**
 * The adapter of requests, as `stage.ts` is that of events: which are too old, which had their outcome before, how one
 * that is not run is answered. What becomes of the others is the business of the stage that takes them.
 */
import { createHash } from 'node:crypto';
import { type Contract, type Entry, plainLine } from '../../events/contract';
import { type OPERATOR_REQUESTS, Refused } from '../../events/refused';
import type { Envelope } from '../aws/envelope';
import { errorCode, errorMessage, isDenied } from '../aws/errors';
import { nextStepOf } from '../codes/codes';
import { lookCommands } from '../codes/look-commands';
import { toDoOfRefusal } from '../codes/refusal-remedies';
import type { Refusal, Remedy } from '../deployment/refusal';
import { apply, type Decision, decideOn, drop, loggingOf } from './deciding';
import { type DeploymentRecord, isHandled, isOpen } from './record';
import type { LostRecord } from './record-store';
import { namedTask, notValid, requestIdOf, type Unreadable } from './requests';
import type { StageServices } from './services';

/** The clocks of those who ask and of those who deploy may be apart by this much. */
export const CLOCKS_APART_MILLISECONDS = 10_000;

/** What every request says of itself. */
export interface Asked {
  task: string;
  /** `manual` and `upload` ask for a deployment; any other, as `abort`, is asked of the deployment that there is. */
  type: string;
  requestId: string;
  /** What it says and when, of one that people put: two events of one id may be two requests. */
  fingerprint?: string;
  /** An ISO time: when it was made, by its event's own time at the latest. */
  requestedAt: string;
  requestedBy: string;
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
    lost: LostRecord | undefined,
  ): Promise<Verdict> | Verdict;
  answer(request: Request, refusal: Refusal): Entry;
  /** A lost or damaged record is mended by it; others are refused with this code until then. */
  whereLost: 'mends' | Refusal['code'];
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
    if ('refusal' in request) return answerUnreadable(services, envelope, kind, request);
    const restoresLost = kind.whereLost === 'mends' && !envelope.isReplayed;
    const { task, requestId } = request;
    await decideOn(services, { task, requestId, restoresLost }, async ({ stored, lost }) => {
      const record = stored?.record;
      const verdict =
        (await outcomeBefore(services, envelope, request, record)) ??
        ageProblem(envelope, request, record, services.runtime.now()) ??
        lossProblem(envelope, request, kind.whereLost, lost) ??
        (await decisionOf(kind, envelope, request, record, connections, services, lost));
      if (verdict.kind === 'refuse-reused') return answerReused(kind, request);
      return verdict.kind === 'refuse'
        ? answerOf(request, verdict.refusal, kind.answer(request, verdict.refusal))
        : forgetting(verdict, request, record);
    });
  };
}

/** Where what is to be decided upon may not be read, whoever asked is answered: no repetition brings the permission. */
async function decisionOf<Request extends Asked, Connections>(
  kind: RequestKind<Request, Connections>,
  { isReplayed }: Envelope,
  ...decided: Parameters<RequestKind<Request, Connections>['decide']>
): Promise<Verdict> {
  try {
    return await kind.decide(...decided);
  } catch (error) {
    if (!isDenied(error) || isReplayed) throw error;
    const [, , , services] = decided;
    const log = `${errorCode(error)}, log of the function ${services.deployedName(services.functionName)}`;
    return refuse(`a permission is missing that is needed to decide: ${errorMessage(error)} (${log})`, '500');
  }
}

/** What an operator asks of a deployment that there is. */
export interface OperatorRequest<Detail> extends Asked {
  detail: Detail;
}

/** A kind of request of operators: everything in it was meant, so what is misspelt is not guessed. */
export function operatorRequests<Detail extends { task: string; requestedBy?: string }, Connections>({
  contract,
  name,
  ...kind
}: {
  contract: Contract<string, Detail>;
  name: (typeof OPERATOR_REQUESTS)[number];
} & Pick<RequestKind<OperatorRequest<Detail>, Connections>, 'decide' | 'whereLost'>): Take<Connections> {
  return takeRequests<OperatorRequest<Detail>, Connections>({
    ...kind,
    read(envelope) {
      const read = contract.readStrictly(envelope.detail);
      const fingerprint = requestIdOf(envelope.detailType, envelope);
      const common = { type: name.toLowerCase(), requestId: fingerprint, fingerprint, requestedAt: envelope.time };
      if (read.success) {
        const { task, requestedBy = 'an operator' } = read.detail;
        return { ...common, task, requestedBy, detail: read.detail };
      }
      const request = { ...common, task: namedTask(envelope), requestedBy: 'an operator', detail: {} as Detail };
      return { request, refusal: notValid(read.problem) };
    },
    answer({ task, requestId, requestedBy }, refusal) {
      const { code, message, look } = refusal;
      const looking = look && { commands: lookCommands(look) };
      const said = { code, message, nextStep: nextStepOf(code), toDo: toDoOfRefusal(refusal), ...looking };
      return Refused.entry({ task, requestId, request: name, requestedBy, ...said });
    },
  });
}

/** The operator asked for something that would take users down, or that there is nothing of. */
export function refuse(message: string, code = '418', remedy?: Remedy): Verdict {
  return { kind: 'refuse', refusal: { code, message, ...(remedy && { remedy }) } };
}

/** Nothing is known of what runs and what served: neither can be gone on with, nor be left as it is. */
function lossProblem(
  { isReplayed }: Envelope,
  { task }: Asked,
  whereLost: RequestKind<never, never>['whereLost'],
  lost: LostRecord | undefined,
): Verdict | undefined {
  if (!lost) return undefined;
  if (isReplayed) return drop('the record is lost');
  if (whereLost === 'mends') return undefined;
  return { kind: 'refuse', refusal: refusalOfLoss(task, lost, whereLost) };
}

export function refusalOfLoss(task: string, { how }: LostRecord, code: string): Refusal {
  const what = how === 'damaged' ? 'is damaged' : 'was deleted';
  const message = `the record of ${task} ${what}. Put CleanRequested with the task: it mends that`;
  return { code, message, remedy: { kind: 'mend-record' } };
}

/** A request that has its outcome is never run again: not after a replay, nor where its event is delivered once more. */
async function outcomeBefore(
  { state }: StageServices,
  { isReplayed }: Envelope,
  request: Asked,
  record: DeploymentRecord | undefined,
): Promise<Decision | { kind: 'refuse-reused' } | undefined> {
  const reused = isReplayed ? drop('its id was used by another request') : ({ kind: 'refuse-reused' } as const);
  for (const known of [record?.request, record?.pending]) {
    if (known?.requestId !== request.requestId) continue;
    if (isAnother(known, request)) return reused;
    if (known === record?.request) return record.seq === 1 ? { kind: 'tell-again' } : drop('already handled');
  }
  const key = answerKey(request);
  const said = (await state.exists(key)) ? await state.read(key) : undefined;
  if (said) {
    const { fingerprint, ...entry } = JSON.parse(said.body) as Entry & { fingerprint?: string };
    if (isAnother({ fingerprint }, request)) return reused;
    if (isReplayed) return drop('refused before');
    // Its mail may have been lost.
    return { kind: 'answer', reason: 'refused before', key, entry, fingerprint, forgets: request.requestId };
  }
  const isKnown = record ? isHandled(record, request) : false;
  if (!isKnown) return undefined;
  if (isKnown === 'reused') return reused;
  // What an operator asked for moved the deployment on: that may not have been told.
  return asksToDeploy(request) ? drop('already handled') : { kind: 'tell-again' };
}

/** Earlier versions did not note what the request with the id had said. */
function isAnother(known: { type?: string; fingerprint?: string }, { type, fingerprint }: Asked): boolean {
  if (known.type !== undefined && (known.type === 'upload') !== (type === 'upload')) return true;
  return known.fingerprint !== undefined && known.fingerprint !== fingerprint;
}

/**
 * Of requests to deploy none is run that is older than the last one of its type: an older upload was deployed with the
 * newer one. An operator's other requests mean what ran when they were made.
 */
export function ageProblem(
  { isReplayed }: Envelope,
  request: Asked,
  record: DeploymentRecord | undefined,
  now: Date,
): Verdict | undefined {
  const { type, requestedAt } = request;
  const isUnknown = record ? requestedAt < (record.forgottenUntil ?? '') && !waits(record, request) : true;
  if (isUnknown && isReplayed && (record || type !== 'upload')) {
    return drop('it may be older than what serves: nothing is known of what was run since');
  }
  if (!record) return undefined;
  if (isUnknown && type === 'manual') {
    return refuse(`whether the request of ${requestedAt} was run is forgotten: put it again if that is meant`, '414');
  }
  if (asksToDeploy(request)) {
    const newest = newestHandled(type, record, now);
    if (newest === undefined || requestedAt >= newest) return undefined;
    if (isReplayed) return drop('older than what was run since');
    if (type === 'manual' && Date.parse(requestedAt) >= Date.parse(newest) - CLOCKS_APART_MILLISECONDS)
      return undefined;
    if (type === 'upload') return wasDeployed(record) ? drop('a newer upload was deployed with it') : undefined;
    return refuse(`the request of ${requestedAt} is older than one that was run since`, '414');
  }
  if (isReplayed && !isOpen(record)) return drop('older than the deployment');
  if (!isOutdated(request, record)) return undefined;
  if (isReplayed) return drop('older than the deployment');
  return refuse(`it was put at ${requestedAt}, before ${record.deploymentId} began: put it again if that is meant`);
}

/** It has no outcome yet, however old it is. */
function waits({ pending }: DeploymentRecord, { requestId }: Asked): boolean {
  return pending?.requestId === requestId;
}

/** When the newest was made that a request of this type may not be older than. An upload stands for uploads alone. */
function newestHandled(type: string, { handledRequests }: DeploymentRecord, now: Date): string | undefined {
  const types = type === 'upload' ? ['upload'] : ['manual', 'upload'];
  const times = types.flatMap((one) => handledRequests[one] ?? []).filter((at) => at <= now.toISOString());
  return times.sort().at(-1);
}

/** A newer upload that failed took nothing with it. */
function wasDeployed({ status, request }: DeploymentRecord): boolean {
  return status !== 'failed' || request.type !== 'upload';
}

/**
 * It was meant for a deployment before this one. The time of an event is in whole seconds, and an abort may be put right
 * behind its request, by somebody whose clock is behind.
 */
function isOutdated({ requestedAt }: Asked, { request, previousEndedAt = '' }: DeploymentRecord): boolean {
  const earliest = Date.parse(request.requestedAt) - CLOCKS_APART_MILLISECONDS;
  return Date.parse(requestedAt) < earliest || requestedAt < `${previousEndedAt.slice(0, 19)}.000Z`;
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
  { request, refusal }: Unreadable<Request>,
): Promise<void> {
  const log = loggingOf(services, request);
  if (isReplayed) return log('dropped: not valid');
  const { detailType, detail } = answer(request, refusal);
  // What it asked for is not known: nobody is to ask for it again as it seemed to be.
  const { asked: _, ...known } = detail;
  await apply({ ...services, log }, {}, answerOf(request, refusal, { detailType, detail: known }));
}

/** Remembers that the request has its outcome, and says so. */
function answerOf(request: Asked, { code, message }: Refusal, entry: Entry): Decision {
  const { requestId, fingerprint } = request;
  const reason = `refused: ${code}: ${message}`;
  return { kind: 'answer', reason, key: answerKey(request), entry, fingerprint, forgets: requestId };
}

/** Answered by a name of its own: the other request with the id has, or may yet get, its own outcome. */
function answerReused<Request extends Asked>(kind: Pick<RequestKind<Request, never>, 'answer'>, request: Request) {
  const message = `the requestId '${plainLine(request.requestId)}' was used by another request: give it one of its own, or none`;
  const renamed = { ...request, requestId: request.fingerprint ?? request.requestId };
  return answerOf(renamed, notValid(message), kind.answer(renamed, notValid(message)));
}

/** Where the answer to a request is kept that was refused: an event as it was told. */
export function answerKey({ task, requestId }: { task: string; requestId: string }): string {
  return `refusals/${createHash('sha256').update(`${task}\n${requestId}`).digest('hex')}.json`;
}
