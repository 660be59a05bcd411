/** Step 2: StandBy beside Active, behind the real load balancers. */
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

/** Of the two that step 2 has. */
const CYCLE_SECONDS = 210;

async function attached(): Promise<{ world: World; operator: Operator }> {
  const world = await World.quick({ parameters: { CycleSeconds: String(CYCLE_SECONDS) } });
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  return { world, operator: new Operator(world) };
}

test('an application that is ill only behind the real load balancers ends with T011, and Active serves on', async () => {
  const { world, operator } = await attached();
  const { activeGroup, standByGroup, targetGroupArns } = world.fleet;
  const [instanceId = ''] = await operator.instanceIds(standByGroup);
  world.instances.setHealth(instanceId, 503);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T011', stage: 'check-real' });
  expect(detail.message).toContain(`${instanceId} on was-web-1 of was-web: unhealthy, Target.ResponseCodeMismatch`);
  expect(world.mails.filter((subject) => subject.includes('Call Step 2'))).toEqual([
    '[Deploy] Call Step 2-1(Task : WAS)',
    '[Deploy] Call Step 2-2(Task : WAS)',
  ]);
  // Its group did not replace what it was told to leave alone, so that somebody can look at it.
  expect(await operator.instanceIds(standByGroup)).toContain(instanceId);
  expect(await operator.statesOn(targetGroupArns[0] ?? '', activeGroup)).toEqual(['healthy', 'healthy']);
});

test('an instance that a lifecycle hook holds is told with the hook', async () => {
  const { world, operator } = await attached();
  const { standByGroup } = world.fleet;
  await operator.putLaunchHook(standByGroup, 'install-agent');
  await operator.setDesiredCapacity(standByGroup, 3);
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T011');
  expect(detail.message).toMatch(
    /balancers: some instances did not come: .*: Heartbeat Timeout; what is Pending:Wait is held by the lifecycle hook install-agent; was-green has 2 of 3 in service; i-\w+ is Pending:Wait$/,
  );
});

test('one that recovers within the cycles passes', async () => {
  const { world, operator } = await attached();
  await operator.setHealth(world.fleet.standByGroup, 503);
  await world.clock.advance(1.5 * CYCLE_SECONDS);
  await operator.setHealth(world.fleet.standByGroup, undefined);
  await world.until('Completed');
});

test('if Active has grown meanwhile, StandBy grows first', async () => {
  const { world, operator } = await attached();
  const { activeGroup, standByGroup } = world.fleet;
  await operator.setDesiredCapacity(activeGroup, 4);
  await world.until('Step2Passed');
  expect(await world.size(standByGroup)).toBe('4/4/4');
  const [targetGroupArn = ''] = world.fleet.targetGroupArns;
  expect(await operator.statesOn(targetGroupArn, standByGroup)).toEqual(Array(4).fill('healthy'));
  await world.until('Completed');
  expect(await world.size(standByGroup)).toBe('2/4/4');
});

test('what grows late has its cycles too', async () => {
  const { world, operator } = await attached();
  const { activeGroup, standByGroup } = world.fleet;
  await operator.setHealth(standByGroup, 503);
  await world.clock.advance(2 * CYCLE_SECONDS - 25);
  await operator.setHealth(standByGroup, undefined);
  await operator.setDesiredCapacity(activeGroup, 3);
  await world.until('Completed');
  expect(await world.size(standByGroup)).toBe('2/3/4');
});

test('health that cannot be read for good ends with T007; one that throttles is read again', async () => {
  const { world, operator } = await attached();
  operator.failCalls('DescribeTargetHealth', 'Throttling', { times: 2 });
  await world.until('CheckPending', { after: world.events.length });
  operator.failCalls('DescribeTargetHealth', 'AccessDenied', { status: 403 });
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T007', message: expect.stringContaining('reading the health of was-green') });
});

test('where one of several target groups does not accept StandBy, it does not pass', async () => {
  const world = await World.quick({ fleet: { targetGroups: 2 } });
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  const operator = new Operator(world);
  await operator.detach(world.fleet.standByGroup, [world.fleet.targetGroupArns[1] ?? '']);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T011', message: expect.stringContaining('was-web-2 of was-web: ') });
});
