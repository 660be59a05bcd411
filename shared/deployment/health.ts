/** The one question of both steps, answered from plain data: would this group carry the load now? */
import type { Group, Instance } from '../fleet/auto-scaling-groups';

export interface TargetState {
  /** `healthy`, or what else the load balancer says of the target. */
  state: string;
  reasonCode?: string;
  description?: string;
}

/** What one target group, or one Classic Load Balancer, says of every target that is registered with it. */
export interface Standing {
  name: string;
  /** Cross-zone is off: the traffic of a zone goes to the targets in it alone. */
  isZonal: boolean;
  targets: ReadonlyMap<string, TargetState>;
}

export interface Judgment {
  passes: boolean;
  /** What is missing, one finding each: which instance, where, in what state, and why. */
  findings: string[];
}

/**
 * Passes when the group's instances in service weigh its desired capacity and each is healthy in every standing. Where it
 * is to take over from another group and cross-zone is off, it also needs a healthy one in every zone where that has one:
 * else the zone would leave the load balancer's DNS name, and requests that still come to it would fail.
 */
export function judge(group: Group, standings: readonly Standing[], predecessor?: Group): Judgment {
  const inService = group.instances.filter(isInService);
  const weight = weightOf(inService);
  const findings = standings.flatMap((standing) => inService.flatMap((instance) => findingOn(instance, standing)));
  if (weight < group.capacity.desired) {
    findings.push(`${group.name} has ${weight} of ${group.capacity.desired} in service`);
  }
  if (predecessor) {
    const zonal = standings.filter(({ isZonal }) => isZonal);
    findings.push(...zonal.flatMap((standing) => zoneFindings(group, predecessor, standing)));
  }
  return { passes: findings.length === 0 && inService.length > 0, findings };
}

function zoneFindings(group: Group, predecessor: Group, standing: Standing): string[] {
  const covered = healthyZones(group, standing);
  const lost = [...healthyZones(predecessor, standing)].filter((zone) => !covered.has(zone));
  return lost.map((zone) => `${standing.name}: cross-zone is off and only ${predecessor.name} is healthy in ${zone}`);
}

function healthyZones(group: Group, standing: Standing): Set<string> {
  return new Set(healthyInstances(group, standing).map(({ zone }) => zone));
}

/** The weight of the group's instances that are healthy in this standing. */
export function healthyWeight(group: Group, standing: Standing): number {
  return weightOf(healthyInstances(group, standing));
}

function healthyInstances({ instances }: Group, { targets }: Standing): Instance[] {
  return instances.filter(({ id }) => targets.get(id)?.state === 'healthy');
}

export function isInService(instance: Instance): boolean {
  return instance.lifecycleState === 'InService';
}

/** A group is empty once nobody remains: whoever is terminating is on the way out already. */
export function remainingOf({ instances }: Group): Instance[] {
  return instances.filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'));
}

function weightOf(instances: Instance[]): number {
  return instances.reduce((sum, { weight }) => sum + weight, 0);
}

function findingOn({ id }: Instance, { name, targets }: Standing): string[] {
  const target = targets.get(id);
  if (!target) return [`${id} on ${name}: not registered`];
  if (target.state === 'healthy') return [];
  const reasons = [target.reasonCode, target.description].filter((reason) => reason !== undefined);
  return [`${id} on ${name}: ${[target.state, ...reasons].join(', ')}`];
}
