import { CommandLine, type CommandOptions } from '../../tests/harness/command';
import { historyOf } from '../../tests/harness/history';
import { World } from '../../tests/harness/world';
import { history } from './history';

let world: World;
let command: CommandLine;
let ids: string[];

/** One that completed, one that failed, and one that was aborted. */
beforeAll(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.upload('app.war', { health: '500' });
  await world.until('Cleaned');
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS', requestedBy: 'jane', versions: 'latest' });
  await world.until('DummyAttached', { after });
  await world.put('AbortRequested', { task: 'WAS', reason: 'lunch' });
  await world.until('Cleaned', { after });
  await world.clock.advance(10);
  ids = (await historyOf(world).newest()).map(({ deploymentId }) => deploymentId);
});
afterAll(() => command.close());

async function shown(words: string, options?: CommandOptions): Promise<string> {
  const { code, output, errors } = await command.run(words, options);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
}

test('has a line for each deployment, the newest first, with a bar of its stages', async () => {
  const lines = (await shown('history WAS')).split('\n');
  expect(lines[0]).toMatch(/^OUTCOME +BEGUN \(UTC\) +TOOK +CODE +BY$/);
  expect(lines[1]).toMatch(/^aborted +2030-01-01 00:\d\d +.*T015 +jane$/);
  expect(lines[2]).toMatch(/^ {2}app\.war/);
  expect(lines[3]).toMatch(new RegExp(`^  ${ids[0]}  s+1+c+$`));
  expect(lines[4]).toMatch(/^failed +.* T001 +upload$/);
  expect(lines[6]).toMatch(new RegExp(`^  ${ids[1]}  s+1{10,}c+$`));
  expect(lines[7]).toMatch(/^completed /);
  expect(lines[9]).toMatch(new RegExp(`^  ${ids[2]}  s+1+a+2+w+r+$`));
  expect(lines.join(' ')).toMatch(/s start, 1 check-dummy/);
});

test('has what stayed of a redeployment, and whole versions on a line of their own or wide enough', async () => {
  const one = await World.quick();
  const line = await CommandLine.open(one);
  await one.put('DeployRequested', { task: 'WAS', requestedBy: 'jane' });
  await one.until('Completed');
  await one.clock.advance(10);
  const stayed = /app\.war stays uploaded 2030-01-01 00:00:00 UTC \(\S{8}\)$/m;
  const narrow = await line.run('history WAS', { environment: { COLUMNS: '80' } });
  expect(narrow.output).toMatch(/BY\ncompleted .* jane\n {2}app\.war stays/);
  const wide = await line.run('history WAS', { environment: { COLUMNS: '110' } });
  expect(wide.output).toMatch(/^completed .* jane +app\.war stays/m);
  for (const { output } of [narrow, wide]) expect(output).toMatch(stayed);
  const value = JSON.parse((await line.run('history WAS --json')).output);
  expect(history.schema.parse(value)).toEqual(value);
  const war = { key: 'app.war', slot: 1, to: { versionId: expect.any(String), uploadedAt: '2030-01-01T00:00:00Z' } };
  expect(value.deployments[0].wars).toMatchObject([war]);
  line.close();
});

test('no more than asked for, and says how many there are', async () => {
  const output = await shown('history WAS --limit 1');
  expect(output).not.toContain(ids[1]);
  expect(output).toMatch(/^2 more:\n {2}bluegreen history WAS --limit 3/m);
});

test.each([60, 80])('fits %d columns', async (columns) => {
  const outputs = [await shown('history WAS', { columns }), await shown(`history WAS ${ids[1]}`, { columns })];
  const lines = outputs.join('').split('\n');
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test('all of one deployment, by the beginning of its id', async () => {
  const beginning = ids[1]?.slice(0, -2);
  const output = await shown(`history WAS ${beginning}`);
  expect(output).toMatch(new RegExp(`^deployment  ${ids[1]}$`, 'm'));
  expect(output).toMatch(/^outcome +failed and was taken back after \d+ min/m);
  expect(output).toMatch(/^code +T001: Step 1 was not passed/m);
  expect(output).toMatch(/^check-dummy +2 min .*2 cycles +█+$/m);
  expect(output).toMatch(/^Next: If the application is ill/m);
  expect(output).toMatch(/^\d+ invocations, \d+ calls of AWS\.$/m);
});

test('what somebody asked for is told by who that was alone', async () => {
  const [newest = ''] = ids.toReversed();
  const output = await shown(`history WAS ${newest}`);
  expect(output).not.toContain('(manual)');
});

test('a beginning that several have, or none, is a problem', async () => {
  const many = await command.run('history WAS 2030');
  expect(many).toMatchObject({ code: 2, errors: expect.stringMatching(/^3 deployments of WAS begin with 2030\./) });
  const none = await command.run('history WAS 1999');
  expect(none).toMatchObject({ code: 2, errors: expect.stringMatching(/^No deployment of WAS begins with 1999\./) });
  const unknown = await command.run('history WSA');
  expect(unknown).toMatchObject({ code: 2, errors: expect.stringMatching(/Did you mean WAS\?/) });
  const limit = await command.run('history WAS --limit 0');
  expect(limit).toMatchObject({ code: 2, errors: expect.stringMatching(/^--limit is not a number/) });
});

test.each(['history WAS --json', 'history WAS --limit 1 --json'])('%s is data by the schema', async (words) => {
  const value = JSON.parse(await shown(words));
  expect(history.schema.parse(value)).toEqual(value);
  const whole = JSON.parse(await shown(`history WAS ${ids[0]} --json`));
  expect(history.schema.parse(whole)).toEqual(whole);
});

test('one whose object is gone still has its line', async () => {
  await historyOf(world).delete(`history/WAS/${ids[2]}.json`);
  expect(await shown('history WAS')).toMatch(/^completed .*\n {2}app\.war .*\n {2}\S+$/m);
});

test('has the deployments that the index has no line of any more, by a call for each and one for all', async () => {
  const one = await World.quick();
  const line = await CommandLine.open(one);
  await one.put('DeployRequested', { task: 'WAS', requestedBy: 'jane' });
  await one.until('Completed');
  await one.clock.advance(10);
  const { newest, read, write, delete: remove } = historyOf(one);
  const [{ deploymentId = '' } = {}] = await newest();
  const entry = await read(deploymentId);
  for (let minutes = 0; minutes < 119; minutes++) {
    const day = new Date(Date.UTC(2029, 5, 1, 0, minutes)).toISOString();
    const id = `${day.slice(0, 19).replace(/[-:]/g, '')}Z-abcdef`;
    await write(`history/WAS/${id}.json`, JSON.stringify({ ...entry, deploymentId: id, begunAt: day, endedAt: day }));
  }
  // It is gathered from the objects.
  await remove('history/WAS.json');
  let calls = 0;
  one.aws.endpoint.intercept((call, proceed) => {
    if (call.caller.principal === 'operator') calls += 1;
    return proceed();
  });
  const value = JSON.parse((await line.run('history WAS --limit 100 --json')).output);
  expect(history.schema.parse(value)).toEqual(value);
  const ids = value.deployments.map((each: { deploymentId: string }) => each.deploymentId);
  expect({ count: ids.length, known: value.known, distinct: new Set(ids).size }).toEqual({
    ...{ count: 100, known: 120, distinct: 100 },
  });
  expect(ids).toEqual(ids.toSorted().toReversed());
  expect(calls).toBeLessThan(170);
  const { output } = await line.run('history WAS');
  expect(output).toMatch(/^110 more:\n {2}bluegreen history WAS --limit 120/m);
  line.close();
});
