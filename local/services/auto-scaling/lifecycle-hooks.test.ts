import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  PutLifecycleHookCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

const NAMED = { AutoScalingGroupName: 'was' };
const HOOK = { ...NAMED, LifecycleHookName: 'hook' };
const SETTLED_SECONDS = 60;

type Transition = 'LAUNCHING' | 'TERMINATING';

async function setUp(transition: Transition, DefaultResult?: 'CONTINUE' | 'ABANDON') {
  const clock = new VirtualClock();
  const machines = new VirtualInstances({ clock, bootSeconds: 5, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances: machines, latencySeconds: 0 });
  const client = new AutoScalingClient(aws.operator);
  await client.send(
    new CreateAutoScalingGroupCommand({
      ...{ ...NAMED, LaunchTemplate: { LaunchTemplateName: 'tomcat' }, VPCZoneIdentifier: 'subnet-a' },
      ...{ MinSize: 0, MaxSize: 1, DesiredCapacity: 0 },
    }),
  );
  const LifecycleTransition = `autoscaling:EC2_INSTANCE_${transition}`;
  await client.send(
    new PutLifecycleHookCommand({ ...HOOK, LifecycleTransition, HeartbeatTimeout: 300, DefaultResult }),
  );
  const resize = async (DesiredCapacity: number) => {
    await client.send(new SetDesiredCapacityCommand({ ...NAMED, DesiredCapacity }));
    await clock.advance(SETTLED_SECONDS);
  };
  const found = async () => (await client.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0];
  const states = async () => (await found())?.Instances?.map(({ LifecycleState }) => LifecycleState);
  const id = async () => (await found())?.Instances?.[0]?.InstanceId;
  const complete = async (LifecycleActionResult: string) => {
    const action = { ...HOOK, LifecycleActionResult, InstanceId: await id() };
    await client.send(new CompleteLifecycleActionCommand(action));
    await clock.advance(5);
  };
  const beat = async () => client.send(new RecordLifecycleActionHeartbeatCommand({ ...HOOK, InstanceId: await id() }));
  await resize(1);
  return { clock, machines, client, resize, states, id, complete, beat };
}

test('what is launched waits until somebody goes on with it', async () => {
  const { clock, states, complete } = await setUp('LAUNCHING');
  await clock.advance(100);
  expect(await states()).toEqual(['Pending:Wait']);
  await complete('CONTINUE');
  expect(await states()).toEqual(['InService']);
  await expect(complete('CONTINUE')).rejects.toMatchObject({ name: 'ValidationError' });
});

test('what is abandoned is terminated, and launched anew', async () => {
  const { clock, client, id, states, complete } = await setUp('LAUNCHING');
  const first = await id();
  await complete('ABANDON');
  await clock.advance(SETTLED_SECONDS);
  expect(await id()).not.toBe(first);
  expect(await states()).toEqual(['Pending:Wait']);
  const { Activities = [] } = await client.send(new DescribeScalingActivitiesCommand(NAMED));
  expect(Activities.find(({ StatusCode }) => StatusCode === 'Cancelled')?.StatusMessage).toMatch(/ABANDON Result$/);
});

test.each([
  ['CONTINUE', 'InService'],
  ['ABANDON', 'Pending:Wait'],
] as const)('when its time is over, %s makes it %s', async (result, state) => {
  const { clock, id, states } = await setUp('LAUNCHING', result);
  const first = await id();
  await clock.advance(300);
  expect(await states()).toContain(state);
  expect((await id()) === first).toBe(result === 'CONTINUE');
});

test('a heartbeat lets the time begin anew', async () => {
  const { clock, states, beat } = await setUp('LAUNCHING', 'CONTINUE');
  await clock.advance(200);
  await beat();
  await clock.advance(250);
  expect(await states()).toEqual(['Pending:Wait']);
  await clock.advance(60);
  expect(await states()).toEqual(['InService']);
});

test.each(['CONTINUE', 'ABANDON'])(
  'what is taken away runs on until its hook is gone on with, by %s',
  async (result) => {
    const { clock, machines, resize, states, complete } = await setUp('TERMINATING');
    expect(await states()).toEqual(['InService']);
    await resize(0);
    await clock.advance(200);
    expect(await states()).toEqual(['Terminating:Wait']);
    expect(machines.running()).toHaveLength(1);
    await complete(result);
    expect(machines.running()).toEqual([]);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
  },
);

test('or until its time is over, or the group is deleted by force', async () => {
  const { clock, client, machines, resize, states } = await setUp('TERMINATING');
  await resize(0);
  await clock.advance(300);
  expect(await states()).toEqual([]);
  await resize(1);
  await resize(0);
  expect(await states()).toEqual(['Terminating:Wait']);
  await client.send(new DeleteAutoScalingGroupCommand({ ...NAMED, ForceDelete: true }));
  await clock.advance(10);
  expect(machines.running()).toEqual([]);
  expect(await states()).toBeUndefined();
});

test('hooks are described as they were put', async () => {
  const { client } = await setUp('TERMINATING');
  expect((await client.send(new DescribeLifecycleHooksCommand(NAMED))).LifecycleHooks).toEqual([
    {
      ...{ ...HOOK, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'ABANDON' },
      ...{ HeartbeatTimeout: 300, GlobalTimeout: 30_000 },
    },
  ]);
  const put = (hook: object) =>
    client.send(new PutLifecycleHookCommand({ ...NAMED, LifecycleHookName: 'other', ...hook }));
  await expect(put({})).rejects.toMatchObject({ name: 'ValidationError' });
  const LifecycleTransition = 'autoscaling:EC2_INSTANCE_LAUNCHING';
  await expect(put({ LifecycleTransition, HeartbeatTimeout: 29 })).rejects.toMatchObject({ name: 'ValidationError' });
});
