/** What is there of a deployment at one moment: its groups, what they are attached to, and how their targets are. */
import { mapSome } from '../aws/calls';
import { type AttachmentId, type AttachmentState, isLeaving, isSamePlace, keyOf } from '../fleet/attachment';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import { isDummy } from '../fleet/dummy-identity';
import { isNotFound } from '../fleet/existing';
import type { LoadBalancers } from '../fleet/load-balancers';
import { TYPE_KEY, tagValue, typeTagOf } from '../fleet/tags';
import type { TargetHealth } from '../fleet/target-health';
import { carries, healthyWeight, type Judgment, judge } from './health';
import { type Plan, type PlannedAttachment, plannedName } from './plan';
import type { Refusal } from './refusal';
import { another } from './role-remedies';

/** What a look may find beside the groups. */
interface Seen {
  /** Of each group, also what it is being detached from; without the dummies. */
  oldAttachments?: AttachmentState[];
  newAttachments?: AttachmentState[];
  /** The dummies that the new group lists. */
  dummies?: AttachmentState[];
  targetHealth?: TargetHealth[];
  /** The instances of the new group that prove nothing of its version, where somebody looked for them. */
  unproven?: string[];
  /** The keys of what somebody has deleted meanwhile: nothing stands there, and nothing can be attached. */
  gone?: ReadonlySet<string>;
}

/**
 * Each stage looks at what it decides upon; asked for anything else, a snapshot throws. Roles are the plan's. A `Snapshot`
 * has both groups; of a deployment that failed, either may be gone: `Snapshot<Group | undefined>`.
 */
export class Snapshot<Found extends Group | undefined = Group> {
  constructor(
    readonly plan: Plan,
    /** When the look began. */
    readonly seenAt: Date,
    readonly oldGroup: Found,
    readonly newGroup: Found,
    private readonly seen: Seen = {},
  ) {}

  /** With more that was looked at. */
  seeing(more: Seen): Snapshot<Found> {
    return new Snapshot(this.plan, this.seenAt, this.oldGroup, this.newGroup, { ...this.seen, ...more });
  }

  get oldAttachments(): AttachmentState[] {
    return this.seen.oldAttachments ?? unseen('the attachments of the old group');
  }

  get newAttachments(): AttachmentState[] {
    return this.seen.newAttachments ?? unseen('the attachments of the new group');
  }

  get dummies(): AttachmentState[] {
    return this.seen.dummies ?? unseen('the dummies of the new group');
  }

  get targetHealth(): TargetHealth[] {
    return this.seen.targetHealth ?? unseen('the health of targets');
  }

  get gone(): ReadonlySet<string> {
    return this.seen.gone ?? unseen('deleted load balancers');
  }

  /**
   * Where the old group is to be attached and is not, or not for long any more; without what is gone, where somebody looked
   * for that: elsewhere what is gone has no health to be read, and so there is no snapshot.
   */
  missing(): PlannedAttachment[] {
    const isThere = attachedTo(this.oldAttachments);
    return this.plan.attachments.filter((planned) => !isThere(planned) && !this.seen.gone?.has(keyOf(planned)));
  }

  /** What was planned and somebody has deleted, as far as it was looked at. */
  lost(): PlannedAttachment[] {
    return this.plan.attachments.filter((planned) => this.seen.gone?.has(keyOf(planned)));
  }

  hasLookedAtOld(): boolean {
    return this.seen.oldAttachments !== undefined;
  }

  /** The old group is missing somewhere, so that the new one has to be enough there. */
  isDetached(): boolean {
    return this.missing().length > 0;
  }

  /** Where the old group was attached since it was planned. */
  added(): AttachmentState[] {
    const isPlanned = attachedTo(this.plan.attachments);
    return this.oldAttachments.filter((attachment) => !isLeaving(attachment) && !isPlanned(attachment));
  }

  /** The dummies that the new group is attached to, and is not leaving yet. */
  attachedDummies(): AttachmentState[] {
    return this.dummies.filter((dummy) => !isLeaving(dummy));
  }

