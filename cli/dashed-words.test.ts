/** A task may be called as an option is: behind `--` it is a task. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../local/fleet/war';
import { wordsOf } from '../tests/harness/aws-command';
import { CommandLine } from '../tests/harness/command';
import { World } from '../tests/harness/world';

const TASKS = ['-odd', '--json', '-- x'];

describe.each(TASKS)('the task %s', (task) => {
  let world: World;
  let command: CommandLine;
  let folder: string;

  beforeAll(async () => {
    world = await World.quick({ fleet: { task, name: 'was' } });
    command = await CommandLine.open(world);
    folder = await mkdtemp(join(tmpdir(), 'dashed-'));
    writeFileSync(join(folder, 'app.war'), buildWar({ health: '200', version: '2' }));
  });
  afterAll(async () => {
    command.close();
    await rm(folder, { recursive: true });
  });

  /** As somebody copies it. */
  async function runPrinted(text: string): Promise<number[]> {
    const lines = [...text.matchAll(/^ {2}bluegreen (.*)$/gm)].map(([, line = '']) => line);
    const codes: number[] = [];
    for (const line of lines) codes.push((await command.run(wordsOf(line), { answers: [false] })).code);
    expect(codes.length).toBeGreaterThan(0);
    return codes;
  }

  test('can be given to every verb that takes one, and what they print can be typed', async () => {
    const uploaded = await command.run(['upload', '--yes', '--', task, join(folder, 'app.war')]);
    expect({ code: uploaded.code, errors: uploaded.errors }).toMatchObject({ code: 0 });
    expect(await runPrinted(uploaded.screen)).toEqual([0]);
    for (const verb of ['status', 'history', 'explain', 'logs', 'watch']) {
      const { code, screen } = await command.run([verb, '--', task]);
      expect({ verb, code, screen }).toMatchObject({ code: 0 });
    }
    const { deploymentId } = await world.record();
    expect((await command.run(['explain', '--', task, deploymentId])).code).toBe(0);
    expect((await command.run(['rollback', '--yes', '--watch', '--', task])).code).toBe(0);
    const deployed = await command.run(['deploy', '--latest', '--yes', '--', task]);
    expect(deployed.code).toBe(0);
    expect((await command.run(['abort', '--yes', '--watch', '--', task])).code).toBe(0);
    const nothing = await command.run(['abort', '--yes', '--', task]);
    expect(nothing.code).toBe(3);
    expect(await runPrinted(nothing.screen)).toEqual([0, 3]);
    expect((await command.run(['clean', '--yes', '--watch', '--', task])).code).toBe(0);
    expect([0, 1]).toContain((await command.run(['doctor', '--', task])).code);
  });
});

test('one word too many is named as it was typed', async () => {
  const command = await CommandLine.open(await World.quick());
  const { code, errors } = await command.run(['status', '--', 'WAS', '-odd']);
  expect({ code, errors }).toMatchObject({ code: 2, errors: expect.stringContaining('-odd is one word too many') });
  command.close();
});
