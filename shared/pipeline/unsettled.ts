/** Roles that may be read so only because they were just written, and are not to be read everywhere yet. */
import { secondsBetween } from '../aws/time';
import { isRefusal } from '../deployment/refusal';
import { lookAtGroups, type Snapshot } from '../deployment/snapshot';
import type { Fleet } from '../fleet/auto-scaling-groups';
import { GROUP_TAG_LAG_SECONDS } from '../fleet/lag';
import { again, failed, type Outcome } from './outcome';
import type { Deployment } from './session';

/** The groups of the plan, once their roles are clear; until then, or where they are not, the outcome. */
export async function lookOnceSettled(deployment: Deployment, fleet: Fleet): Promise<Snapshot | Outcome> {
  const looked = await lookAtGroups(deployment.plan, fleet, deployment.now);
  if (isRefusal(looked)) return failed(looked.code, looked.message);
  return unlessSettled(deployment, looked) ?? looked;
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
