/** What a run of the command costs: calls of AWS, and how often the credentials are asked for. */
import { CommandLine } from '../tests/harness/command';
import { World } from '../tests/harness/world';

let world: World;
let command: CommandLine;

beforeEach(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterEach(() => command.close());

function countCalls(): string[] {
  const calls: string[] = [];
  world.aws.endpoint.intercept((call, proceed) => {
    const { Key = '', Prefix = '' } = call.input as { Key?: string; Prefix?: string };
    if (call.caller.principal === 'operator') calls.push(`${call.operation} ${Key}${Prefix}`.trim());
    return proceed();
  });
  return calls;
}

async function deployed(version: string): Promise<void> {
  await world.upload('app.war', { version });
  await world.until('Completed');
}

/** Those until a request is put. */
function untilPut(calls: readonly string[]): readonly string[] {
  const end = calls.indexOf('PutEvents');
  return end < 0 ? calls : calls.slice(0, end);
}

test.each([
  ['status WAS', 20],
  ['history WAS', 6],
  ['explain WAS', 12],
  ['logs WAS', 12],
  ['rollback WAS --yes', 26],
])('%s reads the record once, and makes %d calls at most', async (typed, most) => {
  await deployed('2');
  const calls = countCalls();
  await command.run(typed);
  const before = untilPut(calls);
  expect(before.filter((call) => call === 'GetObject tasks/WAS.json')).toHaveLength(1);
  expect(before.length).toBeLessThanOrEqual(most);
});

test('abort WAS --yes reads the record once more right before it asks, and makes few calls', async () => {
  await world.upload('app.war', { version: '2' });
  await world.until('Started');
  const calls = countCalls();
  await command.run('abort WAS --yes');
  const before = untilPut(calls);
  expect(before.filter((call) => call === 'GetObject tasks/WAS.json')).toHaveLength(2);
  expect(before.length).toBeLessThanOrEqual(16);
});

test('credentials are asked for once, however long a deployment is followed', async () => {
  let resolutions = 0;
  const credentials = async () => {
    resolutions += 1;
    return { accessKeyId: 'operator', secretAccessKey: 'secret' };
  };
  const clientDefaults = { endpoint: command.url, region: world.aws.region, credentials };
  const { code, output } = await command.run('deploy WAS --latest --yes --watch', { clientDefaults });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/completed after (\d+ min )?\d+ s/) });
  expect(resolutions).toBe(1);
});
