/** Instances that people put into a group, or take out of it: they go on running meanwhile. */
import type { AttachInstancesQuery, DetachInstancesQuery } from '@aws-sdk/client-auto-scaling';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import type { Capacity } from './capacity';
import type { Fleet } from './fleet';

const IDS_PER_CALL = 19;

export function membershipOperations(fleet: Fleet, capacity: Capacity): Operations {
  return {
    /** Of a running instance that no group has: here, one that was detached from another. */
    AttachInstances: (input: AttachInstancesQuery) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'InstanceIds']);
      const group = fleet.group(input.AutoScalingGroupName);
      const ids = idsOf(input);
      const instances = ids.map((id) => {
        const instance = fleet.detached.get(id);
        if (instance) return instance;
        throw validationError(
          fleet.findInstance(id)
            ? `Instance ${id} is already part of AutoScalingGroup:${fleet.findInstance(id)?.group.name}`
            : `Invalid Instance ID(s): [${id}] specified`,
        );
      });
      const desired = group.desiredCapacity + instances.length;
      if (desired > group.maxSize) {
        throw validationError(
          `Value (${desired}) of the desired capacity would exceed the maximum size (${group.maxSize})`,
        );
      }
      group.desiredCapacity = desired;
      for (const instance of instances) {
        fleet.detached.delete(instance.id);
        capacity.attach(group, instance);
      }
    },

    DetachInstances: (input: DetachInstancesQuery) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'InstanceIds', 'ShouldDecrementDesiredCapacity']);
      const group = fleet.group(input.AutoScalingGroupName);
      const instances = idsOf(input).map((id) => {
        const instance = group.instances.get(id);
        if (instance?.state === 'InService') return instance;
        throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}, or not in service.`);
      });
      const desired = group.desiredCapacity - instances.length;
      if (input.ShouldDecrementDesiredCapacity) {
        if (desired < group.minSize) throw validationError("It would violate the group's min size constraint.");
        group.desiredCapacity = desired;
      }
      const Activities = instances.map((instance) => {
        fleet.detached.set(instance.id, instance);
        return capacity.detach(group, instance);
      });
      capacity.wake(group);
      return { Activities };
    },
  };
}

function idsOf({ InstanceIds = [] }: { InstanceIds?: string[] }): string[] {
  if (InstanceIds.length <= IDS_PER_CALL) return InstanceIds;
  throw validationError(`Up to ${IDS_PER_CALL} instance IDs can be given in one call`);
}
