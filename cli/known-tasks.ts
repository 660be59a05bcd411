/** Which tasks there are: those that have a record, or a group that names a bucket of the stack. */
import { mapSome } from '../shared/aws/calls';
import { isDenied } from '../shared/aws/errors';
import type { Group } from '../shared/fleet/auto-scaling-groups';
import { TASK_KEY, tagValue } from '../shared/fleet/tags';
import { nearest } from './nearest';
import { Problem } from './problem';
import type { Stack } from './stack';

export interface KnownTasks {
  /** Sorted. */
  names: string[];
  groups: Group[];
}

export async function knownTasks(stack: Stack): Promise<KnownTasks> {
  const [{ tasks }, groups] = await Promise.all([stack.records.keys(), groupsOf(stack)]);
  const tagged = groups.flatMap(({ tags }) => tagValue(tags, TASK_KEY) ?? []);
  return { names: [...new Set([...tasks, ...tagged])].sort(), groups };
}

/** All groups whose wars are in a bucket of the stack: a call for each bucket. */
async function groupsOf({ warBuckets, sources }: Stack): Promise<Group[]> {
  const found = await mapSome(warBuckets, (bucket) => sources.fleet.groupsWithTagValue(bucket));
  const own = found.flat().filter((group) => warBuckets.includes(bucketOf(group)));
  return [...new Map(own.map((group) => [group.name, group])).values()];
}

/** Throws a `Problem` where neither a record nor a group knows the task. Whoever may not look goes on, as far as that goes. */
export async function assertTask(stack: Stack, task: string): Promise<void> {
  const looks = Promise.all([stack.recordAtFirst(task), stack.groupsAtFirst(task)]);
  const found = await looks.catch((error: unknown) => {
    if (!isDenied(error)) throw error;
    return undefined;
  });
  if (!found) return;
  const [{ stored, lost }, groups] = found;
  if (stored || lost || groups.some((group) => ['', ...stack.warBuckets].includes(bucketOf(group)))) return;
  const [stranger] = groups;
  if (stranger) throw taskOfOthers(stack, task, stranger);
  throw unknownTask(stack, task, (await knownTasks(stack)).names);
}

function bucketOf({ tags }: Group): string {
  return tagValue(tags, 'bucket') ?? '';
}

/** What mends the groups here would take them away from the stack that deploys them. */
function taskOfOthers({ name, warBuckets }: Stack, task: string, group: Group): Problem {
  return new Problem(
    `${task} is no task of the stack ${name}: ${group.name} names the bucket ${bucketOf(group)}`,
    `The stack has ${warBuckets.join(', ')}. Give --stack or --stage of the stack that has the other one; if none has, tag the groups anew.`,
  );
}

/** With what was probably meant, and what there is. */
function unknownTask(stack: Stack, task: string, known: readonly string[]): Problem {
  const next =
    known.length === 0
      ? 'Tag two Auto Scaling groups with it (README, "Tag the fleet").'
      : `${nearest(task, known)}There are: ${known.join(', ')}.`;
  return new Problem(`The stack ${stack.name} knows no task ${task}`, next);
}
