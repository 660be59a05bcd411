/** How quick the tools of whoever works on the product are, on this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { drawScenario } from '../simulation/draw';
import { play } from '../simulation/simulation';

const FIRST_SEEDS = 3; // until the code is compiled
const SEEDS = 20;

export async function seedsPerCpuSecond(): Promise<number> {
  for (let seed = 1; seed <= FIRST_SEEDS; seed++) await play(drawScenario(seed));
  const before = process.cpuUsage();
  for (let seed = 1; seed <= SEEDS; seed++) await play(drawScenario(seed));
  const { user, system } = process.cpuUsage(before);
  return SEEDS / ((user + system) / 1e6);
}

const STARTS = 3;

/** From the command to what it has to say, with a template that is packaged already, by the start of a bare Node. */
export async function startRatioOfLocal(): Promise<number> {
  const local = ['--import', 'tsx', 'local/server/main.ts', '--port', '0'];
  const ratios: { local: number; bare: number }[] = [];
  for (let start = 0; start < STARTS; start++) {
    ratios.push({ local: await secondsUntilOutput(local), bare: await secondsUntilOutput(['-e', 'console.log(1)']) });
  }
  return Math.min(...ratios.map(({ local }) => local)) / Math.min(...ratios.map(({ bare }) => bare));
}

async function secondsUntilOutput(args: string[]): Promise<number> {
  const begin_ms = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const seconds = (performance.now() - begin_ms) / 1000;
  const exit = child.exitCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGINT');
  await exit;
  return seconds;
}
