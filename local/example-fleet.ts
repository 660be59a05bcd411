/** A fleet to try the product on: two groups of one task behind an Application Load Balancer, made through the SDK. */
import { AutoScalingClient, CreateAutoScalingGroupCommand, type Tag } from '@aws-sdk/client-auto-scaling';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { EmbeddedAws } from './embedded-aws';
import { buildWar } from './war';

export interface FleetDescription {
  task: string;
  bucket: string;
  /** S3 keys of the wars, by slot. */
  warKeys: string[];
  /** Of Active: its desired and minimum capacity. */
  instances: number;
  maximum: number;
  targetGroups: number;
  healthCheckIntervalSeconds: number;
  deregistrationDelaySeconds: number;
  /** The port on which the instances listen. */
  port: number;
  extraTags: Record<string, string>;
}

export interface ExampleFleet extends FleetDescription {
  activeGroup: string;
  standByGroup: string;
  loadBalancerArn: string;
  targetGroupArns: string[];
  /** The versions of the wars that Active runs at first, by slot. */
  versionIds: string[];
}

const DEFAULTS: FleetDescription = {
  task: 'WAS',
  bucket: 'wars',
  warKeys: ['app.war'],
  instances: 2,
  maximum: 4,
  targetGroups: 1,
  healthCheckIntervalSeconds: 10,
  deregistrationDelaySeconds: 30,
  port: 8080,
  extraTags: {},
};

/** Makes the fleet, with a first version of every war. The groups' instances come up by themselves afterwards. */
export async function createExampleFleet(
  aws: EmbeddedAws,
  description: Partial<FleetDescription> = {},
): Promise<ExampleFleet> {
  const fleet = { ...DEFAULTS, ...description };
  const versionIds: string[] = [];
  for (const key of fleet.warKeys) versionIds.push(await uploadWar(aws, fleet.bucket, key, { version: '1' }));
  const { loadBalancerArn, targetGroupArns } = await createLoadBalancer(aws, fleet);
  const [activeGroup, standByGroup] = [`${fleet.task.toLowerCase()}-blue`, `${fleet.task.toLowerCase()}-green`];
  const autoScaling = new AutoScalingClient(aws.operator);
  for (const [name, type] of [
    [activeGroup, 'Active'],
    [standByGroup, 'StandBy'],
  ] as const) {
    const isActive = type === 'Active';
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '$Latest' },
        MinSize: isActive ? fleet.instances : 0,
        DesiredCapacity: isActive ? fleet.instances : 0,
        MaxSize: isActive ? fleet.maximum : 0,
        VPCZoneIdentifier: subnetIds(aws).join(','),
        HealthCheckType: 'ELB',
        HealthCheckGracePeriod: 60,
        TargetGroupARNs: isActive ? targetGroupArns : [],
        Tags: tagsOf(fleet, type, versionIds),
      }),
    );
  }
  return { ...fleet, activeGroup, standByGroup, loadBalancerArn, targetGroupArns, versionIds };
}

/** Uploads a war with these files, `health` among them or not, and answers its version id. */
export async function uploadWar(
  aws: EmbeddedAws,
  bucket: string,
  key: string,
  entries: Record<string, string>,
): Promise<string> {
  const body = buildWar({ health: 'well', ...entries });
  const answer = await new S3Client(aws.operator).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  return answer.VersionId ?? '';
}

function subnetIds(aws: EmbeddedAws): string[] {
  return [...aws.network.zoneOfSubnet.keys()].slice(0, 2);
}

async function createLoadBalancer(aws: EmbeddedAws, fleet: FleetDescription) {
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  const name = `${fleet.task.toLowerCase()}-web`;
  const created = await client.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: subnetIds(aws),
      Type: 'application',
      SecurityGroups: ['sg-1'],
    }),
  );
  const loadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const targetGroupArns: string[] = [];
  for (let index = 1; index <= fleet.targetGroups; index++) {
    targetGroupArns.push(await createTargetGroup(client, aws, fleet, `${name}-${index}`));
  }
  const listener = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArns[0] }],
    }),
  );
  for (const [index, targetGroupArn] of targetGroupArns.entries()) {
    if (index === 0) continue; // the default action
    await client.send(
      new CreateRuleCommand({
        ListenerArn: listener.Listeners?.[0]?.ListenerArn,
        Priority: index,
        Conditions: [{ Field: 'path-pattern', Values: [`/app${index + 1}/*`] }],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    );
  }
  return { loadBalancerArn, targetGroupArns };
}

async function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  aws: EmbeddedAws,
  fleet: FleetDescription,
  name: string,
): Promise<string> {
  const created = await client.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: fleet.port,
      VpcId: aws.network.vpcId,
      TargetType: 'instance',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: fleet.healthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: Math.min(5, Math.max(2, fleet.healthCheckIntervalSeconds - 1)),
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const targetGroupArn = created.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(fleet.deregistrationDelaySeconds) }];
  await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn, Attributes: attributes }));
  return targetGroupArn;
}

function tagsOf(fleet: FleetDescription, type: 'Active' | 'StandBy', versionIds: string[]): Tag[] {
  const slots = fleet.warKeys.flatMap((key, index) => [
    [`appS3Key${index + 1}`, key],
    [`s3VersionIdApp${index + 1}`, versionIds[index] ?? ''],
    [`appPath${index + 1}`, `/opt/tomcat/webapps/app${index + 1}.war`],
  ]);
  const pairs = [
    ['taskForDeploy', fleet.task],
    ['type', type],
    ['bucket', fleet.bucket],
    ...slots,
    ...Object.entries(fleet.extraTags),
  ];
  return pairs.map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: Key !== 'type' }));
}
