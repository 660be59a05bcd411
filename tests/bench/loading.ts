/** How long a function takes to load, as a ratio to an empty one: seconds of Lambda cannot be measured on this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from './bundles';

const EMPTY = 'export const handler = async () => {};\n';

/** The least of so many tries is what the machine can do when nothing else goes on. */
const TRIES = 7;

const LOAD = `await import(process.argv[1]);
const { user, system } = process.cpuUsage();
process.stdout.write(String((user + system) / 1000));`;

/** CPU time of a Node that loads it, by that of one that loads an empty handler. */
export function loadRatio({ text }: Pick<Bundle, 'text'>): number {
  const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  try {
    const [empty, full] = [join(folder, 'empty.mjs'), join(folder, 'full.mjs')];
    writeFileSync(empty, EMPTY);
    writeFileSync(full, text);
    const tries = Array.from({ length: TRIES }, () => ({ empty: cpuMilliseconds(empty), full: cpuMilliseconds(full) }));
    return Math.min(...tries.map(({ full }) => full)) / Math.min(...tries.map(({ empty }) => empty));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cpuMilliseconds(module: string): number {
  const env = { ...process.env, AWS_REGION: 'us-east-1', NODE_OPTIONS: '' };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', LOAD, module], { encoding: 'utf8', env }));
}
