/**
 * What calls of EC2 need: describing knows no resources, and what changes launch templates acts on one ("Actions defined by
 * Amazon EC2", service authorization reference).
 */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

export function ec2Access(
  operation: string,
  { LaunchTemplateId = '*' }: { LaunchTemplateId?: string },
  { region, accountId }: Surroundings,
): Access[] {
  const action = `ec2:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*', context: {} }];
  if (!/LaunchTemplate(Versions?)?$/.test(operation)) throw undescribed('ec2', operation);
  return [{ action, resource: `arn:aws:ec2:${region}:${accountId}:launch-template/${LaunchTemplateId}`, context: {} }];
}
