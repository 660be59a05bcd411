/**
 * The adapter of the stages: it accepts an event at most once, gives the stage its deployment, and turns what the stage
 * answers (or throws) into one transition of the record. It is the only place that catches, and that knows of delivery.
 */
import { CATALOG } from '../../events/catalog';
import type { ToDo, Users } from '../../events/contract';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { errorCode, errorMessage, isBusy, isDenied, isPermanent } from '../aws/errors';
import { measure } from '../aws/metrics';
import type { CreateHandler, Invocation } from '../aws/runtime';
import { addSeconds } from '../aws/time';
import { crashCodeOf } from '../codes/failure-codes';
import { toDoOfError } from '../codes/remedies';
import { outcomeInBounds } from './bounds';
import { tellAgain } from './deciding';
import { type StageName, takenBy } from './flow';
import { again, type HandedOver, type Outcome } from './outcome';
import { fractionOf, isThrottledAgain, THROTTLED_LIMIT_SECONDS, throttledProgress } from './pacing';
import { type DeploymentRecord, inLog, isAtWork } from './record';
import { DamagedRecord, FencedOff } from './record-store';
import type { Take } from './request-adapter';
import { connectStageServices, type StageServices } from './services';
import { ActionFailed, ClaimedElsewhere, type Deployment, isThrottled, LookAgain, Session } from './session';

/** What broke off this often by a crash or an error is not tried again. */
const ATTEMPTS = 3;

/**
 * Clean-up tries again for so long what is refused for good: a permission may be on its way, or the world have changed since
 * the look. Whoever waits for its mail must know within a minute.
 */
export const REFUSED_LIMIT_SECONDS = 30;

/** Clean-up that has not given up so long after its limit dies each time that it acts: then it only looks. */
const DYING_SECONDS = 600;

/** Waiting for longer than this in all fails the deployment with `code`. */
export interface Limit {
  seconds: number;
  code: string;
}

export interface Stage<Connections> {
  name: StageName;
  /** May depend on what is planned. */
  limit: Limit | ((record: DeploymentRecord) => Limit);
  /** Called once per execution environment. */
  connect(services: StageServices): Connections;
  run(deployment: Deployment, connections: Connections): Promise<Outcome>;
  /** Of clean-up: what an operator gets where it gives up. */
  handOver?(deployment: Deployment, connections: Connections): Promise<HandedOver>;
  /** By detail-type: what it takes that is not of a deployment's own chain, as the flow says. */
  requests?: Readonly<Record<string, Take<Connections>>>;
}

/** The handler of a stage. */
export function stage<Connections>(definition: Stage<Connections>): CreateHandler {
  const { name, requests = {} } = definition;
  const taken = Object.keys(requests).sort().join(', ');
  if (taken !== takenBy(name).join(', ')) throw new Error(`the flow does not have it that ${name} takes ${taken}`);
  return (runtime) => {
    const services = connectStageServices(runtime, name);
    const connections = definition.connect(services);
    return async (event, invocation) => {
      services.deadline.begin(invocation);
      const envelope = readEnvelope(event, runtime.now());
      if (!envelope) return services.log('refused: not an event');
      const take = Object.hasOwn(requests, envelope.detailType) ? requests[envelope.detailType] : undefined;
      try {
        if (take) return await take(services, envelope, connections);
        const session = await acceptEvent(services, name, envelope, invocation);
        if (session) await runStage(services, definition, connections, session);
      } finally {
        measureThrottles(services, envelope);
      }
    };
  };
}

function measureThrottles(services: StageServices, { detail: { deploymentId, task } }: Envelope): void {
  const { deadline, runtime, log, bus, functionName: stage } = services;
  if (deadline.throttles === 0) return;
  const about = { deploymentId, task, stage };
  measure(runtime, log, { Stack: bus.name, Stage: stage }, { Throttles: deadline.throttles }, about);
}

/**
 * Accepts an event of a deployment: only when it carries the record's own seq. One behind, it was handled, but what it
 * led to may be lost: then the outbox is published again. Anything else is late, repeated or replayed, and is dropped.
 */
