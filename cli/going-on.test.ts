/** What the command says where it cannot see any more what it has asked for, and where it is interrupted. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../local/fleet/war';
import { AwsError } from '../local/kernel/service';
import { CommandLine } from '../tests/harness/command';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';

const EXPIRED = new AwsError('ExpiredToken', 'The security token is expired', 400);
const DENIED = new AwsError('AccessDenied', 'User jane is not authorized to perform: s3:GetObject', 403);
const THROTTLED = new AwsError('SlowDown', 'Please reduce your request rate.', 503);

let world: World;
let command: CommandLine;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'going-on-'));
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterEach(async () => {
  command.close();
  await rm(folder, { recursive: true });
});

/** The SDK repeats what is throttled in its own time, which no test waits for. */
function withoutRepeating() {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' };
  return { clientDefaults: { endpoint: command.url, region: world.aws.region, credentials, maxAttempts: 1 } };
}

/** From then on whoever runs the command gets nothing else from AWS. */
function refuseAfter(operations: readonly string[], error: AwsError): void {
  let isPut = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.caller.principal !== 'operator') return proceed();
    if (isPut) throw error;
    const answer = await proceed();
    isPut = operations.includes(call.operation);
    return answer;
  });
}

async function deployed(version: string): Promise<void> {
  await world.upload('app.war', { version });
  await world.until('Completed');
}

const ASKED: [name: string, typed: () => string, before: () => Promise<unknown>][] = [
  ['deploy', () => 'deploy WAS --latest --yes --watch', async () => {}],
  ['rollback', () => 'rollback WAS --yes --watch', () => deployed('2')],
  [
    'abort',
    () => 'abort WAS --yes --watch',
    async () => {
      await world.upload('app.war', { version: '2' });
      await world.until('Started');
    },
  ],
  ['clean', () => 'clean WAS --yes --watch', () => deployed('2')],
  [
    'upload',
    () => `upload WAS ${join(folder, 'app.war')} --yes --watch`,
    async () => writeFileSync(join(folder, 'app.war'), buildWar({ version: '3' })),
  ],
  ['replay', () => 'replay --from 1h --yes', async () => world.clock.advance(1200)],
];

describe.each([
  ['the credentials expire', EXPIRED, /^AWS does not take these credentials: The security token is expired\. /],
  ['it is denied', DENIED, /^AWS does not let you do this: User jane is not authorized to perform: s3:GetObject\. /],
  ['it is throttled for long', THROTTLED, /AWS throttles this account: Please reduce your request rate\. /],
])('where %s after it was asked for', (_, error, reason) => {
  test.each(ASKED)('%s ends with 5, says why, and how to come back', async (verb, typed, before) => {
    await before();
    refuseAfter(['PutEvents', 'PutObject', 'StartReplay'], error);
    const { code, output, errors } = await command.run(typed(), withoutRepeating());
    expect({ code, output }).toEqual({ code: EXIT.stillRunning, output: '' });
    const said = errors.split('\n').filter((line) => /AWS|goes on|Come back|^ {2}\w/.test(line));
    const text = said.slice(said.findLastIndex((line) => line.startsWith('AWS'))).join('\n');
    expect(errors.replace(/\s+/g, ' ')).toMatch(new RegExp(reason.source.replace(/^\^/, '')));
    expect(errors.replace(/\s+/g, ' ')).toContain(' goes on by itself. Come back to it: ');
    expect(text).toMatch(
      verb === 'replay'
        ? /^ {2}aws events describe-replay --replay-name /m
        : /^ {2}bluegreen watch WAS --stack stack$/m,
    );
    expect(errors).not.toContain('repeat the command');
  });
});

test('as data the reason and the way back are an object', async () => {
  refuseAfter(['PutEvents'], EXPIRED);
  const { code, output } = await command.run('deploy WAS --latest --yes --watch --json');
  expect(code).toBe(EXIT.stillRunning);
  expect(JSON.parse(output).error).toEqual({
    message: expect.stringContaining('goes on by itself'),
    nextStep: 'Come back to it:\n  bluegreen watch WAS --stack stack',
    exitCode: EXIT.stillRunning,
  });
});

test('logs that are followed end with 5, too', async () => {
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  let looks = 0;
  world.aws.endpoint.intercept((call, proceed) => {
    const isLook = call.caller.principal === 'operator' && call.operation === 'FilterLogEvents';
    return isLook && ++looks > 30 ? Promise.reject(EXPIRED) : proceed();
  });
  const { code, errors } = await command.run('logs WAS --follow');
  expect(code).toBe(EXIT.stillRunning);
  expect(errors).toMatch(/goes on by itself\.\nCome back to it:\n {2}bluegreen logs WAS \S+ --follow --stack stack\n$/);
});

test('where the answer to the request is lost, nobody is told to ask once more', async () => {
  world.aws.endpoint.intercept(async (call, proceed) => {
    const answer = await proceed();
    if (call.caller.principal === 'operator' && call.operation === 'PutEvents') {
      throw new AwsError('InternalFailure', 'unknown', 500);
    }
    return answer;
  });
  const { code, errors } = await command.run('deploy WAS --latest --yes', withoutRepeating());
  expect(code).toBe(EXIT.stillRunning);
  expect(errors.replace(/\s+/g, ' ')).toMatch(/It is not known whether .* bluegreen watch WAS --stack stack $/);
  await world.until('Completed');
});

describe('Ctrl-C', () => {
  /** Each call takes so long that it comes between. */
  const interrupted = { interruptAfterSeconds: 0.1 };

  test.each([
    'status',
    'status WAS',
    'doctor WAS',
    'history WAS',
    'explain WAS',
    'logs WAS',
    'deploy WAS --latest --yes',
  ])('ends %s at once, with 130', async (typed) => {
    const { code, output, errors } = await command.run(typed, interrupted);
    expect({ code, output, errors }).toEqual({
      code: EXIT.interrupted,
      output: '',
      errors: 'Interrupted.\nNothing was changed.\n',
    });
  });

  test('nothing is asked for afterwards', async () => {
    const asked: string[] = [];
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.caller.principal === 'operator') asked.push(call.operation);
      return proceed();
    });
    await command.run('deploy WAS --latest --yes', interrupted);
    await world.clock.advance(60);
    await new Promise((resolve) => setImmediate(resolve));
    await world.clock.advance(60);
    expect(asked).not.toContain('PutEvents');
    expect(world.story).toEqual([]);
  });

  test('while a look hangs, what is followed is left at once', async () => {
    await world.upload('app.war', { version: '2' });
    await world.until('Started');
    let looks = 0;
    world.aws.endpoint.intercept((call, proceed) => {
      const isLook = call.caller.principal === 'operator' && String(call.input.Key).startsWith('tasks/');
      return isLook && ++looks > 3 ? new Promise(() => {}) : proceed();
    });
    const { code, output } = await command.run('watch WAS', { interruptAfterSeconds: 30 });
    expect(code).toBe(EXIT.stillRunning);
    expect(output).toContain('goes on by itself');
  });
});
