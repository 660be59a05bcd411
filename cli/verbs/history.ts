/** `bluegreen history TASK [DEPLOYMENT]`: what was deployed before, and what became of it. */
import * as z from 'zod/mini';
import { mapSome } from '../../shared/aws/calls';
import { meaningOf, nextStepOf } from '../../shared/codes/codes';
import { type HistoryEntry, type IndexLine, lineOf } from '../../shared/pipeline/history';
import { findDeployment } from '../deployments';
import type { NextCommand } from '../next-command';
import { assertCount } from '../number-options';
import { outcomeInShort, outcomeInWords } from '../outcome-words';
import type { Page, Style } from '../page';
import { shown, version, war, warOf } from '../shown-war';
import type { Stack } from '../stack';
import { barOf, LEGEND, totalSeconds } from '../stage-bars';
import { sections } from '../task-page';
import { duration, minute, moment } from '../times';
import type { Verb } from '../verb';

interface Given {
  task: string;
  deployment?: string | undefined;
  limit?: number | undefined;
}

const stages = z.array(z.object({ stage: z.string(), seconds: z.int(), cycles: z.optional(z.int()) }));
const failure = z.object({ code: z.string(), stage: z.string(), message: z.string() });

const line = z.object({
  deploymentId: z.string(),
  outcome: z.string(),
  code: z.optional(z.string()),
  requestedBy: z.string(),
  begunAt: z.string(),
  endedAt: z.string(),
  /** What it changed; missing where the object of the deployment is not there any more. */
  versions: z.optional(z.array(z.extend(version, { slot: z.int(), key: z.string() }))),
  /** The same in words, as the index has it: empty where the wars stayed. */
  versionsInWords: z.string(),
  /** Missing where the object of the deployment is not there any more. */
  wars: z.optional(z.array(war)),
  /** Missing where the object of the deployment is not there any more. */
  stages: z.optional(stages),
});
type Line = z.infer<typeof line>;

const list = z.object({
  task: z.string(),
  deployments: z.array(line),
  /** So many are known in all. */
  known: z.int(),
});

export const wholeDeployment = z.object({
  task: z.string(),
  deploymentId: z.string(),
  /** `under way` while it has not ended. */
  outcome: z.string(),
  code: z.optional(z.string()),
  meaning: z.optional(z.string()),
  nextStep: z.optional(z.string()),
  message: z.optional(z.string()),
  requestedBy: z.string(),
  request: z.object({
    requestId: z.string(),
    type: z.string(),
    requestedAt: z.string(),
    versions: z.optional(z.string()),
    capacity: z.optional(z.int()),
  }),
  begunAt: z.string(),
  /** Of one that is under way, when it last moved. */
  endedAt: z.string(),
  oldGroup: z.optional(z.string()),
  newGroup: z.optional(z.string()),
  wars: z.array(war),
  stages,
  summary: z.optional(z.string()),
  findings: z.array(z.string()),
  resolvedFailures: z.array(failure),
  usage: z.optional(z.object({ invocations: z.int(), calls: z.int() })),
});
export type WholeDeployment = z.infer<typeof wholeDeployment>;

const historyResult = z.union([wholeDeployment, list]);
type HistoryResult = z.infer<typeof historyResult>;

const DEFAULT_LIMIT = 10;
/** Else they have a line of their own. */
const FEWEST_COLUMNS_FOR_VERSIONS = 100;
/** So many lines the index has at most: of older ones there are the objects alone. */
const INDEXED = 50;

