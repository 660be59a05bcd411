/** How long a deployment takes: what the fleet itself needs, and little more, since stages look when something can have changed. */
import { AwsError } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

const PROVISIONING_SECONDS = 150;
const DRAINING_SECONDS = 30;
const HEALTH_CHECK_SECONDS = 10;

async function fleet(options: WorldOptions = {}): Promise<World> {
  return World.create({
    bootSeconds: 90,
    provisioningSeconds: PROVISIONING_SECONDS,
    ...options,
    fleet: {
      healthCheckIntervalSeconds: HEALTH_CHECK_SECONDS,
      deregistrationDelaySeconds: DRAINING_SECONDS,
      ...options.fleet,
    },
  });
}

async function secondsOfDeployment(world: World): Promise<number> {
  const uploadedAt = world.clock.now().getTime();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed', { limitSeconds: 7200 });
  return (world.clock.now().getTime() - uploadedAt) / 1000;
}

/** When events of this type came, in seconds, and for how long their stage then waits. */
function looksOf(world: World, stage: string): { at: number; delay: unknown }[] {
  return world.events
    .filter((event) => event['detail-type'] === 'CheckPending' && event.detail.stage === stage)
    .map(({ time, detail }) => ({ at: Date.parse(time) / 1000, delay: detail.delay }));
}

test.each([
  ['that drains for half a minute', DRAINING_SECONDS, 22],
  ['that does not drain', 0, 22],
  ['that drains for five minutes', 300, 27],
])(
  'a deployment behind one load balancer %s takes little longer than the load balancers need',
  async (_, drain, more) => {
    const seconds = await secondsOfDeployment(await fleet({ fleet: { deregistrationDelaySeconds: drain } }));
    const needed = PROVISIONING_SECONDS + HEALTH_CHECK_SECONDS + drain;
    expect(seconds).toBeLessThanOrEqual(needed + more);
    // Not faster than the fleet allows, or the embedded AWS would be pretending.
    expect(seconds).toBeGreaterThan(PROVISIONING_SECONDS + drain);
  },
);

test('a stage looks again soon after it has acted, and before long where a clone may be ready', async () => {
  const world = await fleet();
  await secondsOfDeployment(world);
  expect(looksOf(world, 'attach-real').map(({ delay }) => delay)).toEqual(['short']);
  const provisioning = looksOf(world, 'check-dummy');
  expect(provisioning.slice(0, 5).map(({ delay }) => delay)).toEqual(Array(5).fill(undefined));
  expect(provisioning.at(-1)?.delay).toBe('medium');
});

test('between two looks there is never longer than the parameter says', async () => {
  for (const [interval, delays] of [
    ['0', ['0', '0', '0']],
    ['3', ['3', '2', '3']],
    ['60', ['60', '2', '5']],
  ] as const) {
    const world = await World.quick({ parameters: { CheckIntervalSeconds: interval }, warmUpSeconds: 1 });
    const delayOf = (queue: string) => String(world.stack.resources.get(queue)?.properties.DelaySeconds);
    expect(['DelayQueue', 'ShortDelayQueue', 'MediumDelayQueue'].map(delayOf)).toEqual(delays);
  }
});

test.each([
  [0, '0'],
  [0, '10'],
  [1, '10'],
  [5, '10'],
  [13, '10'],
  [30, '0'],
  [30, '10'],
  [30, '60'],
  [150, '60'],
])('Active that drains for %i s is looked at right after that, every %s s before', async (drain, interval) => {
  const world = await World.quick({
    parameters: { CheckIntervalSeconds: interval },
    fleet: { deregistrationDelaySeconds: drain },
  });
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed', { limitSeconds: 7200 });
  const since_ms = world.clock.now().getTime();
  await world.until('Swapped', { limitSeconds: 7200 });
  const seconds = (world.clock.now().getTime() - since_ms) / 1000;
  expect(seconds).toBeLessThan(drain + 7);
  expect(seconds).toBeGreaterThan(drain);
  const looks = looksOf(world, 'swap');
  if (interval !== '0') expect(looks.length).toBeLessThan(drain / Number(interval) + 5);
});

test('what is tried again and again is not looked at every two seconds', async () => {
  const world = await fleet();
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (isInvocationCaller(call.caller) && call.operation === 'DeleteTargetGroup')
      throw new AwsError('ResourceInUse', 'it is in use', 400);
    return proceed();
  });
  await secondsOfDeployment(world);
  const looks = looksOf(world, 'attach-real');
  const seconds = (looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0);
  expect(seconds).toBeGreaterThan(60);
  expect(looks.length).toBeLessThan(seconds / 5);
});

test('while clones provision, Active that is detached is told of within a minute', async () => {
  const world = await fleet();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.clock.advance(100);
  const { targetGroupArns, activeGroup } = world.fleet;
  await new Operator(world).detach(activeGroup, targetGroupArns);
  const detachedAt = world.clock.now().getTime();
  expect((await world.until('Failed')).detail).toMatchObject({ code: 'T000' });
  expect((world.clock.now().getTime() - detachedAt) / 1000).toBeLessThan(60);
});
