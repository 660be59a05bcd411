/** A dead letter that nobody reads is not forgotten over the one time that its alarm rang. */
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { World } from '../harness/world';

const SUBJECT = '[Error] Pipeline(Stack : bluegreen-dev)';
const DAY_SECONDS = 86_400;

function mailsOf(world: World): string[] {
  return world.aws.sns.mails.flatMap(({ subject, body }) => (subject === SUBJECT ? [body] : []));
}

/** Every queue of the stack whose letters nothing takes by itself. */
function queuesOf(world: World): [key: string, url: string][] {
  const queues = [...world.stack.resources].filter(([key]) => key.endsWith('DeadLetters'));
  return queues.map(([key, { physicalId }]) => [key, physicalId]);
}

test('what lies unread in any dead-letter queue is mailed once a day, until somebody has taken it', async () => {
  const world = await World.quick();
  const client = new SQSClient(world.aws.operator);
  const queues = queuesOf(world);
  expect(queues).toHaveLength(6);
  for (const [, QueueUrl] of queues) {
    for (const MessageBody of ['one', 'another']) {
      await world.clock.run(client.send(new SendMessageCommand({ QueueUrl, MessageBody })));
    }
  }
  await world.clock.advance(600);
  const [mail = '', ...more] = mailsOf(world);
  expect(more).toEqual([]);
  for (const [, url] of queues) {
    expect(mail).toContain(`Dead letters lie unread in ${url.split('/').at(-1)}.\n  Why: 2 could not be delivered`);
    expect(mail).toContain(`aws sqs receive-message --queue-url ${url} `);
  }

  await world.clock.advance(DAY_SECONDS + 60); // between two looks
  expect(mailsOf(world)).toHaveLength(2);
  for (const [, QueueUrl] of queues) await world.clock.run(client.send(new PurgeQueueCommand({ QueueUrl })));
  await world.clock.advance(DAY_SECONDS);
  expect(mailsOf(world)).toHaveLength(2);
});

test('a letter that comes later on the same day is not mailed again', async () => {
  const world = await World.quick();
  const client = new SQSClient(world.aws.operator);
  const [[, QueueUrl] = []] = queuesOf(world);
  for (let letter = 1; letter <= 3; letter++) {
    await world.clock.run(client.send(new SendMessageCommand({ QueueUrl, MessageBody: String(letter) })));
    await world.clock.advance(900);
  }
  expect(mailsOf(world)).toHaveLength(1);
});

test.each([
  [
    'RuleDeadLetters',
    /^An event did not reach what handles it, so a deployment may stand still: 1 message lies unread /,
  ],
  ['UploadRuleDeadLetters', /^An upload was not noticed, so that war is not deployed: /],
  ['FunctionDeadLetters', /^A function gave up on an event, so what that asked for was not done: /],
])(
  'the mail of a letter in %s says first what was lost, how it is done after all, and how to see who serves',
  async (kind, first) => {
    const world = await World.quick();
    const QueueUrl = world.stack.resources.get(kind)?.physicalId;
    await world.clock.run(
      new SQSClient(world.aws.operator).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })),
    );
    await world.clock.advance(600);
    const [body = ''] = mailsOf(world);
    expect(body).toMatch(first);
    expect(body).toMatch(
      /What to do\n {2}See what was lost, .*:\n {2}aws sqs receive-message .*\n(?: {2}# .*\n)*? {2}# bluegreen (?:replay|deploy|abort) /,
    );
    expect(body).toContain('To see who serves\n  bluegreen status\n');
  },
);
