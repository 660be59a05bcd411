/** What AWS did not answer or did not allow has a code of its own: a script must not take it for a failed deployment. */
import { createServer } from 'node:net';
import { CommandLine } from '../tests/harness/command';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';
import { ServerClock } from './server-clock';

let world: World;
let command: CommandLine;

beforeAll(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterAll(() => command.close());

/** Without a network: what the client throws. */
function clientThatThrows(error: object, region: string) {
  const handle = async () => {
    throw Object.assign(new Error('so the client says'), error);
  };
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' };
  return { requestHandler: { handle }, credentials, region, maxAttempts: 1 };
}

function notFound(region: string) {
  const hostname = `cloudformation.${region}.amazonaws.com`;
  return { message: `getaddrinfo ENOTFOUND ${hostname}`, code: 'ENOTFOUND', hostname };
}

test('a region that does not exist is named, with the one that was meant', async () => {
  const clientDefaults = clientThatThrows(notFound('eu-cental-1'), 'eu-cental-1');
  const { code, errors } = await command.run('status WAS', { clientDefaults, columns: 120 });
  expect(errors.replace(/\s+/g, ' ')).toBe(
    'AWS cannot be reached (getaddrinfo ENOTFOUND cloudformation.eu-cental-1.amazonaws.com), or there is no region eu-cental-1. ' +
      'Did you mean eu-central-1? Look at the network and at AWS_ENDPOINT_URL. Against `npm run local`: is it running? ',
  );
  expect(code).toBe(EXIT.unavailable);
});

test('a region that exists is not doubted', async () => {
  const clientDefaults = clientThatThrows(notFound('eu-central-1'), 'eu-central-1');
  const { code, errors } = await command.run('status WAS', { clientDefaults, columns: 120 });
  expect(errors).toMatch(/^AWS cannot be reached \(getaddrinfo ENOTFOUND \S+\)\.\nLook at the network/);
  expect(code).toBe(EXIT.unavailable);
});

test.each(['ExpiredToken', 'AccessDeniedException', 'ThrottlingException', 'SignatureDoesNotMatch', 'InternalFailure'])(
  '%s ends with it',
  async (name) => {
    const clientDefaults = clientThatThrows({ name, $fault: 'client' }, 'eu-central-1');
    expect((await command.run('status WAS', { clientDefaults })).code).toBe(EXIT.unavailable);
  },
);

test('what takes a connection and never answers ends in one sentence, within a time that is told', async () => {
  const proxy = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const { port } = proxy.address() as { port: number };
  const clientDefaults = {
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', maxAttempts: 2 },
    credentials: { accessKeyId: 'operator', secretAccessKey: 'secret' },
    requestHandler: new ServerClock(() => new Date(), 200).handler(),
  };
  const { code, output, errors } = await command.run('status WAS', { clientDefaults, columns: 120 });
  proxy.close();
  expect({ code, output }).toEqual({ code: EXIT.unavailable, output: '' });
  expect(errors).toMatch(/^AWS cannot be reached \(nothing was answered within 0\.2 s\)\.\nLook at the network/);
});

test('a profile that does not exist is named', async () => {
  const before = process.env;
  process.env = {
    ...before,
    HOME: '/nonexistent',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
  const clientDefaults = { endpoint: command.url, region: world.aws.region };
  const { code, errors } = await command.run('status WAS --profile nope', { clientDefaults }).finally(() => {
    process.env = before;
  });
  expect(errors).toMatch(/^There is no profile nope\.\n/);
  expect(code).toBe(EXIT.usage);
});

test('a place may be given before the verb', async () => {
  const { code, output } = await command.run('--stack stack status WAS');
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('was-blue') });
});

test('the help lists every exit code', async () => {
  const { output } = await command.run('--help');
  for (const code of Object.values(EXIT)) expect(output).toMatch(new RegExp(`^ +${code} `, 'm'));
});
