/** RealAttached → Step2Passed: is StandBy healthy behind the real load balancers, and as large as Active is now? */
import * as z from 'zod/mini';
import { Step2Passed } from '../events/step-2-passed';
import { number, readConfiguration } from '../shared/aws/configuration';
import { joined } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import { keepGrowth } from '../shared/deployment/active-size';
import { cyclesAt } from '../shared/deployment/cycles';
import { holdingOf } from '../shared/deployment/holding';
import { judgeByProof, withProof } from '../shared/deployment/proof';
import { causesInCycle, causesOfShortage } from '../shared/deployment/shortage';
import { healthOnReal, type Snapshot } from '../shared/deployment/snapshot';
import { Fleet } from '../shared/fleet/auto-scaling-groups';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { whileHealthChecked } from '../shared/pipeline/delay';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { withNews } from '../shared/pipeline/news';
import { again, failed, type Outcome, passed } from '../shared/pipeline/outcome';
import { lookAtPair, usersMet } from '../shared/pipeline/pair';
import type { Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';

const configurationSchema = z.object({ CYCLE_SECONDS: number, CHECK_INTERVAL_SECONDS: number });

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  configuration: z.infer<typeof configurationSchema>;
}

const checkReal: Stage<Connections> = {
  name: 'check-real',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('check-real', plan), code: 'T011' }),

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { fleet } = connections;
    const looked = await lookAtPair(deployment, fleet);
    if ('kind' in looked) return looked;
    return withNews(await check(deployment, connections, looked), deployment, fleet, looked);
  },
};

export const createHandler = stage(checkReal);
export const handler = onLambda(createHandler);

async function check(
  deployment: Deployment,
  { fleet, loadBalancers, configuration }: Connections,
  looked: Snapshot,
): Promise<Outcome> {
  const { plan, progress, now } = deployment;
  const targetHealth = await deployment.read('T007', `reading the health of ${plan.newGroup}`, () =>
    healthOnReal(plan, loadBalancers),
  );
  const snapshot = looked.seeing({ targetHealth });
  const { hold, findings: held, ...holding } = await holdingOf(progress.hold, snapshot.newGroup, fleet, now);
  const limits = { cycleSeconds: configuration.CYCLE_SECONDS, repetitions: plan.repetitions, ...holding };
  const cycles = cyclesAt(2, progress, now, limits);
  const judged = await judgeByProof(snapshot, fleet, { isLast: cycles.areOver });
  const judgment = { ...judged, findings: [...held, ...judged.findings] };
  const waiting = { progress: cycles.progress, cycle: cycles.announced };

  if (!judgment.passes) {
    const users = usersMet(snapshot, deployment);
    const progress = { ...cycles.progress, hold, unservedSince: users.downSince };
    if (!cycles.areOver) {
      const told = cycles.announced && { users, until: cycles.endAt };
      const causes = await causesInCycle(cycles.announced, snapshot.newGroup, fleet, deployment.begunAt);
      const { CHECK_INTERVAL_SECONDS: interval } = configuration;
      const next = whileHealthChecked(deployment.record.acted, plan.healthySeconds, now, interval);
      return again(joined([...causes, ...judgment.findings]), { ...waiting, progress, ...told, ...next });
    }
    const causes = await causesOfShortage(snapshot.newGroup, fleet, deployment.begunAt);
    const findings = joined([...causes, ...judgment.findings]);
    const message = `${plan.newGroup} is not healthy behind the real load balancers: ${findings}`;
    return failed('T011', message, users);
  }
  if (!snapshot.hasGrown()) {
    return passed(Step2Passed, { cycle: cycles.announced }, withProof(plan, snapshot.newGroup));
  }
  const { desired } = snapshot.oldGroup.capacity;
  const keeping = keepGrowth(plan, snapshot.oldGroup, fleet);
  const sizes = { minimum: desired, desired, maximum: Math.max(desired, plan.capacity.maximum) };
  const calls = [() => fleet.resize(plan.newGroup, sizes), ...keeping.calls];
  const action = `growing ${plan.newGroup} to the ${desired} instances of ${plan.oldGroup}`;
  await deployment.act('T011', action, calls, { plan: keeping.plan });
  return again(`${plan.newGroup} to grow to the ${desired} instances that ${plan.oldGroup} has by now`, {
    progress: { cyclesSince: now.toISOString(), cycle: 1 }, // what is new has its cycles too
    cycle: cycles.announced,
  });
}
