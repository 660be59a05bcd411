/** What calls of SNS need. */
import { type Access, undescribed } from '../../kernel/access';

export function snsAccess(operation: string, input: { TopicArn?: string }): Access[] {
  if (input.TopicArn === undefined) throw undescribed('sns', operation);
  return [{ action: `sns:${operation}`, resource: input.TopicArn, context: {} }];
}
