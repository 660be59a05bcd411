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
import { type CreateHandler, onLambda } from '../shared/aws/runtime';

const configurationSchema = z.object({ EVENT_BUS_NAME: name });

export const createHandler: CreateHandler = (runtime) => {
  const { EVENT_BUS_NAME } = readConfiguration(configurationSchema, runtime.environment);
  const deadline = new Deadline();
  const bus = Bus.connect(runtime, deadline, EVENT_BUS_NAME);
  const log = logTo(runtime, 'resume');

  /** A message that is not a CheckPending is left to the queue, which hands it to its dead-letter queue in the end. */
  return async (event, invocation): Promise<SQSBatchResponse> => {
    deadline.begin(invocation);
    const messages = (event as SQSEvent).Records.map((message) => ({ message, entry: dueOf(message, runtime.now()) }));
    const refused = messages.filter(({ entry }) => entry === undefined);
    for (const { message } of refused) log('refused: not a CheckPending', { messageId: message.messageId });
    await bus.publish(messages.flatMap(({ entry }) => entry ?? []));
    return { batchItemFailures: refused.map(({ message }) => ({ itemIdentifier: message.messageId })) };
  };
};

export const handler = onLambda(createHandler);

function dueOf(message: SQSRecord, now: Date): Entry | undefined {
  const envelope = readEnvelope(parse(message.body), now);
  const read = envelope && CheckPending.read(envelope.detail);
  if (!read?.success) return undefined;
  const { deploymentId, task, seq, stage } = read.detail;
  return CheckDue.entry({ deploymentId, task, seq, stage });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // not JSON, so not an event: refused like any other that is none
  }
}
