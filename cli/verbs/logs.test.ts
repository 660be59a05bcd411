import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';
import { logs } from './logs';

let world: World;
let command: CommandLine;

beforeEach(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
  await world.upload('app.war', { version: '2' });
});
afterEach(() => command.close());

test('has the lines of all functions in order of time', async () => {
  await world.until('Completed');
  await world.clock.advance(10);
  const { code, output, errors } = await command.run('logs WAS');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const begins = output.split('\n').flatMap((line) => /^(\d\d:\d\d:\d\d) {2}(\S+)/.exec(line)?.slice(1, 3) ?? []);
  const [times, functions] = [0, 1].map((parity) => begins.filter((_, index) => index % 2 === parity));
  expect(times).toEqual([...(times ?? [])].sort());
  expect(functions).toEqual(expect.arrayContaining(['start', 'notify', 'check-dummy', 'check-real', 'swap', 'retire']));
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('of one deployment only, and not of another', async () => {
  await world.until('Completed');
  const { deploymentId } = await world.record();
  const after = world.events.length;
  await world.upload('app.war', { version: '3' });
  await world.until('Completed', { after });
  const { output } = await command.run(`logs WAS ${deploymentId} --json`);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const result = lines.pop();
  expect(logs.schema.parse(result)).toEqual(result);
  expect(result).toMatchObject({ deploymentId, lines: lines.length });
  const named = lines.flatMap((line) => line.deploymentId ?? []);
  expect(new Set(named)).toEqual(new Set([deploymentId]));
});

test('followed it prints each line once, as it comes, and ends with the deployment', async () => {
  await world.until('DummyAttached');
  const { code, output } = await command.run('logs WAS --follow --json');
  expect(code).toBe(0);
  const lines = output.trimEnd().split('\n');
  const completed = lines.filter((line) => line.includes('"message":"completed"'));
  expect(completed).toHaveLength(1);
  expect(new Set(lines).size).toBe(lines.length);
});

test('followed until Ctrl-C', async () => {
  await world.until('DummyAttached');
  const { code, output } = await command.run('logs WAS --follow', { interruptAfterSeconds: 15 });
  expect(code).toBe(5);
  expect(output).not.toContain('completed');
});
