/**
 * Swapped → Completed: takes the old group to 0/0/0, gives the new one its true sizes, and closes the record. Or Step2Passed,
 * where somebody has attached the old group anew: then swap has to detach it once more.
 */
import { Completed } from '../events/completed';
import type { Users } from '../events/contract';
import { joined, named } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { stayingLines } from '../shared/codes/elsewhere';
import { stillSuspended } from '../shared/deployment/active-size';
import { LONGEST_DRAIN_SECONDS, laterDrainsSeconds } from '../shared/deployment/attachments';
import { scheduleOn } from '../shared/deployment/night';
import type { Plan } from '../shared/deployment/plan';
import { isRefusal } from '../shared/deployment/refusal';
import { isChange, trueSizes } from '../shared/deployment/sizes';
import { healthOnReal, lookAtGroups, type Snapshot } from '../shared/deployment/snapshot';
import { mayRecoverOn, usersOf } from '../shared/deployment/users';
import { previousVersions, setAfter } from '../shared/deployment/versions';
import { leftoverLines } from '../shared/dummies/removal';
import { Addresses } from '../shared/fleet/addresses';
import { Fleet, type Group, remainingOf, type Sizes, suspendedOf } from '../shared/fleet/auto-scaling-groups';
import { GROUP_TAG_LAG_SECONDS } from '../shared/fleet/lag';
import type { Listing } from '../shared/fleet/listings';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { toAttach } from '../shared/fleet/motion';
import type { TargetHealth } from '../shared/fleet/target-health';
import { registeredElsewhere } from '../shared/pipeline/elsewhere';
import { stagesOf } from '../shared/pipeline/history';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { attachedAnewLine } from '../shared/pipeline/news';
import { again, completed, failed, failedBy, moveTo, type Outcome } from '../shared/pipeline/outcome';
import { unlessSettled, usersMet } from '../shared/pipeline/pair';
import type { Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';

/**
 * Nobody says that the new version serves before that was seen. There is no way back any more: after so long the deployment
 * is complete all the same, so that another can be run, and its mail says who is down.
 */
const SEEN_LIMIT_SECONDS = 300;

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  addresses: Addresses;
}

const retire: Stage<Connections> = {
  name: 'retire',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('retire', plan), code: 'T009' }),

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    addresses: Addresses.connect(runtime, deadline),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { plan, record, now } = deployment;
    const { fleet, loadBalancers } = connections;
    const looked = await lookAtGroups(plan, fleet, now);
    if (isRefusal(looked)) return failedBy(looked);
    const targetHealth = await deployment.read('T007', `reading the health of ${plan.newGroup}`, () =>
      healthOnReal(plan, loadBalancers),
    );
    const snapshot = looked.seeing({ targetHealth });
    const ill = snapshot.fallenIll();
    if (ill || record.reattachedAt) return giveWay(deployment, connections, snapshot, ill);
    const unsettled = mayBeOurSwap(deployment) ? undefined : unlessSettled(deployment, snapshot);
    if (unsettled) return unsettled;
    // Once it is at 0 it is over; until then somebody may have attached it anew, and users may come to depend on it.
    const isUp = snapshot.oldGroup.capacity.maximum > 0;
    const anew = isUp ? await fleet.attachments(snapshot.oldGroup, plan.attachments) : [];
    if (anew.length > 0) {
      const drainLimitSeconds = LONGEST_DRAIN_SECONDS + laterDrainsSeconds(plan);
      const progress = { detachingSince: now.toISOString(), drainLimitSeconds };
      const note = attachedAnewLine(
        plan,
        anew.map(({ identifier }) => identifier),
      );
      const noticed = [...(plan.noticed ?? []), ...anew.map(({ identifier }) => identifier)];
      return moveTo('swap', { progress, plan: { ...plan, noticed, notes: [...(plan.notes ?? []), note] } });
    }
    // Nobody depends on it there: what keeps its instances is not ours, and is left to whoever has registered them.
    const since = deployment.progress.waitingSince ?? now.toISOString();
    const search = { code: 'T009', before: plan.elsewhere, targetHealth, since };
    const elsewhere = isUp ? await registeredElsewhere(deployment, snapshot.oldGroup, connections, search) : [];
    if ('waitingFor' in elsewhere)
      return again(elsewhere.waitingFor, { plan: { ...plan, elsewhere: elsewhere.elsewhere } });
    await takeDown(deployment, connections, snapshot, { isKept: elsewhere.length > 0 });
    // Only then StandBy is empty, and the next request can be run: while it was up, it may have launched one more.
    const remaining = remainingOf(snapshot.oldGroup);
    if (elsewhere.length === 0 && (isUp || remaining.length > 0)) {
      const progress = { sizedAt: deployment.progress.sizedAt ?? now.toISOString() };
      return again(`${plan.oldGroup} to be empty, with ${remaining.length} instances left`, {
        progress,
        plan: withoutDueTimes(plan),
      });
    }
    const leaving = leavingByNight(deployment, snapshot);
    if (leaving) return leaving;
    const users = usersOf(snapshot, 'new', { isAlone: true, downSince: deployment.progress.downSince });
    const unseen = mayRecoverOn(snapshot, snapshot.newGroup, users);
    if (unseen.length > 0 && secondsBetween(users.downSince ?? '', now) < SEEN_LIMIT_SECONDS) {
      return again(`${plan.newGroup} to be healthy on ${named(unseen)}`, {
        progress: { sizedAt: deployment.progress.sizedAt ?? now.toISOString(), downSince: users.downSince },
      });
    }
    return close(deployment, snapshot, users, elsewhere);
  },
};

