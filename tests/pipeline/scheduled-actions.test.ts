/** Scheduled actions follow the load to the new group, and none that fell due on the way is lost. */
import {
  AutoScalingClient,
  DeleteScheduledActionCommand,
  DescribeScheduledActionsCommand,
  type PutScheduledUpdateGroupActionCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

type Action = Partial<PutScheduledUpdateGroupActionCommandInput>;

async function schedule(world: World, name: string, action: Action): Promise<void> {
  await new Operator(world).schedule(world.fleet.activeGroup, name, action);
}

async function scheduled(world: World, groupName: string): Promise<Action[]> {
  const command = new DescribeScheduledActionsCommand({ AutoScalingGroupName: groupName });
  const answer = await world.clock.run(new AutoScalingClient(world.aws.operator).send(command));
  return answer.ScheduledUpdateGroupActions ?? [];
}

function inSeconds(world: World, seconds: number): Date {
  return new Date(world.clock.now().getTime() + seconds * 1000);
}

test('recurring actions follow with all they say, one-off ones if they are still to come', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  const evening = { Recurrence: '0 20 * * *', TimeZone: 'Asia/Seoul', MinSize: 1, DesiredCapacity: 2, MaxSize: 8 };
  await schedule(world, 'evening', evening);
  await schedule(world, 'sale', { StartTime: inSeconds(world, 7 * 86400), DesiredCapacity: 4 });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');

  expect(await scheduled(world, activeGroup)).toEqual([]);
  expect(await scheduled(world, standByGroup)).toMatchObject([
    { ScheduledActionName: 'evening', ...evening },
    { ScheduledActionName: 'sale', DesiredCapacity: 4, StartTime: expect.any(Date) },
  ]);
  expect((await world.group(standByGroup)).SuspendedProcesses).toEqual([]);
});

test('one that falls due while Active drains is applied to the new group', async () => {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 120 } });
  const { standByGroup } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await schedule(world, 'rush', { StartTime: inSeconds(world, 90), MinSize: 3, DesiredCapacity: 3 });
  await world.until('Completed');
  expect(await world.size(standByGroup)).toBe('3/3/4');
  expect(await scheduled(world, standByGroup)).toEqual([]);
});

test('one that falls due right after the swap is applied to the new group', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('Step2Passed');
  const dueAt = inSeconds(world, 70);
  await schedule(world, 'rush', { StartTime: dueAt, MinSize: 3, DesiredCapacity: 3 });
  await world.until('Completed');
  expect(world.clock.now().getTime()).toBeLessThan(dueAt.getTime());
  expect(await scheduled(world, activeGroup)).toEqual([]);
  await world.clock.advance(60);
  expect(await world.size(standByGroup)).toBe('3/3/4');
});

test('limits that Active got meanwhile are those of the new group', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await new Operator(world).setSize(activeGroup, 3, 3, 7);
  await world.until('Completed');
  expect(await world.size(standByGroup)).toBe('3/3/7');
});

test('one that falls due between the swap and a failure is applied to the old group', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  await schedule(world, 'rush', { StartTime: inSeconds(world, 150), MinSize: 3, DesiredCapacity: 3 });
  await schedule(world, 'evening', { Recurrence: '0 20 * * *', DesiredCapacity: 2 });
  world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'Swapped' ? 25 : 0.5];
  await world.until('Swapped');
  await operator.setHealth(standByGroup, 500);
  const { detail } = await world.until('Cleaned');
  expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
  await world.clock.advance(120);
  expect(await world.size(activeGroup)).toBe('3/3/4');
  expect(await scheduled(world, activeGroup)).toMatchObject([{ ScheduledActionName: 'evening' }]);
});

test('one that falls due while somebody has suspended them is not made up for', async () => {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 120 } });
  const { activeGroup, standByGroup } = world.fleet;
  await new Operator(world).suspend(activeGroup, ['ScheduledActions']);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  const dueAt = inSeconds(world, 90);
  await schedule(world, 'night', { StartTime: dueAt, MinSize: 1, DesiredCapacity: 1 });
  await world.until('Completed');
  expect(world.clock.now().getTime()).toBeGreaterThan(dueAt.getTime());
  expect(await world.size(standByGroup)).toBe('2/2/4');
});

test('one that somebody withdraws while Active drains has no effect', async () => {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 120 } });
  const { activeGroup: AutoScalingGroupName, standByGroup } = world.fleet;
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  const dueAt = inSeconds(world, 90);
  await schedule(world, 'night', { StartTime: dueAt, MinSize: 1, DesiredCapacity: 1 });
  await world.until('Step2Passed');
  await world.clock.advance(20);
  const command = new DeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionName: 'night' });
  await world.clock.run(new AutoScalingClient(world.aws.operator).send(command));
  await world.until('Completed');
  expect(world.clock.now().getTime()).toBeGreaterThan(dueAt.getTime());
  expect(await world.size(standByGroup)).toBe('2/2/4');
});

test('after a failure they are back as soon as the old group serves, though the new one still drains', async () => {
  const world = await World.quick({ fleet: { deregistrationDelaySeconds: 300 } });
  const { activeGroup, standByGroup } = world.fleet;
  await schedule(world, 'evening', { Recurrence: '0 20 * * *', DesiredCapacity: 2 });
  world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'Swapped' ? 25 : 0.5];
  await world.upload('app.war', { version: '2' });
  await world.until('Swapped');
  const morning = { Recurrence: '0 8 * * *', DesiredCapacity: 2 };
  await schedule(world, 'morning', { AutoScalingGroupName: standByGroup, ...morning }); // which is Active by now
  await new Operator(world).setHealth(standByGroup, 500);
  await world.until('Failed');
  await world.clock.advance(120);
  const names = (await scheduled(world, activeGroup)).map(({ ScheduledActionName }) => ScheduledActionName);
  expect(names.sort()).toEqual(['evening', 'morning']);
  expect(await world.size(standByGroup)).toBe('2/2/4');
});

test('after a failure they are where they were', async () => {
  const world = await World.quick();
  const { activeGroup, standByGroup } = world.fleet;
  await schedule(world, 'evening', { Recurrence: '0 20 * * *', DesiredCapacity: 2 });
  // Late enough for the load balancers to notice that the new group has fallen ill, too early for it to be replaced.
  world.aws.eventBridge.deliveryPolicy = ({ event }) => [event['detail-type'] === 'Swapped' ? 25 : 0.5];
  await world.upload('app.war', { version: '2' });
  await world.until('Swapped');
  expect(await scheduled(world, standByGroup)).toHaveLength(1);
  for (const { instanceId } of world.instances.running()) {
    const group = await world.group(standByGroup);
    if (group.Instances?.some(({ InstanceId }) => InstanceId === instanceId))
      world.instances.setHealth(instanceId, 500);
  }
  const { detail } = await world.until('Cleaned');
  expect(detail).toMatchObject({ outcome: 'cleaned', code: 'T011' });
  await world.clock.advance(120);
  expect(await scheduled(world, activeGroup)).toMatchObject([{ ScheduledActionName: 'evening' }]);
  expect(await scheduled(world, standByGroup)).toEqual([]);
  expect((await world.tag(activeGroup, 'type'))?.Value).toBe('Active');
  expect(await world.size(standByGroup)).toBe('0/0/0');
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});
