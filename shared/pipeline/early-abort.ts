/**
 * An abort that found nothing to abort. The deployment that is meant may be about to begin: events come in any order, and
 * a function that starts cold takes seconds. So a note is left, which `start` reads once its record is written, while
 * whoever left the note reads the record once more: one of both sees the other.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { StateBucket } from '../aws/state-bucket';
import { secondsBetween, time } from '../aws/time';
import type { DeploymentRecord } from './record';
import { CLOCKS_APART_MILLISECONDS } from './request-adapter';
import { UPLOAD_WAIT_LIMIT_SECONDS } from './uploads';

/** The note is kept in mind for as long as its deployment may take to begin. */
const EARLY_ABORT_SECONDS = 600;

/** An upload that waits for its turn in the queue, nobody sees: what was put meanwhile was meant for it. */
const UPLOAD_ABORT_SECONDS = UPLOAD_WAIT_LIMIT_SECONDS;

/** A request may be told of so much later than an abort that says that it was put after it. */
const OVERTAKING_SECONDS = 60;

const CLOCKS_APART_SECONDS = CLOCKS_APART_MILLISECONDS / 1000;

const earlyAbort = z.object({
  message: z.string(),
  requestedAt: time,
  at: time,
  /** It was meant for what waits, too. */
  dropsPending: z.optional(z.boolean()),
});
type EarlyAbort = z.infer<typeof earlyAbort>;

export async function noteEarlyAbort(state: StateBucket, task: string, noted: EarlyAbort): Promise<void> {
  await state.write(keyOf(task), JSON.stringify(noted));
}

/** The abort that was put right behind the request of this deployment, and overtook it: how the deployment ends. */
export async function abortedBefore(
  state: StateBucket,
  { task, request, previousEndedAt = '' }: DeploymentRecord,
  now: Date,
): Promise<{ message: string; dropsPending: boolean } | undefined> {
  const found = await state.read(keyOf(task));
  const { success, data } = earlyAbort.safeParse(found && jsonOf(found.body));
  const keptSeconds = request.type === 'upload' ? UPLOAD_ABORT_SECONDS : EARLY_ABORT_SECONDS;
  if (!success || secondsBetween(data.at, now) > keptSeconds) return undefined;
  const { at, message, dropsPending = false } = data;
  // It waited behind the deployment that the abort was meant for, or came too late for.
  const hasWaited = request.type === 'upload' && request.requestedAt < previousEndedAt;
  const isMeantForIt = hasWaited ? dropsPending && previousEndedAt <= at : isMeant(data, request);
  if (!isMeantForIt) return undefined;
  return { message, dropsPending };
}

/**
 * Of two that came within seconds the times do not say which was put first: clocks differ, and EventBridge tells whole
 * seconds. Then the abort holds: what was deployed against it would meet users, what was not is asked for again.
 */
function isMeant(
  { at, requestedAt: abortedAt }: EarlyAbort,
  { type, requestedAt, arrivedAt = requestedAt }: DeploymentRecord['request'],
): boolean {
  const overtakenBySeconds = secondsBetween(at, new Date(arrivedAt));
  const putLaterBySeconds = secondsBetween(abortedAt, new Date(requestedAt));
  if (overtakenBySeconds <= CLOCKS_APART_SECONDS) return putLaterBySeconds <= CLOCKS_APART_SECONDS;
  return overtakenBySeconds <= (type === 'upload' ? UPLOAD_ABORT_SECONDS : OVERTAKING_SECONDS) && putLaterBySeconds < 0;
}

/** Undefined for what is none: somebody else's text must not keep deployments from beginning. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf(task: string): string {
  return `refusals/abort-${createHash('sha256').update(task).digest('hex')}.json`;
}
