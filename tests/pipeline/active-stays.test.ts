/** While the new version shares Active's users, Active's own alarms do not make it smaller: it may have to carry them alone. */
import { Operator } from '../harness/operator';
import { World, type WorldOptions } from '../harness/world';

/** Four instances of Active, whose alarms may take it to one, and a deployment of a second version that is in step 2. */
async function inStep2(options: WorldOptions = {}) {
  const world = await World.quick({ ...options, fleet: { instances: 4, minimum: 1, ...options.fleet } });
  const operator = new Operator(world);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  return { world, operator, blue: world.fleet.activeGroup, green: world.fleet.standByGroup };
}

async function sizesOf(world: World, groupName: string): Promise<string> {
  const { MinSize, DesiredCapacity, MaxSize } = await world.group(groupName);
  return `${MinSize}/${DesiredCapacity}/${MaxSize}`;
}

test('an alarm that wants one instance in step 2 finds a minimum of four, which the new group does not get', async () => {
  const { world, operator, blue, green } = await inStep2();
  await operator.alarm(blue, 1);
  await world.until('Step2Passed');
  expect(await operator.statesOn(world.fleet.targetGroupArns[0] ?? '', blue)).toEqual(Array(4).fill('healthy'));
  await world.until('Completed');
  expect(await sizesOf(world, green)).toBe('1/4/4');
  expect(await sizesOf(world, blue)).toBe('0/0/0');
});

test('Active has its minimum back when the deployment is undone, and its alarms may have their way', async () => {
  const { world, operator, blue, green } = await inStep2();
  await world.put('AbortRequested', { task: 'WAS' });
  await operator.alarm(blue, 1);
  await world.until('Cleaned');
  expect(await sizesOf(world, blue)).toBe('1/4/4');
  expect(await sizesOf(world, green)).toBe('0/0/0');
  await operator.alarm(blue, 1);
  expect(await sizesOf(world, blue)).toBe('1/1/4');
});
