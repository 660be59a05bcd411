/** `bluegreen status [TASK]`: how tasks stand now. */
import * as z from 'zod/mini';
import { secondsBetween } from '../../shared/aws/time';
import { areDown } from '../../shared/deployment/users';
import { isOpen, isStill, STILL_AFTER_SECONDS } from '../../shared/pipeline/record';
import { standingOf } from '../../shared/view/sentence';
import { allTasks, TASK_STATES, type TaskLine } from '../all-tasks';
import { type HeldWar, heldWars } from '../held-versions';
import type { NextCommand } from '../next-command';
import type { Page, Style } from '../page';
import { queuedUploadsIn } from '../queued-uploads';
import { readTask, type TaskReading } from '../reading';
import type { Session } from '../session';
import { version, war, warOf } from '../shown-war';
import { taskLines } from '../task-page';
import { duration, moment } from '../times';
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
  areUsersDown: z.optional(z.literal(true)),
  /** By what a deployment would be refused as the groups stand. */
  problem: z.optional(z.object({ code: z.string(), message: z.string() })),
  status: z.string(),
  deploymentId: z.optional(z.string()),
  requestedBy: z.optional(z.string()),
  failure: z.optional(z.object({ code: z.string(), stage: z.string(), message: z.string() })),
  wars: z.array(war),
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
  /** The wars of which rollbacks keep versions from coming back, and which those are, as far as they can be named. */
  held: z.array(z.object({ key: z.string(), slots: z.array(z.int()), versions: z.array(version) })),
  handedOver: z.optional(
    z.object({ summary: z.string(), findings: z.array(z.string()), commands: z.array(z.string()) }),
  ),
  /** What could not be seen, and why: a sentence. */
  unseen: z.optional(z.string()),
  /** When this was seen. */
  seenAt: z.string(),
  /** How long nobody has worked on it, where that is longer than any look takes. */
  stillSeconds: z.optional(z.number()),
});
export type TaskStatus = z.infer<typeof taskStatus>;

/** Of every task, from its record and its groups alone. */
const taskLine = z.object({
  task: z.string(),
  state: z.enum(TASK_STATES),
  stage: z.optional(z.string()),
  since: z.optional(z.string()),
  active: z.array(z.string()),
  next: z.array(z.string()),
  code: z.optional(z.string()),
  waiting: z.optional(z.string()),
  held: z.array(z.string()),
});

const allTasksStatus = z.object({ tasks: z.array(taskLine), seenAt: z.string() });
const statusResult = z.union([taskStatus, allTasksStatus]);
type StatusResult = z.infer<typeof statusResult>;

export const status: Verb<Given, StatusResult> = {
  command: 'status [task]',
  describe: 'who serves, what is under way, how each instance stands',
  examples: [
    ['status', 'every task in one line'],
    ['status WAS', 'all of one task'],
  ],
  options: (yargs) => yargs.positional('task', { type: 'string', describe: 'the task; without one: all' }),
  schema: statusResult,

  async run({ task }, session) {
    const stack = await session.stack;
    if (task !== undefined) {
      const [reading, queued] = await Promise.all([readTask(stack, task), queuedUploadsIn(stack)]);
      const unseen = [reading.unseen, queued].filter((text) => text !== undefined).join(' ');
      const seen = { ...reading, ...(unseen && { unseen }) };
      return statusOf(seen, await heldWars(stack, reading.record), session);
    }
    return { tasks: await allTasks(stack), seenAt: session.now().toISOString() };
  },

  render: (result, page, command) =>
    'tasks' in result ? renderTasks(result, page, command) : renderTask(result, page, command),
};

function statusOf({ view, record, wars, refusal, unseen }: TaskReading, held: HeldWar[], session: Session): TaskStatus {
  const now = session.now();
  const { command } = session;
  const { task, users, history: _history, deploymentId, requestedBy, stages, ...shown } = view;
  const isUnderWay = record !== undefined && isOpen(record) && record.status !== 'blocked';
  const isStanding = isUnderWay && isStill(record, now, STILL_AFTER_SECONDS);
  const stillSeconds = isStanding ? secondsBetween(record.outbox.writtenAt, now) : undefined;
  const isNeverDeployed = record === undefined;
  const capacity = record?.lastSuccess?.capacity.desired;
  return {
    task,
    sentence: standingOf(view, { isNeverDeployed, refusal, stillSeconds, capacity, command }),
    ...(users && areDown(users) && { areUsersDown: true as const }),
    ...(refusal && { problem: { code: refusal.code, message: refusal.message } }),
    ...shown,
    wars: wars.map(warOf),
    stages: isOpenOf(record) ? stages : [],
    ...(record && { deploymentId, requestedBy }),
    held,
    ...(unseen !== undefined && { unseen }),
    seenAt: now.toISOString(),
    ...(stillSeconds !== undefined && { stillSeconds }),
  };
}

/** Of a deployment that is over `history` tells. */
function isOpenOf(record: TaskReading['record']): boolean {
  return record !== undefined && isOpen(record);
}

const ALARMS: readonly TaskLine['state'][] = ['operator needed', 'record damaged', 'Active is at 0'];
const STATE_STYLES: Readonly<Record<string, Style>> = {
  ...Object.fromEntries(ALARMS.map((state) => [state, 'red'])),
  ...{ 'stands still': 'yellow', 'being taken back': 'yellow', deploying: 'cyan', 'not deployable': 'yellow' },
};

function renderTasks({ tasks, seenAt }: z.infer<typeof allTasksStatus>, page: Page, command: NextCommand): string[] {
  if (tasks.length === 0) return page.text('No task yet: tag two Auto Scaling groups (README, "Tag the fleet").');
  return [
    ...page.table(
      ['TASK', 'STATE', 'STAGE', 'SINCE', 'ACTIVE RUNS'],
      tasks.map((one) => [one.task, one.state, one.stage ?? '', ageOf(one, seenAt), versionsOf(one)]),
      (cell) => STATE_STYLES[cell],
    ),
    '',
    ...page.text('Health was not looked at, nor whether users are served. That is seen by:', 'gray'),
    ...page.advice(`  ${command('status', 'TASK')}`),
  ];
}

/** In its largest unit. */
function ageOf({ since }: TaskLine, seenAt: string): string {
  if (since === undefined) return '';
  return duration(secondsBetween(since, new Date(seenAt))).replace(/^(\d+ \w+) .*$/, '$1');
}

function versionsOf({ state, active, next, code, waiting, held }: TaskLine): string {
  const versions = [active.join(', '), next.join(', ')].filter(Boolean).join(' → ');
  const more = [state !== 'aborted' && code, waiting && 'upload waits', held.length > 0 && 'held']
    .filter(Boolean)
    .join(', ');
  return more ? `${versions} (${more})` : versions;
}

function renderTask(task: TaskStatus, page: Page, command: NextCommand): string[] {
  const { sentence, areUsersDown, status: state, deploymentId, requestedBy, stages, unseen, seenAt } = task;
  const isUnderWay = stages.length > 0;
  const deployment =
    deploymentId === undefined
      ? undefined
      : `${isUnderWay ? '' : 'last: '}${deploymentId}${requestedBy ? `, asked for by ${requestedBy}` : ''}`;
  return [
    ...taskLines(
      { ...task, sentence, deployment, isAlarm: areUsersDown === true || state === 'blocked' },
      page,
      command,
    ),
    ...(unseen === undefined ? [] : ['', ...page.text(unseen, 'yellow')]),
    '',
    ...page.text(`Seen at ${moment(seenAt)}.`, 'gray'),
  ];
}
