/**
 * What is told of a deployment keeps within what carries it, whatever its fleet is: the record, an event, a mail, a line of
 * the log. Whoever tells something groups what is alike; here is what holds for all.
 */
import { TOLD } from '../../events/contract';
import { EVENT_BYTES } from '../aws/bus';
import { bounded, boundedText, fitted, sizeOf } from '../aws/findings';
import type { Outcome } from './outcome';
import type { DeploymentRecord } from './record';

/** As many characters, where it is inserted into a mail. */
const MESSAGE_BYTES = 4000;

/** Written and published at every look. */
const WAITING_BYTES = 2000;

const LIST_BYTES = 12 * 1024;

/** Those of a fleet with as many attachments as a group may have, either way. */
const COMMANDS_BYTES = 36 * 1024;

const RECORD_BYTES = 128 * 1024;

/** A message, cut between its findings. */
export function messageInBounds(message: string): string {
  return boundedText(message, MESSAGE_BYTES);
}

export function outcomeInBounds(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case 'again':
    case 'parked':
      return { ...outcome, waitingFor: boundedText(outcome.waitingFor, WAITING_BYTES) };
    case 'planned':
      return { ...outcome, notes: bounded(outcome.notes, LIST_BYTES) };
    case 'failed':
    case 'ended':
    case 'refused':
      return { ...outcome, message: messageInBounds(outcome.message) };
    case 'cleaned':
      return {
        ...outcome,
        summary: messageInBounds(outcome.summary),
        findings: bounded(outcome.findings, LIST_BYTES),
        ...(outcome.leftovers && { leftovers: bounded(outcome.leftovers, LIST_BYTES) }),
        ...(outcome.removed && { removed: bounded(outcome.removed, LIST_BYTES) }),
      };
    case 'blocked':
      return {
        ...outcome,
        reason: messageInBounds(outcome.reason),
        ...(outcome.findings && { findings: bounded(outcome.findings, LIST_BYTES) }),
        ...(outcome.leftovers && { leftovers: bounded(outcome.leftovers, LIST_BYTES) }),
        ...(outcome.commands && { commands: bounded(outcome.commands, COMMANDS_BYTES, furtherCommands) }),
      };
    default:
      return outcome;
  }
}

/** They are those that are still to be run: the next mail has what is left. */
function furtherCommands(count: number): string {
  return `# ${count} more lines have no room here: run these, clean again, and the next mail has what is left`;
}

/** A failure, as an earlier version may have noted it. */
export function failureInBounds(failure: DeploymentRecord['failure']): DeploymentRecord['failure'] {
  return failure && { ...failure, message: messageInBounds(failure.message) };
}

/**
 * The last resort, and for what earlier versions have noted. Beyond that a record is written as it is: without it a
 * deployment could neither go on nor be cleaned up.
 */
export function recordInBounds(record: DeploymentRecord): DeploymentRecord {
  if (sizeOf(record) <= RECORD_BYTES) return record;
  const { failure, resolvedFailures, outbox } = record;
  const events = outbox.events.map((event) => ({ ...event, detail: fitted(event.detail, EVENT_BYTES, TOLD) }));
  return {
    ...record,
    failure: failureInBounds(failure),
    resolvedFailures: resolvedFailures.map((before) => ({ ...before, message: messageInBounds(before.message) })),
    outbox: { ...outbox, events },
  };
}
