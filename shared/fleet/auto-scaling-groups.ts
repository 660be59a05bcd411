/** The Auto Scaling groups: reading them, and bringing them to a stated size, attachment or tag. */
import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  DetachLoadBalancersCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  type Instance as InstanceDescription,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLoadBalancers,
  paginateDescribeLoadBalancerTargetGroups,
  paginateDescribeScalingActivities,
  paginateDescribeTrafficSources,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import * as z from 'zod/mini';
import { batches } from '../aws/calls';
import type { Deadline } from '../aws/deadline';
import { errorCode } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import { type Attachment, type AttachmentState, isLeaving, isSamePlace } from './attachment';
import { type Traits, traitsOf } from './group-traits';
import { findTag, TASK_KEY, type Tag } from './tags';

/** Attaching and detaching take ten names a call; protection takes nineteen instances. */
const ATTACHMENTS_PER_CALL = 10;
const PROTECTIONS_PER_CALL = 19;
const GROUPS_PER_PAGE = 100;
/** One page: of those before, the newest tell what the older ones did. */
const ACTIVITIES_READ = 100;
/** Of 100 scaling activities. */
const ACTIVITY_PAGES = 10;

/** When, by what, and to how many. */
const CHANGE_OF_SIZE = /At (\S+Z) an? (\w+ \w+)[^.]* changing the desired capacity from \d+ to (\d+)/g;

/** Processes that would size StandBy while it is being tested. */
export const SUSPENDED_WHILE_TESTING = ['AlarmNotification', 'ScheduledActions'];

/** The process that terminates instances which a load balancer has not accepted yet. */
export const SUSPENDED_WHILE_ATTACHED = ['HealthCheck'];

/**
 * Processes that would size the old group, or move its instances, while it drains. What these do not stop is told at the
 * start. https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
export const SUSPENDED_WHILE_DRAINING = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'];

export const SUSPENDED_BY_US = [...SUSPENDED_WHILE_TESTING, ...SUSPENDED_WHILE_ATTACHED];

export const capacity = z.object({ minimum: z.int(), desired: z.int(), maximum: z.int() });
export type Capacity = z.infer<typeof capacity>;

export interface Instance {
  id: string;
  zone: string;
  lifecycleState: string;
  isProtected: boolean;
  type?: string | undefined;
  /** What it counts towards the group's desired capacity. */
  weight: number;
}

/** The sizes to give to a group; without `desired` the service changes that only as far as the limits ask for it. */
export type Sizes = Omit<Capacity, 'desired'> & { desired: number | undefined };

export interface Group {
  name: string;
  capacity: Capacity;
  instances: Instance[];
  tags: Tag[];
  suspendedProcesses: string[];
  hasWarmPool: boolean;
  /** In whichever way: identifiers of attachments, with those that it is leaving. */
  attachedTo: string[];
  /** Undefined of one that does not launch by a single template. */
  launch?: Launch | undefined;
  /** In words, for comparing. */
  traits?: Traits;
  machines?: Machines;
}

/** What a group launches: the template, and the types that it names in place of the template's. */
export interface Machines {
  template: { LaunchTemplateId?: string; LaunchTemplateName?: string; Version?: string } | undefined;
  types: string[];
}

/** How a group launches its instances: what another one as it is made of. */
export interface Launch {
  /** By its id or its name, and the version. */
  launchTemplate: Record<string, string>;
  /** Comma-separated, as the service has them. */
  subnets: string;
  healthCheckType: string;
  graceSeconds: number;
}

/** A scaling activity that came to nothing, in the words of AWS, without what only it has: its instance, its token. */
export interface FailedActivity {
  /** `Launching a new EC2 instance`. */
  action: string;
  isCancelled: boolean;
  reason: string;
}

export interface ChangeOfSize {
  /** In ISO. */
  at: string;
  /** By a scheduled action of the group. */
  isScheduled: boolean;
  desired: number;
}

export function isInService(instance: Instance): boolean {
  return instance.lifecycleState === 'InService';
}

/** A group is empty once nobody remains: whoever is terminating is on the way out already. */
export function remainingOf({ instances }: Group): Instance[] {
  return instances.filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'));
}

