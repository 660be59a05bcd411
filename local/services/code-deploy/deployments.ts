/** Deployments: creating, stopping and describing them. */
import type * as sdk from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations } from '../../kernel/service';
import type { BlueGreen } from './blue-green';
import type { Deployment } from './deployment';
import { type DeploymentGroup, type DeploymentGroups, isCopying, page, refuseUnsupported } from './deployment-groups';
import type { Notifications } from './notifications';

export interface DeploymentsOptions {
  clock: Clock;
  random: Random;
  groups: DeploymentGroups;
  blueGreen: BlueGreen;
  notifications: Notifications;
  settings: { startSeconds: number; installationSeconds: number };
}

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const DEPLOYMENTS_PER_BATCH = 25;
const OVER: readonly sdk.DeploymentStatus[] = ['Succeeded', 'Failed', 'Stopped'];

export class Deployments {
  private readonly deployments = new Map<string, Deployment>();

  constructor(private readonly options: DeploymentsOptions) {}

  readonly operations: Operations = {
    CreateDeployment: (input: sdk.CreateDeploymentInput) => {
      refuseUnsupported(input, ['applicationName', 'deploymentGroupName', 'revision', 'description']);
      const group = this.options.groups.group(input.applicationName, input.deploymentGroupName);
      const active = this.ofGroup(group).find(({ status }) => !OVER.includes(status));
      if (active) {
        throw new AwsError(
          'DeploymentLimitExceededException',
          `The Deployment Group '${group.deploymentGroupName}' already has an active Deployment '${active.deploymentId}'`,
        );
      }
      const deployment = this.create(group, input);
      this.options.clock.after(this.options.settings.startSeconds, () => this.run(deployment, group));
      return { deploymentId: deployment.deploymentId };
    },

    StopDeployment: async ({ deploymentId }: sdk.StopDeploymentInput) => {
      const deployment = this.deployment(deploymentId);
      if (OVER.includes(deployment.status)) {
        throw new AwsError('DeploymentAlreadyCompletedException', `The deployment ${deploymentId} is already complete`);
      }
      const { applicationName, deploymentGroupName } = deployment;
      await this.end(deployment, this.options.groups.group(applicationName, deploymentGroupName), 'Stopped');
      return { status: 'Succeeded', statusMessage: 'The deployment was stopped' };
    },

    GetDeployment: ({ deploymentId }: sdk.GetDeploymentInput) => ({ deploymentInfo: this.deployment(deploymentId) }),

    BatchGetDeployments: ({ deploymentIds = [] }: sdk.BatchGetDeploymentsInput) => {
      if (deploymentIds.length > DEPLOYMENTS_PER_BATCH) {
        throw new AwsError('BatchLimitExceededException', `At most ${DEPLOYMENTS_PER_BATCH} deployments can be given`);
      }
      return { deploymentsInfo: deploymentIds.flatMap((id) => this.deployments.get(id) ?? []) };
    },

    ListDeployments: (input: sdk.ListDeploymentsInput) => {
      refuseUnsupported(input, ['applicationName', 'deploymentGroupName', 'includeOnlyStatuses', 'nextToken']);
      const { applicationName, deploymentGroupName, includeOnlyStatuses: statuses = [], nextToken } = input;
      if (applicationName === undefined && deploymentGroupName !== undefined) {
        throw new AwsError('ApplicationNameRequiredException', 'applicationName must be specified');
      }
      if (applicationName !== undefined && deploymentGroupName === undefined) {
        throw new AwsError('DeploymentGroupNameRequiredException', 'deploymentGroupName must be specified');
      }
      const all =
        applicationName === undefined
          ? [...this.deployments.values()]
          : this.ofGroup(this.options.groups.group(applicationName, deploymentGroupName));
      const wanted = all.filter(({ status }) => statuses.length === 0 || statuses.includes(status));
      const { items, next } = page(
        wanted.map(({ deploymentId }) => deploymentId),
        nextToken,
      );
      return { deployments: items, nextToken: next };
    },
  };

  deploymentGroupOf(deploymentId: string): string | undefined {
    const deployment = this.deployments.get(deploymentId);
    return deployment && `${deployment.applicationName}/${deployment.deploymentGroupName}`;
  }

  private create(group: DeploymentGroup, { revision, description }: sdk.CreateDeploymentInput): Deployment {
    const { clock, random } = this.options;
    const deployment: Deployment = {
      applicationName: group.applicationName,
      /** As it is called by now. */
      get deploymentGroupName() {
        return group.deploymentGroupName;
      },
      deploymentConfigName: group.deploymentConfigName,
      deploymentId: `d-${random.text(9, ID_CHARACTERS)}`,
      revision,
      description,
      status: 'Created',
      createTime: clock.now(),
      creator: 'user',
      deploymentStyle: group.deploymentStyle,
      blueGreenDeploymentConfiguration: group.blueGreenDeploymentConfiguration,
      loadBalancerInfo: group.loadBalancerInfo,
      computePlatform: group.computePlatform,
    };
    this.deployments.set(deployment.deploymentId, deployment);
    return deployment;
  }

  private async run(deployment: Deployment, group: DeploymentGroup): Promise<void> {
    const { clock, blueGreen, notifications, settings } = this.options;
    if (deployment.status !== 'Created') return; // stopped
    deployment.status = 'InProgress';
    deployment.startTime = clock.now();
    await notifications.tell(deployment, group);
    let error: sdk.ErrorInformation | undefined;
    if (isCopying(group)) error = await blueGreen.run(deployment, group);
    else await clock.sleep(settings.installationSeconds);
    if (deployment.status !== 'InProgress') return; // stopped meanwhile
    deployment.errorInformation = error;
    await this.end(deployment, group, error ? 'Failed' : 'Succeeded');
  }

  private async end(deployment: Deployment, group: DeploymentGroup, status: sdk.DeploymentStatus): Promise<void> {
    deployment.status = status;
    deployment.completeTime = this.options.clock.now();
    await this.options.notifications.tell(deployment, group);
  }

  private ofGroup({ applicationName, deploymentGroupName }: DeploymentGroup): Deployment[] {
    const all = [...this.deployments.values()];
    return all.filter(
      (one) => one.applicationName === applicationName && one.deploymentGroupName === deploymentGroupName,
    );
  }

  private deployment(id: string | undefined): Deployment {
    const deployment = this.deployments.get(id ?? '');
    if (deployment) return deployment;
    throw new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);
  }
}
