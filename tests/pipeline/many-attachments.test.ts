/**
 * A group takes ten attachments at once, in motion until they are attached or drained: larger fleets are moved in batches,
 * and whatever goes wrong between two of them, nothing is lost.
 */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { AwsError } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

/** A mix of both kinds and both ways, so that each call moves only some of a batch. */
function fleetOf(attachments: number): LoadBalancerDescription[] {
  const classic = (way: 'direct' | 'traffic-source'): LoadBalancerDescription => {
    return { kind: 'classic', way, isAcrossZones: true, targetGroups: [] };
  };
  const targetGroups = Array.from({ length: attachments - 2 }, () => ({ protocol: 'HTTP' }) as const);
  const half = Math.floor(targetGroups.length / 2);
  const application = (way: 'direct' | 'traffic-source', from: number, to: number): LoadBalancerDescription => {
    return { kind: 'application', way, isAcrossZones: true, targetGroups: targetGroups.slice(from, to) };
  };
  return [
    classic('direct'),
    application('direct', 0, half),
    classic('traffic-source'),
    application('traffic-source', half, targetGroups.length),
  ];
}

/** What is Removing may be attached again at once, or only once it has gone: nothing documents it. */
function worldOf(attachments: number, attachesWhileRemoving = true, more: WorldOptions = {}): Promise<World> {
  return World.quick({
    settings: { autoScaling: { attachesWhileRemoving } },
    ...more,
    fleet: { loadBalancers: fleetOf(attachments), instances: 1, maximum: 2, ...more.fleet },
  });
}

async function attachedTo(world: World, groupName: string): Promise<string[]> {
  const { TargetGroupARNs = [], LoadBalancerNames = [], TrafficSources = [] } = await world.group(groupName);
  const sources = TrafficSources.map(({ Identifier = '' }) => Identifier);
  return [...new Set([...TargetGroupARNs, ...LoadBalancerNames, ...sources])].sort();
}

function attachmentsOf({ fleet }: World): string[] {
  return fleet.attachments.map(({ identifier }) => identifier).sort();
}

async function expectDeployed(world: World, version: string): Promise<void> {
  const { activeGroup, standByGroup } = world.fleet;
  expect(world.story.filter((type) => /^(Failed|Lambda)/.test(type))).toEqual([]);
  expect(world.servedVersions()).toEqual([version]);
  expect(await attachedTo(world, standByGroup)).toEqual(attachmentsOf(world));
  expect(await attachedTo(world, activeGroup)).toEqual([]);
  expect(await world.dummies()).toEqual([]);
}

async function expectAsBefore(world: World): Promise<void> {
  const { activeGroup, standByGroup, versionIds } = world.fleet;
  expect(world.servedVersions()).toEqual(versionIds);
  expect(await attachedTo(world, activeGroup)).toEqual(attachmentsOf(world));
  expect(await attachedTo(world, standByGroup)).toEqual([]);
  expect(await world.size(standByGroup)).toBe('0/0/0');
  expect((await world.tag(activeGroup, 'type'))?.Value).toBe('Active');
  expect(await world.dummies()).toEqual([]);
}

/** Whichever way it is, and with so long a draining that one batch is not over before the next look. */
const WAYS = [true, false];
const DRAINING = { fleet: { deregistrationDelaySeconds: 60 } };

