/** What clean-up does with a failed deployment: decided from what is there, not from what should be there. */
import { type Attachment, type AttachmentState, isLeaving } from '../fleet/attachment';
import { type Group, remainingOf } from '../fleet/auto-scaling-groups';
import type { TargetHealth } from '../fleet/target-health';
import { healthyWeight, judge } from './health';
import type { Snapshot } from './snapshot';

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
export function decideRecovery(snapshot: Snapshot, { attempts, hasDetached, isGoingBack }: Course): Recovery {
  const { plan, oldGroup, newGroup } = snapshot;
  const missing = missingOf(snapshot);
  const isDetached = missing.length > 0;
  const isReturning =
    isGoingBack && !plan.isEmergency && oldGroup !== undefined && !judge(oldGroup, snapshot.targetHealth).passes;
  if (!newGroup) return isDetached ? goBack(snapshot) : { kind: 'take-down' };
  if (snapshot.newAttachments.length === 0) {
    if (!oldGroup || !hasDetached) return { kind: 'take-down' };
    if (isDetached) return goBack(snapshot);
    return isReturning ? { kind: 'go-back', missing: [] } : { kind: 'take-down' };
  }
  if (!oldGroup) {
    const reason = `${plan.oldGroup} no longer exists, and ${plan.newGroup} is behind the load balancers: it is left alone`;
    return { kind: 'operator', reason };
  }
  if ((isDetached || plan.isEmergency) && wouldServe(snapshot, newGroup)) {
    if (attempts < FORWARD_ATTEMPTS) return { kind: 'forward' };
    return { kind: 'operator', reason: `${plan.newGroup} serves, but finishing the deployment failed again and again` };
  }
  if (isDetached && !plan.isEmergency) return goBack(snapshot);
  if (isReturning) return { kind: 'go-back', missing: [] };
  const bereft = snapshot.targetHealth.filter((health) => dependsOn(newGroup, oldGroup, health));
  if (bereft.length > 0) {
    const names = bereft.map(({ name }) => name).join(', ');
    const reason = `only ${plan.newGroup} is healthy on ${names}: taking it away would leave nobody to serve`;
    return { kind: 'operator', reason };
  }
  return isDetached ? goBack(snapshot) : { kind: 'take-down' };
}

/** In an emergency the old group was at 0 before: it is attached again as it was. */
function goBack(snapshot: Snapshot): Recovery {
  const { plan, oldGroup } = snapshot;
  const isLeft = oldGroup !== undefined && (plan.isEmergency || hasInstances(oldGroup));
  if (isLeft) return { kind: 'go-back', missing: missingOf(snapshot) };
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
function missingOf({ plan, oldAttachments, gone }: Snapshot): Attachment[] {
  return plan.attachments.filter((planned) => !isAttached(oldAttachments, planned) && !gone.has(planned.identifier));
}

/** It would pass step 2 at this moment. */
function wouldServe({ plan, newAttachments, oldGroup, targetHealth, gone }: Snapshot, newGroup: Group): boolean {
  if (gone.size > 0) return false;
  const isEverywhere = plan.attachments.every((planned) => isAttached(newAttachments, planned));
  return isEverywhere && judge(newGroup, targetHealth, oldGroup).passes;
}

function isAttached(attachments: readonly AttachmentState[], { identifier }: Attachment): boolean {
  return attachments.some((attachment) => attachment.identifier === identifier && !isLeaving(attachment));
}

function dependsOn(newGroup: Group, oldGroup: Group, health: TargetHealth): boolean {
  return healthyWeight(newGroup, health) > 0 && healthyWeight(oldGroup, health) === 0;
}
