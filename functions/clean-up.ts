/**
 * Failed, a crashed stage, AbortRequested, CleanRequested → Cleaned, Step2Passed, Swapped: takes a failed deployment back to
 * the old version; or forward, where Active is detached, or was at 0 before, and the new version is well; or leaves the
 * decision to an operator, where either could take users down. It decides from what is there.
 */
import * as z from 'zod/mini';
import type { Users } from '../events/contract';
import { list, name, number, readConfiguration } from '../shared/aws/configuration';
import { isPermanent } from '../shared/aws/errors';
import { named } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { commandsToDecide } from '../shared/codes/by-hand';
import { resumeCommand } from '../shared/codes/commands';
import { stayingLines } from '../shared/codes/elsewhere';
import { toDoOfKept, toDoOfLostGroup, toDoWhereDown } from '../shared/codes/endings';
import {
  giveBackMinimum,
  skipsScheduledActions,
  stillSuspended,
  unscheduledSince,
} from '../shared/deployment/active-size';
import { LONGEST_DRAIN_SECONDS, laterDrainsSeconds } from '../shared/deployment/attachments';
import { findingsOf, summaryOf } from '../shared/deployment/inspection';
import { oddities, unfinished } from '../shared/deployment/leftovers';
import { type NetworkDrain, networkDrain } from '../shared/deployment/network-drain';
import { dummiesOf, type Plan } from '../shared/deployment/plan';
import { decideRecovery, mayStillReturn, wayForward } from '../shared/deployment/recovery';
import { isChange } from '../shared/deployment/sizes';
import { lookAtEverything, type Snapshot, typeOf } from '../shared/deployment/snapshot';
import { downSinceOf, outageAfter, usersOf, withHadMet } from '../shared/deployment/users';
import {
  deleteClonesOf,
  leftoverLines,
  REMOVAL_LIMIT_SECONDS,
  removedLine,
  waitingForDeletion,
} from '../shared/dummies/removal';
import { Addresses } from '../shared/fleet/addresses';
import { type Attachment, type AttachmentState, isSamePlace, keyOf } from '../shared/fleet/attachment';
import {
  Fleet,
  type Group,
  remainingOf,
  SUSPENDED_BY_US,
  SUSPENDED_WHILE_DRAINING,
  suspendedOf,
} from '../shared/fleet/auto-scaling-groups';
import { isDummy } from '../shared/fleet/dummy-identity';
import type { Listing } from '../shared/fleet/listings';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { batchesOf, toAttach, toDetach } from '../shared/fleet/motion';
import { ScheduledActions, withDueActions } from '../shared/fleet/scheduled-actions';
import { TYPE_KEY } from '../shared/fleet/tags';
import { registeredElsewhere } from '../shared/pipeline/elsewhere';
import { takeOverCrashed, takeOverFailed } from '../shared/pipeline/failing';
import { CRASH, mayHaveDetached } from '../shared/pipeline/flow';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { abort, clean } from '../shared/pipeline/operator-requests';
import { again, type HandedOver, moveTo, type Outcome, withProgress } from '../shared/pipeline/outcome';
import { type DeploymentRecord, isAfterLoss } from '../shared/pipeline/record';
import { ActionFailed, type Deployment } from '../shared/pipeline/session';
import { REFUSED_LIMIT_SECONDS, type Stage, stage } from '../shared/pipeline/stage';

const configurationSchema = z.object({
  EVENT_BUS_ARN: name,
  WAR_BUCKETS: list,
  CHECK_INTERVAL_SECONDS: number,
  NETWORK_DRAIN_SECONDS: number,
});

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  addresses: Addresses;
  scheduledActions: ScheduledActions;
  /** The ARN of the stack's bus, which its dummies are tagged with. */
  stack: string;
  warBuckets: readonly string[];
  intervalSeconds: number;
  networkDrainSeconds: number;
}