describe.each([11, 25, 50])('a fleet with %i attachments', (attachments) => {
  test('deploys, and goes back to the version before', async () => {
    const world = await worldOf(attachments);
    const violations = guard(world);
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await expectDeployed(world, version);
    await world.put('DeployRequested', { task: 'WAS', versions: 'previous' });
    await world.until('Completed', { after: world.events.length });
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
    expect(await attachedTo(world, world.fleet.activeGroup)).toEqual(attachmentsOf(world));
    expect(violations).toEqual([]);
  });

  test('ends as before where step 1 fails', async () => {
    const world = await worldOf(attachments);
    await world.upload('app.war', { health: '500 out of order' });
    expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T001' });
    await expectAsBefore(world);
  });

  test('ends as before where step 2 fails', async () => {
    const world = await worldOf(attachments);
    const violations = guard(world);
    await world.upload('app.war', { version: '2' });
    await world.until('RealAttached');
    await new Operator(world).setHealth(world.fleet.standByGroup, 503);
    expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
    await expectAsBefore(world);
    expect(violations).toEqual([]);
  });

  test.each(WAYS)('ends as before where StandBy falls ill between two batches (%s)', async (attachesWhileRemoving) => {
    const world = await worldOf(attachments, attachesWhileRemoving, DRAINING);
    const violations = guard(world);
    const operator = new Operator(world);
    const { activeGroup, standByGroup } = world.fleet;
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    await world.until('CheckPending', { after: world.events.length });
    expect(await attachedTo(world, activeGroup)).toHaveLength(attachments - 10);
    await operator.suspend(standByGroup, ['HealthCheck']);
    await operator.setHealth(standByGroup, 503);
    expect((await world.until('Failed')).detail).toMatchObject({ code: 'T011', stage: 'swap' });
    expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
    await expectAsBefore(world);
    expect(violations).toEqual([]);
  });
});

test('while Active leaves in batches, what is waited for says which batch it is', async () => {
  const world = await worldOf(25, true, DRAINING);
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const waits = world.events.flatMap(({ detail }) => (detail.stage === 'swap' ? [String(detail.waitingFor)] : []));
  for (const batch of [1, 2, 3]) expect(waits.join('\n')).toContain(`to drain was-blue (batch ${batch} of 3)`);
});

test('Active that had to be drained before it could be attached again is waited for from then on', async () => {
  const world = await worldOf(11, false, { fleet: { deregistrationDelaySeconds: 1200 } });
  const operator = new Operator(world);
  const { activeGroup, standByGroup, targetGroupArns } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  for (const group of [activeGroup, standByGroup]) await operator.suspend(group, ['HealthCheck']);
  for (const group of [activeGroup, standByGroup]) await operator.setHealth(group, 503);
  await world.clock.advance(1500);
  expect(await attachedTo(world, activeGroup)).toEqual(attachmentsOf(world));
  // All that is registered is ill, so that requests go to everything: the fewer there are, the worse.
  expect(await operator.statesOn(targetGroupArns[0] ?? '', standByGroup)).toEqual(['unhealthy']);
  await operator.setHealth(activeGroup, 200);
  expect((await world.until('Cleaned')).detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
  await expectAsBefore(world);
});

describe('a group that is in the middle of something', () => {
  const TOO_MANY = 'Trying to update too many Load Balancers/Target Groups at once. The limit is 10';

  test.each([
    ['start', 'AttachLoadBalancerTargetGroups', 'ValidationError', TOO_MANY],
    ['start', 'AttachLoadBalancerTargetGroups', 'InstanceRefreshInProgress', 'an instance refresh is running'],
    ['attach-real', 'DetachLoadBalancerTargetGroups', 'ValidationError', TOO_MANY],
    ['attach-real', 'AttachLoadBalancerTargetGroups', 'InstanceRefreshInProgress', 'an instance refresh is running'],
    ['swap', 'DetachLoadBalancerTargetGroups', 'ValidationError', TOO_MANY],
    ['swap', 'DetachLoadBalancerTargetGroups', 'InstanceRefreshInProgress', 'an instance refresh is running'],
  ])('%s: %s that is refused with %s for two minutes is asked for again', async (of, operation, code, message) => {
    const world = await World.quick();
    let refusedSince: number | undefined;
    world.aws.endpoint.intercept((call, proceed) => {
      const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
      if (call.operation !== operation || invocation?.function !== of) return proceed();
      refusedSince ??= world.clock.now().getTime();
      if (world.clock.now().getTime() - refusedSince > 120_000) return proceed();
      throw new AwsError(code, message);
    });
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    expect(refusedSince).toBeDefined();
    expect(world.story.filter((type) => /^(Failed|Lambda)/.test(type))).toEqual([]);
    expect(world.servedVersions()).toEqual([version]);
  });
});
