/** Scheduled actions: sizes that a group takes at a time. They follow the load from the old group to the new one. */
import {
  AutoScalingClient,
  DeleteScheduledActionCommand,
  PutScheduledUpdateGroupActionCommand,
  paginateDescribeScheduledActions,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import * as z from 'zod/mini';
import type { Deadline } from '../aws/deadline';
import { errorMessage } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import { addSeconds, time } from '../aws/time';
import type { Capacity, Sizes } from './auto-scaling-groups';

/** `dueAt` is the only time of a one-off action, and the next one of a recurring one. */
export const scheduledAction = z.object({
  name: z.string(),
  recurrence: z.optional(z.string()),
  timeZone: z.optional(z.string()),
  dueAt: z.optional(time),
  endTime: z.optional(time),
  minimum: z.optional(z.int()),
  desired: z.optional(z.int()),
  maximum: z.optional(z.int()),
});
export type ScheduledAction = z.infer<typeof scheduledAction>;

/** One that is due sooner than this is not put any more: the service refuses times that have passed. */
const LEAST_LEAD_SECONDS = 60;

/** What fell due longer ago is not made up for: other actions, or people, have had their say since. */
const LONGEST_DELAY_SECONDS = 7200;

export class ScheduledActions {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): ScheduledActions {
    return new ScheduledActions(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  async of(groupName: string): Promise<ScheduledAction[]> {
    const actions: ScheduledAction[] = [];
    const pages = paginateDescribeScheduledActions({ client: this.client }, { AutoScalingGroupName: groupName });
    for await (const page of pages) actions.push(...(page.ScheduledUpdateGroupActions ?? []).map(scheduledActionOf));
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
 * What was known of a group's actions, and what is found there by now. A recurring one keeps the time that is known: if that
 * has passed, it fell due meanwhile. One that is gone was moved, or fell due, or else somebody has withdrawn it.
 */
export function merged(
  known: readonly ScheduledAction[],
  found: readonly ScheduledAction[],
  { areMoved, now }: { areMoved: boolean; now: Date },
): ScheduledAction[] {
  const isOver = ({ dueAt }: ScheduledAction) => dueAt !== undefined && dueAt <= now.toISOString();
  const isFound = ({ name }: ScheduledAction) => found.some((action) => action.name === name);
  const gone = known.filter((action) => !isFound(action) && (areMoved || isOver(action)));
  const present = found.map((action) => {
    const before = known.find(({ name }) => name === action.name);
    const isSame = before && action.recurrence !== undefined && before.recurrence === action.recurrence;
    return isSame ? { ...action, dueAt: before.dueAt } : action;
  });
  return [...gone, ...present];
}

/**
 * The sizes to give to a group on which these actions had no effect when they fell due: by `now`, and later than `since`
 * where that is said. A one-off that is about to fall due counts, since it is not put any more. `desired` only where they
 * change it: else the group's alarms, which may change it at this moment, have the say.
 */
export function withDueActions(
  current: Capacity,
  actions: readonly ScheduledAction[],
  { since = '', now }: { since?: string; now: Date },
): Sizes {
  const earliest = addSeconds(now, -LONGEST_DELAY_SECONDS);
  const due = actions.filter(({ dueAt, recurrence }) => {
    const latest = recurrence === undefined ? leastStartTime(now) : now.toISOString();
    return dueAt !== undefined && dueAt > since && dueAt > earliest && dueAt <= latest;
  });
  const inOrder = [...due].sort((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''));
  const sizes = inOrder.reduce((before, action) => {
    const minimum = action.minimum ?? before.minimum;
    const maximum = Math.max(action.maximum ?? before.maximum, minimum);
    const desired = Math.min(maximum, Math.max(minimum, action.desired ?? before.desired));
    return { minimum, desired, maximum };
  }, current);
  return { ...sizes, desired: sizes.desired === current.desired ? undefined : sizes.desired };
}

/** Whether it can still be put. */
export function willBeDue({ recurrence, dueAt, endTime }: ScheduledAction, now: Date): boolean {
  const least = leastStartTime(now);
  if (endTime !== undefined && endTime <= least) return false;
  return recurrence !== undefined || (dueAt !== undefined && dueAt > least);
}

function leastStartTime(now: Date): string {
  return addSeconds(now, LEAST_LEAD_SECONDS);
}

function scheduledActionOf(action: ScheduledUpdateGroupAction): ScheduledAction {
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
