/** `bluegreen replay --from … [--to …]`: publishes archived events again, which repairs what was lost on the way. */
import { DescribeReplayCommand, EventBridgeClient, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';
import { mapSome } from '../../shared/aws/calls';
import { describeReplayCommand } from '../../shared/codes/commands';
import { DamagedRecord } from '../../shared/pipeline/record-store';
import { Looks } from '../going-on';
import { outcomeInWords } from '../outcome-words';
import type { Page } from '../page';
import { EXIT, Problem } from '../problem';
import type { Session } from '../session';
import type { Stack } from '../stack';
import { clockTime, duration, moment } from '../times';
import type { Verb } from '../verb';

interface Given {
  from: string;
  to: string;
}

const place = z.object({
  deploymentId: z.string(),
  status: z.string(),
  stage: z.string(),
  seq: z.int(),
  /** When it last moved. */ at: z.string(),
});
type Place = z.infer<typeof place>;

const replayResult = z.object({
  replay: z.string(),
  /** As EventBridge says: `COMPLETED`. */
  state: z.string(),
  from: z.string(),
  to: z.string(),
  /** The tasks whose records are not as they were before; what runs moves by itself, too. */
  moved: z.array(z.object({ task: z.string(), before: z.optional(place), after: z.optional(place) })),
  /** The deployments of these tasks that ended since it was started. */
  ended: z.array(
    z.object({
      task: z.string(),
      deploymentId: z.string(),
      outcome: z.string(),
      endedAt: z.string(),
      code: z.optional(z.string()),
    }),
  ),
});
type ReplayResult = z.infer<typeof replayResult>;

const change = z.object({ at: z.string(), state: z.string(), replayedUntil: z.optional(z.string()) });

const INTERVAL_SECONDS = 5;
/** What was replayed last is handled by then. */
const HANDLED_SECONDS = 30;
/** "There may be a delay between an event being published and being in the archive": EventBridge User Guide, replay. */
const ARCHIVED_AFTER_SECONDS = 600;

export const replay: Verb<Given, ReplayResult> = {
  command: 'replay',
  describe: 'publishes archived events again: what was handled is skipped, what was lost is run',
  examples: [
    ['replay --from 2h', 'of the last two hours'],
    ['replay --from 2030-01-01T10:00 --to 2030-01-01T11:00', 'of one hour (UTC)'],
  ],
  options: (yargs) =>
    yargs
      .option('from', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'a time (UTC), or how long ago: 2h, 30m',
      })
      .option('to', { type: 'string', requiresArg: true, default: 'now', describe: 'likewise' })
      .option('yes', { type: 'boolean', describe: 'does not ask' }),
  schema: replayResult,
  changes: change,
  exitCode: ({ state }) =>
    state === 'COMPLETED' ? EXIT.completed : ENDED.includes(state) ? EXIT.failed : EXIT.stillRunning,

  async run({ from, to }, session) {
    // Times are those of the stack, by whose clock its events are.
    const stack = await session.stack;
    const [begin, end] = [timeOf('--from', from, session.now()), timeOf('--to', to, session.now())];
    if (begin >= end) throw new Problem('--from is not before --to', 'Say --from 2h, say.');
    for (const line of session.page.text(whatItDoes(stack, begin, end, session.now()))) session.tell(line);
    await session.confirm('Replay?');
    const client = stack.client(EventBridgeClient);
    const before = await placesOf(stack);
    const startedAt = session.now();
    const name = `bluegreen-${session.surroundings.uniqueId()}`;
    const start = new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: stack.output('ArchiveArn'),
      Destination: { Arn: stack.output('EventBusArn') },
      EventStartTime: begin,
      EventEndTime: end,
    });
    session.throwIfInterrupted();
    return session.withOwnInterruption(async () => {
      await client.send(start);
      const looks = new Looks(session, INTERVAL_SECONDS, () => goingOn(name), session.tellText.bind(session));
      const state = await stateAtEnd(session, client, name, looks);
      if (state === 'COMPLETED') {
        session.tellText(
          `${clockTime(session.now())}  waits ${HANDLED_SECONDS} s for what was published to be handled`,
        );
        await session.wait(HANDLED_SECONDS);
      }
      const times = { from: begin.toISOString(), to: end.toISOString() };
      return { replay: name, state, ...times, ...(await changesSeen(session, looks, stack, before, startedAt)) };
    });
  },

  render: resultLines,
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time without a zone is UTC, as all times here are. */
function timeOf(option: string, text: string, now: Date): Date {
  if (text === 'now') return now;
  const [, count, unit = ''] = /^(\d+) ?([smhd])$/.exec(text.trim()) ?? [];
  if (count !== undefined) {
    const before = new Date(now.getTime() - Number(count) * (UNITS[unit] ?? 0) * 1000);
    if (before.getTime() > 0) return before;
    throw new Problem(`${option} ${text} is longer ago than anything is kept`, 'Say 2h, say.');
  }
  const isTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?/.test(text);
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10));
  const at = new Date(hasZone || text.length === 10 ? text : `${text.replace(' ', 'T')}Z`);
  if (!isTime || Number.isNaN(at.getTime())) {
    throw new Problem(`${option} ${text} is no time`, 'Say 2h, 30m, or a time in UTC, such as 2030-01-01T10:00.');
  }
  if (at > now) throw new Problem(`${option} ${text} is yet to come`, 'Say a time that is over, or now.');
  return at;
}

