import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeletePolicyCommand,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  ExecutePolicyCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { EmbeddedAws } from '../../embedded-aws';
import { createLoadBalancer } from '../../example/load-balancers';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

const NAMED = { AutoScalingGroupName: 'was' };

async function setUp(group: Partial<CreateAutoScalingGroupCommandInput> = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 5, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const client = new AutoScalingClient(aws.operator);
  const create = (input: Partial<CreateAutoScalingGroupCommandInput>) =>
    client.send(
      new CreateAutoScalingGroupCommand({
        ...NAMED,
        LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '$Latest' },
        VPCZoneIdentifier: 'subnet-a,subnet-b',
        ...{ MinSize: 1, DesiredCapacity: 2, MaxSize: 6, DefaultCooldown: 60, ...input },
      }),
    );
  await create(group);
  await clock.advance(120);
  const put = (policy: Partial<PutScalingPolicyCommandInput>) =>
    client.send(new PutScalingPolicyCommand({ ...NAMED, PolicyName: 'by-load', ...policy }));
  const add = (ScalingAdjustment: number, AdjustmentType = 'ChangeInCapacity') =>
    put({ AdjustmentType, ScalingAdjustment });
  const trackCpu = (TargetValue: number, DisableScaleIn = false) =>
    put({
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        ...{ TargetValue, DisableScaleIn },
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      },
    });
  const suspend = (...ScalingProcesses: string[]) =>
    client.send(new SuspendProcessesCommand({ ...NAMED, ScalingProcesses }));
  const sizes = async (name = 'was') => {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
    const [found] = (await client.send(command)).AutoScalingGroups ?? [];
    return [found?.DesiredCapacity, found?.Instances?.filter((one) => one.LifecycleState === 'InService').length];
  };
  const reach = async () => {
    aws.autoScaling.reachAlarm('was', 'by-load');
    await clock.advance(40);
    return sizes();
  };
  const execute = (HonorCooldown = false) =>
    client.send(new ExecutePolicyCommand({ ...NAMED, PolicyName: 'by-load', HonorCooldown }));
  return { clock, aws, client, create, put, add, trackCpu, suspend, sizes, reach, execute };
}

describe('a simple policy', () => {
  test('scales when its alarm is reached, within the limits of the group, and the history tells why', async () => {
    const { client, clock, add, reach } = await setUp();
    await add(3);
    expect(await reach()).toEqual([5, 5]);
    const told = (await client.send(new DescribeScalingActivitiesCommand(NAMED))).Activities?.[0]?.Cause;
    expect(told).toMatch(
      /^At \S+ a monitor alarm \S+ in state ALARM triggered policy by-load changing the desired capacity from 2 to 5\. {2}At \S+ an instance was started/,
    );
    await clock.advance(120);
    expect(await reach()).toEqual([6, 6]);
    await add(-10);
    await clock.advance(120);
    expect(await reach()).toEqual([1, 1]);
  });

  test.each([
    ['ExactCapacity', 4, undefined, 4],
    ['PercentChangeInCapacity', 60, undefined, 3],
    ['PercentChangeInCapacity', 10, undefined, 3],
    ['PercentChangeInCapacity', -10, undefined, 1],
    ['PercentChangeInCapacity', 10, 3, 5],
  ])('%s of %d, at least %p', async (AdjustmentType, ScalingAdjustment, MinAdjustmentMagnitude, desired) => {
    const { put, reach } = await setUp();
    await put({ AdjustmentType, ScalingAdjustment, MinAdjustmentMagnitude });
    expect(await reach()).toEqual([desired, desired]);
  });

  test('does nothing during a cooldown, its own or that of the group; whoever executes it may not wait for it', async () => {
    const { clock, put, reach, execute, sizes } = await setUp();
    await put({ AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Cooldown: 600 });
    expect(await reach()).toEqual([3, 3]);
    await clock.advance(500);
    expect(await reach()).toEqual([3, 3]);
    await expect(execute(true)).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
    await execute();
    expect(await sizes()).toEqual([4, 3]);
    await clock.advance(700);
    expect(await reach()).toEqual([5, 5]);
  });

  test.each([
    ['AlarmNotification', 1],
    ['AlarmNotification', -1],
    ['Launch', 1],
    ['Terminate', -1],
  ])('does nothing while %s is suspended (%d)', async (process, adjustment) => {
    const { add, reach, suspend } = await setUp();
    await add(adjustment);
    await suspend(process);
    expect(await reach()).toEqual([2, 2]);
  });

  test('leaves what is protected from scale-in, though the group wants less', async () => {
    const { add, reach } = await setUp({ NewInstancesProtectedFromScaleIn: true });
    await add(-1);
    expect(await reach()).toEqual([1, 2]);
  });

  test('that is disabled does nothing', async () => {
    const { put, reach } = await setUp();
    await put({ AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Enabled: false });
    expect(await reach()).toEqual([2, 2]);
  });
});

