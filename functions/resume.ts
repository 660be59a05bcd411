/** The delay queue → CheckDue: a stage wanted to look again after a while, and the while is over. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { CheckDue } from '../events/check-due';
import { CheckPending } from '../events/check-pending';
import type { Entry } from '../events/contract';
import { Bus } from '../shared/aws/bus';
import { name, readConfiguration } from '../shared/aws/configuration';
import { Deadline } from '../shared/aws/deadline';
import { readEnvelope } from '../shared/aws/envelope';
import { logTo } from '../shared/aws/log';
import { messageBody, Queue } from '../shared/aws/queue';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';

const configurationSchema = z.object({ EVENT_BUS_NAME: name, DELAY_QUEUE_URL: name });

export const createHandler: CreateHandler = (runtime) => {
  const { EVENT_BUS_NAME, DELAY_QUEUE_URL } = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const bus = Bus.connect(runtime, deadline, EVENT_BUS_NAME);
  const queue = Queue.connect(runtime, deadline, DELAY_QUEUE_URL);
  const log = logTo(runtime, 'resume');

  /** A message that is not a CheckPending is left to the queue, which hands it to its dead-letter queue in the end. */
  return async (event, invocation): Promise<SQSBatchResponse> => {
    deadline.begin(invocation);
    const messages = (event as SQSEvent).Records.map((message) => ({ message, due: dueOf(message, runtime.now()) }));
    const refused = messages.filter(({ due }) => due === undefined);
    for (const { message } of refused) log('refused: not a CheckPending', { messageId: message.messageId });
    const early = messages.filter(({ due }) => due && due.inSeconds > 0);
    await Promise.all(early.map(({ message, due }) => queue.putBack(message.body, due?.inSeconds ?? 0)));
    await bus.publish(messages.flatMap(({ due }) => (due && due.inSeconds <= 0 ? due.entry : [])));
    return { batchItemFailures: refused.map(({ message }) => ({ itemIdentifier: message.messageId })) };
  };
};

export const handler = onLambda(createHandler);

/** What is to be told, and when: the delay of the queue is the same for all, and a throttled look waits for longer. */
function dueOf(message: SQSRecord, now: Date): { entry: Entry; inSeconds: number } | undefined {
  const envelope = readEnvelope(messageBody(message), now);
  const read = envelope && CheckPending.read(envelope.detail);
  if (!read?.success) return undefined;
  const { deploymentId, task, seq, stage, notBefore } = read.detail;
  const inSeconds = notBefore === undefined ? 0 : secondsBetween(now.toISOString(), new Date(notBefore));
  return { entry: CheckDue.entry({ deploymentId, task, seq, stage }), inSeconds };
}
