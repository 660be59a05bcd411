/** `bluegreen status [TASK]`: how tasks stand now. */
import * as z from 'zod/mini';
import { mapSome } from '../../shared/aws/calls';
import { standingOf } from '../../shared/view/sentence';
import type { DeploymentView, GroupView, StageView } from '../../shared/view/view';
import type { Page } from '../page';
import { readTask, type TaskReading, tasksOf } from '../reading';
import type { Verb } from '../verb';

interface Given {
  task?: string | undefined;
}

const group = z.object({
  name: z.string(),
  role: z.enum(['old', 'new']),
  exists: z.boolean(),
  type: z.optional(z.string()),
  sizes: z.optional(z.string()),
  inService: z.int(),
  suspendedProcesses: z.array(z.string()),
});

const cell = z.nullable(z.object({ state: z.string(), reason: z.optional(z.string()) }));

const taskStatus = z.object({
  task: z.string(),
  /** Who serves, what is under way, and whether anybody has to do something. */
  sentence: z.string(),
  /** By what a deployment would be refused as the groups stand. */
  problem: z.optional(z.object({ code: z.string(), message: z.string() })),
  status: z.string(),
  deploymentId: z.optional(z.string()),
  requestedBy: z.optional(z.string()),
  failure: z.optional(z.object({ code: z.string(), stage: z.string(), message: z.string() })),
  wars: z.array(z.object({ key: z.string(), from: z.string(), to: z.string() })),
  stages: z.array(
    z.object({
      stage: z.string(),
      state: z.enum(['done', 'running', 'waiting', 'failed', 'to come']),
      beganAt: z.optional(z.string()),
      seconds: z.optional(z.number()),
      limitSeconds: z.optional(z.number()),
      waitingFor: z.optional(z.string()),
    }),
  ),
  groups: z.array(group),
  matrix: z.object({
    columns: z.array(z.object({ name: z.string(), kind: z.enum(['real', 'clone']) })),
    rows: z.array(
      z.object({
        instanceId: z.string(),
        group: z.string(),
        zone: z.string(),
        lifecycleState: z.optional(z.string()),
        cells: z.array(cell),
      }),
    ),
  }),
  /** Who asked for the upload that waits. */
  waiting: z.optional(z.string()),
  /** The wars whose newest versions a rollback keeps from coming back. */
  held: z.array(z.string()),
});
export type TaskStatus = z.infer<typeof taskStatus>;

const statuses = z.object({ tasks: z.array(taskStatus) });

export const status: Verb<Given, z.infer<typeof statuses>> = {
  command: 'status [task]',
  describe: 'who serves, what is under way, how each instance stands',
  examples: [
    ['status', 'every task in one line'],
    ['status WAS', 'all of one task'],
  ],
  options: (yargs) => yargs.positional('task', { type: 'string', describe: 'the task; without one: all' }),
  schema: statuses,

  async run({ task }, session) {
    const stack = await session.stack;
    const names = task === undefined ? await tasksOf(stack) : [task];
    return { tasks: await mapSome(names, async (name) => statusOf(await readTask(stack, name))) };
  },

  render({ tasks }, page) {
    const [only, ...others] = tasks;
    if (!only) return page.text('No task yet: tag two Auto Scaling groups (README, "Tag the fleet").');
    return others.length === 0 ? renderTask(only, page) : renderTasks(tasks, page);
  },
};

export function statusOf({ view, record, refusal }: TaskReading): TaskStatus {
  const { task, users: _users, history: _history, deploymentId, requestedBy, stages, ...shown } = view;
  return {
    task,
    sentence: standingOf(view),
    ...(refusal && { problem: { code: refusal.code, message: refusal.message } }),
    ...shown,
    stages: record ? stages : [],
    ...(record && { deploymentId, requestedBy }),
    held: Object.keys(record?.heldVersions ?? {}),
  };
}

function renderTasks(tasks: readonly TaskStatus[], page: Page): string[] {
  return page.table(
    ['TASK', 'STATUS', 'STAGE', ''],
    tasks.map(({ task, status: state, stages, sentence, deploymentId }) => [
      task,
      deploymentId === undefined ? 'never deployed' : state,
      stages.find((one) => one.state === 'running' || one.state === 'waiting')?.stage ?? '',
      sentence,
    ]),
  );
}

export function renderTask(task: TaskStatus, page: Page): string[] {
  const { sentence, problem, deploymentId, requestedBy, wars, stages, groups, held, matrix } = task;
  return [
    ...page.text(sentence, 'bold'),
    ...(problem ? page.text(`A deployment would be refused with ${problem.code}: ${problem.message}.`, 'yellow') : []),
    '',
    ...page.fields([
      ...(deploymentId === undefined ? [] : [['deployment', `${deploymentId}, asked for by ${requestedBy}`] as const]),
      ...wars.map(({ key, from, to }) => [key, from === to ? from : `${from} → ${to}`] as const),
      ...groups.map((one) => [one.name, groupWords(one)] as const),
      ...(held.length > 0
        ? [['held', `the newest version of ${held.join(', ')}, which was rolled back`] as const]
        : []),
    ]),
    ...(stages.length > 0 ? ['', ...stages.map((stage) => page.cut(stageLine(stage, page)))] : []),
    ...(matrix.rows.length > 0 ? ['', ...matrixLines(task, page)] : []),
  ];
}

function groupWords({ exists, type, sizes, inService, suspendedProcesses }: GroupView): string {
  if (!exists) return 'is gone';
  const suspended = suspendedProcesses.length > 0 ? `; suspended: ${suspendedProcesses.join(', ')}` : '';
  return `${type ?? 'without a type'}, ${sizes}, ${inService} in service${suspended}`;
}

const MARKS: Record<StageView['state'], string> = {
  done: '✔',
  running: '●',
  waiting: '●',
  failed: '✖',
  'to come': '·',
};

function stageLine({ stage, state, seconds, waitingFor }: TaskStatus['stages'][number], page: Page): string {
  const took = seconds === undefined ? '' : `${Math.round(seconds)} s`;
  const style = state === 'failed' ? 'red' : state === 'done' ? 'green' : 'cyan';
  return `${page.paint(style, MARKS[state])} ${stage.padEnd(12)}${took.padStart(7)}  ${waitingFor ?? ''}`.trimEnd();
}

function matrixLines({ matrix: { columns, rows } }: Pick<DeploymentView, 'matrix'>, page: Page): string[] {
  const head = [
    'INSTANCE',
    'GROUP',
    'STATE',
    ...columns.map(({ name, kind }) => (kind === 'clone' ? `clone of ${name}` : name)),
  ];
  return page.table(
    head,
    rows.map(({ instanceId, group: of, lifecycleState = '-', cells }) => [
      instanceId,
      of || '-',
      lifecycleState,
      ...cells.map((one) => one?.state ?? '-'),
    ]),
  );
}
