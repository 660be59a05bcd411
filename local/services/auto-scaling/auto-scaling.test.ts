import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteScheduledActionCommand,
  DeleteTagsCommand,
  DeleteWarmPoolCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLoadBalancersCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  DescribeTagsCommand,
  DescribeTrafficSourcesCommand,
  DescribeWarmPoolCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  type PutScheduledUpdateGroupActionCommandInput,
  PutWarmPoolCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { CreateLoadBalancerCommand, ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import * as v2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { clientDefaults } from '../../endpoint/client';
import { Endpoint } from '../../endpoint/endpoint';
import type { InstanceHost } from '../../fleet/instances';
import { LaunchTemplates } from '../../fleet/launch-templates';
import { threeZoneNetwork } from '../../fleet/network';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import { ElasticLoadBalancing } from '../elastic-load-balancing/elastic-load-balancing';
import { ElasticLoadBalancingV2 } from '../elastic-load-balancing-v2/elastic-load-balancing-v2';
import { AutoScaling, type AutoScalingEvent } from './auto-scaling';

const REGION = 'ap-northeast-2';
const START = new Date('2030-01-01T00:00:00Z');
const BOOT_SECONDS = 5;
const LAUNCH_SECONDS = 15;
/** More than the reaction, the launch and the attachment of a group take together. */
const SETTLED_SECONDS = 30;

function setUp(
  settings: ConstructorParameters<typeof AutoScaling>[0]['settings'] = {},
  /** How long the machines take to answer a probe. */
  { answerSeconds = 0 } = {},
) {
  const clock = new VirtualClock(START);
  const random = new Random(1);
  const network = threeZoneNetwork(REGION);
  const machines = new VirtualInstances({ clock, bootSeconds: BOOT_SECONDS, application: () => 200 });
  const slow: InstanceHost = {
    launch: (instance) => machines.launch(instance),
    terminate: (instanceId) => machines.terminate(instanceId),
    probe: (instanceId, probe) => clock.sleep(answerSeconds).then(() => machines.probe(instanceId, probe)),
  };
  const instanceHost = answerSeconds > 0 ? slow : machines;
  const common = { clock, random, region: REGION, accountId: '111122223333', network, instances: instanceHost };
  const loadBalancing = new ElasticLoadBalancingV2({ ...common, settings: { provisioningSeconds: 10 } });
  const classicLoadBalancing = new ElasticLoadBalancing(common);
  const launchTemplates = new LaunchTemplates();
  launchTemplates.add({ id: 'lt-1', name: 'was', createTime: START });
  const autoScaling = new AutoScaling({
    ...common,
    loadBalancing,
    classicLoadBalancing,
    launchTemplates,
    settings: { launchSeconds: LAUNCH_SECONDS, ...settings },
  });
  const endpoint = new Endpoint(
    clock,
    {
      'auto-scaling': autoScaling,
      'elastic-load-balancing': classicLoadBalancing,
      'elastic-load-balancing-v2': loadBalancing,
    },
    0,
  );
  const defaults = clientDefaults(endpoint, clock, { principal: 'operator', isAlive: () => true }, REGION);
  const client = new AutoScalingClient(defaults);
  const balancers = new v2.ElasticLoadBalancingV2Client(defaults);
  const classic = new ElasticLoadBalancingClient(defaults);
  const events: AutoScalingEvent[] = [];
  autoScaling.onChange((event) => events.push(event));

  const createGroup = (input: Partial<CreateAutoScalingGroupCommandInput> = {}) =>
    client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'was',
        LaunchTemplate: { LaunchTemplateName: 'was', Version: '1' },
        VPCZoneIdentifier: 'subnet-a,subnet-b',
        MinSize: 0,
        MaxSize: 4,
        DesiredCapacity: 0,
        ...input,
      }),
    );
  const group = async (name = 'was') => {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
    return (await client.send(command)).AutoScalingGroups?.[0];
  };
  const instances = async (name = 'was') => (await group(name))?.Instances ?? [];
  const states = async (name = 'was') => (await instances(name)).map((instance) => instance.LifecycleState);
  const resize = (DesiredCapacity: number) =>
    client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'was', DesiredCapacity }));
  const update = (input: Partial<UpdateAutoScalingGroupCommandInput>) =>
    client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'was', ...input }));
  const suspend = (...ScalingProcesses: string[]) =>
    client.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'was', ScalingProcesses }));
  const resume = (...ScalingProcesses: string[]) =>
    client.send(new ResumeProcessesCommand({ AutoScalingGroupName: 'was', ScalingProcesses }));

  /** A target group behind an active load balancer, with a deregistration delay of `delaySeconds`. */
  const targetGroup = async (name = 'app', delaySeconds = 60) => {
    const created = await balancers.send(
      new v2.CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 8080,
        VpcId: 'vpc-1',
        HealthCheckIntervalSeconds: 10,
        HealthyThresholdCount: 2,
      }),
    );
    const TargetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn as string;
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(delaySeconds) }];
    await balancers.send(new v2.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    const balancer = await balancers.send(
      new v2.CreateLoadBalancerCommand({ Name: name, Subnets: ['subnet-a', 'subnet-b'] }),
    );
    await balancers.send(
      new v2.CreateListenerCommand({
        LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    await clock.advance(10);
    return TargetGroupArn;
  };
  const attach = (...TargetGroupARNs: string[]) =>
    client.send(new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: 'was', TargetGroupARNs }));
  const detach = (...TargetGroupARNs: string[]) =>
    client.send(new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: 'was', TargetGroupARNs }));
  const attachments = async () => {
    const command = new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: 'was' });
    return ((await client.send(command)).LoadBalancerTargetGroups ?? []).map((one) => one.State);
  };
  const health = async (TargetGroupArn: string) => {
    const answer = await balancers.send(new v2.DescribeTargetHealthCommand({ TargetGroupArn }));
    return (answer.TargetHealthDescriptions ?? []).map((one) => one.TargetHealth?.State);
  };
  const activities = async () =>
    (await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'was' }))).Activities ?? [];
  return {
    ...{ clock, machines, autoScaling, client, balancers, classic, events, createGroup, group, instances, states },
    ...{ resize, update, suspend, resume, targetGroup, attach, detach, attachments, health, activities },
  };
}

