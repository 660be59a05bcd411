/**
 * DeployRequested → Started, DummyAttached: decides whether the request can be run, opens the task's record, gives
 * StandBy the versions, detaches it from what has users, clones what Active is attached to, attaches StandBy to the clones, and sizes it.
 */
import * as z from 'zod/mini';
import type { Users } from '../events/contract';
import { DummyAttached } from '../events/dummy-attached';
import { list, name, number, readConfiguration } from '../shared/aws/configuration';
import { errorCode } from '../shared/aws/errors';
import { named } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import type { StateBucket } from '../shared/aws/state-bucket';
import { addSeconds, secondsBetween } from '../shared/aws/time';
import { dummiesOf, type Plan, plannedName } from '../shared/deployment/plan';
import { planDeployment } from '../shared/deployment/planning';
import { pairOf, refusalOfSize } from '../shared/deployment/readiness';
import { isRefusal, type Refusal } from '../shared/deployment/refusal';
import { another } from '../shared/deployment/role-remedies';
import { provenSizes } from '../shared/deployment/sizes';
import { hasUsers, mayMeetUsers } from '../shared/deployment/standby';
import { usersWithout } from '../shared/deployment/users';
import { cloneAll, isOfAccount, readOriginals } from '../shared/dummies/cloning';
import { Dummies } from '../shared/dummies/dummies';
import { shortageFor } from '../shared/dummies/room';
import { UnreadableClones } from '../shared/dummies/unreadable-clones';
import { type AttachmentState, isSamePlace } from '../shared/fleet/attachment';
import { Fleet, type Group, SUSPENDED_WHILE_TESTING } from '../shared/fleet/auto-scaling-groups';
import { TraitsReader } from '../shared/fleet/further-traits';
import { GROUP_TAG_LAG_SECONDS } from '../shared/fleet/lag';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { toAttach, toDetach } from '../shared/fleet/motion';
import { ScheduledActions } from '../shared/fleet/scheduled-actions';
import { tagValue, versionKeyOf } from '../shared/fleet/tags';
import { settingsOf } from '../shared/fleet/task-settings';
import { Wars } from '../shared/fleet/wars';
import {
  deployRequests,
  type Preparation,
  servesAlready,
  settling,
  waitingForRoom,
} from '../shared/pipeline/admission';
import { abortedBefore } from '../shared/pipeline/early-abort';
import { taskOptions } from '../shared/pipeline/flow';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { again, failed, failedBy, type Outcome, passed } from '../shared/pipeline/outcome';
import { ROOM_LIMIT_SECONDS } from '../shared/pipeline/pacing';
import type { DeploymentRecord } from '../shared/pipeline/record';
import type { ReadRequest } from '../shared/pipeline/requests';
import { ActionFailed, type Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';
import { Wiring } from '../shared/pipeline/wiring';

/** StandBy is empty: nothing drains. What takes longer, somebody attaches again and again. */
const LEAVING_LIMIT_SECONDS = 600;

const configurationSchema = z.object({
  WAR_BUCKETS: list,
  EVENT_BUS_ARN: name,
  REPETITIONS: number,
  CYCLE_SECONDS: number,
});

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  wars: Wars;
  scheduledActions: ScheduledActions;
  traits: TraitsReader;
  wiring: Wiring;
  /** An abort may have overtaken its request: it waits there. */
  state: StateBucket;
  configuration: z.infer<typeof configurationSchema>;
}

const start: Stage<Connections> = {
  name: 'start',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('start', plan), code: '500' }),

  connect: ({ runtime, deadline, bus, state }) => ({
    state,
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    wars: Wars.connect(runtime, deadline),
    scheduledActions: ScheduledActions.connect(runtime, deadline),
    traits: TraitsReader.connect(runtime, deadline),
    wiring: Wiring.connect(runtime, deadline, bus.name),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, connections) {
    const { record, now } = deployment;
    const aborted = record.seq === 1 ? await abortedBefore(connections.state, record, now) : undefined;
    if (aborted) return { kind: 'ended', code: 'T015', ...aborted };
    return record.plan ? prepareStandBy(deployment, connections) : settle(deployment, connections);
  },

  requests: { DeployRequested: deployRequests(prepare) },
};

export const createHandler = stage(start);
export const handler = onLambda(createHandler);

