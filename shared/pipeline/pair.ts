/**
 * The pair as it stands while Active serves. Roles may be read so only because they were just written, and are not to be read
 * everywhere yet.
 */
import type { Users } from '../../events/contract';
import { named } from '../aws/findings';
import { secondsBetween } from '../aws/time';
import type { Plan, PlannedAttachment } from '../deployment/plan';
import { isRefusal } from '../deployment/refusal';
import { isChecked, lookAtGroups, type Snapshot } from '../deployment/snapshot';
import { usersOf, usersWithout, withMet } from '../deployment/users';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import { GROUP_TAG_LAG_SECONDS } from '../fleet/lag';
import { again, failed, failedBy, type Outcome } from './outcome';
import type { Deployment } from './session';

/**
 * The groups of the plan, while Active serves: once their roles are clear, and as long as it is attached wherever it is to
 * be. What somebody detaches it from is told at once, since users there are served by nobody.
 */
export async function lookAtPair(deployment: Deployment, fleet: Fleet): Promise<Snapshot | Outcome> {
  const { plan, now } = deployment;
  const looked = await lookAtGroups(plan, fleet, now);
  if (isRefusal(looked)) return failedBy(looked);
  const { oldGroup } = looked;
  const missing = plan.attachments.filter(({ identifier }) => !oldGroup.attachedTo.includes(identifier));
  if (missing.length > 0) return failed('T000', detachedText(plan, missing), usersLeft(looked, missing, now));
  return unlessSettled(deployment, looked) ?? looked;
}

/** Where StandBy is attached, too, users may be served by it: of that nothing was seen. */
function usersLeft({ plan, newGroup }: Snapshot, missing: readonly PlannedAttachment[], now: Date): Users | undefined {
  const isLeftAlone = missing.every(({ identifier }) => !newGroup.attachedTo.includes(identifier));
  return isLeftAlone && missing.some(isChecked) ? usersWithout(missing, plan, now) : undefined;
}

export function detachedText({ oldGroup }: Plan, missing: readonly PlannedAttachment[]): string {
  return `${oldGroup} (Active) is no longer attached to ${named(missing.map(({ name }) => name))}`;
}

/** Waits where the roles are swapped by half; fails where they have stood so for longer than a write takes to be read. */
export function unlessSettled(
  { progress, now }: Pick<Deployment, 'progress' | 'now'>,
  snapshot: Snapshot,
): Outcome | undefined {
  if (!snapshot.areRolesHalfSwapped()) return undefined;
  const unsettledSince = progress.unsettledSince ?? now.toISOString();
  const message = snapshot.rolesInWords();
  if (secondsBetween(unsettledSince, now) >= GROUP_TAG_LAG_SECONDS) return failed('T013', message);
  return again(`what was just tagged to be read everywhere: ${message}`, { progress: { unsettledSince } });
}

/** Who serves where users could meet the new group, too: since it was attached to the real load balancers. */
export function usersMet(snapshot: Snapshot<Group | undefined>, { record }: Pick<Deployment, 'record'>): Users {
  const users = usersOf(snapshot, 'old', { downSince: record.progress.unservedSince });
  const since = record.timeline.find(({ stage }) => stage === 'check-real')?.at;
  return since === undefined ? users : withMet(users, snapshot, since);
}