async function acceptEvent(
  services: StageServices,
  stageName: StageName,
  { detailType, detail }: Envelope,
  invocation: Invocation,
): Promise<Session | undefined> {
  const { log, runtime, records } = services;
  const contract = Object.hasOwn(CATALOG, detailType) ? CATALOG[detailType as keyof typeof CATALOG] : undefined;
  const read = contract?.read(detail);
  if (!read?.success || !('seq' in read.detail)) {
    const problem = read && 'problem' in read ? read.problem : 'unknown event';
    return void log('refused: does not fit its contract', { detailType, problem });
  }
  const { task, deploymentId, seq } = read.detail;
  const about = { deploymentId, task, stage: stageName, seq };
  const stored = await records.read(task).catch((error: unknown) => {
    if (!(error instanceof DamagedRecord)) throw error;
    // No repetition mends it, and clean-up cannot take over what it cannot read: the watchdog mails what to do.
    log('dropped: the record is damaged', { ...about, reason: error.message });
  });
  const record = stored?.record;
  if (!stored || record?.deploymentId !== deploymentId || (namedStage(read.detail) ?? stageName) !== stageName) {
    return void log('dropped: not of the open deployment', about);
  }
  const { requestId } = record.request;
  if (seq === record.seq - 1) return void (await tellAgain(services, stored));
  if (seq !== record.seq || record.stage !== stageName || !isAtWork(record)) {
    return void log('dropped: already handled', { ...about, requestId, recordSeq: record.seq });
  }
  if (record.claim && Date.parse(record.claim.until) > runtime.now().getTime()) {
    return void log('dropped: is being handled', { ...about, requestId });
  }
  return new Session(records, stored, runtime, invocation);
}

/** The stage that the event is for, where it says so. */
function namedStage(detail: object): string | undefined {
  const { stage: due, next = due } = detail as { stage?: string; next?: string };
  return next;
}

/** Runs the stage and makes its outcome last. */
async function runStage<Connections>(
  services: StageServices,
  definition: Stage<Connections>,
  connections: Connections,
  session: Session,
): Promise<void> {
  const { log } = services;
  const about = inLog(session.record);
  try {
    const decided = await outcomeOf(services, definition, connections, session);
    const outcome = outcomeInBounds(await handedOver(services, definition, connections, session, decided));
    log(outcome.kind, { ...about, ...summaryOf(outcome) });
    await session.transition(outcome);
  } catch (error) {
    if (!(error instanceof FencedOff || error instanceof ClaimedElsewhere)) throw error;
    log('yielded', { ...about, reason: error.message });
  }
}

async function outcomeOf<Connections>(
  services: StageServices,
  definition: Stage<Connections>,
  connections: Connections,
  session: Session,
): Promise<Outcome> {
  const { name } = definition;
  const limit = typeof definition.limit === 'function' ? definition.limit(session.record) : definition.limit;
  if (session.secondsCleaning > limit.seconds + DYING_SECONDS) {
    const reason = `clean-up broke off again and again (log of the function ${session.functionName})`;
    return { kind: 'blocked', reason };
  }
  const look = () => definition.run(session, connections);
  const isCrowded = isThrottledAgain(session.record);
  const outcome = await (isCrowded ? services.deadline.probing(look) : look()).then(
    (answered) => withoutWhatEnded(answered, session),
    (error: unknown) =>
      isThrottled(error, services) ? throttled(error, session, services) : outcomeOfError(error, session, name, limit),
  );
  if (outcome.kind !== 'again' && outcome.kind !== 'parked') return outcome;
  if ('throttled' in outcome) return withinThrottledLimit(outcome, session, name, limit);
  if (session.secondsWaiting > limit.seconds) {
    const message = `waited ${Math.round(session.secondsWaiting)} s for ${outcome.waitingFor}`;
    return givenUp(limit.code, message, name);
  }
  if (outcome.kind === 'again') return outcome;
  // A second more: when it is woken then, the limit is over.
  const parkedUntil = addSeconds(session.now, limit.seconds - session.secondsWaiting + 1);
  return { ...outcome, progress: { ...outcome.progress, parkedUntil } };
}

/** What these say the beginning of stands without a break: a look that does not find it so, ends it. */
const UNBROKEN = { refusedSince: undefined, unsettledSince: undefined, leavingSince: undefined, downSince: undefined };

function withoutWhatEnded(outcome: Outcome, { progress }: Session): Outcome {
  if (outcome.kind !== 'again') return outcome;
  const throttled = progress.throttled && { looks: 0, seconds: progress.throttled.seconds };
  return { ...outcome, progress: { ...UNBROKEN, throttled, ...outcome.progress } };
}

