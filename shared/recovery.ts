/** What clean-up does with a failed deployment: decided from what is there, not from what should be there. */
import { type AttachmentState, type Group, isLeaving } from './fleet';
import { healthyWeight, judge, type Standing } from './health';
import type { Attachment, Plan } from './record';

export interface Wreck {
  plan: Plan;
  oldGroup: Group | undefined;
  newGroup: Group | undefined;
  /** Of each group, also what it is being detached from; without the dummies. */
  oldAttachments: AttachmentState[];
  newAttachments: AttachmentState[];
  standings: Standing[];
  /** The identifiers of what the plan names and somebody has deleted: nothing can be attached there. */
  gone: ReadonlySet<string>;
}

export type Recovery =
  /** The new group leaves the load balancers, drains, and goes to 0/0/0. */
  | { kind: 'take-down' }
  /** The new version is well: the deployment goes on. */
  | { kind: 'forward' }
  /** The old group is attached again, or has been and is not healthy yet. */
  | { kind: 'go-back'; missing: Attachment[] }
  | { kind: 'operator'; reason: string };

/** How often clean-up goes forward; after that the same thing would fail for ever. */
const FORWARD_ATTEMPTS = 2;

/**
 * Roles are the plan's. `attempts` counts how often the deployment went forward before; `isGoingBack` says that clean-up
 * itself has attached the old group again and still has time to wait for it.
 */
export function decideRecovery(wreck: Wreck, attempts: number, isGoingBack: boolean): Recovery {
  const { plan, oldGroup, newGroup } = wreck;
  const missing = missingOf(wreck);
  if (!newGroup) return missing.length > 0 ? goBack(wreck) : { kind: 'take-down' };
  if (wreck.newAttachments.length === 0) {
    return oldGroup && missing.length > 0 ? goBack(wreck) : { kind: 'take-down' };
  }
  if (!oldGroup) {
    const reason = `${plan.oldGroup} no longer exists, and ${plan.newGroup} is behind the load balancers: it is left alone`;
    return { kind: 'operator', reason };
  }
  const isDetached = missing.length > 0;
  if ((isDetached || plan.isEmergency) && wouldServe(wreck, newGroup)) {
    if (attempts < FORWARD_ATTEMPTS) return { kind: 'forward' };
    return { kind: 'operator', reason: `${plan.newGroup} serves, but finishing the deployment failed again and again` };
  }
  const bereft = wreck.standings.filter((standing) => dependsOn(newGroup, oldGroup, standing));
  if (isDetached && !plan.isEmergency) return goBack(wreck);
  if (isGoingBack && !plan.isEmergency && !judge(oldGroup, wreck.standings).passes) {
    return { kind: 'go-back', missing: [] };
  }
  if (bereft.length > 0) {
    const names = bereft.map(({ name }) => name).join(', ');
    const reason = `only ${plan.newGroup} is healthy on ${names}: taking it away would leave nobody to serve`;
    return { kind: 'operator', reason };
  }
  return isDetached ? { kind: 'go-back', missing } : { kind: 'take-down' };
}

/** In an emergency the old group was at 0 before: it is attached again as it was. */
function goBack(wreck: Wreck): Recovery {
  const { plan, oldGroup } = wreck;
  const isLeft = oldGroup !== undefined && (plan.isEmergency || hasInstances(oldGroup));
  if (isLeft) return { kind: 'go-back', missing: missingOf(wreck) };
  return {
    kind: 'operator',
    reason: `${plan.newGroup} is not well, and ${plan.oldGroup} has no instances any more to go back to`,
  };
}

/** Those of a group that was taken to 0 are about to go. */
function hasInstances({ capacity, instances }: Group): boolean {
  return capacity.desired > 0 && instances.some(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'));
}

/** What the old group was attached to and is not any more. */
function missingOf({ plan, oldAttachments, gone }: Wreck): Attachment[] {
  return plan.attachments.filter((planned) => !isAttached(oldAttachments, planned) && !gone.has(planned.identifier));
}

/** It would pass step 2 at this moment. */
function wouldServe({ plan, newAttachments, oldGroup, standings }: Wreck, newGroup: Group): boolean {
  const isEverywhere = plan.attachments.every((planned) => isAttached(newAttachments, planned));
  return isEverywhere && judge(newGroup, standings, oldGroup).passes;
}

function isAttached(attachments: readonly AttachmentState[], { identifier }: Attachment): boolean {
  return attachments.some((attachment) => attachment.identifier === identifier && !isLeaving(attachment));
}

function dependsOn(newGroup: Group, oldGroup: Group, standing: Standing): boolean {
  return healthyWeight(newGroup, standing) > 0 && healthyWeight(oldGroup, standing) === 0;
}
