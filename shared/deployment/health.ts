/** The one question of both steps, answered from plain data: would this group carry the load now? */
import { type Group, type Instance, isInService } from '../fleet/auto-scaling-groups';
import type { TargetHealth } from '../fleet/target-health';

export interface Judgment {
  passes: boolean;
  /** What is missing, one finding each: which instance, where, in what state, and why. */
  findings: string[];
}

/**
 * Passes when the group's instances in service weigh its desired capacity and each is healthy wherever it is registered.
 * Where it is to take over from another group and cross-zone is off, it also needs a healthy one in every zone where that
 * has one: else the zone would leave the load balancer's DNS name, and requests that still come to it would fail.
 */
export function judge(group: Group, targetHealth: readonly TargetHealth[], predecessor?: Group): Judgment {
  const inService = group.instances.filter(isInService);
  const weight = weightOf(inService);
  const findings = targetHealth.flatMap((health) => inService.flatMap((instance) => findingOn(instance, health)));
  if (weight < group.capacity.desired) {
    findings.push(`${group.name} has ${weight} of ${group.capacity.desired} in service`);
  }
  if (predecessor) {
    const zonal = targetHealth.filter(({ isZonal }) => isZonal);
    findings.push(...zonal.flatMap((health) => zoneFindings(group, predecessor, health)));
  }
  return { passes: findings.length === 0 && inService.length > 0, findings };
}

function zoneFindings(group: Group, predecessor: Group, health: TargetHealth): string[] {
  const covered = healthyZones(group, health);
  const lost = [...healthyZones(predecessor, health)].filter((zone) => !covered.has(zone));
  return lost.map((zone) => `${health.name}: cross-zone is off and only ${predecessor.name} is healthy in ${zone}`);
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

function findingOn({ id }: Instance, { name, targets }: TargetHealth): string[] {
  const target = targets.get(id);
  if (!target) return [`${id} on ${name}: not registered`];
  if (target.state === 'healthy') return [];
  const reasons = [target.reasonCode, target.description].filter((reason) => reason !== undefined);
  return [`${id} on ${name}: ${[target.state, ...reasons].join(', ')}`];
}