function whatItDoes(stack: Stack, from: Date, to: Date, now: Date): string {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const isFresh = now.getTime() - to.getTime() < ARCHIVED_AFTER_SECONDS * 1000;
  return [
    `The events of ${stack.output('EventBusName')} from ${moment(from)} to ${moment(to)} (${duration(seconds)}) are`,
    'published again: what was handled is skipped, what was lost on the way is run, for all tasks.',
    ...(isFresh ? ['What happened in the last 10 minutes may not be in the archive yet.'] : []),
  ].join(' ');
}

const ENDED: readonly string[] = ['COMPLETED', 'CANCELLED', 'FAILED'];

function goingOn(name: string) {
  return { what: `The replay ${name}`, comeBack: describeReplayCommand(name) };
}

/** That of the last look, where somebody interrupts: it goes on by itself. */
async function stateAtEnd(session: Session, client: EventBridgeClient, name: string, looks: Looks): Promise<string> {
  let told = '';
  let state = 'STARTING';
  while (!session.interrupted.aborted) {
    const answer = await looks.once(() => client.send(new DescribeReplayCommand({ ReplayName: name })));
    if (answer) {
      state = answer.State ?? state;
      const replayedUntil = answer.EventLastReplayedTime?.toISOString();
      const why = answer.StateReason ? `: ${answer.StateReason}` : '';
      const line = `${state.toLowerCase()}${replayedUntil ? `, up to ${moment(replayedUntil)}` : ''}${why}`;
      if (line !== told) {
        const at = session.now().toISOString();
        if (session.isJson) session.emit({ at, state, ...(replayedUntil && { replayedUntil }) });
        else for (const one of session.page.hanging(`${clockTime(at)}  `, line)) session.tell(one);
      }
      told = line;
      if (ENDED.includes(state)) return state;
    }
    await looks.wait();
  }
  return state;
}

type Places = ReadonlyMap<string, Place>;

async function placesOf(stack: Stack): Promise<Places> {
  const found = await mapSome(
    (await stack.records.keys()).tasks,
    async (task): Promise<[string, Place] | undefined> => {
      const stored = await stack.records.read(task).catch((error: unknown) => {
        if (!(error instanceof DamagedRecord)) throw error;
        return undefined;
      });
      if (!stored) return undefined;
      const { deploymentId, status, stage, seq, outbox } = stored.record;
      return [task, { deploymentId, status, stage, seq, at: outbox.writtenAt }];
    },
  );
  return new Map(found.filter((one) => one !== undefined));
}

/** Nothing is known of them where somebody interrupts. */
async function changesSeen(session: Session, looks: Looks, ...of: Parameters<typeof changesSince>) {
  while (!session.interrupted.aborted) {
    const changes = await looks.once(() => changesSince(...of));
    if (changes) return changes;
    await looks.wait();
  }
  return { moved: [], ended: [] };
}

async function changesSince(stack: Stack, before: Places, since: Date): Promise<Pick<ReplayResult, 'moved' | 'ended'>> {
  const after = await placesOf(stack);
  const tasks = [...new Set([...before.keys(), ...after.keys()])].sort();
  const moved = tasks.flatMap((task) => {
    const [one, other] = [before.get(task), after.get(task)];
    const isSame =
      one?.deploymentId === other?.deploymentId && one?.seq === other?.seq && one?.status === other?.status;
    return isSame ? [] : [{ task, ...(one && { before: one }), ...(other && { after: other }) }];
  });
  moved.sort((one, other) => byTime(one.after?.at, other.after?.at));
  const ended = await mapSome(moved, async ({ task }) => {
    const lines = (await stack.history.newest(task)).filter(({ endedAt }) => new Date(endedAt) >= since);
    return lines.map(({ deploymentId, outcome, code, endedAt }) => ({
      ...{ task, deploymentId, outcome, endedAt },
      ...(code && { code }),
    }));
  });
  return { moved, ended: ended.flat().sort((one, other) => byTime(one.endedAt, other.endedAt)) };
}

/** The earliest first. */
function byTime(one = '', other = ''): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function resultLines({ replay: name, state, from, to, moved, ended }: ReplayResult, page: Page): string[] {
  if (!ENDED.includes(state)) {
    const said = `The replay ${name} goes on by itself (${state.toLowerCase()}). To see it:`;
    return page.advice(`${said}\n  ${describeReplayCommand(name)}`);
  }
  if (state !== 'COMPLETED') return page.text(`The replay ${name} ended: ${state.toLowerCase()}.`, 'red');
  if (moved.length === 0)
    return page.text(
      `The replay completed, and changed nothing: nothing was lost between ${moment(from)} and ${moment(to)}.`,
      'green',
    );
  return [
    ...page.text('The replay completed. Since it began these tasks moved, by it or by themselves:', 'bold'),
    ...moved.flatMap(({ task, before, after }) =>
      page.hanging(`  ${task}: `, `${placeWords(before)} → ${placeWords(after)}`),
    ),
    ...ended.flatMap(({ task, deploymentId, outcome, code }) =>
      page.hanging(`  ${task}: `, `${deploymentId} ${outcomeInWords({ outcome, code })}${code ? ` (${code})` : ''}`),
    ),
  ];
}

function placeWords(one: Place | undefined): string {
  if (!one) return 'no record';
  const { deploymentId, status, stage } = one;
  return status === 'running' || status === 'cleaning' ? `${deploymentId} in ${stage}` : `${deploymentId} ${status}`;
}
