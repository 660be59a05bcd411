/** The states of targets, and how they come and go. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  AttachLoadBalancerTargetGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import {
  attachmentState,
  createGroup,
  createLoadBalancer,
  createServing,
  createTargetGroup,
  describeGroup,
  forward,
  HEALTHY_LIMIT_SECONDS,
  REACTION_LIMIT_SECONDS,
  setDeregistrationDelay,
  targetHealth,
  untilActive,
  untilInService,
} from './fleet';
import { refusalOf } from './refusal';

const ONE = { MinSize: 0, DesiredCapacity: 1, MaxSize: 1 };
const PORTS = 101;

export const TARGET_HEALTH: readonly ConformanceCase[] = [
  {
    name: 'Targets are unused (Target.NotInUse) while no listener refers to them',
    source: 'ELB API Reference, TargetHealth',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const targetGroup = await createTargetGroup(context);
      const group = await createGroup(context, { ...ONE, TargetGroupARNs: [targetGroup] });
      const [instance = ''] = await untilInService(context, group, 1);
      const health = await untilRegistered(context, targetGroup, instance);
      deepEqual([health.State, health.Reason], ['unused', 'Target.NotInUse']);
    },
  },
  {
    name: 'Targets in a zone that the load balancer is not in are unused, too',
    source: 'ELB API Reference, TargetHealth: Target.NotInUse',
    needs: ['network', 'third zone', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { targetGroupArn } = await createServing(context);
      const VPCZoneIdentifier = context.given.subnetIds[2];
      const group = await createGroup(context, { ...ONE, VPCZoneIdentifier, TargetGroupARNs: [targetGroupArn] });
      const [instance = ''] = await untilInService(context, group, 1);
      await untilState(context, targetGroupArn, instance, 'unused');
      equal((await targetHealth(context, targetGroupArn)).get(instance)?.Reason, 'Target.NotInUse');
    },
  },
  {
    name: 'On an ALB one passed check makes a new target healthy',
    source: 'ELB User Guide, Health checks for Application Load Balancer target groups',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const slow = await createTargetGroup(context, { HealthCheckIntervalSeconds: 30, HealthyThresholdCount: 10 });
      const { targetGroupArn, loadBalancerArn } = await createServing(context);
      const group = await createGroup(context, { ...ONE, TargetGroupARNs: [targetGroupArn] });
      const [Id = ''] = await untilInService(context, group, 1);
      await untilState(context, targetGroupArn, Id, 'healthy');
      await listen(context, loadBalancerArn, slow, 81);
      await context.clients.loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn: slow, Targets: [{ Id }] }));
      const { State, Reason } = (await targetHealth(context, slow)).get(Id) ?? {};
      ok(
        State === 'healthy' || (State === 'initial' && Reason?.startsWith('Elb.')),
        `at first it is ${State}, ${Reason}`,
      );
      await context.until('it is healthy before ten checks', 150, () => isState(context, slow, Id, 'healthy'));
    },
  },
  {
    name: 'On an NLB a new target is initial for a minute or more',
    source: 'ELB User Guide, Target groups for your Network Load Balancers; observed',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const plain = { Protocol: 'TCP', Matcher: undefined, HealthCheckPath: undefined } as const;
      const targetGroup = await createTargetGroup(context, plain);
      const { LoadBalancerArn } = await createLoadBalancer(context, { Type: 'network' });
      await forward(context, LoadBalancerArn, targetGroup, 'TCP');
      await untilActive(context, LoadBalancerArn);
      const group = await createGroup(context, { ...ONE, TargetGroupARNs: [targetGroup] });
      const [instance = ''] = await untilInService(context, group, 1);
      const { State, Reason } = await untilRegistered(context, targetGroup, instance);
      deepEqual([State, Reason], ['initial', 'Elb.RegistrationInProgress']);
      await context.sleep(45);
      equal((await targetHealth(context, targetGroup)).get(instance)?.State, 'initial', 'after 45 s');
      await untilState(context, targetGroup, instance, 'healthy');
    },
  },
  {
    name: 'A target that answers another status is unhealthy, and it is told why',
    source: 'ELB API Reference, TargetHealth: Target.ResponseCodeMismatch',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { targetGroupArn } = await createServing(context, { Matcher: { HttpCode: '299' } });
      const settings = { ...ONE, HealthCheckType: 'EC2', TargetGroupARNs: [targetGroupArn] };
      const [instance = ''] = await untilInService(context, await createGroup(context, settings), 1);
      await context.until('it is told that the status does not match', HEALTHY_LIMIT_SECONDS, async () => {
        const { State, Reason } = (await targetHealth(context, targetGroupArn)).get(instance) ?? {};
        return State === 'unhealthy' && Reason === 'Target.ResponseCodeMismatch';
      });
    },
  },
  {
    name: 'A detached target drains for the whole delay, though nobody uses it',
    source: 'ELB User Guide, Deregistration delay',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { targetGroupArn } = await createServing(context);
      await setDeregistrationDelay(context, targetGroupArn, 120);
      const group = await createGroup(context, { ...ONE, TargetGroupARNs: [targetGroupArn] });
      const [instance = ''] = await untilInService(context, group, 1);
      await untilState(context, targetGroupArn, instance, 'healthy');
      const TargetGroupARNs = [targetGroupArn];
      await context.clients.autoScaling.send(
        new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: group, TargetGroupARNs }),
      );
      await untilState(context, targetGroupArn, instance, 'draining');
      await context.sleep(90);
      const { State, Reason } = (await targetHealth(context, targetGroupArn)).get(instance) ?? {};
      deepEqual([State, Reason], ['draining', 'Target.DeregistrationInProgress'], 'before the delay is over');
      equal(await attachmentState(context, group, targetGroupArn), 'Removing');
      await context.until(
        'the target is gone',
        180,
        async () => !(await targetHealth(context, targetGroupArn)).has(instance),
      );
      await context.until('the attachment is gone', REACTION_LIMIT_SECONDS, async () => {
        return (await attachmentState(context, group, targetGroupArn)) === undefined;
      });
    },
  },
  {
    name: 'An instance can be registered by hand: its group does not tell',
    source: 'ELB API Reference, RegisterTargets; Amazon EC2 Auto Scaling API Reference, AutoScalingGroup',
    needs: ['network', 'launch template', 'instances', 'load balancer', 'minutes'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const { targetGroupArn: TargetGroupArn } = await createServing(context);
      const group = await createGroup(context, ONE);
      const [Id = ''] = await untilInService(context, group, 1);
      await loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
      await untilState(context, TargetGroupArn, Id, 'healthy');
      const { TargetGroupARNs, TrafficSources } = (await describeGroup(context, group)) ?? {};
      deepEqual([TargetGroupARNs ?? [], TrafficSources ?? []], [[], []]);
      const sizes = { AutoScalingGroupName: group, DesiredCapacity: 0 };
      await context.clients.autoScaling.send(new UpdateAutoScalingGroupCommand(sizes));
      await context.until('nothing is sent to it when it is terminated', HEALTHY_LIMIT_SECONDS, async () => {
        const { Instances = [] } = (await describeGroup(context, group)) ?? {};
        const { State } = (await targetHealth(context, TargetGroupArn)).get(Id) ?? {};
        return Instances.length === 0 && State !== 'healthy' && State !== 'draining';
      });
      const again = loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
      await refusalOf(again, 'InvalidTargetException');
      await loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
    },
  },
  {
    name: 'A target group of addresses lists them, and takes no group',
    source: 'ELB API Reference, CreateTargetGroup: TargetType; the words were observed (hashicorp/terraform#18674)',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const { loadBalancing, autoScaling, ec2 } = context.clients;
      const TargetGroupArn = await createTargetGroup(context, { TargetType: 'ip' });
      const group = await createGroup(context, ONE);
      const [id = ''] = await untilInService(context, group, 1);
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      const Id = Reservations[0]?.Instances?.[0]?.PrivateIpAddress ?? '';
      await loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
      deepEqual([...(await targetHealth(context, TargetGroupArn)).keys()], [Id]);
      const TargetGroupARNs = [TargetGroupArn];
      const command = new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: group, TargetGroupARNs });
      const { message } = await refusalOf(autoScaling.send(command), 'ValidationError');
      match(message, /has invalid target type/);
    },
  },
  {
    name: 'DescribeTargetHealth answers all targets at once, not page by page',
    source: 'ELB API Reference, DescribeTargetHealth',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const { loadBalancing } = context.clients;
      const TargetGroupArn = await createTargetGroup(context);
      const [Id = ''] = await untilInService(context, await createGroup(context, ONE), 1);
      const Targets = Array.from({ length: PORTS }, (_, index) => ({ Id, Port: 9000 + index }));
      await loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
      const command = new DescribeTargetHealthCommand({ TargetGroupArn });
      equal((await loadBalancing.send(command)).TargetHealthDescriptions?.length, PORTS);
    },
  },
];

async function listen(context: Context, LoadBalancerArn: string, TargetGroupArn: string, Port: number): Promise<void> {
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  const command = new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions });
  await context.clients.loadBalancing.send(command);
}

function untilRegistered(context: Context, targetGroupArn: string, instance: string): Promise<TargetHealth> {
  return context.until('the instance is registered', REACTION_LIMIT_SECONDS, async () => {
    return (await targetHealth(context, targetGroupArn)).get(instance);
  });
}

async function untilState(context: Context, targetGroupArn: string, instance: string, state: string): Promise<void> {
  await context.until(`the target is ${state}`, HEALTHY_LIMIT_SECONDS, () =>
    isState(context, targetGroupArn, instance, state),
  );
}

async function isState(context: Context, targetGroupArn: string, instance: string, state: string): Promise<boolean> {
  return (await targetHealth(context, targetGroupArn)).get(instance)?.State === state;
}
