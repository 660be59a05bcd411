/** Which uploads ask for which deployments. */
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../local/kernel/service';
import { throttlingOf } from '../local/kernel/throttle';
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

let world: World;
beforeAll(async () => {
  world = await World.create({ fleet: { extraTags: { autodeploy: 'True' }, warKeys: ['app.war', 'my app+1.war'] } });
  const operator = new Operator(world);
  const { bucket } = world.fleet;
  const tagsOf = (taskForDeploy: string, key: string, more: Record<string, string> = {}) => ({
    taskForDeploy,
    type: 'Active',
    bucket,
    appS3Key1: key,
    s3VersionIdApp1: 'v1',
    appPath1: '/webapps/app.war',
    ...more,
  });
  // Groups that name a war, rightly or not. None of them has a partner: the requests for them are refused later on.
  await operator.createGroup('shared-1', tagsOf('SHARED 1', 'shared.war'));
  await operator.createGroup('shared-2', tagsOf('공유/2', 'shared.war'));
  await operator.createGroup('manual', tagsOf('MANUAL', 'manual.war', { AutoDeploy: 'FALSE' }));
  await operator.createGroup('standby', tagsOf('STANDBY', 'standby.war', { type: 'StandBy' }));
  await operator.createGroup('elsewhere', tagsOf('ELSEWHERE', 'elsewhere.war', { bucket: 'another-bucket' }));
  await operator.createGroup('incomplete', tagsOf('INCOMPLETE', 'incomplete.war', { appPath1: '' }));
  await operator.createGroup('mentioned', tagsOf('MENTIONED', 'x.war', { comment: 'mentioned.war' }));
});

async function urlOf(logicalId: string): Promise<string> {
  const arn = world.stack.resources.get(logicalId)?.attributes.Arn ?? '';
  const command = new GetQueueUrlCommand({ QueueName: arn.split(':').at(-1) });
  const { QueueUrl = '' } = await world.clock.run(new SQSClient(world.aws.operator).send(command));
  return QueueUrl;
}

async function send(MessageBody: string): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: await urlOf('UploadQueue'), MessageBody });
  await world.clock.run(new SQSClient(world.aws.operator).send(command));
}

/** How many messages are there, seen or not. */
async function messagesIn(logicalId: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(logicalId), AttributeNames: ['All'] });
  const { Attributes = {} } = await world.clock.run(new SQSClient(world.aws.operator).send(command));
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed } =
    Attributes;
  return [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed]
    .map(Number)
    .reduce((sum, count) => sum + count, 0);
}

/** The requests, and the last log line of the function, that an upload makes. */
async function upload(key: string) {
  const [before, logsBefore] = [world.events.length, world.logs.length];
  const versionId = await world.upload(key);
  await world.clock.advance(5);
  const requests = world.events.slice(before).filter((event) => event['detail-type'] === 'DeployRequested');
  const logs = world.logs.slice(logsBefore).filter((log) => log.function === 'war-uploaded');
  return { versionId, requests: requests.map(({ detail }) => detail), logs: logs.map(({ line }) => JSON.parse(line)) };
}

test.each(['app.war', 'my app+1.war'])('the war %s of a task asks for the deployment of it', async (key) => {
  const { versionId, requests } = await upload(key);
  expect(requests).toEqual([
    {
      task: 'WAS',
      requestId: expect.stringMatching(/^upload-[0-9a-f]{32}$/),
      requestedAt: expect.any(String),
      upload: { bucket: world.fleet.bucket, key, versionId },
    },
  ]);
});

test('a war of several tasks asks for each of them', async () => {
  const { requests } = await upload('shared.war');
  expect(requests.map(({ task }) => task).sort()).toEqual(['SHARED 1', '공유/2']);
});

test.each([
  ['nobody names', 'unknown.war'],
  ['whose task opted out', 'manual.war'],
  ['that StandBy alone names', 'standby.war'],
  ['that is another bucket’s', 'elsewhere.war'],
  ['of an incomplete slot', 'incomplete.war'],
  ['that is named in another tag', 'mentioned.war'],
  ['that differs in case', 'APP.war'],
  ['with line breaks in its key', 'a\n{"message":"opened"}.war'],
])('a war %s asks for nothing, and the log says so in one line', async (_, key) => {
  const { requests, logs } = await upload(key);
  expect(requests).toEqual([]);
  expect(logs).toEqual([expect.objectContaining({ message: 'ignored: no task has this war', key, tasks: [] })]);
});