const cleanUp: Stage<Connections> = {
  name: 'clean-up',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('clean-up', plan), code: 'T999' }),

  connect({ runtime, deadline }) {
    const configuration = readConfiguration(configurationSchema, runtime.environment);
    return {
      fleet: Fleet.connect(runtime, deadline),
      loadBalancers: LoadBalancers.connect(runtime, deadline),
      addresses: Addresses.connect(runtime, deadline),
      scheduledActions: ScheduledActions.connect(runtime, deadline),
      stack: configuration.EVENT_BUS_ARN,
      warBuckets: configuration.WAR_BUCKETS,
      intervalSeconds: configuration.CHECK_INTERVAL_SECONDS,
      networkDrainSeconds: configuration.NETWORK_DRAIN_SECONDS,
    };
  },

  async run(deployment, connections): Promise<Outcome> {
    const { record, progress, now } = deployment;
    const waitUntil = record.cleaning?.waitUntil ?? '';
    if (now.toISOString() < waitUntil) return again(`the stage that failed to be over, until ${waitUntil}`);
    if (!record.plan) return { kind: 'cleaned', summary: 'Nothing had been changed.', findings: [], leftovers: [] };
    const snapshot = await lookAtEverything(record.plan, connections, now);
    const users = usersNow(snapshot, downSinceOf(progress));
    const outcome = await recover(deployment, connections, snapshot);
    if (outcome.kind === 'cleaned' || outcome.kind === 'blocked')
      return { ...outcome, users: withPast(outcome.users ?? users, snapshot, deployment) };
    const outage = outageAfter(progress.outage, users);
    return outcome.kind === 'again' ? withProgress(outcome, { downSince: users.downSince, outage }) : outcome;
  },

  async handOver(deployment, connections): Promise<HandedOver> {
    const snapshot = await lookAtEverything(deployment.plan, connections, deployment.now);
    const found = await handedOver(connections, snapshot);
    return { ...found, users: found.users && withPast(found.users, snapshot, deployment) };
  },

  requests: { AbortRequested: abort, CleanRequested: clean, Failed: takeOverFailed, [CRASH]: takeOverCrashed },
};

export const createHandler = stage(cleanUp);
export const handler = onLambda(createHandler);

/** Of a deployment that failed, either group may be gone. */
type Found = Snapshot<Group | undefined>;

async function recover(deployment: Deployment, connections: Connections, snapshot: Found): Promise<Outcome> {
  const { plan, record, progress, now } = deployment;
  const reattachedAt = record.reattachedAt ?? progress.attachingSince;
  const recovery = decideRecovery(snapshot, {
    attempts: record.resolvedFailures.length,
    hasDetached: mayHaveDetached(record.timeline.map(({ stage }) => stage)),
    isGoingBack: mayStillReturn(reattachedAt, now) || mayStillReturn(progress.returningAt, now),
    isResumed: record.cleaning?.ofTask === true && mayStillReturn(record.cleaning.since, now),
    isUnknown: isAfterLoss(record),
  });
  switch (recovery.kind) {
    case 'take-down':
      return takeDown(deployment, connections, snapshot);
    case 'forward':
      return recovery.isDecided
        ? moveTo('retire', { plan: decidedPlan(snapshot) })
        : goForward(connections, snapshot, now);
    case 'go-back': {
      const { oldGroup, attachments: planned } = plan;
      const missing = snapshot.worstFirst(recovery.missing);
      const { attachments, isLast, name } = toAttach(snapshot.oldAttachments, missing, planned);
      const action = `attaching ${oldGroup} again${name}`;
      const calls = connections.fleet.attach(oldGroup, attachments);
      const options = {
        reattachedAt: reattachedAt ?? now.toISOString(),
        ...(!isLast && { progress: { returningAt: now.toISOString() } }),
      };
      if (calls.length > 0) await deployment.act('T008', action, calls, options);
      await resumeOld(deployment, connections, snapshot);
      return again(`${oldGroup} to be healthy again behind its load balancers${name}`);
    }
    case 'operator': {
      const { commands, ...found } = await handedOver(connections, snapshot);
      const problems: string[] = [];
      const waiting = await leaveDummies(deployment, connections, snapshot, problems);
      const findings = [...found.findings, ...suspicionsOf(record, snapshot), ...problems];
      const leftovers = [...(found.leftovers ?? []), ...problems];
      return waiting ?? { kind: 'blocked', reason: recovery.reason, findings, commands, leftovers };
    }
  }
}

