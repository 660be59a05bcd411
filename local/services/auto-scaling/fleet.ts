/** What the parts of Auto Scaling share: the groups, the settings, the services around them and who listens. */
import type {
  Activity,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  PredictiveScalingConfiguration,
  TargetTrackingConfiguration,
  WarmPoolConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { Attachable } from '../../fleet/attachable';
import type { InstanceHost } from '../../fleet/instances';
import type { LaunchTemplates } from '../../fleet/launch-templates';
import type { Network } from '../../fleet/network';
import type { Clock, Timer } from '../../kernel/clock';
import type { Lag } from '../../kernel/lag';
import type { Random } from '../../kernel/random';
import { validationError } from '../../kernel/service';

export interface Settings {
  /** From a change of what a group should be until the group acts on it. */
  reactionSeconds: number;
  /** From the launch of an instance (Pending) until it is InService; its application may still be starting then. */
  launchSeconds: number;
  /** From the end of draining until a Terminating instance is gone. */
  terminationSeconds: number;
  /** After a failed launch, until the next attempt. */
  launchRetrySeconds: number;
  /** How far attachment states lag behind: Adding → Added, and drained → gone. */
  attachmentSeconds: number;
  /** From an instance's failure until the group notices. */
  healthCheckSeconds: number;
  /**
   * Whether a group's `TargetGroupARNs` and `LoadBalancerNames` also list what was attached as a traffic source, and
   * `TrafficSources` and DescribeTrafficSources what was attached with the v1 calls. The API reference only says of
   * DescribeTrafficSources that "the results include all the traffic sources for the specified Auto Scaling group",
   * and infrastructure tools report both kinds in both places; callers should be right either way. The v1 Describe
   * and Detach calls never see a traffic source, whatever this says (API reference, DescribeLoadBalancerTargetGroups).
   */
  listsAttachmentsBothWays: boolean;
  /**
   * Whether what is still Removing can be attached again, which then ends its draining. Nothing documents it; callers
   * should be right either way.
   */
  attachesWhileRemoving: boolean;
}

export const STANDARD_SETTINGS: Settings = {
  reactionSeconds: 1,
  launchSeconds: 15,
  terminationSeconds: 5,
  launchRetrySeconds: 30,
  attachmentSeconds: 2,
  healthCheckSeconds: 10,
  listsAttachmentsBothWays: true,
  attachesWhileRemoving: true,
};

export type AutoScalingEvent =
  | {
      type: 'instance';
      groupName: string;
      instanceId: string;
      state: 'Pending' | 'InService' | 'Terminating' | 'Terminated';
    }
  | { type: 'launch-failed'; groupName: string; message: string };

export interface GroupInstance {
  id: string;
  instanceType: string;
  /** With the version that it was launched by. */
  launchTemplate: LaunchTemplateSpecification | undefined;
  /** As that version told. */
  securityGroupIds: string[] | undefined;
  /** What it counts towards the desired capacity. */
  weight: number;
  zone: string;
  privateIp: string;
  /** Those of its group that propagate, as they were at the launch. */
  tags: ReadonlyMap<string, string>;
  state: 'Pending' | 'Pending:Wait' | 'InService' | 'Standby' | 'Terminating' | 'Terminating:Wait';
  isHealthy: boolean;
  /** Its machine is gone or broken, which the group has yet to notice. */
  hasFailed: boolean;
  isProtected: boolean;
  inService_ms: number | undefined;
  /** While a lifecycle hook holds it. */
  wait: Wait | undefined;
  /** While Pending: the activity that will end with it. */
  launch: Activity | undefined;
  /** While Terminating: the attachments that it must be drained from first. */
  drainingFrom: Attachment[];
  /** While Terminating and not yet terminated: the activity that will end with it. */
  termination: Activity | undefined;
}

export interface Attachment {
  kind: 'target-group' | 'classic';
  /** The ARN of the target group, or the name of the Classic Load Balancer. */
  identifier: string;
  /** Which calls made it: the v1 calls do not see the others. */
  via: 'v1' | 'traffic-source';
  state: 'Adding' | 'Added' | 'InService' | 'Removing';
  /** While Removing: the instances that were registered when it was detached. */
  removing: string[];
}

export interface ScheduledAction {
  name: string;
  startTime: Date | undefined;
  endTime: Date | undefined;
  recurrence: string | undefined;
  timeZone: string | undefined;
  sizes: { MinSize?: number; MaxSize?: number; DesiredCapacity?: number };
  nextTime: Date;
  timer: Timer | undefined;
}

interface PolicyBase {
  name: string;
  arn: string;
  isEnabled: boolean;
}

export interface SimplePolicy extends PolicyBase {
  type: 'SimpleScaling';
  adjustmentType: 'ChangeInCapacity' | 'ExactCapacity' | 'PercentChangeInCapacity';
  adjustment: number;
  /** Of a percentage: by so many at least. */
  leastAdjustment: number | undefined;
  cooldownSeconds: number | undefined;
}

export interface TrackingPolicy extends PolicyBase {
  type: 'TargetTrackingScaling';
  /** As it was put. */
  tracking: TargetTrackingConfiguration;
  target: number;
  scalesIn: boolean;
  warmupSeconds: number | undefined;
  /** Of ALBRequestCountPerTarget; else what is tracked is the group's own. */
  targetGroupArn: string | undefined;
  /** In the names of its alarms. */
  alarmId: string;
  /** For so long the metric has been above the target, or well below it. */
  highMinutes: number;
  lowMinutes: number;
}

/** By forecasts, which need days of load, and of which there are none here. */
export interface PredictivePolicy extends PolicyBase {
  type: 'PredictiveScaling';
  forecast: PredictiveScalingConfiguration;
}

export type ScalingPolicy = SimplePolicy | TrackingPolicy | PredictivePolicy;

/** What is launched, or about to be terminated, waits for each of them. */
export interface Hook {
  name: string;
  transition: 'launching' | 'terminating';
  heartbeatSeconds: number;
  /** What becomes of the instance when nobody has gone on with it in time: it comes into service, or is terminated. */
  goesOn: boolean;
}

export interface Wait {
  hooks: Hook[];
  since_ms: number;
  timer: Timer | undefined;
}

export interface Refresh {
  id: string;
  status: 'InProgress' | 'Successful' | 'Cancelled';
  startTime: Date;
  endTime: Date | undefined;
  total: number;
  /** The instances that are still to be replaced. */
  remaining: string[];
}

export interface TagValue {
  value: string;
  isPropagated: boolean;
}

/** One key that a write of tags changed; `before` is undefined where there was no such tag. */
export interface TagWrite {
  written_ms: number;
  key: string;
  before: TagValue | undefined;
}

export interface Group {
  name: string;
  arn: string;
  createdTime: Date;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  defaultCooldownSeconds: number;
  healthCheckTypes: string[];
  healthCheckGraceSeconds: number;
  zones: string[];
  subnets: string[];
  launchTemplate: LaunchTemplateSpecification | undefined;
  launchConfigurationName: string | undefined;
  mixedInstancesPolicy: MixedInstancesPolicy | undefined;
  protectsNewInstances: boolean;
  deletionProtection: string;
  /** Parameters that have no influence here, answered as they were given. */
  descriptive: Record<string, unknown>;
  instances: Map<string, GroupInstance>;
  tags: Map<string, TagValue>;
  /** What readers may still be told of in place of the tags: the newest first. */
  tagWrites: TagWrite[];
  attachments: Attachment[];
  /** Process → the reason that DescribeAutoScalingGroups gives. */
  suspended: Map<string, string>;
  /** The newest first. */
  activities: Activity[];
  /** What has changed the desired capacity since the group last acted, a sentence each: the next activities tell it. */
  changes: string[];
  scheduledActions: Map<string, ScheduledAction>;
  policies: Map<string, ScalingPolicy>;
  policyTimer: Timer | undefined;
  /** Of the last scaling by a simple policy, where that has one of its own. */
  policyCooldownSeconds: number | undefined;
  launchFailure: string | undefined;
  hooks: Map<string, Hook>;
  warmPool: WarmPoolConfiguration | undefined;
  /** The newest first. */
  refreshes: Refresh[];
  isBeingDeleted: boolean;
  wakeTimer: Timer | undefined;
  healthTimer: Timer | undefined;
}

export interface FleetOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  network: Network;
  instances: InstanceHost;
  loadBalancing: Attachable;
  classicLoadBalancing: Attachable;
  launchTemplates: LaunchTemplates;
  settings: Settings;
  /** By default whoever reads is told of everything at once. */
  lag?: Lag;
}

