/**
 * Step2Passed → Swapped: looks once more, detaches Active from every real load balancer, waits until it is drained, moves
 * its scheduled actions, and swaps the `type` tags. While Active drains, StandBy carries the load: if it cannot, Active is attached again.
 */
import * as z from 'zod/mini';
import { Swapped } from '../events/swapped';
import { mapSome } from '../shared/aws/calls';
import { number, readConfiguration } from '../shared/aws/configuration';
import { joined, named } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import { addSeconds, secondsBetween } from '../shared/aws/time';
import { stillSuspended, suspendWhileDraining, unscheduledSince } from '../shared/deployment/active-size';
import { planAttachments, readAttached } from '../shared/deployment/attachments';
import { isBehindNetwork, networkDrain } from '../shared/deployment/network-drain';
import { isAtZeroBySchedule } from '../shared/deployment/night';
import type { Plan, PlannedAttachment } from '../shared/deployment/plan';
import { judgeByProof } from '../shared/deployment/proof';
import { refusalOfDetaching } from '../shared/deployment/readiness';
import { isRefusal } from '../shared/deployment/refusal';
import { withRaisedLimits } from '../shared/deployment/sizes';
import { healthOnReal, lookAtGroups, type Snapshot } from '../shared/deployment/snapshot';
import { usersOf } from '../shared/deployment/users';
import { type AttachmentState, isLeaving } from '../shared/fleet/attachment';
import { Fleet, type Group } from '../shared/fleet/auto-scaling-groups';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { toAttach, toDetach } from '../shared/fleet/motion';
import { merged, type ScheduledAction, ScheduledActions } from '../shared/fleet/scheduled-actions';
import { TYPE_KEY } from '../shared/fleet/tags';
import type { TargetHealth } from '../shared/fleet/target-health';
import { waitUntil } from '../shared/pipeline/delay';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { withNews } from '../shared/pipeline/news';
import { again, failed, failedBy, moveTo, type Outcome, passed } from '../shared/pipeline/outcome';
import { detachedText, unlessSettled, usersMet } from '../shared/pipeline/pair';
import type { Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';

/** Draining may take the longest deregistration delay and this much more. */
const DRAIN_MARGIN_SECONDS = 120;

/** A detach is noted before it is asked for, and begins a moment after that. */
const DETACH_SECONDS = 2;

/** A deployment goes to check-real this often at most: once from attach-real, the rest back from here. */
const CHECKS_OF_STEP_2 = 5;

const configurationSchema = z.object({ CHECK_INTERVAL_SECONDS: number, NETWORK_DRAIN_SECONDS: number });

interface Connections {
  fleet: Fleet;
  scheduledActions: ScheduledActions;
  loadBalancers: LoadBalancers;
  configuration: z.infer<typeof configurationSchema>;
}

const swap: Stage<Connections> = {
  name: 'swap',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('swap', plan), code: 'T008' }),

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    scheduledActions: ScheduledActions.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { plan, progress, now } = deployment;
    const { fleet, loadBalancers } = connections;
    const looked = await lookAtGroups(plan, fleet, now);
    if (isRefusal(looked)) return failedBy(looked);
    const read = () => healthOnReal(plan, loadBalancers);
    const targetHealth = await deployment.read('T007', `reading the health of ${plan.newGroup}`, read);
    const seen = looked.seeing({ targetHealth });
    // Detached everywhere and still listed, it drains: how far each detachment is says no more.
    const isLeft = looked.oldGroup.attachedTo.length === 0 && seen.listing(looked.oldGroup).length > 0;
    const isDraining = progress.detachingSince !== undefined && isLeft;
    const oldAttachments = isDraining ? [] : await fleet.attachments(looked.oldGroup, plan.attachments);
    const snapshot = seen.seeing({ oldAttachments });
    const outcome =
      progress.detachingSince !== undefined
        ? await drain(deployment, connections, snapshot)
        : (unlessSettled(deployment, snapshot) ?? (await detach(deployment, connections, snapshot)));
    return withNews(outcome, deployment, undefined, snapshot);
  },
};

export const createHandler = stage(swap);
export const handler = onLambda(createHandler);