/** Where the tags are swapped the new group is to serve, and else the old one. */
function usersNow(snapshot: Found, downSince?: string): Users {
  return usersOf(snapshot, snapshot.areRolesSwapped() ? 'new' : 'old', { downSince });
}

/** With where users were down since the deployment failed, and where they met the new version, unless that is to serve. */
function withPast(users: Users, snapshot: Found, { record, progress }: Deployment): Users {
  const seen = { ...users, outage: outageAfter(progress.outage, users) };
  const since = record.timeline.find(({ stage }) => stage === 'check-real')?.at;
  const isToServe = users.serving?.includes(snapshot.plan.newGroup) ?? false;
  return since === undefined || isToServe ? seen : withHadMet(seen, snapshot, since);
}

async function handedOver({ scheduledActions }: Connections, snapshot: Found): Promise<HandedOver> {
  const { oldGroup, newGroup } = snapshot;
  const ofGroup = async (group: Group | undefined) => (group ? scheduledActions.of(group.name) : []);
  const [ofOldGroup, ofNewGroup] = await Promise.all([oldGroup, newGroup].map(ofGroup));
  const commands = commandsToDecide(snapshot, { ofOldGroup: ofOldGroup ?? [], ofNewGroup: ofNewGroup ?? [] });
  const users = usersNow(snapshot);
  return { findings: findingsOf(snapshot), commands, leftovers: unfinished(snapshot, users), users };
}

/** What a deployment that nobody knows of any more may have left behind on a group: whose it is, an operator has to say. */
function suspicionsOf(record: DeploymentRecord, { oldGroup, newGroup }: Found): string[] {
  if (!isAfterLoss(record)) return [];
  const ours = [...new Set([...SUSPENDED_BY_US, ...SUSPENDED_WHILE_DRAINING])];
  const groups = [oldGroup, newGroup].flatMap((group) => group ?? []);
  const suspended = groups.flatMap((group) => {
    const processes = suspendedOf(group, ours);
    if (processes.length === 0) return [];
    return [
      `Unless it was you who suspended ${processes.join(' and ')} of ${group.name}, a deployment did. Then resume:`,
      ...resumeCommand(group.name, processes),
    ];
  });
  // Of either group: the deployment that suspended something may have raised it.
  const raised = groups.filter(({ capacity: { minimum, desired } }) => minimum === desired && minimum > 0);
  const minima = raised.map(
    ({ name, capacity: { minimum } }) =>
      `The minimum of ${name}, ${minimum}, may be that deployment's, too: give it its own.`,
  );
  return [...suspended, ...(suspended.length > 0 ? minima : [])];
}

/** The new version is well: finish what was begun. */
async function goForward({ scheduledActions }: Connections, snapshot: Found, now: Date): Promise<Outcome> {
  const drainLimitSeconds = LONGEST_DRAIN_SECONDS + laterDrainsSeconds(snapshot.plan);
  const way = wayForward(snapshot);
  // Whoever has swapped the tags by hand may have left those where they were.
  const left = way === 'retire' ? await scheduledActions.of(snapshot.plan.oldGroup) : [];
  if (way !== 'swap, detaching' && left.length === 0) return moveTo(way);
  return moveTo('swap', {
    progress: { detachingSince: now.toISOString(), drainLimitSeconds },
  });
}

/** What somebody has deleted has no health to be read; and where the old group was given up there is no way back to it. */
function decidedPlan({ plan, gone }: Found): Plan {
  const attachments = plan.attachments.filter((planned) => !gone.has(keyOf(planned)));
  return { ...plan, attachments, isEmergency: false };
}

