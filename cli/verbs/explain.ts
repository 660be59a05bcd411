/** `bluegreen explain TASK [DEPLOYMENT]`: what each stage saw, and why it decided so. */
import * as z from 'zod/mini';
import { addSeconds } from '../../shared/aws/time';
import { CODES, knownCode } from '../../shared/codes/codes';
import { type FoundDeployment, findDeployment } from '../deployments';
import { type FoundLines, type LogLine, linesOf, timesOf } from '../function-logs';
import { outcomeInWords } from '../outcome-words';
import type { Page } from '../page';
import { sections } from '../task-page';
import { clockTime, duration, inWords } from '../times';
import type { Verb } from '../verb';
import { headLines, wholeDeployment, wholeOf } from './history';
import { fieldWords } from './logs';

interface Given {
  task: string;
  deployment?: string | undefined;
}

const saw = z.object({ at: z.string(), function: z.string(), text: z.string(), times: z.int() });
type Saw = z.infer<typeof saw>;

const explained = z.object({
  deployment: wholeDeployment,
  stages: z.array(
    z.object({
      stage: z.string(),
      beganAt: z.string(),
      seconds: z.int(),
      cycles: z.optional(z.int()),
      /** From the logs: what it found at each look, alike ones that follow each other once. */
      saw: z.array(saw),
      /** What became of it. */
      decided: z.string(),
    }),
  ),
  code: z.optional(z.object({ code: z.string(), meaning: z.string(), when: z.string(), nextStep: z.string() })),
  /** What is missing here, and why. */
  lacking: z.array(z.string()),
});
type Explained = z.infer<typeof explained>;
type Stage = Explained['stages'][number];

export const explain: Verb<Given, Explained> = {
  command: 'explain <task> [deployment]',
  describe: 'what each stage saw, and why it decided so',
  examples: [
    ['explain WAS', 'the newest deployment'],
    ['explain WAS 20300101T0012', 'an earlier one: the beginning of its id is enough'],
  ],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .positional('deployment', { type: 'string', describe: 'the beginning of its id; without it: the newest' }),
  schema: explained,

  async run({ task, deployment }, session) {
    const stack = await session.stack;
    const found = await findDeployment(stack, task, deployment);
    const { entry, isUnderWay } = found;
    const logged = await linesOf(stack, entry, timesOf(entry, isUnderWay), true);
    const { code } = entry;
    return {
      deployment: wholeOf(found),
      stages: stagesOf(found, logged.lines),
      ...(code && { code: { code, ...meaningsOf(code) } }),
      lacking: lackingOf(logged),
    };
  },

  render: ({ deployment, stages, code, lacking }, page) =>
    sections([
      headLines(deployment, page),
      ...stages.map((stage) => stageLines(stage, page)),
      endLines(deployment, page),
      code ? codeLines(code, page) : [],
      lacking.flatMap((one) => page.text(`Not known: ${one}`, 'yellow')),
    ]),
};

function meaningsOf(code: string): { meaning: string; when: string; nextStep: string } {
  const { meaning = '', when = '', nextStep = '' } = CODES[knownCode(code)] ?? {};
  return { meaning, when, nextStep };
}

/** Where nothing may be read, one sentence is enough. */
function lackingOf({ lines, lacking }: FoundLines): string[] {
  const [first] = lacking;
  if (first !== undefined && lines.length === 0) {
    return [
      `what the stages saw at each look, for the functions’ logs may not be read (logs:FilterLogEvents): ${first}`,
    ];
  }
  return lines.length === 0
    ? ['what the stages saw at each look: nothing was logged, or it is not kept any more']
    : lacking;
}

/** In the order in which they ran. */
function stagesOf({ entry, isUnderWay, record }: FoundDeployment, lines: readonly LogLine[]): Stage[] {
  const begun = beginningsOf(entry);
  return entry.stages.map((one, index) => {
    const beganAt = begun[index] ?? entry.begunAt;
    const next = entry.stages[index + 1];
    const isLast = next === undefined;
    const own = lines.filter((line) => placeOf(line, entry.stages, begun) === index);
    const waiting = isLast && isUnderWay ? waitedFor(record?.outbox.events ?? []) : undefined;
    return {
      ...one,
      seconds: Math.round(one.seconds),
      beganAt,
      saw: folded(own, entry.message),
      decided: decisionOf(entry, one.stage, next?.stage, isUnderWay, waiting),
    };
  });
}

/** A stage's own lines are of its last beginning until then; what others logged, of the stage that was then at work. */
function placeOf(
  { at, function: of }: LogLine,
  stages: readonly { stage: string }[],
  begun: readonly string[],
): number {
  const own = stages.findLastIndex(({ stage }, index) => stage === of && (begun[index] ?? '') <= at);
  return own >= 0
    ? own
    : Math.max(
        0,
        begun.findLastIndex((began) => began <= at),
      );
}

/** One begins when the one before ends. */
function beginningsOf({ begunAt, stages }: FoundDeployment['entry']): string[] {
  let at = begunAt;
  return stages.map(({ seconds }) => {
    const began = at;
    at = addSeconds(new Date(began), seconds);
    return began;
  });
}