/** Said while the upload waited: what is uploaded then, nobody is told of. */
const NOT_BY_ITSELF: Refusal = {
  code: '414',
  message:
    'autodeploy = false was set on a group of the task while the upload waited, so that it is not deployed by itself',
};

/** What is refused perhaps only because the tags of the deployment before are not to be read yet, is asked once more. */
async function prepare(
  request: ReadRequest,
  past: DeploymentRecord | undefined,
  connections: Connections,
  now: Date,
): Promise<Preparation | Refusal> {
  const prepared = await prepareAtOnce(request, past, connections, now);
  const settleSeconds = past ? unsettledSeconds(prepared, past.outbox.writtenAt, now) : 0;
  return settleSeconds > 0 ? { settleSeconds } : prepared;
}

/** An upload may wait for companions; any other request is planned before its record is opened. */
async function prepareAtOnce(
  request: ReadRequest,
  past: DeploymentRecord | undefined,
  connections: Connections,
  now: Date,
): Promise<Preparation | Refusal> {
  const refusal = await connections.wiring.refusal();
  if (refusal) return refusal;
  const groups = request.type === 'upload' ? await connections.fleet.groupsOfTask(request.task) : undefined;
  if (groups) {
    const pair = pairOf(request.task, groups, connections.configuration.WAR_BUCKETS);
    if (isRefusal(pair)) return pair;
    const { isDeployedByItself, settleSeconds } = settingsOf([pair.active, pair.standBy]);
    if (!isDeployedByItself) return NOT_BY_ITSELF;
    if (settleSeconds > 0) return { settleSeconds };
  }
  return planFor(request, past, connections, now, groups);
}

/** Wars that belong together are uploaded one after the other: they become one deployment. */
async function settle(deployment: Deployment, connections: Connections): Promise<Outcome> {
  const { record, progress, now, task } = deployment;
  const until = progress.settleUntil ?? now.toISOString();
  if (progress.shortSince === undefined && now.toISOString() < until) return settling(until);
  const { type, ...asked } = record.request;
  const request = { ...asked, task, type: type === 'upload' ? type : ('manual' as const) };
  const prepared = progress.isUnprepared
    ? await prepareAtOnce(request, record, connections, now)
    : await planFor(request, record, connections, now);
  if ('settleSeconds' in prepared) return settlingSince(record, prepared.settleSeconds);
  if ('waitsFor' in prepared) return waitOn(deployment, prepared.waitsFor);
  const planned = prepared;
  const unsettled = unsettledSeconds(planned, record.previousEndedAt, now);
  if (unsettled > 0) return settling(addSeconds(now, unsettled));
  if (isRefusal(planned)) return { kind: 'refused', ...planned };
  if (servesAlready(request, planned)) return { kind: 'skipped', reason: 'the uploaded versions serve already' };
  // What waits behind a request for certain versions is not among them: it is deployed next.
  const notes = [...planned.notes, ...notesOnWaiting(deployment)];
  return { kind: 'planned', ...planned, notes, covers: type === 'upload' ? record.pending?.requestId : undefined };
}

/** The clones of others go within minutes: what has waited for long enough is refused. */
function waitOn({ progress, now, uniqueId }: Deployment, waitsFor: string): Outcome {
  const { shortSince } = progress;
  const seconds = shortSince === undefined ? 0 : secondsBetween(shortSince, now);
  if (seconds <= ROOM_LIMIT_SECONDS) return waitingForRoom(waitsFor, { now, uniqueId, shortSince });
  const minutes = Math.floor(seconds / 60);
  return { kind: 'refused', code: '413', message: `no room in the account for ${minutes} min: it needs ${waitsFor}` };
}

function notesOnWaiting({ progress, now }: Deployment): string[] {
  if (progress.shortSince === undefined) return [];
  const minutes = Math.max(1, Math.round(secondsBetween(progress.shortSince, now) / 60));
  return [`Before that it waited ${minutes} min for room in the account, which the clones of others took up.`];
}

/** Of an upload whose task could not be read at once: its companions were given their time since it came. */
function settlingSince({ request, timeline }: DeploymentRecord, seconds: number): Outcome {
  const since = request.arrivedAt ?? timeline[0]?.at ?? request.requestedAt;
  return settling(addSeconds(new Date(since), seconds));
}

