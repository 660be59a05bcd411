/** What calls of IAM need: "Actions defined by AWS Identity and Access Management", service authorization reference. */
import { type Access, undescribed } from '../../kernel/access';

export function iamAccess(operation: string, { PolicySourceArn = '*' }: { PolicySourceArn?: string }): Access[] {
  const on = (resource: string): Access[] => [{ action: `iam:${operation}`, resource, context: {} }];
  switch (operation) {
    case 'SimulatePrincipalPolicy':
      return on(PolicySourceArn);
    case 'SimulateCustomPolicy':
      return on('*');
    default:
      throw undescribed('iam', operation);
  }
}
