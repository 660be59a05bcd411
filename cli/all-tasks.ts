/** How all tasks stand, in few calls: their records and their groups. Nobody looks at load balancers. */
import { mapSome } from '../shared/aws/calls';
import { pairOf } from '../shared/deployment/readiness';
import { isRefusal } from '../shared/deployment/refusal';
import type { Group } from '../shared/fleet/auto-scaling-groups';
import { TASK_KEY, tagValue, warSlots } from '../shared/fleet/tags';
import { historyOf } from '../shared/pipeline/history';
import { type DeploymentRecord, isStill, STILL_AFTER_SECONDS } from '../shared/pipeline/record';
import { DamagedRecord } from '../shared/pipeline/record-store';
import { knownTasks } from './known-tasks';
import type { Stack } from './stack';

/** The most urgent first. */
export const TASK_STATES = [
  'operator needed',
  'record damaged',
  'Active is at 0',
  'stands still',
  'being taken back',
  'deploying',
  'not deployable',
  'failed',
  'refused',
  'reverted',
  'aborted',
  'cleaned',
  'never deployed',
  'idle',
] as const;

export interface TaskLine {
  task: string;
  state: (typeof TASK_STATES)[number];
  /** Of the deployment that is under way. */
  stage?: string;
  /** When that stage began, or the last deployment ended: ISO. */
  since?: string;
  /** What Active runs, by name, one for each war. */
  active: string[];
  /** What is being deployed. */
  next: string[];
  code?: string;
  /** Who asked for the upload that waits. */
  waiting?: string;
  held: string[];
}

export async function allTasks(stack: Stack): Promise<TaskLine[]> {
  const { names, groups } = await knownTasks(stack);
  const now = stack.runtime.now();
  const lines = await mapSome(names, async (task) => {
    const own = groups.filter(({ tags }) => tagValue(tags, TASK_KEY) === task);
    return lineOf(stack, task, await readRecord(stack, task), own, now);
  });
  const urgency = ({ state }: TaskLine) => TASK_STATES.indexOf(state);
  return lines.toSorted((one, other) => urgency(one) - urgency(other));
}

/** One that is damaged keeps nobody from seeing the others. */
async function readRecord(stack: Stack, task: string): Promise<DeploymentRecord | 'damaged' | undefined> {
  try {
    return (await stack.records.read(task))?.record;
  } catch (error) {
    if (error instanceof DamagedRecord) return 'damaged';
    throw error;
  }
}

async function lineOf(
  stack: Stack,
  task: string,
  found: DeploymentRecord | 'damaged' | undefined,
  groups: readonly Group[],
  now: Date,
): Promise<TaskLine> {
  const pair = pairOf(task, groups, stack.warBuckets);
  const active = isRefusal(pair) ? undefined : pair.active;
  const record = found === 'damaged' ? undefined : found;
  const isUnderWay = record !== undefined && ['running', 'cleaning', 'blocked'].includes(record.status);
  const code = record?.failure?.code ?? (!isUnderWay && isRefusal(pair) ? pair.code : undefined);
  const stageBegan = record?.timeline.at(-1)?.at;
  return {
    task,
    state: found === 'damaged' ? 'record damaged' : stateOf(record, pair, now),
    ...(isUnderWay && { stage: record.stage }),
    ...(record && { since: (isUnderWay && stageBegan) || record.outbox.writtenAt }),
    active: active
      ? await activeNames(stack, active, record)
      : (record?.plan?.wars ?? []).map(({ from, fromName }) => nameOf(from, fromName)),
    next: isUnderWay ? changedNames(record) : [],
    ...(code && { code }),
    ...(record?.pending && { waiting: record.pending.requestedBy }),
    held: Object.keys(record?.heldVersions ?? {}),
  };
}

function stateOf(record: DeploymentRecord | undefined, pair: ReturnType<typeof pairOf>, now: Date): TaskLine['state'] {
  if (record?.status === 'blocked') return 'operator needed';
  const isUnderWay = record?.status === 'running' || record?.status === 'cleaning';
  if (!isUnderWay && !isRefusal(pair) && pair.active.capacity.desired === 0) return 'Active is at 0';
  if (record && isUnderWay) {
    if (isStill(record, now, STILL_AFTER_SECONDS)) return 'stands still';
    return record.status === 'cleaning' || record.failure ? 'being taken back' : 'deploying';
  }
  if (isRefusal(pair)) return 'not deployable';
  if (!record) return 'never deployed';
  const { outcome, code } = historyOf(record);
  // What somebody had asked for has not failed.
  if (outcome === 'cleaned') return code === undefined ? 'cleaned' : 'failed';
  return outcome === 'completed' || outcome === 'blocked' ? 'idle' : outcome;
}

/** The tags say which versions; what they are called, the record of a deployment that knew them, else their objects. */
async function activeNames(
  { sources }: Stack,
  { tags }: Group,
  record: DeploymentRecord | undefined,
): Promise<string[]> {
  const bucket = tagValue(tags, 'bucket') ?? '';
  const names = new Map(
    (record?.plan?.wars ?? []).flatMap(({ from, fromName, to, toName }) => [
      [from, fromName] as const,
      [to, toName] as const,
    ]),
  );
  return mapSome(warSlots(tags), async ({ key, versionId }) => {
    const asked = () => sources.wars.nameOf(bucket, key, versionId).catch(() => undefined);
    return nameOf(versionId, names.get(versionId) ?? (await asked()));
  });
}

function changedNames({ plan }: DeploymentRecord): string[] {
  return (plan?.wars ?? []).filter(({ from, to }) => from !== to).map(({ to, toName }) => nameOf(to, toName));
}

/** For a line of a table: a name alone, else the beginning of an id. */
function nameOf(versionId: string, name: string | undefined): string {
  return name?.replace(/^uploaded (\d{4}-\d\d-\d\d \d\d:\d\d):\d\d UTC/, 'of $1') ?? versionId.slice(0, 8);
}
