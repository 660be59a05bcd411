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
import { addSeconds, type Capacity, type ScheduledAction } from './record';
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
 * The sizes with every action applied that fell due since a moment, where that had no effect: on the old group it was of no
 * use any more, and on the new one it was suspended. A one-off that is about to fall due counts: it is not put any more.
 */
export function withDueActions(
  sizes: Capacity,
  actions: readonly ScheduledAction[],
  { since = '', now }: { since?: string; now: Date },
): Capacity {
  const due = actions.filter(({ dueAt, recurrence }) => {
    const latest = recurrence === undefined ? soonAfter(now) : now.toISOString();
    return dueAt !== undefined && dueAt > since && dueAt <= latest;
  });
  const inOrder = [...due].sort((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''));
  return inOrder.reduce((current, action) => {
    const minimum = action.minimum ?? current.minimum;
    const maximum = Math.max(action.maximum ?? current.maximum, minimum);
    const desired = Math.min(maximum, Math.max(minimum, action.desired ?? current.desired));
    return { minimum, desired, maximum };
  }, sizes);
}

function willBeDue({ recurrence, dueAt, endTime }: ScheduledAction, now: Date): boolean {
  const soon = soonAfter(now);
  if (endTime !== undefined && endTime <= soon) return false;
  return recurrence !== undefined || (dueAt !== undefined && dueAt > soon);
}

function soonAfter(now: Date): string {
  return addSeconds(now, LEAST_LEAD_SECONDS);
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
