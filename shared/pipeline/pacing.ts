/**
 * What becomes of a look that the account's request rate did not let be made: the stage looks again after a pause, and the
 * time that it lost so counts against nothing that the stage has a limit for.
 */
import { addSeconds, secondsBetween } from '../aws/time';
import type { DeploymentRecord, Progress } from './record';

/** How long the first pause is, at least and at most: those who were refused at once do not come again at once. */
const PAUSE_SECONDS = { least: 30, most: 60 };

/** Each pause after one that did not help is twice as long, until this: so many tasks share the account's rate in the end. */
const LONGEST_PAUSE_SECONDS = 480;

/** In one stage. Whoever takes up the account's rate for so long does not let go of it by himself. */
export const THROTTLED_LIMIT_SECONDS = 24 * 3600;

/** `random` is at least 0 and below 1. */
export function pauseSeconds(looksBefore: number, random: number): number {
  const { least, most } = PAUSE_SECONDS;
  const factor = Math.min(2 ** looksBefore, LONGEST_PAUSE_SECONDS / most);
  return Math.round((least + random * (most - least)) * factor);
}

/** A fraction made of a random UUID: its first digits are random ones. */
export function fractionOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 2 ** 32;
}

/** Where a stage stands once its look was throttled: nothing was seen since its last write, and is not until the pause is over. */
export function throttledProgress(
  { progress, outbox }: Pick<DeploymentRecord, 'progress' | 'outbox'>,
  now: Date,
  random: number,
): { progress: Progress; throttled: { notBefore: string; lostSeconds: number } } {
  const { looks = 0, seconds = 0 } = progress.throttled ?? {};
  const { waitingSince = outbox.writtenAt } = progress;
  const notBefore = addSeconds(now, pauseSeconds(looks, random));
  const lostSeconds = secondsBetween(outbox.writtenAt, new Date(notBefore));
  const noted = { looks: looks + 1, seconds: seconds + lostSeconds, until: notBefore };
  return { progress: { ...progress, waitingSince, throttled: noted }, throttled: { notBefore, lostSeconds } };
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