describe('capacity', () => {
  test('a group launches what it lacks, over its zones, Pending before InService', async () => {
    const { clock, createGroup, states, instances } = setUp();
    await createGroup({ DesiredCapacity: 3 });
    expect(await states()).toEqual([]);
    await clock.advance(2);
    expect(await states()).toEqual(['Pending', 'Pending', 'Pending']);
    await clock.advance(LAUNCH_SECONDS);
    expect(await states()).toEqual(['InService', 'InService', 'InService']);
    expect((await instances()).map((one) => one.AvailabilityZone)).toEqual([`${REGION}a`, `${REGION}b`, `${REGION}a`]);
  });

  test('scaling in terminates the oldest of the fullest zone, and the group tells each step', async () => {
    const { clock, createGroup, instances, resize, states, machines, events } = setUp({ terminationSeconds: 5 });
    await createGroup({ DesiredCapacity: 3 });
    await clock.advance(SETTLED_SECONDS);
    const [first] = await instances();
    await resize(2);
    await clock.advance(2);
    expect(await states()).toEqual(['Terminating', 'InService', 'InService']);
    await clock.advance(5);
    expect(await states()).toEqual(['InService', 'InService']);
    expect(machines.running().map((one) => one.instanceId)).not.toContain(first?.InstanceId);
    const own = events.filter((event) => event.type === 'instance' && event.instanceId === first?.InstanceId);
    expect(own.map((event) => event.type === 'instance' && event.state)).toEqual([
      'Pending',
      'InService',
      'Terminating',
      'Terminated',
    ]);
  });

  test('a mixed instances policy counts weights: never less than is wanted, more only by the last instance', async () => {
    const { clock, createGroup, instances, group, resize } = setUp();
    const Overrides = [
      { InstanceType: 'c5.large', WeightedCapacity: '2' },
      { InstanceType: 'c5.xlarge', WeightedCapacity: '5' },
    ];
    const LaunchTemplateSpecification = { LaunchTemplateName: 'was', Version: '1' };
    const MixedInstancesPolicy = { LaunchTemplate: { LaunchTemplateSpecification, Overrides } };
    await createGroup({ LaunchTemplate: undefined, MixedInstancesPolicy, MaxSize: 100, DesiredCapacity: 40 });
    await clock.advance(SETTLED_SECONDS);
    const weights = async () => (await instances()).map(({ WeightedCapacity }) => Number(WeightedCapacity));
    const sum = async () => (await weights()).reduce((total, weight) => total + weight, 0);
    expect(new Set(await weights())).toEqual(new Set([2, 5]));
    expect(await sum()).toBeGreaterThanOrEqual(40);
    expect(await sum()).toBeLessThan(45);
    expect((await group())?.MixedInstancesPolicy).toMatchObject(MixedInstancesPolicy);
    await resize(11);
    await clock.advance(SETTLED_SECONDS);
    expect(await sum()).toBeGreaterThanOrEqual(11);
    expect(await sum()).toBeLessThan(16);
    await resize(0);
    await clock.advance(SETTLED_SECONDS);
    expect(await instances()).toEqual([]);
  });

  test('a mixed instances policy is refused where it is not whole', async () => {
    const { createGroup } = setUp();
    const create = (weights: (string | undefined)[], specification = { LaunchTemplateName: 'was' }) => {
      const Overrides = weights.map((WeightedCapacity) => ({ InstanceType: 'c5.large', WeightedCapacity }) as const);
      const LaunchTemplate = { LaunchTemplateSpecification: specification, Overrides };
      return createGroup({ LaunchTemplate: undefined, MixedInstancesPolicy: { LaunchTemplate } });
    };
    await expect(create(['1', undefined])).rejects.toThrow('for all of them');
    await expect(create(['0'])).rejects.toThrow('between 1 and 999');
    await expect(
      createGroup({ MixedInstancesPolicy: { InstancesDistribution: { SpotMaxPrice: '1' } } }),
    ).rejects.toThrow('Only one of');
  });

  test('instances with scale-in protection stay, even at 0/0/0', async () => {
    const { clock, client, createGroup, instances, update, states } = setUp();
    await createGroup({ DesiredCapacity: 2 });
    await clock.advance(SETTLED_SECONDS);
    const [first] = await instances();
    const protect = (ProtectedFromScaleIn: boolean) =>
      client.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: 'was',
          InstanceIds: [first?.InstanceId as string],
          ProtectedFromScaleIn,
        }),
      );
    await protect(true);
    await update({ MinSize: 0, MaxSize: 0, DesiredCapacity: 0 });
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual(['InService']);
    await protect(false);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
  });

  test('SetInstanceProtection takes 19 instances a call', async () => {
    const { client, createGroup } = setUp();
    await createGroup();
    const InstanceIds = Array.from({ length: 20 }, (_, index) => `i-${index}`);
    const command = new SetInstanceProtectionCommand({
      AutoScalingGroupName: 'was',
      InstanceIds,
      ProtectedFromScaleIn: false,
    });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('sizes out of bounds are refused; a new bound moves the desired capacity', async () => {
    const { createGroup, resize, update, group } = setUp();
    await createGroup({ MinSize: 1, MaxSize: 2, DesiredCapacity: 1 });
    await expect(resize(3)).rejects.toMatchObject({
      message: 'New SetDesiredCapacity value 3 is above max value 2 for the AutoScalingGroup.',
    });
    await expect(resize(0)).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(update({ MinSize: 3 })).rejects.toMatchObject({ name: 'ValidationError' });
    await update({ MinSize: 2 });
    expect(await group()).toMatchObject({ MinSize: 2, MaxSize: 2, DesiredCapacity: 2 });
  });

  test('a suspended Launch or Terminate waits until it is resumed', async () => {
    const { clock, createGroup, suspend, resume, resize, states, group } = setUp();
    await createGroup();
    await suspend('Launch', 'Terminate');
    expect((await group())?.SuspendedProcesses).toEqual([
      { ProcessName: 'Launch', SuspensionReason: 'User suspended at 2030-01-01T00:00:00.000Z' },
      { ProcessName: 'Terminate', SuspensionReason: 'User suspended at 2030-01-01T00:00:00.000Z' },
    ]);
    await resize(1);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
    await resume('Launch');
    await clock.advance(SETTLED_SECONDS);
    await resize(0);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual(['InService']);
    await resume('Terminate');
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
  });

  test('a process that AWS does not have cannot be suspended', async () => {
    const { createGroup, suspend } = setUp();
    await createGroup();
    await expect(suspend('Lunch')).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('a failed launch is an activity with its reason, and is tried again', async () => {
    const { clock, autoScaling, createGroup, activities, states } = setUp({ launchRetrySeconds: 30 });
    await createGroup({ DesiredCapacity: 1 });
    autoScaling.setLaunchFailure('was', 'no capacity in zone a');
    await clock.advance(2);
    expect((await activities())[0]).toMatchObject({ StatusCode: 'Failed', StatusMessage: 'no capacity in zone a' });
    autoScaling.setLaunchFailure('was', undefined);
    await clock.advance(30 + LAUNCH_SECONDS);
    expect(await states()).toEqual(['InService']);
    expect((await activities()).map((activity) => activity.StatusCode)).toEqual(['Successful', 'Failed']);
  });

  test('an instance terminated by hand is replaced, or not if the capacity goes down with it', async () => {
    const { clock, client, createGroup, instances, states, group } = setUp();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    const terminate = async (ShouldDecrementDesiredCapacity: boolean) => {
      const InstanceId = (await instances())[0]?.InstanceId;
      const command = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity });
      return client.send(command);
    };
    expect((await terminate(false)).Activity?.Description).toMatch(/^Terminating EC2 instance: i-/);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual(['InService']);
    await terminate(true);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
    expect((await group())?.DesiredCapacity).toBe(0);
  });
});