/** Those of these processes that are suspended on the group. */
export function suspendedOf({ suspendedProcesses }: Group, processes: readonly string[]): string[] {
  return processes.filter((process) => suspendedProcesses.includes(process));
}

export class Fleet {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): Fleet {
    return new Fleet(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  /** All groups whose task tag names this task. */
  async groupsOfTask(task: string): Promise<Group[]> {
    const groups = await this.groupsWithTagValue(task);
    return groups.filter((group) => findTag(group.tags, TASK_KEY)?.value === task);
  }

  /**
   * All groups that carry one of these values in any tag: the service filters by value, callers compare the keys. A filter
   * may have several: https://docs.aws.amazon.com/autoscaling/ec2/userguide/use-tag-filters-aws-cli.html
   */
  async groupsWithTagValue(...values: string[]): Promise<Group[]> {
    return this.describe({ Filters: [{ Name: 'tag-value', Values: values }] });
  }

  /** The groups of these names that exist. */
  async groups(names: string[]): Promise<Map<string, Group>> {
    const groups = await this.describe({ AutoScalingGroupNames: names });
    return new Map(groups.map((group) => [group.name, group]));
  }

  /**
   * What a group is attached to, in both ways, and how far each attachment is. Once it is `planned`, the calls are made only
   * where they may show something: for Classic Load Balancers where some were planned or the group lists one, and for traffic
   * sources also where the group lists what the other calls do not show. What it lists is without what it is leaving: of a
   * Classic Load Balancer that was not planned whoever takes instances away sees it by what that has registered.
   */
  async attachments(
    { name, attachedTo }: Pick<Group, 'name' | 'attachedTo'>,
    planned?: readonly Attachment[],
  ): Promise<AttachmentState[]> {
    const { client } = this;
    const input = { AutoScalingGroupName: name };
    const direct: AttachmentState[] = [];
    const mayBeClassic =
      planned === undefined || planned.some(({ kind }) => kind === 'classic') || attachedTo.some(isNameOfClassic);
    if (mayBeClassic) {
      for await (const page of paginateDescribeLoadBalancers({ client }, input)) {
        for (const { LoadBalancerName: identifier = '', State: state = '' } of page.LoadBalancers ?? []) {
          direct.push({ kind: 'classic', way: 'direct', identifier, state });
        }
      }
    }
    for await (const page of paginateDescribeLoadBalancerTargetGroups({ client }, input)) {
      for (const { LoadBalancerTargetGroupARN: identifier = '', State: state = '' } of page.LoadBalancerTargetGroups ??
        []) {
        direct.push({ kind: 'target-group', way: 'direct', identifier, state });
      }
    }
    const isShown = (identifier: string) => direct.some((one) => one.identifier === identifier);
    if (planned?.every(({ way }) => way === 'direct') && attachedTo.every(isShown)) return direct;
    const sources: AttachmentState[] = [];
    for await (const page of paginateDescribeTrafficSources({ client }, input)) {
      for (const { Identifier: identifier = '', State: state = '', Type: type } of page.TrafficSources ?? []) {
        sources.push({ kind: type === 'elb' ? 'classic' : 'target-group', way: 'traffic-source', identifier, state });
      }
    }
    // The traffic sources may list what was attached directly once more.
    const isDirect = (source: Attachment) => direct.some((one) => isSamePlace(one, source));
    return [...direct, ...sources.filter((source) => !isDirect(source))];
  }

  /**
   * The calls that attach the group to all of these. The service accepts what is attached already. What the group is still
   * leaving it may refuse: then nothing has changed, and whoever looks again finds it leaving, or gone.
   */
  attach(
    AutoScalingGroupName: string,
    attachments: readonly (Attachment | AttachmentState)[],
  ): (() => Promise<unknown>)[] {
    const isBeingLeft = (attachment: Attachment) => 'state' in attachment && isLeaving(attachment as AttachmentState);
    const leaving = this.attaching(AutoScalingGroupName, attachments.filter(isBeingLeft));
    return [
      ...this.attaching(
        AutoScalingGroupName,
        attachments.filter((attachment) => !isBeingLeft(attachment)),
      ),
      ...leaving.map(
        (call) => () =>
          call().catch((error: unknown) => {
            if (errorCode(error) !== 'ValidationError') throw error;
          }),
      ),
    ];
  }

  private attaching(AutoScalingGroupName: string, attachments: readonly Attachment[]): (() => Promise<unknown>)[] {
    const { client } = this;
    return [
      ...batchesOf(attachments, 'classic').map(
        (LoadBalancerNames) => () =>
          client.send(new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames })),
      ),
      ...batchesOf(attachments, 'target-group').map(
        (TargetGroupARNs) => () =>
          client.send(new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs })),
      ),
      ...trafficSourceBatches(attachments).map(
        (TrafficSources) => () =>
          client.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources })),
      ),
    ];
  }

  /** The calls that detach the group from all of these. What is detached already is as good. */
  detach(AutoScalingGroupName: string, attachments: readonly Attachment[]): (() => Promise<unknown>)[] {
    const { client } = this;
    const unlessDetached = (names: string[], detach: (names: string[]) => Promise<unknown>) => () =>
      detach(names).catch((error: unknown) => this.detachRest(AutoScalingGroupName, names, detach, error));
    return [
      ...batchesOf(attachments, 'classic').map((names) =>
        unlessDetached(names, (LoadBalancerNames) =>
          client.send(new DetachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames })),
        ),
      ),
      ...batchesOf(attachments, 'target-group').map((arns) =>
        unlessDetached(arns, (TargetGroupARNs) =>
          client.send(new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs })),
        ),
      ),
      ...trafficSourceBatches(attachments).map((sources) =>
        unlessDetached(
          sources.map(({ Identifier }) => Identifier),
          (identifiers) => {
            const TrafficSources = sources.filter(({ Identifier }) => identifiers.includes(Identifier));
            return client.send(new DetachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources }));
          },
        ),
      ),
    ];
  }

  /**
   * A call that names something that the group is not attached to is refused as a whole: also the call that the client
   * repeats by itself when the answer to the first one was lost.
   */
  private async detachRest(
    groupName: string,
    names: string[],
    detach: (names: string[]) => Promise<unknown>,
    error: unknown,
  ): Promise<void> {
    if (errorCode(error) !== 'ValidationError') throw error;
    const attached = (await this.attachments({ name: groupName, attachedTo: names })).filter(
      (attachment) => !isLeaving(attachment),
    );
    const left = names.filter((name) => attached.some(({ identifier }) => identifier === name));
    if (left.length === names.length) throw error;
    if (left.length > 0) await detach(left);
  }

  /** Without `desired` the group keeps the size that it has, within the limits. */
  async resize(groupName: string, capacity: Sizes): Promise<void> {
    await this.client.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: groupName,
        MinSize: capacity.minimum,
        DesiredCapacity: capacity.desired,
        MaxSize: capacity.maximum,
      }),
    );
  }

  /** Whatever size it has by now, up to its maximum; a smaller size grows to it. */
  async setMinimum(groupName: string, minimum: number): Promise<void> {
    await this.client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: groupName, MinSize: minimum }));
  }

  /** Writes tags of several groups in one call. Existing keys keep their spelling and PropagateAtLaunch. */
  async writeTags(changes: { group: Group; key: string; value: string; propagateAtLaunch: boolean }[]): Promise<void> {
    await this.client.send(
      new CreateOrUpdateTagsCommand({
        Tags: changes.map(({ group, key, value, propagateAtLaunch }) => {
          const existing = findTag(group.tags, key);
          return {
            ResourceType: 'auto-scaling-group',
            ResourceId: group.name,
            Key: existing?.key ?? key,
            Value: value,
            PropagateAtLaunch: existing?.propagateAtLaunch ?? propagateAtLaunch,
          };
        }),
      }),
    );
  }

  async suspend(groupName: string, processes: string[]): Promise<void> {
    if (processes.length === 0) return; // an empty list would suspend every process
    await this.client.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: groupName, ScalingProcesses: processes }),
    );
  }

  async resume(groupName: string, processes: string[]): Promise<void> {
    if (processes.length === 0) return; // an empty list would resume every process
    await this.client.send(
      new ResumeProcessesCommand({ AutoScalingGroupName: groupName, ScalingProcesses: processes }),
    );
  }

  /**
   * The calls that let the group terminate these instances: protected ones would stay even at size 0. Those that are still
   * being launched are refused, and have to be asked for once more when they are in service.
   */
  removeProtection(group: Group): (() => Promise<unknown>)[] {
    const lifted = group.instances.filter(
      ({ isProtected, lifecycleState }) => isProtected && lifecycleState === 'InService',
    );
    const instanceIds = lifted.map(({ id }) => id);
    return batches(instanceIds, PROTECTIONS_PER_CALL).map(
      (InstanceIds) => () =>
        this.client.send(
          new SetInstanceProtectionCommand({
            AutoScalingGroupName: group.name,
            InstanceIds,
            ProtectedFromScaleIn: false,
          }),
        ),
    );
  }

  /** Of the newest scaling activities of a group, those that failed and began since then, newest first. */
  async failedActivities(groupName: string, since: Date): Promise<FailedActivity[]> {
    const command = new DescribeScalingActivitiesCommand({
      AutoScalingGroupName: groupName,
      MaxRecords: ACTIVITIES_READ,
    });
    const { Activities = [] } = await this.client.send(command);
    return Activities.filter(
      ({ StatusCode, StartTime }) =>
        ['Failed', 'Cancelled'].includes(StatusCode ?? '') && StartTime && StartTime >= since,
    ).map(({ Description = '', StatusCode, StatusMessage = '' }) => ({
      action: Description.replace(/(: i-|\. ).*$/s, ''),
      isCancelled: StatusCode === 'Cancelled',
      reason: StatusMessage.replace(/ with token [\da-f-]{36}/, ''),
    }));
  }

  /**
   * What has changed the desired capacity of a group last, as the causes of its scaling activities tell
   * (https://repost.aws/knowledge-center/auto-scaling-scale-down); undefined where none does.
   */
  async lastChangeOfSize(groupName: string): Promise<ChangeOfSize | undefined> {
    const { Activities = [] } = await this.client.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: groupName, MaxRecords: ACTIVITIES_READ }),
    );
    const changes = Activities.flatMap(({ Cause = '' }) => [...Cause.matchAll(CHANGE_OF_SIZE)]);
    const told = changes.map(([, at = '', by, desired]) => ({
      at: new Date(at).toISOString(),
      isScheduled: by === 'scheduled action',
      desired: Number(desired),
    }));
    return told.toSorted((one, other) => other.at.localeCompare(one.at))[0];
  }

  /** The lifecycle hooks that hold what the group launches, and for how long at most. */
  async launchHooks(groupName: string): Promise<{ name: string; seconds: number }[]> {
    const { LifecycleHooks = [] } = await this.client.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: groupName }),
    );
    const ofLaunch = LifecycleHooks.filter((hook) => hook.LifecycleTransition === 'autoscaling:EC2_INSTANCE_LAUNCHING');
    return ofLaunch.map(({ LifecycleHookName: name = '', HeartbeatTimeout: seconds = 0 }) => ({ name, seconds }));
  }

  /**
   * The instances that the group began to launch since then, into a warm pool or not, as its scaling activities tell; they
   * may tell of one a little later. Of one that was attached by hand they tell no launch. (A launch time of EC2 would be
   * no proof: that of an instance which was stopped meanwhile is when it was started again.)
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html
   */
  async launchedSince(groupName: string, since: Date): Promise<Set<string>> {
    const launched = new Set<string>();
    const input = { AutoScalingGroupName: groupName };
    let pages = 0;
    for await (const { Activities = [] } of paginateDescribeScalingActivities({ client: this.client }, input)) {
      const recent = Activities.filter(({ StartTime }) => StartTime !== undefined && StartTime >= since);
      for (const { Description = '' } of recent) {
        const id = /^Launching a new EC2 instance(?: into warm pool)?: (i-\w+)/.exec(Description)?.[1];
        if (id) launched.add(id);
      }
      pages += 1;
      if (recent.length === 0 || pages === ACTIVITY_PAGES) break; // those in progress come first, then the newest
    }
    return launched;
  }

  async hasInstanceRefresh(groupName: string): Promise<boolean> {
    const answer = await this.client.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: groupName, MaxRecords: 1 }),
    );
    const ended = ['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful'];
    return (answer.InstanceRefreshes ?? []).some(({ Status = '' }) => !ended.includes(Status));
  }

  private async describe(input: object): Promise<Group[]> {
    const groups: Group[] = [];
    const paginator = paginateDescribeAutoScalingGroups({ client: this.client, pageSize: GROUPS_PER_PAGE }, input);
    for await (const page of paginator) groups.push(...(page.AutoScalingGroups ?? []).map(groupOf));
    return groups;
  }
}

