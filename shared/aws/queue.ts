/** A queue that feeds a function: what cannot be handled yet is put back, which is no attempt to handle it. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Deadline } from './deadline';
import type { Runtime } from './runtime';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: at most 15 minutes. */
const LONGEST_DELAY_SECONDS = 900;

export class Queue {
  constructor(
    private readonly client: SQSClient,
    private readonly url: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, url: string): Queue {
    return new Queue(deadline.guard(new SQSClient(runtime.clientDefaults)), url);
  }

  /** Where that is too long for the queue, it is put back again then. */
  async putBack(body: string, seconds: number): Promise<void> {
    const DelaySeconds = Math.min(Math.ceil(seconds), LONGEST_DELAY_SECONDS);
    await this.client.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody: body, DelaySeconds }));
  }
}

/** Those for which it failed: what fails for one message of a batch is no reason to deliver the others again. */
export async function failedOf<Item>(
  items: readonly Item[],
  handle: (item: Item) => Promise<unknown>,
  onFailure: (item: Item, error: unknown) => void,
): Promise<Item[]> {
  const outcomes = await Promise.allSettled(items.map((item) => handle(item)));
  return items.filter((item, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === 'rejected') onFailure(item, outcome.reason);
    return outcome?.status === 'rejected';
  });
}

/** What a message says, where that is JSON: anything else is no event, and is refused like any other that is none. */
export function messageBody({ body }: { body: string }): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