/** The last look before users depend on StandBy alone: it must pass at this moment, on everything that Active is on. */
async function detach(deployment: Deployment, connections: Connections, snapshot: Snapshot): Promise<Outcome> {
  const { plan, record, now } = deployment;
  const { fleet, scheduledActions } = connections;
  const missing = snapshot.missing();
  if (missing.length > 0) {
    return failed('T000', detachedText(plan, missing), usersMet(snapshot, deployment));
  }
  const refusal = plan.isEmergency ? undefined : refusalOfDetaching(snapshot.oldGroup);
  if (refusal) return failed('T008', refusal.message);
  const added = snapshot.added();
  const judgment = await judgeByProof(snapshot, fleet, { isLast: true });
  const hasGrown = snapshot.hasGrown();
  if (added.length > 0 || hasGrown || !judgment.passes) {
    if (record.timeline.filter(({ stage }) => stage === 'check-real').length >= CHECKS_OF_STEP_2) {
      const reasons = judgment.passes
        ? `${plan.oldGroup} keeps ${hasGrown ? 'growing' : 'being attached elsewhere'}`
        : joined(judgment.findings);
      const message = `${plan.newGroup} does not stay healthy behind the real load balancers: ${reasons}`;
      return failed('T011', message, usersMet(snapshot, deployment));
    }
    return backToCheckReal(deployment, connections, snapshot, added);
  }
  const found = await scheduledActions.of(plan.oldGroup);
  const suspending = suspendWhileDraining(plan, snapshot.oldGroup, fleet, now);
  // What fell due until now took effect, unless an earlier attempt has moved or suspended it.
  const noted = unscheduledSince(plan)
    ? withFound(suspending.plan, found, now)
    : { ...suspending.plan, scheduledActions: found };
  const progress = { detachingSince: now.toISOString(), drainLimitSeconds: undefined };
  // From here on StandBy carries the load: its alarms and its health checks count again.
  const carrying = ['AlarmNotification', 'HealthCheck'].filter((name) => plan.suspendedProcesses.includes(name));
  const handing = [() => fleet.resume(plan.newGroup, carrying), ...suspending.calls];
  const handingOver = `resuming the processes of ${plan.newGroup}, and suspending those of ${plan.oldGroup}`;
  await deployment.act('T008', handingOver, handing, { plan: noted });
  const { attachments, name } = toDetach(snapshot.oldAttachments, plan.attachments);
  const calls = fleet.detach(plan.oldGroup, attachments);
  const action = `detaching ${plan.oldGroup} (Active)${name}`;
  const users = usersMet(snapshot, deployment);
  await deployment.act('T008', action, calls, { progress, seenAt: snapshot.seenAt, users });
  // What Network Load Balancers still send counts from when the group is seen to be detached: that is looked at soon.
  const next = isBehindNetwork(plan)
    ? undefined
    : whileDraining(deployment, connections.configuration.CHECK_INTERVAL_SECONDS);
  return again(`${plan.oldGroup} to drain${name}`, next);
}

/** Active grew or was attached somewhere else meanwhile, or StandBy fell ill: it has to pass step 2 once more. */
async function backToCheckReal(
  deployment: Deployment,
  connections: Connections,
  { oldGroup }: Snapshot,
  added: AttachmentState[],
): Promise<Outcome> {
  const followed = await follow(deployment, connections, added);
  const suspended = stillSuspended(followed, oldGroup);
  const resuming = suspended.length > 0 ? [() => connections.fleet.resume(oldGroup.name, suspended)] : [];
  if (suspended.length > 0) await deployment.act('T008', `resuming the processes of ${oldGroup.name}`, resuming);
  return moveTo('check-real', { plan: { ...followed, suspendedOnOld: undefined } });
}

/** Attaches StandBy where Active was attached meanwhile, to one batch; answers the plan with these attachments. */
async function follow(
  deployment: Deployment,
  { fleet, loadBalancers }: Connections,
  added: AttachmentState[],
): Promise<Plan> {
  const { plan } = deployment;
  const { attachments } = toAttach([], added);
  const planned = await planAttachments(attachments, await readAttached(attachments, loadBalancers), loadBalancers);
  const action = `attaching ${plan.newGroup} to ${namesOf(planned)}`;
  await deployment.act('T004', action, fleet.attach(plan.newGroup, planned));
  return { ...plan, attachments: [...plan.attachments, ...planned] };
}

