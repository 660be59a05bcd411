/** Lifecycle hooks: what is launched, or about to be terminated, waits until somebody goes on with it or its time is over. */
import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksType,
  LifecycleHook,
  PutLifecycleHookType,
  RecordLifecycleActionHeartbeatType,
} from '@aws-sdk/client-auto-scaling';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import { type Capacity, globalTimeoutSeconds } from './capacity';
import type { Fleet, Group, Hook } from './fleet';

/** API reference, PutLifecycleHook: "The range is from 30 to 7200 seconds. The default value is 3600 seconds". */
const STANDARD_HEARTBEAT_SECONDS = 3600;
const LONGEST_HEARTBEAT_SECONDS = 7200;
const SHORTEST_HEARTBEAT_SECONDS = 30;

const TRANSITIONS = new Map<string | undefined, Hook['transition']>([
  ['autoscaling:EC2_INSTANCE_LAUNCHING', 'launching'],
  ['autoscaling:EC2_INSTANCE_TERMINATING', 'terminating'],
]);

export function lifecycleHookOperations(fleet: Fleet, capacity: Capacity): Operations {
  return {
    PutLifecycleHook: (input: PutLifecycleHookType) => {
      refuseUnsupported(input, [
        ...['AutoScalingGroupName', 'LifecycleHookName', 'LifecycleTransition', 'HeartbeatTimeout', 'DefaultResult'],
      ]);
      const group = fleet.group(input.AutoScalingGroupName);
      const { LifecycleHookName: name = '', DefaultResult = 'ABANDON' } = input;
      const transition = TRANSITIONS.get(input.LifecycleTransition) ?? group.hooks.get(name)?.transition;
      if (!transition) {
        throw validationError(`The lifecycle transition must be one of ${[...TRANSITIONS.keys()].join(', ')}`);
      }
      const heartbeatSeconds = input.HeartbeatTimeout ?? STANDARD_HEARTBEAT_SECONDS;
      if (heartbeatSeconds < SHORTEST_HEARTBEAT_SECONDS || heartbeatSeconds > LONGEST_HEARTBEAT_SECONDS) {
        throw validationError(
          `The heartbeat timeout should be between ${SHORTEST_HEARTBEAT_SECONDS} and ${LONGEST_HEARTBEAT_SECONDS} seconds.`,
        );
      }
      group.hooks.set(name, { name, transition, heartbeatSeconds, goesOn: DefaultResult === 'CONTINUE' });
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
      const { group, instance } = waiting(fleet, input);
      const isContinued = input.LifecycleActionResult === 'CONTINUE';
      capacity.goOn(group, instance, isContinued, 'Lifecycle Action Completed with ABANDON Result');
    },
    RecordLifecycleActionHeartbeat: (input: RecordLifecycleActionHeartbeatType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'LifecycleHookName', 'InstanceId']);
      const { group, instance, hook } = waiting(fleet, input);
      capacity.prolong(group, instance, hook.heartbeatSeconds);
    },
  };
}

/** The instance that the hook holds. */
function waiting(fleet: Fleet, { InstanceId, LifecycleHookName }: RecordLifecycleActionHeartbeatType) {
  const { group, instance } = fleet.instance(InstanceId);
  const hook = instance.wait?.hooks.find(({ name }) => name === LifecycleHookName);
  if (hook) return { group, instance, hook };
  throw validationError(`No active Lifecycle Action found with instance ID ${InstanceId}`);
}

function describe(group: Group, hook: Hook): LifecycleHook {
  const { name, transition, heartbeatSeconds, goesOn } = hook;
  return {
    AutoScalingGroupName: group.name,
    LifecycleHookName: name,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition.toUpperCase()}`,
    HeartbeatTimeout: heartbeatSeconds,
    GlobalTimeout: globalTimeoutSeconds(hook),
    DefaultResult: goesOn ? 'CONTINUE' : 'ABANDON',
  };
}
