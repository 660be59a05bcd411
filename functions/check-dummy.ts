/** DummyAttached → Step1Passed: is StandBy healthy behind the clones, where no user is? */
import * as z from 'zod/mini';
import { Step1Passed } from '../events/step-1-passed';
import { number, readConfiguration } from '../shared/configuration';
import { type Cycles, cyclesAt } from '../shared/cycles';
import { Fleet } from '../shared/fleet';
import { type Judgment, judge } from '../shared/health';
import { LoadBalancers } from '../shared/load-balancers';
import { isOutcome, lookAtGroups, standingsOnDummies } from '../shared/look';
import { again, failed, type Outcome, passed } from '../shared/outcome';
import { onLambda } from '../shared/runtime';
import type { Deployment } from '../shared/session';
import { type Stage, stage } from '../shared/stage';

const configurationSchema = z.object({ CYCLE_SECONDS: number, PROVISIONING_LIMIT_SECONDS: number });

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  configuration: z.infer<typeof configurationSchema>;
}

const checkDummy: Stage<Connections> = {
  name: 'check-dummy',
  limit: { seconds: 7200, code: 'T001' },

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { plan, progress, now } = deployment;
    const { fleet, loadBalancers, configuration } = connections;
    const groups = await lookAtGroups(plan, fleet);
    if (isOutcome(groups)) return groups;
    const notReady = await dummiesNotReady(deployment, connections);
    if (notReady) return notReady;

    const judgment = judge(groups.newGroup, await standingsOnDummies(plan, loadBalancers));
    const limits = { cycleSeconds: configuration.CYCLE_SECONDS, repetitions: plan.repetitions };
    const cycles = cyclesAt(1, progress, now, limits);
    return decide(judgment, cycles) ?? failed('T001', await explain(judgment, plan.newGroup, fleet));
  },
};

export const createHandler = stage(checkDummy);
export const handler = onLambda(createHandler);

/** Undefined when the last cycle has ended without a pass. */
function decide({ passes, findings }: Judgment, { announced, areOver, progress }: Cycles): Outcome | undefined {
  if (passes) return passed(Step1Passed, 'attach-real', { cycle: announced });
  return areOver ? undefined : again(findings.join('; '), { progress, cycle: announced });
}

async function explain({ findings }: Judgment, newGroup: string, fleet: Fleet): Promise<string> {
  const activity = await fleet.lastFailedActivity(newGroup);
  const causes = activity ? [...findings, `last failed scaling activity: ${activity}`] : findings;
  return `the application is not healthy behind the dummies: ${causes.join('; ')}`;
}

/** The dummies must all be there and active; provisioning them has a limit of its own. */
async function dummiesNotReady(
  deployment: Deployment,
  { loadBalancers, configuration }: Connections,
): Promise<Outcome | undefined> {
  const { attachments, dummyLoadBalancerArns } = deployment.plan;
  const targetGroupArns = attachments.flatMap(({ kind, dummyIdentifier }) =>
    kind === 'target-group' && dummyIdentifier !== undefined ? [dummyIdentifier] : [],
  );
  const [balancers, targetGroups] = await Promise.all([
    loadBalancers.loadBalancers(dummyLoadBalancerArns),
    loadBalancers.targetGroups(targetGroupArns),
  ]);
  const missing = [...dummyLoadBalancerArns, ...targetGroupArns].filter(
    (arn) => !balancers.has(arn) && !targetGroups.has(arn),
  );
  if (missing.length > 0) return failed('T000', `somebody deleted the dummy ${missing.join(', ')}`);
  const waiting = [...balancers.values()].filter(({ State }) => State?.Code !== 'active');
  if (waiting.length === 0) return undefined;
  const states = waiting.map(({ LoadBalancerName, State }) => `${LoadBalancerName} is ${State?.Code}`).join(', ');
  return deployment.secondsWaiting > configuration.PROVISIONING_LIMIT_SECONDS
    ? failed('T001', `the dummies did not become active within their limit: ${states}`)
    : again(`${balancers.size - waiting.length} of ${balancers.size} dummies are active: ${states}`);
}
