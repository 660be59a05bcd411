/** What scaling policies do: alarms that are reached, and metrics that target tracking follows, change the desired capacity. */
import { validationError } from '../../kernel/service';
import { type Capacity, weightOf, working } from './capacity';
import type { Fleet, Group, GroupInstance, SimplePolicy, TrackingPolicy } from './fleet';

/** What CloudWatch has of CPU utilization (in detail) and of load balancers is a value a minute; alarms look at each. */
const PERIOD_SECONDS = 60;
/** So many periods the alarms of target tracking take, and so far below the target the lower one is: observed. */
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;

export class Scaling {
  private readonly loads = new Map<string, number>();

  constructor(
    private readonly fleet: Fleet,
    private readonly capacity: Capacity,
  ) {}

  /** See `setLoad` of AutoScaling. */
  setLoad(of: string, load: number | undefined): void {
    if (load === undefined) this.loads.delete(of);
    else this.loads.set(of, load);
    for (const group of this.fleet.groups.values()) this.watch(group);
  }

  /**
   * While AlarmNotification is suspended alarms do nothing; while a cooldown lasts they do not by a simple policy ("Scaling
   * cooldowns", "Suspend and resume processes", user guide).
   */
  reachAlarm(groupName: string, policyName: string): void {
    const group = this.fleet.group(groupName);
    const policy = group.policies.get(policyName);
    if (policy?.type !== 'SimpleScaling') throw validationError(`${groupName} has no simple policy ${policyName}`);
    if (!policy.isEnabled || group.suspended.has('AlarmNotification') || isCooling(this.fleet, group)) return;
    this.adjust(group, policy, triggered(`${policyName}-alarm`, policyName));
  }

  adjust(group: Group, policy: SimplePolicy, cause: string): void {
    if (this.resize(group, adjusted(group.desiredCapacity, policy), cause)) {
      group.policyCooldownSeconds = policy.cooldownSeconds;
    }
  }

  /** Begins to look at what its policies track, where there is anything to see. */
  watch(group: Group): void {
    if (group.policyTimer || trackersOf(group).length === 0 || this.loads.size === 0) return;
    group.policyTimer = this.fleet.options.clock.after(PERIOD_SECONDS, () => {
      group.policyTimer = undefined;
      if (this.fleet.groups.get(group.name) !== group || group.isBeingDeleted) return;
      this.evaluate(group);
      this.watch(group);
    });
  }

  /**
   * One policy that is ready is enough to scale out; to scale in, all have to be that do so at all ("Target tracking scaling
   * policies", user guide). Alarms call again every minute for as long as they last (AWS re:Post, "Why doesn't my policy
   * trigger when my CloudWatch alarm changes states?").
   */
  private evaluate(group: Group): void {
    const trackers = trackersOf(group);
    for (const policy of trackers) this.count(group, policy);
    if (group.suspended.has('AlarmNotification')) return;
    const enabled = trackers.filter(({ isEnabled }) => isEnabled);
    const high = enabled.filter(({ highMinutes }) => highMinutes >= HIGH_PERIODS);
    const scalingIn = enabled.filter(({ scalesIn }) => scalesIn);
    const isLow = scalingIn.length > 0 && scalingIn.every(({ lowMinutes }) => lowMinutes >= LOW_PERIODS);
    const [policy] = high.length > 0 ? high : isLow ? scalingIn : [];
    if (!policy) return;
    const sizes = (high.length > 0 ? high : scalingIn).map((one) => this.wanted(group, one));
    const wanted = Math.max(...sizes);
    const isOut = high.length > 0;
    if (isOut ? wanted <= group.desiredCapacity : wanted >= group.desiredCapacity) return;
    if (!isOut && isWarming(this.fleet, group, policy)) return;
    const alarm = alarmName(group, policy, isOut ? 'High' : 'Low');
    if (!this.resize(group, wanted, triggered(alarm, policy.name))) return;
    for (const one of trackers) Object.assign(one, { highMinutes: 0, lowMinutes: 0 });
  }

  private count(group: Group, policy: TrackingPolicy): void {
    const metric = this.metric(group, policy);
    policy.highMinutes = metric !== undefined && metric > policy.target ? policy.highMinutes + 1 : 0;
    policy.lowMinutes = metric !== undefined && metric < LOW_SHARE * policy.target ? policy.lowMinutes + 1 : 0;
  }

