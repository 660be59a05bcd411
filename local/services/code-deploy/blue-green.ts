/**
 * A blue/green deployment that copies an Auto Scaling group: the copy gets the revision, then the load balancers get the
 * instances of the copy, and let go of those of the original ("Overview of CodeDeploy deployments", blue/green on EC2).
 */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  type LaunchTemplateSpecification,
} from '@aws-sdk/client-auto-scaling';
import type { ErrorInformation } from '@aws-sdk/client-codedeploy';
import {
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  ElasticLoadBalancingClient,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clock } from '../../kernel/clock';
import type { Deployment } from './deployment';
import { type DeploymentGroup, hooked } from './deployment-groups';

/**
 * `installation`: the scripts fail on the copy's instances, before any user meets them. `deregistration`: the copy serves,
 * but one instance of the original cannot be taken from its load balancers, for which the whole deployment is Failed.
 */
export type Fault = 'installation' | 'deregistration';

interface BlueGreenOptions {
  clock: Clock;
  clientDefaults: () => object;
  settings: { installationSeconds: number; pollSeconds: number; limitSeconds: number };
  faultOf: (deploymentGroupName: string) => Fault | undefined;
}

export class BlueGreen {
  constructor(private readonly options: BlueGreenOptions) {}

  /** Answers why it failed; undefined where it succeeded, or was stopped on the way. */
  async run(deployment: Deployment, group: DeploymentGroup): Promise<ErrorInformation | undefined> {
    const { clock, settings, faultOf } = this.options;
    const isStopped = () => deployment.status !== 'InProgress';
    const original = await this.autoScalingGroup(group.autoScalingGroups[0]?.name ?? '');
    if (!original) return { code: 'AUTO_SCALING_CONFIGURATION', message: 'The Auto Scaling group does not exist' };
    const copyName = `CodeDeploy_${group.deploymentGroupName}_${deployment.deploymentId}`;
    await this.autoScaling.send(new CreateAutoScalingGroupCommand(copyOf(original, copyName)));
    const isUp = () => this.isInService(copyName, original.DesiredCapacity ?? 0);
    if (!(await this.until(isUp, isStopped))) return isStopped() ? undefined : TOO_MANY_FAILED;
    await clock.sleep(settings.installationSeconds);
    if (isStopped()) return undefined;
    const fault = faultOf(group.deploymentGroupName);
    if (fault === 'installation') return TOO_MANY_FAILED;

    const [before, after] = [idsOf(original), idsOf(await this.autoScalingGroup(copyName))];
    const targetGroupArns = await this.targetGroupArns(group);
    await this.register(group, targetGroupArns, after);
    const isHealthy = () => this.areHealthy(group, targetGroupArns, after);
    if (!(await this.until(isHealthy, isStopped))) return isStopped() ? undefined : TOO_MANY_FAILED;
    await this.deregister(group, targetGroupArns, fault === 'deregistration' ? before.slice(1) : before);
    if (fault === 'deregistration') return TOO_MANY_FAILED;
    group.autoScalingGroups = [hooked(copyName)];
    this.terminateOriginal(group, original.AutoScalingGroupName);
    return undefined;
  }

