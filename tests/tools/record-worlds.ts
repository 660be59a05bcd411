/** Records the worlds that views are tested from: `npx tsx tests/tools/record-worlds.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { Operator } from '../harness/operator';
import { recordWorld } from '../harness/recorded-world';
import { World } from '../harness/world';

const FOLDER = 'tests/fixtures/worlds';

const LOAD_BALANCERS: LoadBalancerDescription[] = [
  { kind: 'application', way: 'direct', isAcrossZones: true, targetGroups: [{ protocol: 'HTTP' }] },
  { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
];

/** Each brings a world to the moment that is recorded. */
const SCENES: Record<string, (world: World) => Promise<unknown>> = {
  async 'step-1'(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await world.clock.advance(20);
  },
  async 'ill-in-step-1'(world) {
    await world.upload('app.war', { health: '500' });
    await world.until('Failed');
  },
  async 'step-2'(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('RealAttached');
    await world.clock.advance(5);
  },
  async draining(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('Step2Passed');
    await world.clock.advance(15);
  },
  async completed(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
  },
  async 'nobody-serves'(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    const operator = new Operator(world);
    await operator.detach(world.fleet.activeGroup, world.fleet.targetGroupArns);
    await world.until('Cleaned');
  },
  async 'operator-needed'(world) {
    await world.upload('app.war', { version: '2' });
    await world.until('RealAttached');
    await new Operator(world).deleteGroup(world.fleet.activeGroup);
    await world.until('Cleaned');
  },
};

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, play] of Object.entries(SCENES)) {
    const fleet = { loadBalancers: LOAD_BALANCERS, deregistrationDelaySeconds: 60 };
    const world = await World.quick({ fleet });
    await play(world);
    writeFileSync(`${FOLDER}/${name}.json`, `${JSON.stringify(await recordWorld(world), null, 2)}\n`);
  }
}

void main();
