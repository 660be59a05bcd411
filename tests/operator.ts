/** What somebody with the account's credentials does beside a deployment: the hands that tests interfere with. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../local/service';
import type { World } from './world';

export class Operator {
  private readonly autoScaling: AutoScalingClient;
  private readonly loadBalancing: ElasticLoadBalancingV2Client;

  constructor(private readonly world: World) {
    this.autoScaling = new AutoScalingClient(world.aws.operator);
    this.loadBalancing = new ElasticLoadBalancingV2Client(world.aws.operator);
  }

  async attach(AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<void> {
    const command = new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async detach(AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<void> {
    const command = new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async setDesiredCapacity(AutoScalingGroupName: string, DesiredCapacity: number): Promise<void> {
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async setSize(
    AutoScalingGroupName: string,
    MinSize: number,
    DesiredCapacity: number,
    MaxSize: number,
  ): Promise<void> {
    const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize, DesiredCapacity, MaxSize });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async suspend(AutoScalingGroupName: string, ScalingProcesses: string[]): Promise<void> {
    const command = new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async protect(AutoScalingGroupName: string): Promise<void> {
    const InstanceIds = await this.instanceIds(AutoScalingGroupName);
    const command = new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async tag(groupName: string, Key: string, Value: string): Promise<void> {
    const tag = { ResourceType: 'auto-scaling-group', ResourceId: groupName, Key, Value, PropagateAtLaunch: false };
    await this.world.clock.run(this.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag] })));
  }

  async instanceIds(groupName: string): Promise<string[]> {
    return ((await this.world.group(groupName)).Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
  }

  /** Makes every instance of a group answer its health checks with this status; undefined: as its wars say. */
  async setHealth(groupName: string, status: number | undefined): Promise<void> {
    for (const id of await this.instanceIds(groupName)) this.world.instances.setHealth(id, status);
  }

  /** Makes an empty group with these tags. */
  async createGroup(AutoScalingGroupName: string, tags: Record<string, string>): Promise<void> {
    const command = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '$Latest' },
      MinSize: 0,
      MaxSize: 0,
      VPCZoneIdentifier: [...this.world.aws.network.zoneOfSubnet.keys()][0],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
    });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  /** Which states the group's instances have on a target group: `['healthy', 'healthy']`; none where not registered. */
  async statesOn(targetGroupArn: string, groupName: string): Promise<string[]> {
    const ids = await this.instanceIds(groupName);
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn });
    const { TargetHealthDescriptions = [] } = await this.world.clock.run(this.loadBalancing.send(command));
    return TargetHealthDescriptions.filter(({ Target }) => ids.includes(Target?.Id ?? '')).map(
      ({ TargetHealth }) => TargetHealth?.State ?? '',
    );
  }

  /** Makes one more target group that the fleet's load balancer sends to. */
  async addTargetGroup(Name: string): Promise<string> {
    const { clock, aws, fleet } = this.world;
    const created = await clock.run(
      this.loadBalancing.send(
        new CreateTargetGroupCommand({
          Name,
          Protocol: 'HTTP',
          Port: fleet.port,
          VpcId: aws.network.vpcId,
          HealthCheckPath: '/health',
          HealthCheckIntervalSeconds: fleet.healthCheckIntervalSeconds,
          HealthyThresholdCount: 2,
        }),
      ),
    );
    const targetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn ?? '';
    const listeners = await clock.run(
      this.loadBalancing.send(new DescribeListenersCommand({ LoadBalancerArn: fleet.loadBalancerArn })),
    );
    const rule = new CreateRuleCommand({
      ListenerArn: listeners.Listeners?.[0]?.ListenerArn,
      Priority: 900,
      Conditions: [{ Field: 'path-pattern', Values: [`/${Name}/*`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    await clock.run(this.loadBalancing.send(rule));
    return targetGroupArn;
  }

  /** Answers the ARNs of the load balancers that it deleted. */
  async deleteDummyLoadBalancers(): Promise<string[]> {
    const { clock } = this.world;
    const { LoadBalancers = [] } = await clock.run(this.loadBalancing.send(new DescribeLoadBalancersCommand({})));
    const dummies = LoadBalancers.filter(({ LoadBalancerName }) => LoadBalancerName?.startsWith('deploycheck-'));
    for (const { LoadBalancerArn } of dummies) {
      await clock.run(this.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })));
    }
    return dummies.map(({ LoadBalancerArn = '' }) => LoadBalancerArn);
  }

  /** Lets the next `times` calls of an operation fail; what the operator calls is not meant. */
  failCalls(operation: string, code: string, { status = 400, times = Number.POSITIVE_INFINITY } = {}): void {
    let left = times;
    this.world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== operation || call.caller.principal === 'operator' || left-- <= 0) return proceed();
      throw new AwsError(code, `${code} happened`, status);
    });
  }
}