/** How a task is refused whose groups are taken for each other, or both for the same. */
const OF_ROLES = ['400', '401', '403'];

/** How long the roles may still be read as they were before the last deployment ended, where they do not fit. */
function unsettledSeconds(planned: object, endedAt: string | undefined, now: Date): number {
  if (!isRefusal(planned) || !OF_ROLES.includes(planned.code) || endedAt === undefined) return 0;
  return Math.max(0, Math.ceil(GROUP_TAG_LAG_SECONDS - secondsBetween(endedAt, now)));
}

/** A plan that there is room for, unless it changes nothing. */
async function planFor(
  request: ReadRequest,
  past: DeploymentRecord | undefined,
  connections: Connections,
  now: Date,
  groups?: Group[],
): Promise<Preparation | Refusal> {
  const planned = await planOf(request, past, connections, now, groups);
  if (isRefusal(planned) || servesAlready(request, planned)) return planned;
  const { plan, attached, limits } = planned;
  return (await shortageFor(plan, attached, limits, connections.loadBalancers)) ?? planned;
}

function planOf(
  { task, versions, capacity }: ReadRequest,
  past: DeploymentRecord | undefined,
  { configuration, ...sources }: Connections,
  now: Date,
  groups?: Group[],
) {
  const { WAR_BUCKETS: warBuckets, EVENT_BUS_ARN: stack } = configuration;
  const { REPETITIONS: repetitions, CYCLE_SECONDS: cycleSeconds } = configuration;
  const asked = { task, versions, capacity, past, now, groups, options: taskOptions() };
  return planDeployment({ ...asked, warBuckets, stack, repetitions, cycleSeconds }, sources);
}

/** From here on the world is changed. An ALB takes minutes to provision: StandBy boots while its clone provisions. */
async function prepareStandBy(deployment: Deployment, connections: Connections): Promise<Outcome> {
  const { plan, task, deploymentId, record, progress, now } = deployment;
  const { fleet, loadBalancers, configuration } = connections;
  const groups = await fleet.groups([plan.newGroup, plan.oldGroup]);
  const group = groups.get(plan.newGroup);
  if (!group) {
    const message = `the StandBy group ${plan.newGroup} no longer exists`;
    return failedBy({ code: '500', message, remedy: another(groups.get(plan.oldGroup), plan.newGroup) });
  }
  const left = await leaveUsers(deployment, fleet, group);
  if ('kind' in left) return left;
  const originals = await readOriginals(plan, groups.get(plan.oldGroup), { fleet, loadBalancers });
  if (isRefusal(originals)) return failedBy(originals, usersLost(originals, plan, now));

  if (plan.versionsTaggedAt === undefined) {
    const tagging = isTagged(group, plan) ? [] : [() => tagVersions(fleet, group, plan)];
    await deployment.act('402', `tagging ${plan.newGroup} with the versions`, tagging);
    // Somebody may have sized it since the request was admitted: what was launched before now installed other versions.
    const tagged = (await fleet.groups([plan.newGroup])).get(plan.newGroup);
    const refusal = tagged && progress.sizedAt === undefined ? refusalOfSize(tagged) : undefined;
    if (refusal) return failed(refusal.code, `${refusal.message}: it was sized meanwhile; clean-up takes it to 0/0/0`);
    const versionsTaggedAt = deployment.now.toISOString();
    await deployment.act('402', 'noting that it is tagged', [], { plan: { ...plan, versionsTaggedAt } });
  }
  const createdAt = record.timeline[0]?.at ?? '';
  const ownership = { task, deploymentId, createdAt, stack: configuration.EVENT_BUS_ARN };
  const unreadable = new UnreadableClones(progress.unreadableSince ?? {}, () => deployment.now);
  const means = async () => {
    const dummies = await Dummies.find(loadBalancers, ownership, unreadable, plan);
    return { loadBalancers, dummies, unreadable };
  };
  const cloned = isCloned(plan)
    ? plan
    : await cloneAll(deployment, await means(), originals).catch((error) => untilRoom(deployment, error));
  if ('kind' in cloned) return cloned;
  const suspended = plan.suspendedProcesses.filter((process) => SUSPENDED_WHILE_TESTING.includes(process));
  const { attachments, isLast, name } = toAttach(left.attachments, dummiesOf(cloned));
  await deployment.act('412', `attaching ${plan.newGroup} to the dummies${name}`, [
    ...fleet
      .attach(plan.newGroup, attachments)
      .map((call) => () => unreadable.tolerate(`the dummies of ${plan.newGroup}`, call)),
    () => fleet.suspend(plan.newGroup, suspended),
  ]);
  unreadable.check();
  if (!isLast) return again(`${plan.newGroup} to be attached to the dummies${name}`, { plan: cloned });
  const attached = (await fleet.groups([plan.newGroup])).get(plan.newGroup);
  if (attached && mayMeetUsers(attached))
    return again(`${plan.newGroup} to be detached where somebody attached it`, { plan: cloned });
  const { minimum, desired, maximum } = provenSizes(plan);
  const size = () => fleet.resize(plan.newGroup, { minimum, desired, maximum });
  const action = `sizing ${plan.newGroup} to ${desired}/${desired}/${maximum}`;
  await deployment.act('412', action, [size], { progress: { sizedAt: now.toISOString() } });
  return passed(DummyAttached, {}, cloned);
}