test('what is no war does not reach the function', async () => {
  expect(await upload('notes.txt')).toMatchObject({ requests: [], logs: [] });
});

test.each([
  [
    'of another bucket',
    { bucket: { name: 'another-bucket' }, object: { key: 'app.war' } },
    'ignored: not a war bucket',
  ],
  ['that is no Object Created', { instance: 'i-1' }, 'refused: not an Object Created event'],
])('an event %s is ignored, whoever sent it, and keeps no other from its deployment', async (_, detail, message) => {
  const before = world.events.length;
  const event = { source: 'aws.s3', 'detail-type': 'Object Created', time: '2030-01-01T00:00:00Z', detail };
  await send(JSON.stringify(event));
  await world.clock.advance(1);
  expect(JSON.parse(world.logs.at(-1)?.line ?? '')).toMatchObject({ message });
  expect(world.events.length).toBe(before);
});

test('a second delivery is the same request, a second upload another', async () => {
  const first = await upload('shared.war');
  const second = await upload('shared.war');
  expect(second.requests[0]?.requestId).not.toBe(first.requests[0]?.requestId);
  const before = world.events.length;
  const [invocation] = world.aws.lambda.invocations.filter((one) => one.function === 'war-uploaded').slice(-1);
  await world.clock.run(world.aws.lambda.invokeSync('bluegreen-dev-war-uploaded', invocation?.event));
  await world.clock.advance(5);
  const again = world.events.slice(before).filter((event) => event['detail-type'] === 'DeployRequested');
  expect(again.map(({ detail }) => detail)).toEqual(second.requests);
});

test('a task that cannot be named does not keep another from its deployment', async () => {
  await new Operator(world).createGroup('unnameable', {
    taskForDeploy: 'A<B',
    type: 'Active',
    bucket: world.fleet.bucket,
    appS3Key1: 'shared.war',
    s3VersionIdApp1: 'v1',
    appPath1: '/webapps/app.war',
  });
  const { requests } = await upload('shared.war');
  expect(requests.map(({ task }) => task).sort()).toEqual(['SHARED 1', '공유/2']);
});

/** What a call of the function comes to, as often as it is made: undefined lets it through. */
function intercept(operation: string, answer: () => Promise<unknown> | undefined) {
  return world.aws.endpoint.intercept((call, proceed) =>
    call.caller.principal === 'WarUploadedRole' && call.operation === operation ? (answer() ?? proceed()) : proceed(),
  );
}

/** At the same moment. */
async function sendUploads(keys: string[], time = world.clock.now().toISOString()): Promise<void> {
  const Entries = keys.map((key, index) => {
    const detail = { bucket: { name: world.fleet.bucket }, object: { key, 'version-id': 'v1' } };
    const event = { source: 'aws.s3', 'detail-type': 'Object Created', time, detail };
    return { Id: String(index), MessageBody: JSON.stringify(event) };
  });
  const command = new SendMessageBatchCommand({ QueueUrl: await urlOf('UploadQueue'), Entries });
  await world.clock.run(new SQSClient(world.aws.operator).send(command));
}

test('ten uploads at once are one question about the groups, and a request each', async () => {
  let questions = 0;
  const stop = intercept('DescribeAutoScalingGroups', () => void questions++);
  const before = world.events.length;
  await sendUploads(['shared.war', ...Array.from({ length: 9 }, (_, index) => `of-nobody-${index}.war`)]);
  await world.clock.advance(5);
  stop();
  const requests = world.events.slice(before).filter((event) => event['detail-type'] === 'DeployRequested');
  expect(requests.map(({ detail }) => (detail as { task: string }).task).sort()).toEqual(['SHARED 1', '공유/2']);
  expect(questions).toBe(1);
});

test('a throttled upload waits for its turn, however long that takes', async () => {
  await world.clock.advance(1200); // what other tests have sent is a dead letter by then
  const [before, dead] = [world.events.length, await messagesIn('UploadRuleDeadLetters')];
  const stop = intercept('DescribeAutoScalingGroups', () => Promise.reject(throttlingOf('auto-scaling')));
  await world.upload('shared.war');
  await world.clock.advance(6 * 3600);
  expect([await messagesIn('UploadQueue'), await messagesIn('UploadRuleDeadLetters')]).toEqual([1, dead]);
  stop();
  await world.clock.advance(70);
  const requests = world.events.slice(before).filter((event) => event['detail-type'] === 'DeployRequested');
  expect(requests.map(({ detail }) => (detail as { task: string }).task).sort()).toEqual(['SHARED 1', '공유/2']);
  expect(await messagesIn('UploadQueue')).toBe(0);
});

