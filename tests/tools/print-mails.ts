/** `npm run mails`: prints every mail that is sent, from real runs in virtual time, to be read as its reader does. */
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { endWithReader, parseOptions, runProgram } from '../../local/terminal/command-line';
import { wrap } from '../../local/terminal/lines';
import { REFUSALS } from '../faults/cases-refused';
import { FAILURES_OF_STEP_1 } from '../faults/cases-step-1';
import { FAILURES_OF_STEP_2 } from '../faults/cases-step-2';
import { CLASSIC, type FailureCase, openScene, request } from '../faults/failure-cases';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';

type PrintedCase = Pick<FailureCase, 'when' | 'fleet' | 'provoke' | 'endsWith'> & { code?: string };

/** What the mails look like where nothing fails, where it is not a code that tells, or where it takes long to fail. */
const OTHERS: PrintedCase[] = [
  {
    when: 'everything is well',
    provoke: ({ world }) => world.upload('app.war', { version: '2' }),
  },
  {
    when: 'an operator aborts after Active is detached',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('Step2Passed');
      await world.clock.advance(5);
      await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    when: 'an operator cleans while a deployment runs',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('DummyAttached');
      await world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    when: 'an upload waits for the running deployment, which is aborted',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('DummyAttached');
      await world.upload('app.war', { version: '3' });
      await world.until('Postponed');
      await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', reason: 'the wrong war' });
    },
  },
  {
    when: 'an operator misspells what he asks for',
    async provoke({ world }) {
      await world.put('DeployRequested', { task: 'WAS', version: 'previous' });
      await world.put('DeployRequest', { task: 'WAS' });
    },
  },
  {
    when: 'the record of a running deployment is deleted, and an operator cleans',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('Step1Passed');
      const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
      await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(record)));
      await world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    when: 'there is nothing to abort',
    provoke: ({ world }) => world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'an operator cleans without a deployment',
    provoke: ({ world }) => world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'the watchdog cannot read a record',
    provoke: ({ world }) => {
      const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body: '{"schemaVersion":1' };
      return world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(record)));
    },
  },
  {
    code: '411',
    when: 'somebody disabled a rule of the pipeline',
    async provoke(scene) {
      const { clock, aws, stack } = scene.world;
      const [EventBusName, Name] = stack.resources.get('CheckPendingRule')?.physicalId.split('|') ?? [];
      await clock.run(new EventBridgeClient(aws.operator).send(new DisableRuleCommand({ Name, EventBusName })));
      await request(scene);
    },
  },
  {
    code: 'T014',
    when: 'no event reaches attach-real',
    async provoke({ world }) {
      world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.includes('attach-real') ? [] : [0.5]);
      await world.upload('app.war', { version: '2' });
    },
  },
  ...(
    [
      ['T003', 'DeleteLoadBalancer', CLASSIC],
      ['T005', 'DeleteLoadBalancer', undefined],
      ['T006', 'DeleteTargetGroup', undefined],
    ] as const
  ).map(
    ([code, operation, fleet]): PrintedCase => ({
      code,
      fleet,
      when: 'a clone cannot be deleted for want of a permission',
      async provoke({ world, operator }) {
        operator.failCalls(operation, 'AccessDenied', { status: 403 });
        await world.upload('app.war', { version: '2' });
      },
    }),
  ),
  {
    when: 'CodeDeploy leaves a copy behind that nobody uses',
    provoke: async ({ world }) => (await CodeDeployFleet.open(world)).fail('installation'),
  },
  {
    when: 'CodeDeploy leaves a copy behind that serves',
    provoke: async ({ world }) => (await CodeDeployFleet.open(world)).fail('deregistration'),
  },
];

const CASES: PrintedCase[] = [...REFUSALS, ...FAILURES_OF_STEP_1, ...FAILURES_OF_STEP_2, ...OTHERS];
const CODES = [...new Set(CASES.flatMap(({ code, endsWith }) => [code ?? [], endsWith ?? []].flat()))].sort();

const PROGRAM = {
  command: 'npm run mails',
  usage: `npm run mails [-- CODE]

Prints every mail that is sent, from real runs in virtual time; with a code only
the mails of what leads to it:

${wrap(CODES.join(' '), 80).join('\n')}
`,
  /** The code that is asked for. */
  readOptions(args: string[]): string | undefined {
    const [code] = args.filter((arg) => !arg.startsWith('-'));
    parseOptions(code === undefined ? args : args.toSpliced(args.indexOf(code), 1), {});
    if (code !== undefined && !CODES.includes(code)) {
      throw new Error(`no mail comes of the code "${code}"`);
    }
    return code;
  },
};

async function main(wanted: string | undefined): Promise<number> {
  endWithReader();
  const known = new Set<string>();
  for (const { code, endsWith, when, fleet, provoke } of CASES) {
    const what = `${code} ${when.replace(/ (before|after) it took effect/, '')}`;
    if (wanted ? [code, endsWith].includes(wanted) : !known.has(what)) {
      await print(code === undefined ? when : `${code}, where ${when}`, fleet, provoke);
    }
    known.add(what);
  }
  return 0;
}

async function print(title: string, fleet: FailureCase['fleet'], provoke: FailureCase['provoke']): Promise<void> {
  const scene = await openScene(fleet);
  const { world } = scene;
  await provoke(scene);
  await world.clock.advance(3 * 3600);
  for (const { subject = '(the first line of the body)', body } of world.aws.sns.mails) {
    process.stdout.write(`${'='.repeat(100)}\n[${title}]\nSubject: ${subject}\n\n${body}\n\n`);
  }
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
