/** A fleet that its own schedule takes to 0, as by night: nobody is to be served until that gives it instances again. */
import { named } from '../aws/findings';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import type { ScheduledAction } from '../fleet/scheduled-actions';
import type { Pair } from './readiness';

/** A deployment has left this group at 0, as its schedule had it; in ISO. */
export interface Asleep {
  group: string;
  at: string;
}

/** Whether nobody has changed its size since its schedule took it to 0; that a deployment by night did so again is no change. */
export async function isAtZeroBySchedule(
  { name, capacity }: Group,
  fleet: Fleet,
  asleep: Asleep | undefined,
): Promise<boolean> {
  if (capacity.desired > 0) return false;
  const change = await fleet.lastChangeOfSize(name);
  const isLeft = asleep?.group === name && (change === undefined || change.at <= asleep.at);
  return isLeft || (change?.isScheduled === true && change.desired === 0);
}

/** What the mail of the start says of the time after it. */
export function notesOfNight({ active, standBy }: Pair, actions: readonly ScheduledAction[]): string[] {
  const raising = actions.filter(({ desired, minimum = 0 }) => (desired ?? minimum) > 0);
  const [next] = [...raising].sort((one, other) => (one.dueAt ?? '').localeCompare(other.dueAt ?? ''));
  const proven = `${standBy.name} is tested with one instance, and is then at 0 with the schedule of ${active.name} on it.`;
  if (!next) return [proven, `No scheduled action gives ${active.name} instances again: somebody has to.`];
  const instances = next.desired ?? next.minimum ?? 0;
  const size = `${instances} ${instances === 1 ? 'instance' : 'instances'}`;
  return [proven, `${next.name} gives ${size} at ${next.dueAt} to whichever is Active then.`];
}

/** What the mail of the end says of it. */
export function scheduleOn(newGroup: string, actions: readonly ScheduledAction[]): string {
  if (actions.length === 0) return `No scheduled action is on ${newGroup}: by itself it stays at 0.`;
  return `The schedule is on ${newGroup}: ${named(actions.map(({ name }) => name))}.`;
}
