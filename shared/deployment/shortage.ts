/** Why a group does not have the instances that it is to have. Read only where a mail tells of it. */
import { groupedBy, named } from '../aws/findings';
import type { FailedActivity, Fleet, Group } from '../fleet/auto-scaling-groups';
import { isShort } from './health';

/** What explains most first: why no instance came, and what holds those that did. `since` is when the deployment began. */
export async function causesOfShortage(group: Group, fleet: Fleet, since: Date): Promise<string[]> {
  if (!isShort(group)) return [];
  const activities = await fleet.failedActivities(group.name, since);
  const isHeld = group.instances.some(({ lifecycleState }) => lifecycleState === 'Pending:Wait');
  const hooks = isHeld ? await fleet.launchHooks(group.name) : [];
  return [...causesOf(activities, group.instances.length), ...causesOfHolding(hooks.map(({ name }) => name))];
}

/** For the mail of a cycle, as `1-2`: why instances do not come tells more than that they have not. */
export async function causesInCycle(
  cycle: string | undefined,
  group: Group,
  fleet: Fleet,
  since: Date,
): Promise<string[]> {
  // By the beginning of the first nothing has had the time to come.
  return cycle === undefined || cycle.endsWith('-1') ? [] : causesOfShortage(group, fleet, since);
}

/** What is alike is one cause, however often it was tried. */
export function causesOf(activities: readonly FailedActivity[], instances: number): string[] {
  const what = instances === 0 ? 'no instance came' : 'some instances did not come';
  return groupedBy(activities, ({ action, isCancelled, reason }) =>
    JSON.stringify([action, isCancelled, reason]),
  ).flatMap(([, alike]) =>
    alike.slice(0, 1).map(({ action, isCancelled, reason }) => {
      const outcome = isCancelled ? 'was cancelled' : 'failed';
      const times = alike.length > 1 ? ` ${alike.length} times` : '';
      return `${what}: ${action} ${outcome}${times}: ${reason || 'no reason is given'}`;
    }),
  );
}

/** Of several, the state of an instance does not tell which one it waits for. */
function causesOfHolding(hooks: readonly string[]): string[] {
  if (hooks.length === 0) return [];
  return [
    `what is Pending:Wait is held by ${hooks.length > 1 ? 'one of the lifecycle hooks' : 'the lifecycle hook'} ${named(hooks)}`,
  ];
}
