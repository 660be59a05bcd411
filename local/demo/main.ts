/** `npm run demo`: a deployment and its rollback on this machine, with real requests all the time. */
import { constants } from 'node:os';
import { RealClock } from '../kernel/clock';
import { runProgram } from '../terminal/command-line';
import { codeDeploySummary, playCodeDeploy } from './codedeploy';
import { type Options, PROGRAM } from './options';
import { play } from './play';
import { Screen } from './screen';
import { jsonSummary, textSummary } from './summary';

async function main(options: Options): Promise<number> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // the demo runs on Node 20 too
  const clock = new RealClock(1, breakOff);
  const start_ms = clock.now().getTime();
  const screen = new Screen({
    stream: options.json ? process.stderr : process.stdout,
    environment: process.env,
    seconds: () => (clock.now().getTime() - start_ms) / 1000,
    isShort: options.short,
  });
  endOnSignals(screen);
  if (options.codedeploy) {
    const result = await playCodeDeploy(screen, clock);
    screen.heading('Summary');
    screen.text(codeDeploySummary(result));
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.isAsExpected ? 0 : 1;
  }
  const { deployment, rollback, isAsExpected } = await play(screen, clock, options);
  screen.heading('Summary');
  screen.text(textSummary(deployment, rollback));
  if (options.json) process.stdout.write(`${jsonSummary(deployment, rollback)}\n`);
  return isAsExpected ? 0 : 1;
}

/** Everything lives in this process: when it ends, all sockets are closed. */
function endOnSignals(screen: Screen): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      screen.endStatus();
      process.exit(128 + constants.signals[signal]);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(128 + constants.signals.SIGPIPE); // nobody reads on, as with `| head`
    });
  }
}

/** A defect of the demo or of the embedded AWS: nothing that it counted would be true. */
function breakOff(error: unknown): never {
  process.stderr.write(`\nthe demo itself broke: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

runProgram(PROGRAM, process.argv.slice(2), main).then((code) => {
  process.exitCode = code;
}, breakOff);
