/** Which instances prove anything of the new version: those that StandBy launched once it was tagged with the versions. */
import type { Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

interface Scene {
  world: World;
  operator: Operator;
  version: string;
}

async function deployUntil(event: string): Promise<Scene> {
  const world = await World.quick();
  const version = await world.upload('app.war', { version: '2' });
  await world.until(event);
  return { world, operator: new Operator(world), version };
}

/** What the mail of a failure says of an instance. */
function doesNotCount(instanceId: string): string {
  return `${instanceId} does not count: was-green did not launch it after it was tagged with the versions`;
}

async function expectAsBefore(world: World): Promise<void> {
  await world.until('Cleaned');
  await world.clock.advance(300);
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  expect(await world.size('was-green')).toBe('0/0/0');
  expect((await world.group('was-green')).Instances).toEqual([]);
}

test.each([
  ['in step 1', 'DummyAttached', 'T001'],
  ['in step 2', 'RealAttached', 'T011'],
  ['right before Active is detached', 'Step2Passed', 'T011'],
])('a healthy instance that somebody attaches %s is no proof, and the mail names it', async (_, event, code) => {
  const { world, operator } = await deployUntil(event);
  const attached = await operator.moveInstance('was-blue', 'was-green');
  const { detail } = await world.until('Failed');
  expect(detail).toMatchObject({ code, message: expect.stringContaining(doesNotCount(attached)) });
  expect(detail.message).toContain('take it out of the group');
  expect(world.story).not.toContain('Swapped');
  await expectAsBefore(world);
});

test('once it is taken out again, the deployment goes on', async () => {
  const { world, operator, version } = await deployUntil('RealAttached');
  const attached = await operator.moveInstance('was-blue', 'was-green');
  await world.clock.advance(30);
  await operator.takeOut('was-green', attached);
  await world.until('Completed');
  expect(world.servedVersions()).toEqual([version]);
  expect(await operator.instanceIds('was-green')).not.toContain(attached);
});

/** Somebody sizes StandBy right before it is tagged, and nobody is shown the instance yet: descriptions lag. */
function launchUnseen(world: World): void {
  const { autoScaling, endpoint } = world.aws;
  const isOfStart = ({ caller }: Call) => isInvocationCaller(caller) && caller.invocation?.function === 'start';
  let isHidden = false;
  endpoint.intercept(async (call, proceed) => {
    if (!isOfStart(call)) return proceed();
    if (call.operation === 'UpdateAutoScalingGroup') isHidden = false;
    if (call.operation === 'CreateOrUpdateTags') {
      isHidden = true;
      const input = { AutoScalingGroupName: 'was-green', MaxSize: 1, DesiredCapacity: 1 };
      await autoScaling.operations.UpdateAutoScalingGroup?.(input, { ...call, input });
      await new Promise<void>((resolve) => world.clock.after(3, () => resolve()));
    }
    const answer = structuredClone(await proceed()) as { AutoScalingGroups?: object[] } | undefined;
    for (const group of answer?.AutoScalingGroups ?? []) {
      if (isHidden && (group as { AutoScalingGroupName: string }).AutoScalingGroupName === 'was-green') {
        Object.assign(group, { Instances: [], DesiredCapacity: 0 });
      }
    }
    return answer;
  });
}

test('an instance whose launch began before the versions were tagged is no proof, though it is seen only later', async () => {
  const world = await World.quick();
  launchUnseen(world);
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const ids = await new Operator(world).instanceIds('was-green');
  const { detail } = await world.until('Failed');
  expect(detail.code).toBe('T001');
  const named = ids.filter((id) => String(detail.message).includes(doesNotCount(id)));
  expect(named).toHaveLength(1);
  await expectAsBefore(world);
});

test('what StandBy launches later, in place of a lost instance or to follow an Active that grows, counts', async () => {
  const { world, operator, version } = await deployUntil('DummyAttached');
  await world.clock.advance(20);
  const [lost = ''] = await operator.instanceIds('was-green');
  world.aws.autoScaling.failInstance(lost);
  await operator.setDesiredCapacity('was-blue', 3);
  await world.until('Completed');
  expect(world.servedVersions()).toEqual([version]);
  expect(await operator.instanceIds('was-green')).toHaveLength(3);
});
