/** The load balancers of an example fleet, of any kind, made through the SDK. */
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  ElasticLoadBalancingClient,
  ModifyLoadBalancerAttributesCommand as ModifyClassicAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  type Action,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EmbeddedAws } from '../embedded-aws';

/** How the groups are attached to a load balancer: by the calls for its kind, or as a traffic source. */
export type Way = 'direct' | 'traffic-source';

export interface TargetGroupDescription {
  /** HTTP or HTTPS behind an Application Load Balancer, the others behind a Network Load Balancer. */
  protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';
  /** Of HTTP and HTTPS. */
  protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC';
  /** What it lists its targets by; groups can be attached to one of instances only, as it is where this is not given. */
  targetType?: 'instance' | 'ip';
  /** No listener or rule refers to it. */
  isIdle?: boolean;
  proxyProtocol?: boolean;
}

export interface LoadBalancerDescription {
  /** Made of the task and a number where it is not given. */
  name?: string;
  kind: 'application' | 'network' | 'classic';
  way: Way;
  /** An Application Load Balancer is always across zones. */
  isAcrossZones: boolean;
  /** A Classic Load Balancer has none. */
  targetGroups: TargetGroupDescription[];
}

/** Of every load balancer and target group alike. */
export interface Health {
  port: number;
  healthCheckIntervalSeconds: number;
  deregistrationDelaySeconds: number;
}

/** What a group is attached to. */
export interface ExampleAttachment {
  kind: 'target-group' | 'classic';
  way: Way;
  /** The target group's ARN, or the name of the Classic Load Balancer. */
  identifier: string;
  /** Undefined for an idle target group and a Classic Load Balancer. */
  loadBalancerArn?: string;
  isAcrossZones: boolean;
  isIdle: boolean;
}

interface Place extends Health {
  aws: EmbeddedAws;
  name: string;
  subnets: string[];
}

/** Makes the load balancer with its target groups and listeners, and answers what a group is to be attached to. */
export async function createLoadBalancer(
  place: Place,
  description: LoadBalancerDescription,
): Promise<ExampleAttachment[]> {
  return description.kind === 'classic' ? [await createClassic(place, description)] : createModern(place, description);
}

const THRESHOLD = 2;

function timeoutSeconds(intervalSeconds: number): number {
  return Math.min(5, Math.max(2, intervalSeconds - 1));
}

async function createClassic(
  { aws, name, subnets, port, healthCheckIntervalSeconds, deregistrationDelaySeconds }: Place,
  { way, isAcrossZones }: LoadBalancerDescription,
): Promise<ExampleAttachment> {
  const client = new ElasticLoadBalancingClient(aws.operator);
  await client.send(
    new CreateClassicLoadBalancerCommand({
      LoadBalancerName: name,
      Listeners: [{ Protocol: 'TCP', LoadBalancerPort: 80, InstanceProtocol: 'TCP', InstancePort: port }],
      Subnets: subnets,
      SecurityGroups: ['sg-1'],
    }),
  );
  await client.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName: name,
      HealthCheck: {
        Target: `HTTP:${port}/health`,
        Interval: healthCheckIntervalSeconds,
        Timeout: timeoutSeconds(healthCheckIntervalSeconds),
        HealthyThreshold: THRESHOLD,
        UnhealthyThreshold: THRESHOLD,
      },
    }),
  );
  await client.send(
    new ModifyClassicAttributesCommand({
      LoadBalancerName: name,
      LoadBalancerAttributes: {
        CrossZoneLoadBalancing: { Enabled: isAcrossZones },
        ConnectionDraining: { Enabled: true, Timeout: deregistrationDelaySeconds },
      },
    }),
  );
  return { kind: 'classic', way, identifier: name, isAcrossZones, isIdle: false };
}