/** Somebody else was quicker with what there was room for when this was planned. What is made by now stays, and is found. */
function untilRoom(deployment: Deployment, error: unknown): Outcome {
  const { progress, now, uniqueId } = deployment;
  const isLong = progress.shortSince !== undefined && secondsBetween(progress.shortSince, now) > ROOM_LIMIT_SECONDS;
  if (isLong || !(error instanceof ActionFailed) || !isOfAccount(error.cause)) throw error;
  const waitsFor = `room in the account for its clones (${errorCode(error.cause)})`;
  return waitingForRoom(waitsFor, { now, uniqueId, shortSince: progress.shortSince });
}

/** Where Active is not attached any more, or nothing stands any more, nobody serves users. */
function usersLost({ remedy }: Refusal, plan: Plan, now: Date): Users | undefined {
  if (remedy?.kind !== 'attach' && remedy?.kind !== 'detach') return undefined;
  const { attachments } = remedy;
  const lost = plan.attachments.filter((planned) => attachments.some((one) => isSamePlace(one, planned)));
  return usersWithout(lost, plan, now, remedy.kind === 'detach' ? 'gone' : 'unattached');
}

/** An invocation before has done so, and only not everything could be attached at once. */
function isCloned({ attachments, cloningSince }: Plan): boolean {
  return cloningSince === undefined && attachments.some(({ dummyIdentifier }) => dummyIdentifier !== undefined);
}

/** What StandBy launches while it is attached to what has users would serve them, unproven. What else it is attached to, once it is nowhere. */
async function leaveUsers(
  deployment: Deployment,
  fleet: Fleet,
  group: Group,
): Promise<Outcome | { attachments: AttachmentState[] }> {
  const { plan, now, progress } = deployment;
  const { newGroup } = plan;
  // What it is leaving the group lists no more: where it was detached, all is asked for.
  const attachments = await fleet.attachments(group, progress.leavingSince ? undefined : plan.attachments);
  const listed = attachments.filter(hasUsers);
  if (listed.length === 0) return { attachments };
  const names = named(listed.map((attachment) => plannedName(plan, attachment)));
  const leavingSince = progress.leavingSince ?? now.toISOString();
  if (secondsBetween(leavingSince, now) > LEAVING_LIMIT_SECONDS) {
    const message = `${newGroup} (StandBy) is still attached to ${names}: keep whoever attaches it from doing so`;
    return failed('412', message);
  }
  const next = toDetach(attachments, listed);
  const action = `detaching ${newGroup} from ${names}${next.name}`;
  await deployment.act('412', action, fleet.detach(newGroup, next.attachments), { progress: { leavingSince } });
  return again(`${newGroup} to let go of ${names}${next.name}`, { progress: { leavingSince } });
}

/** Those of before may be deployed again. */
function isTagged({ tags }: Group, { wars }: Plan): boolean {
  return wars.every(({ slot, to }) => tagValue(tags, versionKeyOf(slot)) === to);
}

async function tagVersions(fleet: Fleet, group: Group, plan: Plan): Promise<void> {
  await fleet.writeTags(
    plan.wars.map(({ slot, to }) => ({ group, key: versionKeyOf(slot), value: to, propagateAtLaunch: true })),
  );
}
