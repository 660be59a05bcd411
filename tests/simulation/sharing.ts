/**
 * From the first moment that the new version shares Active's users until Active is detached, or the new version is gone,
 * nothing makes Active smaller than it was then, but people and what they have scheduled.
 */
import type { Call } from '../../local/kernel/service';
import { type Invocation, isInvocationCaller } from '../../local/services/lambda/environment';
import { groupsOf } from '../harness/observe';
import type { People } from './people';
import type { Place } from './site';

const ATTACHING = /^Attach(LoadBalancers|LoadBalancerTargetGroups|TrafficSources)$/;
const DETACHING = /^Detach(LoadBalancers|LoadBalancerTargetGroups|TrafficSources)$/;

interface Shared {
  standBy: string;
  /** The size that Active had. */
  desired: number;
}

export class Sharing {
  /** By the name of Active. */
  private readonly shared = new Map<string, Shared>();
  /** The sizes of groups when an invocation looked at them. */
  private readonly seen = new WeakMap<Invocation, Map<string, number>>();

  constructor(
    private readonly place: Place,
    private readonly people: People,
    private readonly report: (text: string) => void,
  ) {}

  install(): void {
    const { aws } = this.place.world;
    aws.endpoint.intercept(async (call, proceed) => {
      if (call.service !== 'auto-scaling') return proceed();
      this.begin(call);
      this.end(call);
      const answer = await proceed();
      const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
      if (invocation && call.operation === 'DescribeAutoScalingGroups') this.seen.set(invocation, this.sizes());
      return answer;
    });
    aws.eventBridge.onEvent(({ 'detail-type': type, detail }) => {
      if (!/^(Completed|Cleaned)$/.test(type)) return;
      const fleet = this.place.fleets.find(({ task }) => task === detail.task);
      for (const name of fleet ? [fleet.activeGroup, fleet.standByGroup] : []) this.shared.delete(name);
    });
    aws.autoScaling.onChange((event) => {
      if (event.type === 'instance' && event.state === 'Terminating') this.check(event.groupName);
    });
  }

  private sizes(): Map<string, number> {
    return new Map([...groupsOf(this.place.world.aws)].map(([name, { desired }]) => [name, desired]));
  }

  /** Of what it has grown by since attach-real has looked, that cannot know. */
  private begin({ operation, input, caller }: Call): void {
    const invocation = isInvocationCaller(caller) ? caller.invocation : undefined;
    if (invocation?.function !== 'attach-real' || !ATTACHING.test(operation)) return;
    const standBy = String(input.AutoScalingGroupName);
    const fleet = this.place.fleets.find((one) => [one.activeGroup, one.standByGroup].includes(standBy));
    const active = fleet?.activeGroup === standBy ? fleet.standByGroup : fleet?.activeGroup;
    if (active === undefined || this.shared.has(active)) return;
    const now = this.sizes().get(active) ?? 0;
    this.shared.set(active, { standBy, desired: Math.min(now, this.seen.get(invocation)?.get(active) ?? now) });
  }

  private end({ operation, input, caller }: Call): void {
    const name = String(input.AutoScalingGroupName);
    const isSizing = operation === 'UpdateAutoScalingGroup';
    // Functions size Active, too, where something was scheduled.
    if (DETACHING.test(operation) || (isSizing && !isInvocationCaller(caller))) this.shared.delete(name);
    for (const [active, { standBy }] of this.shared) {
      if (isSizing && name === standBy && input.MaxSize === 0) this.shared.delete(active);
    }
  }

  private check(groupName: string): void {
    const before = this.shared.get(groupName);
    const desired = this.sizes().get(groupName) ?? 0;
    if (!before || desired >= before.desired) return;
    const fleet = this.place.fleets.find((one) => [one.activeGroup, one.standByGroup].includes(groupName));
    if (fleet && this.people.schedules.isDue(fleet, desired)) return;
    this.report(`${groupName} shrinks from ${before.desired} to ${desired} while ${before.standBy} shares its users`);
  }
}
