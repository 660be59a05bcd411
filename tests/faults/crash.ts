/**
 * Kills every function at every AWS call that it makes, before the call took effect or after: its repetition carries on,
 * and the deployment ends as if nothing had been. Several test files use it, so that they run at the same time.
 */
import type { Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { fleetState, withoutVersions } from '../harness/fleet-state';
import { guard } from '../harness/guard';
import { historyOf } from '../harness/history';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

/** As few looks and health checks as there can be: each call is killed once. */
const FEW_CALLS = {
  fleet: { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5, instances: 1, minimum: 0 },
  parameters: { CycleSeconds: '20' },
};

/** A deployment to kill, and the end that it has to come to however often it is killed. */
interface Course {
  functions: readonly string[];
  /** Of the war that is uploaded. */
  health: string;
  /** From which event on StandBy is ill. */
  illFrom?: string;
  ends: 'Completed' | 'Cleaned';
}

export const COURSES = {
  /** Everything is well. */
  complete: {
    functions: ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire'],
    health: 'well',
    ends: 'Completed',
  },
  /** The war does not pass step 1. What `start` does is the same as where everything is well. */
  broken: { functions: ['war-uploaded', 'check-dummy', 'clean-up'], health: '500', ends: 'Cleaned' },
  /** StandBy is ill behind the real load balancers, and is taken from them again. */
  ill: { functions: ['check-real', 'clean-up'], health: 'well', illFrom: 'RealAttached', ends: 'Cleaned' },
} satisfies Record<string, Course>;

/**
 * Names a call by the function and the calls that the same invocation made before it, so that it is found again in
 * another deployment, and the polls of a stage, which all make the same calls, count once. So do equal reads in a row.
 */
class CallNames {
  private readonly made = new Map<string, string[]>();

  constructor(private readonly functions: readonly string[]) {}

  /** Undefined for the calls of others. */
  nameOf(call: Call): string | undefined {
    if (!isInvocationCaller(call.caller) || !call.caller.invocation) return undefined;
    const { function: name, requestId } = call.caller.invocation;
    if (!this.functions.includes(name)) return undefined;
    const calls = this.made.get(requestId) ?? [];
    const isRepeatedRead = /^(Describe|List)/.test(call.operation) && calls.at(-1) === call.operation;
    if (!isRepeatedRead) calls.push(call.operation);
    this.made.set(requestId, calls);
    return `${name}: ${calls.join(' ')}`;
  }
}

/**
 * A read has no effect. Killed after one, an invocation leaves what it leaves when it is killed before its next call; and
 * killed before a read that follows a read, what it leaves when it is killed before the first of them.
 */
function isRepetition(name: string, moment: 'before' | 'after'): boolean {
  const [, ...operations] = name.split(' ');
  const isRead = (operation: string | undefined) => /^(Describe|List|Get|Head)/.test(operation ?? '');
  return isRead(operations.at(-1)) && (moment === 'after' || isRead(operations.at(-2)));
}

/** Answers the version that was uploaded. */
async function deployOnce(world: World, course: Course, version: number): Promise<string> {
  const after = world.events.length;
  const versionId = await world.upload('app.war', { version: String(version), health: course.health });
  const has = (type: string) => world.events.slice(after).some((event) => event['detail-type'] === type);
  if (course.illFrom) {
    await world.clock.runUntil(() => has(course.illFrom ?? ''), 2 * 3600);
    await new Operator(world).setHealth(world.fleet.standByGroup, 503);
  }
  await world.clock.runUntil(() => has('Completed') || has('Cleaned'), 4 * 3600);
  await world.clock.advance(400); // for the repetition of what was killed after it told the end
  if (!has(course.ends)) throw new Error(`the deployment did not end with ${course.ends}: ${world.story.slice(after)}`);
  return versionId;
}

async function callsOfADeployment(course: Course): Promise<string[]> {
  const world = await World.quick(FEW_CALLS);
  // As those of every deployment but the first, for which there is no record yet.
  await deployOnce(world, course, 1);
  const names = new CallNames(course.functions);
  const calls = new Set<string>();
  world.aws.endpoint.intercept((call, proceed) => {
    const name = names.nameOf(call);
    if (name) calls.add(name);
    return proceed();
  });
  await deployOnce(world, course, 2);
  return [...calls];
}

/** What the index of the history says of the deployment before this moment, and its object. */
async function newestIn(world: World) {
  const { newest, read } = historyOf(world);
  const [line] = await newest();
  const entry = await read(line?.deploymentId);
  return [line?.deploymentId, line?.outcome, entry?.outcome];
}

async function endOf(world: World) {
  const { deploymentId, status } = await world.record();
  const outcome = status === 'failed' ? 'cleaned' : status;
  return [deploymentId, outcome, outcome];
}

/** One call of each function in a deployment: a function has carried on after its kill before the next one begins. */
function roundsOf(calls: string[]): string[][] {
  const functions = [...new Set(calls.map((name) => name.split(':')[0]))];
  const byFunction = functions.map((name) => calls.filter((call) => call.startsWith(`${name}:`)));
  const most = Math.max(...byFunction.map(({ length }) => length));
  return Array.from({ length: most }, (_, round) => byFunction.flatMap((own) => own.slice(round, round + 1)));
}

/**
 * Kills the functions of one deployment after another, each function at its next call, without the calls that `done` has
 * too; throws or fails an expectation naming the calls.
 */
export async function killAtEveryCall(course: Course, moment: 'before' | 'after', done?: Course): Promise<void> {
  const known = done ? await callsOfADeployment(done) : [];
  const calls = (await callsOfADeployment(course)).filter(
    (name) => !known.includes(name) && !isRepetition(name, moment),
  );
  expect(calls.length).toBeGreaterThan(done ? 5 : 10);
  const world = await World.quick(FEW_CALLS);
  const violations = guard(world);
  const rounds = roundsOf(calls);
  let version = 1;
  for (let targets = rounds.shift(); targets; targets = rounds.shift()) {
    const before = await fleetState(world);
    const served = world.servedVersions();
    const names = new CallNames(course.functions);
    const targeted = targets;
    const killed: string[] = [];
    const remove = world.aws.endpoint.intercept(async (call, proceed) => {
      const name = names.nameOf(call) ?? '';
      if (!targeted.includes(name) || killed.includes(name)) return proceed();
      killed.push(name);
      if (moment === 'after') await proceed();
      if (isInvocationCaller(call.caller) && call.caller.invocation) world.aws.lambda.kill(call.caller.invocation);
      return new Promise<never>(() => {});
    });
    const versionId = await deployOnce(world, course, ++version).catch((cause: unknown) => {
      throw new Error(`killed ${moment} the last call of each of these: ${targeted.join('; ')}`, { cause });
    });
    remove();

    // Where a kill changed what later functions had to do, they are killed in deployments of their own.
    if (targets.length > 1) rounds.push(...targets.filter((name) => !killed.includes(name)).map((name) => [name]));
    else expect(killed).toEqual(targets);
    expect({ targets, violations }).toEqual({ targets, violations: [] });
    expect({ targets, dummies: await world.dummies() }).toEqual({ targets, dummies: [] });
    expect({ targets, history: await newestIn(world) }).toEqual({ targets, history: await endOf(world) });
    const after = await fleetState(world);
    if (course.ends === 'Completed') {
      expect({ targets, served: world.servedVersions() }).toEqual({ targets, served: [versionId] });
      expect({ targets, sizes: [after.blue?.size, after.green?.size].sort() }).toEqual({
        targets,
        sizes: ['0/0/0', '0/1/4'],
      });
    } else {
      expect({ targets, served: world.servedVersions() }).toEqual({ targets, served });
      expect({ targets, ...after, green: withoutVersions(after.green) }).toEqual({
        targets,
        ...before,
        green: withoutVersions(before.green),
      });
    }
  }
}
