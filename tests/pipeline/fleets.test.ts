/** Random fleets of everything that a fleet can have: each deploys, rolls back and deploys again, or is refused unchanged. */
import * as fc from 'fast-check';
import type { FleetDescription } from '../../local/example/fleet';
import type { LoadBalancerDescription, TargetGroupDescription } from '../../local/example/load-balancers';
import { deployThreeTimes } from './fleet-proof';

/** More of them find more: a few hundred are worth their minutes after a change. */
const RUNS = Number(process.env.FLEETS ?? 5);

const way = fc.constantFrom('direct' as const, 'traffic-source' as const);
const isIdle = fc.integer({ min: 0, max: 5 }).map((one) => one === 5);

const behindApplication: fc.Arbitrary<TargetGroupDescription> = fc.record({
  protocol: fc.constantFrom('HTTP', 'HTTPS'),
  protocolVersion: fc.constantFrom('HTTP1', 'HTTP2', 'GRPC'),
  isIdle,
});

const behindNetwork: fc.Arbitrary<TargetGroupDescription> = fc.record({
  protocol: fc.constantFrom('TCP', 'TLS', 'UDP', 'TCP_UDP'),
  isIdle,
  proxyProtocol: fc.boolean(),
});

const loadBalancer: fc.Arbitrary<LoadBalancerDescription> = fc.oneof(
  fc.record({
    kind: fc.constant('application'),
    way,
    isAcrossZones: fc.constant(true),
    targetGroups: fc.array(behindApplication, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('network'),
    way,
    isAcrossZones: fc.boolean(),
    targetGroups: fc.array(behindNetwork, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('classic'),
    way,
    isAcrossZones: fc.boolean(),
    targetGroups: fc.constant<TargetGroupDescription[]>([]),
  }),
);

const fleet: fc.Arbitrary<Partial<FleetDescription>> = fc
  .record({
    loadBalancers: fc.array(loadBalancer, { minLength: 1, maxLength: 3 }),
    warKeys: fc.constantFrom<string[][]>(['app.war'], ['app.war', 'admin.war']),
    instances: fc.integer({ min: 1, max: 6 }),
    zones: fc.constantFrom(2, 3),
    healthCheckType: fc.constantFrom('EC2', 'ELB'),
    weights: fc.constantFrom<number[][]>([], [], [1, 2], [3]),
    areProtected: fc.boolean(),
  })
  .map((drawn) => ({ ...drawn, maximum: drawn.instances + 2 }));

test('a fleet of any kind deploys, rolls back and deploys again', async () => {
  const anyFleet = fc.asyncProperty(fleet, fc.boolean(), fc.nat(1000), deployThreeTimes);
  await fc.assert(anyFleet, { numRuns: RUNS, seed: 20300101, endOnFailure: false });
}, 1_800_000);