async function drain(deployment: Deployment, connections: Connections, snapshot: Snapshot): Promise<Outcome> {
  const { plan, record, progress, now } = deployment;
  const { fleet, loadBalancers, configuration } = connections;
  const weak = snapshot.overloaded();
  if (weak || record.reattachedAt) return giveWay(deployment, connections, snapshot, weak);
  const unsettled = unlessSettled(deployment, snapshot);
  if (unsettled) return unsettled;
  const added = snapshot.added();
  if (added.length > 0) {
    const followed = await follow(deployment, connections, added);
    const waitingFor = `${plan.newGroup} to be healthy where ${plan.oldGroup} was attached meanwhile`;
    return again(waitingFor, {
      plan: followed,
      progress: { drainingSince: undefined, drainLimitSeconds: undefined },
    });
  }
  const refusal = plan.isEmergency ? undefined : refusalOfDetaching(snapshot.oldGroup);
  const takenOver = refusal ? [] : plan.attachments.filter((planned) => snapshot.canTakeOver(planned));
  const { attachments, name } = toDetach(snapshot.oldAttachments, takenOver, plan.attachments);
  if (attachments.length > 0) {
    const suspending = suspendWhileDraining(plan, snapshot.oldGroup, fleet, now);
    if (suspending.calls.length > 0) {
      const action = `suspending the processes of ${plan.oldGroup}`;
      await deployment.act('T008', action, suspending.calls, { plan: suspending.plan });
    }
    const calls = fleet.detach(plan.oldGroup, attachments);
    const users = usersMet(snapshot, deployment);
    await deployment.act('T008', `detaching ${plan.oldGroup} (Active)${name}`, calls, {
      seenAt: snapshot.seenAt,
      users,
    });
  }
  const draining = stillDraining(snapshot);
  if (draining.length > 0) {
    // A detach may take effect long after it was asked for, and be asked for again.
    const isDetached = snapshot.missing().length === plan.attachments.length;
    const drainingSince = isDetached ? (progress.drainingSince ?? now.toISOString()) : undefined;
    const waitedSeconds = drainingSince === undefined ? 0 : secondsBetween(drainingSince, now);
    // No limit is shorter; and those of many target groups are many reads, for which there is no time before the detach.
    const isLong = waitedSeconds > DRAIN_MARGIN_SECONDS;
    const drainLimitSeconds = isLong ? await drainLimitOf(deployment, loadBalancers) : progress.drainLimitSeconds;
    if (drainLimitSeconds !== undefined && waitedSeconds > drainLimitSeconds) {
      const message = `${plan.oldGroup} is still listed by ${named(draining)} after ${waitedSeconds} s`;
      return failed('T008', message, usersOf(snapshot, 'new'));
    }
    const noted = withFound(deployment.plan, await connections.scheduledActions.of(plan.oldGroup), now);
    const waitingFor = `${named(leftOf(draining, snapshot))} to drain ${plan.oldGroup}${name}`;
    const why = refusal ? `${waitingFor}; ${refusal.message}` : waitingFor;
    const progressed = { plan: noted, progress: { drainingSince, drainLimitSeconds } };
    return again(why, { ...progressed, ...whileDraining(deployment, configuration.CHECK_INTERVAL_SECONDS) });
  }
  // When it was asked to detach is when that invocation began: it may have waited for answers before it did.
  const drainingSince = progress.drainingSince ?? now.toISOString();
  const detachedAt = [drainingSince, record.acted?.at ?? ''].sort().at(-1);
  const sending = networkDrain(plan, snapshot.oldGroup, detachedAt, {
    seconds: configuration.NETWORK_DRAIN_SECONDS,
    now,
  });
  if (!sending) return exchangeRoles(deployment, connections, snapshot);
  const noted = withFound(deployment.plan, await connections.scheduledActions.of(plan.oldGroup), now);
  const next = waitUntil(new Date(sending.until), now, configuration.CHECK_INTERVAL_SECONDS);
  return again(sending.waitingFor, { plan: noted, progress: { ...progress, drainingSince }, ...next });
}

/** It ends when what was detached last has drained: before that there is no sooner look, though something was just done. */
function whileDraining(
  { plan, record, now }: Deployment,
  intervalSeconds: number,
): ReturnType<typeof waitUntil> | undefined {
  const drainSeconds = Math.max(...plan.attachments.map((planned) => planned.drainSeconds ?? 0));
  const { acted } = record;
  return (
    acted && waitUntil(new Date(addSeconds(new Date(acted.at), drainSeconds + DETACH_SECONDS)), now, intervalSeconds)
  );
}

async function drainLimitOf({ plan, progress }: Deployment, loadBalancers: LoadBalancers): Promise<number> {
  if (progress.drainLimitSeconds !== undefined) return progress.drainLimitSeconds;
  const delays = await mapSome(plan.attachments, (attachment) => loadBalancers.drainSeconds(attachment));
  return Math.max(...delays) + DRAIN_MARGIN_SECONDS;
}

/**
 * StandBy cannot carry the load: Active is attached again, also by whoever repeats an invocation that broke off over it.
 * What is not attached at once is left to clean-up.
 */
