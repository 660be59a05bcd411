/**
 * Looks through what every load balancer of the account lists: whoever registers an instance by hand tells nobody else, so
 * that a copy may serve where neither its group nor CodeDeploy names anything. A large account is looked through by several
 * invocations.
 */
import { classicListings, idOf, listingOf, type Registry, Sought, targetGroupsInUse } from '../fleet/listings';
import type { CopiedGroup } from './copied-groups';
import { type Registration, registrationOf } from './registrations';

export interface LookedThrough {
  /** Those that list an instance of the copy. */
  found: Registration[];
  /** Which target groups were looked at by now, by the ids at the end of their ARNs. */
  looked: string[];
  /** How many are left: of them nothing is known. */
  left: number;
}

/**
 * One after the other and so many in one go, with minutes until the next: the account's request rate is shared with whatever
 * serves in it.
 */
const LOOKED_AT_ONCE = 60;

/** `before`: what earlier invocations have looked at. What was made since is among the rest. */
export async function lookEverywhere(
  registry: Registry,
  { instances }: CopiedGroup,
  before: readonly string[],
): Promise<LookedThrough> {
  const ids = instances.map(({ id }) => id);
  const found: Registration[] = (await classicListings(registry.loadBalancers, ids)).found.map(registrationOf);
  const left = (await targetGroupsInUse(registry.loadBalancers)).filter((one) => !before.includes(idOf(one)));
  const sought = new Sought(ids, registry.addresses);
  const looked = [...before];
  for (const targetGroup of left.slice(0, LOOKED_AT_ONCE)) {
    const listing = await listingOf(registry.loadBalancers, targetGroup, sought);
    if (listing && listing.targets.size > 0) found.push(registrationOf(listing));
    looked.push(idOf(targetGroup));
  }
  return { found, looked, left: Math.max(0, left.length - LOOKED_AT_ONCE) };
}