function waitedFor(events: readonly { detail: Record<string, unknown> }[]): string | undefined {
  const found = events.find(({ detail }) => typeof detail.waitingFor === 'string');
  return found && String(found.detail.waitingFor);
}

function decisionOf(
  { outcome, code, message }: FoundDeployment['entry'],
  stage: string,
  next: string | undefined,
  isUnderWay: boolean,
  waiting: string | undefined,
): string {
  const why = [code, message].filter(Boolean).join(': ');
  if (next === 'clean-up' && stage !== 'clean-up')
    return why ? `it failed or was stopped: ${why}` : 'clean-up took over';
  if (next !== undefined) return `handed on to ${next}`;
  if (isUnderWay) return waiting ? `waits for ${waiting}` : 'is at work';
  if (outcome === 'cleaned' && code === undefined) return 'ended the clean-up, as asked for';
  const ended = outcomeInWords({ outcome, code });
  return stage === 'clean-up' || outcome === 'completed' ? `ended the deployment, which ${ended}` : `${ended}: ${why}`;
}

function folded(lines: readonly LogLine[], endedBecause: string | undefined): Saw[] {
  const all: Saw[] = [];
  for (const line of lines) {
    const text = textOf(line, endedBecause);
    const last = all.at(-1);
    if (last && last.text === text && last.function === line.function) last.times += 1;
    else all.push({ at: line.at, function: line.function, text, times: 1 });
  }
  return all;
}

const TEXTS: Readonly<Record<string, (fields: Record<string, unknown>) => string>> = {
  opened: () => 'opened the deployment',
  planned: ({ oldGroup, newGroup }) => `planned it, from ${oldGroup} to ${newGroup}`,
  again: ({ waitingFor }) => `not yet: waits for ${waitingFor}`,
  parked: ({ waitingFor }) => `waits for ${waitingFor}`,
  passed: ({ event }) => `passed, and told ${event}`,
  completed: () => 'found all done: the new version serves alone',
  failed: ({ code, reason }) => `failed with ${code}: ${reason}`,
  refused: ({ code, reason }) => `refused it with ${code}: ${reason}`,
  ended: ({ code, reason }) => `ended it with ${code}: ${reason}`,
  skipped: ({ reason }) => `nothing to do: ${reason}`,
  blocked: ({ reason }) => `stopped, and leaves it to an operator: ${reason}`,
  cleaned: ({ findings }) => `took back: ${Array.isArray(findings) ? findings.join(' ') : ''}`,
  'taken-over': ({ code }) => `took over${code ? `, because of ${code}` : ''}`,
  moved: ({ next }) => `moved it to ${next}`,
  yielded: ({ reason }) => `went away, for another was at work: ${reason}`,
  mailed: ({ subject }) => `mailed: ${subject}`,
  'dropped: already handled': () => 'met an event that was handled already, and let it be',
  'dropped: is being handled': () => 'met an event that another was handling, and let it be',
  'dropped: repeated': () => 'met an event that came twice, and let it be',
};

function textOf({ message, fields }: LogLine, endedBecause: string | undefined): string {
  if (message === 'ended' && fields.code === undefined) return endedOnRequest(endedBecause);
  const known = Object.hasOwn(TEXTS, message) ? TEXTS[message]?.(fields) : undefined;
  return known ?? [message, fieldWords(fields)].filter(Boolean).join(' ');
}

/** What an operator ends has its reason in the record alone. */
function endedOnRequest(reason = ''): string {
  const [, who] = /^(?:aborted|clean-up requested) by (.*)$/s.exec(reason) ?? [];
  if (who !== undefined) return `ended it on request of ${who}`;
  return reason ? `ended it: ${reason}` : 'ended it on request';
}

function stageLines({ stage, beganAt, seconds, cycles, saw: seen, decided }: Stage, page: Page): string[] {
  const ofCycles = cycles === undefined ? '' : `, ${cycles} cycle${cycles === 1 ? '' : 's'} of checking`;
  return [
    ...page.text(`${stage}: ${clockTime(beganAt)}, ${duration(seconds)}${ofCycles}`, 'bold'),
    ...seen.flatMap(({ at, function: of, text, times }) => {
      const who = of === stage ? '' : `${of}: `;
      return page.hanging(`  ${clockTime(at)}  `, `${who}${inWords(text)}${times > 1 ? ` (${times} times)` : ''}`);
    }),
    ...page.hanging('  → ', inWords(decided), 'cyan'),
  ];
}

function endLines({ summary, findings, resolvedFailures }: Explained['deployment'], page: Page): string[] {
  return [
    ...resolvedFailures.flatMap((one) => page.text(`Resolved: ${one.code} in ${one.stage}: ${one.message}`)),
    ...(summary ? page.text(summary) : []),
    ...findings.flatMap((finding) => page.hanging('  ', finding)),
  ];
}

function codeLines({ code, meaning, when, nextStep }: NonNullable<Explained['code']>, page: Page): string[] {
  return page.fields([
    [code, meaning],
    ['when', when],
    ['next', nextStep],
  ]);
}