/** A throttled account slows a deployment down, and ends none. */
function throttled(error: unknown, session: Session, { runtime }: StageServices): Outcome {
  const { record, now } = session;
  const before = error instanceof LookAgain ? { ...record, progress: error.progress } : record;
  return again(errorMessage(error), throttledProgress(before, now, fractionOf(runtime.uniqueId())));
}

function withinThrottledLimit(outcome: Outcome, { progress }: Session, name: StageName, limit: Limit): Outcome {
  const seconds = progress.throttled?.seconds ?? 0;
  if (outcome.kind !== 'again' || seconds <= THROTTLED_LIMIT_SECONDS) return outcome;
  return givenUp(limit.code, `throttled for ${Math.round(seconds)} s: ${outcome.waitingFor}`, name);
}

/** What kept clean-up from going on may keep it from looking, too: then it says no more than that. */
async function handedOver<Connections>(
  { log }: StageServices,
  { handOver }: Stage<Connections>,
  connections: Connections,
  session: Session,
  outcome: Outcome,
): Promise<Outcome> {
  if (outcome.kind !== 'blocked' || outcome.commands || !handOver) return outcome;
  const found = await handOver(session, connections).catch((error: unknown) =>
    log('handed over without a look', { ...inLog(session.record), reason: errorMessage(error) }),
  );
  return { ...outcome, ...found };
}

/** A stage that gives up has failed; clean-up that gives up leaves the decision to an operator. */
function givenUp(
  code: string,
  message: string,
  stageName: StageName,
  told: { toDo?: ToDo; users?: Users } = {},
): Outcome {
  return stageName === 'clean-up'
    ? { kind: 'blocked', code, reason: message }
    : { kind: 'failed', code, message, ...told };
}

/** What an error comes to: look again, fail for good, or throw, so that the invoker repeats the invocation. */
async function outcomeOfError(error: unknown, session: Session, stageName: StageName, limit: Limit): Promise<Outcome> {
  if (error instanceof FencedOff || error instanceof ClaimedElsewhere) throw error;
  if (error instanceof LookAgain) return again(error.message, { progress: error.progress });
  const isAction = error instanceof ActionFailed;
  const cause = isAction ? error.cause : error;
  if (session.isClaimed && isBusy(cause)) return again(errorMessage(error), { progress: session.progress });
  if (stageName === 'clean-up') {
    const isRefused = isPermanent(cause);
    if (isRefused && session.secondsRefused < REFUSED_LIMIT_SECONDS) return refusedForNow(error, session);
    // What may pass the watchdog lets it try again, until its limit.
    if (!isRefused && session.secondsCleaning <= limit.seconds) throw error;
  } else {
    const isLastAttempt = session.attempt >= ATTEMPTS;
    const isRefused = isPermanent(cause) && (isAction || session.isClaimed || isDenied(cause));
    if (!isLastAttempt && !isRefused) {
      await session.countAttempt();
      throw error;
    }
  }
  // Of an action it is said which; of anything else, who it was.
  const what = isAction || stageName === 'clean-up' ? '' : `${stageName} broke off: `;
  const message = `${what}${errorMessage(error)} (${errorCode(cause)}, log of the function ${session.functionName})`;
  const code = isAction ? error.code : crashCodeOf(stageName);
  const told = { toDo: toDoOfError(code, message, session), ...(session.usersSeen && { users: session.usersSeen }) };
  return givenUp(code, message, stageName, told);
}

function refusedForNow(error: unknown, { progress, now }: Session): Outcome {
  const refusedSince = progress.refusedSince ?? now.toISOString();
  return again(errorMessage(error), { progress: { ...progress, refusedSince } });
}

function summaryOf(outcome: Outcome): Record<string, unknown> {
  switch (outcome.kind) {
    case 'again':
    case 'parked':
      return { waitingFor: outcome.waitingFor };
    case 'planned':
      return { oldGroup: outcome.plan.oldGroup, newGroup: outcome.plan.newGroup };
    case 'passed':
    case 'completed':
      return { event: outcome.contract.detailType };
    case 'failed':
    case 'ended':
    case 'refused':
      return { code: outcome.code, reason: outcome.message };
    case 'taken-over':
      return { code: outcome.failure?.code };
    case 'skipped':
    case 'blocked':
      return { reason: outcome.reason };
    case 'cleaned':
      return { findings: outcome.findings };
    case 'moved':
      return { next: outcome.to };
  }
}