/** The new group leaves every load balancer, drains, and goes to 0/0/0; then the dummies go. */
async function takeDown(deployment: Deployment, connections: Connections, snapshot: Found): Promise<Outcome> {
  const { plan } = deployment;
  const { newGroup } = snapshot;
  await resumeOld(deployment, connections, snapshot);
  const emptied = newGroup ? await emptyGroup(deployment, connections, snapshot, newGroup) : [];
  if ('kind' in emptied) return emptied;
  if (!newGroup) await nameActive(deployment, connections, snapshot);
  const isKept = emptied.length > 0;
  const givingBack = snapshot.oldGroup ? giveBackMinimum(plan, snapshot.oldGroup, connections.fleet) : [];
  await deployment.act('T999', `giving ${plan.oldGroup} its minimum back`, givingBack, { seenAt: snapshot.seenAt });
  const { left, unseenSeconds } = await deleteClonesOf(deployment, connections.loadBalancers, connections.stack);
  const remaining = newGroup ? remainingOf(newGroup) : [];
  const isUp = newGroup !== undefined && newGroup.capacity.maximum > 0; // it may have launched one more since
  if (!isKept && (isUp || remaining.length > 0))
    return again(`${plan.newGroup} to be empty, with ${remaining.length} instances left`);
  if (unseenSeconds > 0) return again(`what was just created to be found, for ${Math.ceil(unseenSeconds)} s at most`);
  // What is denied keeps others from being deleted, too: target groups of a load balancer.
  const isAnyDenied = left.some(({ isDenied }) => isDenied);
  const { leavingSince, isTimeLeft } = removing(deployment, isAnyDenied);
  if (left.length > 0 && isTimeLeft) return again(waitingForDeletion(left), { progress: { leavingSince } });
  const areTagsWritten = snapshot.areRolesSwapped() || mayBeSwapped(snapshot);
  const leftovers = [
    ...(newGroup && isKept ? stayingLines(newGroup, emptied) : []),
    ...leftoverLines(left),
    ...oddities(snapshot, areTagsWritten),
    ...suspicionsOf(deployment.record, snapshot),
  ];
  const isClear = left.length === 0 ? ['No dummy of the deployment is left.'] : [];
  const findings = [...findingsOf(snapshot), ...isClear];
  const users = usersOf(snapshot, 'old', { isAlone: true, downSince: downSinceOf(deployment.progress) });
  const stays = new Set(left.map(removedLine));
  const isStill = (line: string) => stays.has(line) || (isKept && line.startsWith(`${plan.newGroup} was at `));
  const removed = deployment.progress.removed?.filter((line) => !isStill(line));
  const toDo =
    toDoWhereDown(snapshot, users) ?? toDoOfLostGroup(snapshot, users) ?? (isKept ? toDoOfKept(plan) : undefined);
  return { kind: 'cleaned', summary: summaryOf(snapshot, users), findings, leftovers, removed, users, toDo };
}

/**
 * Whatever an operator decides about the groups: nobody needs the dummies any more. Undefined once they are gone, or, for
 * an operator must not wait for long, have been tried for a while; then `found` says so.
 */
async function leaveDummies(
  deployment: Deployment,
  connections: Connections,
  snapshot: Found,
  found: string[],
): Promise<Outcome | undefined> {
  const { plan } = deployment;
  const listed = snapshot.dummies;
  const leavingSince = deployment.progress.leavingSince ?? deployment.now.toISOString();
  const leave = async () => {
    const { attachments, name } = toDetach([...snapshot.newAttachments, ...listed], listed);
    const calls = connections.fleet.detach(plan.newGroup, attachments);
    const action = `detaching the dummies from ${plan.newGroup}${name}`;
    await deployment.act('T002', action, calls, { progress: { leavingSince } });
    if (listed.length > 0) {
      return { problems: [`Dummies are left: ${plan.newGroup} lists ${listed.length} dummies.`], isRefused: false };
    }
    const { left } = await deleteClonesOf(deployment, connections.loadBalancers, connections.stack);
    return { problems: leftoverLines(left), isRefused: left.some(({ isDenied }) => isDenied) };
  };
  const { problems, isRefused } = await leave().catch((error: unknown) => {
    if (!(error instanceof ActionFailed)) throw error;
    return { problems: [`Dummies are left: ${error.message}.`], isRefused: isPermanent(error.cause) };
  });
  if (problems.length > 0 && removing(deployment, isRefused).isTimeLeft) {
    const waitingFor = `${plan.newGroup} to be rid of its dummies: ${problems[0]}`;
    return again(waitingFor, { progress: { leavingSince } });
  }
  found.push(...problems);
  return undefined;
}

