/** The stack's parameters: what would end in a record that nobody can read is refused before anything is deployed. */

import * as z from 'zod/mini';
import { packagedTemplate } from '../../local/cloudformation/template';
import { number, readConfiguration } from '../../shared/aws/configuration';

/** What serverless.yml asks for each parameter's value by, as the packager calls it. */
const lists: (framework: { resolveVariable(name: string): Promise<unknown> }) => Promise<Record<string, unknown>> =
  require('../../stack/lists.cjs');

const DEFAULTS: Record<string, unknown> = {
  'sls:stage': 'dev',
  CodeDeployCleanUp: 'on',
  AdminEmails: '',
  WarBuckets: '',
  CodeDeployTopicArn: '',
  CodeDeployMinimumAgeSeconds: 3600,
  CheckIntervalSeconds: 10,
  CycleSeconds: 210,
  Repetitions: 2,
  ProvisioningLimitSeconds: 600,
  RepublishAfterSeconds: 45,
  ArchiveRetentionDays: 30,
  HistoryRetentionDays: 0,
  LogRetentionDays: 90,
};

/** The parameter is a text, as `--param` gives it. */
function resolved(parameters: Record<string, string>): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...DEFAULTS, ...parameters };
  return lists({ resolveVariable: async (name) => values[name.replace('param:', '')] ?? {} });
}

test.each([
  ['Repetitions', '2.5', '1 to 9'],
  ['Repetitions', '0', '1 to 9'],
  ['Repetitions', '10', '1 to 9'],
  ['Repetitions', '', '1 to 9'],
  ['Repetitions', ' 2', '1 to 9'],
  ['CycleSeconds', '60.5', '1 to 3600'],
  ['CycleSeconds', '0', '1 to 3600'],
  ['CheckIntervalSeconds', '901', '0 to 900'],
  ['CheckIntervalSeconds', '-1', '0 to 900'],
  ['ProvisioningLimitSeconds', '10 minutes', '1 to 7200'],
  ['RepublishAfterSeconds', '0', '1 to 240'],
  ['RepublishAfterSeconds', 'Infinity', '1 to 240'],
  ['CodeDeployMinimumAgeSeconds', '0x10', '0 to 86400'],
])('%s = %j is refused, with what it may be, in one line', async (parameter, value, range) => {
  await expect(resolved({ [parameter]: value })).rejects.toThrow(
    new Error(`parameter ${parameter} is not a whole number from ${range}: ${value}`),
  );
});

test.each(['', 'true', 'On'])('CodeDeployCleanUp = %j is neither on nor off', async (value) => {
  await expect(resolved({ CodeDeployCleanUp: value })).rejects.toThrow(
    new Error(`parameter CodeDeployCleanUp is neither on nor off: ${value}`),
  );
});

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

test('a stage is refused whose names would be too long, and none that fits', async () => {
  const { Resources } = packagedTemplate();
  const names = Object.values(Resources).flatMap(({ Properties }) =>
    [Properties?.FunctionName, Properties?.Name].filter((name) => typeof name === 'string'),
  );
  const longest = Math.max(...names.filter((name) => name.includes('-dev')).map((name) => name.length));
  const fits = 'x'.repeat(LONGEST_NAME - longest + 'dev'.length);
  await expect(resolved({ 'sls:stage': `${fits}x` })).rejects.toThrow(
    new Error(`the stage has 1 to ${fits.length} letters, digits and hyphens: ${fits}x`),
  );
  await expect(resolved({ 'sls:stage': fits })).resolves.toBeDefined();
});

test.each(['', 'a b', 'a.b', 'a_b', 'ä'])('%j is no name of a stage', async (stage) => {
  await expect(resolved({ 'sls:stage': stage })).rejects.toThrow(/^the stage has 1 to \d+ letters/);
});

test('logs are kept for as long as CloudWatch knows', async () => {
  await expect(resolved({ LogRetentionDays: '31' })).rejects.toThrow(
    /^parameter LogRetentionDays is not one of 1, 3, .*: 31$/,
  );
  expect(await resolved({ LogRetentionDays: '365' })).toMatchObject({ logRetentionDays: 365 });
});

test('the bounds themselves are in range', async () => {
  expect(await resolved({ CheckIntervalSeconds: '0', Repetitions: '9' })).toMatchObject({
    checkIntervalSeconds: 0,
    repetitions: 9,
  });
});

test('the packager says so, and packages nothing', () => {
  expect(() => packagedTemplate({ Repetitions: '2.5' })).toThrow(
    'parameter Repetitions is not a whole number from 1 to 9: 2.5',
  );
});

test.each(['2.5', '-1', '', ' ', '1e3', '0x10', 'Infinity', '9007199254740993', 'two'])(
  'no function begins with %j for a number, however it came there',
  (value) => {
    const schema = z.object({ REPETITIONS: number });
    expect(() => readConfiguration(schema, { REPETITIONS: value })).toThrow(/REPETITIONS/);
    expect(readConfiguration(schema, { REPETITIONS: '2' })).toEqual({ REPETITIONS: 2 });
  },
);
