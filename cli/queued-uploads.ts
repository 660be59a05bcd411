/**
 * Uploads that wait for their turn, since the account's request rate did not let it be asked whose they are. A queue tells
 * how many there are, and nobody may read them but whoever handles them: so it is said of the stack, not of a task.
 */
import { GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { errorMessage, isDenied } from '../shared/aws/errors';
import type { Stack } from './stack';

/** Seen by nobody yet, put back for later, and in hand: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
];

/** A sentence; undefined where none waits, and of a stack of an earlier version, which does not name its queue. */
export async function queuedUploadsIn(stack: Stack): Promise<string | undefined> {
  const { UploadQueueUrl: QueueUrl } = stack.outputs;
  if (QueueUrl === undefined) return undefined;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: COUNTS });
  try {
    const { Attributes } = await stack.client(SQSClient).send(command);
    const count = COUNTS.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
    if (count === 0) return undefined;
    const wait = count === 1 ? 'One upload waits' : `${count} uploads wait`;
    return `${wait} until it is known of which task: one of this task is deployed then, and an abort with --drop-pending gives it up.`;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return `Whether uploads wait for their turn was not seen: AWS does not let you count them (${errorMessage(error)}).`;
  }
}
