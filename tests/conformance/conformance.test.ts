import { setTimeout } from 'node:timers/promises';
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { ListApplicationsCommand } from '@aws-sdk/client-codedeploy';
import { DescribeLoadBalancersCommand as DescribeClassicLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing';
import { DescribeLoadBalancersCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListArchivesCommand, ListEventBusesCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { AwsError, type Interceptor } from '../../local/kernel/service';
import type { ConformanceCase, Section } from './case';
import { runCommand } from './command';
import { type Clients, clientsOf, type Sleep } from './context';
import { type Embedded, startEmbedded } from './embedded';
import { createGroup, createTargetGroup } from './fleet';
import { ACCOUNT, EMBEDDED } from './given';
import { readOptions, USAGE } from './options';
import { json, resultLines, tableLines } from './report';
import { type Result, runTable } from './runner';
import { TABLE } from './table';

const opened: { embedded: Embedded; clients: Clients }[] = [];
const defects: unknown[] = [];

afterAll(() => {
  for (const { embedded, clients } of opened) {
    for (const client of Object.values(clients)) client.destroy();
    embedded.close();
  }
  expect(defects).toEqual([]);
});

async function open() {
  const embedded = await startEmbedded((defect) => void defects.push(defect));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clients = clientsOf({ endpoint: embedded.url, region: 'eu-central-1', credentials });
  opened.push({ embedded, clients });
  return { embedded, clients, place: { clients, given: EMBEDDED, sleep: embedded.sleep } };
}

/** What the command prints, and its exit code. */
async function command(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const printed = { output: '', errors: '' };
  const code = await runCommand(args, {
    environment,
    output: (text) => {
      printed.output += text;
    },
    errors: (text) => {
      printed.errors += text;
    },
  });
  return { code, ...printed };
}

/** The names of everything that is there, of the kinds that cases make. */
async function everything({ autoScaling, loadBalancing, classicLoadBalancing, ...others }: Clients) {
  const { s3, sqs, sns, eventBridge, codeDeploy } = others;
  const groups = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const loadBalancers = await loadBalancing.send(new DescribeLoadBalancersCommand({}));
  const targetGroups = await loadBalancing.send(new DescribeTargetGroupsCommand({}));
  const classic = await classicLoadBalancing.send(new DescribeClassicLoadBalancersCommand({}));
  return [
    groups.AutoScalingGroups?.map(({ AutoScalingGroupName }) => AutoScalingGroupName),
    loadBalancers.LoadBalancers?.map(({ LoadBalancerName }) => LoadBalancerName),
    targetGroups.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName),
    classic.LoadBalancerDescriptions?.map(({ LoadBalancerName }) => LoadBalancerName),
    (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
    (await sqs.send(new ListQueuesCommand({}))).QueueUrls,
    (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn }) => TopicArn),
    (await eventBridge.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name),
    (await eventBridge.send(new ListRulesCommand({}))).Rules?.map(({ Name }) => Name),
    (await eventBridge.send(new ListArchivesCommand({}))).Archives?.map(({ ArchiveName }) => ArchiveName),
    (await codeDeploy.send(new ListApplicationsCommand({}))).applications,
  ].flatMap((names) => names ?? []);
}

describe('the whole table, against the embedded AWS over HTTP', () => {
  let results: Result[];
  let clients: Clients;
  beforeAll(async () => {
    const opening = await open();
    clients = opening.clients;
    results = await runTable(TABLE, opening.place);
  });

  test('every case is ok: none fails, none is skipped', () => {
    expect(results.filter(({ outcome }) => outcome.is !== 'ok').map(resultLines)).toEqual([]);
    expect(results).toHaveLength(TABLE.flatMap(({ cases }) => cases).length);
  });

  test('nothing is left behind', async () => {
    expect(await everything(clients)).toEqual(['default']);
  });

  test('as JSON, results say what the table says', () => {
    const { endpoint, results: told } = JSON.parse(json('somewhere', results));
    expect(endpoint).toBe('somewhere');
    expect(told[0]).toEqual({
      service: 'Auto Scaling: attachments',
      ...{ name: results[0]?.case.name, source: results[0]?.case.source, needs: results[0]?.case.needs },
      outcome: 'ok',
    });
  });
});

