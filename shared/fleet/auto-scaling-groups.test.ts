/** The groups, as far as the stages' own tests do not prove it. */
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { Fleet, type Group } from './auto-scaling-groups';

async function setUp(instances: number) {
  const clock = new VirtualClock();
  const machines = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances: machines });
  const client = new AutoScalingClient(aws.operator);
  await clock.run(
    client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'blue',
        LaunchTemplate: { LaunchTemplateName: 'tomcat' },
        VPCZoneIdentifier: 'subnet-a',
        MinSize: 0,
        MaxSize: instances,
        DesiredCapacity: instances,
        NewInstancesProtectedFromScaleIn: true,
      }),
    ),
  );
  const fleet = new Fleet(client);
  const group = async () => (await clock.run(fleet.groups(['blue']))).get('blue') as Group;
  const liftProtection = async () => {
    const calls = fleet.removeProtection(await group());
    for (const call of calls) await clock.run(call());
    return calls.length;
  };
  return { clock, group, liftProtection };
}

test('protection is lifted from nineteen instances a call', async () => {
  const { clock, group, liftProtection } = await setUp(40);
  await clock.advance(60);
  expect(await liftProtection()).toBe(3);
  expect((await group()).instances.some(({ isProtected }) => isProtected)).toBe(false);
});

test('protection is not lifted from instances that are being launched: the service would refuse the whole call', async () => {
  const { clock, group, liftProtection } = await setUp(2);
  await clock.advance(5);
  expect((await group()).instances.map(({ lifecycleState }) => lifecycleState)).toEqual(['Pending', 'Pending']);
  expect(await liftProtection()).toBe(0);
});
