/** Lifecycle hooks that hold what is launched: an instance waits until somebody goes on with it, or its time is over. */
import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksType,
  LifecycleHook,
  PutLifecycleHookType,
} from '@aws-sdk/client-auto-scaling';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import type { Capacity } from './capacity';
import type { Fleet, Group, Hook } from './fleet';

/** API reference, PutLifecycleHook: "The range is from 30 to 7200 seconds. The default value is 3600 seconds". */
const STANDARD_HEARTBEAT_SECONDS = 3600;
const LONGEST_HEARTBEAT_SECONDS = 7200;
const SHORTEST_HEARTBEAT_SECONDS = 30;
/** "The maximum is 172800 seconds (48 hours) or 100 times HeartbeatTimeout, whichever is smaller" (LifecycleHook). */
const GLOBAL_TIMEOUT_SECONDS = 172_800;
const HEARTBEATS = 100;

export function lifecycleHookOperations(fleet: Fleet, capacity: Capacity): Operations {
  return {
    PutLifecycleHook: (input: PutLifecycleHookType) => {
      refuseUnsupported(input, [
        ...['AutoScalingGroupName', 'LifecycleHookName', 'LifecycleTransition', 'HeartbeatTimeout', 'DefaultResult'],
      ]);
      const group = fleet.group(input.AutoScalingGroupName);
      const { LifecycleHookName: name = '', LifecycleTransition: transition, DefaultResult = 'ABANDON' } = input;
      if (transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING') {
        throw validationError('Of lifecycle transitions only autoscaling:EC2_INSTANCE_LAUNCHING is supported here.');
      }
      const heartbeatSeconds = input.HeartbeatTimeout ?? STANDARD_HEARTBEAT_SECONDS;
      if (heartbeatSeconds < SHORTEST_HEARTBEAT_SECONDS || heartbeatSeconds > LONGEST_HEARTBEAT_SECONDS) {
        throw validationError(
          `The heartbeat timeout should be between ${SHORTEST_HEARTBEAT_SECONDS} and ${LONGEST_HEARTBEAT_SECONDS} seconds.`,
        );
      }
      group.hooks.set(name, { name, heartbeatSeconds, goesOn: DefaultResult === 'CONTINUE' });
    },
    DescribeLifecycleHooks: (input: DescribeLifecycleHooksType) => {
      const group = fleet.group(input.AutoScalingGroupName);
      const names = input.LifecycleHookNames ?? [];
      const wanted = [...group.hooks.values()].filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: wanted.map((hook) => describe(group, hook)) };
    },
    DeleteLifecycleHook: (input: DeleteLifecycleHookType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'LifecycleHookName']);
      fleet.group(input.AutoScalingGroupName).hooks.delete(input.LifecycleHookName ?? '');
    },
    CompleteLifecycleAction: (input: CompleteLifecycleActionType) => {
      refuseUnsupported(input, [
        ...['AutoScalingGroupName', 'LifecycleHookName', 'InstanceId', 'LifecycleActionResult'],
      ]);
      const { group, instance } = fleet.instance(input.InstanceId);
      if (instance.state !== 'Pending:Wait' || !group.hooks.has(input.LifecycleHookName ?? '')) {
        throw validationError(`No active Lifecycle Action found with instance ID ${input.InstanceId}`);
      }
      if (input.LifecycleActionResult === 'CONTINUE') capacity.completeLaunch(group, instance);
      else capacity.abandon(group, instance, 'Lifecycle Action Completed with ABANDON Result');
    },
  };
}

function describe(group: Group, { name, heartbeatSeconds, goesOn }: Hook): LifecycleHook {
  return {
    AutoScalingGroupName: group.name,
    LifecycleHookName: name,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    HeartbeatTimeout: heartbeatSeconds,
    GlobalTimeout: Math.min(GLOBAL_TIMEOUT_SECONDS, HEARTBEATS * heartbeatSeconds),
    DefaultResult: goesOn ? 'CONTINUE' : 'ABANDON',
  };
}
