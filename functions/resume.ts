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
import { errorMessage } from '../shared/aws/errors';
import { logTo } from '../shared/aws/log';
import { failedOf, messageBody, Queue } from '../shared/aws/queue';
import { type CreateHandler, onLambda } from '../shared/aws/runtime';
import { secondsBetween } from '../shared/aws/time';

const configurationSchema = z.object({ EVENT_BUS_NAME: name, DELAY_QUEUE_URL: name });

export const createHandler: CreateHandler = (runtime) => {
  const { EVENT_BUS_NAME, DELAY_QUEUE_URL } = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const bus = Bus.connect(runtime, deadline, EVENT_BUS_NAME);
  const queue = Queue.connect(runtime, deadline, DELAY_QUEUE_URL);
  const log = logTo(runtime, 'resume');

  /** Together, and where the bus does not take that, one by one: told twice, a look is dropped by its seq. */
  async function tell(due: Pending[]): Promise<Pending[]> {
    const tellOne = ({ entry }: Pending) => bus.publish([entry]);
    const told = bus.publish(due.map(({ entry }) => entry)).then(() => []);
    return told.catch(() => failedOf(due, tellOne, logFailure));
  }

  function logFailure({ message: { messageId }, entry }: Pending, error: unknown): void {
    log('failed: the queue hands it over again', { ...entry.detail, messageId, reason: errorMessage(error) });
  }

  /** A message that is not a CheckPending is left to the queue, which hands it to its dead-letter queue in the end. */
  return async (event, invocation): Promise<SQSBatchResponse> => {
    deadline.begin(invocation);
    const { Records: messages } = event as SQSEvent;
    const pending = messages.flatMap((message) => pendingIn(message, runtime.now()) ?? []);
    const refused = messages.filter((message) => pending.every((read) => read.message !== message));
    for (const { messageId } of refused) log('refused: not a CheckPending', { messageId });
    const early = pending.filter(({ inSeconds }) => inSeconds > 0);
    const putBack = ({ message, inSeconds }: Pending) => queue.putBack(message.body, inSeconds);
    const failed = await Promise.all([
      failedOf(early, putBack, logFailure),
      tell(pending.filter(({ inSeconds }) => inSeconds <= 0)),
    ]);
    const returned = [...refused, ...failed.flat().map(({ message }) => message)];
    return { batchItemFailures: returned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};

export const handler = onLambda(createHandler);

/** What is to be told, and when: the delay of the queue is the same for all, and a throttled look waits for longer. */
interface Pending {
  message: SQSRecord;
  entry: Entry;
  inSeconds: number;
}

function pendingIn(message: SQSRecord, now: Date): Pending | undefined {
  const envelope = readEnvelope(messageBody(message), now);
  const read = envelope && CheckPending.read(envelope.detail);
  if (!read?.success) return undefined;
  const { deploymentId, task, seq, stage, notBefore } = read.detail;
  const inSeconds = notBefore === undefined ? 0 : secondsBetween(now.toISOString(), new Date(notBefore));
  return { message, entry: CheckDue.entry({ deploymentId, task, seq, stage }), inSeconds };
}
