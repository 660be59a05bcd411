/** What a deployment is about to do, as its record keeps it. */
import * as z from 'zod/mini';
import { warChange } from '../../events/contract';
import { time } from '../aws/time';
import { type Attachment, type AttachmentId, attachment, isSamePlace } from '../fleet/attachment';
import { capacity } from '../fleet/auto-scaling-groups';
import { scheduledAction } from '../fleet/scheduled-actions';

export const war = z.object({ ...warChange.shape, bucket: z.string(), path: z.string() });
export type War = z.infer<typeof war>;

/** What the old group is attached to, and the clone of it. A target group that no listener refers to has none. */
const plannedAttachment = z.object({
  ...attachment.shape,
  name: z.string(),
  /** Of a target group: the load balancer that it belongs to. */
  loadBalancerArn: z.optional(z.string()),
  /** Cross-zone is off: each zone depends on the healthy instances in it. */
  isZonal: z.optional(z.boolean()),
  /** How long it let its instances drain when it was planned. */
  drainSeconds: z.optional(z.number()),
  /** What the new group is attached to in step 1. */
  dummyIdentifier: z.optional(z.string()),
});
export type PlannedAttachment = z.infer<typeof plannedAttachment>;

/** What the new group is attached to in step 1: the clone of each attachment that has one. */
export function dummiesOf({ attachments }: { attachments: readonly PlannedAttachment[] }): Attachment[] {
  return attachments.flatMap(({ kind, way, dummyIdentifier }) =>
    dummyIdentifier === undefined ? [] : [{ kind, way, identifier: dummyIdentifier }],
  );
}

/** A clone that could not be deleted, and why. */
const leftClone = z.object({
  kind: z.enum(['classic', 'target-group', 'load-balancer']),
  identifier: z.string(),
  why: z.string(),
  /** For want of a permission: nothing else changes that. */
  isDenied: z.optional(z.boolean()),
});
export type LeftClone = z.infer<typeof leftClone>;

/** The name that the plan knows an attachment by; what it does not know has its identifier. */
export function plannedName({ attachments }: Pick<Plan, 'attachments'>, wanted: AttachmentId): string {
  return attachments.find((planned) => isSamePlace(planned, wanted))?.name ?? wanted.identifier;
}

/** How far it was looked for instances of a group that are registered elsewhere; target groups by the ids of their ARNs. */
export const elsewhere = z.object({
  looked: z.array(z.string()),
  /** Of these, those that list an instance of the group. */
  listing: z.optional(z.array(z.string())),
  /** How many were not looked at, since there are too many. */
  unlooked: z.optional(z.int()),
  /** All that there was by then has been looked at. */
  isComplete: z.optional(z.literal(true)),
});
export type Elsewhere = z.infer<typeof elsewhere>;

/** What the deployment is about to do. Roles are these group names, never what the tags say meanwhile. */
export const plan = z.object({
  oldGroup: z.string(),
  newGroup: z.string(),
  /** How the groups spell the tag that tells their roles. */
  typeTag: z.object({ key: z.string(), propagateAtLaunch: z.boolean() }),
  /** The sizes that the new group has once it serves; until `Completed` its minimum is its desired capacity. */
  capacity,
  /** Active was at 0 when the deployment began: nothing of it can be lost. */
  isEmergency: z.boolean(),
  /** Active was at 0, or came there, by its own scheduled action: nobody is to be served until that gives it instances. */
  isAtZeroBySchedule: z.optional(z.boolean()),
  repetitions: z.int(),
  wars: z.array(war),
  /** The latest version of a war that stays as it is, because that was rolled back. */
  heldBack: z.optional(z.array(z.object({ slot: z.int(), versionId: z.string(), name: z.optional(z.string()) }))),
  /** What the task asks for by tags beside the plain chain; by tag. */
  options: z.optional(z.record(z.string(), z.string())),
  /** When it was begun to look which versions there are: what was uploaded before is among them, or was replaced. */
  versionsChosenAt: z.optional(time),
  /** Since when the new group carries the versions: what it launches from then on installs them. */
  versionsTaggedAt: z.optional(time),
  /** A digest of the instances of the new group that a stage has passed with, as launched since then. */
  proven: z.optional(z.string()),
  attachments: z.array(plannedAttachment),
  /** How long an instance that is well takes until it is called healthy behind them, where that is known. */
  healthySeconds: z.optional(z.number()),
  /** Since when the clones are created; until all of them are named here. */
  cloningSince: z.optional(time),
  /** Where else instances of the old group are registered, as far as was looked. */
  elsewhere: z.optional(elsewhere),
  /** What the next mail of a cycle is to tell besides. */
  notes: z.optional(z.array(z.string())),
  /** What people or AWS have done with the old group meanwhile, and has been noted. */
  noticed: z.optional(z.array(z.string())),
  /** ARNs of the clones of Application and Network Load Balancers. */
  dummyLoadBalancerArns: z.array(z.string()),
  /** Clones that were not needed any more, and could not be deleted. */
  leftClones: z.optional(z.array(leftClone)),
  /** Processes that we suspended on the new group; only these are resumed. */
  suspendedProcesses: z.array(z.string()),
  /** The old group's own minimum, and what that was raised to for as long as the new version shares its users. */
  raisedMinimum: z.optional(z.object({ own: z.int(), to: z.array(z.int()) })),
  /** Processes that we suspended on the old group before it was detached, and since when; only these are resumed. */
  suspendedOnOld: z.optional(z.object({ processes: z.array(z.string()), since: time })),
  /** Those that the old group has, or had when it was detached: they follow to the new one. */
  scheduledActions: z.array(scheduledAction),
  /** Since when they are on the new group, or on their way: what falls due has no effect until retire. */
  scheduledActionsMovedAt: z.optional(time),
});
export type Plan = z.infer<typeof plan>;
