/** From the dummies to the real load balancers. */
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

const SUSPENDED = ['AlarmNotification', 'HealthCheck', 'ScheduledActions'];

async function suspendedOn(world: World, groupName: string): Promise<string[]> {
  const { SuspendedProcesses = [] } = await world.group(groupName);
  return SuspendedProcesses.map(({ ProcessName = '' }) => ProcessName).sort();
}

async function deployUntil(world: World, detailType: string): Promise<void> {
  await world.upload('app.war', { version: '2' });
  await world.until(detailType);
}

test('the dummies are gone, and the same instances stand behind the real load balancers, which may not cost them', async () => {
  const world = await World.quick();
  const operator = new Operator(world);
  const { standByGroup, targetGroupArns } = world.fleet;
  await deployUntil(world, 'Step1Passed');
  const tested = await operator.instanceIds(standByGroup);
  await world.until('RealAttached');
  expect(await world.dummies()).toEqual([]);
  expect((await world.group(standByGroup)).TargetGroupARNs).toEqual(targetGroupArns);
  expect(await suspendedOn(world, standByGroup)).toEqual(SUSPENDED);
  await world.until('Step2Passed');
  expect(await operator.instanceIds(standByGroup)).toEqual(tested);
});

test('a group that somebody detached from the dummies meanwhile is not left to its health checks', async () => {
  const world = await World.quick();
  const { standByGroup } = world.fleet;
  await deployUntil(world, 'Step1Passed');
  const { TargetGroupARNs = [] } = await world.group(standByGroup);
  await new Operator(world).detach(standByGroup, TargetGroupARNs);
  await world.until('RealAttached');
  expect(await suspendedOn(world, standByGroup)).toEqual(SUSPENDED);
});

test('dummies that somebody deleted already are no reason to stop', async () => {
  const world = await World.quick();
  await deployUntil(world, 'Step1Passed');
  await new Operator(world).deleteDummyLoadBalancers();
  await world.until('Completed');
  expect(await world.dummies()).toEqual([]);
});

test('a target group that is still in use is deleted a little later', async () => {
  const world = await World.quick();
  new Operator(world).failCalls('DeleteTargetGroup', 'ResourceInUse', { times: 2 });
  await deployUntil(world, 'Completed');
  expect(await world.dummies()).toEqual([]);
  const waits = world.events.map(({ detail }) => String(detail.waitingFor));
  expect(waits.filter((text) => text.includes('1 dummies to be deleted: deploycheck-'))).toHaveLength(2);
});

test.each([
  ['DetachLoadBalancerTargetGroups', 'T002'],
  ['AttachLoadBalancerTargetGroups', 'T004'],
])('where %s is refused for good, it fails with %s, and Active serves on', async (operation, code) => {
  const world = await World.quick();
  await deployUntil(world, 'Step1Passed');
  new Operator(world).failCalls(operation, 'AccessDenied', { status: 403 });
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code, stage: 'attach-real', message: expect.stringContaining('AccessDenied') });
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});

test('dummies that never let go end with T002', async () => {
  const world = await World.quick();
  await deployUntil(world, 'Step1Passed');
  new Operator(world).failCalls('DetachLoadBalancerTargetGroups', 'ScalingActivityInProgress');
  const { detail } = await world.until('Failed', { limitSeconds: 900 });
  expect(detail).toMatchObject({
    code: 'T002',
    message: expect.stringMatching(/^waited 6\d\d s for detaching the dummies/),
  });
});
