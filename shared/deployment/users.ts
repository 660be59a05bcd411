/** Who serves users, as somebody has just seen it: nothing is said of them that was not. */
import type { Outage, Users } from '../../events/contract';
import { keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import type { TargetHealth } from '../fleet/target-health';
import { healthyWeight } from './health';
import type { Plan, PlannedAttachment } from './plan';
import { isChecked, type Snapshot } from './snapshot';

/** As many are named where somebody serves everywhere. */
const NAMED = 5;

type Found = Snapshot<Group | undefined>;

/** The group that is to serve, by its role in the plan. */
export type Role = 'old' | 'new';

export interface UsersOptions {
  /** The group is to serve alone: what the other one serves is about to end. */
  isAlone?: boolean;
  /** What an earlier look has found, in ISO. */
  downSince?: string | undefined;
}

/**
 * Users come in by the load balancers that the plan names, and by whatever else a group is registered with that a listener
 * refers to. Somebody's own healthy targets serve there, too.
 */
export function usersOf(snapshot: Found, role: Role, { isAlone = false, downSince }: UsersOptions = {}): Users {
  const { plan, seenAt, oldGroup, newGroup } = snapshot;
  const both = role === 'old' ? [oldGroup, newGroup] : [newGroup, oldGroup];
  const groups = (isAlone ? both.slice(0, 1) : both).filter((group) => group !== undefined);
  const entrances = entrancesOf(snapshot, groups);
  const isHealthyOn = (group: Group, { health }: Entrance) => health !== undefined && healthyWeight(group, health) > 0;
  const whole = groups.filter((group) => entrances.every((entrance) => isHealthyOn(group, entrance)));
  const partly = groups.filter((group) => entrances.some((entrance) => isHealthyOn(group, entrance)));
  const down = entrances.filter((entrance) => !isAnyHealthy(entrance)).map(({ name }) => name);
  const isEmpty = both[0]?.capacity.desired === 0;
  const why = role === 'old' ? because(snapshot, down) : {};
  const isBySchedule = plan.isAtZeroBySchedule && isEmpty && down.length > 0 && !why.because;
  return {
    seenAt: seenAt.toISOString(),
    group: role === 'old' ? plan.oldGroup : plan.newGroup,
    loadBalancers: entrances.length,
    on: entrances.slice(0, NAMED).map(({ name }) => name),
    serving: (whole.length > 0 || isAlone ? whole : partly).map(({ name }) => name),
    down,
    ...(down.length > 0 && !isBySchedule && { downSince: downSince ?? seenAt.toISOString() }),
    ...why,
    ...(isEmpty && { isEmpty: true as const }),
    ...(isBySchedule && { isBySchedule: true as const }),
    ...(entrances.length === 0 && plan.attachments.length > 0 && { isIdle: true as const }),
  };
}

/** Where nobody is healthy because nobody is there: whoever looks at the application would look in vain. */
function because(snapshot: Found, down: readonly string[]): Pick<Users, 'because'> {
  const { oldGroup } = snapshot;
  const areAll = (places: readonly PlannedAttachment[]) =>
    down.every((name) => places.some((planned) => planned.name === name));
  if (down.length === 0) return {};
  if (areAll(snapshot.lost())) return { because: 'gone' };
  return oldGroup && snapshot.hasLookedAtOld() && areAll(snapshot.missing()) ? { because: 'unattached' } : {};
}

interface Entrance {
  name: string;
  /** Undefined of what somebody has deleted. */
  health: TargetHealth | undefined;
}

function entrancesOf({ plan, targetHealth }: Found, groups: readonly Group[]): Entrance[] {
  const healthOf = new Map(targetHealth.map((health) => [keyOf(health), health]));
  const planned = plan.attachments.filter(isChecked);
  const plannedKeys = new Set(plan.attachments.map(keyOf));
  const others = targetHealth.filter(
    (health) => !plannedKeys.has(keyOf(health)) && groups.some(isOn(health)) && !isIdle(health),
  );
  return [...planned, ...others].map((place) => ({ name: place.name, health: healthOf.get(keyOf(place)) }));
}

/** No listener refers to it, or its load balancer is gone: nothing that is registered there is ever health-checked. */
function isIdle({ targets }: TargetHealth): boolean {
  return [...targets.values()].every(({ state }) => state === 'unused');
}

function isAnyHealthy({ health }: Entrance): boolean {
  return [...(health?.targets.values() ?? [])].some(({ state }) => state === 'healthy');
}

/** Where the group is registered, and may yet become healthy: elsewhere nothing is to be waited for. */
export function mayRecoverOn({ targetHealth }: Found, group: Group, { down }: Users): string[] {
  const places = targetHealth.filter((health) => down.includes(health.name) && isOn(health)(group) && !isIdle(health));
  return group.capacity.desired > 0 ? places.map(({ name }) => name) : [];
}

/** Where Active is not attached any more, or what is gone, nobody has looked at health: it serves nobody there. */
export function usersWithout(
  missing: readonly PlannedAttachment[],
  plan: Plan,
  seenAt: Date,
  because?: Users['because'],
): Users {
  const at = seenAt.toISOString();
  const down = missing.filter(isChecked).map(({ name }) => name);
  const loadBalancers = plan.attachments.filter(isChecked).length;
  return { seenAt: at, group: plan.oldGroup, loadBalancers, down, downSince: at, ...(because && { because }) };
}

/** In step 1: with that the new group is registered nowhere that users come in by. Before it was not attached there either. */
export function withApart(users: Users, { plan, newGroup, targetHealth }: Found): Users {
  const isApart = newGroup && newGroup.instances.length > 0 && !targetHealth.some((health) => isOn(health)(newGroup));
  return isApart ? { ...users, apart: plan.newGroup } : users;
}

/** With where the new group was beside the old one: its instances were there for users, sick or not. */
export function withMet(users: Users, { plan, newGroup, targetHealth }: Found, since: string): Users {
  const on = newGroup ? targetHealth.filter((health) => isOn(health)(newGroup)) : [];
  if (!newGroup || on.length === 0) return users;
  const targets = on.flatMap((health) => newGroup.instances.filter(({ id }) => health.targets.has(id))).length;
  const ofTargets = on.reduce((sum, health) => sum + health.targets.size, 0);
  return { ...users, met: { group: plan.newGroup, since, on: on.map(({ name }) => name), targets, ofTargets } };
}

/** With where users could meet the new group since then, once that is over: it is registered nowhere any more. */
export function withHadMet(users: Users, found: Found, since: string): Users {
  const { plan, newGroup, targetHealth } = found;
  if (newGroup && targetHealth.some((health) => isOn(health)(newGroup))) return withMet(users, found, since);
  const on = plan.attachments.filter(isChecked).map(({ name }) => name);
  return on.length === 0 ? users : { ...users, hadMet: { group: plan.newGroup, since, until: users.seenAt, on } };
}

/** Since when users are known to be down there, if they still were when it was last looked. */
export function downSinceOf({ downSince, outage }: { downSince?: string | undefined; outage?: Outage | undefined }) {
  return downSince ?? (outage?.until ? undefined : outage?.since);
}

/** What is known of where nobody served, after one more look; nothing where somebody always did, as far as was seen. */
export function outageAfter(
  known: Outage | undefined,
  { seenAt, down, downSince = seenAt, isBySchedule }: Users,
): Outage | undefined {
  if (down.length === 0 || isBySchedule) return known && { ...known, until: known.until ?? seenAt };
  return { on: [...new Set([...(known?.on ?? []), ...down])], since: known?.since ?? downSince };
}

/** Seen: on at least one load balancer, down on none, and by the group that is to serve. */
export function isServed({ loadBalancers, down, serving = [], group }: Users): boolean {
  return loadBalancers > 0 && down.length === 0 && serving.includes(group);
}

/** Seen, too: somewhere nobody serves, or there is nothing that users could come in by. */
export function areDown({ loadBalancers, down, isIdle, isBySchedule }: Users): boolean {
  return (down.length > 0 && !isBySchedule) || (loadBalancers === 0 && !isIdle);
}

function isOn({ targets }: TargetHealth): (group: Group) => boolean {
  return ({ instances }) => instances.some(({ id }) => targets.has(id));
}