function groupOf(group: AutoScalingGroup): Group {
  return {
    name: group.AutoScalingGroupName ?? '',
    capacity: { minimum: group.MinSize ?? 0, desired: group.DesiredCapacity ?? 0, maximum: group.MaxSize ?? 0 },
    instances: (group.Instances ?? []).map(instanceOf),
    tags: (group.Tags ?? []).map(({ Key = '', Value = '', PropagateAtLaunch = false }) => ({
      key: Key,
      value: Value,
      propagateAtLaunch: PropagateAtLaunch,
    })),
    suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = '' }) => ProcessName),
    hasWarmPool: group.WarmPoolConfiguration !== undefined,
    attachedTo: attachedToOf(group),
    launch: launchOf(group),
    traits: traitsOf(group),
    machines: machinesOf(group),
  };
}

/** Of the two ways to name a template a call takes one. */
function machinesOf({ LaunchTemplate, MixedInstancesPolicy }: AutoScalingGroup): Machines {
  const used = LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const { LaunchTemplateId, LaunchTemplateName, Version } = used ?? {};
  const named = LaunchTemplateId ? { LaunchTemplateId } : LaunchTemplateName ? { LaunchTemplateName } : undefined;
  const overrides = MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const types = overrides.flatMap(({ InstanceType }) => (InstanceType ? [InstanceType] : []));
  return { template: named && { ...named, ...(Version && { Version }) }, types };
}