export class Fleet {
  readonly groups = new Map<string, Group>();
  /** Those that people took out of a group, and that run on. */
  readonly detached = new Map<string, GroupInstance>();
  private readonly listeners: ((event: AutoScalingEvent) => void)[] = [];

  constructor(readonly options: FleetOptions) {}

  now_ms(): number {
    return this.options.clock.now().getTime();
  }

  onChange(listener: (event: AutoScalingEvent) => void): void {
    this.listeners.push(listener);
  }

  emit(event: AutoScalingEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  group(name: string | undefined): Group {
    const found = this.groups.get(name ?? '');
    if (!found) throw validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
    return found;
  }

  findInstance(id: string): { group: Group; instance: GroupInstance } | undefined {
    for (const group of this.groups.values()) {
      const instance = group.instances.get(id);
      if (instance) return { group, instance };
    }
    return undefined;
  }

  instance(id: string | undefined): { group: Group; instance: GroupInstance } {
    const found = this.findInstance(id ?? '');
    if (!found) throw validationError(`Instance Id not found - No managed instance found for instance ID: ${id}`);
    return found;
  }

  balancing(attachment: Attachment): Attachable {
    return attachment.kind === 'target-group' ? this.options.loadBalancing : this.options.classicLoadBalancing;
  }
}
