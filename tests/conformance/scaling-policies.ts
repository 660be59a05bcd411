/** Scaling policies: what they are refused with, and what they do to a group. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  DeletePolicyCommand,
  DescribePoliciesCommand,
  ExecutePolicyCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import {
  attach,
  createGroup,
  createLoadBalancer,
  createTargetGroup,
  describeGroup,
  forward,
  untilAttached,
  untilInService,
} from './fleet';
import { refusalOf } from './refusal';

const PolicyName = 'by-load';

export const SCALING_POLICIES: readonly ConformanceCase[] = [
  {
    name: 'A simple policy changes the size, within the limits of its group',
    source: 'Amazon EC2 Auto Scaling User Guide, Step and simple scaling policies: scaling adjustment types',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, { MaxSize: 2 });
      const execute = () => executePolicy(context, group, false);
      const desired = async () => (await describeGroup(context, group))?.DesiredCapacity;
      await put(context, group, { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 });
      await execute();
      equal(await desired(), 1);
      await put(context, group, { AdjustmentType: 'PercentChangeInCapacity', ScalingAdjustment: 10 });
      await execute();
      equal(await desired(), 2, 'of 10 % of 1');
      await put(context, group, { AdjustmentType: 'ExactCapacity', ScalingAdjustment: 5 });
      await execute();
      equal(await desired(), 2, 'of a maximum of 2');
    },
  },
  {
    name: 'A policy that honors the cooldown is refused after a scaling activity',
    source: 'Amazon EC2 Auto Scaling API Reference, ExecutePolicy: HonorCooldown',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const group = await createGroup(context, { DesiredCapacity: 1, MaxSize: 2, DefaultCooldown: 3600 });
      await untilInService(context, group, 1);
      await put(context, group, { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 });
      await refusalOf(executePolicy(context, group, true), 'ScalingActivityInProgressFault');
    },
  },
  {
    name: 'While Launch is suspended a policy launches nothing',
    source: 'Amazon EC2 Auto Scaling User Guide, How suspended processes affect other processes',
    needs: ['network', 'launch template', 'instances', 'minutes'],
    async run(context) {
      const group = await createGroup(context, { MaxSize: 1 });
      const processes = { AutoScalingGroupName: group, ScalingProcesses: ['Launch'] };
      await context.clients.autoScaling.send(new SuspendProcessesCommand(processes));
      await put(context, group, { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 });
      await executePolicy(context, group, false).catch(() => {}); // refused, or without effect
      await context.sleep(90);
      deepEqual((await describeGroup(context, group))?.Instances, []);
    },
  },
  {
    name: 'Target tracking makes two alarms, and one where it does not scale in',
    source: 'Amazon EC2 Auto Scaling API Reference, PutScalingPolicy: the example; TargetTrackingConfiguration',
    needs: ['network', 'launch template'],
    async run(context) {
      const group = await createGroup(context);
      const track = async (DisableScaleIn: boolean) => {
        const metric = { PredefinedMetricType: 'ASGAverageCPUUtilization' } as const;
        const { Alarms = [] } = await put(context, group, tracking(metric, DisableScaleIn));
        return Alarms.map(({ AlarmName = '' }) => AlarmName.replace(/^(TargetTracking-).*-(Alarm\w+)-[\w-]+$/, '$1$2'));
      };
      deepEqual(await track(false), ['TargetTracking-AlarmHigh', 'TargetTracking-AlarmLow']);
      const described = await describe(context, group);
      equal(described?.PolicyType, 'TargetTrackingScaling');
      equal(described?.TargetTrackingConfiguration?.TargetValue, 50);
      await context.clients.autoScaling.send(new DeletePolicyCommand({ AutoScalingGroupName: group, PolicyName }));
      equal(await describe(context, group), undefined);
      deepEqual(await track(true), ['TargetTracking-AlarmHigh']);
    },
  },
  {
    name: 'Requests are counted of a target group that is attached, else: refused',
    source: 'Amazon EC2 Auto Scaling API Reference, PredefinedMetricSpecification: ResourceLabel',
    needs: ['network', 'launch template', 'load balancer'],
    async run(context) {
      const [group, targetGroup] = [await createGroup(context), await createTargetGroup(context)];
      const { LoadBalancerArn } = await createLoadBalancer(context);
      await forward(context, LoadBalancerArn, targetGroup);
      const label = `${LoadBalancerArn.split(':loadbalancer/')[1]}/${targetGroup.split(':').at(-1)}`;
      const track = (ResourceLabel?: string) =>
        put(context, group, tracking({ PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel }));
      await refusalOf(track(), 'ValidationError');
      await refusalOf(track(label), 'ValidationError');
      await attach(context, group, targetGroup);
      await untilAttached(context, group, targetGroup, 'Added');
      await track(label);
      const metric = (await describe(context, group))?.TargetTrackingConfiguration?.PredefinedMetricSpecification;
      ok(metric?.ResourceLabel === label, `the label is told as ${metric?.ResourceLabel}`);
    },
  },
];

type Policy = Partial<PutScalingPolicyCommandInput>;
type Tracking = NonNullable<Policy['TargetTrackingConfiguration']>;

function tracking(
  PredefinedMetricSpecification: Tracking['PredefinedMetricSpecification'],
  DisableScaleIn = false,
): Policy {
  return {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: { TargetValue: 50, DisableScaleIn, PredefinedMetricSpecification },
  };
}

function put(context: Context, AutoScalingGroupName: string, policy: Policy) {
  return context.clients.autoScaling.send(new PutScalingPolicyCommand({ AutoScalingGroupName, PolicyName, ...policy }));
}

function executePolicy({ clients }: Context, AutoScalingGroupName: string, HonorCooldown: boolean) {
  return clients.autoScaling.send(new ExecutePolicyCommand({ AutoScalingGroupName, PolicyName, HonorCooldown }));
}

async function describe({ clients }: Context, AutoScalingGroupName: string) {
  return (await clients.autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName }))).ScalingPolicies?.[0];
}
