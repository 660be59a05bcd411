/** The operator's command in one world, one run after the other: what people want, what they type, and what is shown. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../../local/fleet/war';
import { CommandLine } from '../harness/command';
import { RecordObject } from '../harness/record-object';
import { World } from '../harness/world';

export interface Run {
  /** What somebody wants. */
  wanted: string;
  typed: string;
  /** As a terminal shows it, of 80 columns and without colours. */
  screen: string;
  code: number;
  /** A first look of whoever tries it, as docs/tour.md has it. */
  isOfTour: boolean;
}

interface Scene {
  wanted: string;
  typed: string;
  isOfTour?: boolean;
  /** What has happened before. */
  before?: (world: World) => Promise<unknown>;
}

const SCENES: readonly Scene[] = [
  { wanted: 'whether a deployment would go well', typed: 'doctor WAS', isOfTour: true },
  { wanted: 'deploy a new version', typed: 'upload WAS app.war --name 2.4.1 --yes --watch', isOfTour: true },
  { wanted: 'which version serves, and how each instance stands', typed: 'status WAS', isOfTour: true },
  { wanted: 'a war that is broken', typed: 'upload WAS app.war=broken.war --name 2.5.0 --yes --watch', isOfTour: true },
  { wanted: 'what failed, and why', typed: 'explain WAS', isOfTour: true },
  {
    wanted: 'go back',
    typed: 'rollback WAS --yes --watch',
    isOfTour: true,
  },
  { wanted: 'what is held', typed: 'status WAS' },
  { wanted: 'what was deployed before', typed: 'history WAS', isOfTour: true },
  { wanted: 'deploy a version by its name', typed: 'deploy WAS --version 2.4.1 --yes', isOfTour: true },
  { wanted: 'deploy while another deployment runs', typed: 'deploy WAS --yes' },
  {
    wanted: 'what runs, and how far it is',
    typed: 'status WAS',
    before: (world) => world.clock.advance(30),
  },
  { wanted: 'follow what runs, for a while', typed: 'watch WAS --timeout 10' },
  { wanted: 'undo what runs', typed: 'abort WAS --reason not-today --yes --watch', isOfTour: true },
  { wanted: 'abort where nothing runs', typed: 'abort WAS --yes' },
  { wanted: 'what was logged', typed: 'logs WAS' },
  { wanted: 'every task', typed: 'status' },
  {
    wanted: 'take away what is left over',
    typed: 'clean WAS --yes --watch',
    before: async (world) => {
      await world.clock.run(world.resize(await standByOf(world), 0, 1, 1));
      await world.clock.advance(120);
    },
  },
  {
    wanted: 'serve again after somebody took Active to 0',
    typed: 'deploy WAS --version 2.4.1 --capacity 2 --yes --watch',
    before: async (world) => {
      const group = await activeOf(world);
      await world.clock.run(world.resize(group, 0, 0, 4));
      await world.clock.advance(120);
    },
  },
  {
    wanted: 'mend a record that was damaged',
    typed: 'clean WAS --yes --watch',
    before: async (world) => new RecordObject(world).overwrite('not JSON'),
  },
  {
    wanted: 'run again what was lost on the way',
    typed: 'replay --from 30m --yes',
    before: loseEvent,
  },
  { wanted: 'follow what runs until it has ended', typed: 'watch WAS' },
  { wanted: 'a task that there is not', typed: 'status WSA', isOfTour: true },
  { wanted: 'a verb that there is not', typed: 'stauts', isOfTour: true },
  { wanted: 'a version that there is not', typed: 'deploy WAS --version 2.4.11 --yes', isOfTour: true },
  { wanted: 'an option that there is not', typed: 'deploy WAS --wacth', isOfTour: true },
];

/** The stack is called as the stage `dev` of a real one. */
export async function runScenes(onRun: (run: Run) => void = () => {}): Promise<Run[]> {
  const world = await World.create({ stackName: 'bluegreen-dev', parameters: { CycleSeconds: '60' } });
  const command = await CommandLine.open(world);
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  writeFileSync(join(folder, 'app.war'), buildWar({ health: '200', version: '2.4.1' }));
  writeFileSync(join(folder, 'broken.war'), buildWar({ health: '500', version: '2.5.0' }));
  const back = process.cwd();
  process.chdir(folder);
  try {
    const runs: Run[] = [];
    for (const { wanted, typed, isOfTour = false, before } of SCENES) {
      await before?.(world);
      const { screen, code } = await command.run([...typed.split(' '), '--stage', 'dev'], { columns: 80 });
      const run = { wanted, typed, screen, code, isOfTour };
      onRun(run);
      runs.push(run);
    }
    return runs;
  } finally {
    process.chdir(back);
    rmSync(folder, { recursive: true });
    command.close();
  }
}

/** On its way to check-dummy, where nobody sees to it. */
async function loseEvent(world: World): Promise<void> {
  const { eventBridge } = world.aws;
  await world.clock.run(world.stopWatchdog());
  eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-check-dummy') ? [] : [0.5]);
  await world.put('DeployRequested', { task: 'WAS', requestedBy: 'jane', versions: 'previous' });
  await world.clock.advance(1200);
  eventBridge.deliveryPolicy = () => [0.5];
}

async function standByOf(world: World): Promise<string> {
  const { activeGroup, standByGroup } = world.fleet;
  return (await activeOf(world)) === activeGroup ? standByGroup : activeGroup;
}

async function activeOf(world: World): Promise<string> {
  const { activeGroup, standByGroup } = world.fleet;
  const [blue] = await Promise.all([world.tag(activeGroup, 'type')]);
  return blue?.Value === 'Active' ? activeGroup : standByGroup;
}