async function giveWay(
  deployment: Deployment,
  { fleet }: Connections,
  snapshot: Snapshot,
  weak: TargetHealth | undefined,
): Promise<Outcome> {
  const { plan, record, now } = deployment;
  const { oldAttachments: seen } = snapshot;
  const listed = seen.length > 0 ? seen : await fleet.attachments(snapshot.oldGroup, plan.attachments);
  const { attachments, name } = toAttach(listed, snapshot.worstFirst(plan.attachments));
  const calls = fleet.attach(plan.oldGroup, attachments);
  const reattachedAt = record.reattachedAt ?? now.toISOString();
  await deployment.act('T011', `attaching ${plan.oldGroup} (Active) again${name}`, calls, { reattachedAt });
  const illness = weak
    ? `on ${weak.name} while Active was drained: ${joined(snapshot.judgmentOn(weak).findings)}`
    : 'while Active was drained, which is attached again since';
  return failed('T011', `${plan.newGroup} fell ill ${illness}`, usersMet(snapshot, deployment));
}

/** Nothing sends requests to the old group any more: what made it Active goes over to the new one. */
async function exchangeRoles(
  deployment: Deployment,
  { fleet, scheduledActions }: Connections,
  snapshot: Snapshot,
): Promise<Outcome> {
  const { oldGroup, newGroup } = snapshot;
  const { plan, now } = deployment;
  const remaining = await scheduledActions.of(plan.oldGroup);
  const isAtZero = await isAsleep(deployment, oldGroup, fleet);
  const hasFallenAsleep = isAtZero && !plan.isAtZeroBySchedule;
  const noted: Plan = {
    ...withFound(plan, remaining, now),
    capacity: hasFallenAsleep ? oldGroup.capacity : withRaisedLimits(plan, oldGroup),
    isAtZeroBySchedule: isAtZero || undefined,
    scheduledActionsMovedAt: plan.scheduledActionsMovedAt ?? now.toISOString(),
  };
  const moves = scheduledActions.move(remaining, plan.oldGroup, plan.newGroup, now);
  const action = `moving the scheduled actions of ${plan.oldGroup} to ${plan.newGroup}`;
  const users = usersMet(snapshot, deployment);
  await deployment.act('T010', action, moves, { plan: noted, users });
  // Or an operator has done it where we may not.
  if (snapshot.areRolesSwapped()) return passed(Swapped, {});
  const tagging = () =>
    fleet.writeTags([
      { group: oldGroup, key: TYPE_KEY, value: 'StandBy', propagateAtLaunch: false },
      { group: newGroup, key: TYPE_KEY, value: 'Active', propagateAtLaunch: false },
    ]);
  await deployment.act('T010', swapTags(plan), [tagging], { users });
  return passed(Swapped, {});
}

/** Its evening, or its morning, may have come since it was planned. */
async function isAsleep({ plan, record: { lastSuccess } }: Deployment, active: Group, fleet: Fleet): Promise<boolean> {
  if (plan.isEmergency || active.capacity.desired > 0) return false;
  return plan.isAtZeroBySchedule === true || (await isAtZeroBySchedule(active, fleet, lastSuccess?.asleep));
}

/** From the detach on what falls due has no effect where it counts: retire makes up for what is noted. */
function withFound(plan: Plan, found: ScheduledAction[], now: Date): Plan {
  const areMoved = plan.scheduledActionsMovedAt !== undefined;
  return { ...plan, scheduledActions: merged(plan.scheduledActions, found, { areMoved, now }) };
}

/** The names of what still lists the old group or one of its instances. */
function stillDraining(snapshot: Snapshot): string[] {
  const listing = snapshot.listing(snapshot.oldGroup);
  return listing.length > 0 ? listing : snapshot.oldAttachments.map((attachment) => snapshot.nameOf(attachment));
}

/** Of what still drains: what the old group is leaving, if anything; the batches after that have not begun. */
function leftOf(draining: string[], snapshot: Snapshot): string[] {
  const staying = snapshot.oldAttachments.filter((attachment) => !isLeaving(attachment));
  const names = staying.map((attachment) => snapshot.nameOf(attachment));
  const left = draining.filter((name) => !names.includes(name));
  return left.length > 0 ? left : draining;
}

function swapTags({ oldGroup, newGroup }: Plan): string {
  return `tagging ${oldGroup} with type = StandBy and ${newGroup} with type = Active`;
}

function namesOf(attachments: PlannedAttachment[]): string {
  return named(attachments.map(({ name }) => name));
}
