/** Groups, target groups and load balancers of a case: made, and registered to be taken away. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLoadBalancerTargetGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  type LoadBalancer,
  ModifyTargetGroupAttributesCommand,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from './context';

/** A load balancer takes minutes to be active, an instance to be in service and to answer. */
export const PROVISIONING_LIMIT_SECONDS = 600;
export const HEALTHY_LIMIT_SECONDS = 600;
export const LAUNCH_LIMIT_SECONDS = 300;
/** How far what Auto Scaling does lags behind what it was told. */
export const REACTION_LIMIT_SECONDS = 180;

/** The target group's settings: whatever an instance answers over HTTP is healthy. */
export function targetGroupOf(context: Context): CreateTargetGroupCommandInput {
  return {
    Name: context.name(),
    Protocol: 'HTTP',
    Port: context.given.port,
    VpcId: context.given.vpcId,
    HealthCheckPath: '/',
    HealthCheckIntervalSeconds: 10,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200-499' },
  };
}

/** Answers its ARN. */
export async function createTargetGroup(
  context: Context,
  settings: Partial<CreateTargetGroupCommandInput> = {},
): Promise<string> {
  const command = new CreateTargetGroupCommand({ ...targetGroupOf(context), ...settings });
  const { TargetGroups } = await context.clients.loadBalancing.send(command);
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  context.afterwards(() => deleteTargetGroup(context, TargetGroupArn));
  return TargetGroupArn;
}

/** For a moment after the load balancer that used it is gone it still counts as in use. */
async function deleteTargetGroup(context: Context, TargetGroupArn: string): Promise<void> {
  const attempt = () => context.clients.loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  await context.until('the target group is deleted', REACTION_LIMIT_SECONDS, () => unlessInUse(attempt()));
}

/** Undefined where the target group is in use. */
export function unlessInUse<Answer>(deletion: Promise<Answer>): Promise<Answer | undefined> {
  return deletion.catch((error: Error) => {
    if (error.name !== 'ResourceInUseException') throw error;
    return undefined;
  });
}

/** Internal, so that it needs no way to the internet. */
export function loadBalancerOf(context: Context): CreateLoadBalancerCommandInput {
  const { securityGroupId, subnetIds } = context.given;
  return {
    Name: context.name(),
    Scheme: 'internal',
    Subnets: subnetIds.slice(0, 2),
    ...(securityGroupId !== undefined && { SecurityGroups: [securityGroupId] }),
  };
}

export async function createLoadBalancer(
  context: Context,
  settings: Partial<CreateLoadBalancerCommandInput> = {},
): Promise<LoadBalancer & { LoadBalancerArn: string }> {
  const { loadBalancing } = context.clients;
  const command = new CreateLoadBalancerCommand({ ...loadBalancerOf(context), ...settings });
  const [created] = (await loadBalancing.send(command)).LoadBalancers ?? [];
  const LoadBalancerArn = created?.LoadBalancerArn ?? '';
  context.afterwards(() => loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })));
  return { ...created, LoadBalancerArn };
}

export async function untilActive(context: Context, loadBalancerArn: string): Promise<void> {
  const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancerArn] });
  await context.until(
    'the load balancer is active',
    PROVISIONING_LIMIT_SECONDS,
    async () => {
      const { LoadBalancers } = await context.clients.loadBalancing.send(command);
      return LoadBalancers?.[0]?.State?.Code === 'active';
    },
    30,
  );
}

/** An HTTP (or TCP) listener on port 80 that forwards to the target group; answers its ARN. It goes with the load balancer. */
export async function forward(
  context: Context,
  LoadBalancerArn: string,
  TargetGroupArn: string,
  Protocol: 'HTTP' | 'TCP' = 'HTTP',
): Promise<string> {
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  const command = new CreateListenerCommand({ LoadBalancerArn, Protocol, Port: 80, DefaultActions });
  return (await context.clients.loadBalancing.send(command)).Listeners?.[0]?.ListenerArn ?? '';
}

/** A target group behind an active load balancer; answers its ARN. */
export async function createServing(
  context: Context,
  settings: Partial<CreateTargetGroupCommandInput> = {},
): Promise<{ targetGroupArn: string; loadBalancerArn: string }> {
  const targetGroupArn = await createTargetGroup(context, settings);
  const { LoadBalancerArn } = await createLoadBalancer(context);
  await forward(context, LoadBalancerArn, targetGroupArn);
  await untilActive(context, LoadBalancerArn);
  return { targetGroupArn, loadBalancerArn: LoadBalancerArn };
}

