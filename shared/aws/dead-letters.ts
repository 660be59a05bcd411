/** The queues of what could not be delivered: how much lies in each that nobody has read. */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Deadline } from './deadline';
import type { Runtime } from './runtime';

export class DeadLetters {
  private constructor(
    private readonly client: SQSClient,
    /** Their URLs. */
    readonly queues: readonly string[],
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, queues: readonly string[]): DeadLetters {
    return new DeadLetters(deadline.guard(new SQSClient(runtime.clientDefaults)), queues);
  }

  /** About as many messages: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
  async count(QueueUrl: string): Promise<number> {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    const { Attributes } = await this.client.send(command);
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  }
}
