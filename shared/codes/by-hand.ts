/**
 * What an operator runs where clean-up leaves the decision to one: only what is still to be done, by what was found, so that
 * every command works as it stands, in the order in which they stand. Lines that start with `#` say which belong together
 * and when to go on; nothing here is to be run without a decision. What frees the task afterwards the mail itself adds.
 */
import { isRaised, ownMinimum, stillSuspended } from '../deployment/active-size';
import type { Plan } from '../deployment/plan';
import { trueLimits } from '../deployment/sizes';
import { type Snapshot, typeOf } from '../deployment/snapshot';
import { type Attachment, type AttachmentState, isLeaving, keyOf } from '../fleet/attachment';
import { type Capacity, type Group, isInService, suspendedOf } from '../fleet/auto-scaling-groups';
import { type ScheduledAction, willBeDue } from '../fleet/scheduled-actions';
import { typeTagOf } from '../fleet/tags';
import {
  asComments,
  attachCommands,
  deleteScheduleCommand,
  describeCommands,
  protectionCommands,
  resizeCommand,
  resumeCommand,
  scheduleCommand,
  tagCommand,
} from './commands';

type Found = Snapshot<Group | undefined>;

/** What has to be known beside the snapshot: the scheduled actions of each group. */
export interface Schedules {
  ofOldGroup: ScheduledAction[];
  ofNewGroup: ScheduledAction[];
}

/** What shows where the groups of a deployment stand. */
export function commandsToLook({ oldGroup, newGroup }: Plan, attachments: readonly Attachment[]): string[] {
  const looked = attachments.slice(0, LOOKED_AT);
  const more = attachments.length - looked.length;
  return [
    '# See who serves.',
    ...describeCommands([oldGroup, newGroup], looked),
    ...(more > 0 ? [`# and so on for the other ${more} that the first of these commands shows`] : []),
  ];
}

/** Of the attachments: each has a command of its own. */
const LOOKED_AT = 10;

/** What shows, in short, whether somebody serves where users come in. */
export function commandsToSee(attachments: readonly Attachment[]): string[] {
  const looked = attachments.slice(0, SEEN);
  const more = attachments.length - looked.length;
  return [...describeCommands([], looked), ...(more > 0 ? [`# and so on for the other ${more}`] : [])];
}

const SEEN = 3;

/** What makes either version the one that serves. */
export function commandsToDecide(snapshot: Found, schedules: Schedules): string[] {
  const { oldGroup, newGroup, plan } = snapshot;
  const keeping = newGroup && newGroup.capacity.desired > 0 ? commandsToKeep(snapshot, newGroup, schedules) : [];
  const goingBack = oldGroup ? commandsToGoBack(snapshot, oldGroup, schedules) : [];
  const looking = commandsToLook(plan, everywhere(snapshot));
  const way = `back to the version of ${plan.oldGroup}:`;
  if (keeping.length === 0) return [...looking, ...(goingBack.length > 0 ? [`# Go ${way}`, ...goingBack] : [])];
  // Whoever pastes all of it at once would do both.
  return [
    ...looking,
    `# Either keep the new version, where ${plan.newGroup} is healthy:`,
    ...asComments(keeping),
    ...(goingBack.length > 0 ? [`# Or go ${way}`, ...asComments(goingBack)] : []),
  ];
}

function commandsToKeep(snapshot: Found, newGroup: Group, { ofOldGroup }: Schedules): string[] {
  const { oldGroup, oldAttachments, newAttachments, plan, seenAt, gone } = snapshot;
  const missing = missingOf(newAttachments, everywhere(snapshot));
  const limits = trueLimits(plan, newGroup);
  // Nobody asked for a deployment where there are no wars: then the sizes are people's own.
  const isSized = plan.wars.length === 0 || isAt(newGroup, limits);
  return [
    ...attachCommands('detach', plan.newGroup, goneOf(newAttachments, gone)),
    ...attachCommands('attach', plan.newGroup, missing),
    ...(missing.length > 0 ? [`# wait until ${plan.newGroup} is healthy there, then`] : []),
    ...(oldGroup ? attachCommands('detach', plan.oldGroup, staying(oldAttachments)) : []),
    ...movingCommands(ofOldGroup, plan.oldGroup, plan.newGroup, seenAt),
    ...taggingCommands(newGroup, oldGroup),
    ...(oldGroup ? emptyingCommands(oldGroup) : anotherGroup(plan.newGroup)),
    ...(isSized ? [] : [resizeCommand(plan.newGroup, limits)]),
    ...resumeCommand(plan.newGroup, suspendedOf(newGroup, plan.suspendedProcesses)),
    ...(oldGroup ? resumeCommand(plan.oldGroup, stillSuspended(plan, oldGroup)) : []),
  ];
}

