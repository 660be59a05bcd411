/** What somebody with the account's credentials does beside a deployment: the hands that tests interfere with. */
import {
  AttachInstancesCommand,
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeLifecycleHooksCommand,
  DetachInstancesCommand,
  DetachLoadBalancersCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutLifecycleHookCommand,
  PutScheduledUpdateGroupActionCommand,
  type PutScheduledUpdateGroupActionCommandInput,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  DeleteLoadBalancerCommand as DeleteClassicLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  ElasticLoadBalancingClient,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  AddTagsCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ExampleAttachment } from '../../local/example/load-balancers';
import { AwsError, type Interceptor } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import type { World } from './world';

export class Operator {
  readonly takenNames: string[] = [];
  private readonly interferences: (() => void)[] = [];
  private readonly autoScaling: AutoScalingClient;
  private readonly loadBalancing: ElasticLoadBalancingV2Client;
  private readonly classic: ElasticLoadBalancingClient;

  constructor(private readonly world: World) {
    this.autoScaling = new AutoScalingClient(world.aws.operator);
    this.loadBalancing = new ElasticLoadBalancingV2Client(world.aws.operator);
    this.classic = new ElasticLoadBalancingClient(world.aws.operator);
  }

  /**
   * What a scaling policy does that wants so many, once its alarm is in breach: nothing while AlarmNotification is suspended,
   * and nothing beyond the limits. https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
   */
  async alarm(groupName: string, wanted: number): Promise<void> {
    const { SuspendedProcesses = [], MinSize = 0, MaxSize = 0 } = await this.world.group(groupName);
    if (SuspendedProcesses.some(({ ProcessName }) => ProcessName === 'AlarmNotification')) return;
    const DesiredCapacity = Math.max(MinSize, Math.min(MaxSize, wanted));
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: groupName, DesiredCapacity });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async schedule(
    AutoScalingGroupName: string,
    ScheduledActionName: string,
    action: Partial<PutScheduledUpdateGroupActionCommandInput>,
  ): Promise<void> {
    const input = { AutoScalingGroupName, ScheduledActionName, ...action };
    await this.world.clock.run(this.autoScaling.send(new PutScheduledUpdateGroupActionCommand(input)));
  }

  async attach(AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<void> {
    const command = new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  /** From now on what the group launches waits for somebody to go on with it. */
  async putLaunchHook(AutoScalingGroupName: string, LifecycleHookName: string): Promise<void> {
    const LifecycleTransition = 'autoscaling:EC2_INSTANCE_LAUNCHING';
    const command = new PutLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName, LifecycleTransition });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async completeLaunch(AutoScalingGroupName: string, InstanceId: string): Promise<void> {
    const { LifecycleHooks = [] } = await this.world.clock.run(
      this.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName })),
    );
    for (const { LifecycleHookName } of LifecycleHooks.slice(0, 1)) {
      const going = { AutoScalingGroupName, LifecycleHookName, InstanceId, LifecycleActionResult: 'CONTINUE' };
      await this.world.clock.run(this.autoScaling.send(new CompleteLifecycleActionCommand(going)));
    }
  }

  /** From now on what the group launches, or takes away, is held for so long, and goes on by itself. */
  async hold(
    AutoScalingGroupName: string,
    transition: 'LAUNCHING' | 'TERMINATING',
    HeartbeatTimeout: number,
  ): Promise<void> {
    const LifecycleTransition = `autoscaling:EC2_INSTANCE_${transition}`;
    const hook = { LifecycleHookName: transition, LifecycleTransition, HeartbeatTimeout, DefaultResult: 'CONTINUE' };
    await this.world.clock.run(this.autoScaling.send(new PutLifecycleHookCommand({ AutoScalingGroupName, ...hook })));
  }

  async detach(AutoScalingGroupName: string, TargetGroupARNs: string[]): Promise<void> {
    const command = new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async attachClassic(AutoScalingGroupName: string, LoadBalancerNames: string[]): Promise<void> {
    const command = new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async detachClassic(AutoScalingGroupName: string, LoadBalancerNames: string[]): Promise<void> {
    const command = new DetachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  /** With a target group, by its ARN, or with a Classic Load Balancer, by its name. Answers what they are registered as. */
  async register(identifier: string, instanceIds: string[]): Promise<string[]> {
    const Instances = instanceIds.map((InstanceId) => ({ InstanceId }));
    const ids = await this.targetIds(identifier, instanceIds);
    const Targets = ids.map((Id) => ({ Id }));
    const registered = identifier.startsWith('arn:')
      ? this.loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn: identifier, Targets }))
      : this.classic.send(new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName: identifier, Instances }));
    await this.world.clock.run<unknown>(registered);
    return ids;
  }

  async deregister(identifier: string, ids: string[]): Promise<void> {
    const Instances = ids.map((InstanceId) => ({ InstanceId }));
    const Targets = ids.map((Id) => ({ Id }));
    const deregistered = identifier.startsWith('arn:')
      ? this.loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn: identifier, Targets }))
      : this.classic.send(new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName: identifier, Instances }));
    await this.world.clock.run<unknown>(deregistered);
  }

  /** Of a target group, by its ARN. */
  async tagLoadBalancing(arn: string, Key: string, Value: string): Promise<void> {
    await this.world.clock.run(
      this.loadBalancing.send(new AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key, Value }] })),
    );
  }

  /** Target groups of the type `ip` list addresses. */
  private async targetIds(identifier: string, instanceIds: string[]): Promise<string[]> {
    if (!identifier.startsWith('arn:')) return instanceIds;
    const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [identifier] });
    const { TargetGroups = [] } = await this.world.clock.run(this.loadBalancing.send(command));
    if (TargetGroups[0]?.TargetType !== 'ip') return instanceIds;
    const addresses = new Map(this.world.instances.running().map((one) => [one.instanceId, one.privateIp]));
    return instanceIds.map((id) => addresses.get(id) ?? id);
  }

  /** In the way in which the fleet is attached there. */
  async attachAs(AutoScalingGroupName: string, { kind, way, identifier }: ExampleAttachment): Promise<void> {
    if (way === 'direct' && kind === 'classic') return this.attachClassic(AutoScalingGroupName, [identifier]);
    if (way === 'direct') return this.attach(AutoScalingGroupName, [identifier]);
    const TrafficSources = [{ Identifier: identifier }];
    const command = new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async detachAs(AutoScalingGroupName: string, { kind, way, identifier }: ExampleAttachment): Promise<void> {
    if (way === 'direct' && kind === 'classic') return this.detachClassic(AutoScalingGroupName, [identifier]);
    if (way === 'direct') return this.detach(AutoScalingGroupName, [identifier]);
    const TrafficSources = [{ Identifier: identifier }];
    const command = new DetachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async createClassic(LoadBalancerName: string): Promise<void> {
    const command = new CreateClassicLoadBalancerCommand({
      LoadBalancerName,
      Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: this.world.fleet.port }],
      Subnets: [...this.world.aws.network.zoneOfSubnet.keys()].slice(0, 2),
    });
    await this.world.clock.run(this.classic.send(command));
  }

  async deleteClassic(LoadBalancerName: string): Promise<void> {
    await this.world.clock.run(this.classic.send(new DeleteClassicLoadBalancerCommand({ LoadBalancerName })));
  }

  async deleteTargetGroup(TargetGroupArn: string): Promise<void> {
    await this.world.clock.run(this.loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn })));
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

  async resume(AutoScalingGroupName: string, ScalingProcesses: string[]): Promise<void> {
    const command = new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async suspend(AutoScalingGroupName: string, ScalingProcesses: string[]): Promise<void> {
    const command = new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async refresh(AutoScalingGroupName: string): Promise<void> {
    await this.world.clock.run(this.autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName })));
  }

  async protect(AutoScalingGroupName: string): Promise<void> {
    const InstanceIds = await this.instanceIds(AutoScalingGroupName);
    const command = new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  /** As a rollback by hand in a hurry: the group and its instances go at once. */
  async deleteGroup(AutoScalingGroupName: string): Promise<void> {
    const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true });
    await this.world.clock.run(this.autoScaling.send(command));
  }

  async tag(groupName: string, Key: string, Value: string): Promise<void> {
    const tag = { ResourceType: 'auto-scaling-group', ResourceId: groupName, Key, Value, PropagateAtLaunch: false };
    await this.world.clock.run(this.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag] })));
  }

  /** Takes an instance out of one group, which replaces it, and puts it into another; answers its id. */
  async moveInstance(from: string, to: string): Promise<string> {
    const [moved = ''] = await this.instanceIds(from);
    const out = { AutoScalingGroupName: from, InstanceIds: [moved], ShouldDecrementDesiredCapacity: false };
    await this.world.clock.run(this.autoScaling.send(new DetachInstancesCommand(out)));
    const command = new AttachInstancesCommand({ AutoScalingGroupName: to, InstanceIds: [moved] });
    await this.world.clock.run(this.autoScaling.send(command));
    return moved;
  }

  /** The group's minimum has to allow it. */
  async takeOut(AutoScalingGroupName: string, instanceId: string): Promise<void> {
    const out = { AutoScalingGroupName, InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: true };
    await this.world.clock.run(this.autoScaling.send(new DetachInstancesCommand(out)));
  }

  /** The group launches another one in its place. */
  async setAside(AutoScalingGroupName: string, instanceId: string): Promise<void> {
    const aside = { AutoScalingGroupName, InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: false };
    await this.world.clock.run(this.autoScaling.send(new EnterStandbyCommand(aside)));
  }

  async exitStandby(AutoScalingGroupName: string, instanceId: string): Promise<void> {
    const back = { AutoScalingGroupName, InstanceIds: [instanceId] };
    await this.world.clock.run(this.autoScaling.send(new ExitStandbyCommand(back)));
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
          HealthCheckTimeoutSeconds: 2,
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

  /**
   * Lets the next `times` calls of an operation fail, before they take effect or after; what the operator calls is not
   * meant. With `of` only the calls of this function, with `on` only those that name this group.
   */
  failCalls(
    operation: string,
    code: string,
    { status = 400, times = Number.POSITIVE_INFINITY, moment = 'before', of, on }: Fault = {},
  ): void {
    let left = times;
    this.interfere(async (call, proceed) => {
      const isMeant =
        call.operation === operation &&
        call.caller.principal !== 'operator' &&
        (of === undefined || (isInvocationCaller(call.caller) && call.caller.invocation?.function === of)) &&
        (on === undefined || call.input.AutoScalingGroupName === on);
      if (!isMeant || left-- <= 0) return proceed();
      if (moment === 'after') await proceed();
      if (code === 'AccessDenied') throw this.world.aws.authorization.denialOf(call);
      throw new AwsError(code, `${code} happened`, status);
    });
  }

  /** Lets the functions read something else than what is there. */
  answerDifferently(operation: string, change: (answer: Record<string, unknown>) => void): void {
    this.interfere(async (call, proceed) => {
      const answer = await proceed();
      if (call.operation !== operation || call.caller.principal === 'operator') return answer;
      const changed = structuredClone(answer) as Record<string, unknown>;
      change(changed);
      return changed;
    });
  }

  /** Somebody is always faster: whatever name is to be given, it has just been taken. */
  takeNames(operation: 'CreateLoadBalancer' | 'CreateTargetGroup'): void {
    const { elasticLoadBalancing, elasticLoadBalancingV2 } = this.world.aws;
    this.interfere(async (call, proceed) => {
      if (call.operation !== operation) return proceed();
      const service = call.service === 'elastic-load-balancing' ? elasticLoadBalancing : elasticLoadBalancingV2;
      service.operations[operation]?.({ ...call.input, Tags: undefined }, call);
      const name = String(call.input.Name ?? call.input.LoadBalancerName);
      if (!this.takenNames.includes(name)) this.takenNames.push(name);
      return proceed();
    });
  }

  /** From now on calls are answered again as AWS answers them. */
  relent(): void {
    for (const end of this.interferences.splice(0)) end();
  }

  private interfere(interceptor: Interceptor): void {
    this.interferences.push(this.world.aws.endpoint.intercept(interceptor));
  }
}

export interface Fault {
  status?: number;
  times?: number;
  moment?: 'before' | 'after';
  of?: string;
  on?: string;
}
