/** The stack's parameters: where their values come from, and that what cannot be right is refused before anything is deployed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { packagedTemplate } from '../../local/cloudformation/template';
import { number, readConfiguration } from '../../shared/aws/configuration';
import { parameterTable } from '../tools/parameter-table';

interface Asked {
  folder: string;
  stage: string;
  region?: string | null;
  param?: (string | null)[] | null;
}

const {
  readParameters,
}: { readParameters(asked: Asked): { values: Record<string, unknown>; given: Map<string, string> } } =
  require('../../stack/given.cjs');

test('with CodeDeployCleanUp = off nothing of CodeDeploy invokes the function', () => {
  const { Resources } = packagedTemplate({ CodeDeployCleanUp: 'off' });
  const invoking = Object.values(Resources).filter((resource) =>
    /[Cc]ode[Dd]eploy.*[Cc]lean/.test(JSON.stringify(resource)),
  );
  const rules = invoking.filter(({ Type }) => Type === 'AWS::Events::Rule').map(({ Properties }) => Properties?.State);
  expect(rules).toEqual(['DISABLED', 'DISABLED']);
  expect(Object.values(Resources).filter(({ Type }) => Type === 'AWS::SNS::Subscription')).toEqual([]);
});

/** The longest that a name of the kind may be: Lambda, CreateFunction; EventBridge, PutRule. */
const LONGEST_NAME = 64;

test('a stage is refused whose names would be too long, and none that fits', () => {
  const { Resources } = packagedTemplate();
  const named = Object.values(Resources).filter(({ Type }) => /^AWS::(Lambda::Function|Events::\w+)$/.test(Type));
  const names = named.flatMap(({ Properties }) =>
    [Properties?.FunctionName, Properties?.Name].filter((name) => typeof name === 'string'),
  );
  const longest = Math.max(...names.filter((name) => name.includes('-dev')).map((name) => name.length));
  const fits = 'x'.repeat(LONGEST_NAME - longest + 'dev'.length);
  expect(() => readParameters({ folder, stage: `${fits}x` })).toThrow(
    new Error(`the stage has 1 to ${fits.length} letters, digits and hyphens: ${fits}x`),
  );
  expect(readParameters({ folder, stage: fits }).values).toBeDefined();
});

