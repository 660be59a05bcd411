/** What calls of SNS need. */
import { type Access, undescribed } from '../../kernel/access';

export function snsAccess(operation: string, input: { TopicArn?: string }): Access[] {
  // No type of resource: "Actions defined by Amazon SNS", service authorization reference.
  if (operation === 'ListTopics' || operation === 'ListSubscriptions')
    return [{ action: `sns:${operation}`, resource: '*', context: {} }];
  if (input.TopicArn === undefined) throw undescribed('sns', operation);
  return [{ action: `sns:${operation}`, resource: input.TopicArn, context: {} }];
}
