/** One word of the command: what it takes, what it does, and how its result is shown. */
import type { Argv } from 'yargs';
import type * as z from 'zod/mini';
import type { NextCommand } from './next-command';
import type { Page } from './page';
import type { ExitCode } from './problem';
import type { Session } from './session';

export interface Verb<Given extends object = object, Result = unknown> {
  /** As yargs takes it: `status [task]`. */
  command: string;
  describe: string;
  /** What people type behind `bluegreen`, and what it does. */
  examples: readonly (readonly [typed: string, does: string])[];
  options(yargs: Argv): Argv<Given>;
  /** What may be given more than once. */
  repeatable?: readonly string[];
  /** Throws a `Problem` where it cannot be done. */
  run(given: Given, session: Session): Promise<Result>;
  /** The whole result for people, as lines. */
  render(result: Result, page: Page, command: NextCommand): string[];
  /** Of `--json`: a published interface. */
  schema: z.ZodMiniType<Result>;
  /** What `--json` prints before the result, an object in each line: published, too. */
  changes?: z.ZodMiniType;
  /** 0, where a verb does not say. */
  exitCode?(result: Result): ExitCode;
}
