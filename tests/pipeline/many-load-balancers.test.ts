/** Clones of many load balancers, within the request limits of the account and what a load balancer takes. */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { throttle } from '../../local/kernel/throttle';
import { guard } from '../harness/guard';
import { World } from '../harness/world';

function applications(count: number, targetGroups: number): LoadBalancerDescription[] {
  return Array.from({ length: count }, () => ({
    kind: 'application',
    way: 'direct',
    isAcrossZones: true,
    targetGroups: Array.from({ length: targetGroups }, () => ({ protocol: 'HTTP' }) as const),
  }));
}

const CLASSIC: LoadBalancerDescription = { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] };
const SMALL = { instances: 1, maximum: 2 };

const MANY: [string, LoadBalancerDescription[]][] = [
  ['fifteen with three target groups each', applications(15, 3)],
  ['forty Classic ones', Array.from({ length: 40 }, () => CLASSIC)],
];

test.each(MANY)('%s are cloned within the request limits of AWS', async (_, loadBalancers) => {
  const settings = { elasticLoadBalancing: { loadBalancerLimit: 100 } };
  const world = await World.quick({ fleet: { ...SMALL, loadBalancers }, settings });
  const violations = guard(world);
  world.aws.endpoint.intercept(throttle(world.clock));
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(world.story.filter((type) => /^(Failed|Lambda)/.test(type))).toEqual([]);
  expect(world.servedVersions()).toEqual([version]);
  expect(await world.dummies()).toEqual([]);
  expect(violations).toEqual([]);
});