test.each(['', 'a b', 'a.b', 'a_b', 'ä', '../x'])('%j is no name of a stage', (stage) => {
  expect(() => readParameters({ folder, stage })).toThrow(/^the stage has 1 to \d+ letters/);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stages-'));
  mkdirSync(join(folder, 'deploy'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'deploy', name), text);
}

/** The values of the stage `prod`, with these on the command line. */
function values(...param: string[]): Record<string, unknown> {
  return readParameters({ folder, stage: 'prod', param }).values;
}

describe('a value comes', () => {
  test('from the command line, else from the file of the stage, else it is the default', () => {
    write('prod.yml', 'CycleSeconds: 60\nRepetitions: 3\n');
    write('dev.yml', 'CheckIntervalSeconds: 1\n');
    expect(values('Repetitions=4')).toMatchObject({ Repetitions: 4, CycleSeconds: 60, CheckIntervalSeconds: 10 });
  });

  test('for a region from --region, else from the file', () => {
    write('prod.yml', 'Region: eu-central-1\n');
    expect(values()).toMatchObject({ Region: 'eu-central-1' });
    const { values: byOption } = readParameters({ folder, stage: 'prod', region: 'eu-west-1', param: null });
    expect(byOption).toMatchObject({ Region: 'eu-west-1' });
  });

  test.each([
    ['one that is a text', 'Repetitions: "3"', { Repetitions: 3 }],
    [
      'a list of YAML',
      'AdminEmails: [a@example.com, b@example.com]',
      { AdminEmails: ['a@example.com', 'b@example.com'] },
    ],
    ['blanks and a comma too many', 'WarBuckets: " a-b , c-d, "', { WarBuckets: ['a-b', 'c-d'] }],
    ['one that is named twice', 'WarBuckets: a-b,a-b', { WarBuckets: ['a-b'] }],
    ['none, which is meant', 'AdminEmails: none', { AdminEmails: [] }],
    [
      'a language and a time zone',
      'MailLanguage: ko\nTimeZone: Asia/Seoul',
      { MailLanguage: 'ko', TimeZone: 'Asia/Seoul' },
    ],
    ['comments alone', '# nothing\n', { AdminEmails: [], Repetitions: 2 }],
    ['nothing', '', { AdminEmails: [], Repetitions: 2 }],
  ])('from a file with %s', (_, text, expected) => {
    write('prod.yml', text);
    expect(values()).toMatchObject(expected);
  });

  test.each([' 2', '2 '])('without the blanks around it: %j', (text) => {
    expect(values(`Repetitions=${text}`)).toMatchObject({ Repetitions: 2 });
  });

  test('at the bounds of its range, too', () => {
    expect(values('CheckIntervalSeconds=0', 'Repetitions=9')).toMatchObject({
      CheckIntervalSeconds: 0,
      Repetitions: 9,
    });
    expect(values('LogRetentionDays=365')).toMatchObject({ LogRetentionDays: 365 });
  });

  test('and it is known which were given', () => {
    write('prod.yml', 'AdminEmails: none\n');
    const { given } = readParameters({ folder, stage: 'prod', param: ['Repetitions=2'] });
    expect(Object.fromEntries(given)).toEqual({ AdminEmails: 'none', Repetitions: '2' });
  });
});

describe('one line refuses', () => {
  test.each([
    ['Repetitions', '2.5', '1 to 9'],
    ['Repetitions', '0', '1 to 9'],
    ['Repetitions', '10', '1 to 9'],
    ['CycleSeconds', '60.5', '1 to 3600'],
    ['CycleSeconds', '0', '1 to 3600'],
    ['CheckIntervalSeconds', '901', '0 to 900'],
    ['CheckIntervalSeconds', '-1', '0 to 900'],
    ['ProvisioningLimitSeconds', '10 minutes', '1 to 7200'],
    ['RepublishAfterSeconds', '0', '1 to 240'],
    ['RepublishAfterSeconds', 'Infinity', '1 to 240'],
    ['CodeDeployMinimumAgeSeconds', '0x10', '0 to 86400'],
    ['ArchiveRetentionDays', '0', '1 to 365'],
    ['ArchiveRetentionDays', '366', '1 to 365'],
    ['ArchiveRetentionDays', '2.5', '1 to 365'],
    ['ArchiveRetentionDays', 'for ever', '1 to 365'],
    ['HistoryRetentionDays', '-1', '0 to 36500'],
    ['HistoryRetentionDays', '1e3', '0 to 36500'],
  ])('%s = %j, with what it may be', (parameter, value, range) => {
    const problem = `parameter ${parameter} is not a whole number from ${range}: ${value}`;
    expect(() => values(`${parameter}=${value}`)).toThrow(new Error(`${problem} (command line)`));
    write('prod.yml', `${parameter}: ${/^0x|\de\d/.test(value) ? `"${value}"` : value}`);
    expect(() => values()).toThrow(new Error(`${problem} (deploy/prod.yml)`));
  });

  test.each([
    ['LogRetentionDays=31', /^parameter LogRetentionDays is not one of 1, 3, .*: 31 \(command line\)$/],
    [
      'AdminEmails=ops',
      /^parameter AdminEmails has an item that is not an e-mail address, "ops": ops \(command line\)$/,
    ],
    ['AdminEmails=none,a@example.com', /not an e-mail address, "none"/],
    ['AdminEmails=a@example.com;b@example.com', /not an e-mail address/],
    ['WarBuckets=My-Bucket', /^parameter WarBuckets has an item that is not the name of a bucket, "My-Bucket"/],
    ['WarBuckets=10.0.0.1', /not the name of a bucket/],
    ['WarBuckets=,', /^parameter WarBuckets names nothing: , \(command line\)$/],
    ['CodeDeployTopicArn=ended', /^parameter CodeDeployTopicArn is not the ARN of a topic of SNS/],
    ['CodeDeployTopicArn=arn:aws:sns:us-east-1:123456789012:ended.fifo', /that is not FIFO: arn/],
    [
      'CodeDeployTopicArn=arn:aws:sns:eu-west-1:123456789012:ended',
      /is of another region than the stack, .* us-east-1/,
    ],
    ['MailLanguage=de', /^parameter MailLanguage is not one of en, ko: de \(command line\)$/],
    [
      'TimeZone=Seoul',
      /^parameter TimeZone is not the name of a time zone, such as Asia\/Seoul: Seoul \(command line\)$/,
    ],
    ['TimeZone=+09:00', /is not the name of a time zone/],
    ['TimeZone=KST', /is not the name of a time zone/],
    ['DocumentationUrl=docs', /^parameter DocumentationUrl is not an address like https:\S+: docs \(command line\)$/],
    ['DocumentationUrl=https://example.com/a b', /is not an address like/],
    ['Region=Frankfurt', /^parameter Region is not a region: Frankfurt \(command line\)$/],
    [
      'Repetitions=',
      /^parameter Repetitions has no value that is a text, a number, or a list of texts \(command line\)$/,
    ],
    ['AdminEmails', /^--param is NAME=VALUE, not "AdminEmails"$/],
    ['adminEmail=none', /^parameter adminEmail is not known \(command line\): did you mean AdminEmails\?$/],
    ['WARBUCKETS=a-b', /did you mean WarBuckets\?$/],
    ['toString=a', /^parameter toString is not known/],
  ])('--param %s', (param, problem) => {
    expect(() => values(param)).toThrow(problem);
  });

  test('what is given twice', () => {
    const twice = 'parameter Repetitions is given twice (command line)';
    expect(() => values('Repetitions=2', 'Repetitions=2')).toThrow(new Error(twice));
    const both = { folder, stage: 'prod', region: 'eu-west-1', param: ['Region=eu-west-2'] };
    expect(() => readParameters(both)).toThrow(new Error('parameter Region is given twice (command line)'));
  });

  test.each([
    ['AdminEmails: [', /^deploy\/prod\.yml cannot be read, line \d: .+$/],
    ['Repetitions: 2\nRepetitions: 3\n', /^deploy\/prod\.yml cannot be read, line 2: Map keys must be unique$/],
    ['- AdminEmails\n', /^deploy\/prod\.yml has no lines like "AdminEmails: ops@example\.com"$/],
    ['AdminEmails=none\n', /^deploy\/prod\.yml has no lines like/],
    ['AdminEmails:\n', /^parameter AdminEmails has no value that is .* \(deploy\/prod\.yml\)$/],
    ['AdminEmails: []\n', /^parameter AdminEmails has no value that is .* \(deploy\/prod\.yml\)$/],
    ['Repetitions: true\n', /^parameter Repetitions has no value that is/],
    ['adminemails: none\n', /^parameter adminemails is not known \(deploy\/prod\.yml\): did you mean AdminEmails\?$/],
  ])('a file with %j', (text, problem) => {
    write('prod.yml', text);
    expect(() => values()).toThrow(problem);
  });

  test.each(['prod.yaml', 'Prod.yml'])('a file that is called %s, and would not be read', (name) => {
    write(name, 'AdminEmails: none\n');
    expect(() => values()).toThrow(new Error(`deploy/${name} is not read: call it deploy/prod.yml`));
  });

  test('everything that is out of its range', () => {
    expect(() => values('Repetitions=0', 'CycleSeconds=0')).toThrow(
      /^parameter CycleSeconds .*; parameter Repetitions .*$/,
    );
  });
});

test('the packager says so in one line, without a stack, and packages nothing', () => {
  const problem = 'parameter Repetitions is not a whole number from 1 to 9: 2.5 (command line)';
  let said = '';
  try {
    packagedTemplate({ Repetitions: '2.5' });
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said.split('\n').filter((line) => line.includes('parameter'))).toEqual([problem]);
  expect(said).not.toMatch(/^ +at /m);
});

test('the stage that is there to begin with mails nobody, and says so', () => {
  const { values: shipped, given } = readParameters({ folder: process.cwd(), stage: 'dev' });
  expect({ given: [...given.keys()], AdminEmails: shipped.AdminEmails }).toEqual({
    given: ['AdminEmails'],
    AdminEmails: [],
  });
});

test('the page of parameters has every one, as the code has it', () => {
  expect(readFileSync('docs/parameters.md', 'utf8')).toContain(parameterTable());
});

test.each(['2.5', '-1', '', ' ', '1e3', '0x10', 'Infinity', '9007199254740993', 'two'])(
  'no function begins with %j for a number, however it came there',
  (value) => {
    const schema = z.object({ REPETITIONS: number });
    expect(() => readConfiguration(schema, { REPETITIONS: value })).toThrow(/REPETITIONS/);
    expect(readConfiguration(schema, { REPETITIONS: '2' })).toEqual({ REPETITIONS: 2 });
  },
);