/** Since when the dummies are being removed, and whether that is to be tried on: what is refused for good, not for long. */
function removing({ plan, progress, now }: Deployment, isRefused: boolean) {
  const leavingSince = progress.leavingSince ?? now.toISOString();
  const limitSeconds = isRefused ? REFUSED_LIMIT_SECONDS : REMOVAL_LIMIT_SECONDS * batchesOf(dummiesOf(plan).length);
  return { leavingSince, isTimeLeft: secondsBetween(leavingSince, now) < limitSeconds };
}

/** The old group is attached, again or still: what sizes it by itself counts again. */
async function resumeOld(deployment: Deployment, { fleet }: Connections, { plan, oldGroup }: Found): Promise<void> {
  const suspended = oldGroup ? stillSuspended(plan, oldGroup) : [];
  if (suspended.length === 0) return;
  await deployment.act('T008', `resuming the processes of ${plan.oldGroup}`, [
    () => fleet.resume(plan.oldGroup, suspended),
  ]);
}

/**
 * Once the new group serves nothing, and has no size: unless instances of it are registered elsewhere by others. Answers
 * where.
 */
async function emptyGroup(
  deployment: Deployment,
  connections: Connections,
  snapshot: Found,
  newGroup: Group,
): Promise<Outcome | Listing[]> {
  const { plan, record } = deployment;
  const { seenAt } = snapshot;
  const { fleet } = connections;
  const listed = await fleet.attachments(newGroup, plan.attachments);
  const { attachments, name } = toDetach(listed, listed, allOf(plan, listed));
  const calls = fleet.detach(newGroup.name, attachments);
  const now = deployment.now.toISOString();
  const detachedAt = calls.length > 0 ? now : (deployment.progress.detachedAt ?? now);
  await deployment.act('T002', `detaching ${newGroup.name}${name}`, calls, { seenAt, progress: { detachedAt } });
  const draining = snapshot.listing(newGroup);
  await nameActive(deployment, connections, snapshot);
  const waiting = await returnScheduledActions(deployment, connections, snapshot);
  if (waiting) return waiting;
  if (listed.length > 0 || draining.length > 0) {
    const waitingFor = `${newGroup.name} to drain from ${named(draining) || 'the dummies'}${name}`;
    return again(waitingFor, { progress: { detachedAt } });
  }
  const sending = sendingTo(newGroup, detachedAt, deployment, connections);
  if (sending) return again(sending.waitingFor, { progress: { detachedAt } });
  // T012 is what operators know as "not healthy, and taking StandBy to 0/0/0 failed too".
  const code = record.failure?.code === 'T011' ? 'T012' : (record.failure?.code ?? 'T999');
  const resuming = () => fleet.resume(newGroup.name, suspendedOf(newGroup, plan.suspendedProcesses));
  const search = { code, before: deployment.progress.elsewhere, targetHealth: [], since: detachedAt };
  const isUp = isChange(EMPTY, newGroup) && remainingOf(newGroup).length > 0;
  const elsewhere = isUp ? await registeredElsewhere(deployment, newGroup, connections, search) : [];
  if ('waitingFor' in elsewhere)
    return again(elsewhere.waitingFor, { progress: { elsewhere: elsewhere.elsewhere, detachedAt } });
  if (elsewhere.length > 0) {
    await deployment.act(code, `resuming the processes of ${newGroup.name}`, [resuming]);
    return elsewhere;
  }
  await deployment.act(code, `lifting the protection of ${newGroup.name}`, fleet.removeProtection(newGroup));
  // What an operator has done already, where we may not, must not fail again.
  const emptying = [...(isChange(EMPTY, newGroup) ? [() => fleet.resize(newGroup.name, EMPTY)] : []), resuming];
  await deployment.act(code, `taking ${newGroup.name} to 0/0/0`, emptying, { seenAt });
  return [];
}

