/** The one question of both steps, answered from plain data: would this group carry the load now? */
import { groupedBy, named } from '../aws/findings';
import { type Group, type Instance, isInService } from '../fleet/auto-scaling-groups';
import { describeTargets, type TargetHealth, type ToldTarget } from '../fleet/target-health';

export interface Judgment {
  passes: boolean;
  /**
   * What is missing, and what explains most of it first: how many instances are not in service, and in what state they
   * are; then how targets are and why, those that are alike in one finding.
   */
  findings: string[];
}

/**
 * Passes when the group's instances in service weigh its desired capacity and each is healthy wherever it is registered.
 * Where it is to take over from another group and cross-zone is off, it also needs a healthy one in every zone where that
 * has one: else the zone would leave the load balancer's DNS name, and requests that still come to it would fail.
 * Those that are `unproven` count for nothing, and must not come to serve.
 */
export function judge(
  group: Group,
  targetHealth: readonly TargetHealth[],
  predecessor?: Group,
  unproven: readonly string[] = [],
): Judgment {
  const inService = group.instances.filter((instance) => isInService(instance) && !unproven.includes(instance.id));
  const findings = [
    ...shortage(group, weightOf(inService)),
    ...describeTargets(targetHealth.flatMap((health) => illnessesOn(health, inService))),
  ];
  findings.push(...doNotCount(unproven, group));
  if (predecessor) {
    findings.push(...zoneFindings(group, predecessor, targetHealth));
  }
  return { passes: findings.length === 0 && inService.length > 0, findings };
}

/** The instances in service do not weigh what the group is to have. */
export function isShort({ instances, capacity }: Group): boolean {
  return weightOf(instances.filter(isInService)) < capacity.desired;
}

function shortage(group: Group, weight: number): string[] {
  if (weight >= group.capacity.desired) return [];
  const others = group.instances.filter((instance) => !isInService(instance));
  const states = groupedBy(others, ({ lifecycleState }) => lifecycleState).map(
    ([state, instances]) =>
      `${named(instances.map(({ id }) => id))} ${instances.length === 1 ? 'is' : 'are'} ${state || 'in no known state'}`,
  );
  return [`${group.name} has ${weight} of ${group.capacity.desired} in service`, ...states];
}

function doNotCount(unproven: readonly string[], { name }: Group): string[] {
  if (unproven.length === 0) return [];
  const [verb, them] = unproven.length === 1 ? ['does', 'it'] : ['do', 'them'];
  return [
    `${named(unproven)} ${verb} not count: ${name} did not launch ${them} after it was tagged with the versions. Somebody ` +
      `attached ${them}, or ${them === 'it' ? 'it was' : 'they were'} on the way before: take ${them} out of the group, ` +
      `and keep whoever put ${them} there from doing so again`,
  ];
}

function zoneFindings(group: Group, predecessor: Group, targetHealth: readonly TargetHealth[]): string[] {
  const lost = targetHealth.flatMap((health) => {
    const covered = health.isZonal ? healthyZones(group, health) : new Set<string>();
    const wanted = health.isZonal ? [...healthyZones(predecessor, health)] : [];
    return wanted.filter((zone) => !covered.has(zone)).map((zone) => ({ zone, name: health.name }));
  });
  return groupedBy(lost, ({ zone }) => zone).map(
    ([zone, found]) =>
      `${named(found.map(({ name }) => name))}: cross-zone is off and only ${predecessor.name} is healthy in ${zone}`,
  );
}

function healthyZones(group: Group, health: TargetHealth): Set<string> {
  return new Set(healthyInstances(group, health).map(({ zone }) => zone));
}

/** The weight of the group's instances that are healthy on this target group or Classic Load Balancer. */
export function healthyWeight(group: Group, health: TargetHealth): number {
  return weightOf(healthyInstances(group, health));
}

/** Half of the group is enough for the time of draining; none is not, whatever somebody set as its size. */
export function carries(group: Group, health: TargetHealth): boolean {
  const weight = healthyWeight(group, health);
  return weight > 0 && weight >= group.capacity.desired / 2;
}

function healthyInstances({ instances }: Group, { targets }: TargetHealth): Instance[] {
  return instances.filter(({ id }) => targets.get(id)?.state === 'healthy');
}

function weightOf(instances: Instance[]): number {
  return instances.reduce((sum, { weight }) => sum + weight, 0);
}

function illnessesOn({ name, targets }: TargetHealth, inService: readonly Instance[]): ToldTarget[] {
  return inService.flatMap(({ id }) => {
    const target = targets.get(id);
    if (!target) return [{ id, name, state: 'not registered' }];
    if (target.state === 'healthy') return [];
    const { state, reasonCode, description } = target;
    return [{ id, name, state: [state, reasonCode, description].filter((said) => said !== undefined).join(', ') }];
  });
}