function commandsToGoBack(snapshot: Found, oldGroup: Group, { ofNewGroup }: Schedules): string[] {
  const { newGroup, oldAttachments, newAttachments, plan, seenAt, gone } = snapshot;
  const missing = missingOf(oldAttachments, everywhere(snapshot));
  const isDown = oldGroup.capacity.desired === 0;
  const isWell = !isDown && missing.length === 0 && snapshot.isWell(oldGroup);
  return [
    ...attachCommands('detach', plan.oldGroup, goneOf(oldAttachments, gone)),
    ...(isDown ? [resizeCommand(plan.oldGroup, plan.capacity)] : []),
    ...attachCommands('attach', plan.oldGroup, missing),
    ...resumeCommand(plan.oldGroup, stillSuspended(plan, oldGroup)),
    ...(isWell ? [] : [`# wait until ${plan.oldGroup} is healthy there, then`]),
    ...(newGroup ? attachCommands('detach', plan.newGroup, staying(newAttachments)) : []),
    // What was there before the swap is the group's own.
    ...(plan.scheduledActionsMovedAt ? movingCommands(ofNewGroup, plan.newGroup, plan.oldGroup, seenAt) : []),
    ...taggingCommands(oldGroup, newGroup),
    ...(newGroup ? emptyingCommands(newGroup) : anotherGroup(plan.oldGroup)),
    ...(newGroup ? resumeCommand(plan.newGroup, suspendedOf(newGroup, plan.suspendedProcesses)) : []),
    // Last of all: until then the new version shares the load, and alarms would make the old group smaller.
    ...(isRaised(plan, oldGroup) && !isDown ? [resizeCommand(plan.oldGroup, ownLimits(plan, oldGroup))] : []),
  ];
}

/** Wherever users may come in: what was planned, and what either group is attached to by now; without what is gone. */
function everywhere({ plan, oldAttachments, newAttachments, gone }: Found): Attachment[] {
  const found: Attachment[] = [...plan.attachments, ...staying(oldAttachments), ...staying(newAttachments)];
  const byKey = new Map(found.map((attachment) => [keyOf(attachment), attachment]));
  return [...byKey.values()].filter((attachment) => !gone.has(keyOf(attachment)));
}

function staying(attachments: readonly AttachmentState[]): AttachmentState[] {
  return attachments.filter((attachment) => !isLeaving(attachment));
}

function missingOf(attachments: readonly AttachmentState[], wanted: readonly Attachment[]): Attachment[] {
  const present = new Set(staying(attachments).map(keyOf));
  return wanted.filter((attachment) => !present.has(keyOf(attachment)));
}

/** A group that is attached to what somebody has deleted launches no instances. */
function goneOf(attachments: readonly AttachmentState[], gone: ReadonlySet<string>): Attachment[] {
  return staying(attachments).filter((attachment) => gone.has(keyOf(attachment)));
}

/** In the spelling of each group: a key in two spellings says nothing. */
function taggingCommands(active: Group, standBy: Group | undefined): string[] {
  const wanted = [{ group: active, value: 'Active' }, ...(standBy ? [{ group: standBy, value: 'StandBy' }] : [])];
  if (wanted.every(({ group, value }) => typeOf(group) === value)) return [];
  return [tagCommand(wanted.map(({ group, value }) => ({ group: group.name, ...typeTagOf(group.tags), value })))];
}

/** An instance that is still listed would take its last requests with it. */
function emptyingCommands(group: Group): string[] {
  if (isAt(group, EMPTY) && group.capacity.desired === 0 && group.instances.length === 0) return [];
  const kept = group.instances.filter((instance) => instance.isProtected && isInService(instance));
  return [
    `# wait until no load balancer lists an instance of ${group.name} any more, also not as draining, then`,
    ...protectionCommands(
      group.name,
      kept.map(({ id }) => id),
    ),
    resizeCommand(group.name, EMPTY),
  ];
}

const EMPTY: Capacity = { minimum: 0, desired: 0, maximum: 0 };

function anotherGroup(like: string): string[] {
  return [`# make another group as ${like}, at 0/0/0, attached to nothing, with its tags but type = StandBy, then`];
}

function ownLimits(plan: Plan, group: Group): Omit<Capacity, 'desired'> {
  return { minimum: ownMinimum(plan, group), maximum: group.capacity.maximum };
}

function isAt({ capacity }: Group, { minimum, maximum }: Omit<Capacity, 'desired'>): boolean {
  return capacity.minimum === minimum && capacity.maximum === maximum;
}

/** Each is put on the one group before it is deleted from the other. */
function movingCommands(actions: readonly ScheduledAction[], from: string, to: string, now: Date): string[] {
  return actions.flatMap((action) => [
    ...(willBeDue(action, now) ? [scheduleCommand(to, action)] : []),
    deleteScheduleCommand(from, action.name),
  ]);
}
