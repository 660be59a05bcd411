/** What calls of SQS need. */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

/** The batch calls need the permission of the single ones: "Actions defined by Amazon SQS", service authorization reference. */
export function sqsAccess(operation: string, input: { QueueUrl?: string }, surroundings: Surroundings): Access[] {
  if (input.QueueUrl === undefined) throw undescribed('sqs', operation);
  const [accountId, name] = new URL(input.QueueUrl).pathname.split('/').slice(-2);
  const resource = `arn:aws:sqs:${surroundings.region}:${accountId}:${name}`;
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource, context: {} }];
}
