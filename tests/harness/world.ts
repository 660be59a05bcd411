/** A world to test in: the embedded AWS in virtual time, with the packaged stack and an example fleet in it. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  type TagDescription,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  ElasticLoadBalancingClient,
  paginateDescribeLoadBalancers as paginateClassicLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DisableRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { DeployedStack } from '../../local/cloudformation/stack';
import { packagedTemplate, type Template } from '../../local/cloudformation/template';
import { EmbeddedAws, type EmbeddedAwsOptions } from '../../local/embedded-aws';
import type { Entry } from '../../local/endpoint/client';
import { healthOfWars, installWars } from '../../local/example/application';
import { createExampleFleet, type ExampleFleet, type FleetDescription, uploadWar } from '../../local/example/fleet';
import type { LaunchedInstance } from '../../local/fleet/instances';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { type Functions, loadFunctions } from '../../local/functions';
import { VirtualClock } from '../../local/kernel/clock';
import type { BusEvent } from '../../local/services/eventbridge/event';
import type { DeploymentRecord } from '../../shared/pipeline/record';

export interface WorldOptions {
  seed?: number;
  /** How clients come in: past the wire protocols unless the test is about them; it makes no other difference. */
  entry?: Entry;
  /** Of every instance, or of each. */
  bootSeconds?: number | ((instance: LaunchedInstance) => number);
  provisioningSeconds?: number;
  /** How long functions may not be told of what was written; by default they are at once. */
  lag?: EmbeddedAwsOptions['lag'];
  /** How long the fleet has been there when the test begins: long enough for it to be healthy. */
  warmUpSeconds?: number;
  /** Functions in place of the product's own, where a test is about what goes wrong with others. */
  handlers?: Functions;
  fleet?: Partial<FleetDescription>;
  settings?: EmbeddedAwsOptions['settings'];
  /** What is in the account before the stack. */
  prepare?: (aws: EmbeddedAws) => void;
  /** What else is in the stack. */
  extend?: (template: Template) => Template;
  stackName?: string;
  /** Values of the stack's parameters, as `--param` gives them. */
  parameters?: Record<string, string>;
}

/** Read once for all worlds of a test file. */
const templates = new Map<string, Template>();

function templateOf(parameters: Record<string, string>): Template {
  const name = JSON.stringify(parameters);
  const template = templates.get(name) ?? packagedTemplate(parameters);
  templates.set(name, template);
  return template;
}

/** Roles are told apart by their keys in the template, across all stacks. */
function ofStage(template: Template, stage: string): Template {
  const roles = Object.entries(template.Resources).flatMap(([id, { Type }]) => (Type === 'AWS::IAM::Role' ? [id] : []));
  const renamed = JSON.stringify(template)
    .replace(new RegExp(`\\b(${roles.join('|')})\\b`, 'g'), `$1Of${stage}`)
    .replaceAll('bluegreen-dev', `bluegreen-${stage}`);
  return JSON.parse(renamed);
}

/** Nothing takes longer than a test can do with. */
const QUICK = { bootSeconds: 5, provisioningSeconds: 10, parameters: { CycleSeconds: '60' } };

export class World {
  /** Every event that reached the pipeline's bus, replayed ones too, in order. */
  readonly events: BusEvent[] = [];

  private constructor(
    readonly clock: VirtualClock,
    readonly aws: EmbeddedAws,
    readonly instances: VirtualInstances,
    readonly stack: DeployedStack,
    readonly fleet: ExampleFleet,
    readonly logs: { function: string; line: string }[],
  ) {}

