/** How what clean-up finds of a failed deployment is told to an operator. */
import type { Users } from '../../events/contract';
import { groupedBy, named } from '../aws/findings';
import { keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import { healthyWeight } from './health';
import { type Snapshot, typeOf } from './snapshot';
import { isServed } from './users';

type Found = Snapshot<Group | undefined>;

/** Who serves now. What people changed meanwhile is not ours to mend, but to say. */
export function summaryOf({ plan, oldGroup, targetHealth }: Found, users: Users): string {
  if (isServed(users)) return `${plan.oldGroup} serves as before.`;
  const done = 'Everything of the deployment is taken back';
  if (users.isBySchedule) return `${done}. ${plan.oldGroup} is at 0, as its schedule has it.`;
  if (!oldGroup) return `${done}. ${plan.oldGroup} does not exist: nobody serves.`;
  const ill = targetHealth.filter((health) => healthyWeight(oldGroup, health) === 0).map(({ name }) => name);
  const names = users.down.length > 0 ? users.down : ill;
  if (users.loadBalancers === 0 || names.length === 0) return `${done}. Who serves cannot be seen.`;
  return `${done}, but ${plan.oldGroup} has no healthy target on ${named(names)}.`;
}

/** Where everything stands: the groups first, then what users come in by. */
export function findingsOf({ plan, oldGroup, newGroup, targetHealth, gone }: Found): string[] {
  const sizes = [
    [plan.oldGroup, oldGroup],
    [plan.newGroup, newGroup],
  ] as const;
  return [
    ...sizes.map(([groupName, group]) => {
      if (!group) return `${groupName} does not exist.`;
      const { minimum, desired, maximum } = group.capacity;
      const suspended =
        group.suspendedProcesses.length > 0 ? `, suspended: ${group.suspendedProcesses.join(', ')}` : '';
      const type = typeOf(group) ?? '(none)';
      return `${groupName} is at ${minimum}/${desired}/${maximum}, tagged type = ${type}${suspended}.`;
    }),
    ...plan.attachments.flatMap((planned) =>
      gone.has(keyOf(planned)) ? [`${planned.name} does not exist any more.`] : [],
    ),
    ...healthLines(targetHealth),
  ];
}

/** Those that are alike in one line, and where least is healthy first. */
function healthLines(targetHealth: Found['targetHealth']): string[] {
  const counted = targetHealth.map(({ name, targets }) => ({
    name,
    healthy: [...targets.values()].filter(({ state }) => state === 'healthy').length,
    size: targets.size,
  }));
  const alike = groupedBy(counted, ({ healthy, size }) => `${healthy} of ${size} targets are healthy`);
  const healthOf = ([first]: typeof counted) => (first ? first.healthy / Math.max(first.size, 1) : 0);
  return alike
    .toSorted(([, one], [, other]) => healthOf(one) - healthOf(other))
    .map(([text, found]) => `${named(found.map(({ name }) => name))}: ${text}${found.length > 1 ? ' on each' : ''}.`);
}