export const history: Verb<Given, HistoryResult> = {
  command: 'history <task> [deployment]',
  describe: 'what was deployed before, and what became of it',
  examples: [
    ['history WAS --limit 20', 'the last twenty deployments'],
    ['history WAS 20300101T0012', 'all of one: the beginning of its id is enough'],
  ],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .positional('deployment', { type: 'string', describe: 'the beginning of its id' })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: `so many of them, ${DEFAULT_LIMIT} without it`,
      })
      .check(({ limit }) => {
        assertCount('--limit', limit, 'deployments', DEFAULT_LIMIT);
        return true;
      }),
  schema: historyResult,

  async run({ task, deployment, limit = DEFAULT_LIMIT }, session) {
    const stack = await session.stack;
    if (deployment !== undefined) return wholeOf(await findDeployment(stack, task, deployment));
    const newest = await stack.history.newest(task);
    const deployments = await mapSome(newest.slice(0, limit), (one) => withStages(stack, task, one));
    const older = newest.length < INDEXED ? [] : await olderThan(stack, task, newest);
    const more = older.slice(0, Math.max(0, limit - deployments.length));
    deployments.push(...(await mapSome(more, (id) => lineOfOlder(stack, task, id))).filter((one) => one !== undefined));
    return { task, deployments, known: newest.length + older.length };
  },

  render: (result, page, command) =>
    'deployments' in result ? listLines(result, page, command) : wholeLines(result, page),
};

/** Newest first: their ids are times. */
async function olderThan(stack: Stack, task: string, newest: readonly IndexLine[]): Promise<string[]> {
  const oldest = newest.at(-1)?.deploymentId ?? '';
  const ids = await stack.history.idsBeginningWith(task, '');
  return ids
    .filter((id) => id < oldest)
    .sort()
    .reverse();
}

/** Undefined where its object cannot be read: nothing else says what it was. */
async function lineOfOlder(stack: Stack, task: string, deploymentId: string): Promise<Line | undefined> {
  const entry = await stack.history.read(task, deploymentId);
  return entry && withEntry(lineOf(entry), entry);
}

/** The index does not have them. */
async function withStages(stack: Stack, task: string, line: IndexLine): Promise<Line> {
  return withEntry(line, await stack.history.read(task, line.deploymentId));
}

function withEntry({ versions: versionsInWords, ...one }: IndexLine, entry: HistoryEntry | undefined): Line {
  if (!entry) return { ...one, versionsInWords };
  const wars = entry.wars.map(warOf);
  const changed = wars.filter(({ from, to }) => from.versionId !== to.versionId);
  const versions = changed.map(({ slot, key, to }) => ({ slot, key, ...to }));
  return { ...one, versions, versionsInWords, wars, stages: inWholeSeconds(entry.stages) };
}

export function wholeOf({ entry, isUnderWay }: { entry: HistoryEntry; isUnderWay: boolean }): WholeDeployment {
  const { schemaVersion: _version, status: _status, outcome, code, wars, ...rest } = entry;
  return {
    ...rest,
    outcome: isUnderWay ? 'under way' : outcome,
    ...(code && { code, meaning: meaningOf(code), nextStep: nextStepOf(code) }),
    wars: wars.map(warOf),
    stages: inWholeSeconds(rest.stages),
  };
}

function inWholeSeconds<One extends { seconds: number }>(stages: readonly One[]): One[] {
  return stages.map((one) => ({ ...one, seconds: Math.round(one.seconds) }));
}

const STYLES: Readonly<Record<string, Style>> = {
  completed: 'green',
  cleaned: 'green',
  failed: 'red',
  blocked: 'red',
  aborted: 'yellow',
  reverted: 'yellow',
  refused: 'yellow',
};

function listLines({ task, deployments, known }: z.infer<typeof list>, page: Page, command: NextCommand): string[] {
  if (deployments.length === 0) return page.text(`Nothing was deployed of ${task} yet.`);
  const isNarrow = page.columns < FEWEST_COLUMNS_FOR_VERSIONS;
  const rows = deployments.map((one) => [
    ...[outcomeInShort(one), minute(one.begunAt), duration((Date.parse(one.endedAt) - Date.parse(one.begunAt)) / 1000)],
    ...[one.code ?? '', byInShort(one), ...(isNarrow ? [] : [versionsOf(one)])],
  ]);
  const titles = ['OUTCOME', 'BEGUN (UTC)', 'TOOK', 'CODE', 'BY', ...(isNarrow ? [] : ['VERSIONS'])];
  const table = page.table(titles, rows, (cell) => STYLES[cell], 4);
  const [head = '', ...lines] = table;
  const longest = Math.max(...deployments.map((one) => totalSeconds(one.stages ?? [])));
  const idColumns = Math.max(...deployments.map(({ deploymentId }) => deploymentId.length)) + 4;
  const bars = deployments.map(({ deploymentId, stages: times = [] }) =>
    page.cut(`  ${deploymentId.padEnd(idColumns - 2)}${barOf(times, Math.max(page.columns - idColumns, 8), longest)}`),
  );
  return [
    head,
    ...lines.flatMap((one, index) => [
      one,
      ...(isNarrow ? page.hanging('  ', versionsOf(deployments[index])) : []),
      bars[index]?.trimEnd() ?? '',
    ]),
    '',
    ...page.text(LEGEND, 'gray'),
    ...(known > deployments.length
      ? page.advice(`${known - deployments.length} more:\n  ${command('history', task, '--limit', String(known))}`)
      : []),
  ];
}

