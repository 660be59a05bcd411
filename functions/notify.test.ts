/** Which events become mail, and that each becomes one mail however often it comes. */
import { existsSync, readFileSync } from 'node:fs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CATALOG } from '../events/catalog';
import { CRASH, MAILED } from '../shared/pipeline/flow';
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

let world: World;
beforeAll(async () => {
  world = await World.create();
});

function sampled(name: string): { DetailType: string; Detail: string } {
  const folder = `${__dirname}/../events/samples`;
  const file = [`${folder}/${name}.json`, `${folder}/pipeline/${name}.json`].find(existsSync) ?? name;
  return JSON.parse(readFileSync(file, 'utf8'))[0];
}

/** Puts a sample's event, changed, on the bus, and answers the mails that it makes. */
async function mailsOf(sample: string, changes: object = {}): Promise<string[]> {
  const entry = sampled(sample);
  const before = world.mails.length;
  await world.put(entry.DetailType, { ...JSON.parse(entry.Detail), ...changes });
  await world.clock.advance(10);
  return world.mails.slice(before);
}

const next = (() => {
  let seq = 100;
  return () => seq++;
})();

test.each([
  ['started', '[Deploy] Start(Task : WAS)'],
  ['completed', '[Success] Non-disruptive deployment(Task : WAS)'],
  ['check-pending', '[Deploy] Call Step 1-1(Task : WAS)'],
])('%s is mailed once, and a duplicate of it, an hour later too, not again', async (sample, subject) => {
  const seq = next();
  expect(await mailsOf(sample, { seq })).toEqual([subject]);
  expect(await mailsOf(sample, { seq })).toEqual([]);
  await world.clock.advance(3600);
  expect(await mailsOf(sample, { seq })).toEqual([]);
  expect(await mailsOf(sample, { seq, deploymentId: 'another' })).toEqual([subject]);
});

test('a refusal is mailed once per request and task', async () => {
  const subject = '[Failed] Deploy Start Failed(Task : WAS, errCode : 401)';
  expect(await mailsOf('refused')).toEqual([subject]);
  expect(await mailsOf('refused')).toEqual([]);
  expect(await mailsOf('refused', { requestId: 'another' })).toEqual([subject]);
  expect(await mailsOf('refused', { task: 'OTHER' })).toHaveLength(1);
});

test.each(['dummy-attached', 'real-attached', 'swapped', 'step-1-passed', 'step-2-passed', 'check-due'])(
  '%s makes no mail',
  async (sample) => {
    expect(await mailsOf(sample, { seq: next() })).toEqual([]);
  },
);

/** What notify said of events of this type. */
async function wordsOfNotify(detailType: string, detail: object): Promise<unknown[]> {
  const fresh = await World.quick();
  const before = fresh.aws.lambda.invocations.length;
  await fresh.put(detailType, detail);
  await fresh.clock.advance(10);
  const invocations = fresh.aws.lambda.invocations.slice(before);
  const heard = invocations.filter(
    (one) => one.function === 'notify' && (one.event as Record<string, unknown>)['detail-type'] === detailType,
  );
  const said = fresh.logs.filter((log) => log.function === 'notify').map(({ line }) => JSON.parse(line).message);
  return said.slice(0, heard.length);
}

test.each(Object.keys(CATALOG))('%s is mailed where the flow says so, and else is not heard of', async (detailType) => {
  const file = detailType.replace(/(?<=[a-z])(?=[A-Z0-9])|(?<=\d)(?=[A-Z])/g, '-').toLowerCase();
  const { cycle: _, ...detail } = JSON.parse(sampled(file).Detail);
  const isMailed = [...MAILED.always, ...MAILED.onceOnly].includes(detailType as never);
  const isMailedWithCycle = (MAILED.withCycle as readonly string[]).includes(detailType);
  expect(await wordsOfNotify(detailType, detail)).toEqual(isMailed ? ['mailed'] : []);
  expect(await wordsOfNotify(detailType, { ...detail, cycle: '1-1' })).toEqual(
    isMailed || isMailedWithCycle ? ['mailed'] : [],
  );
});

test('a look that is not the first of its cycle makes no mail', async () => {
  expect(await mailsOf('check-pending', { seq: next(), cycle: undefined })).toEqual([]);
});

