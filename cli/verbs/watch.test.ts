import { AwsError } from '../../local/kernel/service';
import { blockDeployment } from '../../tests/harness/blocked';
import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';
import { watch } from './watch';

let world: World;
let command: CommandLine;

beforeEach(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterEach(() => command.close());

async function deploy(entries: Record<string, string> = { version: '2' }): Promise<void> {
  await world.upload('app.war', entries);
  await world.until('Started');
}

/** The SDK repeats what is throttled in its own time, which no test waits for. */
function withoutRepeating() {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' };
  return { clientDefaults: { endpoint: command.url, region: world.aws.region, credentials, maxAttempts: 1 } };
}

test('tells each change with its time, and ends with 0 when the new version serves', async () => {
  await deploy();
  const { code, output, errors } = await command.run('watch WAS');
  expect(code).toBe(0);
  expect(output).toMatch(/^\S+ completed after (\d+ min )?\d+ s\.$/m);
  for (const stage of ['check-dummy', 'check-real', 'swap', 'retire']) {
    expect(errors).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d  ${stage}`, 'm'));
  }
  expect(errors.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test.each([60, 80])('no line is longer than %d columns', async (columns) => {
  await deploy({ health: '500' });
  const { code, output, errors } = await command.run('watch WAS', { columns });
  expect(code).toBe(1);
  expect(output.replace(/\s+/g, ' ')).toMatch(
    / failed and was taken back after (\d+ min )?\d+ s \(T001: .* Why: bluegreen explain WAS/,
  );
  // A command is whole, to be copied.
  const lines = `${output}${errors}`.split('\n').filter((line) => !line.startsWith('  bluegreen '));
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test('says once why it failed, and then what changes', async () => {
  await deploy({ health: '500' });
  const { errors } = await command.run('watch WAS');
  const told = errors.replace(/\n +/g, ' ');
  const [, after = ''] =
    /; T001 in check-dummy: the application is not healthy .*\[500\](?:; waits for [^\n]*)?\n([\s\S]*)$/.exec(told) ??
    [];
  expect(after).toMatch(/^\S+ {2}clean-up; waits for was-green to be empty/m);
  expect(after).toMatch(/^\S+ {2}failed and was taken back\n$/m);
  expect(after).not.toMatch(/T001|not healthy/);
});

test('on a terminal draws one block in place, with the matrix', async () => {
  await deploy();
  const { code, errors } = await command.run('watch WAS', { isTerminal: true, environment: { NO_COLOR: '1' } });
  expect(code).toBe(0);
  expect(errors).toContain('\x1b[1A\x1b[K');
  const shown = errors.split('\r').at(-1) ?? '';
  expect(errors).toMatch(/is being\s+tested beside it, with users\./);
  expect(errors).toMatch(/INSTANCE +STATE/);
  expect(shown.split('\n').length).toBeLessThanOrEqual(24);
});

test('as data is an object for each change, and the result at the end', async () => {
  await deploy();
  const { code, output } = await command.run('watch WAS --json');
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const result = lines.pop();
  expect(code).toBe(0);
  expect(result).toMatchObject({ task: 'WAS', outcome: 'completed' });
  expect(watch.schema.parse(result)).toEqual(result);
  expect(lines.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['check-dummy', 'retire']));
  for (const line of lines) expect(watch.changes?.parse(line)).toEqual(line);
});

test('ends with 4 where an operator is needed', async () => {
  await blockDeployment(world);
  const { code, output } = await command.run('watch WAS');
  expect(code).toBe(4);
  expect(output.replace(/\s+/g, ' ')).toMatch(/ needs an operator after .* what to run: bluegreen status WAS/);
});

test.each([
  ['--timeout', 'watch WAS --timeout 10', {}],
  ['Ctrl-C', 'watch WAS', { interruptAfterSeconds: 10 }],
])('%s leaves it running, says how to come back, and ends with 5', async (_, words, options) => {
  await deploy();
  const { code, output } = await command.run(words, options);
  expect(code).toBe(5);
  expect(output.replace(/\s+/g, ' ')).toMatch(/goes on by itself\. Come back to it: bluegreen watch WAS/);
  await world.until('Completed');
});

test('being throttled it waits, says so, and goes on', async () => {
  await deploy();
  let count = 0;
  world.aws.endpoint.intercept((call, proceed) => {
    const isRecord = call.operation === 'GetObject' && String(call.input.Key).startsWith('tasks/');
    const isTurn = call.caller.principal === 'operator' && isRecord && count++ > 2 && count < 20;
    return isTurn ? Promise.reject(new AwsError('SlowDown', 'Please reduce your request rate.', 503)) : proceed();
  });
  const { code, errors } = await command.run('watch WAS', withoutRepeating());
  expect(code).toBe(0);
  expect(errors.replace(/\s+/g, ' ')).toMatch(/AWS throttles this account: .* looks again in 4 s\./);
});

describe('one that ended between two looks, and was followed by the next,', () => {
  /** After its first look the command gets no answer until the next deployment has begun. */
  function loseSight(isHistoryLost: boolean): void {
    let reads = 0;
    world.aws.endpoint.intercept((call, proceed) => {
      const key = call.operation === 'GetObject' ? String(call.input.Key) : '';
      if (call.caller.principal !== 'operator') return proceed();
      if (isHistoryLost && key.startsWith('history/')) return Promise.reject(new AwsError('NoSuchKey', 'none', 404));
      const isSeen = !key.startsWith('tasks/') || reads++ < 2;
      const isNext = world.events.filter((event) => event['detail-type'] === 'Started').length > 1;
      const refusal = new AwsError('SlowDown', 'Please reduce your request rate.', 503);
      return isSeen || isNext ? proceed() : Promise.reject(refusal);
    });
  }

  test('is told by the history', async () => {
    await deploy();
    const { deploymentId } = await world.record();
    loseSight(false);
    await world.upload('app.war', { version: '3' });
    const { code, output } = await command.run('watch WAS', withoutRepeating());
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(`^${deploymentId} completed after`) });
  });

  test('and is not in the history, ends with 4, for nobody knows whether it failed', async () => {
    await deploy();
    const { deploymentId } = await world.record();
    loseSight(true);
    await world.upload('app.war', { version: '3' });
    const { code, errors } = await command.run('watch WAS', withoutRepeating());
    expect(code).toBe(4);
    expect(errors).toContain(`${deploymentId} does not run any more`);
  });
});

test('a deployment that stands still is told', async () => {
  await world.clock.run(world.stopWatchdog());
  world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.endsWith('-check-dummy') ? [] : [0.5]);
  await deploy();
  const { code, errors } = await command.run('watch WAS --timeout 1000');
  expect(code).toBe(5);
  expect(errors.replace(/\s+/g, ' ')).toMatch(/check-dummy; has not moved for \d+ min; the watchdog sees to that/);
  expect(errors).toMatch(/takes longer than it may/);
});

describe('where nothing runs', () => {
  test('tells how the last one ended, with its exit code', async () => {
    await deploy();
    const { deploymentId } = await world.record();
    await world.until('Completed');
    const { code, output, errors } = await command.run('watch WAS');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(new RegExp(`^${deploymentId} completed after .* s\\.$`, 'm'));
    await world.upload('app.war', { health: '500' });
    await world.until('Cleaned');
    expect(await command.run('watch WAS')).toMatchObject({ code: 1, output: expect.stringMatching(/ failed and was/) });
    const earlier = await command.run(['watch', 'WAS', deploymentId.slice(0, -2)]);
    expect(earlier).toMatchObject({ code: 0, output: expect.stringMatching(`^${deploymentId} completed`) });
  });

  test('a clean-up that did what was asked for has not failed', async () => {
    await world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    await world.until('Cleaned');
    const { code, output } = await command.run('watch WAS');
    expect(code).toBe(0);
    expect(output).not.toMatch(/fail|Why/);
  });
});

test('on a terminal the last frame says who serves, by a last look', async () => {
  await deploy();
  const { errors } = await command.run('watch WAS', { isTerminal: true, environment: { NO_COLOR: '1' } });
  const last = errors.split('\r').at(-1)?.replace(/\s+/g, ' ');
  expect(last).toMatch(/Users are served by app\.war of 2030-01-01 \d\d:\d\d \(\S+\)\./);
  expect(last).not.toMatch(/was not seen/);
});

test('where there was none it says so, and an unknown task is answered with the nearest', async () => {
  const none = await command.run('watch WAS');
  expect(none).toMatchObject({ code: 2, errors: expect.stringMatching(/^Nothing was deployed of WAS yet\./) });
  const unknown = await command.run('watch WSA');
  expect(unknown).toMatchObject({ code: 2, errors: expect.stringMatching(/Did you mean WAS\?/) });
});
