/** Throttled, slow and lost answers make a deployment slower; they do not make it fail. */
import { AwsError } from '../../local/kernel/service';
import { STANDARD_LIMITS, throttle } from '../../local/kernel/throttle';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

/** The new version serves, and nobody heard of any trouble. */
async function expectCompletion(world: World, version: string, violations: string[]): Promise<void> {
  await world.until('Completed');
  await world.clock.advance(300);
  expect(world.story.filter((type) => /^(Failed|Lambda)/.test(type))).toEqual([]);
  expect(world.servedVersions()).toEqual([version]);
  expect(await world.dummies()).toEqual([]);
  expect(violations).toEqual([]);
}

async function secondsToComplete(world: World): Promise<number> {
  const start_ms = world.clock.now().getTime();
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const seconds = (world.clock.now().getTime() - start_ms) / 1000;
  await expectCompletion(world, version, violations);
  return seconds;
}

test('an account that is busy throttles: the deployment takes longer, and completes', async () => {
  const calm = await secondsToComplete(await World.quick());
  const world = await World.quick();
  const scarce = { burst: 4, refillPerSecond: 0.5 };
  const families = Object.keys(STANDARD_LIMITS.elasticLoadBalancing).map((family) => [family, scarce]);
  let throttled = 0;
  world.aws.endpoint.intercept(
    throttle(world.clock, {
      ...STANDARD_LIMITS,
      elasticLoadBalancing: Object.fromEntries(families) as typeof STANDARD_LIMITS.elasticLoadBalancing,
      autoScaling: scarce,
    }),
  );
  world.aws.endpoint.intercept((_, proceed) =>
    proceed().catch((error: Error) => {
      if (error.name === 'Throttling') throttled++;
      throw error;
    }),
  );
  expect(await secondsToComplete(world)).toBeGreaterThan(calm);
  expect(throttled).toBeGreaterThan(10);
});

test.each([
  ['start', 'CreateLoadBalancer'],
  ['start', 'UpdateAutoScalingGroup'],
  ['attach-real', 'DetachLoadBalancerTargetGroups'],
  ['attach-real', 'DeleteTargetGroup'],
  ['attach-real', 'AttachLoadBalancerTargetGroups'],
  ['swap', 'DetachLoadBalancerTargetGroups'],
  ['swap', 'CreateOrUpdateTags'],
  ['retire', 'UpdateAutoScalingGroup'],
])('%s loses the answers to %s, and finds that it is done', async (of, operation) => {
  const world = await World.quick();
  const violations = guard(world);
  // The client's own attempts are used up with the first invocation.
  new Operator(world).failCalls(operation, 'InternalFailure', { status: 500, times: 3, moment: 'after', of });
  const version = await world.upload('app.war', { version: '2' });
  await expectCompletion(world, version, violations);
});

test.each(['start', 'attach-real', 'swap', 'retire'])(
  '%s runs out of time because every call is slow: it gives up before it is frozen, and its repetition carries on',
  async (slow) => {
    const world = await World.quick();
    const violations = guard(world);
    const lateCalls: string[] = [];
    world.aws.endpoint.intercept(async (call, proceed) => {
      const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
      if (invocation?.function !== slow) return proceed();
      const elapsedSeconds = (world.clock.now().getTime() - invocation.startedAt.getTime()) / 1000;
      if (elapsedSeconds > 40.5) lateCalls.push(call.operation);
      const others = world.aws.lambda.invocations.filter((one) => one.function === slow && one !== invocation);
      if (others.length < 2) await world.clock.sleep(8);
      return proceed();
    });
    const version = await world.upload('app.war', { version: '2' });
    await expectCompletion(world, version, violations);
    const outcomes = world.aws.lambda.invocations.filter((one) => one.function === slow).map(({ outcome }) => outcome);
    expect(outcomes).toContain('failed');
    expect(outcomes).not.toContain('timed out');
    expect(lateCalls).toEqual([]);
  },
);

test('a read that is throttled for minutes makes its stage look again, and nothing fails', async () => {
  const world = await World.quick();
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  const end_ms = world.clock.now().getTime() + 240_000;
  world.aws.endpoint.intercept((call, proceed) => {
    const isThrottled = call.operation === 'DescribeTargetHealth' && world.clock.now().getTime() < end_ms;
    if (isThrottled && isInvocationCaller(call.caller)) throw new AwsError('Throttling', 'Rate exceeded');
    return proceed();
  });
  await expectCompletion(world, version, violations);
});

test('forty-five target groups are more than the limits of the account take at once, and still deploy', async () => {
  const world = await World.quick({ fleet: { targetGroups: 45 } });
  world.aws.endpoint.intercept(throttle(world.clock));
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await expectCompletion(world, version, violations);
});

test('fifty target groups in an account whose looks others use up, too, are swapped all the same', async () => {
  const application = {
    kind: 'application',
    way: 'direct',
    isAcrossZones: true,
    targetGroups: Array.from({ length: 25 }, () => ({ protocol: 'HTTP' }) as const),
  } as const;
  const world = await World.quick({ fleet: { instances: 1, maximum: 2, loadBalancers: [application, application] } });
  const left = { burst: 40, refillPerSecond: 6 };
  const elasticLoadBalancing = { ...STANDARD_LIMITS.elasticLoadBalancing, describe: left, account: left };
  world.aws.endpoint.intercept(throttle(world.clock, { ...STANDARD_LIMITS, elasticLoadBalancing }));
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await expectCompletion(world, version, violations);
});
