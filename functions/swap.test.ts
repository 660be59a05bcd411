/** From both groups behind the load balancers to the new one alone: the moment when users depend on it. */
import { isInvocationCaller } from '../local/services/lambda/environment';
import { Operator } from '../tests/harness/operator';
import { World, type WorldOptions } from '../tests/harness/world';

async function passedStep2(options: WorldOptions = {}) {
  const world = await World.quick(options);
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  const [targetGroupArn = ''] = world.fleet.targetGroupArns;
  return { world, operator: new Operator(world), targetGroupArn, ...world.fleet };
}

/** Until the first look after Active's detaching. */
async function draining(options: WorldOptions = {}) {
  const made = await passedStep2(options);
  await made.world.until('CheckPending', { after: made.world.events.length });
  return made;
}

test('Active that somebody detached meanwhile ends with T000, and StandBy carries the load', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await passedStep2();
  await operator.detach(activeGroup, [targetGroupArn]);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T000', message: expect.stringContaining('was-web-1 of was-web') });
  expect((await world.tag(activeGroup, 'type'))?.Value).toBe('Active');
  expect(await operator.statesOn(targetGroupArn, standByGroup)).toEqual(['healthy', 'healthy']);
});

test('StandBy that falls ill before Active is detached has to pass step 2 again', async () => {
  const { world, operator, standByGroup, activeGroup, targetGroupArn } = await passedStep2();
  // What swap sees is not what check-real saw a moment ago.
  const [instanceId = ''] = await operator.instanceIds(standByGroup);
  const stop = world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    if (call.operation !== 'DescribeTargetHealth') return answer;
    const { TargetHealthDescriptions } = answer as { TargetHealthDescriptions: { Target: { Id: string } }[] };
    return {
      TargetHealthDescriptions: TargetHealthDescriptions.map((description) =>
        description.Target.Id === instanceId ? { ...description, TargetHealth: { State: 'unhealthy' } } : description,
      ),
    };
  });
  await world.until('RealAttached', { after: world.events.length });
  expect((await world.group(activeGroup)).TargetGroupARNs).toEqual([targetGroupArn]);
  stop();
  await world.until('Completed');
  expect(world.story.filter((type) => type === 'Step2Passed')).toHaveLength(2);
});

test('Active that is attached elsewhere meanwhile takes StandBy with it, which is checked there too', async () => {
  const { world, operator, activeGroup, standByGroup } = await passedStep2();
  const added = await operator.addTargetGroup('was-added');
  await operator.attach(activeGroup, [added]);
  await world.until('Completed');
  expect(world.story.filter((type) => type === 'RealAttached')).toHaveLength(2);
  expect(await operator.statesOn(added, standByGroup)).toEqual(['healthy', 'healthy']);
  expect((await world.group(activeGroup)).TargetGroupARNs).toEqual([]);
});

test('while Active drains, StandBy’s alarms and health checks count again', async () => {
  const { world, activeGroup, standByGroup } = await draining();
  expect((await world.group(activeGroup)).TargetGroupARNs).toEqual([]);
  const { SuspendedProcesses = [] } = await world.group(standByGroup);
  expect(SuspendedProcesses.map(({ ProcessName }) => ProcessName)).toEqual(['ScheduledActions']);
});

test('StandBy that falls ill while Active drains gives way: Active is attached again, T011', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn, versionIds } = await draining({
    fleet: { deregistrationDelaySeconds: 120 },
  });
  await operator.suspend(standByGroup, ['HealthCheck']); // or its group would replace the instances one by one
  await operator.setHealth(standByGroup, 500);
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T011', message: expect.stringContaining('fell ill on was-web-1 of was-web') });
  await world.clock.advance(120);
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
  expect((await world.tag(activeGroup, 'type'))?.Value).toBe('Active');
  expect(world.servedVersions()).toEqual(versionIds);
});

test('StandBy that falls ill gives way at once, also while the tags say that the roles are swapped by half', async () => {
  const { world, operator, standByGroup } = await draining({ fleet: { deregistrationDelaySeconds: 300 } });
  await operator.tag(standByGroup, 'type', 'Active');
  await operator.suspend(standByGroup, ['HealthCheck']);
  await operator.setHealth(standByGroup, 500);
  const illAt_ms = world.clock.now().getTime();
  expect((await world.until('Failed')).detail).toMatchObject({ code: 'T011' });
  expect((world.clock.now().getTime() - illAt_ms) / 1000).toBeLessThanOrEqual(50);
});

