/** Step1Passed → RealAttached: takes the dummies away and attaches StandBy to the real load balancers, beside Active. */
import { RealAttached } from '../events/real-attached';
import { onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { keepSize } from '../shared/deployment/active-size';
import { dummiesOf, type LeftClone } from '../shared/deployment/plan';
import type { Snapshot } from '../shared/deployment/snapshot';
import { deleteClones, REMOVAL_LIMIT_SECONDS, waitingForDeletion } from '../shared/dummies/removal';
import { type AttachmentState, isSamePlace } from '../shared/fleet/attachment';
import { Fleet, SUSPENDED_WHILE_ATTACHED } from '../shared/fleet/auto-scaling-groups';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { toAttach, toDetach } from '../shared/fleet/motion';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { withNews } from '../shared/pipeline/news';
import { again, type Outcome, passed } from '../shared/pipeline/outcome';
import { lookAtPair } from '../shared/pipeline/pair';
import type { Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
}

const attachReal: Stage<Connections> = {
  name: 'attach-real',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('attach-real', plan), code: 'T002' }),

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { fleet } = connections;
    const looked = await lookAtPair(deployment, fleet);
    if ('kind' in looked) return looked;
    return withNews(await attach(deployment, connections, looked), deployment, fleet, looked);
  },
};

export const createHandler = stage(attachReal);
export const handler = onLambda(createHandler);

async function attach(
  deployment: Deployment,
  { fleet, loadBalancers }: Connections,
  looked: Snapshot,
): Promise<Outcome> {
  const { progress, now } = deployment;
  let { plan } = deployment;
  const { newGroup } = plan;
  const listed = await fleet.attachments(looked.newGroup, plan.attachments);
  if (progress.dummiesGoneAt === undefined) {
    const removed = await removeDummies(deployment, { fleet, loadBalancers }, listed);
    if ('kind' in removed) return removed;
    plan = removed.left.length > 0 ? { ...plan, leftClones: removed.left } : plan;
    // Its load is about to be shared: its alarms would take it to a size that could not be gone back to.
    const keeping = keepSize(plan, looked.oldGroup, fleet);
    plan = keeping.plan;
    const noted = { plan, seenAt: looked.seenAt };
    if (keeping.calls.length > 0) {
      await deployment.act('T004', `raising the minimum of ${plan.oldGroup} to its size`, keeping.calls, noted);
    }
  }
  // A group kills instances that a load balancer has not accepted yet.
  const running = SUSPENDED_WHILE_ATTACHED.filter((process) => !looked.newGroup.suspendedProcesses.includes(process));
  const processes = running.filter((process) => plan.suspendedProcesses.includes(process));
  if (processes.length > 0) {
    const suspending = () => fleet.suspend(newGroup, processes);
    await deployment.act('T004', `suspending the health check of ${newGroup}`, [suspending]);
  }
  const { attachments, isLast, name } = toAttach(listed, plan.attachments);
  const attachCalls = fleet.attach(newGroup, attachments);
  await deployment.act('T004', `attaching ${newGroup} to the real load balancers${name}`, attachCalls);
  if (isLast) return passed(RealAttached, {}, plan);
  return again(`${newGroup} to be attached to the real load balancers${name}`, {
    plan,
    progress: { dummiesGoneAt: progress.dummiesGoneAt ?? now.toISOString() },
  });
}

/** Those that are left, once they need not be waited for any more. */
async function removeDummies(
  deployment: Deployment,
  { fleet, loadBalancers }: Connections,
  listed: AttachmentState[],
): Promise<Outcome | { left: LeftClone[] }> {
  const { plan, progress, now } = deployment;
  const { newGroup } = plan;
  const dummies = dummiesOf(plan);
  const { attachments, isLast, name } = toDetach(listed, dummies);
  if (attachments.length > 0) {
    await deployment.act('T002', `detaching the dummies from ${newGroup}${name}`, fleet.detach(newGroup, attachments));
  }
  if (!isLast) return again(`${newGroup} to let go of the dummies${name}`);
  // At once, so that nothing refers to the target groups any more by the time the group has let go of them.
  const balancers = plan.dummyLoadBalancerArns.map((identifier) => ({ kind: 'load-balancer' as const, identifier }));
  const leftBalancers = await deleteClones(deployment, loadBalancers, balancers);
  const attached = listed.filter((attachment) => dummies.some((dummy) => isSamePlace(dummy, attachment)));
  if (attached.length > 0) return again(`${newGroup} to let go of ${attached.length} dummies`);

  // A group that lists what is gone launches no instance: only now it has let go of them.
  const left = [...leftBalancers, ...(await deleteClones(deployment, loadBalancers, dummies))];
  const leavingSince = progress.leavingSince ?? now.toISOString();
  return left.length > 0 && secondsBetween(leavingSince, now) < REMOVAL_LIMIT_SECONDS
    ? again(waitingForDeletion(left), { progress: { leavingSince } })
    : { left };
}
