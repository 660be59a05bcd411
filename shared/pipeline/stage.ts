/**
 * The adapter of the stages: it accepts an event at most once, gives the stage its deployment, and turns what the stage
 * answers (or throws) into one write of the record and the events that this write made. It is the only place that
 * catches, and the only one that knows of delivery, claims and the outbox.
 */
import * as z from 'zod/mini';
import { CATALOG } from '../../events/catalog';
import { Bus } from '../aws/bus';
import { name, number, readConfiguration } from '../aws/configuration';
import { Deadline } from '../aws/deadline';
import { type Envelope, readEnvelope } from '../aws/envelope';
import { errorCode, errorMessage, isBusy, isPermanent, isThrottling } from '../aws/errors';
import { type Log, logTo } from '../aws/log';
import type { CreateHandler, Invocation, Runtime } from '../aws/runtime';
import { StateBucket } from '../aws/state-bucket';
import { secondsBetween } from '../aws/time';
import type { StageName } from './flow';
import { again, failed, type Outcome } from './outcome';
import type { DeploymentRecord } from './record';
import { FencedOff, RecordStore, type StoredRecord } from './record-store';
import { ActionFailed, ClaimedElsewhere, type Deployment, OutOfDate, Session } from './session';

/** A claim that was lost this often to a crash or an error is not tried again. */
const ATTEMPTS = 3;

const configurationSchema = z.object({
  EVENT_BUS_NAME: name,
  STATE_BUCKET: name,
  /** A message that arrives again makes the outbox be published again, but only if it was written this long ago. */
  REPUBLISH_AFTER_SECONDS: number,
});

/** What the adapter needs of the world; `start`, which opens records, shares it. */
export interface StageServices {
  runtime: Runtime;
  deadline: Deadline;
  bus: Bus;
  state: StateBucket;
  store: RecordStore;
  republishAfterSeconds: number;
  log: Log;
}

export interface Stage<Connections> {
  name: StageName;
  /** Waiting for longer than this in all fails the deployment with `code`. */
  limit: { seconds: number; code: string };
  /** Called once per execution environment. */
  connect(services: StageServices): Connections;
  run(deployment: Deployment, connections: Connections): Promise<Outcome>;
}

/** The handler of a stage that reacts to events of an open deployment. */
export function stage<Connections>(definition: Stage<Connections>): CreateHandler {
  return (runtime) => {
    const services = connectStageServices(runtime, definition.name);
    const connections = definition.connect(services);
    return async (event, invocation) => {
      services.deadline.begin(invocation);
      const envelope = readEnvelope(event);
      if (!envelope) return services.log('refused: not an event');
      const session = await acceptEvent(services, definition.name, envelope, invocation);
      if (session) await runStage(services, definition, connections, session);
    };
  };
}

export function connectStageServices(runtime: Runtime, functionName: string): StageServices {
  const configuration = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const state = StateBucket.connect(runtime, deadline, configuration.STATE_BUCKET);
  return {
    runtime,
    deadline,
    state,
    bus: Bus.connect(runtime, deadline, configuration.EVENT_BUS_NAME),
    store: new RecordStore(state, runtime.uniqueId),
    republishAfterSeconds: configuration.REPUBLISH_AFTER_SECONDS,
    log: logTo(runtime, functionName),
  };
}

/**
 * Accepts an event of a deployment: only when it carries the record's own seq. One behind, it was handled, but what it
 * led to may be lost: then the outbox is published again. Anything else is late, repeated or replayed, and is dropped.
 */
export async function acceptEvent(
  services: StageServices,
  stageName: StageName,
  envelope: Envelope,
  invocation: Invocation,
): Promise<Session | undefined> {
  const { log } = services;
  const { detailType } = envelope;
  const contract = Object.hasOwn(CATALOG, detailType) ? CATALOG[detailType as keyof typeof CATALOG] : undefined;
  const read = contract?.read(envelope.detail);
  if (!read?.success || !('seq' in read.detail)) {
    log('refused: does not fit its contract', {
      detailType,
      problem: read && 'problem' in read ? read.problem : 'unknown event',
    });
    return undefined;
  }
  const { detail } = read;
  const stored = await services.store.read(detail.task);
  return acceptEventFor(services, stageName, stored, detail, invocation);
}

/** As `acceptEvent`, for an event that was read and a record that was read. */
export async function acceptEventFor(
  services: StageServices,
  stageName: StageName,
  stored: StoredRecord | undefined,
  event: { deploymentId: string; seq: number; stage?: string },
  invocation: Invocation,
): Promise<Session | undefined> {
  const { log, runtime } = services;
  const { deploymentId, seq } = event;
  const record = stored?.record;
  if (!stored || record?.deploymentId !== deploymentId || (event.stage ?? stageName) !== stageName) {
    return void log('dropped: not of the open deployment', { deploymentId, seq });
  }
  if (seq === record.seq - 1) return void (await republish(services, stored));
  if (seq !== record.seq || record.stage !== stageName || !isAtWork(record)) {
    return void log('dropped: already handled', { deploymentId, seq, recordSeq: record.seq });
  }
  if (record.claim && Date.parse(record.claim.until) > runtime.now().getTime()) {
    return void log('dropped: is being handled', { deploymentId, seq });
  }
  return new Session(services.store, stored, runtime, invocation);
}