  /** The old group has more instances by now than the new one. */
  hasGrown(this: Snapshot): boolean {
    return this.oldGroup.capacity.desired > this.newGroup.capacity.desired;
  }

  /** The tags say the roles as they are after the swap. */
  areRolesSwapped(): boolean {
    const { oldGroup, newGroup } = this;
    return typeOf(oldGroup) === 'StandBy' && (newGroup === undefined || typeOf(newGroup) === 'Active');
  }

  /** Both groups have the same role: one of the two tags is not to be read yet, or was written by somebody. */
  areRolesHalfSwapped(): boolean {
    return typeOf(this.oldGroup) === typeOf(this.newGroup);
  }

  rolesInWords(): string {
    const { plan, oldGroup, newGroup } = this;
    const [ofOld = '', ofNew = ''] = [oldGroup, newGroup].map((group) => typeOf(group) ?? '(none)');
    if (ofOld === ofNew) return `${plan.oldGroup} and ${plan.newGroup} are both tagged type = ${ofOld}`;
    const changed = [
      ...(ofOld === 'Active' ? [] : [`of ${plan.oldGroup} was changed from Active to ${ofOld}`]),
      ...(ofNew === 'StandBy' ? [] : [`of ${plan.newGroup} was changed from StandBy to ${ofNew}`]),
    ];
    return `the tag type ${changed.join(', and that ')}`;
  }

  /** Whether the new group would carry the load now in the place of the old one. */
  judgment(this: Snapshot): Judgment {
    return judge(this.newGroup, this.targetHealth, this.oldGroup, this.seen.unproven);
  }

  /** Whether the new group is well there, whatever the old one has. */
  judgmentOn(this: Snapshot, health: TargetHealth): Judgment {
    return judge(this.newGroup, [health]);
  }

  /** Whether this group alone is well, wherever it is registered. */
  isWell(group: Group): boolean {
    return judge(group, this.targetHealth).passes;
  }

  /** The new group can take over there, in every zone: at once where nothing is ever health-checked. */
  canTakeOver(this: Snapshot, planned: PlannedAttachment): boolean {
    const health = this.targetHealth.find((candidate) => isSamePlace(candidate, planned));
    return health === undefined || judge(this.newGroup, [health], this.oldGroup).passes;
  }

  /** In the order in which they need the old group: those first where the new one has the fewest healthy instances. */
  worstFirst(planned: readonly PlannedAttachment[]): PlannedAttachment[] {
    const healthyOn = new Map(
      this.targetHealth.map((health) => [keyOf(health), this.newGroup ? healthyWeight(this.newGroup, health) : 0]),
    );
    const weightOf = (one: PlannedAttachment) => healthyOn.get(keyOf(one)) ?? Number.POSITIVE_INFINITY;
    return planned.toSorted((one, other) => Math.sign(weightOf(one) - weightOf(other)) || 0);
  }

  /** The new group is attached wherever the old one is to be, and would carry the load. */
  wouldServe(this: Snapshot): boolean {
    const isThere = attachedTo(this.newAttachments);
    return this.gone.size === 0 && this.plan.attachments.every(isThere) && this.judgment().passes;
  }

  /** Where users depend on the new group alone, since the old one is not attached there any more. */
  carriedAlone(): TargetHealth[] {
    const isThere = attachedTo(this.oldAttachments);
    const isLeft = attachedTo(this.plan.attachments.filter((planned) => !isThere(planned)));
    return this.targetHealth.filter(isLeft);
  }

  /** Where users depend on the new group alone and it cannot carry them, if anywhere. */
  overloaded(this: Snapshot): TargetHealth | undefined {
    return this.carriedAlone().find((health) => !carries(this.newGroup, health));
  }

  /** Where the new group has a healthy target, and the old one has none. */
  dependingOnNew(this: Snapshot): TargetHealth[] {
    return this.targetHealth.filter(
      (health) => healthyWeight(this.newGroup, health) > 0 && healthyWeight(this.oldGroup, health) === 0,
    );
  }

