/** What was written is not at once to be read everywhere: a reader may meet a copy that does not know of it yet. */
import { createHash } from 'node:crypto';
import type { Clock } from './clock';
import type { Call, Caller } from './service';

export interface LagSettings {
  /** How long what was created may be unknown to a reader, at most; terraform-provider-aws waits up to 300 s. */
  createdSeconds: number;
  /** How long a reader may be told what tags a group had before, at most. */
  groupTagSeconds: number;
}

export const NO_LAG: LagSettings = { createdSeconds: 0, groupTagSeconds: 0 };

/** Of all readers: as many are told at once. */
const SHARE_AT_ONCE = 0.3;

export class Lag {
  constructor(
    private readonly clock: Clock,
    private readonly seed: number,
    readonly settings: LagSettings,
    /** Whoever looks at the account from outside, such as a test, is told how it is. */
    private readonly isSpared: (caller: Caller) => boolean,
  ) {}

  /** Whether this call is told of what was written at `written_ms`. Each operation begins to tell at a moment of its own. */
  isTold({ caller, operation }: Call, what: string, written_ms: number, longestSeconds: number): boolean {
    const ageSeconds = (this.clock.now().getTime() - written_ms) / 1000;
    if (ageSeconds >= longestSeconds || this.isSpared(caller)) return true;
    const drawn = Math.max(0, (this.draw(`${operation} ${what}`) - SHARE_AT_ONCE) / (1 - SHARE_AT_ONCE));
    return ageSeconds >= drawn ** 3 * longestSeconds; // mostly soon
  }

  /** In [0, 1): of a hash, so that what is drawn here changes nothing that is drawn elsewhere. */
  draw(text: string): number {
    const hash = createHash('sha256').update(`${this.seed} ${text}`).digest();
    return hash.readUInt32BE(0) / 2 ** 32;
  }
}