describe('a target tracking policy', () => {
  test('scales out after three minutes above its target, and in after a quarter of an hour below', async () => {
    const { clock, aws, trackCpu, sizes } = await setUp();
    await trackCpu(50);
    aws.autoScaling.setLoad('was', 200);
    await clock.advance(170);
    expect(await sizes()).toEqual([2, 2]);
    await clock.advance(60);
    expect(await sizes()).toEqual([4, 4]);
    await clock.advance(600);
    expect(await sizes()).toEqual([4, 4]);
    aws.autoScaling.setLoad('was', 60);
    await clock.advance(14 * 60);
    expect(await sizes()).toEqual([4, 4]);
    await clock.advance(120);
    expect(await sizes()).toEqual([2, 2]);
  });

  test('scales in by none where it is not to, nor while alarms are not heard, nor without data', async () => {
    const { clock, aws, trackCpu, suspend, sizes } = await setUp();
    await trackCpu(50);
    await clock.advance(1800);
    expect(await sizes()).toEqual([2, 2]);
    await suspend('AlarmNotification');
    aws.autoScaling.setLoad('was', 400);
    await clock.advance(1800);
    expect(await sizes()).toEqual([2, 2]);
    await trackCpu(50, true);
    aws.autoScaling.setLoad('was', 1);
    await clock.advance(1800);
    expect(await sizes()).toEqual([2, 2]);
  });

  test('of the requests of a target group finds half of them where another group shares it', async () => {
    const { clock, aws, create, put, sizes } = await setUp({ MinSize: 1, DesiredCapacity: 4 });
    const place = { aws, name: 'was', subnets: ['subnet-a', 'subnet-b'], port: 8080 };
    const times = { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 5 };
    const [web, free] = await clock.run(
      createLoadBalancer(
        { ...place, ...times },
        {
          ...{ kind: 'application', way: 'direct', isAcrossZones: true },
          targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTP' }],
        },
      ),
    );
    const labelOf = (arn = '') => `${web?.loadBalancerArn?.split(':loadbalancer/')[1]}/${arn.split(':').at(-1)}`;
    const track = (ResourceLabel?: string) =>
      put({
        ...{ AutoScalingGroupName: 'blue', PolicyType: 'TargetTrackingScaling' },
        TargetTrackingConfiguration: {
          TargetValue: 100,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel },
        },
      });
    const TargetGroupARNs = [web?.identifier ?? ''];
    await create({ AutoScalingGroupName: 'blue', TargetGroupARNs, DesiredCapacity: 4 });
    for (const label of [undefined, 'app/was', labelOf(free?.identifier)]) {
      await expect(track(label)).rejects.toMatchObject({ name: 'ValidationError' });
    }
    const { Alarms = [] } = await track(labelOf(web?.identifier));
    expect(Alarms.map(({ AlarmName }) => AlarmName)).toEqual([
      expect.stringMatching(/^TargetTracking-blue-AlarmHigh-/),
      expect.stringMatching(/^TargetTracking-blue-AlarmLow-/),
    ]);
    await clock.advance(300);
    aws.autoScaling.setLoad(web?.identifier ?? '', 400);
    await clock.advance(1800);
    expect(await sizes('blue')).toEqual([4, 4]);
    await create({ AutoScalingGroupName: 'green', TargetGroupARNs, DesiredCapacity: 4 });
    await clock.advance(1200);
    expect(await sizes('blue')).toEqual([2, 2]);
  });
});

test('policies are described, replaced and deleted, by name or by ARN', async () => {
  const { client, add, trackCpu } = await setUp();
  const { PolicyARN } = await add(1);
  const described = async () => (await client.send(new DescribePoliciesCommand(NAMED))).ScalingPolicies ?? [];
  expect(await described()).toMatchObject([
    { PolicyARN, PolicyType: 'SimpleScaling', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Enabled: true },
  ]);
  expect((await trackCpu(50)).PolicyARN).toBe(PolicyARN);
  const [{ PolicyType, TargetTrackingConfiguration } = {}] = await described();
  expect([PolicyType, TargetTrackingConfiguration?.TargetValue]).toEqual(['TargetTrackingScaling', 50]);
  await client.send(new DeletePolicyCommand({ PolicyName: PolicyARN }));
  expect(await described()).toEqual([]);
  const again = client.send(new DeletePolicyCommand({ ...NAMED, PolicyName: 'by-load' }));
  await expect(again).rejects.toMatchObject({ name: 'ValidationError' });
});
