/**
 * Active stays as large as it was while the new version shares its users, so that it can be gone back to: its minimum is its
 * size. That is noted before it is done, and given back however the deployment ends.
 */
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { Plan } from './plan';

/** What the plan is to note of it, and the calls that make it so. */
interface Keeping {
  plan: Plan;
  calls: (() => Promise<void>)[];
}

/** Nothing where there is nothing to lose: Active is at 0, or has no less than its minimum. */
export function keepSize(plan: Plan, active: Group, fleet: Fleet): Keeping {
  const { minimum, desired } = active.capacity;
  if (minimum >= desired) return { plan, calls: [] };
  // It may be so without our doing yet, or only with that of an attempt before: the group has one of these two.
  const raisedMinimum = { own: ownMinimum(plan, active), to: isRaised(plan, active) ? [minimum, desired] : [desired] };
  return { plan: { ...plan, raisedMinimum }, calls: [() => fleet.setMinimum(active.name, desired)] };
}

/** What we raised; what people, or scheduled actions, have made of it since is theirs. */
export function isRaised({ raisedMinimum }: Pick<Plan, 'raisedMinimum'>, { capacity }: Group): boolean {
  return raisedMinimum?.to.includes(capacity.minimum) ?? false;
}

/** What it was before it was raised, if it was. */
export function ownMinimum(plan: Pick<Plan, 'raisedMinimum'>, active: Group): number {
  return isRaised(plan, active) ? (plan.raisedMinimum?.own ?? 0) : active.capacity.minimum;
}

/** The calls that give it back. */
export function giveBackMinimum(plan: Plan, active: Group, fleet: Fleet): (() => Promise<void>)[] {
  return isRaised(plan, active) ? [() => fleet.setMinimum(active.name, ownMinimum(plan, active))] : [];
}
