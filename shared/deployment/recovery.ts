/** What clean-up does with a failed deployment: decided from what is there, not from what should be there. */
import { type AttachmentState, type Group, isLeaving } from '../fleet/auto-scaling-groups';
import type { Attachment, Plan } from '../pipeline/record';
import { healthyWeight, judge, remainingOf, type Standing } from './health';

export interface Wreck {
  plan: Plan;
  oldGroup: Group | undefined;
  newGroup: Group | undefined;
  /** Of each group, also what it is being detached from; without the dummies. */
  oldAttachments: AttachmentState[];
  newAttachments: AttachmentState[];
  standings: Standing[];
  /** The identifiers of what somebody has deleted meanwhile: nothing stands there, and nothing can be attached. */
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

/** What clean-up knows of the deployment beside the world. */
export interface Course {
  /** How often it went forward before. */
  attempts: number;
  /** It came as far as swap: what the old group is detached from, it may have been detached from by us. */
  hasDetached: boolean;
  /** The old group was attached again, and still has time to become healthy there. */
  isGoingBack: boolean;
}

/** Roles are the plan's. */
export function decideRecovery(wreck: Wreck, { attempts, hasDetached, isGoingBack }: Course): Recovery {
  const { plan, oldGroup, newGroup } = wreck;
  const missing = missingOf(wreck);
  const isDetached = missing.length > 0;
  const isReturning =
    isGoingBack && !plan.isEmergency && oldGroup !== undefined && !judge(oldGroup, wreck.standings).passes;
  if (!newGroup) return isDetached ? goBack(wreck) : { kind: 'take-down' };
  if (wreck.newAttachments.length === 0) {
    if (!oldGroup || !hasDetached) return { kind: 'take-down' };
    if (isDetached) return goBack(wreck);
    return isReturning ? { kind: 'go-back', missing: [] } : { kind: 'take-down' };
  }
  if (!oldGroup) {
    const reason = `${plan.oldGroup} no longer exists, and ${plan.newGroup} is behind the load balancers: it is left alone`;
    return { kind: 'operator', reason };
  }
  if ((isDetached || plan.isEmergency) && wouldServe(wreck, newGroup)) {
    if (attempts < FORWARD_ATTEMPTS) return { kind: 'forward' };
    return { kind: 'operator', reason: `${plan.newGroup} serves, but finishing the deployment failed again and again` };
  }
  if (isDetached && !plan.isEmergency) return goBack(wreck);
  if (isReturning) return { kind: 'go-back', missing: [] };
  const bereft = wreck.standings.filter((standing) => dependsOn(newGroup, oldGroup, standing));
  if (bereft.length > 0) {
    const names = bereft.map(({ name }) => name).join(', ');
    const reason = `only ${plan.newGroup} is healthy on ${names}: taking it away would leave nobody to serve`;
    return { kind: 'operator', reason };
  }
  return isDetached ? goBack(wreck) : { kind: 'take-down' };
}

/** In an emergency the old group was at 0 before: it is attached again as it was. */
function goBack(wreck: Wreck): Recovery {
  const { plan, oldGroup } = wreck;
  const isLeft = oldGroup !== undefined && (plan.isEmergency || hasInstances(oldGroup));
  if (isLeft) return { kind: 'go-back', missing: missingOf(wreck) };
  return {
    kind: 'operator',
    reason: `${plan.newGroup} cannot serve alone, and ${plan.oldGroup} has no instances any more to go back to`,
  };
}

/** Those of a group that was taken to 0 are about to go. */
function hasInstances(group: Group): boolean {
  return group.capacity.desired > 0 && remainingOf(group).length > 0;
}

/** What the old group was attached to and is not any more. */
function missingOf({ plan, oldAttachments, gone }: Wreck): Attachment[] {
  return plan.attachments.filter((planned) => !isAttached(oldAttachments, planned) && !gone.has(planned.identifier));
}

/** It would pass step 2 at this moment. */
function wouldServe({ plan, newAttachments, oldGroup, standings, gone }: Wreck, newGroup: Group): boolean {
  if (gone.size > 0) return false;
  const isEverywhere = plan.attachments.every((planned) => isAttached(newAttachments, planned));
  return isEverywhere && judge(newGroup, standings, oldGroup).passes;
}

function isAttached(attachments: readonly AttachmentState[], { identifier }: Attachment): boolean {
  return attachments.some((attachment) => attachment.identifier === identifier && !isLeaving(attachment));
}

function dependsOn(newGroup: Group, oldGroup: Group, standing: Standing): boolean {
  return healthyWeight(newGroup, standing) > 0 && healthyWeight(oldGroup, standing) === 0;
}
