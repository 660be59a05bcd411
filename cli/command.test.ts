/** What every verb does where it cannot do its work: one sentence, the next step, an exit code. */
import { AwsError } from '../local/kernel/service';
import { CommandLine, type CommandOptions } from '../tests/harness/command';
import { World } from '../tests/harness/world';
import { EXIT } from './problem';
import { VERBS } from './verbs';

/** What is typed of each, which asks AWS for something. */
const TYPED: Record<string, string> = {
  deploy: 'deploy WAS --yes',
  rollback: 'rollback WAS --yes',
  upload: 'upload WAS package.json --yes',
  abort: 'abort WAS --yes',
  clean: 'clean WAS --yes',
  status: 'status WAS',
  watch: 'watch WAS',
  history: 'history WAS',
  explain: 'explain WAS',
  logs: 'logs WAS',
  replay: 'replay --from 1h --yes',
  doctor: 'doctor WAS',
};

const verbs = VERBS.map(({ command }) => command.split(' ')[0] ?? '');
const aboutTask = verbs.filter((verb) => / WAS/.test(TYPED[verb] ?? ''));

let world: World;
let command: CommandLine;

beforeAll(async () => {
  world = await World.quick();
  command = await CommandLine.open(world);
});
afterAll(() => command.close());

async function failing(error: AwsError, verb: string, options: CommandOptions = {}) {
  const remove = world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.caller.principal === 'operator') throw error;
    return proceed();
  });
  try {
    return await command.run(TYPED[verb] ?? '', options);
  } finally {
    remove();
  }
}

test('each has a line here', () => {
  expect(Object.keys(TYPED)).toEqual(verbs);
});