  /** The capacity that would bring the metric to its target. */
  private wanted(group: Group, policy: TrackingPolicy): number {
    const capacity = weightOf(this.counted(group, policy));
    return Math.ceil((capacity * (this.metric(group, policy) ?? policy.target)) / policy.target);
  }

  /** Undefined: there are no data. */
  private metric(group: Group, policy: TrackingPolicy): number | undefined {
    const { targetGroupArn } = policy;
    const load = this.loads.get(targetGroupArn ?? group.name);
    const count = targetGroupArn ? this.healthyTargets(targetGroupArn) : this.counted(group, policy).length;
    return load === undefined || count === 0 ? undefined : load / count;
  }

  /** Of a target group, whosever they are: two groups that are attached to it share its requests, and halve the metric. */
  private healthyTargets(targetGroupArn: string): number {
    const { loadBalancing } = this.fleet.options;
    const ids = [...this.fleet.groups.values()].flatMap((group) => [...group.instances.keys()]);
    return ids.filter((id) => loadBalancing.stateOf(targetGroupArn, id) === 'healthy').length;
  }

  /** In the group's own metrics an instance does not count before its warmup is over ("Default instance warmup", user guide). */
  private counted(group: Group, policy: TrackingPolicy): GroupInstance[] {
    const serving = working(group).filter(({ state }) => state === 'InService');
    if (policy.targetGroupArn) return serving;
    return serving.filter((instance) => this.fleet.now_ms() >= warmAt_ms(group, policy, instance));
  }

  /**
   * Within the group's limits. Alarms scale nothing out while Launch is suspended, and nothing in while Terminate is ("How
   * suspended processes affect other processes", user guide).
   */
  private resize(group: Group, wanted: number, cause: string): boolean {
    const { desiredCapacity: before, minSize, maxSize } = group;
    const size = Math.max(minSize, Math.min(maxSize, wanted));
    if (size === before || group.suspended.has(size > before ? 'Launch' : 'Terminate')) return false;
    group.desiredCapacity = size;
    this.capacity.noteChange(group, before, cause);
    this.capacity.wake(group);
    return true;
  }
}

/** Whether the cooldown of its last scaling activity lasts, which begins when that ends. */
export function isCooling(fleet: Fleet, group: Group): boolean {
  const [latest] = group.activities;
  if (!latest) return false;
  const seconds = group.policyCooldownSeconds ?? group.defaultCooldownSeconds;
  return !latest.EndTime || fleet.now_ms() < latest.EndTime.getTime() + seconds * 1000;
}

export function alarmName(group: Group, { alarmId }: TrackingPolicy, kind: 'High' | 'Low'): string {
  return `TargetTracking-${group.name}-Alarm${kind}-${alarmId}`;
}

function trackersOf(group: Group): TrackingPolicy[] {
  return [...group.policies.values()].filter((policy) => policy.type === 'TargetTrackingScaling');
}

/** Nothing is taken away while what was launched last has yet to show what it does. */
function isWarming(fleet: Fleet, group: Group, policy: TrackingPolicy): boolean {
  return working(group).some(
    (instance) => instance.state !== 'InService' || fleet.now_ms() < warmAt_ms(group, policy, instance),
  );
}

/** Its own warmup, or the default one of the group, or the default cooldown (API reference, EstimatedInstanceWarmup). */
function warmAt_ms(group: Group, { warmupSeconds }: TrackingPolicy, { inService_ms = 0 }: GroupInstance): number {
  const usual = (group.descriptive.DefaultInstanceWarmup as number | undefined) ?? group.defaultCooldownSeconds;
  return inService_ms + (warmupSeconds ?? usual) * 1000;
}

function triggered(alarm: string, policy: string): string {
  return `a monitor alarm ${alarm} in state ALARM triggered policy ${policy}`;
}

/**
 * Percentages above 1 are rounded down and those below -1 up, what is between goes to 1 or -1 ("Scaling adjustment types",
 * user guide).
 */
function adjusted(capacity: number, { adjustmentType, adjustment, leastAdjustment = 0 }: SimplePolicy): number {
  if (adjustmentType === 'ExactCapacity') return adjustment;
  if (adjustmentType === 'ChangeInCapacity') return capacity + adjustment;
  const share = (capacity * adjustment) / 100;
  const magnitude = share === 0 ? 0 : Math.max(1, Math.floor(Math.abs(share)));
  return capacity + Math.sign(adjustment) * Math.max(magnitude, leastAdjustment);
}
