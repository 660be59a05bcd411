/** A fleet to try the product on: two groups of one task behind load balancers, made through the SDK. */
import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  type Tag,
} from '@aws-sdk/client-auto-scaling';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { EmbeddedAws } from '../embedded-aws';
import { buildWar } from '../fleet/war';
import { createLoadBalancer, type ExampleAttachment, type LoadBalancerDescription } from './load-balancers';

export interface FleetDescription {
  task: string;
  /** What its groups and load balancers are named after: the task, unless told otherwise. */
  name?: string;
  bucket: string;
  /** S3 keys of the wars, by slot. */
  warKeys: string[];
  /** Of Active: its desired capacity, and its minimum where `minimum` does not say otherwise. */
  instances: number;
  minimum?: number;
  maximum: number;
  /** Of the one Application Load Balancer, where `loadBalancers` does not say otherwise. */
  targetGroups: number;
  loadBalancers?: LoadBalancerDescription[];
  healthCheckType: 'EC2' | 'ELB';
  /** After its launch an instance may be ill for so long. */
  healthCheckGraceSeconds: number;
  /** What each instance type counts towards the capacity; none: every instance counts 1. */
  weights: number[];
  /** The instances have scale-in protection from their launch on. */
  areProtected: boolean;
  /** In so many zones the groups and the load balancers are: 2 or 3. */
  zones: number;
  healthCheckIntervalSeconds: number;
  deregistrationDelaySeconds: number;
  /** The port on which the instances listen. */
  port: number;
  extraTags: Record<string, string>;
}

export interface ExampleFleet extends FleetDescription {
  activeGroup: string;
  standByGroup: string;
  /** What Active is attached to at first. */
  attachments: ExampleAttachment[];
  /** The first load balancer that is not a classic one; empty where there is none. */
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
  healthCheckType: 'ELB',
  healthCheckGraceSeconds: 60,
  weights: [],
  areProtected: false,
  zones: 2,
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
  const attachments = await createLoadBalancers(aws, fleet);
  const [activeGroup, standByGroup] = [`${nameOf(fleet)}-blue`, `${nameOf(fleet)}-green`];
  const autoScaling = new AutoScalingClient(aws.operator);
  await autoScaling.send(new CreateAutoScalingGroupCommand(groupOf(aws, fleet, activeGroup, 'Active', versionIds)));
  await autoScaling.send(new CreateAutoScalingGroupCommand(groupOf(aws, fleet, standByGroup, 'StandBy', versionIds)));
  await attach({ client: autoScaling, clock: aws.clock }, activeGroup, attachments);
  const targetGroupArns = attachments.filter(({ kind }) => kind === 'target-group').map(({ identifier }) => identifier);
  const loadBalancerArn = attachments.find((attachment) => attachment.loadBalancerArn)?.loadBalancerArn ?? '';
  return { ...fleet, activeGroup, standByGroup, attachments, loadBalancerArn, targetGroupArns, versionIds };
}

function nameOf({ name, task }: FleetDescription): string {
  return name ?? task.toLowerCase();
}

function groupOf(
  aws: EmbeddedAws,
  fleet: FleetDescription,
  name: string,
  type: 'Active' | 'StandBy',
  versionIds: string[],
): CreateAutoScalingGroupCommandInput {
  const isActive = type === 'Active';
  const template = { LaunchTemplateName: 'tomcat', Version: '$Latest' };
  const Overrides = fleet.weights.map((weight, index) => ({
    InstanceType: INSTANCE_TYPES[index % INSTANCE_TYPES.length],
    WeightedCapacity: String(weight),
  }));
  const mixed = { LaunchTemplate: { LaunchTemplateSpecification: template, Overrides } };
  return {
    AutoScalingGroupName: name,
    ...(fleet.weights.length > 0 ? { MixedInstancesPolicy: mixed } : { LaunchTemplate: template }),
    MinSize: isActive ? (fleet.minimum ?? fleet.instances) : 0,
    DesiredCapacity: isActive ? fleet.instances : 0,
    MaxSize: isActive ? fleet.maximum : 0,
    VPCZoneIdentifier: subnetIds(aws, fleet).join(','),
    HealthCheckType: fleet.healthCheckType,
    HealthCheckGracePeriod: fleet.healthCheckGraceSeconds,
    NewInstancesProtectedFromScaleIn: fleet.areProtected,
    Tags: tagsOf(fleet, type, versionIds),
  };
}

const INSTANCE_TYPES = ['c7i.large', 'c7i.xlarge', 'c7i.2xlarge'];
const ATTACHMENTS_PER_CALL = 10;
const ATTEMPTS = 30;
const RETRY_SECONDS = 1;

/** A group takes no more at once: the next batch has to wait until the one before is attached. */
async function attach(
  { client, clock }: { client: AutoScalingClient; clock: EmbeddedAws['clock'] },
  AutoScalingGroupName: string,
  attachments: ExampleAttachment[],
): Promise<void> {
  const batches = (wanted: (attachment: ExampleAttachment) => boolean) => {
    const identifiers = attachments.filter(wanted).map(({ identifier }) => identifier);
    return Array.from({ length: Math.ceil(identifiers.length / ATTACHMENTS_PER_CALL) }, (_, index) =>
      identifiers.slice(index * ATTACHMENTS_PER_CALL, (index + 1) * ATTACHMENTS_PER_CALL),
    );
  };
  const unhurried = async (call: () => Promise<unknown>) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (attempt === ATTEMPTS || !/too many .* at once/.test(String(error))) throw error;
        await clock.sleep(RETRY_SECONDS);
      }
    }
  };
  for (const LoadBalancerNames of batches(({ way, kind }) => way === 'direct' && kind === 'classic')) {
    await unhurried(() => client.send(new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames })));
  }
  for (const TargetGroupARNs of batches(({ way, kind }) => way === 'direct' && kind === 'target-group')) {
    await unhurried(() =>
      client.send(new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs })),
    );
  }
  for (const identifiers of batches(({ way }) => way === 'traffic-source')) {
    const TrafficSources = identifiers.map((Identifier) => ({ Identifier }));
    await unhurried(() => client.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources })));
  }
}

async function createLoadBalancers(aws: EmbeddedAws, fleet: FleetDescription): Promise<ExampleAttachment[]> {
  const targetGroups = Array.from({ length: fleet.targetGroups }, () => ({ protocol: 'HTTP' }) as const);
  const single: LoadBalancerDescription = { kind: 'application', way: 'direct', isAcrossZones: true, targetGroups };
  const subnets = subnetIds(aws, fleet);
  const attachments: ExampleAttachment[] = [];
  for (const [index, description] of (fleet.loadBalancers ?? [single]).entries()) {
    const numbered = [nameOf(fleet), 'web', ...(index > 0 ? [index + 1] : [])].join('-');
    const { name = numbered } = description;
    attachments.push(...(await createLoadBalancer({ ...fleet, aws, name, subnets }, description)));
  }
  return attachments;
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

function subnetIds(aws: EmbeddedAws, { zones }: FleetDescription): string[] {
  return [...aws.network.zoneOfSubnet.keys()].slice(0, zones);
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
