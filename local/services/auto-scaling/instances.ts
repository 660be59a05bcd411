/** The instances of groups, as callers see and change them one by one. */
import type {
  DescribeAutoScalingInstancesType,
  Instance,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import { type Capacity, isTerminating } from './capacity';
import type { Fleet, Group, GroupInstance } from './fleet';

const PAGE_SIZE = 50;
const IDS_PER_DESCRIBE = 50;
/** The reference speaks of 50 in prose and of 19 in the constraint; a caller that keeps to 19 is right either way. */
const IDS_PER_PROTECTION = 19;

export function instanceOperations(fleet: Fleet, capacity: Capacity): Operations {
  return {
    DescribeAutoScalingInstances: (input: DescribeAutoScalingInstancesType) => {
      const ids = input.InstanceIds ?? [];
      if (ids.length > IDS_PER_DESCRIBE)
        throw validationError(`Up to ${IDS_PER_DESCRIBE} instance IDs can be given in one call`);
      const all = [...fleet.groups.values()].flatMap((group) =>
        [...group.instances.values()].map((instance) => ({ group, instance })),
      );
      const wanted = all.filter(({ instance }) => ids.length === 0 || ids.includes(instance.id));
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      const described = items.map(({ group, instance }) => ({
        ...describeInstance(group, instance),
        HealthStatus: instance.isHealthy ? 'HEALTHY' : 'UNHEALTHY', // upper case only in this operation
        AutoScalingGroupName: group.name,
      }));
      return { AutoScalingInstances: described, NextToken: next };
    },

    SetInstanceProtection: (input: SetInstanceProtectionQuery) => {
      const group = fleet.group(input.AutoScalingGroupName);
      const ids = input.InstanceIds ?? [];
      if (ids.length > IDS_PER_PROTECTION) {
        throw validationError(
          `1 validation error detected: Value '[${ids.join(', ')}]' at 'instanceIds' failed to satisfy constraint: ` +
            `Member must have length less than or equal to ${IDS_PER_PROTECTION}`,
        );
      }
      const instances = ids.map((id) => {
        const instance = group.instances.get(id);
        if (!instance) throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
        if (instance.state !== 'InService')
          throw validationError(`The instance ${id} is not in InService or EnteringStandby or Standby.`);
        return instance;
      });
      for (const instance of instances) instance.isProtected = input.ProtectedFromScaleIn ?? false;
      capacity.wake(group);
    },

    SetInstanceHealth: (input: SetInstanceHealthQuery) => {
      const { group, instance } = fleet.instance(input.InstanceId);
      if (input.HealthStatus !== 'Healthy' && input.HealthStatus !== 'Unhealthy') {
        throw validationError(
          `Valid instance health states are: [Healthy, Unhealthy]. You provided: ${input.HealthStatus}`,
        );
      }
      if ((input.ShouldRespectGracePeriod ?? true) && capacity.isInGracePeriod(group, instance)) return;
      instance.isHealthy = input.HealthStatus === 'Healthy';
      capacity.wake(group);
    },

    TerminateInstanceInAutoScalingGroup: (input: TerminateInstanceInAutoScalingGroupType) => {
      refuseUnsupported(input, ['InstanceId', 'ShouldDecrementDesiredCapacity']);
      const { group, instance } = fleet.instance(input.InstanceId);
      if (isTerminating(instance)) throw validationError(`The instance ${instance.id} is already terminating.`);
      if (input.ShouldDecrementDesiredCapacity) {
        if (group.desiredCapacity <= group.minSize) {
          throw validationError(
            `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will ` +
              "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
          );
        }
        group.desiredCapacity -= 1;
      }
      const activity = capacity.terminate(
        group,
        instance,
        'an instance was taken out of service in response to a user request',
      );
      capacity.wake(group);
      return { Activity: activity };
    },
  };
}

export function describeInstance(group: Group, instance: GroupInstance): Instance {
  return {
    InstanceId: instance.id,
    InstanceType: instance.instanceType,
    WeightedCapacity: isWeighted(group) ? String(instance.weight) : undefined,
    AvailabilityZone: instance.zone,
    LifecycleState: instance.state,
    HealthStatus: instance.isHealthy ? 'Healthy' : 'Unhealthy',
    LaunchTemplate: instance.launchTemplate,
    LaunchConfigurationName: group.launchConfigurationName,
    ProtectedFromScaleIn: instance.isProtected,
  };
}

function isWeighted({ mixedInstancesPolicy }: Group): boolean {
  const overrides = mixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  return overrides.some(({ WeightedCapacity }) => WeightedCapacity !== undefined);
}
