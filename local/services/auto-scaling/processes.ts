/** Suspending and resuming what a group does by itself. */
import type { ScalingProcessQuery } from '@aws-sdk/client-auto-scaling';
import { type Operations, validationError } from '../../kernel/service';
import type { Capacity } from './capacity';
import type { Fleet } from './fleet';

/** AlarmNotification, AZRebalance and InstanceRefresh can be suspended, too; nothing of theirs happens here anyway. */
const PROCESSES = [
  ...['Launch', 'Terminate', 'HealthCheck', 'ReplaceUnhealthy', 'AddToLoadBalancer'],
  ...['AlarmNotification', 'ScheduledActions', 'AZRebalance', 'InstanceRefresh'],
];

export function processOperations(fleet: Fleet, capacity: Capacity): Operations {
  return {
    SuspendProcesses: (input: ScalingProcessQuery) => {
      const group = fleet.group(input.AutoScalingGroupName);
      const reason = `User suspended at ${fleet.options.clock.now().toISOString()}`;
      for (const process of named(input)) group.suspended.set(process, reason);
    },
    ResumeProcesses: (input: ScalingProcessQuery) => {
      const group = fleet.group(input.AutoScalingGroupName);
      for (const process of named(input)) group.suspended.delete(process);
      capacity.watchHealth(group);
      capacity.wake(group);
    },
  };
}

/** None named means all of them. */
function named({ ScalingProcesses = [] }: ScalingProcessQuery): string[] {
  const unknown = ScalingProcesses.find((process) => !PROCESSES.includes(process));
  if (unknown !== undefined) throw validationError(`Invalid scaling process name: ${unknown}`);
  return ScalingProcesses.length > 0 ? ScalingProcesses : PROCESSES;
}