describe('tags', () => {
  test('reach instances at their launch only, and only those that propagate', async () => {
    const { clock, client, createGroup, machines, resize } = setUp();
    await createGroup({
      DesiredCapacity: 1,
      Tags: [
        { Key: 'version', Value: 'A', PropagateAtLaunch: true },
        { Key: 'type', Value: 'Active', PropagateAtLaunch: false },
      ],
    });
    await clock.advance(SETTLED_SECONDS);
    const change = { ResourceId: 'was', ResourceType: 'auto-scaling-group', Key: 'version', PropagateAtLaunch: true };
    await client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...change, Value: 'B' }] }));
    await resize(2);
    await clock.advance(SETTLED_SECONDS);
    expect(machines.running().map((one) => one.tags.get('version'))).toEqual(['A', 'B']);
    expect(machines.running().map((one) => one.tags.has('type'))).toEqual([false, false]);
  });

  test('keys and filter values are case-sensitive', async () => {
    const { client, createGroup } = setUp();
    await createGroup({ Tags: [{ Key: 'taskfordeploy', Value: 'WAS' }] });
    await createGroup({ AutoScalingGroupName: 'other', Tags: [{ Key: 'TaskForDeploy', Value: 'was' }] });
    const found = async (Name: string, ...Values: string[]) => {
      const answer = await client.send(new DescribeAutoScalingGroupsCommand({ Filters: [{ Name, Values }] }));
      return answer.AutoScalingGroups?.map((one) => one.AutoScalingGroupName);
    };
    expect(await found('tag-value', 'WAS')).toEqual(['was']);
    expect(await found('tag-value', 'WAS', 'was')).toEqual(['was', 'other']);
    expect(await found('tag-key', 'TaskForDeploy')).toEqual(['other']);
    expect(await found('tag:taskfordeploy', 'WAS')).toEqual(['was']);
    expect(await found('tag:taskfordeploy', 'was')).toEqual([]);
    await expect(found('tag', 'WAS')).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('of several groups change in one call, all or none', async () => {
    const { client, createGroup } = setUp();
    const tag = (ResourceId: string, Value: string) => ({
      ...{ ResourceId, ResourceType: 'auto-scaling-group', Key: 'type', Value, PropagateAtLaunch: false },
    });
    await createGroup({ Tags: [{ Key: 'type', Value: 'Active' }] });
    await createGroup({ AutoScalingGroupName: 'other', Tags: [{ Key: 'type', Value: 'StandBy' }] });
    const types = async () => {
      const Filters = [{ Name: 'key', Values: ['type'] }];
      return (await client.send(new DescribeTagsCommand({ Filters }))).Tags?.map((one) => one.Value);
    };
    const refused = client.send(
      new CreateOrUpdateTagsCommand({ Tags: [tag('was', 'StandBy'), tag('none', 'Active')] }),
    );
    await expect(refused).rejects.toMatchObject({ name: 'ValidationError' });
    expect(await types()).toEqual(['Active', 'StandBy']);
    await client.send(new CreateOrUpdateTagsCommand({ Tags: [tag('was', 'StandBy'), tag('other', 'Active')] }));
    expect(await types()).toEqual(['StandBy', 'Active']);
    await client.send(new DeleteTagsCommand({ Tags: [tag('was', 'StandBy')] }));
    expect(await types()).toEqual(['Active']);
  });
});