export const createHandler = stage(retire);
export const handler = onLambda(createHandler);

/** Of the two tags that swap has just written, perhaps only one is to be read yet. */
function mayBeOurSwap({ record, now }: Deployment): boolean {
  return secondsBetween(record.timeline.at(-1)?.at ?? '', now) < GROUP_TAG_LAG_SECONDS;
}

/**
 * The new group cannot carry the load: the old one is attached again, also by whoever repeats an invocation that broke off
 * over it. What is not attached at once is left to clean-up.
 */
async function giveWay(
  deployment: Deployment,
  { fleet }: Connections,
  snapshot: Snapshot,
  ill: TargetHealth | undefined,
): Promise<Outcome> {
  const { plan, record, now } = deployment;
  const { oldGroup, newGroup, attachments } = plan;
  const reattachedAt = record.reattachedAt ?? now.toISOString();
  const batch = toAttach(await fleet.attachments(snapshot.oldGroup, attachments), snapshot.worstFirst(attachments));
  const calls = fleet.attach(oldGroup, batch.attachments);
  await deployment.act('T011', `attaching ${oldGroup} again${batch.name}`, calls, { reattachedAt });
  const findings = ill ? snapshot.judgmentOn(ill).findings : [`${oldGroup} is attached again since`];
  const message = `${newGroup} fell ill before ${oldGroup} was taken down: ${joined(findings)}`;
  return failed('T011', message, usersMet(snapshot, deployment));
}

async function takeDown(
  deployment: Deployment,
  { fleet }: Connections,
  snapshot: Snapshot,
  { isKept }: { isKept: boolean },
): Promise<void> {
  const { plan, progress, now } = deployment;
  const { oldGroup, newGroup } = plan;
  // What an operator has done already, where we may not, must not fail again.
  const resizing = (group: Group, sizes: Sizes) =>
    isChange(sizes, group) ? [() => fleet.resize(group.name, sizes)] : [];
  const shrinking = [...(isKept ? [] : [snapshot.oldGroup]), ...(plan.isAtZeroBySchedule ? [snapshot.newGroup] : [])];
  const lifting = shrinking.flatMap((group) => fleet.removeProtection(group));
  if (lifting.length > 0) {
    await deployment.act('T009', `lifting the protection of ${named(shrinking.map(({ name }) => name))}`, lifting);
  }
  const emptying = isKept ? [] : resizing(snapshot.oldGroup, EMPTY);
  if (emptying.length > 0) {
    await deployment.act('T009', `taking ${oldGroup} to 0/0/0`, emptying, {
      seenAt: now,
      users: usersOf(snapshot, 'new'),
    });
  }
  // Once: its alarms count again, and what they make of the group afterwards stays.
  if (progress.sizedAt !== undefined) return;
  await deployment.act('T999', `giving ${newGroup} its sizes`, [
    ...resizing(snapshot.newGroup, trueSizes(snapshot, now)),
    () => fleet.resume(newGroup, suspendedOf(snapshot.newGroup, plan.suspendedProcesses)),
    () => fleet.resume(oldGroup, stillSuspended(plan, snapshot.oldGroup)),
  ]);
}

/** What the version was proven with goes, where its schedule has it at 0. Undefined once it is gone, and of any other. */
function leavingByNight({ plan, progress, now }: Deployment, { newGroup }: Snapshot): Outcome | undefined {
  if (!plan.isAtZeroBySchedule) return undefined;
  const remaining = remainingOf(newGroup).length;
  if (progress.sizedAt !== undefined && (newGroup.capacity.desired > 0 || remaining === 0)) return undefined;
  return again(`${plan.newGroup} to be at 0 again, as its schedule has it, with ${remaining} instances left`, {
    progress: { sizedAt: progress.sizedAt ?? now.toISOString() },
    plan: withoutDueTimes(plan),
  });
}

function close(deployment: Deployment, snapshot: Snapshot, users: Users, elsewhere: readonly Listing[]): Outcome {
  const { plan, record, now } = deployment;
  const { oldGroup, newGroup, wars } = plan;
  return completed(Completed, {
    requestedBy: record.request.requestedBy,
    oldGroup,
    newGroup,
    instances: snapshot.newGroup.capacity.desired,
    users,
    wars,
    heldBack: plan.heldBack,
    stages: stagesOf(record, now),
    schedule: plan.isAtZeroBySchedule ? scheduleOn(newGroup, plan.scheduledActions) : undefined,
    leftovers: plan.leftClones && leftoverLines(plan.leftClones),
    ...(elsewhere.length > 0 && { staying: stayingLines(snapshot.oldGroup, elsewhere) }),
    previous: previousVersions(setAfter(wars), record.servedSets ?? [])?.join(','),
    resolvedFailure: record.resolvedFailures.at(-1),
  });
}

const EMPTY = { minimum: 0, desired: 0, maximum: 0 };

/** What fell due is made up for: the actions themselves are still to be moved back should the deployment fail. */
function withoutDueTimes(plan: Plan): Plan {
  return { ...plan, scheduledActions: plan.scheduledActions.map((action) => ({ ...action, dueAt: undefined })) };
}