/** Implementations that are wrong in one thing, and the case that finds it. */
const WRONG: [what: string, only: string, () => Interceptor][] = [
  [
    'writes over what is there in spite of If-None-Match',
    'If-None-Match',
    () => (call, proceed) => (call.operation === 'PutObject' ? proceed().catch(() => ({})) : proceed()),
  ],
  [
    'refuses to make again what is there',
    'target group made again',
    () => {
      let made = 0;
      return (call, proceed) => {
        if (call.operation === 'CreateTargetGroup') made += 1;
        if (call.operation !== 'CreateTargetGroup' || made === 1) return proceed();
        throw new AwsError('DuplicateTargetGroupName', 'it exists');
      };
    },
  ],
  [
    'calls a refusal by another name',
    'PutEvents takes 10',
    () => (_, proceed) =>
      proceed().catch(({ message }: AwsError) => {
        throw new AwsError('OtherException', message);
      }),
  ],
];

describe('an implementation that is wrong fails, and the command with it', () => {
  test.each(WRONG)('one that %s', async (_, only, wrong) => {
    const { embedded, clients } = await open();
    embedded.aws.endpoint.intercept(wrong());
    const { code, output, errors } = await command(['--endpoint', embedded.url, '--only', only]);
    expect(output).toMatch(/\n {2}FAILED {2}\S.*\n {10}\S/);
    expect(output).toContain('0 ok, 1 failed, 0 skipped');
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
    expect(await everything(clients)).toEqual(['default']);
  });
});

test('a case that fails midway leaves nothing behind, and one that cannot clean up says so', async () => {
  const { embedded, clients, place } = await open();
  const failing: ConformanceCase = {
    ...{ name: 'fails', source: 'none', needs: [] },
    async run(context) {
      await createGroup(context, { TargetGroupARNs: [await createTargetGroup(context)] });
      throw new Error('midway');
    },
  };
  const table: Section[] = [{ service: 'Test', cases: [failing] }];
  const [result] = await runTable(table, place);
  expect(result?.outcome).toEqual({ is: 'FAILED', reason: 'midway' });
  expect(await everything(clients)).toEqual(['default']);

  embedded.aws.endpoint.intercept((call, proceed) =>
    call.operation === 'DeleteTargetGroup' ? Promise.reject(new AwsError('OperationNotPermitted', 'no')) : proceed(),
  );
  const [again] = await runTable(table, place);
  expect(again?.outcome).toEqual({
    is: 'FAILED',
    reason: expect.stringMatching(
      /^midway\nnot cleaned up \(conformance-\w+-1-…\): OperationNotPermittedException: no$/,
    ),
  });
});

test('what is interrupted takes away what it made, and runs no other case', async () => {
  const { clients, place } = await open();
  const interruption = new AbortController();
  const interrupted: ConformanceCase = {
    ...{ name: 'waits', source: 'none', needs: [] },
    async run(context) {
      await createTargetGroup(context);
      setImmediate(() => interruption.abort(new Error('it was interrupted')));
      await context.sleep(3600);
    },
  };
  const table: Section[] = [{ service: 'Test', cases: [interrupted, interrupted] }];
  const sleep: Sleep = (seconds, signal) => setTimeout(seconds * 1000, undefined, { signal }); // an account's time
  const results = await runTable(table, { ...place, sleep, signal: interruption.signal });
  expect(results.map(({ outcome }) => outcome)).toEqual([{ is: 'FAILED', reason: 'it was interrupted' }]);
  expect(await everything(clients)).toEqual(['default']);
});