test('groups are described 50 a page, 100 at most, also where a filter picks them', async () => {
  const { client, createGroup } = setUp();
  for (let index = 0; index < 101; index += 1) {
    await createGroup({ AutoScalingGroupName: `group-${index}`, Tags: [{ Key: 'task', Value: 'WAS' }] });
  }
  const page = (MaxRecords?: number, NextToken?: string) => {
    const Filters = [{ Name: 'tag-value', Values: ['WAS'] }];
    return client.send(new DescribeAutoScalingGroupsCommand({ Filters, MaxRecords, NextToken }));
  };
  const first = await page();
  expect(first.AutoScalingGroups).toHaveLength(50);
  const second = await page(100, first.NextToken);
  expect(second.AutoScalingGroups?.map((one) => one.AutoScalingGroupName)).toContain('group-100');
  expect(second.NextToken).toBeUndefined();
  await expect(page(101)).rejects.toMatchObject({ name: 'ValidationError' });
  await expect(page(50, 'made-up')).rejects.toMatchObject({ name: 'InvalidNextToken' });
});

describe('attachments', () => {
  test('are Adding, then Added, and stay Added with EC2 health checks', async () => {
    const { clock, createGroup, targetGroup, attach, attachments, health } = setUp({ attachmentSeconds: 2 });
    const arn = await targetGroup();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    await attach(arn);
    expect(await attachments()).toEqual(['Adding']);
    expect(await health(arn)).toEqual([]);
    await clock.advance(3);
    expect(await health(arn)).toEqual(['healthy']);
    await clock.advance(60);
    expect(await attachments()).toEqual(['Added']);
  });

  test('are InService with ELB health checks, once an instance is healthy there', async () => {
    const { clock, createGroup, targetGroup, attach, attachments, resize } = setUp();
    const arn = await targetGroup();
    await createGroup({ HealthCheckType: 'ELB', HealthCheckGracePeriod: 300 });
    await attach(arn);
    await clock.advance(60);
    expect(await attachments()).toEqual(['Added']);
    await resize(1);
    await clock.advance(SETTLED_SECONDS);
    expect(await attachments()).toEqual(['InService']);
  });

  test('are not made again while they are Removing, where the account does not do so', async () => {
    const { clock, createGroup, targetGroup, attach, detach, attachments } = setUp({ attachesWhileRemoving: false });
    const arn = await targetGroup('app', 60);
    await createGroup({ DesiredCapacity: 1 });
    await attach(arn);
    await clock.advance(SETTLED_SECONDS);
    await detach(arn);
    await expect(attach(arn)).rejects.toMatchObject({ name: 'ValidationError' });
    await clock.advance(65);
    await attach(arn);
    expect(await attachments()).toEqual(['Adding']);
  });

  test('are Removing until every target is drained, though the group lists them no more', async () => {
    const { clock, createGroup, targetGroup, attach, detach, attachments, group, health, states } = setUp();
    const arn = await targetGroup('app', 60);
    await createGroup({ DesiredCapacity: 1 });
    await attach(arn);
    await clock.advance(SETTLED_SECONDS);
    expect((await group())?.TargetGroupARNs).toEqual([arn]);
    await detach(arn);
    expect((await group())?.TargetGroupARNs).toEqual([]);
    await clock.advance(59);
    expect(await attachments()).toEqual(['Removing']);
    expect(await health(arn)).toEqual(['draining']);
    await clock.advance(5);
    expect(await attachments()).toEqual([]);
    expect(await states()).toEqual(['InService']);
  });

  test.each([0, 60])(
    'go in the middle of probes, with the load balancer deleted too, when %i s of draining are over',
    async (delaySeconds) => {
      for (let moment = 25; moment < 45; moment += 3) {
        const world = setUp({}, { answerSeconds: 4 });
        const { clock, createGroup, targetGroup, attach, detach, attachments, balancers, health } = world;
        const arn = await targetGroup('app', delaySeconds);
        const { LoadBalancers = [] } = await balancers.send(new v2.DescribeLoadBalancersCommand());
        await createGroup({ DesiredCapacity: 2, HealthCheckType: 'ELB' });
        await attach(arn);
        await clock.advance(moment);
        await detach(arn);
        const { LoadBalancerArn } = LoadBalancers[0] ?? {};
        await balancers.send(new v2.DeleteLoadBalancerCommand({ LoadBalancerArn }));
        await clock.advance(delaySeconds + 5);
        expect(await health(arn)).toEqual([]);
        expect(await attachments()).toEqual([]);
      }
    },
  );

  test('an instance drains before it is terminated', async () => {
    const { clock, createGroup, targetGroup, attach, resize, states, health, activities } = setUp();
    const arn = await targetGroup('app', 60);
    await createGroup({ DesiredCapacity: 1 });
    await attach(arn);
    await clock.advance(SETTLED_SECONDS);
    await resize(0);
    await clock.advance(59);
    expect(await states()).toEqual(['Terminating']);
    expect(await health(arn)).toEqual(['draining']);
    expect((await activities())[0]?.StatusCode).toBe('WaitingForELBConnectionDraining');
    await clock.advance(10);
    expect(await states()).toEqual([]);
    expect((await activities())[0]?.StatusCode).toBe('Successful');
  });

  test('detaching and at once scaling in loses the rest of the draining', async () => {
    const { clock, createGroup, targetGroup, attach, detach, resize, machines, health } = setUp();
    const arn = await targetGroup('app', 60);
    await createGroup({ DesiredCapacity: 1 });
    await attach(arn);
    await clock.advance(SETTLED_SECONDS);
    await detach(arn);
    await resize(0);
    await clock.advance(10);
    expect(machines.running()).toEqual([]);
    expect(await health(arn)).toEqual(['draining']);
  });

  test('with AddToLoadBalancer suspended new instances are not registered, later neither', async () => {
    const { clock, createGroup, targetGroup, attach, suspend, resume, resize, health } = setUp();
    const arn = await targetGroup();
    await createGroup();
    await attach(arn);
    await clock.advance(SETTLED_SECONDS);
    await suspend('AddToLoadBalancer');
    await resize(1);
    await clock.advance(SETTLED_SECONDS);
    await resume('AddToLoadBalancer');
    await clock.advance(SETTLED_SECONDS);
    expect(await health(arn)).toEqual([]);
    await resize(2);
    await clock.advance(SETTLED_SECONDS);
    expect(await health(arn)).toEqual(['healthy']);
  });

  test('a deleted target group that is still attached stops the group launching', async () => {
    const { clock, balancers, createGroup, attach, detach, resize, states, activities, attachments } = setUp();
    const input = { Name: 'unused', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } as const;
    const created = await balancers.send(new v2.CreateTargetGroupCommand(input));
    const TargetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn as string;
    await createGroup();
    await attach(TargetGroupArn);
    await clock.advance(SETTLED_SECONDS);
    await balancers.send(new v2.DeleteTargetGroupCommand({ TargetGroupArn }));
    await resize(1);
    await clock.advance(SETTLED_SECONDS);
    expect(await states()).toEqual([]);
    expect((await activities())[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringContaining('One or more target groups not found'),
    });
    await detach(TargetGroupArn);
    await clock.advance(60);
    expect(await attachments()).toEqual([]);
    expect(await states()).toEqual(['InService']);
  });

  test('attaching twice is no error, attaching what is not there and detaching what is not attached are', async () => {
    const { createGroup, targetGroup, attach, detach, attachments } = setUp();
    const arn = await targetGroup();
    await createGroup();
    await attach(arn);
    await attach(arn);
    expect(await attachments()).toEqual(['Adding']);
    await expect(attach(`${arn}0`)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Provided Target Groups may not be valid. Please ensure they exist and try again.',
    });
    await detach(arn);
    await expect(detach(arn)).rejects.toMatchObject({
      message: 'Trying to remove Target Groups that are not part of the group',
    });
  });

  test('are made 10 a call, and 50 a group', async () => {
    const { clock, balancers, createGroup, attach } = setUp();
    await createGroup();
    const arns: string[] = [];
    for (let index = 0; index < 51; index += 1) {
      const input = { Name: `group-${index}`, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } as const;
      const created = await balancers.send(new v2.CreateTargetGroupCommand(input));
      arns.push(created.TargetGroups?.[0]?.TargetGroupArn as string);
    }
    await expect(attach(...arns.slice(0, 11))).rejects.toMatchObject({ name: 'ValidationError' });
    for (let start = 0; start < 50; start += 10) {
      await attach(...arns.slice(start, start + 10));
      await clock.advance(SETTLED_SECONDS);
    }
    await expect(attach(arns[50] as string)).rejects.toMatchObject({ name: 'LimitExceededFault' });
  });

  test('the v1 calls do not see traffic sources', async () => {
    const { clock, client, createGroup, targetGroup, attachments, detach, health } = setUp();
    const arn = await targetGroup('app', 0);
    const TrafficSources = [{ Identifier: arn, Type: 'elbv2' }];
    await createGroup({ DesiredCapacity: 1 });
    await client.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName: 'was', TrafficSources }));
    await clock.advance(SETTLED_SECONDS);
    const described = await client.send(new DescribeTrafficSourcesCommand({ AutoScalingGroupName: 'was' }));
    expect(described.TrafficSources).toEqual([{ TrafficSource: arn, Identifier: arn, Type: 'elbv2', State: 'Added' }]);
    expect(await health(arn)).toEqual(['healthy']);
    expect(await attachments()).toEqual([]);
    await expect(detach(arn)).rejects.toMatchObject({ name: 'ValidationError' });
    await client.send(new DetachTrafficSourcesCommand({ AutoScalingGroupName: 'was', TrafficSources }));
    await clock.advance(3);
    expect(await health(arn)).toEqual([]);
  });

  test.each([
    [true, { TargetGroupARNs: 2, TrafficSources: 2 }],
    [false, { TargetGroupARNs: 1, TrafficSources: 1 }],
  ])('listed both ways: %s', async (listsAttachmentsBothWays, counts) => {
    const { client, createGroup, targetGroup, attach, group } = setUp({ listsAttachmentsBothWays });
    const TrafficSources = [{ Identifier: await targetGroup('source') }];
    await createGroup({ TrafficSources });
    await attach(await targetGroup('v1'));
    const { TargetGroupARNs, TrafficSources: listed } = (await group()) ?? {};
    const described = await client.send(new DescribeTrafficSourcesCommand({ AutoScalingGroupName: 'was' }));
    expect({ TargetGroupARNs: TargetGroupARNs?.length, TrafficSources: listed?.length }).toEqual(counts);
    expect(described.TrafficSources).toHaveLength(counts.TrafficSources);
  });

  test('Classic Load Balancers are attached by their names', async () => {
    const { clock, client, classic, createGroup, group } = setUp();
    await classic.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName: 'old',
        Subnets: ['subnet-a'],
        Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }],
      }),
    );
    await createGroup();
    const LoadBalancerNames = ['old'];
    await client.send(new AttachLoadBalancersCommand({ AutoScalingGroupName: 'was', LoadBalancerNames }));
    await clock.advance(3);
    const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ AutoScalingGroupName: 'was' }));
    expect(LoadBalancers).toEqual([{ LoadBalancerName: 'old', State: 'Added' }]);
    expect((await group())?.LoadBalancerNames).toEqual(['old']);
    const unknown = new AttachLoadBalancersCommand({ AutoScalingGroupName: 'was', LoadBalancerNames: ['none'] });
    await expect(client.send(unknown)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('health', () => {
  async function servingWithElbChecks(gracePeriodSeconds: number) {
    const all = setUp({ healthCheckSeconds: 10 });
    const arn = await all.targetGroup('app', 0);
    const HealthCheckGracePeriod = gracePeriodSeconds;
    await all.createGroup({ HealthCheckType: 'ELB', HealthCheckGracePeriod, DesiredCapacity: 1 });
    await all.attach(arn);
    await all.clock.advance(SETTLED_SECONDS);
    expect(await all.attachments()).toEqual(['InService']);
    const id = (await all.instances())[0]?.InstanceId as string;
    return { ...all, arn, id };
  }

  test('an instance that its load balancer finds unhealthy is replaced', async () => {
    const { clock, machines, id, instances } = await servingWithElbChecks(0);
    machines.setHealth(id, 500);
    await clock.advance(120);
    const after = await instances();
    expect(after.map((one) => one.LifecycleState)).toEqual(['InService']);
    expect(after[0]?.InstanceId).not.toBe(id);
  });

  test('within the grace period it stays', async () => {
    const { clock, machines, id, instances } = await servingWithElbChecks(300);
    machines.setHealth(id, 500);
    await clock.advance(200);
    expect((await instances())[0]).toMatchObject({ InstanceId: id, HealthStatus: 'Healthy' });
    await clock.advance(200);
    expect((await instances())[0]?.InstanceId).not.toBe(id);
  });

  test('while HealthCheck is suspended nothing is judged', async () => {
    const { clock, machines, id, instances, suspend, resume } = await servingWithElbChecks(0);
    await suspend('HealthCheck');
    machines.setHealth(id, 500);
    await clock.advance(200);
    expect((await instances())[0]).toMatchObject({ InstanceId: id, HealthStatus: 'Healthy' });
    await resume('HealthCheck');
    await clock.advance(120);
    expect((await instances())[0]?.InstanceId).not.toBe(id);
  });

  test('while ReplaceUnhealthy is suspended the unhealthy stay', async () => {
    const { clock, machines, id, instances, suspend } = await servingWithElbChecks(0);
    await suspend('ReplaceUnhealthy');
    machines.setHealth(id, 500);
    await clock.advance(200);
    expect((await instances())[0]).toMatchObject({ InstanceId: id, HealthStatus: 'Unhealthy' });
  });

  test('a load balancer that has accepted no instance yet kills none', async () => {
    const { clock, createGroup, targetGroup, attach, machines, instances, attachments } = setUp();
    const arn = await targetGroup();
    await createGroup({ HealthCheckType: 'ELB', DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    const id = (await instances())[0]?.InstanceId as string;
    machines.setHealth(id, 500);
    await attach(arn);
    await clock.advance(200);
    expect(await attachments()).toEqual(['Added']);
    expect((await instances())[0]).toMatchObject({ InstanceId: id, HealthStatus: 'Healthy' });
  });

  test('a lost machine is replaced, whatever the health check type', async () => {
    const { clock, autoScaling, createGroup, instances, machines } = setUp();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    const id = (await instances())[0]?.InstanceId as string;
    autoScaling.failInstance(id);
    await clock.advance(60);
    expect(machines.running().map((one) => one.instanceId)).not.toContain(id);
    expect((await instances()).map((one) => one.LifecycleState)).toEqual(['InService']);
  });

  test('an operator may call an instance unhealthy', async () => {
    const { clock, client, createGroup, instances } = setUp();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    const InstanceId = (await instances())[0]?.InstanceId as string;
    await client.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy' }));
    const described = await client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [InstanceId] }));
    expect(described.AutoScalingInstances).toMatchObject([{ AutoScalingGroupName: 'was', HealthStatus: 'UNHEALTHY' }]);
    await clock.advance(SETTLED_SECONDS);
    expect((await instances())[0]?.InstanceId).not.toBe(InstanceId);
  });
});

