/** Creating, changing, describing and deleting groups. */
import type {
  AutoScalingGroupNamesType,
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  Filter,
  SetDesiredCapacityType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Call, type Operations, validationError } from '../../kernel/service';
import { type Attachments, referenceOf, references } from './attachments';
import { type Capacity, constraintsOf, isTerminating } from './capacity';
import type { Fleet, Group, TagValue } from './fleet';
import { describeGroup } from './group-description';
import { CHANGEABLE, checkSizes, settingsOf } from './group-settings';
import { isCooling } from './scaling';
import { checkTag, describeTags, tagsToldOf } from './tags';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;

export class Groups {
  readonly operations: Operations = {
    CreateAutoScalingGroup: (input: CreateAutoScalingGroupType) => this.create(input),
    UpdateAutoScalingGroup: (input: UpdateAutoScalingGroupType) => this.update(input),
    SetDesiredCapacity: (input: SetDesiredCapacityType) => this.setDesiredCapacity(input),
    DeleteAutoScalingGroup: (input: DeleteAutoScalingGroupType) => this.delete(input),
    DescribeAutoScalingGroups: (input: AutoScalingGroupNamesType, call?: Call) => {
      const tagsOf = (group: Group) => tagsToldOf(this.fleet, group, call);
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const wanted = this.select(input, tagsOf);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      const groups = items.map((group) => ({
        ...describeGroup(group, this.attachments, input.IncludeInstances ?? true),
        Tags: describeTags(group, tagsOf(group)),
      }));
      return { AutoScalingGroups: groups, NextToken: next };
    },
  };

  constructor(
    private readonly fleet: Fleet,
    private readonly capacity: Capacity,
    private readonly attachments: Attachments,
  ) {}