describe('what a case needs and is not given', () => {
  test('is told, and the case is skipped without a request', async () => {
    const { embedded, place } = await open();
    const requests: string[] = [];
    embedded.aws.endpoint.intercept((call, proceed) => {
      requests.push(call.operation);
      return proceed();
    });
    const cases = TABLE.flatMap((section) => section.cases).filter(({ needs }) => needs.includes('instances'));
    const results = await runTable([{ service: 'Some', cases }], { ...place, given: ACCOUNT });
    expect(results.map(({ outcome }) => outcome.is)).toEqual(cases.map(() => 'skipped'));
    expect(results[0]?.outcome).toMatchObject({ missing: cases[0]?.needs });
    expect(resultLines(results[0] as Result)).toMatch(
      /^ {2}skipped \S.*\n {10}needs network, launch template, instances/,
    );
    expect(requests).toEqual([]);
  });

  test('of an account nothing is taken for granted, of an endpoint what the local one has', () => {
    expect(readOptions(['--aws'], {})).toMatchObject({ target: { is: 'account' }, given: ACCOUNT });
    const endpoint = readOptions(['--endpoint', 'http://127.0.0.1:4566'], {});
    expect(endpoint).toMatchObject({ target: { is: 'endpoint' }, given: EMBEDDED });
    const given = [
      '--vpc',
      'v',
      '--subnets',
      'a,b',
      '--launch-template',
      't',
      '--instances',
      '--minutes',
      '--port',
      '80',
    ];
    expect(readOptions(['--aws', ...given], {}).given).toMatchObject({
      ...{ vpcId: 'v', subnetIds: ['a', 'b'], launchTemplateName: 't', port: 80 },
      ...{ mayLaunchInstances: true, mayTakeMinutes: true, mayCreateLoadBalancers: false },
    });
  });
});

describe('where it runs', () => {
  test('by itself against an embedded AWS of its own, whatever account the environment has', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'real', AWS_SECRET_ACCESS_KEY: 'real', AWS_REGION: 'us-east-1' };
    const { code, output } = await command(['--only', 'DescribeAccountLimits'], environment);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('Against an embedded AWS of its own'),
    });
    expect(output).toContain('1 ok, 0 failed, 0 skipped');
  });

  test('against AWS_ENDPOINT_URL, if it is set', async () => {
    const { embedded } = await open();
    const { code, output } = await command(['--json', '--only', 'Subject'], { AWS_ENDPOINT_URL: embedded.url });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ endpoint: embedded.url, results: [{ outcome: 'ok' }] });
  });

  test.each([
    [['--aws'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'leave one of them out'],
    [['--endpoint', 'nowhere'], {}, '--endpoint'],
    [['--speed', '0'], {}, '--speed'],
    [['--nonsense'], {}, '--nonsense'],
    [['--only', 'no such case'], {}, 'no case'],
  ])('%j with %j is not understood', async (args, environment, said) => {
    const { code, output, errors } = await command(args, environment);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(said);
  });
});

describe('what is printed', () => {
  const lines = (text: string) => text.split('\n');

  test('the table names each case once, with what it needs and where it is documented', async () => {
    const { code, output } = await command(['--list']);
    expect({ code, output }).toEqual({ code: 0, output: tableLines(TABLE) });
    for (const { service, cases } of TABLE) {
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
      expect(lines(output)).toContain(service);
    }
    expect(output).toContain('needs nothing beyond an account');
  });

  test('every line fits 80 columns', () => {
    const failed = { is: 'FAILED', reason: `${'word '.repeat(40)}\nsecond` } as const;
    const results = TABLE.flatMap(({ service, cases }) =>
      cases.map((one) => ({ service, case: one, outcome: failed })),
    );
    const printed = [USAGE, tableLines(TABLE), ...results.map(resultLines)].flatMap(lines);
    expect(printed.filter((line) => line.length > 80)).toEqual([]);
  });
});
