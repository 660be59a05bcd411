/** What calls of SQS need. */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

/** The batch calls need the permission of the single ones: "Actions defined by Amazon SQS", service authorization reference. */
export function sqsAccess(
  operation: string,
  input: { QueueUrl?: string; QueueName?: string },
  { region, accountId: own }: Surroundings,
): Access[] {
  const queue = (accountId = own, name = '*') => `arn:aws:sqs:${region}:${accountId}:${name}`;
  if (operation === 'ListQueues') return [{ action: 'sqs:ListQueues', resource: queue(), context: {} }];
  if (operation === 'GetQueueUrl')
    return [{ action: 'sqs:GetQueueUrl', resource: queue(own, input.QueueName), context: {} }];
  if (input.QueueUrl === undefined) throw undescribed('sqs', operation);
  const [accountId, name] = new URL(input.QueueUrl).pathname.split('/').slice(-2);
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: queue(accountId, name), context: {} }];
}
