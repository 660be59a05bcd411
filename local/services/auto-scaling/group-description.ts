/** A group as DescribeAutoScalingGroups answers it, but for its tags, of which not everybody is told the same. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Attachments } from './attachments';
import type { Group } from './fleet';
import { describeInstance } from './instances';

export function describeGroup(group: Group, attachments: Attachments, includesInstances: boolean): AutoScalingGroup {
  const suspended = [...group.suspended];
  return {
    ...group.descriptive,
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: group.launchTemplate,
    LaunchConfigurationName: group.launchConfigurationName,
    MixedInstancesPolicy: group.mixedInstancesPolicy,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredCapacity,
    DefaultCooldown: group.defaultCooldownSeconds,
    AvailabilityZones: group.zones,
    VPCZoneIdentifier: group.subnets.join(','),
    LoadBalancerNames: attachments.listed(group, 'classic'),
    TargetGroupARNs: attachments.listed(group, 'target-group'),
    TrafficSources: attachments.listedTrafficSources(group),
    HealthCheckType: group.healthCheckTypes.join(','),
    HealthCheckGracePeriod: group.healthCheckGraceSeconds,
    Instances: includesInstances
      ? [...group.instances.values()].map((instance) => describeInstance(group, instance))
      : [],
    CreatedTime: group.createdTime,
    SuspendedProcesses: suspended.map(([ProcessName, SuspensionReason]) => ({ ProcessName, SuspensionReason })),
    EnabledMetrics: [],
    WarmPoolConfiguration: group.warmPool,
    WarmPoolSize: group.warmPool ? 0 : undefined,
    Status: group.isBeingDeleted ? 'Delete in progress' : undefined,
    NewInstancesProtectedFromScaleIn: group.protectsNewInstances,
    DeletionProtection: group.deletionProtection as AutoScalingGroup['DeletionProtection'],
  };
}