  /** A stack and a fleet whose Active group serves the first version of its wars, and is healthy. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const clock = new VirtualClock();
    const logs: World['logs'] = [];
    const healthOf = new WeakMap<LaunchedInstance, number>(); // wars are installed once
    const instances: VirtualInstances = new VirtualInstances({
      clock,
      bootSeconds: options.bootSeconds ?? 90,
      application: (instance) => {
        const health = healthOf.get(instance) ?? healthOfWars(installWars(aws.s3, instance));
        healthOf.set(instance, health);
        return health;
      },
    });
    const aws: EmbeddedAws = new EmbeddedAws({
      clock,
      instances,
      handlers: { ...(await loadFunctions()), ...options.handlers },
      seed: options.seed,
      entry: options.entry ?? 'direct',
      lag: options.lag,
      log: (name, line) => logs.push({ function: name, line }),
      settings: {
        ...options.settings,
        elasticLoadBalancingV2: {
          provisioningSeconds: options.provisioningSeconds ?? 150,
          ...options.settings?.elasticLoadBalancingV2,
        },
      },
    });
    const parameters = { AdminEmails: 'admin@example.com', ...options.parameters };
    options.prepare?.(aws);
    const template = templateOf(parameters);
    const stack = aws.deploy(options.extend?.(template) ?? template, { stackName: options.stackName });
    const bucket = stack.outputs.WarBucketName ?? '';
    const fleet = await clock.run(createExampleFleet(aws, { bucket, ...options.fleet }));
    await clock.advance(options.warmUpSeconds ?? 600);
    const world = new World(clock, aws, instances, stack, fleet, logs);
    aws.eventBridge.onEvent((event, busName) => {
      if (busName === stack.outputs.EventBusName) world.events.push(event);
    });
    return world;
  }

  /**
   * The same stack once more in the same account, as another stage: with events, a bucket and a fleet of its own. Its mails
   * are among those of all.
   */
  async beside(stage: string, { fleet, parameters }: Pick<WorldOptions, 'fleet' | 'parameters'> = {}): Promise<World> {
    const { clock, aws, instances, logs } = this;
    const template = ofStage(
      templateOf({ ...QUICK.parameters, AdminEmails: 'admin@example.com', ...parameters }),
      stage,
    );
    const stack = aws.deploy(template, { stackName: stage });
    const bucket = stack.outputs.WarBucketName ?? '';
    const theirs = fleet === undefined ? this.fleet : await clock.run(createExampleFleet(aws, { bucket, ...fleet }));
    await clock.advance(600);
    const world = new World(clock, aws, instances, stack, theirs, logs);
    aws.eventBridge.onEvent((event, busName) => {
      if (busName === stack.outputs.EventBusName) world.events.push(event);
    });
    return world;
  }

  /** As `create`, for tests that are not about how long things take: every option that one of them gives matters to it. */
  static quick({ parameters, ...options }: WorldOptions = {}): Promise<World> {
    return World.create({ ...QUICK, ...options, parameters: { ...QUICK.parameters, ...parameters } });
  }

  /** Uploads a war with these files and answers its version id. */
  upload(key: string, entries: Record<string, string> = {}): Promise<string> {
    return this.clock.run(uploadWar(this.aws, this.fleet.bucket, key, entries));
  }

  uploadBytes(key: string, body: string | Uint8Array, more: Partial<PutObjectCommandInput> = {}): Promise<string> {
    const command = new PutObjectCommand({ Bucket: this.fleet.bucket, Key: key, Body: body, ...more });
    return this.clock.run(new S3Client(this.aws.operator).send(command).then(({ VersionId = '' }) => VersionId));
  }

  /** Puts one event on the pipeline's bus, as an operator does. */
  async put(detailType: string, detail: object): Promise<void> {
    const command = new PutEventsCommand({
      Entries: [
        {
          EventBusName: this.stack.outputs.EventBusName,
          Source: 'bluegreen',
          DetailType: detailType,
          Detail: JSON.stringify(detail),
        },
      ],
    });
    await this.clock.run(new EventBridgeClient(this.aws.operator).send(command));
  }

  /** From now on what is lost stays lost. */
  async stopWatchdog(): Promise<void> {
    const Name = this.stack.resources.get('WatchdogRule')?.physicalId;
    await new EventBridgeClient(this.aws.operator).send(new DisableRuleCommand({ Name }));
  }

