/** The end: the old group goes, unless it is needed after all. */
import { isInvocationCaller } from '../local/services/lambda/environment';
import { Operator } from '../tests/harness/operator';
import { World, type WorldOptions } from '../tests/harness/world';

async function deployUntil(detailType: string, prepare?: (world: World) => Promise<void>, options: WorldOptions = {}) {
  const world = await World.quick(options);
  await prepare?.(world);
  await world.upload('app.war', { version: '2' });
  const event = await world.until(detailType);
  const [targetGroupArn = ''] = world.fleet.targetGroupArns;
  return { world, event, operator: new Operator(world), targetGroupArn, ...world.fleet };
}

test('a new group that is ill at this moment does not lose the old one: it is attached again, T011', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await deployUntil('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  await operator.suspend(standByGroup, ['HealthCheck']);
  const [instanceId = ''] = await operator.instanceIds(standByGroup);
  world.instances.setHealth(instanceId, 500);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T011', stage: 'retire', message: expect.stringContaining(instanceId) });
  await world.clock.advance(60);
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
  expect(await world.size(activeGroup)).toBe('2/2/4');
});

test('Active that was attached again is waited for since the first time, also where retire broke off each time', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await deployUntil('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  for (const group of [activeGroup, standByGroup]) await operator.suspend(group, ['HealthCheck']);
  await operator.setHealth(activeGroup, 503);
  const [instanceId = ''] = await operator.instanceIds(standByGroup);
  world.instances.setHealth(instanceId, 500);
  let attachedAt: string | undefined;
  let timesBrokenOff = 0;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
    if (invocation?.function !== 'retire') return proceed();
    if (call.operation.startsWith('Attach')) attachedAt ??= world.clock.now().toISOString();
    const answer = await proceed();
    if (attachedAt === undefined) return answer;
    timesBrokenOff++;
    world.aws.lambda.kill(invocation);
    return answer;
  });
  await world.clock.advance(700);
  const record = await world.record();
  expect(record).toMatchObject({ stage: 'clean-up', status: 'cleaning', failure: { code: 'T999', stage: 'retire' } });
  expect(timesBrokenOff).toBeGreaterThan(1);
  expect(Date.parse(record.reattachedAt ?? '')).toBeLessThanOrEqual(Date.parse(attachedAt ?? ''));
  expect(await operator.statesOn(targetGroupArn, standByGroup)).toHaveLength(2);
  await operator.setHealth(activeGroup, 200);
  expect((await world.until('Cleaned')).detail).toMatchObject({ code: 'T999', outcome: 'cleaned' });
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
});

test('instances that are protected from scale-in go too', async () => {
  const { world, activeGroup } = await deployUntil('Completed', async (world) => {
    await new Operator(world).protect(world.fleet.activeGroup);
  });
  await world.clock.advance(120);
  expect(await world.size(activeGroup)).toBe('0/0/0');
  expect((await world.group(activeGroup)).Instances).toEqual([]);
});

test('what the operator had suspended on StandBy stays suspended; what the deployment suspended does not', async () => {
  const { world, standByGroup } = await deployUntil('Completed', async (world) => {
    await new Operator(world).suspend(world.fleet.standByGroup, ['AlarmNotification', 'AZRebalance']);
  });
  const { SuspendedProcesses = [] } = await world.group(standByGroup);
  expect(SuspendedProcesses.map(({ ProcessName }) => ProcessName).sort()).toEqual(['AZRebalance', 'AlarmNotification']);
});

test('a size that the new group’s alarms chose while Active drained is kept, within the planned limits', async () => {
  const { world, operator, standByGroup } = await deployUntil('Step2Passed');
  await world.until('CheckPending', { after: world.events.length });
  await operator.setDesiredCapacity(standByGroup, 3);
  await world.until('Completed');
  expect(await world.size(standByGroup)).toBe('2/3/4');
});

test.each([
  ['UpdateAutoScalingGroup', 'T009'],
  ['ResumeProcesses', 'T999'],
])('where %s is refused for good, it fails with %s', async (operation, code) => {
  const { world, operator } = await deployUntil('Swapped');
  operator.failCalls(operation, 'AccessDenied', { status: 403 });
  expect((await world.until('Failed')).detail).toMatchObject({ code, stage: 'retire' });
});

test('the mail has the time of each stage', async () => {
  const { world, event } = await deployUntil('Completed');
  const stages = event.detail.stages as { stage: string; seconds: number }[];
  expect(stages.map(({ stage }) => stage)).toEqual([
    'start',
    'check-dummy',
    'attach-real',
    'check-real',
    'swap',
    'retire',
  ]);
  for (const { seconds } of stages) expect(seconds).toBeGreaterThan(0);
  const started = Date.parse(world.events.find((one) => one['detail-type'] === 'Started')?.time ?? '');
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  expect(Math.abs(total - (Date.parse(event.time) - started) / 1000)).toBeLessThan(3);
  await world.clock.advance(5);
  expect(world.mailBody(-1)).toContain('was-blue is at 0/0/0');
});
