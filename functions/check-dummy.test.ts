/** Step 1: what passes behind the clones, and what the admins read where nothing does. */
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

test('a broken war ends with T001, which names instance, target group, state and reason, and reaches no user', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup, targetGroupArns, versionIds } = world.fleet;
  await world.upload('app.war', { health: '500 broken' });
  await world.until('DummyAttached');
  await world.clock.advance(60);
  const [instanceId = ''] = await new Operator(world).instanceIds(standByGroup);
  const { detail } = await world.until('Failed');

  expect(detail).toMatchObject({ code: 'T001', stage: 'check-dummy' });
  expect(detail.message).toContain(instanceId);
  expect(detail.message).toMatch(/i-\w+, i-\w+ on was-web-1 of was-web: unhealthy, Target\.ResponseCodeMismatch/);
  expect(detail.message).toContain('500');
  expect(world.mails.filter((subject) => subject.includes('Call Step'))).toEqual([
    '[Deploy] Call Step 1-1(Task : WAS)',
    '[Deploy] Call Step 1-2(Task : WAS)',
  ]);
  const operator = new Operator(world);
  expect(await operator.statesOn(targetGroupArns[0] ?? '', standByGroup)).toEqual([]);
  expect(await operator.statesOn(targetGroupArns[0] ?? '', activeGroup)).toEqual(['healthy', 'healthy']);
  expect(world.servedVersions()).toEqual(versionIds);
});

test('instances that never come end with T001 and the reason why none came', async () => {
  const world = await World.quick();
  world.aws.autoScaling.setLaunchFailure(world.fleet.standByGroup, 'Your requested instance type is not supported');
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T001');
  expect(detail.message).toMatch(
    /^was-green was not tested: no instance came: Launching a new EC2 instance failed \d+ times: Your requested instance type is not supported; was-green has 0 of 2 in service$/,
  );
  const second = world.aws.sns.mails.find(({ subject }) => subject === '[Deploy] Call Step 1-2(Task : WAS)');
  expect(second?.body).toMatch(
    /behind the dummies, where no user is yet: no instance came: Launching a new EC2 instance failed \d+ times: Your requested instance type is not supported\.$/m,
  );
});

test('what failed before the deployment began is not said to be why no instance comes', async () => {
  const world = await World.quick({ settings: { autoScaling: { launchSeconds: 600 } }, warmUpSeconds: 1200 });
  const { standByGroup } = world.fleet;
  world.aws.autoScaling.setLaunchFailure(standByGroup, 'the launch template was not found');
  await world.clock.run(world.resize(standByGroup, 0, 1, 1));
  await world.clock.advance(120);
  await world.clock.run(world.resize(standByGroup, 0, 0, 0));
  world.aws.autoScaling.setLaunchFailure(standByGroup, undefined);
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T001');
  expect(detail.message).toMatch(/dummies: was-green has 0 of 2 in service; i-\w+, i-\w+ are Pending$/);
});

test('instances that a lifecycle hook holds are waited for, and named with the hook and until when it may', async () => {
  const world = await World.quick();
  const operator = new Operator(world);
  const { standByGroup } = world.fleet;
  await operator.putLaunchHook(standByGroup, 'install-agent');
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await world.clock.advance(1800); // a step has 120 s
  expect(world.mailBody(world.mails.findLastIndex((subject) => /Call Step 1-1/.test(subject)))).toMatch(
    /\n {2}i-\w+, i-\w+ are held by the lifecycle hook install-agent, until 2030-01-01 01:10:\d\d UTC at the latest\n/,
  );
  for (const id of await operator.instanceIds(standByGroup)) await operator.completeLaunch(standByGroup, id);
  await world.until('Completed');
});

test('instances that a lifecycle hook holds for too long are told with the hook', async () => {
  const world = await World.quick();
  await new Operator(world).putLaunchHook(world.fleet.standByGroup, 'install-agent');
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T001');
  expect(detail.message).toMatch(
    /dummies: some instances did not come: .* was cancelled 2 times: .*: Heartbeat Timeout; what is Pending:Wait is held by the lifecycle hook install-agent; was-green has 0 of 2 in service; i-\w+, i-\w+ are Pending:Wait$/,
  );
});

test('a dummy that somebody deleted ends with T000', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const [deleted] = await new Operator(world).deleteDummyLoadBalancers();
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code: 'T000', message: `somebody deleted the dummy ${deleted}` });
});

test('cycles count from the moment when the dummies are active, and provisioning has a limit of its own', async () => {
  const world = await World.quick({ provisioningSeconds: 560 });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  // By then StandBy is well: the first cycle has nothing to wait for, and is not told of.
  expect(world.mails.filter((subject) => subject.includes('Call Step 1'))).toEqual([]);
});

test('dummies that never become active end with T001, and the names of them', async () => {
  const world = await World.quick({ provisioningSeconds: 5000 });
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed', { limitSeconds: 700 });
  expect(detail.code).toBe('T001');
  expect(detail.message).toMatch(/did not become active within their limit: deploycheck-\w+ is provisioning/);
});

test('tags that somebody changed meanwhile end with T013: nobody knows which group is which', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  await new Operator(world).tag(world.fleet.standByGroup, 'type', 'Active');
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({
    code: 'T013',
    message: 'was-blue and was-green are both tagged type = Active',
  });
});