/** Undefined of a group that never came behind the real load balancers, and of one that is at 0 already. */
function sendingTo(
  group: Group,
  detachedAt: string,
  { plan, record, now }: Deployment,
  { networkDrainSeconds: seconds }: Connections,
): NetworkDrain | undefined {
  const mayHaveServed = isAfterLoss(record) || record.timeline.some(({ stage }) => stage === 'attach-real');
  if (!mayHaveServed || group.capacity.maximum === 0) return undefined;
  return networkDrain(plan, group, detachedAt, { seconds, now });
}

/** What the new group is attached to, or was: by that batches are counted. */
function allOf(plan: Plan, listed: AttachmentState[]): Attachment[] {
  const planned = listed.some(({ identifier }) => isDummy(identifier)) ? dummiesOf(plan) : plan.attachments;
  const isPlanned = (attachment: Attachment) => planned.some((one) => isSamePlace(one, attachment));
  return [...planned, ...listed.filter((attachment) => !isPlanned(attachment))];
}

/**
 * What swap moved goes back to the old group, and so does what people have put on the new one while it was Active; the old
 * one takes the sizes that fell due meanwhile, or while they were suspended, once only, since it serves. Undefined where
 * there is nothing of that, or all is back.
 */
async function returnScheduledActions(
  deployment: Deployment,
  { fleet, scheduledActions }: Connections,
  { oldGroup, seenAt }: Found,
): Promise<Outcome | undefined> {
  const { plan, now } = deployment;
  const { scheduledActions: known, scheduledActionsMovedAt: movedAt } = plan;
  const since = unscheduledSince(plan);
  if (since === undefined || (known.length === 0 && movedAt === undefined) || !oldGroup) return undefined;
  const strayed = movedAt ? await scheduledActions.of(plan.newGroup) : [];
  const moves = scheduledActions.move(strayed, plan.newGroup, plan.oldGroup, now);
  await deployment.act('T010', `moving the scheduled actions back to ${plan.oldGroup}`, moves);
  if (!plan.isEmergency && !skipsScheduledActions(plan, oldGroup)) {
    const sizes = withDueActions(oldGroup.capacity, known, { since, now });
    const calls = isChange(sizes, oldGroup) ? [() => fleet.resize(plan.oldGroup, sizes)] : [];
    await deployment.act('T010', `giving ${plan.oldGroup} its scheduled sizes`, calls, { seenAt });
  }
  const returned = {
    ...plan,
    scheduledActions: [],
    scheduledActionsMovedAt: undefined,
    suspendedOnOld: undefined,
  };
  return again(`${plan.oldGroup} to have its scheduled actions back`, { plan: returned });
}

const EMPTY = { minimum: 0, desired: 0, maximum: 0 };

/**
 * Where the tags were swapped already, the old group is Active again. What swap wrote may not be to be read yet: where it came
 * so far, the tags are written whatever of the two is read.
 */
async function nameActive(deployment: Deployment, { fleet }: Connections, snapshot: Found): Promise<void> {
  const { plan, oldGroup, newGroup } = snapshot;
  if (!oldGroup || !(snapshot.areRolesSwapped() || mayBeSwapped(snapshot))) return;
  const changes = [{ group: oldGroup, key: TYPE_KEY, value: 'Active', propagateAtLaunch: false }];
  if (newGroup) changes.push({ group: newGroup, key: TYPE_KEY, value: 'StandBy', propagateAtLaunch: false });
  const action = `tagging ${plan.oldGroup} with type = Active and ${plan.newGroup} with type = StandBy`;
  await deployment.act('T010', action, [() => fleet.writeTags(changes)]);
}

function mayBeSwapped({ plan, oldGroup, newGroup }: Found): boolean {
  const roles = [oldGroup, newGroup].flatMap((group) => (group ? [typeOf(group)] : []));
  return plan.scheduledActionsMovedAt !== undefined && roles.every((role) => role === 'Active' || role === 'StandBy');
}
