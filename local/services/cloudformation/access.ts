/** What calls of CloudFormation need: "Actions, resources, and condition keys for AWS CloudFormation", service authorization reference. */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

interface Input {
  StackName?: string;
}

/** The resource of a stack that is called by its name has `*` for its id: as in the error for one that does not exist. */
export function cloudFormationAccess(operation: string, { StackName }: Input, surroundings: Surroundings): Access[] {
  const { region, accountId } = surroundings;
  const stack = (name: string) =>
    name.startsWith('arn:') ? name : `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/*`;
  const on = (name: string, resource: string): Access => ({ action: `cloudformation:${name}`, resource, context: {} });
  switch (operation) {
    case 'DescribeStacks':
      // DescribeStacks, API reference: without a stack it "requires ListStacks and DescribeStacks permissions".
      return StackName === undefined ? [on(operation, '*'), on('ListStacks', '*')] : [on(operation, stack(StackName))];
    case 'CreateChangeSet':
    case 'GetTemplateSummary':
      // With a template that is given, no stack is named.
      return [on(operation, StackName === undefined ? '*' : stack(StackName))];
    case 'DeleteStack':
    case 'DescribeChangeSet':
    case 'ExecuteChangeSet':
    case 'DescribeStackResources':
    case 'ListStackResources':
      return [on(operation, StackName === undefined ? '*' : stack(StackName))];
    default:
      throw undescribed('cloudformation', operation);
  }
}