test('a failure is mailed by its rule, without our code, as text that can be read', async () => {
  await mailsOf('failed', { seq: next() });
  const mail = world.aws.sns.mails.findLast(({ subject }) => subject === undefined)?.body ?? '';
  expect(mail).toMatch(/^"\[Failed\] Non-disruptive deployment\(errCode : T001, Task : WAS\)"\n/);
  // EventBridge keeps the quotes around the lines of a template; nothing else needs any.
  for (const line of mail.split('\n')) expect(line).toMatch(/^"[^"<>\\]+"$/);
});

describe('a crash', () => {
  /** Answers the subjects of what notify mails, which are not in quotes. */
  async function mailsOfCrash(detail: object, requestId: string, on = world): Promise<string[]> {
    const time = on.clock.now().toISOString();
    const requestPayload = { source: 'bluegreen', 'detail-type': 'DummyAttached', time, detail };
    const Detail = JSON.stringify({ requestContext: { requestId }, requestPayload });
    const entry = { EventBusName: on.stack.outputs.EventBusName, Source: 'lambda', DetailType: CRASH, Detail };
    const before = on.mails.length;
    await on.clock.run(new EventBridgeClient(on.aws.operator).send(new PutEventsCommand({ Entries: [entry] })));
    await on.clock.advance(200);
    return on.mails.slice(before).filter((subject) => subject.startsWith('[Failed]'));
  }

  const crashed = { task: 'WAS', deploymentId: '20300101T000000Z-000000' };
  const subject = '[Failed] Non-disruptive deployment(errCode : T999, Task : WAS)';

  test('is mailed once for the event that it is over, and takes the mail of no failure', async () => {
    const seq = next();
    expect(await mailsOfCrash({ ...crashed, seq }, 'r-1')).toEqual([subject]);
    expect(await mailsOfCrash({ ...crashed, seq }, 'r-2')).toEqual([]);
    const failure = { ...crashed, seq: seq + 1 };
    expect(await mailsOf('failed', failure)).toContain(
      '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)',
    );
  });

  test.each([
    ['an id that none has', { deploymentId: 'x'.repeat(3000), seq: 1 }],
    ['an id of half a character', { deploymentId: '\udc00', seq: 1 }],
    ['a number that none has', { seq: 0.5 }],
  ])('over an event with %s is mailed all the same', async (name, changes) => {
    const fresh = await World.quick({ entry: 'wire' });
    expect(await mailsOfCrash({ ...crashed, ...changes }, `of ${name}`, fresh)).toHaveLength(1);
  });
});

test('an event that does not fit its contract makes no mail, and a log line', async () => {
  expect(await mailsOf('started', { seq: 'one' })).toEqual([]);
  expect(JSON.parse(world.logs.at(-1)?.line ?? '')).toMatchObject({ message: 'ignored: nothing to mail' });
});

test('replayed, the events of a finished deployment mail nothing', async () => {
  const fresh = await World.quick();
  await fresh.upload('app.war', { version: '2' });
  await fresh.until('Completed');
  await fresh.clock.advance(1200);
  const mails = [...fresh.mails];
  await fresh.replay('everything');
  await fresh.clock.advance(600);
  expect(fresh.events.filter((event) => event['replay-name']).length).toBeGreaterThan(5);
  expect(fresh.mails).toEqual(mails);
});

test('a mail that cannot be sent ends in the dead-letter queue, and the deployment completes', async () => {
  const fresh = await World.quick();
  new Operator(fresh).failCalls('Publish', 'AuthorizationError', { status: 403 });
  await fresh.upload('app.war', { version: '2' });
  await fresh.until('Completed');
  await fresh.clock.advance(600);
  expect(fresh.mails).toEqual([]);
  const client = new SQSClient(fresh.aws.operator);
  const QueueName = (fresh.stack.resources.get('FunctionDeadLetters')?.attributes.Arn ?? '').split(':').at(-1);
  const { QueueUrl } = await fresh.clock.run(client.send(new GetQueueUrlCommand({ QueueName })));
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes } = await fresh.clock.run(client.send(attributes));
  expect(Attributes?.ApproximateNumberOfMessages).toBe('5'); // Start, 1-1, 2-1, Success, and that they are unread
});
