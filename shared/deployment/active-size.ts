/**
 * Active stays as large as it was while the new version shares its users, so that it can be gone back to: its minimum is its
 * size; and while it drains, nothing but people sizes it. That is noted before it is done, and given back however the
 * deployment ends.
 */
import { type Fleet, type Group, SUSPENDED_WHILE_DRAINING, suspendedOf } from '../fleet/auto-scaling-groups';
import type { Plan } from './plan';

/** What the plan is to note of it, and the calls that make it so. */
interface Keeping {
  plan: Plan;
  calls: (() => Promise<void>)[];
}

/** Nothing where there is nothing to lose: Active is at 0, or has no more than its minimum. */
export function keepSize(plan: Plan, active: Group, fleet: Fleet): Keeping {
  const { minimum, desired } = active.capacity;
  if (minimum >= desired) return { plan, calls: [] };
  // Whoever repeats this finds the group with either: as it was, or as an attempt before has made it.
  const to = isRaised(plan, active) ? [minimum, desired] : [desired];
  const raisedMinimum = { own: ownMinimum(plan, active), to };
  return { plan: { ...plan, raisedMinimum }, calls: [() => fleet.setMinimum(active.name, desired)] };
}

/**
 * As `keepSize`, once Active has grown, and the new group with it: what shares the load is twice as much by that, and its
 * alarms could take all of the growth away again. Where somebody has lowered the minimum meanwhile, that is respected.
 */
export function keepGrowth(plan: Plan, active: Group, fleet: Fleet): Keeping {
  const isLowered = plan.raisedMinimum !== undefined && !isRaised(plan, active);
  return isLowered ? { plan, calls: [] } : keepSize(plan, active, fleet);
}

/** What it was before it was raised, if it was; what people, or scheduled actions, have made of it since is the group's own. */
export function ownMinimum(plan: Pick<Plan, 'raisedMinimum'>, active: Group): number {
  return isRaised(plan, active) ? (plan.raisedMinimum?.own ?? 0) : active.capacity.minimum;
}

/** The calls that give it back. */
export function giveBackMinimum(plan: Plan, active: Group, fleet: Fleet): (() => Promise<void>)[] {
  return isRaised(plan, active) ? [() => fleet.setMinimum(active.name, ownMinimum(plan, active))] : [];
}

export function isRaised({ raisedMinimum }: Pick<Plan, 'raisedMinimum'>, { capacity }: Group): boolean {
  return raisedMinimum?.to.includes(capacity.minimum) ?? false;
}

/** Before it is detached: from then on its alarms see no load, and what it launches or moves serves nobody. */
export function suspendWhileDraining(plan: Plan, old: Group, fleet: Fleet, now: Date): Keeping {
  const running = SUSPENDED_WHILE_DRAINING.filter((process) => !old.suspendedProcesses.includes(process));
  if (running.length === 0) return { plan, calls: [] };
  const { processes = [], since = now.toISOString() } = plan.suspendedOnOld ?? {};
  const suspendedOnOld = { processes: [...new Set([...processes, ...running])], since };
  return { plan: { ...plan, suspendedOnOld }, calls: [() => fleet.suspend(old.name, running)] };
}

/** Of what was suspended on the old group while it drained, what still is. */
export function stillSuspended({ suspendedOnOld }: Pick<Plan, 'suspendedOnOld'>, old: Group): string[] {
  return suspendedOf(old, suspendedOnOld?.processes ?? []);
}

/** Somebody else than us does not want them to take effect: then nothing is made up for either. */
export function skipsScheduledActions({ suspendedOnOld }: Pick<Plan, 'suspendedOnOld'>, old: Group): boolean {
  const process = 'ScheduledActions';
  return old.suspendedProcesses.includes(process) && !suspendedOnOld?.processes.includes(process);
}

/** Since when what falls due has no effect on the old group: it was suspended there, or has been moved. */
export function unscheduledSince({
  suspendedOnOld,
  scheduledActionsMovedAt: movedAt,
}: Pick<Plan, 'suspendedOnOld' | 'scheduledActionsMovedAt'>): string | undefined {
  return suspendedOnOld?.processes.includes('ScheduledActions') ? suspendedOnOld.since : movedAt;
}