  /** Where the new group has instances, well or not, and the old one is not attached. */
  registeredAlone(this: Snapshot): TargetHealth[] {
    const isThere = attachedTo(this.oldAttachments);
    const isAlone = attachedTo(this.newAttachments.filter((attachment) => !isThere(attachment)));
    return this.targetHealth.filter(
      (health) => isAlone(health) && this.newGroup.instances.some(({ id }) => health.targets.has(id)),
    );
  }

  /**
   * Where the new group, alone, has fewer healthy instances than it passed step 2 with, if anywhere. Its alarms count
   * again, so it may be growing: an instance that is only just starting is no illness. Once the old group is down there is
   * no way back, and so no illness either.
   */
  fallenIll(this: Snapshot): TargetHealth | undefined {
    const { oldGroup, newGroup } = this;
    const { capacity, isEmergency, isAtZeroBySchedule } = this.plan;
    // Of one whose schedule has it at 0 only the limits tell.
    const isLeft = isAtZeroBySchedule && oldGroup.capacity.maximum >= capacity.maximum;
    if (oldGroup.capacity.desired === 0 && !isEmergency && !isLeft) return undefined;
    const needed = Math.min(newGroup.capacity.desired, Math.max(1, capacity.desired, oldGroup.capacity.desired));
    return this.targetHealth.find((health) => healthyWeight(newGroup, health) < needed);
  }

  /** The old group is attached again wherever that is, so that it may yet become healthy there. */
  mayRecover(bereft: readonly TargetHealth[]): boolean {
    return bereft.every(attachedTo(this.oldAttachments));
  }

  /** The names of what still lists an instance of this group. */
  listing(group: Group): string[] {
    const listing = this.targetHealth.filter(({ targets }) => group.instances.some(({ id }) => targets.has(id)));
    return listing.map(({ name }) => name);
  }

  /** The name that the plan knows an attachment by. */
  nameOf(attachment: AttachmentId): string {
    return plannedName(this.plan, attachment);
  }
}

function unseen(what: string): never {
  throw new Error(`nobody has looked at ${what}`);
}

/** Whether a group with these attachments is attached there, and is not being detached. */
function attachedTo(attachments: readonly (AttachmentId | AttachmentState)[]): (wanted: AttachmentId) => boolean {
  const staying = attachments.filter((attachment) => !('state' in attachment && isLeaving(attachment)));
  const keys = new Set(staying.map(keyOf));
  return (wanted) => keys.has(keyOf(wanted));
}

export function typeOf(group: Group | undefined): string | undefined {
  return group && tagValue(group.tags, TYPE_KEY);
}

/**
 * The groups that the plan names. Their tags may stand as planned, or both swapped, or swapped by half: of the two tags
 * that a swap writes in one call, perhaps only one is to be read yet. Anything else was changed by somebody, and then nobody
 * knows which group is which: T013.
 */
export async function lookAtGroups(plan: Plan, fleet: Fleet, now: Date): Promise<Snapshot | Refusal> {
  const groups = await fleet.groups([plan.oldGroup, plan.newGroup]);
  const oldGroup = groups.get(plan.oldGroup);
  const newGroup = groups.get(plan.newGroup);
  if (!oldGroup || !newGroup) {
    const message = `the group ${oldGroup ? plan.newGroup : plan.oldGroup} no longer exists`;
    return { code: 'T013', message, remedy: another(newGroup ? undefined : oldGroup, plan.newGroup) };
  }
  const snapshot = new Snapshot(plan, now, oldGroup, newGroup);
  const areRoles = [oldGroup, newGroup].every((group) => ['Active', 'StandBy'].includes(typeOf(group) ?? ''));
  if (areRoles) return snapshot;
  const areSwapped = typeOf(newGroup) === 'Active' || typeOf(oldGroup) === 'StandBy';
  const [active, standBy] = areSwapped ? [newGroup, oldGroup] : [oldGroup, newGroup];
  const tags = [
    { group: active.name, ...typeTagOf(active.tags), value: 'Active' },
    { group: standBy.name, ...typeTagOf(standBy.tags), value: 'StandBy' },
  ];
  return { code: 'T013', message: snapshot.rolesInWords(), remedy: { kind: 'tag', tags } };
}

