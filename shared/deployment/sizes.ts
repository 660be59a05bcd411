/** The sizes that go with the load from the old group to the new one. */
import type { Capacity, Group, Sizes } from '../fleet/auto-scaling-groups';
import { withDueActions } from '../fleet/scheduled-actions';
import { ownMinimum, skipsScheduledActions } from './active-size';
import type { Plan } from './plan';
import type { Refusal } from './refusal';
import type { Snapshot } from './snapshot';

/**
 * The sizes that the new group has once it serves: Active's. Where Active was taken to 0 in an emergency: what the
 * request says, else what the last deployment had, else one instance. A request is held to the maximum of Active, or of
 * the last deployment where Active was left none; where neither is known, what it says is the maximum.
 */
export function plannedCapacity(
  { name, capacity }: Group,
  { requested, last }: { requested: number | undefined; last: Capacity | undefined },
): Capacity | Refusal {
  if (capacity.desired > 0) {
    if (requested === undefined) return capacity;
    const message = `the request is not valid: capacity is for an Active group at 0, and ${name} has ${capacity.desired}`;
    return { code: '414', message };
  }
  const limit = capacity.maximum || last?.maximum;
  if (requested !== undefined && limit !== undefined && requested > limit) {
    const whose = capacity.maximum > 0 ? `of ${name}` : 'that the last deployment left';
    const message =
      `the request is not valid: capacity ${requested} is beyond the maximum ${whose}, which is ${limit}; ` +
      `ask for at most ${limit}, or raise the maximum of ${name} first`;
    return { code: '414', message };
  }
  const desired = requested ?? (last?.desired || 1);
  const minimum = requested ?? (last?.desired ? last.minimum : 1);
  return { minimum, desired, maximum: Math.max(desired, capacity.maximum, last?.maximum ?? 0) };
}

/** What a version is proven with: one instance, where Active has none by its schedule. */
export function provenSizes({ capacity }: Pick<Plan, 'capacity'>): Capacity {
  const desired = Math.max(1, capacity.desired);
  return { minimum: desired, desired, maximum: Math.max(desired, capacity.maximum) };
}

/** Whoever raised the limits of Active while it was Active meant the group that serves. */
export function withRaisedLimits(plan: Plan, oldGroup: Group): Capacity {
  const { capacity, isEmergency, isAtZeroBySchedule } = plan;
  if (isEmergency) return capacity;
  const minimum = Math.max(capacity.minimum, ownMinimum(plan, oldGroup));
  const raised = { minimum, maximum: Math.max(capacity.maximum, oldGroup.capacity.maximum) };
  // Its morning may have come.
  const desired = isAtZeroBySchedule ? oldGroup.capacity.desired : capacity.desired;
  return { ...raised, desired: Math.max(desired, raised.minimum) };
}

/**
 * The planned limits around the size that the group has by now: its alarms, or people, may have scaled it since the detach,
 * and may do so at this moment. So the size itself is only given where a scheduled action that fell due changes it; below
 * its minimum the service raises it. Or where it has what it was proven with, and is to be at 0.
 */
export function trueSizes({ plan, oldGroup, newGroup }: Snapshot, now: Date): Sizes {
  const { desired } = newGroup.capacity;
  const limits = trueLimits(plan, newGroup);
  const current = plan.isAtZeroBySchedule ? { ...limits, desired: plan.capacity.desired } : { ...limits, desired };
  const due = skipsScheduledActions(plan, oldGroup) ? [] : plan.scheduledActions;
  const sizes = withDueActions(current, due, { now });
  return plan.isAtZeroBySchedule ? { ...sizes, desired: sizes.desired ?? current.desired } : sizes;
}

/** More room than it was proven with somebody gave it. */
export function trueLimits(plan: Pick<Plan, 'capacity'>, newGroup: Group): Omit<Capacity, 'desired'> {
  const { minimum, maximum } = plan.capacity;
  const given = newGroup.capacity.maximum;
  return { minimum, maximum: given > provenSizes(plan).maximum ? given : maximum };
}

/** Whether these sizes are others than the group has. */
export function isChange({ minimum, desired, maximum }: Sizes, { capacity }: Group): boolean {
  const changesSize = desired !== undefined && desired !== capacity.desired;
  return changesSize || minimum !== capacity.minimum || maximum !== capacity.maximum;
}
