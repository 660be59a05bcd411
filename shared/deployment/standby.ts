/**
 * What StandBy is attached to before it is proven. Infrastructure code may attach both groups to the same load balancers:
 * what StandBy launches there serves users at once.
 */
import type { AttachmentId } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import { isDummy } from '../fleet/dummy-identity';
import type { LoadBalancers } from '../fleet/load-balancers';
import { nameOf, readAttached } from './attachments';

/** Also where no listener refers to it now: one may any time. */
export function hasUsers({ identifier }: Pick<AttachmentId, 'identifier'>): boolean {
  return !isDummy(identifier);
}

/** Whether what the group itself lists may have users: a look that costs nothing, and may lag. */
export function mayMeetUsers({ attachedTo }: Group): boolean {
  return attachedTo.some((identifier) => hasUsers({ identifier }));
}

/** What the mail of the start says of it. */
export async function notesOnStandBy(
  standBy: Group,
  { fleet, loadBalancers }: { fleet: Fleet; loadBalancers: LoadBalancers },
): Promise<string[]> {
  if (!mayMeetUsers(standBy)) return [];
  const attachments = (await fleet.attachments(standBy)).filter(hasUsers);
  const attached = await readAttached(attachments, loadBalancers);
  return attachments.map(
    (attachment) =>
      `${standBy.name} (StandBy) is attached to ${nameOf(attachment, attached)}, where users may be: ` +
      'it is detached there before it gets instances.',
  );
}
