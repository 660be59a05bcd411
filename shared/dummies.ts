/**
 * The throw-away clones of the real load balancers, behind which StandBy is tested. A clone decides health and nothing
 * else: it is always internal, and it copies what a health check depends on.
 */
import { createHash } from 'node:crypto';
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  type LoadBalancer,
  ModifyTargetGroupAttributesCommand,
  type Tag,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { errorCode } from './aws-error';
import { DUMMY_PREFIX, type LoadBalancers } from './load-balancers';

/** Names are tried in turn when one is taken by something that is not ours. */
const NAME_ATTEMPTS = 15;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
/** Listeners of a cloned Network Load Balancer count up from here: one per target group, whatever its own port. */
const FIRST_NETWORK_PORT = 10_000;

/** Whose dummies these are. `stack` is the ARN of the stack's bus. */
export interface Ownership {
  task: string;
  deploymentId: string;
  stack: string;
  createdAt: string;
}

/** A real load balancer with the target groups of it that are to be cloned, and what the clones' listeners need. */
export interface Original {
  loadBalancer: LoadBalancer;
  targetGroups: TargetGroup[];
  /** For listeners that speak TLS: those of HTTP2 and GRPC target groups, and of TLS target groups. */
  certificateArn?: string;
}

/** None of the names that the clone could have is free. */
export class NoFreeName extends Error {
  override readonly name = 'NoFreeName';
  readonly $fault = 'client';
}

export class Dummies {
  constructor(
    private readonly loadBalancers: LoadBalancers,
    private readonly ownership: Ownership,
  ) {}

  /** Clones a target group and answers the clone's ARN. Repeated, it finds the clone that is there. */
  async cloneTargetGroup(original: TargetGroup): Promise<string> {
    const { client } = this.loadBalancers;
    const arn = await this.createNamed(original.TargetGroupArn ?? '', async (Name, Tags) => {
      const answer = await client.send(new CreateTargetGroupCommand({ ...settingsOf(original), Name, Tags }));
      return answer.TargetGroups?.[0]?.TargetGroupArn;
    });
    const attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }];
    await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes: attributes }));
    return arn;
  }

  /** Clones a load balancer, always as an internal one, and answers the clone's ARN. */
  async cloneLoadBalancer(original: LoadBalancer): Promise<string> {
    const { client } = this.loadBalancers;
    return this.createNamed(original.LoadBalancerArn ?? '', async (Name, Tags) => {
      const answer = await client.send(
        new CreateLoadBalancerCommand({
          Name,
          Tags,
          Type: original.Type,
          Scheme: 'internal',
          IpAddressType: original.IpAddressType?.startsWith('dualstack') ? 'dualstack' : 'ipv4',
          Subnets: original.AvailabilityZones?.map(({ SubnetId = '' }) => SubnetId),
          SecurityGroups: original.SecurityGroups?.length ? original.SecurityGroups : undefined,
        }),
      );
      return answer.LoadBalancers?.[0]?.LoadBalancerArn;
    });
  }

  /**
   * Lets the clone of a load balancer refer to the clones of its target groups (`targetGroupArns`, in the order of
   * `original.targetGroups`): a target group is only health-checked while a listener or a rule refers to it.
   */
  async listen(original: Original, loadBalancerArn: string, targetGroupArns: string[]): Promise<void> {
    if (original.loadBalancer.Type === 'network') {
      for (const [index, targetGroupArn] of targetGroupArns.entries()) {
        await this.listenOnNetwork(original, loadBalancerArn, targetGroupArn, index);
      }
      return;
    }
    const needsTls = (index: number) => ['HTTP2', 'GRPC'].includes(original.targetGroups[index]?.ProtocolVersion ?? '');
    const plain = targetGroupArns.filter((_, index) => !needsTls(index));
    const encrypted = targetGroupArns.filter((_, index) => needsTls(index));
    if (plain.length > 0) await this.listenOnApplication(loadBalancerArn, plain, undefined);
    if (encrypted.length > 0) await this.listenOnApplication(loadBalancerArn, encrypted, original.certificateArn);
  }

  /** One listener that answers 503 itself, and one rule per target group, which nobody ever calls. */
  private async listenOnApplication(
    loadBalancerArn: string,
    targetGroupArns: string[],
    certificateArn: string | undefined,
  ): Promise<void> {
    const listenerArn = await this.createListener({
      LoadBalancerArn: loadBalancerArn,
      Protocol: certificateArn ? 'HTTPS' : 'HTTP',
      Port: certificateArn ? HTTPS_PORT : HTTP_PORT,
      Certificates: certificateArn ? [{ CertificateArn: certificateArn }] : undefined,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
    });
    for (const [index, targetGroupArn] of targetGroupArns.entries()) {
      const rule = new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: index + 1,
        Conditions: [{ Field: 'path-pattern', Values: [`/${DUMMY_PREFIX}${index + 1}`] }],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
        Tags: this.tags(),
      });
      await this.loadBalancers.client.send(rule).catch((error: unknown) => {
        if (!errorCode(error).startsWith('PriorityInUse')) throw error; // else an earlier invocation made the rule
      });
    }
  }

  private async listenOnNetwork(
    original: Original,
    loadBalancerArn: string,
    targetGroupArn: string,
    index: number,
  ): Promise<void> {
    const protocol = original.targetGroups[index]?.Protocol;
    await this.createListener({
      LoadBalancerArn: loadBalancerArn,
      Protocol: protocol,
      Port: FIRST_NETWORK_PORT + index,
      Certificates: protocol === 'TLS' ? [{ CertificateArn: original.certificateArn }] : undefined,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
  }

  /**
   * Answers the listener's ARN. Documented as idempotent for the same settings, yet reported to refuse a second listener
   * on a port: then an earlier invocation has made it.
   */
  private async createListener(listener: CreateListenerCommandInput): Promise<string | undefined> {
    const { client } = this.loadBalancers;
    const created = await client
      .send(new CreateListenerCommand({ ...listener, Tags: this.tags() }))
      .catch(async (error: unknown) => {
        if (!errorCode(error).startsWith('DuplicateListener')) throw error;
        return client.send(new DescribeListenersCommand({ LoadBalancerArn: listener.LoadBalancerArn }));
      });
    return created.Listeners?.find(({ Port }) => Port === listener.Port)?.ListenerArn;
  }

  /**
   * Creates under the first name that is free or already ours. The service answers a create of the same name and the
   * same settings with the resource that exists, whosever it is: only its tags tell.
   */
  private async createNamed(
    originalArn: string,
    create: (name: string, tags: Tag[]) => Promise<string | undefined>,
  ): Promise<string> {
    for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
      const name = dummyName(this.ownership.deploymentId, originalArn, attempt);
      const arn = await create(name, this.tags()).catch((error: unknown) => {
        if (/^Duplicate(LoadBalancer|TargetGroup)Name/.test(errorCode(error))) return undefined;
        throw error;
      });
      if (arn !== undefined && (await this.isOurs(arn))) return arn;
    }
    throw new NoFreeName(`none of ${NAME_ATTEMPTS} names for a clone of ${originalArn} is free`);
  }

  private async isOurs(arn: string): Promise<boolean> {
    const tags = (await this.loadBalancers.tags([arn])).get(arn);
    return tags?.[DEPLOYMENT_TAG] === this.ownership.deploymentId && tags[STACK_TAG] === this.ownership.stack;
  }

  private tags(): Tag[] {
    const { task, deploymentId, stack, createdAt } = this.ownership;
    return [
      { Key: TASK_TAG, Value: tagText(task) },
      { Key: DEPLOYMENT_TAG, Value: deploymentId },
      { Key: STACK_TAG, Value: stack },
      { Key: CREATED_TAG, Value: createdAt },
    ];
  }
}

