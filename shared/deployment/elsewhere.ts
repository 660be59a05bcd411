/**
 * Where instances of a group are registered beside what the group is attached to: whoever did that depends on them, so that
 * they are not taken away. An account with many target groups is looked through by several looks.
 */
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { mapSome } from '../aws/calls';
import { type Group, remainingOf } from '../fleet/auto-scaling-groups';
import { DUMMY_PREFIX, isDummy, tagText } from '../fleet/dummy-identity';
import {
  type ClassicListings,
  classicListings,
  idOf,
  type ListedTarget,
  type Listing,
  listingOf,
  type Registry,
  Sought,
  targetGroupsInUse,
} from '../fleet/listings';
import { TASK_KEY } from '../fleet/tags';
import type { TargetHealth } from '../fleet/target-health';
import type { Elsewhere, Plan } from './plan';

export interface LookedElsewhere {
  /** Those that list an instance of the group. */
  listings: Listing[];
  elsewhere: Elsewhere;
  /** How many target groups are still to be looked at. */
  left: number;
}

/**
 * Beyond so many only those that are tagged with the task are looked at: each is a call, of which an account has ten a
 * second. Where a hundred tasks are deployed at once, two hundred of each took ten times as long as all the rest.
 */
export const TARGET_GROUPS_LOOKED_AT = 50;

/** Describe calls have a burst of 40, and then ten a second, which an account's other users share. */
const LOOKED_AT_ONCE = 30;

/**
 * `before` is what earlier looks have come to: those that listed one of the group are looked at again, and so is whatever
 * was made since; where there are few, all are.
 */
export async function lookElsewhere(
  { plan, task }: { plan: Pick<Plan, 'attachments'>; task: string },
  group: Group,
  registry: Registry,
  before: Elsewhere = { looked: [] },
): Promise<LookedElsewhere> {
  const ids = remainingOf(group).map(({ id }) => id);
  const own = new Set(plan.attachments.map(({ identifier }) => identifier));
  const ofNames = plan.attachments.flatMap(({ kind, identifier }) => (kind === 'classic' ? [identifier] : []));
  const [inUse, classic] = await Promise.all([
    targetGroupsInUse(registry.loadBalancers),
    classicListings(registry.loadBalancers, ids, { ofNames }),
  ]);
  const others = inNetworkOf(own, inUse, classic).filter((one) => isOther(own, one));
  const chosen = others.length > TARGET_GROUPS_LOOKED_AT ? await taggedWith(task, others, registry) : others;
  // As many as one look takes are looked at anew: somebody may have registered an instance since.
  const known = before.isComplete && chosen.length <= LOOKED_AT_ONCE ? [] : before.looked;
  const fresh = chosen.filter((one) => !known.includes(idOf(one)));
  const again = others.filter((one) => before.listing?.includes(idOf(one)) && !fresh.includes(one));
  const sought = new Sought(ids, registry.addresses);
  const looking = [...again, ...fresh.slice(0, LOOKED_AT_ONCE)];
  const found = await mapSome(looking, (one) => listingOf(registry.loadBalancers, one, sought));
  const isListing = looking.filter((_, index) => (found[index]?.targets.size ?? 0) > 0).map(idOf);
  const unlooked = others.length - chosen.length;
  const left = Math.max(0, fresh.length - LOOKED_AT_ONCE);
  return {
    listings: [
      ...found.flatMap((one) => (one && one.targets.size > 0 ? [one] : [])),
      ...classic.found.filter(({ identifier }) => !own.has(identifier) && !isDummy(identifier)),
    ],
    elsewhere: {
      looked: [...new Set([...before.looked, ...looking.map(idOf)])],
      ...(isListing.length > 0 && { listing: isListing }),
      ...(unlooked > 0 && { unlooked }),
      ...(left === 0 && { isComplete: true }),
    },
    left,
  };
}

/** Those in the network of what the group is attached to, where that is known. */
function inNetworkOf(own: ReadonlySet<string>, inUse: TargetGroup[], { vpcIds }: ClassicListings): TargetGroup[] {
  const ofOwn = inUse.filter(({ TargetGroupArn = '' }) => own.has(TargetGroupArn)).map(({ VpcId }) => VpcId);
  const networks = new Set([...ofOwn, ...vpcIds]);
  return networks.size === 0 ? inUse : inUse.filter(({ VpcId }) => networks.has(VpcId));
}

/** Neither what the group is attached to, which is looked at anyway, nor a clone, which no user meets. */
function isOther(own: ReadonlySet<string>, { TargetGroupArn = '', TargetGroupName = '' }: TargetGroup): boolean {
  return !own.has(TargetGroupArn) && !TargetGroupName.startsWith(DUMMY_PREFIX);
}

async function taggedWith(task: string, targetGroups: TargetGroup[], { loadBalancers }: Registry) {
  const tags = await loadBalancers.tags(targetGroups.map(({ TargetGroupArn = '' }) => TargetGroupArn));
  return targetGroups.filter(({ TargetGroupArn = '' }) =>
    Object.entries(tags.get(TargetGroupArn) ?? {}).some(
      ([key, value]) => key.toLowerCase() === TASK_KEY && [task, tagText(task)].includes(value),
    ),
  );
}

/** What lists an instance of the group, of what was looked at anyway. */
export function listingsOf(group: Group, targetHealth: readonly TargetHealth[]): Listing[] {
  const ids = remainingOf(group).map(({ id }) => id);
  return targetHealth.flatMap(({ kind, identifier, name, targets }) => {
    const listed = ids.flatMap((id): [string, ListedTarget][] => {
      const state = targets.get(id);
      return state ? [[id, { ...state, registeredAs: id }]] : [];
    });
    return listed.length > 0 ? [{ kind, identifier, name, targets: new Map(listed) }] : [];
  });
}

/** The instances that something lists, and by which names that goes. */
export function registered(listings: readonly Listing[]): { ids: string[]; names: string[] } {
  return {
    ids: [...new Set(listings.flatMap(({ targets }) => [...targets.keys()]))],
    names: listings.map(({ name }) => name),
  };
}