  private terminateOriginal({ blueGreenDeploymentConfiguration }: DeploymentGroup, name: string | undefined): void {
    const option = blueGreenDeploymentConfiguration?.terminateBlueInstancesOnDeploymentSuccess;
    if (option?.action === 'KEEP_ALIVE') return;
    this.options.clock.after((option?.terminationWaitTimeInMinutes ?? 0) * 60, async () => {
      const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true });
      await this.autoScaling.send(command);
    });
  }

  private async until(holds: () => Promise<boolean>, isStopped: () => boolean): Promise<boolean> {
    const { clock, settings } = this.options;
    const end_ms = clock.now().getTime() + settings.limitSeconds * 1000;
    while (clock.now().getTime() < end_ms && !isStopped()) {
      if (await holds()) return !isStopped();
      await clock.sleep(settings.pollSeconds);
    }
    return false;
  }

  private async isInService(name: string, desired: number): Promise<boolean> {
    const group = await this.autoScalingGroup(name);
    return (group?.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService').length >= desired;
  }

  private async areHealthy(group: DeploymentGroup, targetGroupArns: string[], ids: string[]): Promise<boolean> {
    const states: (string | undefined)[] = [];
    for (const TargetGroupArn of targetGroupArns) {
      const command = new DescribeTargetHealthCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) });
      const { TargetHealthDescriptions = [] } = await this.loadBalancing.send(command);
      states.push(...TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State));
    }
    for (const LoadBalancerName of classicNames(group)) {
      const command = new DescribeInstanceHealthCommand({ LoadBalancerName, Instances: instancesOf(ids) });
      const { InstanceStates = [] } = await this.classic.send(command);
      states.push(...InstanceStates.map(({ State }) => (State === 'InService' ? 'healthy' : State)));
    }
    return states.every((state) => state === 'healthy');
  }

  private async register(group: DeploymentGroup, targetGroupArns: string[], ids: string[]): Promise<void> {
    for (const TargetGroupArn of targetGroupArns) {
      await this.loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) }));
    }
    for (const LoadBalancerName of classicNames(group)) {
      const Instances = instancesOf(ids);
      await this.classic.send(new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName, Instances }));
    }
  }

  private async deregister(group: DeploymentGroup, targetGroupArns: string[], ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const TargetGroupArn of targetGroupArns) {
      const Targets = ids.map((Id) => ({ Id }));
      await this.loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    }
    for (const LoadBalancerName of classicNames(group)) {
      const Instances = instancesOf(ids);
      await this.classic.send(new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName, Instances }));
    }
  }

  private async targetGroupArns({ loadBalancerInfo }: DeploymentGroup): Promise<string[]> {
    const Names = (loadBalancerInfo?.targetGroupInfoList ?? []).map(({ name = '' }) => name);
    if (Names.length === 0) return [];
    const { TargetGroups = [] } = await this.loadBalancing.send(new DescribeTargetGroupsCommand({ Names }));
    return TargetGroups.map(({ TargetGroupArn = '' }) => TargetGroupArn);
  }

  private async autoScalingGroup(name: string): Promise<AutoScalingGroup | undefined> {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
    return (await this.autoScaling.send(command)).AutoScalingGroups?.[0];
  }

  private get autoScaling(): AutoScalingClient {
    return new AutoScalingClient(this.options.clientDefaults());
  }

  private get loadBalancing(): ElasticLoadBalancingV2Client {
    return new ElasticLoadBalancingV2Client(this.options.clientDefaults());
  }

  private get classic(): ElasticLoadBalancingClient {
    return new ElasticLoadBalancingClient(this.options.clientDefaults());
  }
}

const TOO_MANY_FAILED: ErrorInformation = {
  code: 'HEALTH_CONSTRAINTS',
  message:
    'The overall deployment failed because too many individual instances failed deployment, too few healthy instances ' +
    'are available for deployment, or some instances in your deployment group are experiencing problems.',
};

/** The copy is attached to nothing: CodeDeploy registers its instances one by one. */
function copyOf(original: AutoScalingGroup, AutoScalingGroupName: string) {
  return {
    AutoScalingGroupName,
    LaunchTemplate: byId(original.LaunchTemplate),
    LaunchConfigurationName: original.LaunchConfigurationName,
    MixedInstancesPolicy: original.MixedInstancesPolicy && {
      ...original.MixedInstancesPolicy,
      LaunchTemplate: {
        ...original.MixedInstancesPolicy.LaunchTemplate,
        LaunchTemplateSpecification: byId(original.MixedInstancesPolicy.LaunchTemplate?.LaunchTemplateSpecification),
      },
    },
    MinSize: original.MinSize,
    MaxSize: original.MaxSize,
    DesiredCapacity: original.DesiredCapacity,
    VPCZoneIdentifier: original.VPCZoneIdentifier,
    HealthCheckType: original.HealthCheckType,
    HealthCheckGracePeriod: original.HealthCheckGracePeriod,
    DeletionProtection: original.DeletionProtection,
    Tags: (original.Tags ?? []).map(({ Key, Value, PropagateAtLaunch }) => ({ Key, Value, PropagateAtLaunch })),
  };
}

/** Id and name are told of it, and only one of them is taken. */
function byId(template: LaunchTemplateSpecification | undefined): LaunchTemplateSpecification | undefined {
  return template && { LaunchTemplateId: template.LaunchTemplateId, Version: template.Version };
}

function classicNames({ loadBalancerInfo }: DeploymentGroup): string[] {
  return (loadBalancerInfo?.elbInfoList ?? []).map(({ name = '' }) => name);
}

function instancesOf(ids: string[]): { InstanceId: string }[] {
  return ids.map((InstanceId) => ({ InstanceId }));
}

function idsOf(group: AutoScalingGroup | undefined): string[] {
  return (group?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
}
