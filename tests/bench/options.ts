/** The command line of `npm run bench`. */
import { type Program, parseOptions } from '../../local/terminal/command-line';
import { SECTIONS } from './sections';

export interface Options {
  json: boolean;
  /** Names of sections. */
  only: readonly string[];
}

const NAMES = Object.keys(SECTIONS);

const USAGE = `npm run bench [-- options]

Measures how long a deployment takes, what it calls, costs and writes, how
large the functions are and how quick the tools, and prints each figure with
its budget in brackets; \`!\` marks those that are missed. All of it takes some
minutes.

  --only NAMES    of these sections, separated by commas:
                  ${NAMES.slice(0, 4).join(', ')},
                  ${NAMES.slice(4).join(', ')}
  --json          print one JSON object
  --help          print this

Exit code: 0 if every budget is kept, 1 if one is missed, 2 if the options are
not understood.
`;

/** Throws an Error that says which option is not understood. */
function readOptions(args: string[]): Options {
  const { only, json } = parseOptions(args, { only: { type: 'string' }, json: { type: 'boolean', default: false } });
  const names = only === undefined ? NAMES : only.split(',');
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`there is no section "${unknown}"`);
  return { json, only: names };
}

export const PROGRAM: Program<Options> = { command: 'npm run bench', usage: USAGE, readOptions };
