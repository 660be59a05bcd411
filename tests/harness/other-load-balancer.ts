/** One more load balancer of the account, which nothing is attached to: its target groups by ARN, or its name. */
import { createLoadBalancer, type LoadBalancerDescription } from '../../local/example/load-balancers';
import type { World } from './world';

export async function makeLoadBalancer(
  { aws, clock }: World,
  description: Partial<LoadBalancerDescription> = {},
  deregistrationDelaySeconds = 60,
): Promise<string[]> {
  const { name = 'other', kind = 'application', targetGroups = [{ protocol: 'HTTP' as const }] } = description;
  const subnets = [...aws.network.zoneOfSubnet.keys()].slice(0, 2);
  const place = { aws, name, subnets, port: 8080, healthCheckIntervalSeconds: 60, deregistrationDelaySeconds };
  const whole = { way: 'direct' as const, isAcrossZones: true, ...description, kind, targetGroups };
  return (await clock.run(createLoadBalancer(place, whole))).map(({ identifier }) => identifier);
}
