/** The record: the one object per task that is both lock and state of its deployment. */
import * as z from 'zod/mini';
import { taskName, warChange } from '../../events/contract';
import { upload } from '../../events/deploy-requested';

/** The stages that act, in the order in which a deployment passes them; `clean-up` only where one fails. */
export const STAGES = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'clean-up'] as const;
export type StageName = (typeof STAGES)[number];

const time = z.iso.datetime();

const war = z.object({ ...warChange.shape, bucket: z.string(), path: z.string() });
export type War = z.infer<typeof war>;

const capacity = z.object({ minimum: z.int(), desired: z.int(), maximum: z.int() });
export type Capacity = z.infer<typeof capacity>;

/**
 * How a group is attached to a target group (`identifier` is its ARN) or a Classic Load Balancer (its name): by the calls
 * for that kind, or as a traffic source. Each way has calls of its own.
 */
const attachment = z.object({
  kind: z.enum(['target-group', 'classic']),
  way: z.enum(['direct', 'traffic-source']),
  identifier: z.string(),
});
export type Attachment = z.infer<typeof attachment>;

/** What the old group is attached to, and the clone of it. A target group that no listener refers to has none. */
const plannedAttachment = z.object({
  ...attachment.shape,
  name: z.string(),
  /** Of a target group: the load balancer that it belongs to. */
  loadBalancerArn: z.optional(z.string()),
  /** Cross-zone is off: each zone depends on the healthy instances in it. */
  isZonal: z.optional(z.boolean()),
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

/** `dueAt` is the only time of a one-off action, and the next one of a recurring one. */
const scheduledAction = z.object({
  name: z.string(),
  recurrence: z.optional(z.string()),
  timeZone: z.optional(z.string()),
  dueAt: z.optional(time),
  endTime: z.optional(time),
  minimum: z.optional(z.int()),
  desired: z.optional(z.int()),
  maximum: z.optional(z.int()),
});
export type ScheduledAction = z.infer<typeof scheduledAction>;

/** What the deployment is about to do. Roles are these group names, never what the tags say meanwhile. */
const plan = z.object({
  oldGroup: z.string(),
  newGroup: z.string(),
  /** How the groups spell the tag that tells their roles. */
  typeTag: z.object({ key: z.string(), propagateAtLaunch: z.boolean() }),
  /** The sizes that the new group has once it serves; until `Completed` its minimum is its desired capacity. */
  capacity,
  /** Active was at 0 when the deployment began: nothing of it can be lost. */
  isEmergency: z.boolean(),
  repetitions: z.int(),
  wars: z.array(war),
  attachments: z.array(plannedAttachment),
  /** ARNs of the clones of Application and Network Load Balancers. */
  dummyLoadBalancerArns: z.array(z.string()),
  /** Processes that we suspended on the new group; only these are resumed. */
  suspendedProcesses: z.array(z.string()),
  /** Those that the old group has, or had when it was detached: they follow to the new one. */
  scheduledActions: z.array(scheduledAction),
  /** Since when they are on the new group, or on their way: what falls due has no effect until retire. */
  scheduledActionsMovedAt: z.optional(time),
});
export type Plan = z.infer<typeof plan>;

/** Where a stage stands. Forgotten when the next stage begins. */
const progress = z.object({
  /** Until when `start` lets further uploads come that belong to the same deployment. */
  settleUntil: z.optional(time),
  /** Since when the stage waits: its first look that was not its last. */
  waitingSince: z.optional(time),
  /** Since when cycles count, and the last one that was announced. */
  cyclesSince: z.optional(time),
  cycle: z.optional(z.int()),
  /** Written before the first detaching call: from then on missing attachments are our own doing. */
  detachingSince: z.optional(time),
  /** How long draining may take, in seconds. */
  drainLimitSeconds: z.optional(z.number()),
  /** When retire gave the new group its true sizes, and resumed what was suspended. */
  sizedAt: z.optional(time),
  /** Since when clean-up has the old group attached again and waits for it to be healthy. */
  attachingSince: z.optional(time),
  /** Since when clean-up takes the dummies away before it asks an operator. */
  leavingSince: z.optional(time),
});
export type Progress = z.infer<typeof progress>;

const request = z.object({
  requestId: z.string(),
  type: z.enum(['manual', 'upload', 'clean']),
  requestedAt: time,
  requestedBy: z.string(),
  versions: z.optional(z.string()),
  capacity: z.optional(z.int()),
  upload: z.optional(upload),
  /** The keys of earlier uploads that wait with it: it deploys the latest version of every war. */
  covers: z.optional(z.array(z.string())),
});
/** A request to deploy, or to clean, as the record keeps it. */
export type Request = z.infer<typeof request>;

const outbox = z.object({
  events: z.array(z.object({ detailType: z.string(), detail: z.record(z.string(), z.unknown()) })),
  writtenAt: time,
  published: z.boolean(),
});

const failure = z.object({ code: z.string(), stage: z.string(), message: z.string() });

const claim = z.object({ token: z.string(), until: time, attempt: z.int() });

export const recordSchema = z.object({
  schemaVersion: z.literal(1),
  task: taskName,
  deploymentId: z.string(),
  request,
  status: z.enum(['running', 'cleaning', 'completed', 'failed', 'blocked']),
  /** The stage that the newest event is for. */
  stage: z.enum(STAGES),
  seq: z.int(),
  /** Tells our own write from somebody else's when the answer to it was lost. */
  writeToken: z.string(),
  claim: z.optional(claim),
  plan: z.optional(plan),
  progress,
  outbox,
  /** When each stage began. */
  timeline: z.array(z.object({ stage: z.string(), at: time })),
  /** What failed. While clean-up works, and after it, too. */
  failure: z.optional(failure),
  /**
   * Until `waitUntil` the stage that failed may still be acting. An operator's request to clean takes the dummies of all
   * deployments of the task away (`ofTask`), not only of this one.
   */
  cleaning: z.optional(z.object({ since: time, waitUntil: z.optional(time), ofTask: z.boolean() })),
  /** What had failed before clean-up went forward, once each time. */
  resolvedFailures: z.array(failure),
  /** When the watchdog last published the outbox of a deployment that did not move. */
  nudgedAt: z.optional(time),
  /** The upload that came while this deployment ran: it is deployed next. The newest one wins. */
  pending: z.optional(request),
  /** The last deployment that completed: what `previous` goes back from, and the size after an emergency. */
  lastSuccess: z.optional(z.object({ deploymentId: z.string(), wars: z.array(war), capacity })),
  /**
   * By war key, the versions that rollbacks took away: as long as one of them is the latest, a plain deployment does not
   * bring it back.
   */
  heldVersions: z.record(z.string(), z.array(z.string())),
  /** When the newest request of each type that was run was made, and its id: none that is older is run, nor itself again. */
  handledRequests: z.record(z.string(), time),
  handledIds: z.optional(z.record(z.string(), z.string())),
});
export type DeploymentRecord = z.infer<typeof recordSchema>;

export function isOpen(record: DeploymentRecord): boolean {
  return record.status !== 'completed' && record.status !== 'failed';
}

export function addSeconds(at: Date, seconds: number): string {
  return new Date(at.getTime() + seconds * 1000).toISOString();
}

export function secondsBetween(from: string, to: Date): number {
  return (to.getTime() - Date.parse(from)) / 1000;
}

/** Sorts by time, and goes into the names of things. */
export function newDeploymentId(at: Date, uniqueId: string): string {
  return `${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${uniqueId.slice(0, 6)}`;
}

/** A record in its first state, with what the task's last one hands on. */
export function newRecord(
  task: string,
  deploymentId: string,
  at: Date,
  request: Request,
  previous: DeploymentRecord | undefined,
): DeploymentRecord {
  return {
    schemaVersion: 1,
    task,
    deploymentId,
    request,
    status: 'running',
    stage: 'start',
    seq: 1,
    writeToken: '',
    progress: {},
    outbox: { events: [], writtenAt: at.toISOString(), published: false },
    timeline: [{ stage: 'start', at: at.toISOString() }],
    pending: previous?.pending?.requestId === request.requestId ? undefined : previous?.pending,
    lastSuccess: previous?.lastSuccess,
    heldVersions: previous?.heldVersions ?? {},
    resolvedFailures: [],
    ...handledWith(previous, request),
  };
}

/** The marks of what was run, with one more request that has its outcome, or is about to. */
export function handledWith(
  record: Pick<DeploymentRecord, 'handledRequests' | 'handledIds'> | undefined,
  { type, requestedAt, requestId }: Request,
): Pick<DeploymentRecord, 'handledRequests' | 'handledIds'> {
  const { handledRequests = {}, handledIds = {} } = record ?? {};
  const newest = handledRequests[type];
  if (newest !== undefined && newest > requestedAt) return { handledRequests, handledIds };
  return {
    handledRequests: { ...handledRequests, [type]: requestedAt },
    handledIds: { ...handledIds, [type]: requestId },
  };
}
