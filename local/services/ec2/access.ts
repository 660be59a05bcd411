/** What calls of EC2 need: describing knows no resources ("Actions defined by Amazon EC2", service authorization reference). */
import { type Access, undescribed } from '../../kernel/access';

export function ec2Access(operation: string): Access[] {
  if (!operation.startsWith('Describe')) throw undescribed('ec2', operation);
  return [{ action: `ec2:${operation}`, resource: '*', context: {} }];
}
