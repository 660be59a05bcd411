/** The command line of `npm run simulate`. */
import { availableParallelism } from 'node:os';
import { type Program, parseOptions } from '../../local/terminal/command-line';

export interface Options {
  seeds: number;
  /** The first of them. */
  from: number;
  processes: number;
  json: boolean;
  digest: boolean;
}

const USAGE = `npm run simulate [-- options]

Plays deployments under faults in virtual time, a different one for each seed,
and tells of every one in which something did not hold. One seed alone is told
in full.

  --seeds N       play so many (1000)
  --from N        begin with this one (1)
  --processes N   at a time (as many as there are cores)
  --json          print one JSON object
  --digest        print, in place of all that, a line for each seed with a hash
                  of all that happened in it: what changes nothing of how the
                  product behaves changes none of them
  --help          print this

Exit code: 0 if everything held, 1 if something did not, 2 if the options are
not understood.
`;

/** Throws an Error that says which option is not understood. */
function readOptions(args: string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const values = parseOptions(args, { seeds: text, from: text, processes: text, json: flag, digest: flag });
  const { json, digest } = values;
  if (json && digest) throw new Error('--digest prints lines, not JSON');
  return {
    seeds: whole('seeds', values.seeds, { standard: 1000, least: 1 }),
    from: whole('from', values.from, { standard: 1, least: 0 }),
    processes: whole('processes', values.processes, { standard: availableParallelism(), least: 1 }),
    json,
    digest,
  };
}

function whole(name: string, given: string | undefined, { standard, least }: { standard: number; least: number }) {
  const value = given === undefined ? standard : Number(given);
  if (given?.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    throw new Error(`--${name} is a whole number from ${least}, not "${given}"`);
  }
  return value;
}

export const PROGRAM: Program<Options> = { command: 'npm run simulate', usage: USAGE, readOptions };
