/**
 * Kills every stage at every AWS call that it makes, before the call took effect or after: its repetition carries on, and
 * the deployment completes as if nothing had been. Two test files use it, so that both moments run at the same time.
 */
import { isInvocationCaller } from '../local/lambda-environment';
import type { Call } from '../local/service';
import { World } from './world';

/** Quick, so that hundreds of deployments take seconds; what they do is the same. */
const QUICK = {
  bootSeconds: 5,
  provisioningSeconds: 10,
  fleet: { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5, instances: 1 },
};

const STAGES = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire'];

/**
 * Names a call by the stage and the calls that the same invocation made before it, so that it is found again in another
 * deployment, and the polls of a stage, which all make the same calls, count once.
 */
class CallNames {
  private readonly made = new Map<string, string[]>();

  /** Undefined for the calls of others than stages. */
  nameOf(call: Call): string | undefined {
    if (!isInvocationCaller(call.caller) || !call.caller.invocation) return undefined;
    const { function: stage, requestId } = call.caller.invocation;
    if (!STAGES.includes(stage)) return undefined;
    const calls = this.made.get(requestId) ?? [];
    this.made.set(requestId, [...calls, call.operation]);
    return `${stage}: ${[...calls, call.operation].join(' ')}`;
  }
}

async function deployOnce(world: World, version: number): Promise<string> {
  const after = world.events.length;
  const versionId = await world.upload('app.war', { version: String(version) });
  const ended = () => world.events.slice(after).find((event) => /^(Completed|Failed)$/.test(event['detail-type']));
  await world.clock.runUntil(() => ended() !== undefined, 2 * 3600);
  await world.clock.advance(120);
  if (ended()?.['detail-type'] !== 'Completed')
    throw new Error(`the deployment failed: ${JSON.stringify(ended()?.detail)}`);
  return versionId;
}

async function callsOfADeployment(): Promise<string[]> {
  const world = await World.create(QUICK);
  const names = new CallNames();
  const calls = new Set<string>();
  world.aws.endpoint.intercept((call, proceed) => {
    const name = names.nameOf(call);
    if (name) calls.add(name);
    return proceed();
  });
  await deployOnce(world, 2);
  return [...calls];
}

/** Kills one deployment after another, each at the next call; throws or fails an expectation naming the call. */
export async function killAtEveryCall(moment: 'before' | 'after'): Promise<void> {
  const calls = await callsOfADeployment();
  expect(calls.length).toBeGreaterThan(60);
  const world = await World.create(QUICK);
  for (const [index, target] of calls.entries()) {
    const names = new CallNames();
    let killed = 0;
    const remove = world.aws.endpoint.intercept(async (call, proceed) => {
      if (killed > 0 || names.nameOf(call) !== target) return proceed();
      killed++;
      if (moment === 'after') await proceed();
      if (isInvocationCaller(call.caller) && call.caller.invocation) world.aws.lambda.kill(call.caller.invocation);
      return new Promise<never>(() => {});
    });
    const versionId = await deployOnce(world, index + 2).catch((cause: unknown) => {
      throw new Error(`killed ${moment} the last of these calls: ${target}`, { cause });
    });
    remove();

    expect({ target, killed }).toEqual({ target, killed: 1 });
    expect({ target, served: world.servedVersions() }).toEqual({ target, served: [versionId] });
    expect({ target, dummies: await world.dummies() }).toEqual({ target, dummies: [] });
    const groups = [world.fleet.activeGroup, world.fleet.standByGroup];
    const sizes = [await world.size(groups[0] ?? ''), await world.size(groups[1] ?? '')].sort();
    expect({ target, sizes }).toEqual({ target, sizes: ['0/0/0', '1/1/4'] });
  }
}