  /** Replays the archive from the beginning. */
  async replay(name: string): Promise<void> {
    const archiveArn = this.stack.outputs.ArchiveArn;
    const busArn = this.stack.resources.get('Bus')?.attributes.Arn;
    const command = new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: archiveArn,
      EventStartTime: new Date(0),
      EventEndTime: this.clock.now(),
      Destination: { Arn: busArn },
    });
    await this.clock.run(new EventBridgeClient(this.aws.operator).send(command));
  }

  /** Lets time pass until an event of this type has come (since `after` events), and answers it. */
  async until(detailType: string, { after = 0, limitSeconds = 4 * 3600 } = {}): Promise<BusEvent> {
    let looked = after; // each is looked at once, however many come
    let found: BusEvent | undefined;
    const look = () => {
      while (!found && looked < this.events.length) {
        const event = this.events[looked++];
        if (event?.['detail-type'] === detailType) found = event;
      }
      return found !== undefined;
    };
    await this.clock.runUntil(look, limitSeconds);
    return found as unknown as BusEvent;
  }

  /** The detail-types of the pipeline's events in order, without the polling. */
  get story(): string[] {
    return this.events.map((event) => event['detail-type']).filter((type) => !type.startsWith('Check'));
  }

  /** Subjects in order; the first line where there is no subject. */
  get mails(): string[] {
    return this.aws.sns.mails.map(({ subject, body }) => subject ?? body.split('\n')[0] ?? '');
  }

  mailBody(index: number): string {
    return this.aws.sns.mails.at(index)?.body ?? '';
  }

  async group(name: string): Promise<AutoScalingGroup> {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
    const { AutoScalingGroups } = await this.clock.run(new AutoScalingClient(this.aws.operator).send(command));
    const [group] = AutoScalingGroups ?? [];
    if (!group) throw new Error(`there is no group ${name}`);
    return group;
  }

  async groupNames(): Promise<string[]> {
    const command = new DescribeAutoScalingGroupsCommand({});
    const { AutoScalingGroups = [] } = await this.clock.run(new AutoScalingClient(this.aws.operator).send(command));
    return AutoScalingGroups.map(({ AutoScalingGroupName = '' }) => AutoScalingGroupName);
  }

  async resize(groupName: string, minimum: number, desired: number, maximum: number): Promise<void> {
    const sizes = { MinSize: minimum, DesiredCapacity: desired, MaxSize: maximum };
    const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: groupName, ...sizes });
    await new AutoScalingClient(this.aws.operator).send(command);
  }

  async tag(groupName: string, key: string): Promise<TagDescription | undefined> {
    return (await this.group(groupName)).Tags?.find(({ Key }) => Key?.toLowerCase() === key.toLowerCase());
  }

  /** Minimum, desired and maximum: `2/2/4`. */
  async size(groupName: string): Promise<string> {
    const { MinSize, DesiredCapacity, MaxSize } = await this.group(groupName);
    return `${MinSize}/${DesiredCapacity}/${MaxSize}`;
  }

  /** The names of all load balancers and target groups that are dummies. */
  dummies(): Promise<string[]> {
    return this.clock.run(this.readDummies());
  }

  private async readDummies(): Promise<string[]> {
    const client = new ElasticLoadBalancingV2Client(this.aws.operator);
    const classicClient = new ElasticLoadBalancingClient(this.aws.operator);
    const names: string[] = [];
    for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) {
      names.push(...LoadBalancers.map(({ LoadBalancerName = '' }) => LoadBalancerName));
    }
    for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) {
      names.push(...TargetGroups.map(({ TargetGroupName = '' }) => TargetGroupName));
    }
    for await (const page of paginateClassicLoadBalancers({ client: classicClient }, {})) {
      const descriptions = page.LoadBalancerDescriptions ?? [];
      names.push(...descriptions.map(({ LoadBalancerName = '' }) => LoadBalancerName));
    }
    return names.filter((name) => name.startsWith('deploycheck-'));
  }

  async record(): Promise<DeploymentRecord> {
    const command = new GetObjectCommand({
      Bucket: this.stack.outputs.StateBucketName,
      Key: `tasks/${encodeURIComponent(this.fleet.task)}.json`,
    });
    const body = await this.clock.run(
      new S3Client(this.aws.operator).send(command).then(({ Body }) => Body?.transformToString()),
    );
    return JSON.parse(body ?? '');
  }

  /** Which version of the war in this slot is served by what the fleet was attached to first. */
  servedVersions(slot = 1, fleet = this.fleet): string[] {
    const { elasticLoadBalancing, elasticLoadBalancingV2 } = this.aws;
    const [{ kind, identifier } = { kind: 'target-group', identifier: '' }] = fleet.attachments;
    const serving =
      kind === 'classic'
        ? elasticLoadBalancing.routableInstances(identifier)
        : elasticLoadBalancingV2.routableTargets(identifier).map(({ instanceId }) => instanceId);
    const running = new Map<string, LaunchedInstance>(this.instances.running().map((one) => [one.instanceId, one]));
    const versions = serving.map((instanceId) => running.get(instanceId)?.tags.get(`s3VersionIdApp${slot}`) ?? '?');
    return [...new Set(versions)];
  }
}