/** The war of an upload stands in its versions. */
function byInShort({ requestedBy }: Line): string {
  return requestedBy.startsWith('the upload of ') ? 'upload' : requestedBy;
}

/** What it changed; of a redeployment, what stayed. */
function versionsOf(one: Line | undefined): string {
  if (!one) return '';
  const { versionsInWords, wars = [] } = one;
  return versionsInWords || wars.map(({ key, to }) => `${key} stays ${shown(to)}`).join(', ');
}

export function headLines(whole: WholeDeployment, page: Page): string[] {
  const { deploymentId, outcome, code, meaning, message, requestedBy, begunAt, endedAt, wars, request } = whole;
  const seconds = (Date.parse(endedAt) - Date.parse(begunAt)) / 1000;
  const isUnderWay = outcome === 'under way';
  const asked = [
    request.versions && `versions ${request.versions}`,
    request.capacity !== undefined && `capacity ${request.capacity}`,
  ];
  const groups: [string, string][] =
    whole.oldGroup && whole.newGroup ? [['groups', `${whole.oldGroup} → ${whole.newGroup}`]] : [];
  return page.fields([
    ['deployment', deploymentId],
    ['outcome', `${outcomeInWords(whole)}${isUnderWay ? '' : ` after ${duration(seconds)}`}`],
    ...(code ? [['code', `${code}: ${meaning}`] as const] : []),
    ...(message ? [['why', message] as const] : []),
    [
      'asked for',
      [
        `by ${requestedBy}${request.type === 'manual' ? '' : ` (${request.type})`} at ${moment(request.requestedAt)}`,
        ...asked,
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ['begun', moment(begunAt)],
    ...(isUnderWay ? [] : [['ended', moment(endedAt)] as const]),
    ...groups,
    ...wars.map(
      ({ key, from, to }) =>
        [key, from.versionId === to.versionId ? shown(from) : `${shown(from)} → ${shown(to)}`] as const,
    ),
  ]);
}

function wholeLines(whole: WholeDeployment, page: Page): string[] {
  const { summary, findings, resolvedFailures, usage, nextStep, outcome } = whole;
  const isWell = outcome === 'completed' || outcome === 'under way';
  return sections([
    headLines(whole, page),
    stageLines(whole, page),
    [...(summary ? page.text(summary) : []), ...findings.flatMap((finding) => page.hanging('  ', finding))],
    resolvedFailures.flatMap((one) => page.text(`Resolved: ${one.code} in ${one.stage}: ${one.message}`)),
    nextStep && !isWell ? page.hanging('Next: ', nextStep, 'bold') : [],
    usage ? page.text(`${usage.invocations} invocations, ${usage.calls} calls of AWS.`, 'gray') : [],
  ]);
}

/** A bar of its own for each stage. */
function stageLines({ stages: times }: WholeDeployment, page: Page): string[] {
  const longest = Math.max(1, ...times.map(({ seconds }) => seconds));
  const beside = 40;
  return times.map(({ stage, seconds, cycles }) => {
    const took = duration(seconds).padStart(13);
    const ofCycles = cycles === undefined ? '' : `${cycles} cycle${cycles === 1 ? '' : 's'}`;
    const bar = '█'.repeat(Math.max(1, Math.round((seconds / longest) * (page.columns - beside))));
    return page.cut(`${stage.padEnd(14)}${took}  ${ofCycles.padEnd(10)}${bar}`);
  });
}