test('a throttled upload of yesterday is put back no more: it is a dead letter, of which an alarm tells', async () => {
  const dead = await messagesIn('UploadRuleDeadLetters');
  const stop = intercept('DescribeAutoScalingGroups', () => Promise.reject(throttlingOf('auto-scaling')));
  await sendUploads(['shared.war', 'app.war']);
  await world.clock.advance(24 * 3600 - 60);
  expect([await messagesIn('UploadQueue'), await messagesIn('UploadRuleDeadLetters')]).toEqual([2, dead]);
  await world.clock.advance(1800);
  stop();
  expect([await messagesIn('UploadQueue'), await messagesIn('UploadRuleDeadLetters')]).toEqual([0, dead + 2]);
});

test('an upload that cannot be asked about keeps none of its batch from its deployment', async () => {
  const [before, dead] = [world.events.length, await messagesIn('UploadRuleDeadLetters')];
  const refusal = new AwsError('ValidationError', 'not this one', 400);
  const stop = world.aws.endpoint.intercept((call, proceed) =>
    call.caller.principal === 'WarUploadedRole' && JSON.stringify(call.input).includes('refused.war')
      ? Promise.reject(refusal)
      : proceed(),
  );
  await sendUploads(['refused.war', 'shared.war', 'app.war']);
  await world.clock.advance(30);
  const requests = world.events.slice(before).filter((event) => event['detail-type'] === 'DeployRequested');
  expect(requests.map(({ detail }) => (detail as { task: string }).task).sort()).toEqual(['SHARED 1', 'WAS', '공유/2']);
  await world.clock.advance(1800);
  stop();
  expect(await messagesIn('UploadRuleDeadLetters')).toBe(dead + 1);
});

test('what cannot be put back keeps no other throttled upload waiting', async () => {
  const before = world.events.length;
  let refusals = 1;
  const stops = [
    intercept('DescribeAutoScalingGroups', () => Promise.reject(throttlingOf('auto-scaling'))),
    intercept('SendMessage', () =>
      refusals-- > 0 ? Promise.reject(new AwsError('OverLimit', 'not now', 403)) : undefined,
    ),
  ];
  await sendUploads(['shared.war', 'app.war']);
  await world.clock.advance(25);
  for (const stop of stops) stop();
  const asked = () =>
    world.events
      .slice(before)
      .flatMap((event) => (event['detail-type'] === 'DeployRequested' ? event.detail.task : []));
  await world.clock.advance(70);
  expect(asked()).toEqual(['WAS']);
  await world.clock.advance(180);
  expect([...asked()].sort()).toEqual(['SHARED 1', 'WAS', '공유/2']);
});

test('an upload that the bus does not take is asked for again, and in the end is a dead letter', async () => {
  const dead = await messagesIn('UploadRuleDeadLetters');
  const stop = intercept('PutEvents', () =>
    Promise.resolve({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'Internal' }] }),
  );
  await world.upload('shared.war');
  await world.clock.advance(1200);
  stop();
  expect(await messagesIn('UploadRuleDeadLetters')).toBe(dead + 1);
});

test('an event that the rule of before has handed over, while the stack is updated, is asked for, too', async () => {
  const key = 'app.war';
  const after = world.events.length;
  const detail = { bucket: { name: world.fleet.bucket }, object: { key, 'version-id': 'of-before' } };
  const event = { version: '0', id: '1', source: 'aws.s3', 'detail-type': 'Object Created', account: '1', region: 'r' };
  const time = world.clock.now().toISOString();
  world.aws.lambda.invokeAsync('bluegreen-dev-war-uploaded', { ...event, time, resources: [], detail });
  const asked = await world.until('DeployRequested', { after, limitSeconds: 600 });
  expect(asked.detail).toMatchObject({ task: 'WAS', upload: { key, versionId: 'of-before' } });
});

test('a key that is longer than a tag may be keeps no other upload from its deployment', async () => {
  const { requests } = await upload(`${'x'.repeat(300)}.war`);
  expect(requests).toEqual([]);
});
