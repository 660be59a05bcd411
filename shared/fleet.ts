/** The Auto Scaling groups: reading them, and bringing them to a stated size, attachment or tag. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  type Instance as InstanceDescription,
  paginateDescribeAutoScalingGroups,
  paginateDescribeLoadBalancerTargetGroups,
  paginateDescribeTrafficSources,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Deadline } from './deadline';
import type { Attachment, Capacity } from './record';
import type { Runtime } from './runtime';
import { findTag, TASK_KEY, type Tag } from './task-tags';

/** Attaching and detaching take ten names a call; protection takes nineteen instances. */
const ATTACHMENTS_PER_CALL = 10;
const PROTECTIONS_PER_CALL = 19;
const GROUPS_PER_PAGE = 100;

export interface Instance {
  id: string;
  zone: string;
  lifecycleState: string;
  isProtected: boolean;
  /** What it counts towards the group's desired capacity. */
  weight: number;
}

export interface Group {
  name: string;
  capacity: Capacity;
  instances: Instance[];
  tags: Tag[];
  suspendedProcesses: string[];
  /** Names of Classic Load Balancers. */
  classicLoadBalancers: string[];
  hasWarmPool: boolean;
}

/** An attachment and how far it is. One that is being removed is listed until its targets are drained. */
export interface AttachmentState extends Attachment {
  state: string;
}

export class Fleet {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): Fleet {
    return new Fleet(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  /** All groups whose task tag names this task. The service filters by value; the key's spelling is compared here. */
  async groupsOfTask(task: string): Promise<Group[]> {
    const groups = await this.describe({ Filters: [{ Name: 'tag-value', Values: [task] }] });
    return groups.filter((group) => findTag(group.tags, TASK_KEY)?.value === task);
  }

  /** All groups that carry this value in any tag. */
  async groupsWithTagValue(value: string): Promise<Group[]> {
    return this.describe({ Filters: [{ Name: 'tag-value', Values: [value] }] });
  }

  /** The groups of these names that exist. */
  async groups(names: string[]): Promise<Map<string, Group>> {
    const groups = await this.describe({ AutoScalingGroupNames: names });
    return new Map(groups.map((group) => [group.name, group]));
  }

  /** What a group is attached to, in both ways, and how far each attachment is. */
  async attachments(groupName: string): Promise<AttachmentState[]> {
    const found = new Map<string, AttachmentState>();
    const input = { AutoScalingGroupName: groupName };
    for await (const page of paginateDescribeLoadBalancerTargetGroups({ client: this.client }, input)) {
      for (const {
        LoadBalancerTargetGroupARN: targetGroupArn = '',
        State: state = '',
      } of page.LoadBalancerTargetGroups ?? []) {
        found.set(targetGroupArn, { targetGroupArn, way: 'target-group', state });
      }
    }
    for await (const page of paginateDescribeTrafficSources({ client: this.client }, input)) {
      for (const { Identifier: targetGroupArn = '', State: state = '', Type: type } of page.TrafficSources ?? []) {
        if (type === 'elb' || found.has(targetGroupArn)) continue;
        found.set(targetGroupArn, { targetGroupArn, way: 'traffic-source', state });
      }
    }
    return [...found.values()];
  }

  /** The calls that attach the group to all of these. Attaching what is attached is accepted by the service. */
  attach(groupName: string, attachments: readonly Attachment[]): (() => Promise<unknown>)[] {
    return [
      ...targetGroupBatches(attachments).map(
        (TargetGroupARNs) => () =>
          this.client.send(
            new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: groupName, TargetGroupARNs }),
          ),
      ),
      ...trafficSourceBatches(attachments).map(
        (TrafficSources) => () =>
          this.client.send(new AttachTrafficSourcesCommand({ AutoScalingGroupName: groupName, TrafficSources })),
      ),
    ];
  }

  /** The calls that detach the group from all of these. */
  detach(groupName: string, attachments: readonly Attachment[]): (() => Promise<unknown>)[] {
    return [
      ...targetGroupBatches(attachments).map(
        (TargetGroupARNs) => () =>
          this.client.send(
            new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: groupName, TargetGroupARNs }),
          ),
      ),
      ...trafficSourceBatches(attachments).map(
        (TrafficSources) => () =>
          this.client.send(new DetachTrafficSourcesCommand({ AutoScalingGroupName: groupName, TrafficSources })),
      ),
    ];
  }

  async resize(groupName: string, capacity: Capacity): Promise<void> {
    await this.client.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: groupName,
        MinSize: capacity.minimum,
        DesiredCapacity: capacity.desired,
        MaxSize: capacity.maximum,
      }),
    );
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

  /** The calls that let the group terminate these instances: protected ones would stay even at size 0. */
  removeProtection(group: Group): (() => Promise<unknown>)[] {
    const instanceIds = group.instances.filter((instance) => instance.isProtected).map((instance) => instance.id);
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

  /** The newest scaling activity that failed, in one line: why no instance comes. */
  async lastFailedActivity(groupName: string): Promise<string | undefined> {
    const answer = await this.client.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: groupName, MaxRecords: 20 }),
    );
    const activity = answer.Activities?.find(({ StatusCode }) => StatusCode === 'Failed' || StatusCode === 'Cancelled');
    return activity && `${activity.Description}: ${activity.StatusMessage}`;
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
    classicLoadBalancers: group.LoadBalancerNames ?? [],
    hasWarmPool: group.WarmPoolConfiguration !== undefined,
  };
}

function instanceOf(instance: InstanceDescription): Instance {
  return {
    id: instance.InstanceId ?? '',
    zone: instance.AvailabilityZone ?? '',
    lifecycleState: instance.LifecycleState ?? '',
    isProtected: instance.ProtectedFromScaleIn ?? false,
    weight: Number(instance.WeightedCapacity ?? 1),
  };
}

function targetGroupBatches(attachments: readonly Attachment[]): string[][] {
  const arns = attachments.filter(({ way }) => way === 'target-group').map(({ targetGroupArn }) => targetGroupArn);
  return batches(arns, ATTACHMENTS_PER_CALL);
}

function trafficSourceBatches(attachments: readonly Attachment[]): { Identifier: string; Type: string }[][] {
  const sources = attachments
    .filter(({ way }) => way === 'traffic-source')
    .map(({ targetGroupArn }) => ({ Identifier: targetGroupArn, Type: 'elbv2' }));
  return batches(sources, ATTACHMENTS_PER_CALL);
}

export function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
