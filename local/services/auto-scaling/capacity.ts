/** Keeps each group at its desired capacity: launches, terminates after draining, and replaces what is unhealthy. */
import type { Activity, LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { Attachments } from './attachments';
import type { Fleet, Group, GroupInstance, Hook } from './fleet';

/** Of instances of which nothing is said, neither by the group nor by its launch template. */
const STANDARD_INSTANCE_TYPE = 't3.small';

/** At once; an account's limit is not modelled otherwise. */
const MAXIMUM_LAUNCHES = 5000;

/** "The maximum is 172800 seconds (48 hours) or 100 times HeartbeatTimeout, whichever is smaller" (LifecycleHook). */
const GLOBAL_TIMEOUT_SECONDS = 172_800;
const HEARTBEATS = 100;

export class Capacity {
  private launched = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly attachments: Attachments,
  ) {}

  /** Lets the group compare what it is with what it should be, after its usual delay. */
  wake(group: Group, delaySeconds = this.fleet.options.settings.reactionSeconds): void {
    if (group.wakeTimer) return;
    group.wakeTimer = this.fleet.options.clock.after(delaySeconds, () => {
      group.wakeTimer = undefined;
      if (this.fleet.groups.get(group.name) === group && !group.isBeingDeleted) this.reconcile(group);
    });
  }

  /**
   * Where the desired capacity is another than before, the next scaling activities say by whom: in these words
   * (https://repost.aws/knowledge-center/auto-scaling-scale-down).
   */
  noteChange(group: Group, before: number, who: string): void {
    const { desiredCapacity: desired } = group;
    if (desired === before) return;
    group.changes.push(`At ${this.time()} ${who} changing the desired capacity from ${before} to ${desired}.`);
  }

  private reconcile(group: Group): void {
    if (!group.suspended.has('Terminate') && !group.suspended.has('ReplaceUnhealthy')) {
      for (const instance of working(group)) {
        if (!instance.isHealthy)
          this.terminate(group, instance, 'an instance was taken out of service in response to a health check failure');
      }
    }
    const missing = group.desiredCapacity - weightOf(working(group));
    if (missing > 0 && !group.suspended.has('Launch')) this.launch(group, missing);
    if (missing < 0 && !group.suspended.has('Terminate')) this.scaleIn(group, -missing);
    group.changes = [];
  }

  /** The last instance may weigh more than what is missing: then the group has more than it wants, and keeps it. */
  private launch(group: Group, missing: number): void {
    const obstacle =
      (missing > MAXIMUM_LAUNCHES ? 'You have requested more vCPU capacity than your current vCPU limit' : undefined) ??
      this.attachments.missingResource(group) ??
      this.missingTemplate(group) ??
      group.launchFailure;
    if (obstacle !== undefined) {
      const activity = this.begin(group, 'Launching a new EC2 instance', capacityCause(group, 'started'));
      this.finish(activity, 'Failed', obstacle);
      this.fleet.emit({ type: 'launch-failed', groupName: group.name, message: obstacle });
      this.wake(group, this.fleet.options.settings.launchRetrySeconds);
      return;
    }
    for (let left = missing; left > 0; ) left -= this.launchOne(group).weight;
  }

  /** Tags reach an instance as they are at this moment ("new instances only", user guide, PropagateAtLaunch). */
  private launchOne(group: Group): GroupInstance {
    const { clock, random, instances, settings } = this.fleet.options;
    const used = this.templateOf(group);
    const instance: GroupInstance = {
      id: `i-0${random.text(16)}`,
      ...this.chooseType(group, used?.version.data.InstanceType),
      launchTemplate: used && {
        ...{ LaunchTemplateId: used.template.id, LaunchTemplateName: used.template.name },
        Version: String(used.version.number),
      },
      securityGroupIds: used?.version.data.SecurityGroupIds,
      zone: emptiestZone(group),
      privateIp: this.nextAddress(),
      tags: propagatedTags(group),
      state: 'Pending',
      isHealthy: true,
      hasFailed: false,
      isProtected: group.protectsNewInstances,
      inService_ms: undefined,
      wait: undefined,
      launch: undefined,
      drainingFrom: [],
      termination: undefined,
    };
    const activity = this.begin(group, `Launching a new EC2 instance: ${instance.id}`, capacityCause(group, 'started'));
    instance.launch = activity;
    group.instances.set(instance.id, instance);
    const { id: instanceId, zone: availabilityZone, privateIp, tags } = instance;
    instances.launch({ instanceId, availabilityZone, privateIp, tags });
    this.fleet.emit({ type: 'instance', groupName: group.name, instanceId: instance.id, state: 'Pending' });
    clock.after(settings.launchSeconds, () => {
      if (instance.state !== 'Pending') return this.finish(activity, 'Cancelled', 'The instance was terminated');
      if (this.hold(group, instance, 'launching')) activity.StatusCode = 'MidLifecycleAction';
      else this.completeLaunch(group, instance);
    });
    return instance;
  }

  private nextAddress(): string {
    this.launched += 1;
    return `10.0.${Math.floor(this.launched / 250)}.${(this.launched % 250) + 4}`;
  }

  /** Every hook of this kind has to be gone on with; here the first that is goes for all. False where there is none. */
  private hold(group: Group, instance: GroupInstance, transition: Hook['transition']): boolean {
    const hooks = [...group.hooks.values()].filter((hook) => hook.transition === transition);
    if (hooks.length === 0) return false;
    instance.state = transition === 'launching' ? 'Pending:Wait' : 'Terminating:Wait';
    instance.wait = { hooks, since_ms: this.fleet.now_ms(), timer: undefined };
    this.prolong(group, instance, Math.max(...hooks.map(({ heartbeatSeconds }) => heartbeatSeconds)));
    return true;
  }

  /** Its time begins anew, though not beyond that of all heartbeats together. */
  prolong(group: Group, instance: GroupInstance, seconds: number): void {
    const { wait } = instance;
    if (!wait) return;
    wait.timer?.cancel();
    const until_ms = wait.since_ms + Math.max(...wait.hooks.map(globalTimeoutSeconds)) * 1000;
    const left = Math.min(seconds, (until_ms - this.fleet.now_ms()) / 1000);
    const goesOn = wait.hooks.every((hook) => hook.goesOn);
    wait.timer = this.fleet.options.clock.after(left, () => this.goOn(group, instance, goesOn, 'Heartbeat Timeout'));
  }

  /** What terminates is terminated either way ("Complete a lifecycle action", user guide). */
  goOn(group: Group, instance: GroupInstance, isContinued: boolean, why: string): void {
    this.release(instance);
    if (instance.state === 'Terminating:Wait') this.endTermination(group, instance);
    else if (isContinued) this.completeLaunch(group, instance);
    else this.abandon(group, instance, why);
  }

  private release(instance: GroupInstance): void {
    instance.wait?.timer?.cancel();
    instance.wait = undefined;
  }

  private completeLaunch(group: Group, instance: GroupInstance): void {
    if (instance.launch) this.finish(instance.launch, 'Successful');
    this.enterService(group, instance);
  }

  /** What the activity says then was observed: each has a token of its own. */
  private abandon(group: Group, instance: GroupInstance, why: string): void {
    const token = this.fleet.options.random.uuid();
    const message = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token} was abandoned: ${why}`;
    if (instance.launch) this.finish(instance.launch, 'Cancelled', message);
    this.terminate(group, instance, 'an instance was taken out of service as its lifecycle action was abandoned');
    this.wake(group);
  }

  /** Of a mixed instances policy any type may come, as what is available and cheap changes. */
  private chooseType(
    group: Group,
    ofTemplate: string = STANDARD_INSTANCE_TYPE,
  ): Pick<GroupInstance, 'instanceType' | 'weight'> {
    const overrides = group.mixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
    if (overrides.length === 0) return { instanceType: ofTemplate, weight: 1 };
    const { random } = this.fleet.options;
    const { InstanceType, WeightedCapacity } = overrides[random.integer(overrides.length)] ?? {};
    return { instanceType: InstanceType ?? ofTemplate, weight: Number(WeightedCapacity ?? 1) };
  }

  /** $Latest and $Default are what they are at the launch ("Create a launch template", user guide). */
  private templateOf(group: Group) {
    const specification = templateOf(group);
    return specification && this.fleet.options.launchTemplates.version(specification);
  }

  /** What somebody has deleted since prevents launches; the words of EC2, and then those of Auto Scaling: observed. */
  private missingTemplate(group: Group): string | undefined {
    try {
      this.templateOf(group);
      return undefined;
    } catch (error) {
      return `${(error as Error).message} Launching EC2 instance failed.`;
    }
  }

  private enterService(group: Group, instance: GroupInstance): void {
    instance.state = 'InService';
    instance.inService_ms = this.fleet.now_ms();
    this.fleet.emit({ type: 'instance', groupName: group.name, instanceId: instance.id, state: 'InService' });
    this.attachments.registerNew(group, instance);
    this.fleet.options.clock.after(group.healthCheckGraceSeconds, () => this.watchHealth(group));
  }

  /** What is left still weighs the desired capacity. What only the last launch brought too much is kept. */
  private scaleIn(group: Group, excess: number): void {
    if (excess < Math.max(...working(group).map(({ weight }) => weight))) return;
    for (let left = excess; left > 0; ) {
      const candidates = working(group).filter(({ isProtected, weight }) => !isProtected && weight <= left);
      const zone = fullestZone(group, candidates);
      const oldest = candidates.find((instance) => instance.zone === zone);
      if (!oldest) return; // what is left is protected from scale-in, and stays even at a desired capacity of 0
      this.terminate(group, oldest, capacityCause(group, 'taken out of service'));
      left -= oldest.weight;
    }
  }

  /** The instance leaves its load balancers first; it is terminated when they have let it go. */
  terminate(group: Group, instance: GroupInstance, cause: string): Activity {
    const activity = this.begin(group, `Terminating EC2 instance: ${instance.id}`, cause);
    this.release(instance);
    instance.state = 'Terminating';
    this.fleet.emit({ type: 'instance', groupName: group.name, instanceId: instance.id, state: 'Terminating' });
    instance.drainingFrom = this.attachments.deregister(group, instance);
    instance.termination = activity;
    if (instance.drainingFrom.length > 0) activity.StatusCode = 'WaitingForELBConnectionDraining';
    this.finishTermination(group, instance);
    return activity;
  }

  /** It is told as attached, and never as launched; of tags it keeps those that it has. */
  attach(group: Group, instance: GroupInstance): void {
    const activity = this.begin(group, `Attaching an existing EC2 instance: ${instance.id}`, byRequest('attached'));
    instance.state = 'Pending';
    group.instances.set(instance.id, instance);
    this.fleet.options.clock.after(this.fleet.options.settings.reactionSeconds, () => {
      if (instance.state !== 'Pending') return this.finish(activity, 'Cancelled', 'The instance was terminated');
      this.finish(activity, 'Successful');
      this.enterService(group, instance);
    });
  }

  /** It leaves the group's load balancers. */
  detach(group: Group, instance: GroupInstance): Activity {
    const activity = this.begin(group, `Detaching EC2 instance: ${instance.id}`, byRequest('detached'));
    this.attachments.deregister(group, instance);
    group.instances.delete(instance.id);
    this.finish(activity, 'Successful');
    return activity;
  }

  enterStandby(group: Group, instance: GroupInstance): Activity {
    const activity = this.begin(group, `Moving EC2 instance to Standby: ${instance.id}`, byRequest('moved to Standby'));
    this.attachments.deregister(group, instance);
    instance.state = 'Standby';
    this.finish(activity, 'Successful');
    return activity;
  }

  exitStandby(group: Group, instance: GroupInstance): Activity {
    const cause = byRequest('moved out of Standby');
    const activity = this.begin(group, `Moving EC2 instance out of Standby: ${instance.id}`, cause);
    this.finish(activity, 'Successful');
    this.enterService(group, instance);
    return activity;
  }

  /** ForceDelete: nothing waits for draining, nor for lifecycle hooks. */
  terminateAtOnce(group: Group, instance: GroupInstance): void {
    if (!isTerminating(instance)) this.terminate(group, instance, 'the group was deleted');
    instance.drainingFrom = [];
    this.release(instance);
    this.endTermination(group, instance);
  }

  /** Called again whenever a load balancer has let go of the instance. */
  finishTermination(group: Group, instance: GroupInstance): void {
    instance.drainingFrom = instance.drainingFrom.filter(
      (attachment) => this.fleet.balancing(attachment).stateOf(attachment.identifier, instance.id) !== undefined,
    );
    if (instance.drainingFrom.length > 0 || !instance.termination || instance.wait || group.isBeingDeleted) return;
    if (this.hold(group, instance, 'terminating')) instance.termination.StatusCode = 'MidLifecycleAction';
    else this.endTermination(group, instance);
  }

  private endTermination(group: Group, instance: GroupInstance): void {
    const activity = instance.termination;
    if (!activity) return;
    instance.termination = undefined;
    activity.StatusCode = 'InProgress';
    this.fleet.options.instances.terminate(instance.id);
    this.fleet.options.clock.after(this.fleet.options.settings.terminationSeconds, () => {
      this.finish(activity, 'Successful');
      group.instances.delete(instance.id);
      this.fleet.emit({ type: 'instance', groupName: group.name, instanceId: instance.id, state: 'Terminated' });
      if (group.isBeingDeleted && group.instances.size === 0) this.fleet.groups.delete(group.name);
    });
  }

  /** Lets the group look at its instances' health, once for all that happens within its delay. */
  watchHealth(group: Group): void {
    if (group.healthTimer) return;
    group.healthTimer = this.fleet.options.clock.after(this.fleet.options.settings.healthCheckSeconds, () => {
      group.healthTimer = undefined;
      this.checkHealth(group);
    });
  }

  private checkHealth(group: Group): void {
    if (group.suspended.has('HealthCheck')) return;
    for (const instance of working(group)) {
      if (instance.isHealthy && this.isUnhealthy(group, instance)) {
        instance.isHealthy = false;
        this.wake(group);
      }
    }
  }

  /**
   * A lost machine counts at once; what load balancers say counts after the grace period, and only that of those which
   * have accepted an instance of the group before (attachment state InService). One that says unhealthy is enough
   * ("If multiple load balancer target groups … are attached, all of them must report that an instance is healthy",
   * user guide).
   */
  private isUnhealthy(group: Group, instance: GroupInstance): boolean {
    if (instance.hasFailed) return true;
    if (!group.healthCheckTypes.includes('ELB') || this.isInGracePeriod(group, instance)) return false;
    return group.attachments.some(
      (attachment) =>
        attachment.state === 'InService' &&
        this.fleet.balancing(attachment).stateOf(attachment.identifier, instance.id) === 'unhealthy',
    );
  }

  isInGracePeriod(group: Group, instance: GroupInstance): boolean {
    if (instance.inService_ms === undefined) return true;
    return this.fleet.now_ms() < instance.inService_ms + group.healthCheckGraceSeconds * 1000;
  }

  private begin(group: Group, description: string, cause: string): Activity {
    const now = this.fleet.options.clock.now();
    const activity: Activity = {
      ActivityId: this.fleet.options.random.uuid(),
      AutoScalingGroupName: group.name,
      AutoScalingGroupARN: group.arn,
      Description: description,
      Cause: [...group.changes, `At ${this.time()} ${cause}.`].join('  '),
      StartTime: now,
      StatusCode: 'InProgress',
      Progress: 50,
      Details: '{}',
    };
    group.activities.unshift(activity);
    return activity;
  }

  private time(): string {
    return this.fleet.options.clock
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }

  private finish(activity: Activity, status: 'Successful' | 'Failed' | 'Cancelled', message?: string): void {
    activity.StatusCode = status;
    activity.StatusMessage = message;
    // As observed; what the API reference shows has no reason in it.
    if (message !== undefined) activity.Description = `${activity.Description}.  Status Reason: ${message}`;
    activity.EndTime = this.fleet.options.clock.now();
    activity.Progress = 100;
  }
}

function propagatedTags(group: Group): Map<string, string> {
  const propagated = [...group.tags].filter(([, { isPropagated }]) => isPropagated);
  return new Map([
    ...propagated.map(([key, { value }]) => [key, value] as const),
    ['aws:autoscaling:groupName', group.name],
  ]);
}

function templateOf({ launchTemplate, mixedInstancesPolicy }: Group): LaunchTemplateSpecification | undefined {
  return launchTemplate ?? mixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
}

export function isTerminating({ state }: GroupInstance): boolean {
  return state.startsWith('Terminating');
}

/** The instances that count towards the desired capacity, the oldest first. */
export function working(group: Group): GroupInstance[] {
  return [...group.instances.values()].filter((instance) => !isTerminating(instance) && instance.state !== 'Standby');
}

export function weightOf(instances: GroupInstance[]): number {
  return instances.reduce((sum, { weight }) => sum + weight, 0);
}

export function globalTimeoutSeconds({ heartbeatSeconds }: Hook): number {
  return Math.min(GLOBAL_TIMEOUT_SECONDS, HEARTBEATS * heartbeatSeconds);
}

function capacityCause(group: Group, what: string): string {
  return (
    `an instance was ${what} in response to a difference between desired and actual capacity, ` +
    `changing the capacity from ${weightOf(working(group))} to ${group.desiredCapacity}`
  );
}

/** As a scaling activity says that a group was given other sizes. */
export function constraintsOf({ minSize, maxSize, desiredCapacity }: Group): string {
  return `AutoScalingGroup constraints to min: ${minSize}, max: ${maxSize}, desired: ${desiredCapacity}`;
}

function byRequest(what: string): string {
  return `an instance was ${what} in response to a user request`;
}

function emptiestZone(group: Group): string {
  const counts = group.zones.map((zone) => working(group).filter((instance) => instance.zone === zone).length);
  return group.zones[counts.indexOf(Math.min(...counts))] as string;
}

/** Zones are kept balanced on the way in, too: the candidate is taken from the zone that has most instances. */
function fullestZone(group: Group, candidates: GroupInstance[]): string | undefined {
  const zones = [...new Set(candidates.map((instance) => instance.zone))];
  const counts = zones.map((zone) => working(group).filter((instance) => instance.zone === zone).length);
  return zones[counts.indexOf(Math.max(...counts))];
}
