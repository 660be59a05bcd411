/** What was just created or tagged is not to be read at once, and no deployment takes that for something else. */
import { AutoScalingClient, DescribeTagsCommand } from '@aws-sdk/client-auto-scaling';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { Operator } from '../harness/operator';
import { RecordObject } from '../harness/record-object';
import { World, type WorldOptions } from '../harness/world';

/** As long as AWS is known to take. */
const LAG = { createdSeconds: 300, groupTagSeconds: 60 };

/** Everything that clones have: several target groups, listeners with certificates, and names in place of ARNs. */
const LOAD_BALANCERS: LoadBalancerDescription[] = [
  {
    kind: 'application',
    way: 'direct',
    isAcrossZones: true,
    targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTPS', protocolVersion: 'HTTP2' }],
  },
  { kind: 'network', way: 'traffic-source', isAcrossZones: true, targetGroups: [{ protocol: 'TCP' }] },
  { kind: 'classic', way: 'direct', isAcrossZones: false, targetGroups: [] },
];

const settings: WorldOptions['settings'] = { elasticLoadBalancingV2: { networkRegistrationSeconds: 15 } };

function worldOf(seed: number, options: WorldOptions = {}): Promise<World> {
  const fleet = { loadBalancers: LOAD_BALANCERS, deregistrationDelaySeconds: 5, ...options.fleet };
  return World.quick({ seed, lag: LAG, settings, ...options, fleet });
}

const SEEDS = [1, 2, 3, 4, 5, 6];

describe('where nothing is to be read at once', () => {
  test.each(SEEDS)('a deployment completes, each clone is made once, and none is left (seed %i)', async (seed) => {
    const world = await worldOf(seed);
    const made = new Set<string>();
    world.aws.endpoint.intercept(async (call, proceed) => {
      const answer = await proceed();
      const name = call.input.Name ?? call.input.LoadBalancerName;
      if (/^Create(LoadBalancer|TargetGroup)$/.test(call.operation))
        made.add(`${call.service} ${call.operation} ${name}`);
      return answer;
    });
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.clock.advance(600);
    expect(world.story).not.toContain('Failed');
    expect(world.servedVersions()).toEqual([version]);
    expect([...made].sort()).toHaveLength(6); // three load balancers, three target groups
    expect(await world.dummies()).toEqual([]);
  });

  test.each(SEEDS)('what is asked for when a deployment has just ended is deployed, too (seed %i)', async (seed) => {
    const world = await worldOf(seed, { fleet: { loadBalancers: undefined } });
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous', requestedBy: 'jane' });
    await world.until('Completed', { after: world.events.length });
    expect(world.story).not.toContain('Failed');
    expect(world.story).not.toContain('Refused');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  });

  test.each(SEEDS)('an abort while clones are made leaves none of them behind (seed %i)', async (seed) => {
    const world = await worldOf(seed);
    await world.upload('app.war', { version: '2' });
    await world.until('Started');
    await world.clock.advance(2);
    await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' });
    const { detail } = await world.until('Cleaned');
    expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T015' });
    expect(await world.dummies()).toEqual([]);
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  });

  test.each(SEEDS)('roles that were swapped right before the failure are swapped back (seed %i)', async (seed) => {
    const world = await worldOf(seed, { fleet: { loadBalancers: undefined, deregistrationDelaySeconds: 0 } });
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    const sick = world.instances.running().filter(({ tags }) => tags.get('aws:autoscaling:groupName') === 'was-green');
    let swaps = 0;
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== 'CreateOrUpdateTags' || swaps++ > 0) return proceed();
      for (const { instanceId } of sick) world.instances.setHealth(instanceId, 500);
      await world.clock.sleep(20);
      return proceed();
    });
    await world.until('Cleaned');
    await world.clock.advance(300);
    expect((await world.tag('was-blue', 'type'))?.Value).toBe('Active');
    expect((await world.tag('was-green', 'type'))?.Value).toBe('StandBy');
    expect(await world.size('was-green')).toBe('0/0/0');
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  });

  test.each(SEEDS)('an upload right after the swap is not lost (seed %i)', async (seed) => {
    const world = await worldOf(seed, { fleet: { loadBalancers: undefined } });
    await world.upload('app.war', { version: '2' });
    await world.until('Swapped');
    await world.clock.advance(seed % 3);
    const version = await world.upload('app.war', { version: '3' });
    await world.until('Completed');
    await world.until('Completed', { after: world.events.length });
    expect(world.servedVersions()).toEqual([version]);
  });
});

test('clones of a deployment that nobody knows of any more are removed by the watchdog, tags readable late or not', async () => {
  const world = await worldOf(3);
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  await world.clock.advance(2);
  new RecordObject(world).delete();
  await world.clock.advance(600);
  expect(await world.dummies()).not.toEqual([]);
  await world.clock.advance(4200);
  expect(await world.dummies()).toEqual([]);
});

test('a dummy that somebody deleted is T000 once it cannot be a new one any more', async () => {
  const world = await worldOf(1, { fleet: { loadBalancers: undefined } });
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const attachedAt = world.clock.now().getTime();
  const [deleted] = await new Operator(world).deleteDummyLoadBalancers();
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T000', message: `somebody deleted the dummy ${deleted}` });
  expect((world.clock.now().getTime() - attachedAt) / 1000).toBeGreaterThanOrEqual(290);
});

test('a pair that somebody has swapped by half is T013 when it has stood so for a minute', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await new Operator(world).tag('was-green', 'type', 'Active');
  const taggedAt = world.clock.now().getTime();
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T013' });
  expect((world.clock.now().getTime() - taggedAt) / 1000).toBeGreaterThanOrEqual(60);
});

test('whoever looks from outside is told of tags at once, and functions may not be', async () => {
  const world = await World.quick({ lag: LAG });
  await new Operator(world).tag('was-green', 'type', 'Spare');
  const found = await world.clock.run(new AutoScalingClient(world.aws.operator).send(new DescribeTagsCommand({})));
  const types = found.Tags?.filter(({ Key }) => Key === 'type').map(({ Value }) => Value);
  expect(types?.sort()).toEqual(['Active', 'Spare']);
});
