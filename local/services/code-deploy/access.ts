/** What calls of CodeDeploy need: "CodeDeploy permissions reference", user guide. Most act on a deployment group. */
import { type Access, type Surroundings, undescribed } from '../../kernel/access';

interface Input {
  applicationName?: string;
  deploymentGroupName?: string;
  deploymentId?: string;
}

export function codeDeployAccess(operation: string, input: Input, surroundings: Surroundings): Access[] {
  const { region, accountId, deploymentGroupOf } = surroundings;
  const on = (name: string): Access[] => [
    {
      action: `codedeploy:${operation}`,
      resource: `arn:aws:codedeploy:${region}:${accountId}:deploymentgroup:${name}`,
      context: {},
    },
  ];
  switch (operation) {
    case 'GetDeployment':
      return on(deploymentGroupOf(input.deploymentId ?? '') ?? '*');
    case 'GetDeploymentGroup':
    case 'ListDeployments':
      return on(`${input.applicationName ?? '*'}/${input.deploymentGroupName ?? '*'}`);
    default:
      throw undescribed('codedeploy', operation);
  }
}
