/** Queues. */
import { deepEqual, equal } from 'node:assert/strict';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createQueue, type Queue, receive } from './queues';
import { refusalOf } from './refusal';

export const SQS: readonly ConformanceCase[] = [
  {
    name: 'A message may be delayed by 0 to 900 seconds',
    source: 'Amazon SQS API Reference, SendMessage: DelaySeconds',
    needs: [],
    async run(context) {
      const queue = await createQueue(context);
      for (const seconds of [0, 900]) await send(context, queue, seconds);
      for (const seconds of [-1, 901]) await refusalOf(send(context, queue, seconds), 'InvalidParameterValue');
      await refusalOf(createQueue(context, { DelaySeconds: '901' }), 'InvalidAttributeValue');
    },
  },
  {
    name: "A message is not seen before its own delay, nor held for the queue's",
    source: 'Amazon SQS Developer Guide, Message timers',
    needs: [],
    async run(context) {
      const queue = await createQueue(context, { DelaySeconds: '600' });
      await send(context, queue, 30);
      await context.sleep(20);
      deepEqual(await receive(context, queue), [], 'after 20 of 30 seconds');
      await context.until('the message is received', 60, async () => (await receive(context, queue)).length > 0);
    },
  },
  {
    name: 'A batch answers entry by entry, and takes 10 of them',
    source: 'Amazon SQS API Reference, SendMessageBatch',
    needs: [],
    async run(context) {
      const { url: QueueUrl } = await createQueue(context);
      const batch = (count: number, firstDelaySeconds = 0) => {
        const Entries = Array.from({ length: count }, (_, index) => ({
          ...{ Id: String(index), MessageBody: 'x', DelaySeconds: index === 0 ? firstDelaySeconds : 0 },
        }));
        return context.clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      };
      const { Successful = [], Failed = [] } = await batch(10, 901);
      deepEqual([Successful.length, Failed.map(({ Id, Code }) => [Id, Code])], [9, [['0', 'InvalidParameterValue']]]);
      await refusalOf(batch(11), 'TooManyEntriesInBatchRequest');
    },
  },
  {
    name: 'A message that is not deleted comes again after its visibility timeout',
    source: 'Amazon SQS Developer Guide, Visibility timeout',
    needs: [],
    async run(context) {
      const queue = await createQueue(context, { VisibilityTimeout: '30' });
      await send(context, queue, 0);
      const look = async () => {
        const input = { QueueUrl: queue.url, MessageSystemAttributeNames: ['ApproximateReceiveCount' as const] };
        return (await context.clients.sqs.send(new ReceiveMessageCommand(input))).Messages?.[0];
      };
      const first = await context.until('the message is received', 30, look);
      equal(await look(), undefined, 'it is seen twice');
      const second = await context.until('the message comes again', 90, look);
      deepEqual([second.MessageId, second.Attributes?.ApproximateReceiveCount], [first.MessageId, '2']);
    },
  },
  {
    name: 'A queue counts what waits; a dead-letter queue, what nobody took',
    source: 'Amazon SQS API Reference, GetQueueAttributes; Developer Guide, Dead-letter queues',
    needs: [],
    async run(context) {
      const deadLetters = await createQueue(context);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 });
      const queue = await createQueue(context, { VisibilityTimeout: '5', RedrivePolicy });
      const waiting = async ({ url: QueueUrl }: Queue) => {
        const AttributeNames = ['ApproximateNumberOfMessages' as const];
        const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
        return (await context.clients.sqs.send(command)).Attributes?.ApproximateNumberOfMessages;
      };
      await send(context, queue, 0);
      await context.until('it is counted', 90, async () => (await waiting(queue)) === '1');
      equal(await waiting(deadLetters), '0');
      const look = () => context.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
      await context.until('it is received', 30, async () => ((await look()).Messages ?? []).length > 0);
      await context.until('it is counted as a dead letter', 180, async () => {
        await look();
        return (await waiting(deadLetters)) === '1';
      });
      equal(await waiting(queue), '0');
    },
  },
];

function send(context: Context, { url: QueueUrl }: Queue, DelaySeconds: number): Promise<unknown> {
  return context.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'conformance', DelaySeconds }));
}
