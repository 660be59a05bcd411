/** DummyAttached → Step1Passed: is StandBy healthy behind the clones, where no user is? */
import type { LoadBalancerState, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as z from 'zod/mini';
import type { Users } from '../events/contract';
import { Step1Passed } from '../events/step-1-passed';
import { number, readConfiguration } from '../shared/aws/configuration';
import { isThrottling } from '../shared/aws/errors';
import { joined, named } from '../shared/aws/findings';
import { onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';
import { notesOnElsewhere } from '../shared/codes/elsewhere';
import { type Cycles, cyclesAt } from '../shared/deployment/cycles';
import { lookElsewhere } from '../shared/deployment/elsewhere';
import type { Judgment } from '../shared/deployment/health';
import { type Hold, holdingOf } from '../shared/deployment/holding';
import { dummiesOf, type Plan } from '../shared/deployment/plan';
import { judgeByProof, withProof } from '../shared/deployment/proof';
import { causesInCycle, causesOfShortage } from '../shared/deployment/shortage';
import { healthOnDummies, healthOnReal, type Snapshot } from '../shared/deployment/snapshot';
import { hasUsers, mayMeetUsers } from '../shared/deployment/standby';
import { usersOf, withApart } from '../shared/deployment/users';
import { Addresses } from '../shared/fleet/addresses';
import { type Attachment, isLeaving } from '../shared/fleet/attachment';
import { Fleet, remainingOf } from '../shared/fleet/auto-scaling-groups';
import { isNotFound } from '../shared/fleet/existing';
import { CREATED_LAG_SECONDS } from '../shared/fleet/lag';
import { LoadBalancers, loadBalancerNameIn } from '../shared/fleet/load-balancers';
import { delayWhileProvisioning } from '../shared/pipeline/delay';
import { limitSecondsOf } from '../shared/pipeline/limits';
import { withNews } from '../shared/pipeline/news';
import { type Again, again, failed, type Outcome, passed, withProgress } from '../shared/pipeline/outcome';
import { lookAtPair } from '../shared/pipeline/pair';
import type { Deployment } from '../shared/pipeline/session';
import { type Stage, stage } from '../shared/pipeline/stage';

const configurationSchema = z.object({ CYCLE_SECONDS: number, PROVISIONING_LIMIT_SECONDS: number });

/** Whether Active is where it is to be is looked at this often while clones provision: within a minute, with the next look. */
const GROUPS_SEEN_SECONDS = 45;

interface Connections {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  addresses: Addresses;
  configuration: z.infer<typeof configurationSchema>;
}

const checkDummy: Stage<Connections> = {
  name: 'check-dummy',
  limit: ({ plan }) => ({ seconds: limitSecondsOf('check-dummy', plan), code: 'T001' }),

  connect: ({ runtime, deadline }) => ({
    fleet: Fleet.connect(runtime, deadline),
    loadBalancers: LoadBalancers.connect(runtime, deadline),
    addresses: Addresses.connect(runtime, deadline),
    configuration: readConfiguration(configurationSchema, runtime.environment),
  }),

  async run(deployment, connections): Promise<Outcome> {
    const { plan, progress, now } = deployment;
    const { fleet, loadBalancers, configuration } = connections;
    const balancers = await loadBalancers.loadBalancers(plan.dummyLoadBalancerArns);
    const provisioning = waitsForProvisioning(deployment, configuration.PROVISIONING_LIMIT_SECONDS, balancers);
    // Most looks for clones that are ready need not look at the groups as well.
    if (provisioning && isFresh(progress.groupsSeenAt, now))
      return withProgress(provisioning, { groupsSeenAt: progress.groupsSeenAt });
    const looked = await lookAtPair(deployment, fleet);
    if ('kind' in looked) return looked;
    const attached = await attachedAgain(looked, fleet, loadBalancers);
    if (attached) return attached;
    const outcome = provisioning
      ? withProgress(provisioning, { groupsSeenAt: now.toISOString() })
      : await checked(deployment, connections, looked, balancers);
    const seen = outcome.kind === 'again' ? await lookedElsewhere(outcome, deployment, connections, looked) : outcome;
    return withNews(seen, deployment, fleet, looked);
  },
};

export const createHandler = stage(checkDummy);
export const handler = onLambda(createHandler);

/** Once no clone provisions any more. */
async function checked(
  deployment: Deployment,
  connections: Connections,
  looked: Snapshot,
  balancers: Balancers,
): Promise<Outcome> {
  const { plan, progress, now } = deployment;
  const { fleet, loadBalancers, configuration } = connections;
  const look = () =>
    healthOnDummies(plan, loadBalancers).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  const targetHealth = await deployment.read('T001', `reading the health of ${plan.newGroup} on the dummies`, look);
  // What has its health read is there.
  const areActive = plan.dummyLoadBalancerArns.every((arn) => isActive(balancers.get(arn)?.State));
  const isReady = targetHealth !== undefined && areActive;
  const notReady = isReady ? undefined : await dummiesNotReady(deployment, balancers, connections, looked);
  if (notReady) return notReady;
  if (!targetHealth) return again('the health on the dummies to be readable'); // the next look tells if one is gone

  const snapshot = looked.seeing({ targetHealth });
  const { hold, findings: held, ...holding } = await holdingOf(progress.hold, looked.newGroup, fleet, now);
  const limits = { cycleSeconds: configuration.CYCLE_SECONDS, repetitions: plan.repetitions, ...holding };
  const cycles = cyclesAt(1, progress, now, limits);
  const judged = await judgeByProof(snapshot, fleet, { isLast: cycles.areOver });
  const judgment = { ...judged, findings: [...held, ...judged.findings] };
  const decided = decide(
    judgment,
    { ...cycles, progress: { ...cycles.progress, hold } },
    withProof(plan, looked.newGroup),
  );
  // For the mail of the cycle: whoever reads it asks who serves.
  if (decided?.kind === 'again' && decided.cycle !== undefined) {
    const users = await usersSeen(looked, loadBalancers, progress.unservedSince);
    const causes = await causesInCycle(decided.cycle, looked.newGroup, fleet, deployment.begunAt);
    const told = { ...decided, waitingFor: joined([...causes, ...judgment.findings]), users, until: cycles.endAt };
    return users ? withProgress(told, { unservedSince: users.downSince }) : told;
  }
  if (decided) return decided;
  const causes = await causesOfShortage(looked.newGroup, fleet, deployment.begunAt);
  const findings = joined([...causes, ...judgment.findings]);
  const cameNone = looked.newGroup.instances.length === 0;
  const message = cameNone
    ? `${plan.newGroup} was not tested: ${findings}`
    : `the application is not healthy behind the dummies: ${findings}`;
  return failed('T001', message, await usersSeen(looked, loadBalancers));
}

/**
 * While there is something to wait for: who is registered where by hand people are told early, so that they can do something
 * about it. Where the account's request rate does not let it be seen, the next look is soon enough.
 */
async function lookedElsewhere(
  outcome: Again,
  { plan, task }: Deployment,
  registry: Connections,
  { oldGroup }: Snapshot,
): Promise<Outcome> {
  if (plan.elsewhere?.isComplete || remainingOf(oldGroup).length === 0) return outcome;
  const looked = await lookElsewhere({ plan, task }, oldGroup, registry, plan.elsewhere).catch((error: unknown) => {
    if (!isThrottling(error)) throw error;
  });
  if (!looked) return outcome;
  const { elsewhere, listings } = looked;
  const notes = elsewhere.isComplete ? notesOnElsewhere(oldGroup, listings, elsewhere) : [];
  return { ...outcome, plan: { ...plan, elsewhere, ...(notes.length > 0 && { notes }) } };
}

/** Undefined when the last cycle has ended without a pass. */
function decide(
  { passes, findings }: Judgment,
  { announced, areOver, progress }: Cycles & { progress: { hold?: Hold | undefined } },
  proven: Plan,
): Outcome | undefined {
  if (passes) return passed(Step1Passed, { cycle: announced }, proven);
  return areOver ? undefined : again(joined(findings), { progress, cycle: announced });
}

/** Somebody has attached StandBy where users are, which is not for them yet. */
async function attachedAgain(
  snapshot: Snapshot,
  fleet: Fleet,
  loadBalancers: LoadBalancers,
): Promise<Outcome | undefined> {
  const { newGroup } = snapshot;
  if (!mayMeetUsers(newGroup)) return undefined;
  const listed = (await fleet.attachments(newGroup, snapshot.plan.attachments)).filter(
    (one) => hasUsers(one) && !isLeaving(one),
  );
  if (listed.length === 0) return undefined;
  const names = named(listed.map((attachment) => snapshot.nameOf(attachment)));
  const message =
    `somebody attached ${newGroup.name} (StandBy) to ${names} in step 1: users there may have met the new version, ` +
    'which is not proven';
  return failed('T000', message, await usersSeen(snapshot, loadBalancers));
}

type Balancers = Awaited<ReturnType<LoadBalancers['loadBalancers']>>;

/** Most looks find no more than that: they ask for nothing else. Undefined where something else is to be decided, too. */
function waitsForProvisioning(
  { plan, secondsWaiting }: Deployment,
  limitSeconds: number,
  balancers: Balancers,
): Extract<Outcome, { kind: 'again' }> | undefined {
  const states = [...balancers.values()];
  const waiting = states.filter(({ State }) => !isActive(State));
  const isHopeless = waiting.some(({ State }) => State?.Code === 'failed');
  const areThere = plan.dummyLoadBalancerArns.every((arn) => balancers.has(arn));
  if (waiting.length === 0 || !areThere || isHopeless || secondsWaiting > limitSeconds) return undefined;
  const names = waiting.map(({ LoadBalancerName = '', State }) => `${LoadBalancerName} is ${State?.Code}`);
  const text = `${states.length - waiting.length} of ${states.length} dummies are active: ${named(names)}`;
  return { kind: 'again', waitingFor: text, progress: {}, delay: delayWhileProvisioning(secondsWaiting) };
}

function isFresh(seenAt: string | undefined, now: Date): boolean {
  return seenAt !== undefined && secondsBetween(seenAt, now) < GROUPS_SEEN_SECONDS;
}

/** The dummies must all be there and active; provisioning them has a limit of its own. Classic ones are at once. */
async function dummiesNotReady(
  deployment: Deployment,
  balancers: Balancers,
  { loadBalancers }: Connections,
  looked: Snapshot,
): Promise<Outcome | undefined> {
  const { plan } = deployment;
  const dummiesOfKind = (kind: Attachment['kind']) =>
    dummiesOf(plan).flatMap((dummy) => (dummy.kind === kind ? [dummy.identifier] : []));
  const [targetGroups, classic] = await Promise.all([
    loadBalancers.targetGroups(dummiesOfKind('target-group')),
    loadBalancers.classic.loadBalancers(dummiesOfKind('classic')),
  ]);
  const there = new Set([...balancers.keys(), ...targetGroups.keys(), ...classic.keys()]);
  const wanted = [...plan.dummyLoadBalancerArns, ...dummiesOf(plan).map(({ identifier }) => identifier)];
  const missing = wanted.filter((identifier) => !there.has(identifier));
  const called = (identifier: string) => calledWith(identifier, originalsOf(identifier, plan, targetGroups));
  if (missing.length > 0) {
    const createdAt = deployment.record.timeline.at(-1)?.at ?? ''; // or before: then this stage began
    return secondsBetween(createdAt, deployment.now) < CREATED_LAG_SECONDS
      ? again(`the dummy ${named(missing.map(called))} to be found, which was just created`)
      : failed(
          'T000',
          `somebody deleted the dummy ${named(missing.map(called))}`,
          await usersSeen(looked, loadBalancers),
        );
  }
  const waiting = [...balancers.values()].filter(({ State }) => !isActive(State));
  if (waiting.length === 0) return undefined;
  const states = waiting.map(({ LoadBalancerName = '', LoadBalancerArn = '', State }) => {
    const standing = calledWith(
      `${LoadBalancerName} is ${State?.Code}`,
      originalsOf(LoadBalancerArn, plan, targetGroups),
    );
    return [standing, State?.Reason].filter(Boolean).join(': ');
  });
  return failed(
    'T001',
    `the dummies did not become active within their limit: ${named(states)}`,
    await usersSeen(looked, loadBalancers),
  );
}

/** Who serves, for the mail of the failure. Where that cannot be read it says so: it is no reason to fail otherwise. */
async function usersSeen(
  looked: Snapshot,
  loadBalancers: LoadBalancers,
  downSince?: string,
): Promise<Users | undefined> {
  const targetHealth = await healthOnReal(looked.plan, loadBalancers).catch(() => undefined);
  if (!targetHealth) return undefined;
  const seen = looked.seeing({ targetHealth });
  return withApart(usersOf(seen, 'old', { downSince }), seen);
}

/** The names of what this dummy stands for; of a load balancer's those whose target groups it carries, once that is to be read. */
function originalsOf(identifier: string, plan: Plan, targetGroups: ReadonlyMap<string, TargetGroup>): string[] {
  const originals = plan.attachments.flatMap(({ dummyIdentifier = '', name, loadBalancerArn = '' }) => {
    if (dummyIdentifier === identifier) return [name];
    const carriers = targetGroups.get(dummyIdentifier)?.LoadBalancerArns ?? [];
    return carriers.includes(identifier) ? [loadBalancerNameIn(loadBalancerArn)] : [];
  });
  return [...new Set(originals)];
}

/** People know the originals, not the dummies. */
function calledWith(dummy: string, originals: string[]): string {
  return originals.length > 0 ? `${dummy}, in place of ${named(originals)}` : dummy;
}

/** `active_impaired` routes and checks, but cannot grow. */
function isActive(state: LoadBalancerState | undefined): boolean {
  return state?.Code === 'active' || state?.Code === 'active_impaired';
}
