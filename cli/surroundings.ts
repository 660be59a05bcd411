/** What the command gets from the place where it runs: a terminal, a pipe, or a test. */
import type { Stream } from '../local/terminal/lines';

export interface Surroundings {
  output: Stream;
  errors: Stream;
  environment: Readonly<Record<string, string | undefined>>;
  /** Spread into the constructor of every AWS client. Outside tests the SDK finds region, credentials and endpoint. */
  clientDefaults: object;
  /** Who asks, as mails and history say: self-declared. */
  userName: string;
  now(): Date;
  /** Ends at once when the command is interrupted. */
  wait(seconds: number): Promise<void>;
  /** Asks a question that is answered by yes or no; undefined where nobody can be asked. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
  /** Ctrl-C: what is under way goes on by itself, and only the command ends. */
  interrupted: AbortSignal;
  uniqueId(): string;
}
