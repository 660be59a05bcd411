/** What leads to every mail that there is: the cases of all codes, and whatever else the product or its stack mails of. */
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { packagedTemplate } from '../../local/cloudformation/template';
import { REFUSALS } from '../faults/cases-refused';
import { FAILURES_OF_STEP_1 } from '../faults/cases-step-1';
import { FAILURES_OF_STEP_2 } from '../faults/cases-step-2';
import { CLASSIC, DENIED, deploy, type FailureCase, openScene, request, type Scene } from '../faults/failure-cases';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';
import { makeLoadBalancer } from '../harness/other-load-balancer';
import { alarmDescription } from '../stack/packaged';

export type MailCase = Pick<FailureCase, 'when' | 'fleet' | 'provoke' | 'endsWith'> & { code?: string };

export interface PrintedMail {
  /** The code that leads to it, where one does. */
  code: string | undefined;
  when: string;
  /** Of a mail without one, the first line of its text, which is its headline, without the quotes. */
  subject: string;
  hasSubject: boolean;
  body: string;
}

/** Plays a case in virtual time; long enough for everything that comes of it. */
export async function mailsOf({ code, when, fleet, provoke }: MailCase): Promise<PrintedMail[]> {
  const scene = await openScene(fleet);
  const { world } = scene;
  await provoke(scene);
  await world.clock.advance(3 * 3600);
  return world.aws.sns.mails.map(({ subject, body }) => ({
    code,
    when,
    subject: subject ?? (body.split('\n')[0] ?? '').replace(/^"|"$/g, ''),
    hasSubject: subject !== undefined,
    body,
  }));
}

/** What CloudWatch mails when an alarm of the stack rings is in its words; of ours are the name and the description. */
export function alarmMails(): PrintedMail[] {
  const { Resources } = packagedTemplate({ AdminEmails: 'admin@example.com' });
  return Object.entries(Resources).flatMap(([name, { Type, Properties = {} }]) =>
    Type === 'AWS::CloudWatch::Alarm'
      ? [
          {
            code: undefined,
            when: 'an alarm of the stack rings',
            subject: `ALARM: "bluegreen-dev-${name}-…" in …`,
            hasSubject: true,
            body: `(The words of CloudWatch, and among them:)\n\nAlarm description: ${alarmDescription(Properties.AlarmDescription)}\n`,
          },
        ]
      : [],
  );
}

