/** Options whose value is a number: what is none is said before anything is asked of AWS. */
import type { Argv } from 'yargs';
import { Problem } from './problem';

export function withTimeout<Given>(yargs: Argv<Given>, describe: string) {
  return yargs.option('timeout', { type: 'number', requiresArg: true, describe }).check(({ timeout }) => {
    if (timeout === undefined || timeout > 0) return true;
    throw new Problem('--timeout is not a number of seconds', 'Give it as --timeout 900, say.');
  });
}

/** Throws where it is not a whole number from 1. */
export function assertCount(option: string, value: number | undefined, ofWhat: string, example: number): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new Problem(`${option} is not a number of ${ofWhat}`, `Give it as ${option} ${example}, say.`);
}
