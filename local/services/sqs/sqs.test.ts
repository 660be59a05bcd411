import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import type { QueueSettings } from './queue';

function world(settings: Partial<QueueSettings> = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const { sqs, operator } = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const deadLetters = sqs.createQueue('dead-letters');
  const { url: QueueUrl } = sqs.createQueue('letters', settings);
  const client = new SQSClient(operator);
  const send = (input: Partial<SendMessageCommandInput> = {}) =>
    clock.run(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello', ...input })));
  const receive = async (input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...input });
    return (await clock.run(client.send(command))).Messages ?? [];
  };
  const remove = ({ ReceiptHandle }: Message) =>
    clock.run(client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
  const bodies = async () => (await receive()).map(({ Body }) => Body);
  return { clock, sqs, client, QueueUrl, deadLetters, send, receive, remove, bodies };
}

describe('SQS', () => {
  test('a message is received, hidden for its visibility timeout, and received again unless it was deleted', async () => {
    const { clock, send, receive, remove } = world({ visibilityTimeoutSeconds: 20 });
    await send();
    const [first] = await receive();
    expect(first).toMatchObject({ Body: 'hello' });
    expect(await receive()).toEqual([]);
    await clock.advance(20);
    const [second] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    await remove(second as Message);
    await clock.advance(20);
    expect(await receive()).toEqual([]);
  });

  test('deleting with the handle of an earlier receive deletes nothing', async () => {
    const { clock, send, receive, remove, bodies } = world();
    await send();
    const [first] = await receive();
    await clock.advance(30);
    await receive();
    await remove(first as Message);
    await clock.advance(30);
    expect(await bodies()).toEqual(['hello']);
    await expect(remove({ ReceiptHandle: 'nonsense' })).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  test('a queue delays its messages; a message may have a delay of its own', async () => {
    const { clock, send, bodies } = world({ delaySeconds: 10 });
    await send({ MessageBody: 'by the queue' });
    await send({ MessageBody: 'by itself', DelaySeconds: 5 });
    await clock.advance(4.9);
    expect(await bodies()).toEqual([]);
    await clock.advance(0.1);
    expect(await bodies()).toEqual(['by itself']);
    await clock.advance(5);
    expect(await bodies()).toEqual(['by the queue']);
  });

  test('a delay is 0 to 900 seconds', async () => {
    const { send, sqs } = world();
    await send({ DelaySeconds: 900 });
    await expect(send({ DelaySeconds: 901 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(() => sqs.createQueue('slow', { delaySeconds: 901 })).toThrow('DelaySeconds');
  });

  test('FIFO queues and their parameters are refused', async () => {
    const { send, sqs } = world();
    expect(() => sqs.createQueue('letters.fifo')).toThrow('FIFO');
    await expect(send({ MessageGroupId: 'group' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('a message that was received too often moves to the dead-letter queue', async () => {
    const { deadLetterQueueArn, ...rest } = withDeadLetters(2);
    const { clock, send, bodies, deadLetters } = rest;
    expect(deadLetterQueueArn).toBe(deadLetters.arn);
    await send();
    for (let receives = 0; receives < 2; receives++) {
      expect(await bodies()).toEqual(['hello']);
      await clock.advance(30);
    }
    expect(deadLetters.contents()).toHaveLength(0);
    expect(await bodies()).toEqual([]);
    expect(deadLetters.contents().map(({ body }) => body)).toEqual(['hello']);
  });

  test('a message is lost when it is older than the retention period', async () => {
    const { clock, send, bodies } = world({ retentionSeconds: 60 });
    await send();
    await clock.advance(60);
    expect(await bodies()).toEqual([]);
  });

  test('a long poll answers as soon as a message is there, and at its limit without one', async () => {
    const { clock, client, QueueUrl, receive } = world();
    const start = clock.now().getTime();
    clock.after(7, () => void client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' })));
    expect(await receive({ WaitTimeSeconds: 20 })).toMatchObject([{ Body: 'late' }]);
    expect(clock.now().getTime() - start).toBe(7000);
    expect(await receive({ WaitTimeSeconds: 20 })).toEqual([]);
    expect(clock.now().getTime() - start).toBe(27000);
  });

  test('visibility can be changed while a message is in flight', async () => {
    const { clock, client, QueueUrl, send, receive, bodies } = world();
    await send();
    const [message] = await receive();
    const change = (VisibilityTimeout: number) => {
      const { ReceiptHandle } = message as Message;
      return clock.run(client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout })));
    };
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await bodies()).toEqual(['hello']);
  });

  test('a batch answers entry by entry', async () => {
    const { clock, client, QueueUrl, receive } = world();
    const Entries = [
      { Id: 'good', MessageBody: 'a' },
      { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
    ];
    const sent = await clock.run(client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
    expect(sent.Successful).toMatchObject([{ Id: 'good' }]);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue' }]);
    const [message] = await receive();
    const handles = [
      { Id: 'good', ReceiptHandle: message?.ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'nonsense' },
    ];
    const deleted = await clock.run(client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles })));
    expect(deleted.Successful).toMatchObject([{ Id: 'good' }]);
    expect(deleted.Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
  });

  test('a message carries its attributes to a receiver that asks for them', async () => {
    const { clock, send, receive } = world();
    await send({ MessageAttributes: { RULE_ARN: { DataType: 'String', StringValue: 'arn:x' } } });
    const [plain] = await receive();
    expect(plain).not.toHaveProperty('MessageAttributes');
    await clock.advance(30);
    const [full] = await receive({ MessageAttributeNames: ['All'] });
    expect(full?.MessageAttributes).toMatchObject({ RULE_ARN: { StringValue: 'arn:x' } });
  });

  test('a queue that is made again is the same; with other attributes it is refused', async () => {
    const { clock, client } = world();
    const redrive = { deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:123456789012:dead-letters', maxReceiveCount: 3 };
    const create = (Attributes: Record<string, string> = {}) =>
      clock.run(client.send(new CreateQueueCommand({ QueueName: 'own', Attributes })));
    const attributes = { DelaySeconds: '5', VisibilityTimeout: '60', RedrivePolicy: JSON.stringify(redrive) };
    const { QueueUrl } = await create(attributes);
    expect(await create(attributes)).toMatchObject({ QueueUrl });
    await expect(create({ DelaySeconds: '6' })).rejects.toMatchObject({ name: 'QueueNameExists' });
    const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await clock.run(client.send(read));
    expect(Attributes).toMatchObject({ DelaySeconds: '5', VisibilityTimeout: '60' });
    expect(JSON.parse(Attributes.RedrivePolicy ?? '')).toEqual(redrive);
    await clock.run(client.send(new DeleteQueueCommand({ QueueUrl })));
    await expect(clock.run(client.send(read))).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  test.each([
    ['Colour', 'red', 'InvalidAttributeName'],
    ['constructor', '1', 'InvalidAttributeName'],
    ['DelaySeconds', '901', 'InvalidAttributeValue'],
    ['Policy', '{', 'InvalidAttributeValue'],
    ['RedrivePolicy', '{}', 'InvalidAttributeValue'],
  ])('the attribute %s cannot be %s', async (attribute, value, name) => {
    const { clock, client, QueueUrl } = world();
    const change = new SetQueueAttributesCommand({ QueueUrl, Attributes: { [attribute]: value } });
    await expect(clock.run(client.send(change))).rejects.toMatchObject({ name });
  });

  test('queues are found, described, listed and purged', async () => {
    const { clock, client, QueueUrl, send, receive } = world({ delaySeconds: 0 });
    expect(await clock.run(client.send(new GetQueueUrlCommand({ QueueName: 'letters' })))).toMatchObject({ QueueUrl });
    const listed = await clock.run(client.send(new ListQueuesCommand({ QueueNamePrefix: 'let' })));
    expect(listed.QueueUrls).toEqual([QueueUrl]);
    for (const DelaySeconds of [0, 0, 60]) await send({ DelaySeconds });
    await receive({ MaxNumberOfMessages: 1 });
    const counted = () => clock.run(client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })));
    expect((await counted()).Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
    await clock.run(client.send(new PurgeQueueCommand({ QueueUrl })));
    expect((await counted()).Attributes).toMatchObject({ ApproximateNumberOfMessages: '0' });
    const unknown = client.send(new GetQueueUrlCommand({ QueueName: 'unknown' }));
    await expect(clock.run(unknown)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

/** A world whose queue `letters` gives up a message after so many receives. */
function withDeadLetters(maximumReceives: number) {
  const deadLetterQueueArn = 'arn:aws:sqs:eu-central-1:123456789012:dead-letters';
  return { deadLetterQueueArn, ...world({ redrive: { deadLetterQueueArn, maximumReceives } }) };
}
