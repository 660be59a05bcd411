/** The cycles of a step: how long StandBy has to become healthy, and which cycle a look belongs to. */
import { addSeconds } from '../aws/time';

/** Where a step stands with its cycles: what is kept from one look to the next. */
export interface CycleProgress {
  /** Since when cycles count: an ISO time. */
  cyclesSince?: string;
  /** The last cycle that was announced. */
  cycle?: number;
}

export interface Cycles {
  /** What the mails call the cycle, `1-2`: there only on the first look of a cycle. */
  announced?: string;
  /** The last cycle has ended. */
  areOver: boolean;
  /** When the last one ends: an ISO time. */
  endAt: string;
  progress: CycleProgress;
}

export interface CycleLimits {
  cycleSeconds: number;
  repetitions: number;
  /** While something is held, until when it may be: an ISO time. */
  heldUntil?: string | undefined;
  /** It is held since this look. */
  isNew?: boolean | undefined;
}

/** Cycles count from the step's first look, one every `cycleSeconds`; while something is held, none goes on. */
export function cyclesAt(
  step: 1 | 2,
  progress: CycleProgress,
  now: Date,
  { cycleSeconds, repetitions, heldUntil, isNew }: CycleLimits,
): Cycles {
  const before = heldUntil ? ((progress.cycle ?? 1) - 1) * cycleSeconds : 0;
  const since = heldUntil ? addSeconds(now, -before) : (progress.cyclesSince ?? now.toISOString());
  const elapsedSeconds = (now.getTime() - Date.parse(since)) / 1000;
  const areOver = elapsedSeconds >= cycleSeconds * repetitions;
  const cycle = Math.min(repetitions, Math.floor(elapsedSeconds / cycleSeconds) + 1);
  return {
    announced: cycle === progress.cycle && !isNew ? undefined : `${step}-${cycle}`,
    areOver,
    endAt: addSeconds(new Date(heldUntil ?? since), cycleSeconds * repetitions - before),
    progress: { cyclesSince: since, cycle },
  };
}