describe('scheduled actions', () => {
  const at = (seconds: number) => new Date(START.getTime() + seconds * 1000);
  function setUpActions() {
    const all = setUp();
    const put = (input: Partial<PutScheduledUpdateGroupActionCommandInput>) =>
      all.client.send(
        new PutScheduledUpdateGroupActionCommand({
          AutoScalingGroupName: 'was',
          ScheduledActionName: 'morning',
          ...input,
        }),
      );
    const described = async () => {
      const answer = await all.client.send(new DescribeScheduledActionsCommand({ AutoScalingGroupName: 'was' }));
      return answer.ScheduledUpdateGroupActions ?? [];
    };
    return { ...all, put, described };
  }

  test('a one-off action sets the sizes at its time and is gone', async () => {
    const { clock, createGroup, put, described, group } = setUpActions();
    await createGroup();
    await put({ StartTime: at(3600), MinSize: 1, MaxSize: 3, DesiredCapacity: 2 });
    await clock.advance(3599);
    expect(await group()).toMatchObject({ MinSize: 0, DesiredCapacity: 0 });
    await clock.advance(2);
    expect(await group()).toMatchObject({ MinSize: 1, MaxSize: 3, DesiredCapacity: 2 });
    expect(await described()).toEqual([]);
  });

  test('a start time in the past is refused', async () => {
    const { createGroup, put } = setUpActions();
    await createGroup();
    await expect(put({ StartTime: at(-1), DesiredCapacity: 1 })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Given start time is in the past',
    });
  });

  test('actions due while suspended are skipped', async () => {
    const { clock, createGroup, put, suspend, resume, group } = setUpActions();
    await createGroup();
    await put({ StartTime: at(60), DesiredCapacity: 1 });
    await suspend('ScheduledActions');
    await clock.advance(61);
    await resume('ScheduledActions');
    await clock.advance(60);
    expect((await group())?.DesiredCapacity).toBe(0);
  });

  test('a recurring action comes again, in its time zone, until its end', async () => {
    const { clock, createGroup, put, described, group, resize } = setUpActions();
    await createGroup();
    await put({ Recurrence: '0 9 * * *', TimeZone: 'Asia/Seoul', DesiredCapacity: 1, EndTime: at(3.5 * 24 * 3600) });
    expect((await described())[0]).toMatchObject({
      StartTime: new Date('2030-01-02T00:00:00Z'),
      TimeZone: 'Asia/Seoul',
    });
    await clock.advance(24 * 3600 + 1);
    expect((await group())?.DesiredCapacity).toBe(1);
    await resize(0);
    await clock.advance(24 * 3600);
    expect((await group())?.DesiredCapacity).toBe(1);
    await clock.advance(2 * 24 * 3600);
    expect(await described()).toEqual([]);
  });

  test.each([['0 9 * *'], ['60 * * * *'], ['@daily'], ['0 9 * * MON']])(
    'the recurrence %s is refused',
    async (Recurrence) => {
      const { createGroup, put } = setUpActions();
      await createGroup();
      await expect(put({ Recurrence, DesiredCapacity: 1 })).rejects.toMatchObject({ name: 'ValidationError' });
    },
  );

  test('a deleted action does nothing', async () => {
    const { clock, client, createGroup, put, group } = setUpActions();
    await createGroup();
    await put({ StartTime: at(60), DesiredCapacity: 1 });
    const ScheduledActionName = 'morning';
    await client.send(new DeleteScheduledActionCommand({ AutoScalingGroupName: 'was', ScheduledActionName }));
    await clock.advance(120);
    expect((await group())?.DesiredCapacity).toBe(0);
  });
});