/** Whatever is there of a deployment that failed: what the plan names, and whatever else a group is attached to by now. */
export async function lookAtEverything(
  plan: Plan,
  { fleet, loadBalancers }: { fleet: Fleet; loadBalancers: LoadBalancers },
  now: Date,
): Promise<Snapshot<Group | undefined>> {
  const groups = await fleet.groups([plan.oldGroup, plan.newGroup]);
  const [ofOldGroup = [], ofNewGroup = []] = await Promise.all(
    [plan.oldGroup, plan.newGroup].map(async (groupName) => {
      const group = groups.get(groupName);
      return group ? fleet.attachments(group, plan.attachments) : [];
    }),
  );
  const oldAttachments = ofOldGroup.filter(({ identifier }) => !isDummy(identifier));
  const newAttachments = ofNewGroup.filter(({ identifier }) => !isDummy(identifier));
  const isPlanned = attachedTo(plan.attachments);
  const unplanned = [...oldAttachments, ...newAttachments].filter((attachment) => !isPlanned(attachment));
  const looked: Looked[] = [
    ...plan.attachments,
    // Both groups may be attached there.
    ...new Map(unplanned.map((one) => [keyOf(one), { ...one, name: one.identifier }])).values(),
  ];
  const found = await mapSome(looked, (attachment) => healthIfThere(attachment, loadBalancers));
  const gone = new Set(looked.filter((_, index) => !found[index]).map(keyOf));
  const isUnchecked = attachedTo(plan.attachments.filter((planned) => !isChecked(planned)));
  const targetHealth = found.flatMap((health) => (health && !isUnchecked(health) ? [health] : []));
  const dummies = ofNewGroup.filter(({ identifier }) => isDummy(identifier));
  const seen = { oldAttachments, newAttachments, dummies, targetHealth, gone };
  return new Snapshot(plan, now, groups.get(plan.oldGroup), groups.get(plan.newGroup), seen);
}

/** What users may be served through. */
type Looked = Pick<PlannedAttachment, 'kind' | 'identifier' | 'name' | 'isZonal'>;

/** Undefined where somebody has deleted it meanwhile. */
function healthIfThere(looked: Looked, loadBalancers: LoadBalancers): Promise<TargetHealth | undefined> {
  return healthOf(looked, looked.identifier, loadBalancers).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  });
}

/** How everything that is registered stands on the real load balancers, where a listener refers to it. */
export function healthOnReal(plan: Plan, loadBalancers: LoadBalancers): Promise<TargetHealth[]> {
  return mapSome(plan.attachments.filter(isChecked), (planned) => healthOf(planned, planned.identifier, loadBalancers));
}

/** How everything that is registered stands on the dummies. */
export function healthOnDummies(plan: Plan, loadBalancers: LoadBalancers): Promise<TargetHealth[]> {
  const cloned = plan.attachments.filter(({ dummyIdentifier }) => dummyIdentifier !== undefined);
  return mapSome(cloned, (planned) => healthOf(planned, planned.dummyIdentifier ?? '', loadBalancers));
}

/** A target group that no listener refers to is never health-checked, so nothing can be said of it. */
export function isChecked({ kind, loadBalancerArn }: PlannedAttachment): boolean {
  return kind === 'classic' || loadBalancerArn !== undefined;
}

async function healthOf(
  { kind, identifier, name, isZonal = false }: Looked,
  askedIdentifier: string,
  loadBalancers: LoadBalancers,
): Promise<TargetHealth> {
  const targets = await loadBalancers.targetStates({ kind, identifier: askedIdentifier });
  return { kind, identifier, name, isZonal, targets };
}
