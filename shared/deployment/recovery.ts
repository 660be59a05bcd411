/** What clean-up does with a failed deployment: decided from what is there, not from what should be there. */
import { named } from '../aws/findings';
import { secondsBetween } from '../aws/time';
import { type Group, remainingOf } from '../fleet/auto-scaling-groups';
import type { Plan, PlannedAttachment } from './plan';
import type { Snapshot } from './snapshot';

export type Recovery =
  /** The new group leaves the load balancers, drains, and goes to 0/0/0. */
  | { kind: 'take-down' }
  /** The new version is well: the deployment goes on. Or somebody has decided for it, however it is (`isDecided`). */
  | { kind: 'forward'; isDecided: boolean }
  /** The old group is attached again, or has been and is not healthy yet. */
  | { kind: 'go-back'; missing: PlannedAttachment[] }
  | { kind: 'operator'; reason: string };

/** How often clean-up goes forward; after that the same thing would fail for ever. */
const FORWARD_ATTEMPTS = 2;

/** How long the old group may take to be healthy again once it is attached again. */
const RETURN_LIMIT_SECONDS = 900;

/** What clean-up knows of the deployment beside the world. */
export interface Course {
  /** How often it went forward before. */
  attempts: number;
  /** It came as far as swap: what the old group is detached from, it may have been detached from by us. */
  hasDetached: boolean;
  /** The old group was attached again, and still has time to become healthy there. */
  isGoingBack: boolean;
  /** An operator has just asked to go on: what was done by hand may not have had its effect yet. */
  isResumed: boolean;
  /** Nobody knows of a deployment: that the old group is detached somewhere may be its doing. */
  isUnknown: boolean;
}

/** Roles are the plan's. */
export function decideRecovery(
  snapshot: Snapshot<Group | undefined>,
  { attempts, hasDetached, isGoingBack, isResumed, isUnknown }: Course,
): Recovery {
  const { plan, oldGroup, newGroup } = snapshot;
  const isDetached = snapshot.isDetached();
  // An emergency is over once somebody has given the old group instances again: then it can be gone back to.
  const isEmergency = plan.isEmergency && !(oldGroup && hasInstances(oldGroup));
  // Nobody is to be served while its schedule has it at 0: there is nothing to wait for, nor to lose.
  const isAsleep = plan.isAtZeroBySchedule && !(oldGroup && hasInstances(oldGroup));
  const isReturning = isGoingBack && !isEmergency && !isAsleep && oldGroup !== undefined && !snapshot.isWell(oldGroup);
  if (!newGroup) return isDetached ? goBack(snapshot, isResumed) : { kind: 'take-down' };
  if (snapshot.newAttachments.length === 0) {
    if (!oldGroup || !hasDetached) return { kind: 'take-down' };
    if (isDetached) return goBack(snapshot, isResumed);
    return isReturning ? { kind: 'go-back', missing: [] } : { kind: 'take-down' };
  }
  if (!hasBoth(snapshot)) {
    const reason = `${plan.oldGroup} no longer exists, and ${plan.newGroup} is behind the load balancers: it is left alone`;
    return { kind: 'operator', reason };
  }
  if ((isDetached || plan.isEmergency) && snapshot.wouldServe()) {
    if (attempts < FORWARD_ATTEMPTS) return { kind: 'forward', isDecided: false };
    return { kind: 'operator', reason: `${plan.newGroup} serves, but finishing the deployment failed again and again` };
  }
  if (isResumed && isRetired(snapshot)) return { kind: 'forward', isDecided: true };
  if (isDetached && !isEmergency) return goBack(snapshot, isResumed);
  if (isReturning) return { kind: 'go-back', missing: [] };
  const bereft = isAsleep
    ? []
    : [...new Set([...snapshot.dependingOnNew(), ...(isUnknown ? snapshot.registeredAlone() : [])])];
  if (bereft.length > 0) {
    if (isResumed && hasInstances(snapshot.oldGroup, isResumed) && snapshot.mayRecover(bereft))
      return { kind: 'go-back', missing: [] };
    const names = named(bereft.map(({ name }) => name));
    const reason = `only ${plan.newGroup} is ${isUnknown ? 'there for users' : 'healthy'} on ${names}: taking it away would leave nobody to serve`;
    return { kind: 'operator', reason };
  }
  return isDetached ? goBack(snapshot, isResumed) : { kind: 'take-down' };
}

/** Where a deployment goes on whose new version is well: to the end of what was begun. */
export function wayForward(snapshot: Snapshot<Group | undefined>): 'retire' | 'swap' | 'swap, detaching' {
  if (snapshot.areRolesSwapped() && snapshot.oldAttachments.length === 0) return 'retire';
  // Where nothing was detached yet, swap looks once more before it detaches.
  return snapshot.isDetached() ? 'swap, detaching' : 'swap';
}

/** Whether an old group that was attached again, at this time in ISO, still has time to become healthy. */
export function mayStillReturn(reattachedAt: string | undefined, now: Date): boolean {
  return reattachedAt !== undefined && secondsBetween(reattachedAt, now) < RETURN_LIMIT_SECONDS;
}

function hasBoth(snapshot: Snapshot<Group | undefined>): snapshot is Snapshot {
  return snapshot.oldGroup !== undefined && snapshot.newGroup !== undefined;
}

function wasAtZero({ isEmergency, isAtZeroBySchedule }: Plan): boolean {
  return isEmergency || isAtZeroBySchedule === true;
}

/** In an emergency, or by night, the old group was at 0 before: it is attached again as it was. */
function goBack(snapshot: Snapshot<Group | undefined>, isResumed: boolean): Recovery {
  const { plan, oldGroup } = snapshot;
  const isLeft = oldGroup !== undefined && (wasAtZero(plan) || hasInstances(oldGroup, isResumed));
  if (isLeft) return { kind: 'go-back', missing: snapshot.missing() };
  return {
    kind: 'operator',
    reason: `${plan.newGroup} cannot serve alone, and ${plan.oldGroup} has no instances any more to go back to`,
  };
}

/** Those of a group that was taken to 0 are about to go; those of one that was just given a size are about to come. */
function hasInstances(group: Group, isResumed = false): boolean {
  return group.capacity.desired > 0 && (isResumed || remainingOf(group).length > 0);
}

/** The new group is Active, and carries the load; the old one is empty: there is nothing left but to end it. */
function isRetired(snapshot: Snapshot): boolean {
  const { oldGroup, oldAttachments } = snapshot;
  const isEmpty = oldGroup.capacity.maximum === 0 && remainingOf(oldGroup).length === 0;
  const isGivenUp = isEmpty && oldAttachments.length === 0 && snapshot.areRolesSwapped();
  return isGivenUp && snapshot.overloaded() === undefined;
}
