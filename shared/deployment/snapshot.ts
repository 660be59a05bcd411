/** What is there of a deployment at one moment: its groups, what they are attached to, and how their targets are. */
import { mapSome } from '../aws/calls';
import type { AttachmentState } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { TYPE_KEY, tagValue } from '../fleet/tags';
import type { TargetHealth } from '../fleet/target-health';
import type { Plan, PlannedAttachment } from './plan';
import type { Refusal } from './refusal';

export interface Groups {
  oldGroup: Group;
  newGroup: Group;
}

/** What is there of a deployment that failed. */
export interface Snapshot {
  plan: Plan;
  oldGroup: Group | undefined;
  newGroup: Group | undefined;
  /** Of each group, also what it is being detached from; without the dummies. */
  oldAttachments: AttachmentState[];
  newAttachments: AttachmentState[];
  targetHealth: TargetHealth[];
  /** The identifiers of what somebody has deleted meanwhile: nothing stands there, and nothing can be attached. */
  gone: ReadonlySet<string>;
}

/**
 * The groups that the plan names. Their tags may stand as planned, or both swapped; anything else was changed by
 * somebody, and then nobody knows which group is which: T013.
 */
export async function snapshotGroups(plan: Plan, fleet: Fleet): Promise<Groups | Refusal> {
  const groups = await fleet.groups([plan.oldGroup, plan.newGroup]);
  const oldGroup = groups.get(plan.oldGroup);
  const newGroup = groups.get(plan.newGroup);
  if (!oldGroup || !newGroup) {
    return { code: 'T013', message: `the group ${oldGroup ? plan.newGroup : plan.oldGroup} no longer exists` };
  }
  const types = [oldGroup, newGroup].map(({ tags }) => tagValue(tags, TYPE_KEY) ?? '(none)');
  if (types.join() === 'Active,StandBy' || types.join() === 'StandBy,Active') return { oldGroup, newGroup };
  const message = `${plan.oldGroup} is tagged type = ${types[0]} and ${plan.newGroup} type = ${types[1]}`;
  return { code: 'T013', message };
}

/** How everything that is registered stands on the real load balancers, where a listener refers to it. */
export function healthOnReal(plan: Plan, loadBalancers: LoadBalancers): Promise<TargetHealth[]> {
  return healthOf(plan.attachments.filter(isChecked), loadBalancers, ({ identifier }) => identifier);
}

/** How everything that is registered stands on the dummies. */
export function healthOnDummies(plan: Plan, loadBalancers: LoadBalancers): Promise<TargetHealth[]> {
  const dummies = plan.attachments.filter(({ dummyIdentifier }) => dummyIdentifier !== undefined);
  return healthOf(dummies, loadBalancers, ({ dummyIdentifier = '' }) => dummyIdentifier);
}

/** A target group that no listener refers to is never health-checked, so nothing can be said of it. */
export function isChecked({ kind, loadBalancerArn }: PlannedAttachment): boolean {
  return kind === 'classic' || loadBalancerArn !== undefined;
}

async function healthOf(
  attachments: PlannedAttachment[],
  loadBalancers: LoadBalancers,
  identifierOf: (attachment: PlannedAttachment) => string,
): Promise<TargetHealth[]> {
  return mapSome(attachments, async (attachment) => {
    const { kind, name, isZonal = false } = attachment;
    const targets = await loadBalancers.targetStates({ kind, identifier: identifierOf(attachment) });
    return { name, isZonal, targets };
  });
}
