/** `npm run local`: the embedded AWS as a server of this machine, with the pipeline and an example fleet in it. */
import { RealClock } from '../kernel/clock';
import { endWithReader, runProgram } from '../terminal/command-line';
import { introduction } from './introduction';
import { Journal } from './journal';
import { openLocalAws } from './local-aws';
import { MailFolder } from './mail-folder';
import { type Options, PROGRAM } from './options';
import { WarFolder } from './war-folder';

async function main({ port, speed }: Options): Promise<number> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // it runs on Node 20 too
  endOnSignals();
  endWithReader();
  try {
    const clock = new RealClock(speed, tellDefect);
    const journal = new Journal(process.stdout, process.env, () => clock.now());
    let isIntroduced = false;
    const log = (functionKey: string, line: string) => {
      if (isIntroduced) journal.onLog(functionKey, line); // before, it is about the wars of the example fleet
    };
    const served = await openLocalAws({ port, clock, log, onDefect: tellDefect });
    const folder = MailFolder.make((line) => process.stderr.write(`${line}\n`));
    const wars = WarFolder.make();
    process.on('exit', () => {
      folder.removeIfEmpty();
      wars.remove();
    });
    process.stdout.write(introduction(served, speed, { mails: folder.path, wars: wars.path }, process.stdout.columns));
    journal.listenTo(served.aws);
    folder.listenTo(served.aws);
    isIntroduced = true;
    return 0;
  } catch (error) {
    process.stderr.write(`${reasonOf(error, port)}\n`);
    return 1;
  }
}

/** Everything lives in this process: when it ends, all sockets are closed, and nothing is left. */
function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
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

process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
