/** What every program here does with what it is given: `--help` prints its options, and what is wrong is one line. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Program<Options> {
  /** As people start it: `npm run demo`. */
  command: string;
  usage: string;
  /** Throws an Error whose message says to a person what is not understood. */
  readOptions(args: string[]): Options;
}

export interface Streams {
  output: (text: string) => void;
  errors: (text: string) => void;
}

const HELP = ['--help', '-h'];

/** Answers the exit code: that of `main`, 0 after the options were printed, 2 where they are not understood. */
export async function runProgram<Options>(
  { command, usage, readOptions }: Program<Options>,
  args: string[],
  main: (options: Options) => number | Promise<number>,
  { output, errors }: Streams = PROCESS,
): Promise<number> {
  if (args.some((arg) => HELP.includes(arg))) {
    output(usage);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    errors(`${(error as Error).message}: see ${command} -- --help\n`);
    return 2;
  }
  return main(options);
}

const PROCESS: Streams = {
  output: (text) => void process.stdout.write(text),
  errors: (text) => void process.stderr.write(text),
};

/** The values of strict options, without words beside them. Throws an Error that says in one line what is wrong. */
export function parseOptions<const Config extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Config,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    const [problem = ''] = (error as Error).message.split(/\.?\n|\. /); // what follows is advice for programmers
    throw new Error(problem.replace('argument is ambiguous', 'argument missing')); // an option follows it
  }
}

/** Where nobody reads on, as with `| head`, there is nothing more to do. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
