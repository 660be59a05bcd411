/** Ctrl-C ends the command, never the deployment: each verb that waits says how to come back; a question is answered by no. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../local/fleet/war';
import { CommandLine } from '../tests/harness/command';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';

let world: World;
let command: CommandLine;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
  writeFileSync(join(folder, 'app.war'), buildWar({ health: '200', version: '9' }));
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterEach(() => {
  command.close();
  rmSync(folder, { recursive: true });
});

async function deployed(): Promise<void> {
  await world.upload('app.war', { version: '2', health: '200' });
  await world.until('Completed');
}

async function begun(): Promise<void> {
  await world.upload('app.war', { version: '2', health: '200' });
  await world.until('DummyAttached');
}

function typed(line: string): string[] {
  return line.split(' ').map((word) => (word === 'FILE' ? join(folder, 'app.war') : word));
}

const WATCH = 'bluegreen watch WAS --stack stack';

test.each<[string, () => Promise<void>, string, string]>([
  ['deploy WAS --latest --yes --watch', async () => {}, 'Completed', WATCH],
  ['rollback WAS --yes --watch', deployed, 'Completed', WATCH],
  ['upload WAS FILE --yes --watch', async () => {}, 'Completed', WATCH],
  ['watch WAS', begun, 'Completed', WATCH],
  ['abort WAS --yes --watch', begun, 'Cleaned', WATCH],
  ['clean WAS --abort --yes --watch', begun, 'Cleaned', WATCH],
  ['logs WAS --follow', begun, 'Completed', 'bluegreen logs WAS \\S+ --follow --stack stack'],
])('%s leaves what it follows running, and says how to come back', async (line, before, end, comeBack) => {
  await before();
  const after = world.events.length;
  const { code, screen } = await command.run(typed(line), { interruptAfterSeconds: 8, columns: 80 });
  expect({ code, screen }).toEqual({
    code: EXIT.stillRunning,
    screen: expect.stringMatching(new RegExp(`^  ${comeBack}$`, 'm')),
  });
  expect(world.story.slice(after)).not.toContain(end);
  await world.until(end, { after });
});

test('a replay goes on by itself, too', async () => {
  await deployed();
  await world.clock.advance(1200);
  const { code, output } = await command.run('replay --from 1h --yes', { interruptAfterSeconds: 3 });
  expect(code).toBe(EXIT.stillRunning);
  expect(output).toMatch(/goes on by itself[\s\S]*\n {2}aws events describe-replay --replay-name /);
});

test.each<[string, () => Promise<void>]>([
  ['deploy WAS --latest', async () => {}],
  ['rollback WAS', deployed],
  ['upload WAS FILE', async () => {}],
  ['abort WAS', begun],
  ['clean WAS', deployed],
  ['replay --from 1h', deployed],
])('%s changes nothing where the question is interrupted', async (line, before) => {
  await before();
  const asked: string[] = [];
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.caller.principal === 'operator') asked.push(call.operation);
    return proceed();
  });
  // Even where it is answered by yes in the same moment.
  let isAsked = false;
  const answers = [
    async () => {
      isAsked = true;
      await world.clock.advance(120);
    },
  ];
  const { code, errors } = await command.run(typed(line), { interruptAfterSeconds: 60, answers });
  expect({ code, isAsked }).toEqual({ code: EXIT.interrupted, isAsked: true });
  expect(errors).toMatch(/Interrupted\.\nNothing was changed\.\n$/);
  for (const operation of ['PutEvents', 'PutObject', 'CreateMultipartUpload', 'StartReplay'])
    expect(asked).not.toContain(operation);
});
