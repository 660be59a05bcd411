/** How Lambda feeds a function from an SQS queue: batches, partial failures, and messages that come back. */
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../kernel/clock';
import { AwsError } from '../../kernel/service';
import type { Queue } from '../sqs/queue';
import type { Outcome } from './environment';

export interface EventSource {
  functionName: string;
  queueArn: string;
  /** Messages per invocation: 1 to 10. */
  batchSize: number;
  reportsBatchItemFailures: boolean;
  /** Batches in work at the same time. */
  maximumConcurrency: number;
}

/** After a failed poll, before the next one. */
const POLL_AGAIN_SECONDS = 5;

/**
 * Receives with the function's role whenever a message becomes visible. An access that the role lacks is thrown: in AWS
 * the event source mapping could not have been created.
 */
export function pollQueue(
  source: EventSource,
  queue: Queue,
  clientDefaults: object,
  { clock, region }: { clock: Clock; region: string },
  invoke: (event: unknown) => Promise<Outcome>,
): void {
  const client = new SQSClient(clientDefaults);
  let pollers = 0;
  let isMissed = false;

  /** Whoever is on the way back with nothing may have looked too early for the message that this poll is about. */
  async function poll(): Promise<void> {
    if (pollers >= source.maximumConcurrency) {
      isMissed = true;
      return;
    }
    pollers++;
    try {
      do {
        isMissed = false;
        while (await handleBatch());
      } while (isMissed);
    } catch (error) {
      if (!(error instanceof SQSServiceException) || error.name.startsWith('AccessDenied')) throw error;
      clock.after(POLL_AGAIN_SECONDS, poll);
    } finally {
      pollers--;
    }
  }

  async function handleBatch(): Promise<boolean> {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: source.batchSize,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (messages.length === 0) return false;
    const handled = await invokeWith(messages);
    if (handled.length > 0) {
      const Entries = handled.map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
    }
    return true;
  }

  /** Returns the messages that were handled; the others become visible again when their timeout is over. */
  async function invokeWith(messages: Message[]): Promise<Message[]> {
    try {
      const outcome = await invoke({ Records: messages.map((message) => recordOf(message, queue.arn, region)) });
      if ('error' in outcome) return [];
      if (!source.reportsBatchItemFailures) return messages;
      const failed = failedItems(outcome.result, messages);
      return messages.filter((message) => !failed.has(message.MessageId));
    } catch (error) {
      if (error instanceof AwsError && error.code === 'TooManyRequestsException') return [];
      throw error;
    }
  }

  queue.onVisible(() => void clock.after(0, poll));
  clock.after(0, poll);
}

function recordOf(message: Message, queueArn: string, region: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

/** An answer that does not name messages of the batch counts as the failure of all of them. */
function failedItems(result: unknown, messages: Message[]): ReadonlySet<string | undefined> {
  const identifiers = messages.map((message) => message.MessageId);
  if (result === null) return new Set();
  const items = (result as { batchItemFailures?: unknown }).batchItemFailures;
  if (items === undefined || items === null) return new Set();
  if (!Array.isArray(items)) return new Set(identifiers);
  const failed = items.map((item) => (item as { itemIdentifier?: string }).itemIdentifier);
  return new Set(failed.every((identifier) => identifiers.includes(identifier)) ? failed : identifiers);
}
