/** EC2 Auto Scaling of the embedded AWS: groups that keep their capacity, on load balancers that drain and check. */
import type { DescribeScalingActivitiesType } from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import type { Operations, Service } from '../../kernel/service';
import { autoScalingAccess } from './access';
import { Attachments } from './attachments';
import { Capacity } from './capacity';
import { type AutoScalingEvent, Fleet, type FleetOptions, type Settings, STANDARD_SETTINGS } from './fleet';
import { Groups } from './groups';
import { instanceOperations } from './instances';
import { lifecycleHookOperations } from './lifecycle-hooks';
import { membershipOperations } from './membership';
import { processOperations } from './processes';
import { Refreshes } from './refreshes';
import { Scaling } from './scaling';
import { scalingPolicyOperations } from './scaling-policies';
import { ScheduledActions } from './scheduled-actions';
import { tagOperations } from './tags';

export type { AutoScalingEvent } from './fleet';

export type AutoScalingOptions = Omit<FleetOptions, 'settings'> & { settings?: Partial<Settings> };

const ACTIVITIES_PER_PAGE = 100;

export class AutoScaling implements Service {
  readonly operations: Operations;
  readonly requiredAccess = autoScalingAccess;
  private readonly fleet: Fleet;
  private readonly attachments: Attachments;
  private readonly capacity: Capacity;
  private readonly scaling: Scaling;

  constructor(options: AutoScalingOptions) {
    this.fleet = new Fleet({ ...options, settings: { ...STANDARD_SETTINGS, ...options.settings } });
    this.attachments = new Attachments(this.fleet, (group) => this.capacity.watchHealth(group));
    this.capacity = new Capacity(this.fleet, this.attachments);
    this.scaling = new Scaling(this.fleet, this.capacity);
    this.operations = {
      ...new Groups(this.fleet, this.capacity, this.attachments).operations,
      ...instanceOperations(this.fleet, this.capacity),
      ...membershipOperations(this.fleet, this.capacity),
      ...this.attachments.operations,
      ...tagOperations(this.fleet),
      ...lifecycleHookOperations(this.fleet, this.capacity),
      ...processOperations(this.fleet, this.capacity),
      ...new ScheduledActions(this.fleet, this.capacity).operations,
      ...scalingPolicyOperations(this.fleet, this.scaling),
      ...new Refreshes(this.fleet, this.capacity).operations,
      DescribeScalingActivities: (input: DescribeScalingActivitiesType) => this.describeActivities(input),
    };
    for (const balancing of [options.loadBalancing, options.classicLoadBalancing]) {
      balancing.locateInstancesWith(
        (id) => (this.fleet.findInstance(id)?.instance ?? this.fleet.detached.get(id))?.zone,
        (address) => this.instances.find(({ privateIp }) => privateIp === address)?.id,
      );
      balancing.onRegistrationChange((_, instanceId) => {
        // Later, though at the same moment: the change may come in the middle of an operation on the same group.
        this.fleet.options.clock.after(0, () => this.afterRegistrationChange(instanceId));
      });
    }
  }

  /** Calls back when an instance enters another state of its life, and when a launch fails. */
  onChange(listener: (event: AutoScalingEvent) => void): void {
    this.fleet.onChange(listener);
  }

  /** Loses the machine of an instance, as a hardware fault does; its group notices and replaces it. */
  failInstance(instanceId: string): void {
    const { group, instance } = this.fleet.instance(instanceId);
    instance.hasFailed = true;
    this.fleet.options.instances.terminate(instanceId);
    this.capacity.watchHealth(group);
  }

  /** Makes every launch of the group fail with `message`, e.g. for want of capacity in a zone, until undefined is given. */
  setLaunchFailure(groupName: string, message: string | undefined): void {
    this.fleet.group(groupName).launchFailure = message;
  }

  /**
   * What an Auto Scaling group has to do, by its name, in units of which its metrics tell the average of its instances (of
   * CPU utilization: 300 is three instances at 100 %), or a target group, by its ARN, in requests a minute. Target tracking
   * policies follow it; without any they have no data.
   */
  setLoad(of: string, load: number | undefined): void {
    this.scaling.setLoad(of, load);
  }

  /** An alarm goes into the state ALARM whose action is the simple policy. */
  reachAlarm(groupName: string, policyName: string): void {
    this.scaling.reachAlarm(groupName, policyName);
  }

  /** What policies know a group by; undefined for one that does not exist. */
  identityOf(groupName: string): { arn: string; tags: ReadonlyMap<string, string> } | undefined {
    const group = this.fleet.groups.get(groupName);
    return group && { arn: group.arn, tags: new Map([...group.tags].map(([key, { value }]) => [key, value])) };
  }

  /** Of every group, with the security groups that their launch template has told. */
  get instances(): { id: string; privateIp: string; securityGroupIds: string[] | undefined }[] {
    const all = [...this.fleet.groups.values()].flatMap((group) => [...group.instances.values()]);
    return all.map(({ id, privateIp, securityGroupIds }) => ({ id, privateIp, securityGroupIds }));
  }

  /** By instance. */
  get instanceTags(): Map<string, ReadonlyMap<string, string>> {
    const instances = [...this.fleet.groups.values()].flatMap((group) => [...group.instances.values()]);
    return new Map(instances.map(({ id, tags }) => [id, tags]));
  }

  /** How many instances of all groups are in a zone, whatever state they are in. */
  instancesIn(zone: string): number {
    const instances = [...this.fleet.groups.values()].flatMap((group) => [...group.instances.values()]);
    return instances.filter((instance) => instance.zone === zone).length;
  }

  private afterRegistrationChange(instanceId: string): void {
    this.attachments.finishRemovals();
    const found = this.fleet.findInstance(instanceId);
    if (!found) return;
    this.attachments.refresh(found.group, [instanceId]);
    this.capacity.finishTermination(found.group, found.instance);
    this.capacity.watchHealth(found.group);
  }

  private describeActivities(input: DescribeScalingActivitiesType) {
    refuseUnsupported(input, [
      'ActivityIds',
      'AutoScalingGroupName',
      'IncludeDeletedGroups',
      'MaxRecords',
      'NextToken',
    ]);
    const groups = input.AutoScalingGroupName
      ? [this.fleet.group(input.AutoScalingGroupName)]
      : [...this.fleet.groups.values()];
    const ids = input.ActivityIds ?? [];
    const all = groups
      .flatMap((group) => group.activities)
      .filter((activity) => ids.length === 0 || ids.includes(activity.ActivityId as string));
    const size = pageSize(input.MaxRecords, 'maxRecords', ACTIVITIES_PER_PAGE, ACTIVITIES_PER_PAGE);
    const { items, next } = pageOf(all, input.NextToken, size, 'InvalidNextToken');
    return { Activities: items, NextToken: next };
  }
}
