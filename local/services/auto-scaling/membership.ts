/** Instances that people put into a group, take out of it, or set aside in it: they go on running meanwhile. */
import type {
  AttachInstancesQuery,
  DetachInstancesQuery,
  EnterStandbyQuery,
  ExitStandbyQuery,
} from '@aws-sdk/client-auto-scaling';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import type { Capacity } from './capacity';
import type { Fleet, Group, GroupInstance } from './fleet';

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
      const instances = leaving(group, input);
      const Activities = instances.map((instance) => {
        fleet.detached.set(instance.id, instance);
        return capacity.detach(group, instance);
      });
      capacity.wake(group);
      return { Activities };
    },

    /** Set aside, it takes no traffic and counts no more; no scale-in takes it away ("temporarily removing instances"). */
    EnterStandby: (input: EnterStandbyQuery) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'InstanceIds', 'ShouldDecrementDesiredCapacity']);
      const group = fleet.group(input.AutoScalingGroupName);
      const instances = leaving(group, input);
      const Activities = instances.map((instance) => capacity.enterStandby(group, instance));
      capacity.wake(group);
      return { Activities };
    },

    /** "The desired capacity is incremented" (API reference). */
    ExitStandby: (input: ExitStandbyQuery) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'InstanceIds']);
      const group = fleet.group(input.AutoScalingGroupName);
      const instances = inStates(group, idsOf(input), 'Standby');
      const desired = group.desiredCapacity + instances.length;
      if (desired > group.maxSize) throw validationError("It would violate the group's max size constraint.");
      group.desiredCapacity = desired;
      return { Activities: instances.map((instance) => capacity.exitStandby(group, instance)) };
    },
  };
}

/** Those in service that are to count no more; the group wants fewer then, if that is asked for. */
function leaving(group: Group, input: DetachInstancesQuery | EnterStandbyQuery): GroupInstance[] {
  const instances = inStates(group, idsOf(input), 'InService');
  const desired = group.desiredCapacity - instances.length;
  if (input.ShouldDecrementDesiredCapacity) {
    if (desired < group.minSize) throw validationError("It would violate the group's min size constraint.");
    group.desiredCapacity = desired;
  }
  return instances;
}

function inStates(group: Group, ids: readonly string[], state: GroupInstance['state']): GroupInstance[] {
  return ids.map((id) => {
    const instance = group.instances.get(id);
    if (instance?.state === state) return instance;
    throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}, or not ${state}.`);
  });
}

function idsOf({ InstanceIds = [] }: { InstanceIds?: string[] }): string[] {
  if (InstanceIds.length <= IDS_PER_CALL) return InstanceIds;
  throw validationError(`Up to ${IDS_PER_CALL} instance IDs can be given in one call`);
}
