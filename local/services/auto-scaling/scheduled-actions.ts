/** Scheduled actions: sizes that a group takes at a time, once or again and again. */
import type {
  DeleteScheduledActionType,
  DescribeScheduledActionsType,
  PutScheduledUpdateGroupActionType,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { type Operations, validationError } from '../../kernel/service';
import { type Capacity, constraintsOf } from './capacity';
import { checkTimeZone, nextTime, parseCron } from './cron';
import type { Fleet, Group, ScheduledAction } from './fleet';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;
/** Real timers cannot be set for much longer than this; a long wait is made of short ones. */
const LONGEST_WAIT_SECONDS = 24 * 3600;

export class ScheduledActions {
  readonly operations: Operations = {
    PutScheduledUpdateGroupAction: (input: PutScheduledUpdateGroupActionType) => this.put(input),
    DeleteScheduledAction: (input: DeleteScheduledActionType) => {
      const group = this.fleet.group(input.AutoScalingGroupName);
      const action = group.scheduledActions.get(input.ScheduledActionName as string);
      if (!action) throw validationError('Scheduled action name not found');
      action.timer?.cancel();
      group.scheduledActions.delete(action.name);
    },
    DescribeScheduledActions: (input: DescribeScheduledActionsType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'ScheduledActionNames', 'NextToken', 'MaxRecords']);
      const groups = input.AutoScalingGroupName
        ? [this.fleet.group(input.AutoScalingGroupName)]
        : [...this.fleet.groups.values()];
      const all = groups.flatMap((group) => [...group.scheduledActions.values()].map((action) => ({ group, action })));
      const names = input.ScheduledActionNames;
      const wanted = all.filter(({ action }) => !names?.length || names.includes(action.name));
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      return {
        ScheduledUpdateGroupActions: items.map(({ group, action }) => this.describe(group, action)),
        NextToken: next,
      };
    },
  };

  constructor(
    private readonly fleet: Fleet,
    private readonly capacity: Capacity,
  ) {}

  /** Putting an action of the same name replaces it. */
  private put(input: PutScheduledUpdateGroupActionType): void {
    const group = this.fleet.group(input.AutoScalingGroupName);
    const { MinSize, MaxSize, DesiredCapacity, EndTime, Recurrence, TimeZone } = input;
    const startTime = input.StartTime ?? input.Time;
    const now = this.fleet.options.clock.now();
    if (MinSize === undefined && MaxSize === undefined && DesiredCapacity === undefined) {
      throw validationError('At least one of MinSize, MaxSize and DesiredCapacity must be specified');
    }
    if (!startTime && !Recurrence) throw validationError('A start time or a recurrence must be specified');
    if (startTime && startTime <= now) throw validationError('Given start time is in the past');
    if (EndTime && EndTime <= (startTime ?? now)) throw validationError('Given end time is before the start time');
    if (TimeZone) checkTimeZone(TimeZone);
    if (Recurrence) parseCron(Recurrence);
    const first = Recurrence ? nextTime(Recurrence, TimeZone, startTime ?? now) : startTime;
    if (!first) throw validationError(`The recurrence '${Recurrence}' never comes`);
    const action: ScheduledAction = {
      name: input.ScheduledActionName as string,
      startTime,
      endTime: EndTime,
      recurrence: Recurrence,
      timeZone: TimeZone,
      sizes: { MinSize, MaxSize, DesiredCapacity },
      nextTime: first,
      timer: undefined,
    };
    group.scheduledActions.get(action.name)?.timer?.cancel();
    group.scheduledActions.set(action.name, action);
    this.wait(group, action);
  }

  private wait(group: Group, action: ScheduledAction): void {
    const seconds = (action.nextTime.getTime() - this.fleet.now_ms()) / 1000;
    action.timer = this.fleet.options.clock.after(Math.min(seconds, LONGEST_WAIT_SECONDS), () => {
      if (this.fleet.now_ms() < action.nextTime.getTime()) return this.wait(group, action);
      this.fallDue(group, action);
    });
  }

  /** What falls due while ScheduledActions is suspended is skipped, not made up for (user guide). */
  private fallDue(group: Group, action: ScheduledAction): void {
    if (!group.suspended.has('ScheduledActions')) {
      const {
        MinSize = group.minSize,
        MaxSize = group.maxSize,
        DesiredCapacity = group.desiredCapacity,
      } = action.sizes;
      const before = group.desiredCapacity;
      group.minSize = MinSize;
      group.maxSize = Math.max(MinSize, MaxSize);
      group.desiredCapacity = Math.max(group.minSize, Math.min(group.maxSize, DesiredCapacity));
      this.capacity.noteChange(group, before, `a scheduled action update of ${constraintsOf(group)}`);
      this.capacity.wake(group);
    }
    const next = action.recurrence && nextTime(action.recurrence, action.timeZone, action.nextTime);
    if (!next || (action.endTime && next > action.endTime)) {
      group.scheduledActions.delete(action.name);
      return;
    }
    action.nextTime = next;
    this.wait(group, action);
  }

  private describe(group: Group, action: ScheduledAction): ScheduledUpdateGroupAction {
    const { region, accountId } = this.fleet.options;
    return {
      AutoScalingGroupName: group.name,
      ScheduledActionName: action.name,
      ScheduledActionARN: `arn:aws:autoscaling:${region}:${accountId}:scheduledUpdateGroupAction:*:autoScalingGroupName/${group.name}:scheduledActionName/${action.name}`,
      Time: action.nextTime,
      StartTime: action.nextTime, // AWS shows the next occurrence of a recurring action here
      EndTime: action.endTime,
      Recurrence: action.recurrence,
      TimeZone: action.timeZone,
      ...action.sizes,
    };
  }
}