const TASK_TAG = 'bluegreen:task';
const DEPLOYMENT_TAG = 'bluegreen:deployment';
const STACK_TAG = 'bluegreen:stack';
const CREATED_TAG = 'bluegreen:created';

/** The same for a repeated invocation, and within the 32 characters that a name may have. */
export function dummyName(deploymentId: string, originalArn: string, attempt: number): string {
  const hash = createHash('sha256').update(`${deploymentId}\n${originalArn}\n${attempt}`).digest('hex');
  return `${DUMMY_PREFIX}${hash.slice(0, 18)}`;
}

/** Tag values take letters, digits, spaces and `+-=._:/@`. */
function tagText(text: string): string {
  return text.replace(/[^\p{L}\p{N} +\-=._:/@]/gu, '_').slice(0, 256);
}

/** What a target group's health check depends on. */
function settingsOf(original: TargetGroup) {
  return {
    Protocol: original.Protocol,
    ProtocolVersion: original.ProtocolVersion,
    Port: original.Port,
    VpcId: original.VpcId,
    TargetType: original.TargetType,
    IpAddressType: original.IpAddressType,
    HealthCheckEnabled: original.HealthCheckEnabled,
    HealthCheckProtocol: original.HealthCheckProtocol,
    HealthCheckPort: original.HealthCheckPort,
    HealthCheckPath: original.HealthCheckPath,
    HealthCheckIntervalSeconds: original.HealthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: original.HealthCheckTimeoutSeconds,
    HealthyThresholdCount: original.HealthyThresholdCount,
    UnhealthyThresholdCount: original.UnhealthyThresholdCount,
    Matcher: original.Matcher,
  };
}
