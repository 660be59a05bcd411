/** In step 2 both groups are registered at once: what the account does not allow then is refused before anything is done. */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { World } from '../harness/world';

const APPLICATION: LoadBalancerDescription = {
  kind: 'application',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTP' }],
};
const NETWORK: LoadBalancerDescription = {
  kind: 'network',
  way: 'traffic-source',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'TCP' }, { protocol: 'TCP' }],
};

/** Each with what four instances need of it in step 2, by which of the load balancers, and how many of that are Active's. */
const LIMITS: [string, number, string, LoadBalancerDescription][] = [
  ['targets-per-target-group', 8, 'the target group was-web-1 of was-web', APPLICATION],
  ['targets-per-application-load-balancer', 16, 'the load balancer was-web', APPLICATION],
  ['targets-per-network-load-balancer', 16, 'the load balancer was-web', NETWORK],
  ['targets-per-availability-zone-per-network-load-balancer', 8, 'one zone of the load balancer was-web', NETWORK],
];

function worldWith(limits: Record<string, number>, loadBalancer: LoadBalancerDescription): Promise<World> {
  return World.quick({
    fleet: { instances: 4, maximum: 4, loadBalancers: [loadBalancer] },
    settings: { elasticLoadBalancingV2: { limits, networkRegistrationSeconds: 15 } },
  });
}

describe.each(LIMITS)('%s', (limit, needed, of, loadBalancer) => {
  test('that step 2 would break is 413 at the start, with the numbers, and nothing is changed', async () => {
    const world = await worldWith({ [limit]: needed - 1 }, loadBalancer);
    await world.put('DeployRequested', { task: 'WAS' });
    const { detail } = await world.until('Refused', { limitSeconds: 300 });
    const numbers = `${needed} targets, ${needed / 2} of was-blue (Active) and ${needed / 2} of StandBy`;
    const message = `in step 2 ${of} would have ${numbers}, and the account allows ${needed - 1} (${limit})`;
    expect(detail).toMatchObject({ code: '413', message });
    expect(world.story).not.toContain('Started');
    expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
    expect(await world.dummies()).toEqual([]);
  });

  test('that is just enough lets the fleet deploy', async () => {
    const world = await worldWith({ [limit]: needed }, loadBalancer);
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    expect(world.servedVersions()).toEqual([version]);
  });
});

test('a limit that Active alone would break is counted otherwise than we count, and refuses nothing', async () => {
  const world = await worldWith({ 'targets-per-application-load-balancer': 100 }, APPLICATION);
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.operation !== 'DescribeAccountLimits') return proceed();
    return { Limits: [{ Name: 'targets-per-application-load-balancer', Max: '7' }] };
  });
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(world.servedVersions()).toEqual([version]);
});