test('Active that was attached again is waited for, also where swap then broke off and could not tell', async () => {
  const { world, operator, activeGroup, standByGroup, targetGroupArn } = await draining({
    fleet: { deregistrationDelaySeconds: 120 },
  });
  for (const group of [activeGroup, standByGroup]) await operator.suspend(group, ['HealthCheck']);
  // Active takes long to come back.
  await operator.setHealth(activeGroup, 503);
  await operator.setHealth(standByGroup, 500);
  let isAttached = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
    if (invocation?.function !== 'swap') return answer;
    isAttached ||= call.operation.startsWith('Attach');
    if (isAttached) world.aws.lambda.kill(invocation);
    return answer;
  });
  const isStandByOn = async () => (await operator.statesOn(targetGroupArn, standByGroup)).includes('unhealthy');
  await world.clock.advance(500);
  expect(await world.record()).toMatchObject({ stage: 'clean-up', status: 'cleaning', failure: { code: 'T999' } });
  expect(await isStandByOn()).toBe(true);
  await operator.setHealth(activeGroup, 200);
  const { detail } = await world.until('Cleaned');
  expect(detail).toMatchObject({ code: 'T999', outcome: 'cleaned' });
  expect(await operator.statesOn(targetGroupArn, activeGroup)).toEqual(['healthy', 'healthy']);
  expect(await isStandByOn()).toBe(false);
});

test('one of StandBy’s four that falls ill while Active drains is no reason to go back', async () => {
  const { world, operator, standByGroup } = await draining({ fleet: { instances: 4 } });
  const [instanceId = ''] = await operator.instanceIds(standByGroup);
  world.instances.setHealth(instanceId, 500);
  await world.until('Swapped');
});

test('what somebody attaches Active to while it drains is taken over by StandBy before Active leaves it', async () => {
  const { world, operator, activeGroup, standByGroup } = await draining({ fleet: { deregistrationDelaySeconds: 120 } });
  const added = await operator.addTargetGroup('was-added');
  await operator.attach(activeGroup, [added]);
  const healthy: string[][] = [];
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation === 'DetachLoadBalancerTargetGroups') {
      healthy.push(world.aws.elasticLoadBalancingV2.routableTargets(added).map(({ instanceId }) => instanceId));
    }
    return proceed();
  });
  await world.until('Swapped');
  const standBy = await operator.instanceIds(standByGroup);
  expect(healthy).toHaveLength(1);
  expect(healthy[0]).toEqual(expect.arrayContaining(standBy));
  expect((await world.group(standByGroup)).TargetGroupARNs).toContain(added);
  expect((await world.group(activeGroup)).TargetGroupARNs).toEqual([]);
});

test('the tags are swapped in one call, and keep their spelling', async () => {
  const { world, activeGroup, standByGroup } = await passedStep2();
  const calls: unknown[] = [];
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation === 'CreateOrUpdateTags') calls.push(call.input.Tags);
    return proceed();
  });
  await world.until('Swapped');
  const tag = { ResourceType: 'auto-scaling-group', Key: 'type', PropagateAtLaunch: false };
  expect(calls).toEqual([
    [
      { ...tag, ResourceId: activeGroup, Value: 'StandBy' },
      { ...tag, ResourceId: standByGroup, Value: 'Active' },
    ],
  ]);
});

test.each([
  ['DetachLoadBalancerTargetGroups', 'T008'],
  ['CreateOrUpdateTags', 'T010'],
])('where %s is refused for good, it fails with %s', async (operation, code) => {
  const { world, operator } = await passedStep2();
  operator.failCalls(operation, 'AccessDenied', { status: 403 });
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code, stage: 'swap' });
  if (code === 'T010') {
    expect(detail.message).toContain('tagging was-blue with type = StandBy and was-green with type = Active failed');
  }
});

test('what only the group still lists is named too while it waits', async () => {
  const { world } = await passedStep2({ settings: { autoScaling: { attachmentSeconds: 30 } } });
  await world.until('Swapped');
  const waits = world.events.filter(({ detail }) => detail.stage === 'swap').map(({ detail }) => detail.waitingFor);
  expect(waits).toContain('was-web-1 of was-web to drain was-blue');
  expect(waits.join()).not.toContain('arn:');
});

test('an old group that never drains ends with T008, and the name of what still lists it', async () => {
  const { world } = await passedStep2();
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.operation !== 'DescribeLoadBalancerTargetGroups') return proceed();
    const { LoadBalancerTargetGroups = [] } = (await proceed()) as { LoadBalancerTargetGroups?: object[] };
    if (call.input.AutoScalingGroupName !== world.fleet.activeGroup || LoadBalancerTargetGroups.length > 0) {
      return { LoadBalancerTargetGroups };
    }
    return { LoadBalancerTargetGroups: [{ LoadBalancerTargetGroupARN: 'arn:stuck', State: 'Removing' }] };
  });
  const { detail } = await world.until('Failed', { limitSeconds: 300 });
  expect(detail).toMatchObject({ code: 'T008', message: expect.stringContaining('arn:stuck') });
});
