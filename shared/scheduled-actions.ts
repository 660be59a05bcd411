/** Scheduled actions: sizes that a group takes at a time. They follow the load from the old group to the new one. */
import {
  AutoScalingClient,
  DeleteScheduledActionCommand,
  PutScheduledUpdateGroupActionCommand,
  paginateDescribeScheduledActions,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import { errorMessage } from './aws-error';
import type { Deadline } from './deadline';
import type { Capacity, ScheduledAction } from './record';
import type { Runtime } from './runtime';

/** One that is due sooner than this is not put any more: the service refuses times that have passed. */
const LEAST_LEAD_SECONDS = 60;

export class ScheduledActions {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): ScheduledActions {
    return new ScheduledActions(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  async of(groupName: string): Promise<ScheduledAction[]> {
    const actions: ScheduledAction[] = [];
    const pages = paginateDescribeScheduledActions({ client: this.client }, { AutoScalingGroupName: groupName });
    for await (const page of pages) actions.push(...(page.ScheduledUpdateGroupActions ?? []).map(scheduledAction));
    return actions;
  }

  /**
   * The calls that move these actions: each is put on the one group before it is deleted from the other. Recurring ones
   * go without a start time, one-off ones only if they are still to come.
   */
  move(actions: readonly ScheduledAction[], from: string, to: string, now: Date): (() => Promise<void>)[] {
    return actions.map((action) => async () => {
      if (willBeDue(action, now)) await this.put(to, action);
      await this.delete(from, action.name);
    });
  }

  private async put(groupName: string, action: ScheduledAction): Promise<void> {
    const { name, recurrence, timeZone, dueAt, endTime, minimum, desired, maximum } = action;
    await this.client.send(
      new PutScheduledUpdateGroupActionCommand({
        AutoScalingGroupName: groupName,
        ScheduledActionName: name,
        Recurrence: recurrence,
        TimeZone: timeZone,
        StartTime: recurrence === undefined && dueAt ? new Date(dueAt) : undefined,
        EndTime: endTime ? new Date(endTime) : undefined,
        MinSize: minimum,
        DesiredCapacity: desired,
        MaxSize: maximum,
      }),
    );
  }

  /** What is gone already is as good. */
  private async delete(groupName: string, name: string): Promise<void> {
    const command = new DeleteScheduledActionCommand({ AutoScalingGroupName: groupName, ScheduledActionName: name });
    await this.client.send(command).catch((error: unknown) => {
      if (!/not found/i.test(errorMessage(error))) throw error;
    });
  }
}

/**
 * The sizes with every action applied that fell due since it was read: on the old group it had no use any more, and on
 * the new one it was suspended.
 */
export function withDueActions(sizes: Capacity, actions: readonly ScheduledAction[], now: Date): Capacity {
  const due = actions.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now.toISOString());
  const inOrder = [...due].sort((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''));
  return inOrder.reduce((current, action) => {
    const minimum = action.minimum ?? current.minimum;
    const maximum = Math.max(action.maximum ?? current.maximum, minimum);
    const desired = Math.min(maximum, Math.max(minimum, action.desired ?? current.desired));
    return { minimum, desired, maximum };
  }, sizes);
}

function willBeDue({ recurrence, dueAt, endTime }: ScheduledAction, now: Date): boolean {
  const soon = new Date(now.getTime() + LEAST_LEAD_SECONDS * 1000).toISOString();
  if (endTime !== undefined && endTime <= soon) return false;
  return recurrence !== undefined || (dueAt !== undefined && dueAt > soon);
}

function scheduledAction(action: ScheduledUpdateGroupAction): ScheduledAction {
  return {
    name: action.ScheduledActionName ?? '',
    recurrence: action.Recurrence,
    timeZone: action.TimeZone,
    dueAt: action.StartTime?.toISOString(),
    endTime: action.EndTime?.toISOString(),
    minimum: action.MinSize,
    desired: action.DesiredCapacity,
    maximum: action.MaxSize,
  };
}
