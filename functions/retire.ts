/**
 * Swapped → Completed: takes the old group to 0/0/0, gives the new one its true sizes, and closes the record. Or Step2Passed,
 * where somebody has attached the old group anew: then swap has to detach it once more.
 */
import { Completed } from '../events/completed';
import { onLambda } from '../shared/aws/runtime';
import type { StateBucket } from '../shared/aws/state-bucket';
import { LONGEST_DRAIN_SECONDS } from '../shared/deployment/attachments';
import type { Plan } from '../shared/deployment/plan';
import { isRefusal } from '../shared/deployment/refusal';
import { trueSizes } from '../shared/deployment/sizes';
import { healthOnReal, lookAtGroups } from '../shared/deployment/snapshot';
import { Fleet, remainingOf } from '../shared/fleet/auto-scaling-groups';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { historyKey } from '../shared/pipeline/history';
import { again, completed, failed, moveTo, type Outcome } from '../shared/pipeline/outcome';
import type { DeploymentRecord } from '../shared/pipeline/record';
import { type Stage, stage } from '../shared/pipeline/stage';

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  state: StateBucket;
}

const retire: Stage<Connections> = {
  name: 'retire',
  limit: { seconds: 600, code: 'T009' },

  connect: ({ runtime, deadline, state }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    state,
  }),

  async run(deployment, { fleet, loadBalancers, state }): Promise<Outcome> {
    const { plan, record, now } = deployment;
    const { oldGroup, newGroup } = plan;
    const groups = await lookAtGroups(plan, fleet, now);
    if (isRefusal(groups)) return failed(groups.code, groups.message);
    const targetHealth = await deployment.read('T007', `reading the health of ${newGroup}`, () =>
      healthOnReal(plan, loadBalancers),
    );
    const snapshot = groups.seeing({ targetHealth });
    const ill = snapshot.fallenIll();
    if (ill) {
      const calls = fleet.attach(oldGroup, plan.attachments);
      const reattachedAt = record.reattachedAt ?? now.toISOString();
      await deployment.act('T011', `attaching ${oldGroup} again`, calls, { reattachedAt });
      const { findings } = snapshot.judgmentOn(ill);
      return failed('T011', `${newGroup} fell ill before ${oldGroup} was taken down: ${findings.join('; ')}`);
    }

    // Once it is at 0 it is over; until then somebody may have attached it anew, and users may come to depend on it.
    const isUp = snapshot.oldGroup.capacity.maximum > 0;
    if (isUp && (await fleet.attachments(oldGroup)).length > 0) {
      const progress = { detachingSince: now.toISOString(), drainLimitSeconds: LONGEST_DRAIN_SECONDS };
      return moveTo('swap', { progress });
    }
    await deployment.act('T009', `lifting the protection of ${oldGroup}`, fleet.removeProtection(snapshot.oldGroup));
    await deployment.act('T009', `taking ${oldGroup} to 0/0/0`, [() => fleet.resize(oldGroup, EMPTY)], {
      seenAt: now,
    });
    // Once: its alarms count again, and what they make of the group afterwards stays.
    if (deployment.progress.sizedAt === undefined) {
      await deployment.act('T999', `giving ${newGroup} its sizes`, [
        () => fleet.resize(newGroup, trueSizes(snapshot, now)),
        () => fleet.resume(newGroup, plan.suspendedProcesses),
      ]);
    }
    // Only then StandBy is empty, and the next request can be run: while it was up, it may have launched one more.
    const remaining = remainingOf(snapshot.oldGroup);
    if (isUp || remaining.length > 0) {
      const progress = { sizedAt: deployment.progress.sizedAt ?? now.toISOString() };
      return again(`${oldGroup} to be empty, with ${remaining.length} instances left`, {
        progress,
        plan: withoutDueTimes(plan),
      });
    }
    const stages = stageTimes(record, now);
    const history = { ...record, completedAt: now.toISOString(), stages };
    await deployment.act('T999', 'writing the history', [
      () => state.write(historyKey(record), JSON.stringify(history)),
    ]);
    const { requestedBy } = record.request;
    const instances = snapshot.newGroup.capacity.desired;
    const resolvedFailure = record.resolvedFailures.at(-1);
    return completed(Completed, {
      requestedBy,
      oldGroup,
      newGroup,
      instances,
      wars: plan.wars,
      stages,
      resolvedFailure,
    });
  },
};

export const createHandler = stage(retire);
export const handler = onLambda(createHandler);

const EMPTY = { minimum: 0, desired: 0, maximum: 0 };

/** What fell due is made up for: the actions themselves are still to be moved back should the deployment fail. */
function withoutDueTimes(plan: Plan): Plan {
  return { ...plan, scheduledActions: plan.scheduledActions.map((action) => ({ ...action, dueAt: undefined })) };
}

function stageTimes({ timeline }: DeploymentRecord, now: Date): { stage: string; seconds: number }[] {
  return timeline.map(({ stage, at }, index) => {
    const end = timeline[index + 1]?.at ?? now.toISOString();
    return { stage, seconds: (Date.parse(end) - Date.parse(at)) / 1000 };
  });
}
