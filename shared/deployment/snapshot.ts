/** One look at the world of an open deployment: its two groups, and how the new one stands where it is attached. */

import { mapSome } from '../aws/calls';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { TYPE_KEY, tagValue } from '../fleet/tags';
import { failed, type Outcome } from '../pipeline/outcome';
import type { Plan, PlannedAttachment } from '../pipeline/record';
import type { Standing } from './health';

export interface Groups {
  oldGroup: Group;
  newGroup: Group;
}

/**
 * The groups that the plan names. Their tags may stand as planned, or both swapped; anything else was changed by
 * somebody, and then nobody knows which group is which: T013.
 */
export async function lookAtGroups(plan: Plan, fleet: Fleet): Promise<Groups | Outcome> {
  const groups = await fleet.groups([plan.oldGroup, plan.newGroup]);
  const oldGroup = groups.get(plan.oldGroup);
  const newGroup = groups.get(plan.newGroup);
  if (!oldGroup || !newGroup) {
    return failed('T013', `the group ${oldGroup ? plan.newGroup : plan.oldGroup} no longer exists`);
  }
  const types = [oldGroup, newGroup].map(({ tags }) => tagValue(tags, TYPE_KEY) ?? '(none)');
  if (types.join() === 'Active,StandBy' || types.join() === 'StandBy,Active') return { oldGroup, newGroup };
  return failed('T013', `${plan.oldGroup} is tagged type = ${types[0]} and ${plan.newGroup} type = ${types[1]}`);
}

export function isOutcome(value: object): value is Outcome {
  return 'kind' in value;
}

/** How everything that is registered stands on the real load balancers, where a listener refers to it. */
export function standingsOnReal(plan: Plan, loadBalancers: LoadBalancers): Promise<Standing[]> {
  return standings(plan.attachments.filter(isChecked), loadBalancers, ({ identifier }) => identifier);
}

/** How everything that is registered stands on the dummies. */
export function standingsOnDummies(plan: Plan, loadBalancers: LoadBalancers): Promise<Standing[]> {
  const dummies = plan.attachments.filter(({ dummyIdentifier }) => dummyIdentifier !== undefined);
  return standings(dummies, loadBalancers, ({ dummyIdentifier = '' }) => dummyIdentifier);
}

/** A target group that no listener refers to is never health-checked, so nothing can be said of it. */
export function isChecked({ kind, loadBalancerArn }: PlannedAttachment): boolean {
  return kind === 'classic' || loadBalancerArn !== undefined;
}

async function standings(
  attachments: PlannedAttachment[],
  loadBalancers: LoadBalancers,
  identifierOf: (attachment: PlannedAttachment) => string,
): Promise<Standing[]> {
  return mapSome(attachments, async (attachment) => {
    const { kind, name, isZonal = false } = attachment;
    const targets = await loadBalancers.targetStates({ kind, identifier: identifierOf(attachment) });
    return { name, isZonal, targets };
  });
}
