/**
 * What becomes of an event that is not of a deployment's own chain: decided from the record as it is, and decided anew
 * where somebody else wrote the record first. Losing such a race is no error.
 */
import type { Entry } from '../../events/contract';
import type { Log } from '../aws/log';
import { measure } from '../aws/metrics';
import { secondsBetween } from '../aws/time';
import type { Outcome } from './outcome';
import { type DeploymentRecord, inLog } from './record';
import { FencedOff, type FoundRecord, type StoredRecord } from './record-store';
import type { StageServices } from './services';
import { asRead } from './transition';

/** Of so many who write one record in the same instant one wins each time: nine wars, each told twice, and more. */
const ATTEMPTS = 40;

export type Decision =
  /** It has its outcome, or is nobody's business. */
  | { kind: 'drop'; reason: string }
  /** It has no outcome yet, and needs nothing more. */
  | { kind: 'leave'; reason: string; tells?: Entry }
  /** It is not run: the answer is kept, or was kept before, and given. */
  | { kind: 'answer'; reason: string; key: string; entry: Entry; fingerprint?: string; forgets?: string }
  /** It was handled, but what that led to may be lost. */
  | { kind: 'tell-again' }
  | { kind: 'transition'; outcome: Outcome }
  /** A deployment of its own begins with this outcome. */
  | { kind: 'open'; record: DeploymentRecord; outcome: Outcome }
  /** Kept in the record, beside the course of its deployment. */
  | { kind: 'note'; reason: string; change: (record: DeploymentRecord) => DeploymentRecord; tells?: Entry };

export function drop(reason: string): Decision {
  return { kind: 'drop', reason };
}

/** Whose business it is, as far as the event says. */
interface About {
  task: string;
  deploymentId?: string;
  requestId?: string;
}

/** A request has an id of its own: what it does to a deployment was not asked for by the one that began that. */
export function loggingOf({ log, functionName: stage }: StageServices, { task, deploymentId, requestId }: About): Log {
  return (message, fields) =>
    log(message, { deploymentId, task, stage, ...fields, requestId: requestId ?? fields?.requestId });
}

export async function decideOn(
  services: StageServices,
  { task, deploymentId, requestId, restoresLost = false }: About & { restoresLost?: boolean },
  decide: (found: FoundRecord) => Promise<Decision> | Decision,
): Promise<void> {
  const log = loggingOf(services, { task, deploymentId, requestId });
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await services.records.find(task);
      if (found.lost && restoresLost) found.stored = await services.records.recover(task, found.lost);
      return await apply({ ...services, log }, found, await decide(found));
    } catch (error) {
      if (!(error instanceof FencedOff) || attempt === ATTEMPTS) throw error;
      log('decides anew', { reason: error.message });
    }
  }
}

export async function apply(services: StageServices, found: FoundRecord, decision: Decision): Promise<void> {
  const { records, bus, log } = services;
  const { stored } = found;
  switch (decision.kind) {
    case 'drop':
      return log(`dropped: ${decision.reason}`);
    case 'leave':
      log(`left: ${decision.reason}`);
      return decision.tells && bus.publish([decision.tells]);
    case 'answer':
      return answer(services, stored, decision);
    case 'open': {
      const { record } = await records.open(found, decision.record, decision.outcome);
      return log('opened', { ...inLog(record), status: record.status });
    }
    case 'tell-again':
      return tellAgain(services, existing(stored));
    case 'transition': {
      const { record } = await records.transition(existing(stored), decision.outcome, asRead);
      return log(decision.outcome.kind, inLog(record));
    }
    case 'note': {
      const { record } = await records.note(existing(stored), decision.change, asRead);
      log(decision.reason, inLog(record));
      return decision.tells && bus.publish([decision.tells]);
    }
  }
}

/** What waited in the record and is answered is not asked for again. */
async function answer(
  { state, bus, records, log, runtime }: StageServices,
  stored: StoredRecord | undefined,
  { reason, key, entry, fingerprint, forgets }: Extract<Decision, { kind: 'answer' }>,
): Promise<void> {
  log(reason);
  const { result } = await state.writeOver(undefined, key, JSON.stringify({ ...entry, fingerprint }));
  // Once answered it must never be run: the invoker repeats what may not be remembered.
  if (result === 'unknown') throw new Error(`whether ${key} was written is not known`);
  await bus.publish([entry]);
  // Delivered again, it was answered before.
  if (result === 'written')
    measure(runtime, log, { Stack: bus.name, Code: entry.detail.code as string }, { Refused: 1 });
  if (!stored || forgets === undefined || stored.record.pending?.requestId !== forgets) return;
  await records.note(stored, (record) => ({ ...record, pending: undefined }), asRead);
}

function existing(stored: StoredRecord | undefined): StoredRecord {
  if (!stored) throw new Error('decided upon a record that is not there');
  return stored;
}

/** Publishes the newest events again if they may have been lost: never at once, or every duplicate would breed. */
export async function tellAgain(
  { records, runtime, republishAfterSeconds, log }: StageServices,
  stored: StoredRecord,
): Promise<void> {
  const { outbox } = stored.record;
  const ageSeconds = secondsBetween(outbox.writtenAt, runtime.now());
  if (outbox.published || ageSeconds < republishAfterSeconds) {
    return log('dropped: repeated', inLog(stored.record));
  }
  await records.tellAgain(stored);
}
