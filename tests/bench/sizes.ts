/** How large what the pipeline writes becomes: 100 instances behind 20 load balancers, all ill, and then all well. */
import { Measure, type Measured } from '../harness/measure';
import { World } from '../harness/world';

const FLEET = { instances: 100, maximum: 120, healthCheckIntervalSeconds: 60 };
const LOAD_BALANCERS = 20;

/** Looked at a few times a cycle: what is told does not depend on how often. */
const PARAMETERS = { CheckIntervalSeconds: '60', CycleSeconds: '120' };

/** Of an account whose quota of targets was raised: else nothing of this size could be deployed. */
const LIMITS = { 'targets-per-application-load-balancer': 10_000 };

export async function measureSizes(): Promise<Record<string, Measured>> {
  const world = await World.quick({
    parameters: PARAMETERS,
    warmUpSeconds: 180,
    fleet: {
      ...FLEET,
      loadBalancers: Array.from({ length: LOAD_BALANCERS }, () => ({
        ...({ kind: 'application', way: 'direct', isAcrossZones: true } as const),
        targetGroups: [{ protocol: 'HTTP' }],
      })),
    },
    settings: { elasticLoadBalancingV2: { limits: LIMITS } },
  });
  const measure = Measure.of(world);
  await world.upload('app.war', { health: '500 out of order' });
  await world.until('Cleaned');
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(60);
  return measure.largest();
}
