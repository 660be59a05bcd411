/** What no scale-in would take away is found before anything is changed. */
import { AutoScalingClient, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

async function opened() {
  const world = await World.quick();
  return { world, operator: new Operator(world), group: world.fleet.activeGroup };
}

async function refusedUpload(world: World) {
  const before = await world.group(world.fleet.standByGroup);
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Refused');
  expect(await world.group(world.fleet.standByGroup)).toEqual(before);
  await world.clock.advance(30);
  return detail;
}

test('an instance of Active in Standby is named, with the command that brings it back; after that all goes well', async () => {
  const { world, operator, group } = await opened();
  const [aside = ''] = await operator.instanceIds(group);
  await operator.setAside(group, aside);
  await world.clock.advance(120);
  const { code, message } = await refusedUpload(world);
  expect(`${code}: ${message}`).toBe(
    `415: ${aside} of was-blue (Active) is in Standby: no scale-in takes that away; bring it back into service`,
  );
  const mail = world.aws.sns.mails.at(-1)?.body ?? '';
  expect(mail).toContain(
    `\n  aws autoscaling exit-standby --auto-scaling-group-name was-blue --instance-ids ${aside}\n`,
  );
  await operator.exitStandby(group, aside);
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Completed');
  await world.clock.advance(300);
  expect((await world.group(group)).Instances).toEqual([]);
});

test('Terminate suspended on Active is refused, with the command that resumes it', async () => {
  const { world, group } = await opened();
  const client = new AutoScalingClient(world.aws.operator);
  const suspend = { AutoScalingGroupName: group, ScalingProcesses: ['Terminate'] };
  await world.clock.run(client.send(new SuspendProcessesCommand(suspend)));
  const { code, message } = await refusedUpload(world);
  expect(`${code}: ${message}`).toBe(
    '415: on was-blue (Active) Terminate is suspended: its instances could not be taken away; resume it',
  );
});

test('an Active that is empty has nothing to take away', async () => {
  const { world, group } = await opened();
  await world.clock.run(world.resize(group, 0, 0, 4));
  await world.clock.advance(300);
  const client = new AutoScalingClient(world.aws.operator);
  const suspend = { AutoScalingGroupName: group, ScalingProcesses: ['Terminate'] };
  await world.clock.run(client.send(new SuspendProcessesCommand(suspend)));
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
});
