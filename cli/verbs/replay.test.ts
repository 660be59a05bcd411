import { AwsError } from '../../local/kernel/service';
import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';
import { replay } from './replay';

let world: World;
let command: CommandLine;

beforeEach(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterEach(() => command.close());

/** An event is lost on its way to check-dummy, and nobody sees to it. */
async function loseEvent(): Promise<void> {
  await world.clock.run(world.stopWatchdog());
  world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-check-dummy') ? [] : [0.5]);
  await world.upload('app.war', { version: '2' });
  await world.clock.advance(1200);
  world.aws.eventBridge.deliveryPolicy = () => [0.5];
}

test('asks first, runs what was lost, and says what moved', async () => {
  await loseEvent();
  const { code, output, errors } = await command.run('replay --from 1h', { answers: [true] });
  expect(code).toBe(0);
  expect(errors.replace(/\s+/g, ' ')).toMatch(
    /^The events of bluegreen-dev from .* \(1 h\) are published again: .* may not be in the/,
  );
  expect(errors).toMatch(/^\d\d:\d\d:\d\d {2}completed, up to 2030-/m);
  expect(output).toMatch(/^The replay completed\. Since it began these tasks moved/m);
  expect(output.replace(/\s+/g, ' ')).toMatch(/WAS: 2030\S+ in check-dummy → 2030\S+ /);
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  await world.until('Completed');
});

test('what was not lost is not run again', async () => {
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(1200);
  const mails = world.mails.length;
  const { code, output } = await command.run('replay --from 1h --yes');
  expect(code).toBe(0);
  expect(output.replace(/\s+/g, ' ')).toMatch(/changed nothing: nothing was lost between 20\S+ \S+ UTC and 2030/);
  expect(world.mails).toHaveLength(mails);
});

test('goes by the clock of AWS, and says what it waits for', async () => {
  await loseEvent();
  const { code, errors, output } = await command.run('replay --from 10m --yes --json', { clockBehindSeconds: 7200 });
  expect({ code, errors }).toEqual({ code: 0, errors: expect.stringMatching(/waits 30 s for what was published/) });
  const { to } = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
  expect(Math.abs(Date.parse(to) - world.clock.now().getTime())).toBeLessThan(300_000);
});

test('is data by the schema', async () => {
  await loseEvent();
  const { output } = await command.run('replay --from 2030-01-01 --to now --yes --json');
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const result = lines.pop();
  expect(replay.schema.parse(result)).toEqual(result);
  expect(result).toMatchObject({ state: 'COMPLETED', moved: [{ task: 'WAS', before: { stage: 'check-dummy' } }] });
  for (const line of lines) expect(replay.changes?.parse(line)).toEqual(line);
});

test('no is no, and where nobody can be asked nothing is started', async () => {
  const refused = await command.run('replay --from 1h', { answers: [false] });
  expect(refused).toMatchObject({ code: 3, errors: expect.stringMatching(/^Nothing was changed/m) });
  const piped = await command.run('replay --from 1h');
  expect(piped).toMatchObject({ code: 2, errors: expect.stringMatching(/Say --yes/) });
});

test('Ctrl-C leaves it running, and says how to see it', async () => {
  const { code, output } = await command.run('replay --from 1h --yes', { interruptAfterSeconds: 2 });
  expect(code).toBe(5);
  expect(output.replace(/\s+/g, ' ')).toMatch(
    /goes on by itself .* aws events describe-replay --replay-name bluegreen-/,
  );
});

test.each([
  ['replay --from yesterday --yes', /^--from yesterday is no time\./],
  ['replay --from 1h --to 2h --yes', /^--from is not before --to\./],
  ['replay --from 2099-01-01T00:00Z --yes', /is yet to come\./],
  ['replay --yes', /from/],
])('%s is answered with a sentence', async (words, said) => {
  const { code, errors } = await command.run(words);
  expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(said) });
});

test('whoever may not replay hears it', async () => {
  world.aws.endpoint.intercept((call, proceed) =>
    call.operation === 'StartReplay'
      ? Promise.reject(new AwsError('AccessDeniedException', 'not authorized to perform: events:StartReplay'))
      : proceed(),
  );
  const { code, errors } = await command.run('replay --from 1h --yes');
  expect({ code, errors }).toEqual({
    code: 6,
    errors: expect.stringMatching(/not authorized to perform:\s+events:StartReplay/),
  });
});
