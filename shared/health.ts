/** The one question of both steps, answered from plain data: would this group carry the load now? */
import type { Group, Instance } from './fleet';

export interface TargetState {
  /** `healthy`, or what else the load balancer says of the target. */
  state: string;
  reasonCode?: string;
  description?: string;
}

/** What one target group, or one Classic Load Balancer, says of every target that is registered with it. */
export interface Standing {
  name: string;
  targets: ReadonlyMap<string, TargetState>;
}

export interface Judgment {
  passes: boolean;
  /** What is missing, one finding each: which instance, where, in what state, and why. */
  findings: string[];
}

/** Passes when the group's instances in service weigh its desired capacity and each is healthy in every standing. */
export function judge(group: Group, standings: readonly Standing[]): Judgment {
  const inService = group.instances.filter(isInService);
  const weight = weightOf(inService);
  const findings = standings.flatMap((standing) => inService.flatMap((instance) => findingOn(instance, standing)));
  if (weight < group.capacity.desired) {
    findings.push(`${group.name} has ${weight} of ${group.capacity.desired} in service`);
  }
  return { passes: findings.length === 0 && inService.length > 0, findings };
}

/** The weight of the group's instances that are healthy in this standing. */
export function healthyWeight(group: Group, standing: Standing): number {
  return weightOf(group.instances.filter((instance) => standing.targets.get(instance.id)?.state === 'healthy'));
}

export function isInService(instance: Instance): boolean {
  return instance.lifecycleState === 'InService';
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
