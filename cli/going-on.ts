/** What was begun at AWS goes on by itself, whatever becomes of the command: how it is looked at, and what is said then. */
import { errorMessage } from '../shared/aws/errors';
import { EXIT, Problem, passesByItself, problemOf } from './problem';
import type { Session } from './session';

/** Between two looks, where calls are refused for now. */
const MOST_SECONDS_BETWEEN = 32;
/** Longer than throttling lasts by itself: whoever waits for an exit code is told then. */
const UNSEEN_SECONDS = 900;

interface GoingOn {
  /** Begins a sentence: `The replay x`. */
  what: string;
  /** What to type to see it again. */
  comeBack: string;
}

/** With exit code 5, whatever it was: what was asked for is not undone by that. Only what needs an operator needs one. */
export function problemWhileGoingOn(error: unknown, session: Session, { what, comeBack }: GoingOn): Problem {
  const problem = problemOf(error, session.command);
  if (problem?.exitCode === EXIT.operatorNeeded) return problem;
  // A defect of the command: its stack is worth more than a sentence.
  if (!problem && error instanceof Error) session.tell(error.stack ?? error.message);
  const reason = (problem?.message ?? errorMessage(error)).replace(/[.!?]?$/, '.');
  return new Problem(`${reason} ${what} goes on by itself`, `Come back to it:\n  ${comeBack}`, EXIT.stillRunning);
}

/** Looks at what goes on, now and then, and bears that AWS does not answer for a while. */
export class Looks {
  private betweenSeconds: number;
  private answeredAt: Date;

  constructor(
    private readonly session: Session,
    private readonly intervalSeconds: number,
    /** Asked when it is needed: meanwhile more may be known of it. */
    private readonly goingOn: () => GoingOn,
    private readonly note: (text: string) => void,
  ) {
    this.betweenSeconds = intervalSeconds;
    this.answeredAt = session.now();
  }

  /** Undefined where AWS does not answer for now, or Ctrl-C was pressed. Throws a `Problem` with exit code 5, or 4. */
  async once<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
    const { session } = this;
    try {
      const seen = await session.untilInterrupted(look());
      this.answeredAt = session.now();
      this.betweenSeconds = this.intervalSeconds;
      return seen;
    } catch (error) {
      const unseenSeconds = (session.now().getTime() - this.answeredAt.getTime()) / 1000;
      if (!passesByItself(error) || unseenSeconds > UNSEEN_SECONDS)
        throw problemWhileGoingOn(error, session, this.goingOn());
      this.betweenSeconds = Math.min(this.betweenSeconds * 2, MOST_SECONDS_BETWEEN);
      const reason = problemOf(error)?.message ?? errorMessage(error);
      this.note(`${reason}. Nothing is lost: looks again in ${this.betweenSeconds} s.`);
      return undefined;
    }
  }

  /** Until the next look, or until `untilMilliseconds`. */
  wait(untilMilliseconds = Number.POSITIVE_INFINITY): Promise<void> {
    const leftSeconds = (untilMilliseconds - this.session.now().getTime()) / 1000;
    return this.session.wait(Math.min(this.betweenSeconds, Math.max(0, leftSeconds)));
  }
}
