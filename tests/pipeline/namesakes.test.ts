/**
 * Names of Classic Load Balancers and of target groups are name spaces of their own: Active is behind a Classic Load
 * Balancer and in a target group of the same name, which no listener refers to.
 */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

const NAME = 'shop-1';
const classic: LoadBalancerDescription = {
  name: NAME,
  kind: 'classic',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [],
};
/** Its target group is `shop-1`. */
const idle: LoadBalancerDescription = {
  name: 'shop',
  kind: 'application',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'HTTP', isIdle: true }],
};

interface Scene {
  world: World;
  operator: Operator;
}

/** A deployment that has come to this event. */
async function deployUntil(event: string, loadBalancers = [classic, idle], war = {}): Promise<Scene> {
  const world = await World.quick({ fleet: { healthCheckType: 'EC2', loadBalancers } });
  await world.upload('app.war', { version: '2', ...war });
  await world.until(event);
  return { world, operator: new Operator(world) };
}

/** Who is healthy on the Classic Load Balancer, by group. */
async function healthyOnClassic({ world, operator }: Scene): Promise<Record<string, number>> {
  const routable = world.aws.elasticLoadBalancing.routableInstances(NAME);
  const count = async (group: string) => (await operator.instanceIds(group)).filter((id) => routable.includes(id));
  return { blue: (await count('was-blue')).length, green: (await count('was-green')).length };
}

async function abort({ world }: Scene): Promise<Record<string, unknown>> {
  await world.put('AbortRequested', { task: 'WAS' });
  return (await world.until('Cleaned')).detail;
}

/** One of its two instances is ill, so that step 2 goes on. */
async function makeOneIll({ world, operator }: Scene, group: string): Promise<void> {
  const [first = ''] = await operator.instanceIds(group);
  world.instances.setHealth(first, 500);
}

test.each([
  ['first', [classic, idle]],
  ['last', [idle, classic]],
])(
  'where only StandBy is well on the Classic Load Balancer (attached %s), an abort leaves it there',
  async (_, both) => {
    const scene = await deployUntil('RealAttached', both);
    await makeOneIll(scene, 'was-green');
    await scene.operator.setHealth('was-blue', 500);
    await scene.world.clock.advance(50);
    expect(await healthyOnClassic(scene)).toEqual({ blue: 0, green: 1 });
    expect(await abort(scene)).toMatchObject({
      outcome: 'operator-needed',
      summary: expect.stringContaining(`only was-green is healthy on ${NAME}`),
    });
    expect(await healthyOnClassic(scene)).toEqual({ blue: 0, green: 1 });
  },
);

test('a deployment whose old version has fallen ill is not told to serve as before', async () => {
  const scene = await deployUntil('DummyAttached', [classic, idle], { health: '500' });
  await scene.operator.setHealth('was-blue', 500);
  await scene.world.clock.advance(50);
  expect(await abort(scene)).toMatchObject({
    outcome: 'cleaned',
    summary: expect.stringContaining(`was-blue has no healthy target on ${NAME}`),
  });
});

test('Active detached from the target group alone: what is ill on the Classic Load Balancer never takes over', async () => {
  const scene = await deployUntil('RealAttached');
  const { world, operator } = scene;
  await operator.setHealth('was-green', 500);
  await operator.detach('was-blue', world.fleet.targetGroupArns);
  await world.clock.advance(50);
  expect(await abort(scene)).toMatchObject({ outcome: 'cleaned', summary: 'was-blue serves as before.' });
  expect(world.story).not.toContain('Step2Passed');
  expect(await healthyOnClassic(scene)).toEqual({ blue: 2, green: 0 });
});

test('a mail never calls both by the same name', async () => {
  const { world, operator } = await deployUntil('RealAttached');
  await operator.detach('was-blue', world.fleet.targetGroupArns);
  const { detail } = await world.until('Failed');
  expect(detail.message).toContain(`was-blue (Active) is no longer attached to the target group ${NAME}`);
  expect(world.mailBody(0)).toContain(`No listener refers to the target group ${NAME}: it is attached as it is`);
});
