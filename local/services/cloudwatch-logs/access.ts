/** What calls of CloudWatch Logs need: "Actions defined by Amazon CloudWatch Logs", service authorization reference. */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

interface Input {
  logGroupName?: string;
  logGroupIdentifier?: string;
}

/**
 * The reference says "log-group" of all of these. Refusals that were observed name a group with an empty stream behind it,
 * and of DescribeLogGroups no group: a policy on the group alone, without `:*`, or on one prefix, is refused then.
 */
export function cloudWatchLogsAccess(operation: string, input: Input, surroundings: Surroundings): Access[] {
  const { region, accountId } = surroundings;
  const on = (group: string): Access[] => {
    const resource = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:`;
    return [{ action: `logs:${operation}`, resource, context: {} }];
  };
  switch (operation) {
    case 'DescribeLogGroups':
      return on('');
    case 'FilterLogEvents':
      return on(input.logGroupName ?? (input.logGroupIdentifier ?? '').replace(/^arn:.*:log-group:|:\*$/g, ''));
    default:
      throw undescribed('logs', operation);
  }
}
