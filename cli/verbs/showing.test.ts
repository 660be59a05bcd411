/** What goes wrong with every verb that shows something, each time as one sentence and the next step. */
import { AwsError } from '../../local/kernel/service';
import { CommandLine, type CommandOptions } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';

const VERBS = ['status', 'status WAS', 'watch WAS', 'history WAS', 'explain WAS', 'logs WAS', 'replay --from 1h --yes'];
const OF_TASK = VERBS.filter((words) => words.endsWith(' WAS'));

let world: World;
let command: CommandLine;

beforeAll(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
});
afterAll(() => command.close());

function clientsWith(more: object): Pick<CommandOptions, 'clientDefaults'> {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' };
  return { clientDefaults: { endpoint: command.url, region: world.aws.region, credentials, maxAttempts: 1, ...more } };
}

async function refusedWith(error: AwsError, words: string, options?: CommandOptions) {
  const allow = world.aws.endpoint.intercept((call, proceed) => {
    const isTurn = call.caller.principal === 'operator' && call.service !== 'cloudformation';
    return isTurn ? Promise.reject(error) : proceed();
  });
  const ran = await command.run(words, options);
  allow();
  return ran;
}

const inOneLine = (text: string) => text.replace(/\s+/g, ' ');

describe.each(VERBS)('%s', (words) => {
  test('without credentials', async () => {
    const credentials = () => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }));
    const { code, output, errors } = await command.run(words, clientsWith({ credentials }));
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(inOneLine(errors)).toMatch(/^no AWS credentials were found \(none\)\. Give --profile NAME/);
  });

  test('without such a stack', async () => {
    const { code, errors } = await command.run([...words.split(' '), '--stack', 'stock']);
    expect(code).toBe(2);
    expect(inOneLine(errors)).toMatch(/^there is no stack stock in eu-central-1\. Did you mean --stack stack\?/);
  });

  test('without the permission', async () => {
    const denied = new AwsError('AccessDenied', 'User is not authorized', 403);
    const { code, errors } = await refusedWith(denied, words);
    expect(code).toBe(1);
    expect(inOneLine(errors)).toMatch(
      /AWS does not let you do this: User is not authorized\. Have one of the policies/,
    );
  });

  test('throttled for good', async () => {
    const throttled = new AwsError('ThrottlingException', 'Rate exceeded', 400);
    const { code, errors } = await refusedWith(throttled, words, clientsWith({}));
    expect(code).toBe(1);
    expect(inOneLine(errors)).toMatch(/AWS throttles this account: Rate exceeded\. Nothing is lost/);
  });

  test('as data, an error is an object', async () => {
    const { code, output } = await command.run([...words.split(' '), '--json', '--stack', 'stock']);
    expect(code).toBe(2);
    expect(JSON.parse(output)).toMatchObject({ error: { message: expect.stringMatching(/stock/), exitCode: 2 } });
  });
});

test.each(OF_TASK)('%s of a task that nobody knows', async (words) => {
  const { code, errors } = await command.run(words.replace('WAS', 'WSA'));
  expect(code).toBe(2);
  expect(inOneLine(errors)).toMatch(/^the stack stack knows no task WSA\. Did you mean WAS\?/);
});