export async function setDeregistrationDelay(context: Context, TargetGroupArn: string, seconds: number): Promise<void> {
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) }];
  await context.clients.loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
}

/** By instance. */
export async function targetHealth(context: Context, TargetGroupArn: string): Promise<Map<string, TargetHealth>> {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn });
  const { TargetHealthDescriptions = [] } = await context.clients.loadBalancing.send(command);
  return new Map(TargetHealthDescriptions.map(({ Target, TargetHealth = {} }) => [Target?.Id ?? '', TargetHealth]));
}

/** A group of no instances, unless the settings say otherwise; answers its name. */
export async function createGroup(
  context: Context,
  settings: Partial<CreateAutoScalingGroupCommandInput> = {},
): Promise<string> {
  const { launchTemplateName: LaunchTemplateName, subnetIds } = context.given;
  const AutoScalingGroupName = context.name();
  const command = new CreateAutoScalingGroupCommand({
    AutoScalingGroupName,
    ...(settings.MixedInstancesPolicy ? {} : { LaunchTemplate: { LaunchTemplateName, Version: '$Latest' } }),
    ...{ MinSize: 0, DesiredCapacity: 0, MaxSize: 0, VPCZoneIdentifier: subnetIds.slice(0, 2).join(',') },
    ...settings,
  });
  await context.clients.autoScaling.send(command);
  context.afterwards(() => deleteGroup(context, AutoScalingGroupName));
  return AutoScalingGroupName;
}

/** Waits until its instances are gone, too: what they are registered with goes next. */
export async function deleteGroup(context: Context, AutoScalingGroupName: string): Promise<void> {
  const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true });
  const attempt = async () => {
    const group = await describeGroup(context, AutoScalingGroupName);
    if (!group) return true;
    const isAccepted = await acceptedUnlessBusy(context.clients.autoScaling.send(command));
    return isAccepted && group.Instances?.length === 0;
  };
  await context.until('the group is deleted', LAUNCH_LIMIT_SECONDS, attempt, 15);
}

/** A group that is in the middle of something can be deleted later. */
function acceptedUnlessBusy(deletion: Promise<unknown>): Promise<boolean> {
  return deletion.then(
    () => true,
    (error: Error) => {
      if (/^(ScalingActivityInProgress|ResourceContention)/.test(error.name)) return false;
      throw error;
    },
  );
}

export async function describeGroup(context: Context, name: string): Promise<AutoScalingGroup | undefined> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await context.clients.autoScaling.send(command)).AutoScalingGroups?.[0];
}

/** The ids of so many instances, once they are in service. */
export function untilInService(context: Context, groupName: string, count: number): Promise<string[]> {
  return context.until(
    `${count} instances are in service`,
    LAUNCH_LIMIT_SECONDS,
    async () => {
      const ids = await inService(context, groupName);
      return ids.length >= count && ids;
    },
    15,
  );
}

export async function inService(context: Context, groupName: string): Promise<string[]> {
  const { Instances = [] } = (await describeGroup(context, groupName)) ?? {};
  const serving = Instances.filter(({ LifecycleState }) => LifecycleState === 'InService');
  return serving.map(({ InstanceId = '' }) => InstanceId);
}

export async function attach(context: Context, AutoScalingGroupName: string, targetGroupArn: string): Promise<void> {
  const command = new AttachLoadBalancerTargetGroupsCommand({
    AutoScalingGroupName,
    TargetGroupARNs: [targetGroupArn],
  });
  await context.clients.autoScaling.send(command);
}

/** As DescribeLoadBalancerTargetGroups says it; undefined where the group does not list the target group. */
export async function attachmentState(
  context: Context,
  AutoScalingGroupName: string,
  targetGroupArn: string,
): Promise<string | undefined> {
  const command = new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName });
  const { LoadBalancerTargetGroups = [] } = await context.clients.autoScaling.send(command);
  return LoadBalancerTargetGroups.find((one) => one.LoadBalancerTargetGroupARN === targetGroupArn)?.State;
}

export async function untilAttached(
  context: Context,
  groupName: string,
  targetGroupArn: string,
  state: 'Added' | 'InService',
): Promise<void> {
  const limitSeconds = state === 'Added' ? REACTION_LIMIT_SECONDS : HEALTHY_LIMIT_SECONDS;
  await context.until(
    `the attachment is ${state}`,
    limitSeconds,
    async () => (await attachmentState(context, groupName, targetGroupArn)) === state,
  );
}