describe.each(verbs)('%s', (verb) => {
  test('without credentials', async () => {
    const before = process.env;
    const others = Object.entries(before).filter(([name]) => !/^AWS_(ACCESS|SECRET|SESSION|PROFILE)/.test(name));
    process.env = { ...Object.fromEntries(others), HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
    const clientDefaults = { endpoint: command.url, region: world.aws.region };
    const { code, output, errors } = await command.run(TYPED[verb] ?? '', { clientDefaults });
    process.env = before;
    expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
    expect(errors).toMatch(/^No AWS credentials were found [\s\S]*--profile/);
  });

  test('of a stack that is not there', async () => {
    const { code, output, errors } = await command.run(`${TYPED[verb]} --stack stick`);
    expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
    expect(errors).toBe('There is no stack stick in eu-central-1.\nDid you mean --stack stack? There are: stack.\n');
  });

  test('where it is not allowed', async () => {
    const denied = new AwsError('AccessDenied', 'User jane is not authorized to perform: x:Y', 403);
    const { code, output, errors } = await failing(denied, verb);
    expect({ code, output }).toEqual({ code: EXIT.unavailable, output: '' });
    expect(errors).toMatch(/^AWS does not let you do this: User jane is not authorized to perform: x:Y\.\n/);
  });

  test('while the account is throttled', async () => {
    const { code, output, errors } = await failing(new AwsError('Throttling', 'Rate exceeded', 400), verb);
    expect({ code, output }).toEqual({ code: EXIT.unavailable, output: '' });
    expect(errors).toBe(
      'AWS throttles this account: Rate exceeded.\nNothing is lost: repeat the command in a minute.\n',
    );
  });

  test('as JSON', async () => {
    const { code, output, errors } = await command.run(`${TYPED[verb]} --stack stick --json`);
    expect({ code, errors }).toEqual({ code: EXIT.usage, errors: '' });
    expect(JSON.parse(output)).toEqual({
      error: { message: expect.stringContaining('stick'), nextStep: expect.stringContaining('stack'), exitCode: code },
    });
  });

  test('misspelt', async () => {
    const { code, errors } = await command.run(`${TYPED[verb]} --timeuot 3`);
    expect(code).toBe(EXIT.usage);
    expect(errors).toMatch(/^There is no option --timeuot here\.\n/);
  });

  test.each([60, 80])('its help fits %d columns', async (columns) => {
    const { code, output } = await command.run(`${verb} --help`, { columns });
    expect(code).toBe(0);
    expect(output.split('\n').filter((line) => line.length > columns)).toEqual([]);
    expect(output).toContain('Examples:');
  });
});

test.each(aboutTask)('%s of a task that is not there', async (verb) => {
  const typed = (TYPED[verb] ?? '').replace(' WAS', ' WSA');
  const { code, output, errors } = await command.run(typed);
  expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
  expect(errors).toMatch(/^The stack stack knows no task WSA\.\nDid you mean WAS\?/);
});

test('a verb that is not there', async () => {
  const { code, errors } = await command.run('deplyo WAS');
  expect({ code, errors }).toEqual({
    code: EXIT.usage,
    errors: 'There is no verb deplyo.\nDid you mean deploy? See bluegreen --help.\n',
  });
});

test.each([
  ['upload WAS package.json --name a --name b --yes', /^--name is given more than once/],
  ['upload WAS package.json --name.x=1 --yes', /^name has a value that is no text/],
  ['status WAS --region a --region b', /^--region is given more than once/],
  ['status WAS --region a,b', /^Region not accepted/],
  ['replay --from 1h --from 2h --yes', /^--from is given more than once/],
  ['replay --from 99999999999d --yes', /^--from 99999999999d is longer ago than anything is kept/],
  ['status a\ud800', /^task has a value that is no text/],
])('%s is answered by a sentence', async (typed, said) => {
  const { code, output, errors } = await command.run(typed);
  expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
  expect(errors).toMatch(said);
});

test('a task of another stack is none of this one, and nobody is told to take its groups over', async () => {
  const fleet = { task: 'OTHER', activeGroup: 'other-blue', standByGroup: 'other-green' };
  await world.beside('prod', { fleet });
  for (const verb of aboutTask) {
    const { code, output, errors } = await command.run((TYPED[verb] ?? '').replace(' WAS', ' OTHER'), { columns: 300 });
    expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
    expect(errors).toMatch(/^OTHER is no task of the stack stack: \S+ names the bucket prod-\S+\.\n/);
    expect(errors).not.toContain('aws ');
  }
});

test.each(verbs)('%s fits a pipe of 60 columns, and has no control characters', async (verb) => {
  for (const typed of [
    (TYPED[verb] ?? '').replace(' --yes', ''),
    `${verb} --nonsense`,
    `${TYPED[verb]} --stack stick`,
  ]) {
    const { output, errors } = await command.run(typed.replace(' WAS', ' W\u001bS'), { columns: 60 });
    const lines = (output + errors).split('\n');
    expect(lines.filter((line) => line.length > 60 && !line.startsWith('  '))).toEqual([]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  }
});

const TAKEN_BY: Record<string, string[]> = {
  '--timeout': ['deploy', 'rollback', 'upload', 'abort', 'clean', 'watch'],
  '--capacity': ['deploy'],
  '--limit': ['history'],
};

describe('what is no number is said before anything is asked of AWS', () => {
  const wrong = Object.entries(TAKEN_BY).flatMap(([option, takers]) =>
    takers.flatMap((verb) => ['abc', '0', '-1', '='].map((value) => [`${TYPED[verb]}`, option, value] as const)),
  );
  test.each(wrong)('%s %s %s', async (typed, option, value) => {
    const watching = option === '--timeout' && !typed.startsWith('watch') ? ' --watch' : '';
    const given = value === '=' ? `${option}=` : `${option} ${value}`;
    const { clientDefaults } = { clientDefaults: { endpoint: 'http://127.0.0.1:1', region: 'eu-central-1' } };
    const { code, output, errors } = await command.run(`${typed}${watching} ${given}`, { clientDefaults });
    expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
    expect(errors).toMatch(new RegExp(`^${option} is not a number of \\w+\\.\nGive it as ${option} \\d+, say\\.\n$`));
  });
});

test.each([
  'deploy WAS --yes --capacity',
  'deploy WAS --yes --version',
  'deploy WAS --yes --timeout --watch',
  'rollback WAS --to --yes',
  'upload WAS package.json --yes --name',
  'upload WAS package.json --commit --yes',
  'abort WAS --yes --reason',
  'watch WAS --timeout --json=false',
  'history WAS --limit',
  'replay --yes --from',
  'replay --from 1h --yes --to',
  'status --region --json=false',
  'status --profile',
  'status --stack',
  'status --stage',
  'status --stage=',
  'deploy WAS --yes --stack stack --region=',
])('%s says that a value is missing, and puts nothing', async (typed) => {
  const { code, output, errors } = await command.run(typed);
  expect({ code, output, story: world.story }).toEqual({ code: EXIT.usage, output: '', story: [] });
  const verb = typed.split(' ')[0];
  expect(errors).toMatch(new RegExp(`^--\\w+ has no value\\.\n[\\s\\S]*See bluegreen ${verb} --help\\.\n$`));
});

test.each([
  ['deploy', 'deploy needs a task', 'deploy WAS --watch'],
  ['upload', 'upload needs a task', 'upload WAS app.war --watch'],
  ['upload WAS', 'upload needs a file', 'upload WAS app.war --watch'],
  ['replay', 'replay needs --from', 'replay '],
  ['deploy WAS --version', '--version has no value', 'deploy WAS --watch'],
])('%s is answered with what is missing and how it is typed', async (typed, said, example) => {
  const { code, output, errors } = await command.run(typed);
  expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
  expect(errors.startsWith(`${said}.\nAs in:\n  bluegreen ${example}`)).toBe(true);
  expect(errors.endsWith(`\nSee bluegreen ${typed.split(' ')[0]} --help.\n`)).toBe(true);
});

test.each([
  ['help', '--help'],
  ['-h', '--help'],
  ['help deploy', 'deploy --help'],
  ['deploy -h', 'deploy --help'],
  ['deploy WAS -h', 'deploy --help'],
])('%s is %s', async (typed, same) => {
  const { code, output } = await command.run(typed);
  expect({ code, output }).toEqual({ code: 0, output: (await command.run(same)).output });
  expect(output).toContain('Everywhere:');
});

test('help of a verb that is not there names the nearest', async () => {
  expect((await command.run('help deplyo')).errors).toMatch(/^There is no verb deplyo\.\nDid you mean deploy\?/);
});

test.each([
  ['status --stage a --stage b', '--stage'],
  ['replay --from 1h --to now --to 5m --yes', '--to'],
  ['abort WAS --yes --reason one --reason two', '--reason'],
])('%s is given more than once', async (typed, option) => {
  const { code, errors } = await command.run(typed);
  expect({ code, errors }).toEqual({ code: EXIT.usage, errors: `${option} is given more than once.\nGive it once.\n` });
});

test('what comes next is told with the place that was given', async () => {
  const place = '--stack stack --region eu-central-1';
  const { errors } = await command.run(`watch WAS ${place}`);
  expect(errors).toBe(`Nothing was deployed of WAS yet.\nHow it stands:\n  bluegreen status WAS ${place}\n`);
});

test.each(['--stage prod status', '--region eu-central-1 --stack stick status WAS', '--json status --stack stick'])(
  '%s has its verb behind options',
  async (typed) => {
    const { screen } = await command.run(typed);
    expect(screen).toMatch(/There is no stack (bluegreen-prod|stick) in eu-central-1/);
  },
);

test('an option that is not there is answered with the nearest of the verb, also where a task is called as another', async () => {
  const { errors } = await command.run('--stack stack history deploy --limt 3');
  expect(errors).toMatch(/^There is no option --limt here\.\nDid you mean --limit\? See bluegreen history --help\.\n$/);
});

describe('in a terminal that is not English', () => {
  const before = process.env;
  beforeEach(() => {
    process.env = { ...before, LC_ALL: 'ko_KR.UTF-8', LC_MESSAGES: 'ko_KR.UTF-8', LANG: 'ko_KR.UTF-8' };
  });
  afterEach(() => {
    process.env = before;
  });

  test.each([
    ['status --limt 3', /^There is no option --limt here\.\n/],
    ['status WAS more', /^more is one word too many\.\n/],
    ['deploy', /^deploy needs a task\.\n/],
    ['replay', /^replay needs --from\.\n/],
    ['status --region', /^--region has no value\.\n/],
  ])('%s is answered as ever', async (typed, said) => {
    const { code, errors } = await command.run(typed);
    expect({ code, errors }).toEqual({ code: EXIT.usage, errors: expect.stringMatching(said) });
  });

  test('help is in one language', async () => {
    for (const typed of ['--help', 'deploy --help']) {
      expect((await command.run(typed)).output).not.toMatch(/\p{Script=Hangul}/u);
    }
  });
});

test('nothing at all', async () => {
  const { code, output } = await command.run([]);
  expect({ code, output }).toEqual({ code: EXIT.usage, output: '' });
});
