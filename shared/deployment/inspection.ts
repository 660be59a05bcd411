/** What clean-up finds of a failed deployment, and how it is told to an operator. */
import { mapSome } from '../aws/calls';
import type { AttachmentState } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import { isNotFound } from '../fleet/existing';
import type { LoadBalancers } from '../fleet/load-balancers';
import { TYPE_KEY, tagValue } from '../fleet/tags';
import type { TargetHealth } from '../fleet/target-health';
import { healthyWeight } from './health';
import type { Plan, PlannedAttachment } from './plan';
import { isChecked, type Snapshot } from './snapshot';

/** What users may be served through: what the plan names, and whatever else a group is attached to by now. */
type Looked = Pick<PlannedAttachment, 'kind' | 'identifier' | 'name' | 'isZonal'>;

export async function inspect(
  plan: Plan,
  { fleet, loadBalancers }: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<Snapshot & { dummies: AttachmentState[] }> {
  const groups = await fleet.groups([plan.oldGroup, plan.newGroup]);
  const [ofOldGroup, ofNewGroup] = await Promise.all(
    [plan.oldGroup, plan.newGroup].map(async (groupName) =>
      groups.has(groupName) ? fleet.attachments(groupName) : [],
    ),
  );
  const oldAttachments = (ofOldGroup ?? []).filter(({ identifier }) => !isDummy(identifier));
  const newAttachments = (ofNewGroup ?? []).filter(({ identifier }) => !isDummy(identifier));
  const unplanned = [...oldAttachments, ...newAttachments].filter(
    ({ identifier }) => !plan.attachments.some((planned) => planned.identifier === identifier),
  );
  const looked: Looked[] = [
    ...plan.attachments,
    ...unplanned.map((attachment) => ({ ...attachment, name: attachment.identifier })),
  ];
  const found = await mapSome(looked, (attachment) => healthOf(attachment, loadBalancers));
  const gone = new Set(looked.filter((_, index) => !found[index]).map(({ identifier }) => identifier));
  const unchecked = plan.attachments.filter((planned) => !isChecked(planned)).map((planned) => planned.name);
  const targetHealth = found.flatMap((health) => (health && !unchecked.includes(health.name) ? [health] : []));
  const oldGroup = groups.get(plan.oldGroup);
  const newGroup = groups.get(plan.newGroup);
  const dummies = (ofNewGroup ?? []).filter(({ identifier }) => isDummy(identifier));
  return { plan, oldGroup, newGroup, oldAttachments, newAttachments, targetHealth, gone, dummies };
}

/** Undefined where somebody has deleted it meanwhile. */
async function healthOf(
  { kind, identifier, name, isZonal = false }: Looked,
  loadBalancers: LoadBalancers,
): Promise<TargetHealth | undefined> {
  const targets = await loadBalancers.targetStates({ kind, identifier }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  });
  return targets && { name, isZonal, targets };
}

/** Who serves now. What people changed meanwhile is not ours to mend, but to say. */
export function summaryOf({ plan, oldGroup, targetHealth }: Snapshot): string {
  if (!oldGroup) return `Everything of the deployment is taken back. ${plan.oldGroup} does not exist: nobody serves.`;
  const ill = targetHealth.filter((health) => healthyWeight(oldGroup, health) === 0);
  if (ill.length === 0) return `${plan.oldGroup} serves as before.`;
  const names = ill.map((health) => health.name).join(', ');
  return `Everything of the deployment is taken back, but ${plan.oldGroup} has no healthy target on ${names}.`;
}

/** Where everything stands, one line each. */
export function findingsOf({ plan, oldGroup, newGroup, targetHealth, gone }: Snapshot): string[] {
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

export function typeOf(group: Group | undefined): string | undefined {
  return group && tagValue(group.tags, TYPE_KEY);
}

function isDummy(identifier: string): boolean {
  return /(^|\/)deploycheck-/.test(identifier);
}
