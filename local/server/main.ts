/** `npm run local`: the embedded AWS as a server of this machine, with the pipeline and an example fleet in it. */
import { RealClock } from '../kernel/clock';
import { introduction } from './introduction';
import { Journal } from './journal';
import { openLocalAws } from './local-aws';
import { type Options, readOptions, USAGE } from './options';

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // it runs on Node 20 too
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }

  endOnSignals();
  try {
    const { port, speed } = options;
    const clock = new RealClock(speed, tellDefect);
    const journal = new Journal(process.stdout, process.env, () => clock.now());
    const log = (functionKey: string, line: string) => journal.onLog(functionKey, line);
    const served = await openLocalAws({ port, clock, log, onDefect: tellDefect });
    process.stdout.write(introduction(served, speed));
    journal.listenTo(served.aws);
  } catch (error) {
    process.stderr.write(`${reasonOf(error, options.port)}\n`);
    process.exitCode = 1;
  }
}

/** Everything lives in this process: when it ends, all sockets are closed, and nothing is left. */
function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0); // nobody reads on, as with `| head`
  });
}

/** It goes on: what is broken is one request, or one thing that should have happened. */
function tellDefect(error: unknown): void {
  const detail = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`the embedded AWS itself failed (a defect of it, please report it): ${detail}\n`);
}

function reasonOf(error: unknown, port: number): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} of 127.0.0.1 is in use. Give another one: npm run local -- --port 0`;
    case 'EACCES':
      return `Port ${port} may not be used by you. Give another one: npm run local -- --port 0`;
    default:
      return (error as Error).stack ?? String(error);
  }
}

void main();