describe('deleting a group', () => {
  const remove = (client: AutoScalingClient, ForceDelete?: boolean) =>
    client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'was', ForceDelete }));

  test('is refused while it has instances, unless forced', async () => {
    const { clock, client, createGroup, group, machines } = setUp();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    await expect(remove(client)).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    await remove(client, true);
    expect((await group())?.Status).toBe('Delete in progress');
    await clock.advance(SETTLED_SECONDS);
    expect(await group()).toBeUndefined();
    expect(machines.running()).toEqual([]);
  });

  test('is refused while its last instances terminate', async () => {
    const { clock, client, createGroup, resize } = setUp();
    await createGroup({ DesiredCapacity: 1 });
    await clock.advance(SETTLED_SECONDS);
    await resize(0);
    await clock.advance(2);
    await expect(remove(client)).rejects.toMatchObject({ name: 'ScalingActivityInProgressFault' });
  });

  test('is refused with deletion protection', async () => {
    const { client, createGroup } = setUp();
    await createGroup({ DeletionProtection: 'prevent-force-deletion' });
    await expect(remove(client, true)).rejects.toMatchObject({ name: 'ValidationError' });
    await remove(client);
  });
});

describe('instance refreshes and warm pools', () => {
  const AutoScalingGroupName = 'was';

  test('a refresh replaces the instances one by one', async () => {
    const { clock, client, createGroup, instances } = setUp();
    await createGroup({ DesiredCapacity: 2 });
    await clock.advance(SETTLED_SECONDS);
    const before = (await instances()).map((one) => one.InstanceId);
    const refresh = () => client.send(new StartInstanceRefreshCommand({ AutoScalingGroupName }));
    await refresh();
    await expect(refresh()).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault' });
    const statuses = async () => {
      const answer = await client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }));
      return answer.InstanceRefreshes?.map((one) => one.Status);
    };
    await clock.advance(2);
    expect(await statuses()).toEqual(['InProgress']);
    const left = (await instances()).filter((one) => one.LifecycleState === 'InService').map((one) => one.InstanceId);
    expect(left).toEqual([before[1]]);
    await clock.advance(120);
    expect(await statuses()).toEqual(['Successful']);
    const after = await instances();
    expect(after.map((one) => one.LifecycleState)).toEqual(['InService', 'InService']);
    expect(before).not.toContain(after[0]?.InstanceId);
  });

  test('an empty warm pool can be had; one with instances is refused', async () => {
    const { client, createGroup, group } = setUp();
    await createGroup();
    await expect(client.send(new PutWarmPoolCommand({ AutoScalingGroupName }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await client.send(new PutWarmPoolCommand({ AutoScalingGroupName, MaxGroupPreparedCapacity: 0 }));
    expect((await group())?.WarmPoolConfiguration).toMatchObject({ MaxGroupPreparedCapacity: 0 });
    const { WarmPoolConfiguration } = await client.send(new DescribeWarmPoolCommand({ AutoScalingGroupName }));
    expect(WarmPoolConfiguration).toBeDefined();
    await client.send(new DeleteWarmPoolCommand({ AutoScalingGroupName }));
    expect((await group())?.WarmPoolConfiguration).toBeUndefined();
  });
});

test('what is not part of this embedded AWS is refused', async () => {
  const { client, createGroup } = setUp();
  await createGroup();
  const policy = { AutoScalingGroupName: 'was', PolicyName: 'by-load', PolicyType: 'StepScaling' };
  const scaling = client.send(new PutScalingPolicyCommand(policy));
  await expect(scaling).rejects.toMatchObject({ name: 'ValidationError' });
  const mixed = { MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 1 } } };
  await expect(createGroup({ AutoScalingGroupName: 'mixed', ...mixed })).rejects.toMatchObject({
    name: 'ValidationError',
  });
  const newest = createGroup({ AutoScalingGroupName: 'newest', TerminationPolicies: ['NewestInstance'] });
  await expect(newest).rejects.toMatchObject({ name: 'ValidationError' });
});

test('an unknown group is a validation error, or left out of a description', async () => {
  const { group, resize } = setUp();
  expect(await group('none')).toBeUndefined();
  await expect(resize(1)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('AutoScalingGroup name not found'),
  });
});