/** Publishes the newest events again if they may have been lost: never at once, or every duplicate would breed. */
export async function republish(
  { bus, runtime, republishAfterSeconds, log }: StageServices,
  stored: StoredRecord,
): Promise<void> {
  const { outbox, deploymentId, seq } = stored.record;
  const ageSeconds = secondsBetween(outbox.writtenAt, runtime.now());
  if (outbox.published || ageSeconds < republishAfterSeconds) {
    return log('dropped: repeated', { deploymentId, seq });
  }
  log('publishing again', { deploymentId, seq });
  await bus.publish(outbox.events);
}

/** Runs the stage and makes its outcome last. */
export async function runStage<Connections>(
  services: StageServices,
  definition: Stage<Connections>,
  connections: Connections,
  session: Session,
): Promise<void> {
  const { log, bus } = services;
  try {
    const outcome = await outcomeOf(definition, connections, session);
    log(outcome.kind, { deploymentId: session.deploymentId, seq: session.record.seq, ...summaryOf(outcome) });
    const events = await session.transition(outcome);
    await bus.publish(events);
    if (!isAtWork(session.record)) await session.markPublished();
  } catch (error) {
    if (!(error instanceof FencedOff || error instanceof ClaimedElsewhere)) throw error;
    log('yielded', { deploymentId: session.deploymentId, reason: error.message });
  }
}

async function outcomeOf<Connections>(
  definition: Stage<Connections>,
  connections: Connections,
  session: Session,
): Promise<Outcome> {
  const outcome = await definition
    .run(session, connections)
    .catch((error: unknown) => outcomeOfError(error, session, definition));
  if (outcome.kind !== 'again') return outcome;
  if (session.secondsWaiting <= definition.limit.seconds) return outcome;
  const message = `waited ${Math.round(session.secondsWaiting)} s for ${outcome.waitingFor}`;
  return givenUp(definition.limit.code, message, definition.name);
}

/** A stage that gives up has failed; clean-up that gives up leaves the decision to an operator. */
function givenUp(code: string, message: string, stageName: StageName): Outcome {
  return stageName === 'clean-up' ? { kind: 'blocked', code, reason: message, findings: [] } : failed(code, message);
}

/** What an error comes to: look again, fail for good, or throw, so that the invoker repeats the invocation. */
function outcomeOfError(
  error: unknown,
  session: Session,
  { name: stageName, limit }: Pick<Stage<unknown>, 'name' | 'limit'>,
): Outcome {
  if (error instanceof FencedOff || error instanceof ClaimedElsewhere) throw error;
  if (error instanceof OutOfDate) return again(error.message, { progress: error.progress });
  const isAction = error instanceof ActionFailed;
  const cause = isAction ? error.cause : error;
  // A throttled account slows a deployment; how long it may wait is the stage's own limit.
  const passesByItself = isThrottling(cause) || (session.isClaimed && isBusy(cause));
  if (passesByItself) return again(errorMessage(error), { progress: session.progress });
  const isLastAttempt = session.isClaimed && session.attempt >= ATTEMPTS;
  const isFinal =
    stageName === 'clean-up'
      ? session.secondsCleaning > limit.seconds // until then the watchdog lets it try again
      : isLastAttempt || (isPermanent(cause) && (isAction || session.isClaimed));
  if (!isFinal) throw error;
  const fallbackCode = stageName === 'start' ? '500' : 'T999';
  const message = `${errorMessage(error)} (${errorCode(cause)}, log of the function ${session.functionName})`;
  return givenUp(isAction ? error.code : fallbackCode, message, stageName);
}

/** A failed deployment is not at work until clean-up takes it over. */
function isAtWork({ status, stage: stageName, failure }: DeploymentRecord): boolean {
  return stageName === 'clean-up' ? status === 'cleaning' : status === 'running' && failure === undefined;
}

function summaryOf(outcome: Outcome): Record<string, unknown> {
  switch (outcome.kind) {
    case 'again':
      return { waitingFor: outcome.waitingFor };
    case 'planned':
      return { oldGroup: outcome.plan.oldGroup, newGroup: outcome.plan.newGroup };
    case 'passed':
    case 'completed':
      return { event: outcome.contract.detailType };
    case 'failed':
    case 'refused':
      return { code: outcome.code, reason: outcome.message };
    case 'skipped':
    case 'blocked':
      return { reason: outcome.reason };
    case 'cleaned':
      return { findings: outcome.findings };
    case 'forward':
      return { next: outcome.next };
  }
}
