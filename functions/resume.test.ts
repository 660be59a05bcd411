/** The way back from the delay queue. */
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../local/kernel/service';
import { isInvocationCaller } from '../local/services/lambda/environment';
import { World } from '../tests/harness/world';

const PENDING = {
  deploymentId: 'd',
  task: '결제 WAS',
  seq: 4,
  stage: 'check-real',
  waitingFor: 'the load balancer',
  cycle: '2-1',
};

let world: World;
let client: SQSClient;
beforeAll(async () => {
  world = await World.create();
  client = new SQSClient(world.aws.operator);
});

async function urlOf(logicalId: string): Promise<string> {
  const arn = world.stack.resources.get(logicalId)?.attributes.Arn ?? '';
  const answer = await world.clock.run(client.send(new GetQueueUrlCommand({ QueueName: arn.split(':').at(-1) })));
  return answer.QueueUrl ?? '';
}

async function send(body: string): Promise<void> {
  const QueueUrl = await urlOf('DelayQueue');
  await world.clock.run(client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, DelaySeconds: 0 })));
}

async function messagesIn(logicalId: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(logicalId), AttributeNames: ['All'] });
  const { Attributes = {} } = await world.clock.run(client.send(command));
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

function eventOf(detail: object): string {
  const time = world.clock.now().toISOString();
  return JSON.stringify({ source: 'bluegreen', 'detail-type': 'CheckPending', time, detail });
}

test('a delay that is over lets its stage look again, and nothing else goes with it', async () => {
  const before = world.events.length;
  await send(eventOf(PENDING));
  await world.clock.advance(5);
  expect(world.events.slice(before).map((event) => [event['detail-type'], event.detail])).toEqual([
    ['CheckDue', { deploymentId: 'd', task: '결제 WAS', seq: 4, stage: 'check-real' }],
  ]);
  expect(await messagesIn('DelayQueue')).toBe(0);
});

test('the delay of a published CheckPending is that of the stack', async () => {
  const before = world.events.length;
  await world.put('CheckPending', PENDING);
  const due = () => world.events.slice(before).filter((event) => event['detail-type'] === 'CheckDue').length;
  await world.clock.advance(9);
  expect(due()).toBe(0);
  await world.clock.advance(5);
  expect(due()).toBe(1);
});

test.each([
  ['not JSON', 'half of an ev'],
  ['no event', '[]'],
  ['another event', JSON.stringify({ source: 'bluegreen', 'detail-type': 'CheckPending', time: 'now', detail: {} })],
  ['without a stage', () => eventOf({ ...PENDING, stage: undefined })],
])('a message that is %s ends in the dead-letter queue, and keeps no other from its stage', async (_, body) => {
  const [deadBefore, eventsBefore] = [await messagesIn('ResumeDeadLetters'), world.events.length];
  await send(typeof body === 'string' ? body : body());
  await send(eventOf(PENDING));
  await world.clock.advance(1200);
  expect(await messagesIn('ResumeDeadLetters')).toBe(deadBefore + 1);
  expect(await messagesIn('DelayQueue')).toBe(0);
  expect(world.events.slice(eventsBefore).map((event) => event['detail-type'])).toEqual(['CheckDue']);
});

test('a bus that does not take the event is asked again', async () => {
  const before = world.events.length;
  let refusals = 2;
  const stop = world.aws.endpoint.intercept((call, proceed) =>
    call.operation === 'PutEvents' && refusals-- > 0
      ? Promise.resolve({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] })
      : proceed(),
  );
  await send(eventOf(PENDING));
  await world.clock.advance(600);
  stop();
  expect(world.events.slice(before).map((event) => event['detail-type'])).toEqual(['CheckDue']);
});

test('what cannot be put back, or told, keeps no other of its batch waiting', async () => {
  const before = world.events.length;
  const notBefore = new Date(world.clock.now().getTime() + 60_000).toISOString();
  let [refusedPutBacks, refusedEvents] = [1, 2];
  const stop = world.aws.endpoint.intercept((call, proceed) => {
    if (!isInvocationCaller(call.caller)) return proceed();
    if (call.operation === 'SendMessage' && refusedPutBacks-- > 0) throw new AwsError('OverLimit', 'not now', 403);
    const isOfOne = call.operation === 'PutEvents' && JSON.stringify(call.input).includes('refused');
    if (isOfOne && refusedEvents-- > 0) throw new AwsError('ValidationError', 'not this one', 400);
    return proceed();
  });
  const details = [
    { ...PENDING, task: 'early', notBefore },
    { ...PENDING, task: 'early, too', notBefore },
    { ...PENDING, task: 'refused' },
    { ...PENDING, task: 'due' },
  ];
  const Entries = details.map((detail, index) => ({
    Id: String(index),
    MessageBody: eventOf(detail),
    DelaySeconds: 0,
  }));
  const command = new SendMessageBatchCommand({ QueueUrl: await urlOf('DelayQueue'), Entries });
  await world.clock.run(client.send(command));
  const told = () => world.events.slice(before).map(({ detail }) => (detail as { task: string }).task);
  await world.clock.advance(10);
  expect(told()).toEqual(['due']);
  await world.clock.advance(60);
  expect(told()).toEqual(['due', 'early, too']);
  await world.clock.advance(600);
  stop();
  expect([...told()].sort()).toEqual(['due', 'early', 'early, too', 'refused']);
});
