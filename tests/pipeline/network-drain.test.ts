/** A Network Load Balancer sends to what was deregistered for two minutes more: instances stay as long as that. */
import type { FleetDescription } from '../../local/example/fleet';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

const NETWORK: LoadBalancerDescription = {
  kind: 'network',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'TCP' }],
};

const APPLICATION: LoadBalancerDescription = { ...NETWORK, kind: 'application', targetGroups: [{ protocol: 'HTTP' }] };

/** It takes two minutes to take a target in: a step has to be longer. */
async function open(loadBalancers: LoadBalancerDescription[], parameters = {}, fleet: Partial<FleetDescription> = {}) {
  const world = await World.quick({
    fleet: { loadBalancers, deregistrationDelaySeconds: 10, ...fleet },
    parameters: { CycleSeconds: '210', ...parameters },
  });
  return { world, violations: guard(world), operator: new Operator(world) };
}

/** How many seconds the old group stays from its detachment on. */
async function secondsDetached(world: World): Promise<number> {
  const { activeGroup } = world.fleet;
  const isAttached = async () => {
    const { LoadBalancerNames = [], TargetGroupARNs = [] } = await world.group(activeGroup);
    return LoadBalancerNames.length + TargetGroupARNs.length > 0;
  };
  await world.until('Step2Passed');
  while (await isAttached()) await world.clock.advance(1);
  const detachedAt = world.clock.now().getTime();
  while ((await world.group(activeGroup)).DesiredCapacity !== 0) await world.clock.advance(1);
  return (world.clock.now().getTime() - detachedAt) / 1000;
}

test.each([
  ['an Application Load Balancer alone', [APPLICATION], {}, 10, 40],
  ['a Network Load Balancer', [NETWORK], {}, 120, 150],
  ['a Network Load Balancer among others', [APPLICATION, NETWORK], {}, 120, 150],
  ['one of which a parameter says that it is quicker', [NETWORK], { NetworkDrainSeconds: '30' }, 30, 60],
])(
  'behind %s the old group stays as long as it may be sent anything',
  async (_, loadBalancers, parameters, least, most) => {
    const { world, violations } = await open(loadBalancers, parameters);
    await world.upload('app.war', { version: '2' });
    const seconds = await secondsDetached(world);
    expect(seconds).toBeGreaterThanOrEqual(least - 1);
    expect(seconds).toBeLessThanOrEqual(most);
    await world.until('Completed');
    if (!('NetworkDrainSeconds' in parameters)) expect(violations).toEqual([]);
  },
);

test('a longer deregistration delay is waited for, and nothing more', async () => {
  const { world, violations } = await open([NETWORK], {}, { deregistrationDelaySeconds: 200 });
  await world.upload('app.war', { version: '2' });
  const seconds = await secondsDetached(world);
  expect(seconds).toBeGreaterThanOrEqual(200);
  expect(seconds).toBeLessThanOrEqual(235);
  await world.until('Completed');
  expect(violations).toEqual([]);
});

test('what fails behind a Network Load Balancer is taken away no sooner either', async () => {
  const { world, violations, operator } = await open([NETWORK]);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await world.clock.advance(20);
  await operator.setHealth(world.fleet.standByGroup, 503);
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
  expect(violations).toEqual([]);
  expect((await world.group(world.fleet.standByGroup)).Instances).toEqual([]);
});

test('what fails before it is attached there is taken away at once', async () => {
  const { world } = await open([NETWORK]);
  await world.upload('app.war', { health: '500 broken' });
  await world.until('Failed');
  const failedAt = world.clock.now().getTime();
  await world.until('Cleaned');
  expect((world.clock.now().getTime() - failedAt) / 1000).toBeLessThan(100);
});

test('an Active that was taken to 0 is not waited for', async () => {
  const { world } = await open([NETWORK]);
  await world.clock.run(world.resize(world.fleet.activeGroup, 0, 0, 4));
  await world.clock.advance(300);
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  const passedAt = world.clock.now().getTime();
  await world.until('Completed');
  expect((world.clock.now().getTime() - passedAt) / 1000).toBeLessThan(100);
});
