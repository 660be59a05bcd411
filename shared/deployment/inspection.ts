/** How what clean-up finds of a failed deployment is told to an operator. */
import type { Group } from '../fleet/auto-scaling-groups';
import { healthyWeight } from './health';
import { type Snapshot, typeOf } from './snapshot';

type Found = Snapshot<Group | undefined>;

/** Who serves now. What people changed meanwhile is not ours to mend, but to say. */
export function summaryOf({ plan, oldGroup, targetHealth }: Found): string {
  if (!oldGroup) return `Everything of the deployment is taken back. ${plan.oldGroup} does not exist: nobody serves.`;
  const ill = targetHealth.filter((health) => healthyWeight(oldGroup, health) === 0);
  if (ill.length === 0) return `${plan.oldGroup} serves as before.`;
  const names = ill.map((health) => health.name).join(', ');
  return `Everything of the deployment is taken back, but ${plan.oldGroup} has no healthy target on ${names}.`;
}

/** Where everything stands, one line each. */
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
    ...plan.attachments.flatMap(({ name: goneName, identifier }) =>
      gone.has(identifier) ? [`${goneName} does not exist any more.`] : [],
    ),
    ...targetHealth.map(({ name: balancerName, targets }) => {
      const healthy = [...targets.values()].filter(({ state }) => state === 'healthy').length;
      return `${balancerName}: ${healthy} of ${targets.size} targets are healthy.`;
    }),
  ];
}