  private create(input: CreateAutoScalingGroupType): void {
    refuseUnsupported(input, [...CHANGEABLE, 'LoadBalancerNames', 'TargetGroupARNs', 'TrafficSources', 'Tags']);
    const name = input.AutoScalingGroupName as string;
    if (this.fleet.groups.has(name)) {
      throw new AwsError(
        'AlreadyExists',
        `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
      );
    }
    const v1 = [
      ...references('target-group', input.TargetGroupARNs),
      ...references('classic', input.LoadBalancerNames),
    ];
    const trafficSources = (input.TrafficSources ?? []).map(referenceOf);
    this.attachments.check(undefined, v1);
    this.attachments.check(undefined, trafficSources);
    for (const tag of input.Tags ?? []) checkTag(tag);
    const group = this.newGroup(name, input);
    this.fleet.groups.set(name, group);
    this.attachments.begin(group, v1, 'v1');
    this.attachments.begin(group, trafficSources, 'traffic-source');
    this.capacity.wake(group);
  }

  private newGroup(name: string, input: CreateAutoScalingGroupType): Group {
    const { region, accountId, random, clock } = this.fleet.options;
    const minSize = input.MinSize as number;
    const group: Group = {
      name,
      arn: `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${random.uuid()}:autoScalingGroupName/${name}`,
      createdTime: clock.now(),
      minSize,
      maxSize: input.MaxSize as number,
      desiredCapacity: input.DesiredCapacity ?? minSize,
      defaultCooldownSeconds: 300,
      healthCheckTypes: ['EC2'],
      healthCheckGraceSeconds: 0,
      zones: [],
      subnets: [],
      launchTemplate: undefined,
      launchConfigurationName: undefined,
      mixedInstancesPolicy: undefined,
      protectsNewInstances: false,
      deletionProtection: 'none',
      descriptive: {},
      instances: new Map(),
      tags: new Map(
        (input.Tags ?? []).map((tag) => [
          tag.Key as string,
          { value: tag.Value ?? '', isPropagated: tag.PropagateAtLaunch ?? false },
        ]),
      ),
      tagWrites: [],
      attachments: [],
      suspended: new Map(),
      activities: [],
      changes: [],
      scheduledActions: new Map(),
      policies: new Map(),
      policyTimer: undefined,
      policyCooldownSeconds: undefined,
      launchFailure: undefined,
      hooks: new Map(),
      warmPool: undefined,
      refreshes: [],
      isBeingDeleted: false,
      wakeTimer: undefined,
      healthTimer: undefined,
    };
    Object.assign(group, settingsOf(input, this.fleet.options, {}));
    if (!group.launchTemplate && !group.launchConfigurationName && !group.mixedInstancesPolicy) {
      throw validationError(
        'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
      );
    }
    if (group.zones.length === 0) throw validationError('At least one Availability Zone or VPC Subnet is required.');
    checkSizes(group);
    return group;
  }

  /** A minimum above the desired capacity raises it and a maximum below lowers it (API reference). */
  private update(input: UpdateAutoScalingGroupType): void {
    refuseUnsupported(input, CHANGEABLE);
    const group = this.existing(input.AutoScalingGroupName);
    const { MinSize: minSize = group.minSize, MaxSize: maxSize = group.maxSize } = input;
    const within = Math.max(minSize, Math.min(maxSize, group.desiredCapacity));
    const sizes = { minSize, maxSize, desiredCapacity: input.DesiredCapacity ?? within };
    checkSizes(sizes);
    const before = group.desiredCapacity;
    Object.assign(group, settingsOf(input, this.fleet.options, group.descriptive), sizes);
    this.capacity.noteChange(group, before, `a user request update of ${constraintsOf(group)}`);
    this.attachments.refresh(group);
    this.capacity.watchHealth(group);
    this.capacity.wake(group);
  }

  private setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity, HonorCooldown }: SetDesiredCapacityType): void {
    const group = this.existing(AutoScalingGroupName);
    const value = DesiredCapacity as number;
    if (value > group.maxSize) {
      throw validationError(
        `New SetDesiredCapacity value ${value} is above max value ${group.maxSize} for the AutoScalingGroup.`,
      );
    }
    if (value < group.minSize) {
      throw validationError(
        `New SetDesiredCapacity value ${value} is below min value ${group.minSize} for the AutoScalingGroup.`,
      );
    }
    if (HonorCooldown && isCooling(this.fleet, group)) {
      throw new AwsError(
        'ScalingActivityInProgress',
        `Scaling activity ${group.activities[0]?.ActivityId} is in progress and blocks this action`,
      );
    }
    const before = group.desiredCapacity;
    group.desiredCapacity = value;
    this.capacity.noteChange(group, before, 'a user request explicitly set group desired capacity');
    this.capacity.wake(group);
  }

  private delete({ AutoScalingGroupName, ForceDelete }: DeleteAutoScalingGroupType): void {
    const group = this.existing(AutoScalingGroupName);
    const { deletionProtection } = group;
    if (
      deletionProtection === 'prevent-all-deletion' ||
      (ForceDelete && deletionProtection === 'prevent-force-deletion')
    ) {
      throw validationError(
        `You cannot delete the AutoScalingGroup ${group.name} while its deletion protection is ${deletionProtection}`,
      );
    }
    if (!ForceDelete && group.instances.size > 0) {
      if ([...group.instances.values()].every(isTerminating)) {
        throw new AwsError(
          'ScalingActivityInProgress',
          'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
        );
      }
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      );
    }
    group.isBeingDeleted = true;
    for (const action of group.scheduledActions.values()) action.timer?.cancel();
    group.policyTimer?.cancel();
    if (group.instances.size === 0) this.fleet.groups.delete(group.name);
    for (const instance of group.instances.values()) this.capacity.terminateAtOnce(group, instance);
  }

  private existing(name: string | undefined): Group {
    const group = this.fleet.group(name);
    if (group.isBeingDeleted)
      throw new AwsError('ScalingActivityInProgress', `AutoScalingGroup ${name} is pending delete`);
    return group;
  }

  /** Unknown names are left out without an error; filters are combined with AND, their values (exact case) with OR. */
  private select(input: AutoScalingGroupNamesType, tagsOf: (group: Group) => Tags): Group[] {
    const names = input.AutoScalingGroupNames ?? [];
    const filters = (input.Filters ?? []).map(groupFilter);
    return [...this.fleet.groups.values()].filter(
      (group) => (names.length === 0 || names.includes(group.name)) && filters.every((passes) => passes(tagsOf(group))),
    );
  }
}

type Tags = ReadonlyMap<string, TagValue>;

function groupFilter({ Name = '', Values = [] }: Filter): (tags: Tags) => boolean {
  if (Name === 'tag-key') return (tags) => Values.some((key) => tags.has(key));
  if (Name === 'tag-value') return (tags) => [...tags.values()].some((tag) => Values.includes(tag.value));
  if (Name.startsWith('tag:')) {
    return (tags) => {
      const tag = tags.get(Name.slice('tag:'.length));
      return tag !== undefined && Values.includes(tag.value);
    };
  }
  throw validationError(`Filter type ${Name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
}