function launchOf({
  LaunchTemplate,
  VPCZoneIdentifier: subnets = '',
  HealthCheckType: healthCheckType = 'EC2',
  HealthCheckGracePeriod: graceSeconds = 0,
}: AutoScalingGroup): Launch | undefined {
  const { LaunchTemplateId, LaunchTemplateName, Version = '$Default' } = LaunchTemplate ?? {};
  const byName: Record<string, string> | undefined = LaunchTemplateName ? { LaunchTemplateName } : undefined;
  const named = LaunchTemplateId ? { LaunchTemplateId } : byName;
  if (!named || subnets === '') return undefined;
  return { launchTemplate: { ...named, Version }, subnets, healthCheckType, graceSeconds };
}

/** Target groups are listed by their ARNs. */
function isNameOfClassic(identifier: string): boolean {
  return !identifier.startsWith('arn:');
}

function attachedToOf({
  TargetGroupARNs = [],
  LoadBalancerNames = [],
  TrafficSources = [],
}: AutoScalingGroup): string[] {
  const sources = TrafficSources.map(({ Identifier = '' }) => Identifier);
  return [...new Set([...TargetGroupARNs, ...LoadBalancerNames, ...sources])];
}

function instanceOf(instance: InstanceDescription): Instance {
  return {
    id: instance.InstanceId ?? '',
    zone: instance.AvailabilityZone ?? '',
    lifecycleState: instance.LifecycleState ?? '',
    isProtected: instance.ProtectedFromScaleIn ?? false,
    type: instance.InstanceType,
    weight: Number(instance.WeightedCapacity ?? 1),
  };
}

function batchesOf(attachments: readonly Attachment[], kind: Attachment['kind']): string[][] {
  const direct = attachments.filter((attachment) => attachment.way === 'direct' && attachment.kind === kind);
  return batches(
    direct.map(({ identifier }) => identifier),
    ATTACHMENTS_PER_CALL,
  );
}

function trafficSourceBatches(attachments: readonly Attachment[]): { Identifier: string; Type: string }[][] {
  const sources = attachments.filter(({ way }) => way === 'traffic-source');
  return batches(
    sources.map(({ kind, identifier }) => ({ Identifier: identifier, Type: kind === 'classic' ? 'elb' : 'elbv2' })),
    ATTACHMENTS_PER_CALL,
  );
}
