/** A fleet that CodeDeploy deploys to, and what becomes of the copies of failed deployments. */
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  type LoadBalancerInfo,
} from '@aws-sdk/client-codedeploy';
import { AwsError } from '../../local/kernel/service';
import type { World } from './world';

const FUNCTION = 'codedeploy-clean-up';
const ROLE = 'CodeDeployCleanUpRole';
const APPLICATION = 'shop';
/** Of the example fleet. */
const TARGET_GROUP = 'was-web-1';

export interface CodeDeployFleetOptions {
  /** What is copied; by default the group of the world's fleet that serves at first. */
  autoScalingGroup?: string;
  deploymentGroup?: string;
  /** The deployment group publishes what fails to the topic of the stack. */
  hasTrigger?: boolean;
  loadBalancerInfo?: LoadBalancerInfo;
}

/** A fleet that CodeDeploy deploys to. */
export class CodeDeployFleet {
  private constructor(
    readonly world: World,
    readonly deploymentGroup: string,
  ) {}

  /** An application whose deployment group copies the fleet's serving group. */
  static async open(
    world: World,
    {
      autoScalingGroup = world.fleet.activeGroup,
      deploymentGroup = 'shop-web',
      hasTrigger = false,
      loadBalancerInfo = { targetGroupInfoList: [{ name: TARGET_GROUP }] },
    }: CodeDeployFleetOptions = {},
  ): Promise<CodeDeployFleet> {
    const codeDeployFleet = new CodeDeployFleet(world, deploymentGroup);
    const trigger = {
      triggerName: 'failed',
      triggerTargetArn: world.stack.outputs.CodeDeployTopicArn,
      triggerEvents: ['DeploymentFailure' as const, 'DeploymentStop' as const],
    };
    await codeDeployFleet.send(new CreateApplicationCommand({ applicationName: APPLICATION }));
    await codeDeployFleet.send(
      new CreateDeploymentGroupCommand({
        ...codeDeployFleet.names,
        serviceRoleArn: 'arn:aws:iam::123456789012:role/CodeDeploy',
        autoScalingGroups: [autoScalingGroup],
        deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
        blueGreenDeploymentConfiguration: { greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' } },
        loadBalancerInfo,
        triggerConfigurations: hasTrigger ? [trigger] : [],
      }),
    );
    return codeDeployFleet;
  }

  get names() {
    return { applicationName: APPLICATION, deploymentGroupName: this.deploymentGroup };
  }

  // biome-ignore lint/suspicious/noExplicitAny: every command has types of its own
  send(command: any): Promise<any> {
    return this.world.clock.run(new CodeDeployClient(this.world.aws.operator).send(command));
  }

  /** Deploys and lets it fail; the copy is there, and what reacts to it has a moment. */
  async fail(fault: 'installation' | 'deregistration' = 'installation', reactionSeconds = 60): Promise<string> {
    const { clock, aws } = this.world;
    const deploymentId = await this.begin(fault);
    let isOver = false;
    aws.eventBridge.onEvent(({ detail }) => {
      isOver ||= detail.deploymentId === deploymentId && detail.state === 'FAILURE';
    });
    await clock.runUntil(() => isOver, 3600);
    await clock.advance(reactionSeconds);
    return deploymentId;
  }

  /** Begins a deployment that will end so; undefined: well. Answers its id. */
  async begin(fault?: 'installation' | 'deregistration'): Promise<string> {
    this.world.aws.codeDeploy.setFault(this.deploymentGroup, fault);
    const { deploymentId } = await this.send(new CreateDeploymentCommand(this.names));
    return deploymentId;
  }

  copyOf(deploymentId: string): string {
    return `CodeDeploy_${this.deploymentGroup}_${deploymentId}`;
  }

  async groupNames(): Promise<string[]> {
    const client = new AutoScalingClient(this.world.aws.operator);
    return this.world.clock.run(
      (async () => {
        const names: string[] = [];
        for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, {})) {
          names.push(...AutoScalingGroups.map(({ AutoScalingGroupName = '' }) => AutoScalingGroupName));
        }
        return names;
      })(),
    );
  }

  /** No event and no message reaches the function. */
  silence(): void {
    this.world.aws.eventBridge.deliveryPolicy = ({ event }) => (event.source === 'aws.codedeploy' ? [] : [0.5]);
  }

  /** Changes what the function is answered. */
  amend<Answer>(operation: string, change: (answer: Answer) => void): void {
    this.world.aws.endpoint.intercept(async (call, proceed) => {
      const answer = (await proceed()) as Answer;
      if (call.operation !== operation || call.caller.principal !== ROLE) return answer;
      const amended = copied(answer);
      change(amended);
      return amended;
    });
  }

  /** Makes calls of the function fail. */
  refuse(operation: string, code: string, times = Number.POSITIVE_INFINITY): void {
    let left = times;
    this.world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== operation || call.caller.principal !== ROLE || left-- <= 0) return proceed();
      throw new AwsError(code, `${code} happened`, 400);
    });
  }

  /** Lets calls of the function take longer. */
  slow(operation: string, seconds: number): void {
    this.world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation === operation && call.caller.principal === ROLE) await this.world.clock.sleep(seconds);
      return proceed();
    });
  }

  /** How often the function called an operation. */
  count(...operations: string[]): { calls: string[] } {
    const counter = { calls: [] as string[] };
    this.world.aws.endpoint.intercept(async (call, proceed) => {
      const isCounted = operations.length === 0 || operations.includes(call.operation);
      if (isCounted && call.caller.principal === ROLE) counter.calls.push(call.operation);
      return proceed();
    });
    return counter;
  }

  /** The last mails about copies. */
  get mails(): { subject?: string; body: string }[] {
    return this.world.aws.sns.mails.filter(({ subject }) => subject?.includes('CodeDeploy Clean'));
  }

  get logs(): string[] {
    return this.world.logs.filter((log) => log.function === FUNCTION).map(({ line }) => JSON.parse(line).message);
  }

  /** How its invocations ended. */
  get outcomes(): string[] {
    const own = this.world.aws.lambda.invocations.filter((one) => one.function === FUNCTION);
    return [...new Set(own.map(({ outcome }) => outcome))];
  }

  /** The groups that the load balancer sends requests to. */
  async serving(): Promise<string[]> {
    const { aws, clock, fleet } = this.world;
    const ids = aws.elasticLoadBalancingV2
      .routableTargets(fleet.targetGroupArns[0] ?? '')
      .map(({ instanceId }) => instanceId);
    const { AutoScalingGroups = [] } = await clock.run(
      new AutoScalingClient(aws.operator).send(new DescribeAutoScalingGroupsCommand({})),
    );
    return AutoScalingGroups.filter(({ Instances = [] }) =>
      Instances.some((one) => ids.includes(one.InstanceId ?? '')),
    ).map(({ AutoScalingGroupName = '' }) => AutoScalingGroupName);
  }
}

/** A copy of plain data; what is none, as dates, is shared. */
function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)])) as Value;
}
