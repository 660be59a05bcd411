/** What deployments are measured in: one plain world, and what is different in each of the others. */
import type { FleetDescription } from '../../local/example/fleet';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import type { WorldOptions } from '../harness/world';

export interface Setting {
  name: string;
  /** Of each instance, from its launch until the application answers. */
  bootSeconds: number;
  /** Of each Application and Network Load Balancer. */
  provisioningSeconds: number;
  /** Of every target group and Classic Load Balancer. */
  drainSeconds: number;
  instances: number;
  loadBalancers: LoadBalancerDescription[];
  /** Target groups of others in the same account. */
  foreignTargetGroups: number;
}

export const HEALTH_CHECK_INTERVAL_SECONDS = 10;

const CLASSIC: LoadBalancerDescription = { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] };
const NETWORK: LoadBalancerDescription = {
  kind: 'network',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'TCP' }],
};

function applications(count: number, targetGroups = 1): LoadBalancerDescription[] {
  const one: LoadBalancerDescription = {
    kind: 'application',
    way: 'direct',
    isAcrossZones: true,
    targetGroups: Array.from({ length: targetGroups }, () => ({ protocol: 'HTTP' })),
  };
  return Array.from({ length: count }, () => one);
}

const PLAIN = {
  bootSeconds: 90,
  provisioningSeconds: 150,
  drainSeconds: 30,
  instances: 2,
  loadBalancers: applications(1),
  foreignTargetGroups: 0,
};

export const ONE_ALB: Setting = { name: '1 ALB', ...PLAIN };

/** Each differs from the first in one thing, which its name says. */
export const SETTINGS: readonly Setting[] = [
  ONE_ALB,
  { ...PLAIN, name: '1 Classic', loadBalancers: [CLASSIC] },
  { ...PLAIN, name: '1 NLB', loadBalancers: [NETWORK] },
  { ...PLAIN, name: 'mixed', loadBalancers: [...applications(1), NETWORK, CLASSIC] },
  { ...PLAIN, name: '15 ALBs × 3', loadBalancers: applications(15, 3) },
  { ...PLAIN, name: '200 foreign target groups', foreignTargetGroups: 200 },
  { ...PLAIN, name: '20 instances', instances: 20 },
  { ...PLAIN, name: '100 instances', instances: 100 },
  { ...PLAIN, name: 'boot 300 s', bootSeconds: 300 },
  { ...PLAIN, name: 'drain 0 s', drainSeconds: 0 },
  { ...PLAIN, name: 'drain 300 s', drainSeconds: 300 },
];

/**
 * The same with what takes its time taking a little less, or more: a look comes sooner or later after the end of it. By so
 * many seconds each that looks every five and every ten seconds are met early, in between, and late.
 */
export function aboutAsLong(setting: Setting): Setting[] {
  return [-4, 4].map((seconds) => ({
    ...setting,
    bootSeconds: setting.bootSeconds + seconds,
    provisioningSeconds: setting.provisioningSeconds + seconds,
  }));
}

export function worldOptions(setting: Setting): WorldOptions {
  return {
    bootSeconds: setting.bootSeconds,
    provisioningSeconds: setting.provisioningSeconds,
    fleet: fleetOf(setting),
  };
}

export function fleetOf({ instances, loadBalancers, drainSeconds }: Setting): Partial<FleetDescription> {
  return {
    instances,
    maximum: 2 * instances,
    loadBalancers,
    healthCheckIntervalSeconds: HEALTH_CHECK_INTERVAL_SECONDS,
    deregistrationDelaySeconds: drainSeconds,
  };
}
