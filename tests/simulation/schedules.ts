/** The scheduled actions that people put on whatever group is Active: they stay with Active, and none is lost. */
import { AutoScalingClient, PutScheduledUpdateGroupActionCommand } from '@aws-sdk/client-auto-scaling';
import type { ExampleFleet } from '../../local/example/fleet';
import { groupsOf, scheduledActionNames } from '../harness/observe';
import type { Act } from './scenario';
import { activeOf, fleetOf, type Place } from './site';

interface Scheduled {
  task: string;
  name: string;
  dueAt_ms: number;
  isRecurring: boolean;
  desired: number;
}

/** What falls due takes a moment to be applied where it was suspended: until retire has looked again. */
const APPLIED_SECONDS = 60;

/** So long after it fell due an action may still be applied. */
const LATEST_SECONDS = 7200;

export class Schedules {
  private readonly scheduled: Scheduled[] = [];

  constructor(private readonly place: Place) {}

  /** Nobody schedules anything for a group that would skip it: whoever looks at the group sees that it is suspended. */
  async put(act: Extract<Act, { kind: 'schedule' }>): Promise<void> {
    const { clock, aws } = this.place.world;
    const fleet = fleetOf(this.place, act);
    const groupName = activeOf(this.place, act);
    const { suspended = [], maximum = 0 } = groupsOf(aws).get(groupName) ?? {};
    if (suspended.includes('ScheduledActions')) throw new Error('the scheduled actions are suspended');
    const { dueSeconds, isRecurring } = act;
    const due = new Date(Math.ceil((clock.now().getTime() / 1000 + dueSeconds) / 60) * 60_000);
    const desired = fleet.instances + act.more;
    const name = `scheduled-${this.scheduled.length}`;
    const command = new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: groupName,
      ScheduledActionName: name,
      ...(isRecurring ? { Recurrence: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *` } : { StartTime: due }),
      MinSize: act.isOfDesiredOnly ? undefined : desired,
      DesiredCapacity: desired,
      MaxSize: Math.max(desired, maximum),
    });
    await clock.run(new AutoScalingClient(aws.operator).send(command));
    this.scheduled.push({ task: fleet.task, name, dueAt_ms: due.getTime(), isRecurring, desired });
  }

  /** The least size that Active has by what has fallen due; undefined where nothing has. */
  leastSize({ task }: ExampleFleet): number | undefined {
    const now_ms = this.place.world.clock.now().getTime();
    const due = this.scheduled.filter((one) => one.task === task && one.dueAt_ms + APPLIED_SECONDS * 1000 < now_ms);
    return due.length > 0 ? Math.min(...due.map(({ desired }) => desired)) : undefined;
  }

  /** Whoever gives a group of the fleet this size now does what was scheduled. */
  isDue({ task }: ExampleFleet, size: unknown): boolean {
    const now_ms = this.place.world.clock.now().getTime();
    return this.scheduled.some(({ task: ofTask, desired, dueAt_ms }) => {
      const sinceDueSeconds = (now_ms - dueAt_ms) / 1000;
      return (
        ofTask === task && desired === size && sinceDueSeconds > -APPLIED_SECONDS && sinceDueSeconds < LATEST_SECONDS
      );
    });
  }

  /** One text for each that is not where it ought to be. */
  *misplaced(fleet: ExampleFleet): Generator<string> {
    const { clock, aws } = this.place.world;
    const now_ms = clock.now().getTime();
    const ofActive = this.namesOf(fleet, 'Active').flatMap((group) => scheduledActionNames(aws, group));
    const ofStandBy = this.namesOf(fleet, 'StandBy').flatMap((group) => scheduledActionNames(aws, group));
    for (const { task, name, isRecurring, dueAt_ms } of this.scheduled) {
      if (task !== fleet.task) continue;
      if (ofStandBy.includes(name)) yield `${name} is on StandBy of ${task}`;
      const isToCome = isRecurring || dueAt_ms > now_ms;
      if (isToCome && !ofActive.includes(name)) yield `${name} of ${task} is lost`;
    }
  }

  private namesOf({ activeGroup, standByGroup }: ExampleFleet, type: string): string[] {
    const groups = groupsOf(this.place.world.aws);
    return [activeGroup, standByGroup].filter((name) => groups.get(name)?.tags.get('type') === type);
  }
}