async function createModern(place: Place, description: LoadBalancerDescription): Promise<ExampleAttachment[]> {
  const { aws, name, subnets } = place;
  const { kind, way, isAcrossZones, targetGroups } = description;
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  const created = await client.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: subnets,
      Type: kind === 'network' ? 'network' : 'application',
      SecurityGroups: ['sg-1'],
    }),
  );
  const loadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  if (kind === 'network') {
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: String(isAcrossZones) }];
    await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn, Attributes }));
  }
  const attachments: ExampleAttachment[] = [];
  for (const [index, targetGroup] of targetGroups.entries()) {
    const identifier = await createTargetGroup(client, { ...place, name: `${name}-${index + 1}` }, targetGroup);
    const { isIdle = false } = targetGroup;
    const owner = isIdle ? undefined : loadBalancerArn;
    attachments.push({ kind: 'target-group', way, identifier, loadBalancerArn: owner, isAcrossZones, isIdle });
  }
  const listening = attachments.flatMap(({ identifier, isIdle }, index) =>
    isIdle ? [] : [{ arn: identifier, path: `/app${index + 1}/*`, ...targetGroups[index] }],
  );
  if (kind === 'network') await listenOnNetwork(client, loadBalancerArn, listening);
  else await listenOnApplication(client, loadBalancerArn, listening);
  return attachments;
}

interface Listening extends Partial<TargetGroupDescription> {
  arn: string;
  path: string;
}

const CERTIFICATES = [{ CertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/example' }];

async function listenOnNetwork(
  client: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  listening: Listening[],
): Promise<void> {
  for (const [index, { arn, protocol }] of listening.entries()) {
    await client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: protocol,
        Port: 80 + index,
        Certificates: protocol === 'TLS' ? CERTIFICATES : undefined,
        DefaultActions: [forwardTo(arn)],
      }),
    );
  }
}

/** One listener for plain HTTP and one that speaks TLS, as far as needed: the first target group by default, then rules. */
async function listenOnApplication(
  client: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  listening: Listening[],
): Promise<void> {
  const isPlain = ({ protocolVersion = 'HTTP1' }: Listening) => protocolVersion === 'HTTP1';
  const listeners: [Pick<CreateListenerCommandInput, 'Protocol' | 'Port' | 'Certificates'>, Listening[]][] = [
    [{ Protocol: 'HTTP', Port: 80 }, listening.filter(isPlain)],
    [{ Protocol: 'HTTPS', Port: 443, Certificates: CERTIFICATES }, listening.filter((one) => !isPlain(one))],
  ];
  for (const [listener, [first, ...others]] of listeners) {
    if (!first) continue;
    const command = new CreateListenerCommand({ LoadBalancerArn, ...listener, DefaultActions: [forwardTo(first.arn)] });
    const ListenerArn = (await client.send(command)).Listeners?.[0]?.ListenerArn;
    for (const [index, { arn, path }] of others.entries()) {
      await client.send(
        new CreateRuleCommand({
          ListenerArn,
          Priority: index + 1,
          Conditions: [{ Field: 'path-pattern', Values: [path] }],
          Actions: [forwardTo(arn)],
        }),
      );
    }
  }
}

function forwardTo(TargetGroupArn: string): Action {
  return { Type: 'forward', TargetGroupArn };
}

async function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  { aws, name, port, healthCheckIntervalSeconds, deregistrationDelaySeconds }: Place,
  { protocol, protocolVersion, targetType = 'instance', proxyProtocol = false }: TargetGroupDescription,
): Promise<string> {
  const created = await client.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: protocol,
      ProtocolVersion: protocolVersion,
      Port: port,
      VpcId: aws.network.vpcId,
      TargetType: targetType,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: healthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: timeoutSeconds(healthCheckIntervalSeconds),
      HealthyThresholdCount: THRESHOLD,
      UnhealthyThresholdCount: THRESHOLD,
      Matcher: protocolVersion === 'GRPC' ? { GrpcCode: '0' } : { HttpCode: '200' },
    }),
  );
  const TargetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Attributes = [
    { Key: 'deregistration_delay.timeout_seconds', Value: String(deregistrationDelaySeconds) },
    ...(proxyProtocol ? [{ Key: 'proxy_protocol_v2.enabled', Value: 'true' }] : []),
  ];
  await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  return TargetGroupArn;
}
