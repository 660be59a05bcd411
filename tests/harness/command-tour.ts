/** Every verb of the command in its usual course, one after the other, in one world. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../../local/fleet/war';
import type { CommandLine, CommandOptions, RanCommand } from './command';
import type { World } from './world';

export interface ToldRun extends RanCommand {
  typed: string;
}

/** What people call things. */
export interface Names {
  version: string;
  reason: string;
}

/** The task and the war are those of the world's fleet. */
export async function tourOf(
  world: World,
  command: CommandLine,
  names: Names,
  options: CommandOptions = {},
  /** Options of every verb. */
  everywhere: readonly string[] = [],
): Promise<ToldRun[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tour-'));
  const runs: ToldRun[] = [];
  const run = async (verb: string, ...others: string[]) => {
    const words = [verb, ...everywhere, ...others];
    const ran = await command.run(words, options);
    runs.push({ typed: words.join(' '), ...ran });
  };
  const file = (name: string, health: string) => {
    const path = join(folder, name);
    writeFileSync(path, buildWar({ health, version: name }));
    return path;
  };
  const { task, warKeys } = world.fleet;
  const [key = ''] = warKeys;
  // A task may begin with a dash, as an option does.
  const of = ['--', task];
  const yes = ['--yes', '--watch'];
  try {
    await run('doctor', ...of);
    await run('upload', '--name', names.version, ...yes, ...of, `${key}=${file('well.war', '200')}`);
    await run('status');
    await run('status', ...of);
    await run('deploy', '--yes', ...of);
    await run('status', ...of);
    await run('watch', '--timeout', '20', ...of);
    await run('abort', '--reason', names.reason, ...yes, ...of);
    await run('upload', '--name', `${names.version} broken`, ...yes, ...of, `${key}=${file('broken.war', '500')}`);
    await run('status', ...of);
    await run('explain', ...of);
    await run('logs', ...of);
    await run('rollback', ...yes, ...of);
    await run('watch', ...of);
    await run('clean', ...yes, ...of);
    await run('deploy', ...yes, '--latest', ...of);
    const { deploymentId } = await world.record();
    await run('history', ...of);
    await run('history', ...of, deploymentId);
    await run('doctor');
    await run('replay', '--from', '1h', '--yes');
    return runs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