/** What the mails look like where nothing fails, where it is not a code that tells, or where it takes long to fail. */
const OTHERS: MailCase[] = [
  {
    when: 'everything is well',
    provoke: ({ world }) => world.upload('app.war', { version: '2' }),
  },
  {
    code: '418',
    when: 'an operator aborts after Active is detached',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('Step2Passed');
      await world.clock.advance(5);
      await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    code: '418',
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
    code: '414',
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
    when: 'an instance of Active is registered elsewhere by hand, and an operator cleans',
    async provoke({ world, operator }) {
      const [place = ''] = await makeLoadBalancer(world);
      const [id = ''] = await operator.instanceIds(world.fleet.activeGroup);
      await operator.register(place, [id]);
      await world.upload('app.war', { version: '2' });
      await world.until('Completed');
      await world.clock.advance(120);
      await world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    code: '418',
    when: 'there is nothing to abort',
    provoke: ({ world }) => world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'an operator cleans without a deployment',
    provoke: ({ world }) => world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' }),
  },
  {
    when: 'the watchdog cannot read a record',
    provoke: damageRecord,
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
    ([code, operation, fleet]): MailCase => ({
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

/** What the clean-up of a failed deployment leaves to an operator. */
async function block(scene: Scene): Promise<void> {
  await deploy(scene, 'Step2Passed');
  // As often as clean-up goes forward, and once before that: then somebody gives the permission back.
  scene.operator.failCalls('CreateOrUpdateTags', 'AccessDenied', { ...DENIED, times: 3, of: 'swap' });
  await scene.world.until('Cleaned');
  await scene.world.clock.advance(60);
}

async function complete({ world }: Scene): Promise<void> {
  await world.until('Completed', { after: world.events.length });
  await world.clock.advance(120);
}

async function damageRecord({ world }: Scene): Promise<void> {
  const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body: '{"schemaVersion":1' };
  await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(record)));
}

/** What people meet in the course of a day. */
const BESIDE: MailCase[] = [
  {
    code: '401',
    when: 'a deployment runs',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      await scene.world.clock.advance(30);
      await request(scene);
    },
  },
  {
    code: '401',
    when: 'the last deployment is left to an operator',
    async provoke(scene) {
      await block(scene);
      await request(scene);
    },
  },
  {
    code: '401',
    when: 'the record of the task is damaged',
    async provoke(scene) {
      await damageRecord(scene);
      await request(scene);
    },
  },
  {
    code: '418',
    when: 'an operator aborts what clean-up was left to decide',
    async provoke(scene) {
      await block(scene);
      await scene.world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    code: '414',
    when: 'an operator misspells how to abort',
    provoke: ({ world }) => world.put('AbortRequested', { task: 'WAS', because: 'the wrong war' }),
  },
  {
    code: '414',
    when: 'there is nothing to go back to',
    provoke: (scene) => request(scene, { versions: 'previous' }),
  },
  {
    when: 'an operator goes back, and what was rolled back is held',
    async provoke(scene) {
      await deploy(scene, 'Completed');
      await scene.world.clock.advance(120);
      await request(scene, { versions: 'previous' });
      await complete(scene);
      await request(scene);
    },
  },
  {
    when: 'two wars that belong together are uploaded',
    fleet: { warKeys: ['app.war', 'admin.war'] },
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.upload('admin.war', { version: '2' });
    },
  },
  {
    when: 'Active was taken to 0 in an emergency, and a deployment is asked for',
    async provoke(scene) {
      await scene.operator.setSize('was-blue', 0, 0, 2);
      await scene.world.clock.advance(300);
      await request(scene, { capacity: 2 });
    },
  },
  {
    when: 'an operator aborts, and gives up the upload that waits',
    async provoke({ world }) {
      await world.upload('app.war', { version: '2' });
      await world.until('DummyAttached');
      await world.upload('app.war', { version: '3' });
      await world.until('Postponed');
      await world.put('AbortRequested', { task: 'WAS', requestedBy: 'jane', dropPending: true });
    },
  },
  {
    when: 'an operator frees a task that was left to one',
    async provoke(scene) {
      await block(scene);
      await scene.world.put('CleanRequested', { task: 'WAS', requestedBy: 'jane' });
    },
  },
  {
    code: 'T999',
    when: 'a function breaks off on every attempt',
    async provoke(scene) {
      await deploy(scene, 'DummyAttached');
      scene.operator.failCalls('PutObject', 'InternalFailure', { status: 500, of: 'check-dummy' });
    },
  },
  {
    when: 'dead letters lie unread',
    async provoke({ world }) {
      const QueueUrl = world.stack.resources.get('RuleDeadLetters')?.physicalId;
      const letter = new SendMessageCommand({ QueueUrl, MessageBody: 'undeliverable' });
      await world.clock.run(new SQSClient(world.aws.operator).send(letter));
    },
  },
  {
    when: 'a permission is missing to remove what CodeDeploy leaves behind',
    async provoke({ world, operator }) {
      const fleet = await CodeDeployFleet.open(world);
      operator.failCalls('DeleteAutoScalingGroup', 'AccessDenied', DENIED);
      await fleet.fail('installation');
    },
  },
];

export const CASES: readonly MailCase[] = distinct([
  ...REFUSALS,
  ...FAILURES_OF_STEP_1,
  ...FAILURES_OF_STEP_2,
  ...OTHERS,
  ...BESIDE,
]);

/** An action that fails after it took effect is mailed as one that fails before. */
function distinct(cases: readonly MailCase[]): MailCase[] {
  const byName = new Map<string, MailCase>();
  for (const one of cases) {
    const when = one.when.replace(/ (before|after) it took effect/, '');
    const name = `${one.code} ${when}`;
    if (!byName.has(name)) byName.set(name, { ...one, when });
  }
  return [...byName.values()];
}

/** Every code that a mail may come of. */
export const CODES = [...new Set(CASES.flatMap(({ code, endsWith }) => [code ?? [], endsWith ?? []].flat()))].sort();
