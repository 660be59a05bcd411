/** The command line of `npm run local`. */
import { type Program, parseOptions } from '../terminal/command-line';

export interface Options {
  /** 0 takes any port that is free. */
  port: number;
  /** How many seconds of the embedded AWS pass in one. */
  speed: number;
}

export const DEFAULT_PORT = 4566;
/** Beyond it the work of this machine takes so many of its seconds that functions run out of time. */
const MAXIMUM_SPEED = 100;

export const USAGE = `npm run local [-- options]

Serves an embedded AWS on this machine, on 127.0.0.1 only, with the pipeline and
an example fleet in it. Any AWS client can use it; what happens is printed.

  --port N    listen on this port (${DEFAULT_PORT}); 0 takes any that is free
  --speed N   let its clock run N times as fast (1 to ${MAXIMUM_SPEED}): with 20 a
              deployment takes less than half a minute
  --help      print this

Every mail is printed whole, and the last hundred are files in a folder that it
names. Ctrl-C ends it; nothing but these is kept. Exit code: 0 after Ctrl-C,
1 if it cannot listen, 2 if the options are not understood.
`;

/** Throws an error that says which option is not understood. */
export function readOptions(given: string[]): Options {
  const values = parseOptions(given, { port: { type: 'string' }, speed: { type: 'string' } });
  const { port = String(DEFAULT_PORT), speed = '1' } = values;
  if (!/^\d+$/.test(port) || Number(port) > 65_535) throw new Error(`--port is a number up to 65535, not "${port}"`);
  if (!/^\d+(\.\d+)?$/.test(speed) || Number(speed) < 1 || Number(speed) > MAXIMUM_SPEED) {
    throw new Error(`--speed is a number from 1 to ${MAXIMUM_SPEED}, not "${speed}"`);
  }
  return { port: Number(port), speed: Number(speed) };
}

export const PROGRAM: Program<Options> = { command: 'npm run local', usage: USAGE, readOptions };
