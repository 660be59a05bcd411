/**
 * What becomes of a look that the account's request rate did not let be made: the stage looks again after a pause, and the
 * time that it lost so counts against nothing that the stage has a limit for.
 */
import { addSeconds, secondsBetween } from '../aws/time';
import type { DeploymentRecord, Progress } from './record';

/** How long the first pause is, at least and at most: those who were refused at once do not come again at once. */
const PAUSE_SECONDS = { least: 30, most: 60 };

/** Users may be down until the next look: Active is detached by these, or is to be attached again. */
const URGENT: readonly string[] = ['swap', 'retire', 'clean-up'];
const URGENT_PAUSE_SECONDS = { least: 5, most: 15 };
/** Some minutes; whoever is throttled for longer than that is so by what does not pass within a minute either. */
const URGENT_LOOKS = 40;
const LATER_FACTOR = 2;

/**
 * From then on the first pause is too short, since so many are before this one: it grows with what was lost, so that what is
 * lost at the end by not looking is about a fifth of it. Twice as long each time, a pause would soon be longer than what
 * is waited for; as long each time, a thousand who wait would take up the rate by their looks alone.
 */
const PATIENT_SECONDS = 240;

/** So many tasks share the account's rate in the end. */
const LONGEST_PAUSE_SECONDS = 480;

/** In one stage. Whoever takes up the account's rate for so long does not let go of it by himself. */
export const THROTTLED_LIMIT_SECONDS = 24 * 3600;

/** `random` is at least 0 and below 1; `looks` in a row have been throttled before, and `seconds` were lost in all. */
export function pauseSeconds(random: number, { looks, seconds } = { looks: 0, seconds: 0 }, stage = ''): number {
  const isUrgent = URGENT.includes(stage);
  const { least, most } = isUrgent && looks < URGENT_LOOKS ? URGENT_PAUSE_SECONDS : PAUSE_SECONDS;
  const pause = least + random * (most - least);
  if (isUrgent) return Math.round(looks < URGENT_LOOKS ? pause : pause * LATER_FACTOR);
  const factor = Math.max(1, seconds / PATIENT_SECONDS);
  return Math.round(pause * Math.min(factor, LONGEST_PAUSE_SECONDS / most));
}

/**
 * Whoever waits for room that the clones of others take up looks again after so long; who has waited for longer looks more
 * often than who has just come, so that mostly the turn is his.
 */
const ROOM_PAUSE_SECONDS = { least: 45, most: 75 };
const ROOM_PATIENT_SECONDS = 600;

/** Clones are gone within minutes: what has found no room by then may find none in the night. */
export const ROOM_LIMIT_SECONDS = 3600;

/** `random` is at least 0 and below 1. */
export function roomPauseSeconds(random: number, waitedSeconds: number): number {
  const { least, most } = ROOM_PAUSE_SECONDS;
  const pause = least + random * (most - least);
  return Math.round(waitedSeconds > ROOM_PATIENT_SECONDS ? pause / 3 : pause);
}

/** A fraction made of a random UUID: its first digits are random ones. */
export function fractionOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 2 ** 32;
}

/**
 * Where a stage stands once its look was throttled: nothing was seen since its last write, and is not until the pause is
 * over. What was lost by the look before, until its pause was over, is not lost once more.
 */
export function throttledProgress(
  { progress, outbox, stage }: Pick<DeploymentRecord, 'progress' | 'outbox' | 'stage'>,
  now: Date,
  random: number,
): { progress: Progress; throttled: { notBefore: string; lostSeconds: number } } {
  const { looks = 0, seconds = 0, until = outbox.writtenAt } = progress.throttled ?? {};
  const { waitingSince = outbox.writtenAt } = progress;
  const notBefore = addSeconds(now, pauseSeconds(random, { looks, seconds }, stage));
  const notCounted = [outbox.writtenAt, until].map((since) => secondsBetween(since, new Date(notBefore)));
  const lostSeconds = Math.max(0, Math.min(...notCounted));
  const noted = { looks: looks + 1, seconds: seconds + lostSeconds, until: notBefore };
  return { progress: { ...progress, waitingSince, throttled: noted }, throttled: { notBefore, lostSeconds } };
}

/** The look before was throttled, and this one can wait: it asks for nothing while there is no room for it. */
export function isThrottledAgain({ progress, stage }: Pick<DeploymentRecord, 'progress' | 'stage'>): boolean {
  return (progress.throttled?.looks ?? 0) > 0 && !URGENT.includes(stage);
}

/** The times that limits and cycles count from, as if the lost seconds had not been. */
export function withoutLost<Changed extends Pick<DeploymentRecord, 'progress' | 'cleaning'>>(
  changed: Changed,
  lostSeconds: number,
): Changed {
  const later = (at: string) => addSeconds(new Date(at), lostSeconds);
  const { progress, cleaning } = changed;
  const counted = COUNTED.flatMap((name) => {
    const at = progress[name];
    return at === undefined ? [] : [[name, later(at)] as const];
  });
  const { unreadableSince } = progress;
  const unreadable = Object.entries(unreadableSince ?? {}).map(([name, at]) => [name, later(at)]);
  return {
    ...changed,
    progress: {
      ...progress,
      ...Object.fromEntries(counted),
      ...(unreadableSince && { unreadableSince: Object.fromEntries(unreadable) }),
    },
    ...(cleaning && { cleaning: { ...cleaning, since: later(cleaning.since) } }),
  };
}

/** What the world does meanwhile (draining, becoming healthy again) goes on whether somebody looks or not. */
const COUNTED = ['waitingSince', 'cyclesSince', 'leavingSince', 'unsettledSince', 'refusedSince'] as const;
