/** Creating, changing, describing and deleting groups. */
import type {
  AutoScalingGroup,
  AutoScalingGroupNamesType,
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  Filter,
  SetDesiredCapacityType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../paging';
import { refuseUnsupported } from '../refusal';
import { AwsError, type Operations, validationError } from '../service';
import { type Attachments, referenceOf, references } from './attachments';
import type { Capacity } from './capacity';
import type { Fleet, Group } from './fleet';
import { describeInstance } from './instances';
import { checkTag, describeTags } from './tags';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;

/** No influence here: nothing is billed, resumed, metered or placed. They are stored and described. */
const DESCRIPTIVE = [
  ...['ServiceLinkedRoleARN', 'Context', 'DefaultInstanceWarmup', 'PlacementGroup', 'MaxInstanceLifetime'],
  ...['CapacityRebalance', 'TerminationPolicies'],
];
const CHANGEABLE = [
  ...['AutoScalingGroupName', 'MinSize', 'MaxSize', 'DesiredCapacity', 'DefaultCooldown', 'HealthCheckType'],
  ...['HealthCheckGracePeriod', 'AvailabilityZones', 'VPCZoneIdentifier', 'LaunchTemplate', 'LaunchConfigurationName'],
  ...['NewInstancesProtectedFromScaleIn', 'DeletionProtection', ...DESCRIPTIVE],
];

export class Groups {
  readonly operations: Operations = {
    CreateAutoScalingGroup: (input: CreateAutoScalingGroupType) => this.create(input),
    UpdateAutoScalingGroup: (input: UpdateAutoScalingGroupType) => this.update(input),
    SetDesiredCapacity: (input: SetDesiredCapacityType) => this.setDesiredCapacity(input),
    DeleteAutoScalingGroup: (input: DeleteAutoScalingGroupType) => this.delete(input),
    DescribeAutoScalingGroups: (input: AutoScalingGroupNamesType) => {
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const wanted = this.select(input);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      const groups = items.map((group) => this.describe(group, input.IncludeInstances ?? true));
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
    this.attachments.attach(group, v1, 'v1');
    this.attachments.attach(group, trafficSources, 'traffic-source');
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
      attachments: [],
      suspended: new Map(),
      activities: [],
      scheduledActions: new Map(),
      launchFailure: undefined,
      isBeingDeleted: false,
      wakeTimer: undefined,
      healthTimer: undefined,
    };
    Object.assign(group, this.settingsOf(input));
    if (!group.launchTemplate && !group.launchConfigurationName) {
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
    const changed = { ...group, ...this.settingsOf(input) };
    changed.minSize = input.MinSize ?? group.minSize;
    changed.maxSize = input.MaxSize ?? group.maxSize;
    const within = Math.max(changed.minSize, Math.min(changed.maxSize, group.desiredCapacity));
    changed.desiredCapacity = input.DesiredCapacity ?? within;
    checkSizes(changed);
    Object.assign(group, changed);
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
    const latest = group.activities[0]?.StartTime;
    const isCooling = latest && this.fleet.now_ms() < latest.getTime() + group.defaultCooldownSeconds * 1000;
    if (HonorCooldown && isCooling) {
      throw new AwsError(
        'ScalingActivityInProgress',
        `Scaling activity ${group.activities[0]?.ActivityId} is in progress and blocks this action`,
      );
    }
    group.desiredCapacity = value;
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
      const isTerminating = [...group.instances.values()].every((instance) => instance.state === 'Terminating');
      if (isTerminating) {
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
    if (group.instances.size === 0) this.fleet.groups.delete(group.name);
    for (const instance of group.instances.values()) this.capacity.terminateAtOnce(group, instance);
  }

  private existing(name: string | undefined): Group {
    const group = this.fleet.group(name);
    if (group.isBeingDeleted)
      throw new AwsError('ScalingActivityInProgress', `AutoScalingGroup ${name} is pending delete`);
    return group;
  }

  /** What create and update have in common; only what is given is in the answer. */
  private settingsOf(input: CreateAutoScalingGroupType | UpdateAutoScalingGroupType): Partial<Group> {
    const settings: Partial<Group> = {};
    if (input.DefaultCooldown !== undefined) settings.defaultCooldownSeconds = input.DefaultCooldown;
    if (input.HealthCheckType !== undefined) settings.healthCheckTypes = healthCheckTypes(input.HealthCheckType);
    if (input.HealthCheckGracePeriod !== undefined) settings.healthCheckGraceSeconds = input.HealthCheckGracePeriod;
    if (input.NewInstancesProtectedFromScaleIn !== undefined) {
      settings.protectsNewInstances = input.NewInstancesProtectedFromScaleIn;
    }
    if (input.DeletionProtection !== undefined) settings.deletionProtection = input.DeletionProtection;
    Object.assign(settings, this.placeOf(input));
    if (input.LaunchTemplate && input.LaunchConfigurationName) {
      throw validationError('Only one of LaunchTemplate and LaunchConfigurationName can be specified');
    }
    if (input.LaunchTemplate) {
      settings.launchTemplate = input.LaunchTemplate;
      settings.launchConfigurationName = undefined;
    }
    if (input.LaunchConfigurationName) {
      settings.launchTemplate = undefined;
      settings.launchConfigurationName = input.LaunchConfigurationName;
    }
    const descriptive = Object.entries(input).filter(
      ([name, value]) => DESCRIPTIVE.includes(name) && value !== undefined,
    );
    if (descriptive.length > 0) {
      const before = this.fleet.groups.get(input.AutoScalingGroupName as string)?.descriptive;
      settings.descriptive = { ...before, ...Object.fromEntries(descriptive) };
    }
    return settings;
  }

  private placeOf(
    input: CreateAutoScalingGroupType | UpdateAutoScalingGroupType,
  ): Pick<Group, 'zones' | 'subnets'> | undefined {
    if (input.VPCZoneIdentifier) {
      const subnets = input.VPCZoneIdentifier.split(',').map((subnet) => subnet.trim());
      const zones = subnets.map((subnet) => {
        const zone = this.fleet.options.network.zoneOfSubnet.get(subnet);
        if (!zone) throw validationError(`The subnet ID '${subnet}' does not exist`);
        return zone;
      });
      return { subnets, zones: [...new Set(zones)] };
    }
    return input.AvailabilityZones?.length ? { subnets: [], zones: input.AvailabilityZones } : undefined;
  }

  /** Unknown names are left out without an error; filters are combined with AND, their values (exact case) with OR. */
  private select(input: AutoScalingGroupNamesType): Group[] {
    const names = input.AutoScalingGroupNames ?? [];
    const filters = (input.Filters ?? []).map(groupFilter);
    return [...this.fleet.groups.values()].filter(
      (group) => (names.length === 0 || names.includes(group.name)) && filters.every((passes) => passes(group)),
    );
  }

  private describe(group: Group, includesInstances: boolean): AutoScalingGroup {
    const suspended = [...group.suspended];
    return {
      ...group.descriptive,
      AutoScalingGroupName: group.name,
      AutoScalingGroupARN: group.arn,
      LaunchTemplate: group.launchTemplate,
      LaunchConfigurationName: group.launchConfigurationName,
      MinSize: group.minSize,
      MaxSize: group.maxSize,
      DesiredCapacity: group.desiredCapacity,
      DefaultCooldown: group.defaultCooldownSeconds,
      AvailabilityZones: group.zones,
      VPCZoneIdentifier: group.subnets.join(','),
      LoadBalancerNames: this.attachments.listed(group, 'classic'),
      TargetGroupARNs: this.attachments.listed(group, 'target-group'),
      TrafficSources: this.attachments.listedTrafficSources(group),
      HealthCheckType: group.healthCheckTypes.join(','),
      HealthCheckGracePeriod: group.healthCheckGraceSeconds,
      Instances: includesInstances
        ? [...group.instances.values()].map((instance) => describeInstance(group, instance))
        : [],
      CreatedTime: group.createdTime,
      SuspendedProcesses: suspended.map(([ProcessName, SuspensionReason]) => ({ ProcessName, SuspensionReason })),
      EnabledMetrics: [],
      Status: group.isBeingDeleted ? 'Delete in progress' : undefined,
      Tags: describeTags(group),
      NewInstancesProtectedFromScaleIn: group.protectsNewInstances,
      DeletionProtection: group.deletionProtection as AutoScalingGroup['DeletionProtection'],
    };
  }
}

function checkSizes(group: Pick<Group, 'minSize' | 'maxSize' | 'desiredCapacity'>): void {
  const { minSize, maxSize, desiredCapacity } = group;
  if (minSize < 0) throw validationError(`Min bound, ${minSize}, must not be negative`);
  if (maxSize < minSize)
    throw validationError(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  if (desiredCapacity < minSize || desiredCapacity > maxSize) {
    throw validationError(
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
  }
}

function healthCheckTypes(text: string): string[] {
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => type !== 'EC2' && type !== 'ELB');
  if (unknown !== undefined)
    throw validationError(`Health check type '${unknown}' is not supported by this embedded AWS`);
  return types;
}

function groupFilter({ Name = '', Values = [] }: Filter): (group: Group) => boolean {
  if (Name === 'tag-key') return (group) => Values.some((key) => group.tags.has(key));
  if (Name === 'tag-value') return (group) => [...group.tags.values()].some((tag) => Values.includes(tag.value));
  if (Name.startsWith('tag:')) {
    return (group) => {
      const tag = group.tags.get(Name.slice('tag:'.length));
      return tag !== undefined && Values.includes(tag.value);
    };
  }
  throw validationError(`Filter type ${Name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
}
