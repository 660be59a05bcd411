/** `bluegreen logs TASK [DEPLOYMENT]`: what the functions have logged of a deployment, in order of time. */
import * as z from 'zod/mini';
import { findDeployment } from '../deployments';
import { type FoundLines, type LogLine, linesOf, timesOf } from '../function-logs';
import { Looks } from '../going-on';
import type { Page } from '../page';
import { EXIT } from '../problem';
import type { Session } from '../session';
import { clockTime } from '../times';
import type { Verb } from '../verb';

interface Given {
  task: string;
  deployment?: string | undefined;
  follow?: boolean | undefined;
}

const logsResult = z.object({
  task: z.string(),
  deploymentId: z.string(),
  /** So many were printed. */
  lines: z.int(),
  /** What could not be read, and why. */
  lacking: z.array(z.string()),
  /** Ctrl-C was pressed: what is followed goes on by itself. */
  goesOn: z.optional(z.literal(true)),
});
type LogsResult = z.infer<typeof logsResult>;

/** Each call of the service is one for each function. */
const INTERVAL_SECONDS = 5;
/** What was logged can be found a little later: each look goes back so far. */
const LATE_SECONDS = 60;
/** So long after the end come the last lines. */
const AFTER_END_SECONDS = 30;

export const logs: Verb<Given, LogsResult> = {
  command: 'logs <task> [deployment]',
  describe: 'what the functions have logged of a deployment',
  examples: [
    ['logs WAS --follow', 'of the one that runs, until it has ended'],
    ['logs WAS 20300101T0012', 'of an earlier one'],
  ],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .positional('deployment', { type: 'string', describe: 'the beginning of its id; without it: the newest' })
      .option('follow', { type: 'boolean', describe: 'what comes, until it has ended' }),
  schema: logsResult,
  changes: z.record(z.string(), z.unknown()),
  exitCode: ({ goesOn }) => (goesOn ? EXIT.stillRunning : EXIT.completed),

  async run({ task, deployment, follow }, session) {
    const stack = await session.stack;
    const found = await findDeployment(stack, task, deployment);
    const { deploymentId } = found.entry;
    const times = timesOf(found.entry, found.isUnderWay);
    const printer = new Printer(session);
    const first = await linesOf(stack, found.entry, times);
    printer.print(first);
    const isFollowed = follow && found.isUnderWay;
    const hasEnded = isFollowed ? await followLines(session, task, deploymentId, printer) : true;
    for (const lacking of first.lacking) session.tell(lacking);
    return { task, deploymentId, lines: printer.printed, lacking: first.lacking, ...(!hasEnded && { goesOn: true }) };
  },

  render: ({ lines }, page) => (lines === 0 ? page.text('Nothing was logged of it, or it is not kept any more.') : []),
};

class Printer {
  printed = 0;
  newestAt: string | undefined;
  private readonly seen = new Set<string>();

  constructor(private readonly session: Session) {}

  print({ lines }: FoundLines): void {
    for (const line of lines) {
      if (this.seen.has(line.eventId + line.function)) continue;
      this.seen.add(line.eventId + line.function);
      this.printed += 1;
      if (this.newestAt === undefined || line.at > this.newestAt) this.newestAt = line.at;
      if (this.session.isJson) this.session.emit(line.whole);
      else this.session.print(lineLines(line, this.session.resultPage));
    }
  }
}

/** Whether it has ended: else Ctrl-C was pressed, and how to come back is told. */
function followLines(session: Session, task: string, deploymentId: string, printer: Printer): Promise<boolean> {
  return session.withOwnInterruption(async () => {
    const stack = await session.stack;
    const goingOn = () => ({
      what: deploymentId,
      comeBack: session.command('logs', task, deploymentId, '--follow'),
    });
    const looks = new Looks(session, INTERVAL_SECONDS, goingOn, (text) => session.tellText(text));
    let endedAt: number | undefined;
    while (!session.interrupted.aborted) {
      if (endedAt !== undefined && session.now().getTime() - endedAt > AFTER_END_SECONDS * 1000) return true;
      await looks.wait();
      const found = await looks.once(async () => {
        const from = new Date(Date.parse(printer.newestAt ?? session.now().toISOString()) - LATE_SECONDS * 1000);
        printer.print(await linesOf(stack, { task, deploymentId }, { from }));
        return findDeployment(stack, task, deploymentId, stack.records.read(task));
      });
      if (found?.isUnderWay === false) endedAt ??= session.now().getTime();
    }
    const { what, comeBack } = goingOn();
    session.tellText(`${what} goes on by itself. Come back to it:\n  ${comeBack}`);
    return false;
  });
}

function lineLines({ at, function: of, message, fields }: LogLine, page: Page): string[] {
  return page.hanging(
    `${clockTime(at)}  ${of.slice(0, 12).padEnd(13)}`,
    [message, fieldWords(fields)].filter(Boolean).join('  '),
  );
}

/** What each line says of which deployment it is about, and by whom, is not shown. */
const SAID_BY_ALL = ['deploymentId', 'task', 'requestId', 'invocationId'];

export function fieldWords(fields: Record<string, unknown>): string {
  const shown = Object.entries(fields).filter(([name, value]) => value !== undefined && !SAID_BY_ALL.includes(name));
  return shown.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ');
}
