/**
 * A deployment as people see it: one plain value, made from the record, the history and a look at the world. Mails, the
 * operator's command and its page show parts of it, and none of them looks at anything else. It goes through JSON as it is.
 */
import { CheckPending } from '../../events/check-pending';
import { Cleaned } from '../../events/cleaned';
import type { Users } from '../../events/contract';
import { secondsBetween } from '../aws/time';
import type { Snapshot } from '../deployment/snapshot';
import { usersOf } from '../deployment/users';
import { type Group, isInService } from '../fleet/auto-scaling-groups';
import { tagValue } from '../fleet/tags';
import type { TargetHealth } from '../fleet/target-health';
import { shownVersion } from '../fleet/war-name';
import { PLAIN_CHAIN, type StageName } from '../pipeline/flow';
import type { IndexLine } from '../pipeline/history';
import type { DeploymentRecord } from '../pipeline/record';
import { type Matrix, matrixOf } from './matrix';

export interface DeploymentView {
  task: string;
  deploymentId: string;
  status: DeploymentRecord['status'];
  requestedBy: string;
  /** Why it failed, is being taken back, or waits for an operator. */
  failure?: { code: string; stage: string; message: string };
  /** Undefined where nothing was planned, so that nobody could look. */
  users?: Users;
  wars: WarView[];
  stages: StageView[];
  groups: GroupView[];
  matrix: Matrix;
  /** Who asked for the upload that waits, if one does. */
  waiting?: string;
  /** Where clean-up stopped: what it found, and what an operator may run by hand. */
  handedOver?: { summary: string; findings: string[]; commands: string[] };
  /** The newest deployments of the task that have ended, newest first. */
  history: IndexLine[];
}

/** A version is called by its name and the beginning of its id. */
export interface WarView {
  key: string;
  /** What the old group runs. */
  from: string;
  /** What the new group gets. */
  to: string;
}

export interface StageView {
  stage: StageName;
  state: 'done' | 'running' | 'waiting' | 'failed' | 'to come';
  /** ISO. Of one that ran more than once, the last time. */
  beganAt?: string;
  seconds?: number;
  /** How long it may wait. */
  limitSeconds?: number;
  waitingFor?: string;
}

export interface GroupView {
  name: string;
  /** In the plan. */
  role: 'old' | 'new';
  exists: boolean;
  /** As its tag says. */
  type?: string;
  /** `2/2/4`: minimum, desired, maximum. */
  sizes?: string;
  inService: number;
  suspendedProcesses: string[];
}

export interface Seen {
  record: DeploymentRecord;
  /** Of what the plan names; undefined where nothing was planned. */
  snapshot?: Snapshot<Group | undefined>;
  /** On the clones, under the names of the originals. */
  cloneHealth?: readonly TargetHealth[];
  history?: readonly IndexLine[];
  /** In seconds, by stage. */
  limits?: Partial<Record<StageName, number>>;
  now: Date;
}

export function viewOf({ record, snapshot, cloneHealth = [], history = [], limits = {}, now }: Seen): DeploymentView {
  const { task, deploymentId, status, request, failure, plan, pending } = record;
  return {
    task,
    deploymentId,
    status,
    requestedBy: request.requestedBy,
    ...(failure && { failure }),
    ...(snapshot && { users: usersOf(snapshot, snapshot.areRolesSwapped() ? 'new' : 'old') }),
    wars: (plan?.wars ?? []).map(({ key, from, to, fromName, toName }) => ({
      key,
      from: shownVersion(from, fromName),
      to: shownVersion(to, toName),
    })),
    stages: stagesOf(record, limits, now),
    groups: snapshot ? groupsOf(snapshot) : [],
    matrix: snapshot ? matrixOf(snapshot, cloneHealth) : { columns: [], rows: [] },
    ...(pending && { waiting: pending.requestedBy }),
    ...(status === 'blocked' && handedOverBy(record)),
    history: [...history],
  };
}

/** The plain chain, and whatever else the deployment came by. */
function stagesOf(record: DeploymentRecord, limits: NonNullable<Seen['limits']>, now: Date): StageView[] {
  const { timeline } = record;
  const names = [...new Set([...PLAIN_CHAIN, ...timeline.map(({ stage }) => stage as StageName)])];
  return names.map((stage) => {
    const index = timeline.findLastIndex((entry) => entry.stage === stage);
    const began = timeline[index];
    const limitSeconds = limits[stage];
    const limit = limitSeconds === undefined ? {} : { limitSeconds };
    if (!began) return { stage, state: 'to come', ...limit };
    const isLast = index === timeline.length - 1;
    const end = isLast && isUnderWay(record) ? now : new Date(timeline[index + 1]?.at ?? record.outbox.writtenAt);
    const waitingFor = isLast ? waitedFor(record) : undefined;
    const times = { beganAt: began.at, seconds: secondsBetween(began.at, end), ...limit };
    return { stage, state: stateOf(record, stage, isLast, waitingFor), ...times, ...(waitingFor && { waitingFor }) };
  });
}

function isUnderWay({ status }: DeploymentRecord): boolean {
  return status === 'running' || status === 'cleaning';
}

function stateOf(
  record: DeploymentRecord,
  stage: StageName,
  isLast: boolean,
  waitingFor: string | undefined,
): StageView['state'] {
  if (record.failure?.stage === stage && stage !== 'clean-up') return 'failed';
  if (!isLast || record.status === 'completed' || record.status === 'failed') return 'done';
  if (record.status === 'blocked') return 'failed';
  return waitingFor === undefined ? 'running' : 'waiting';
}

function handedOverBy({ outbox }: DeploymentRecord): Pick<DeploymentView, 'handedOver'> {
  const cleaned = outbox.events.find(({ detailType }) => detailType === Cleaned.detailType);
  const read = cleaned && Cleaned.read(cleaned.detail);
  if (!read?.success) return {};
  const { summary, findings, commands } = read.detail;
  return { handedOver: { summary, findings, commands } };
}

/** What the newest look has said, where it was not the last. */
function waitedFor({ outbox }: DeploymentRecord): string | undefined {
  const pending = outbox.events.find(({ detailType }) => detailType === CheckPending.detailType);
  const read = pending && CheckPending.read(pending.detail);
  return read?.success ? read.detail.waitingFor : undefined;
}

/** Of a snapshot that has nothing but them, too. */
export function groupsOf({ plan, oldGroup, newGroup }: Snapshot<Group | undefined>): GroupView[] {
  return [
    groupView(plan.oldGroup, 'old', oldGroup, plan.typeTag.key),
    groupView(plan.newGroup, 'new', newGroup, plan.typeTag.key),
  ];
}

function groupView(name: string, role: GroupView['role'], group: Group | undefined, typeKey: string): GroupView {
  if (!group) return { name, role, exists: false, inService: 0, suspendedProcesses: [] };
  const { minimum, desired, maximum } = group.capacity;
  const type = tagValue(group.tags, typeKey);
  return {
    ...{ name, role, exists: true, sizes: `${minimum}/${desired}/${maximum}` },
    ...(type !== undefined && { type }),
    inService: group.instances.filter(isInService).length,
    suspendedProcesses: group.suspendedProcesses,
  };
}
