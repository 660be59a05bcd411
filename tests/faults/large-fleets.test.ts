/** What grows with instances × target groups stays within bounds, whatever becomes of the deployment, and loses no mail. */
import type { FleetDescription } from '../../local/example/fleet';
import { Measure } from '../harness/measure';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

/** Looked at a few times a cycle: what is told does not depend on how often. */
const PARAMETERS = { CheckIntervalSeconds: '60', CycleSeconds: '120' };

const LARGE = { instances: 100, maximum: 120, targetGroups: 20, healthCheckIntervalSeconds: 60 };

/** An account whose quota of targets was raised: else nothing of this size could be deployed. */
const LIMITS = { 'targets-per-application-load-balancer': 10_000 };

/** Of one test, whatever else the machine does: what is linear in instances × target groups takes a fraction of it. */
const CPU_SECONDS = 60;

let before = process.cpuUsage();

beforeEach(() => {
  before = process.cpuUsage();
});

afterEach(() => {
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(CPU_SECONDS);
});

async function largeWorld(fleet: Partial<FleetDescription> = LARGE) {
  const world = await World.quick({
    parameters: PARAMETERS,
    warmUpSeconds: 180,
    fleet,
    settings: { elasticLoadBalancingV2: { limits: LIMITS } },
  });
  return { world, operator: new Operator(world), measure: Measure.of(world) };
}

/** Of the mails by which admins know how it ended. */
const subjects = (world: World) => world.mails.filter((subject) => !/Start|Call Step/.test(subject));

test('T001 where every instance is ill on every clone: one reason, and one mail each of failure and clean-up', async () => {
  const { world, measure } = await largeWorld();
  await world.upload('app.war', { health: '500 out of order' });
  const { detail } = await world.until('Failed');
  await world.until('Cleaned');
  await world.clock.advance(60);
  expect(detail.message).toMatch(
    /^the application is not healthy behind the dummies: (i-\w+, ){4}i-\w+ and 95 more on (was-web-\d+ of was-web, ){4}was-web-\d+ of was-web and 15 more: unhealthy, Target\.ResponseCodeMismatch, Health checks failed with these codes: \[500\]$/,
  );
  expect(measure.tooLarge()).toEqual([]);
  expect(subjects(world)).toEqual([
    '"[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)"',
    '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)',
    '[Success] Deploy Clean(Task : WAS)',
  ]);
});

test('T011 where every instance is ill, each behind load balancers of its own', async () => {
  const { world, operator, measure } = await largeWorld();
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  for (const [index, id] of (await operator.instanceIds('was-green')).entries()) {
    world.instances.setHealth(id, 500 + (index % 60));
  }
  const { detail } = await world.until('Failed');
  await world.until('Cleaned');
  await world.clock.advance(60);
  expect(detail.code).toBe('T011');
  expect(detail.message).toMatch(/^was-green is not healthy behind the real load balancers: .*; and \d+ more$/);
  expect(measure.tooLarge()).toEqual([]);
  expect(subjects(world)).toEqual([
    '"[Failed] Non-disruptive deployment(errCode : T011, Task : WAS)"',
    '[Failed] Non-disruptive deployment(errCode : T011, Task : WAS)',
    '[Success] Deploy Clean(Task : WAS)',
  ]);
});

test('forward, where Active is detached and the new version is well', async () => {
  const { world, operator, measure } = await largeWorld();
  operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { of: 'swap', times: 1 });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(60);
  expect(measure.tooLarge()).toEqual([]);
  expect(subjects(world)).toEqual([
    '"[Failed] Non-disruptive deployment(errCode : T010, Task : WAS)"',
    '[Failed] Non-disruptive deployment(errCode : T010, Task : WAS)',
    '[Success] Non-disruptive deployment(Task : WAS)',
  ]);
});

test('an operator decides on fifty target groups, nine wars with the longest keys and instances that are protected', async () => {
  const key = (slot: number) => `${slot}${'k'.repeat(245)}.war`;
  const warKeys = Array.from({ length: 9 }, (_, index) => key(index + 1));
  const { world, operator, measure } = await largeWorld({
    ...LARGE,
    warKeys,
    instances: 40,
    targetGroups: 50,
    areProtected: true,
  });
  operator.failCalls('UpdateAutoScalingGroup', 'AccessDenied', { of: 'retire' });
  await world.put('DeployRequested', { task: 'WAS', versions: world.fleet.versionIds.join(',') });
  const { detail } = await world.until('Cleaned');
  await world.clock.advance(60);
  expect(detail.outcome).toBe('operator-needed');
  expect(world.mailBody(-1)).toContain('# Or go back to the version of was-blue:');
  expect(world.mailBody(-1)).not.toContain('have no room');
  expect(measure.tooLarge()).toEqual([]);
});
