/** Applications and their deployment groups. */
import type * as sdk from '@aws-sdk/client-codedeploy';
import { pageOf } from '../../kernel/paging';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations } from '../../kernel/service';

/** A deployment group as GetDeploymentGroup answers it. */
export type DeploymentGroup = Omit<sdk.DeploymentGroupInfo, 'autoScalingGroups'> & {
  applicationName: string;
  deploymentGroupName: string;
  deploymentStyle: sdk.DeploymentStyle;
  autoScalingGroups: { name: string; hook: string }[];
};

const PAGE_SIZE = 100;
const NAME_CHARACTERS = 100;

const GROUP_PARAMETERS = [
  ...['applicationName', 'deploymentGroupName', 'deploymentConfigName', 'autoScalingGroups', 'serviceRoleArn'],
  ...['triggerConfigurations', 'deploymentStyle', 'blueGreenDeploymentConfiguration', 'loadBalancerInfo'],
];
const UPDATE_PARAMETERS = [
  ...GROUP_PARAMETERS.filter((name) => name !== 'deploymentGroupName'),
  ...['currentDeploymentGroupName', 'newDeploymentGroupName'],
];

export class DeploymentGroups {
  private readonly applications = new Map<string, Map<string, DeploymentGroup>>();

  constructor(private readonly options: { random: Random }) {}

  readonly operations: Operations = {
    CreateApplication: (input: sdk.CreateApplicationInput) => {
      refuseUnsupported(input, ['applicationName', 'computePlatform']);
      const { applicationName = '', computePlatform = 'Server' } = input;
      if (computePlatform !== 'Server') throw unsupported(`the compute platform ${computePlatform}`);
      checkName('InvalidApplicationNameException', applicationName);
      if (this.applications.has(applicationName)) {
        throw new AwsError('ApplicationAlreadyExistsException', `Application ${applicationName} already exists`);
      }
      this.applications.set(applicationName, new Map());
      return { applicationId: this.options.random.uuid() };
    },

    DeleteApplication: ({ applicationName = '' }: sdk.DeleteApplicationInput) => {
      this.applications.delete(applicationName);
    },

    ListApplications: ({ nextToken }: sdk.ListApplicationsInput) => {
      const { items, next } = page([...this.applications.keys()], nextToken);
      return { applications: items, nextToken: next };
    },

    CreateDeploymentGroup: (input: sdk.CreateDeploymentGroupInput) => this.create(input),

    UpdateDeploymentGroup: (input: sdk.UpdateDeploymentGroupInput) => {
      refuseUnsupported(input, UPDATE_PARAMETERS);
      const group = this.group(input.applicationName, input.currentDeploymentGroupName);
      const { currentDeploymentGroupName, newDeploymentGroupName, ...changes } = input;
      const names = input.autoScalingGroups ?? group.autoScalingGroups.map(({ name }) => name);
      const settings = { ...group, ...changes, autoScalingGroups: names } as sdk.CreateDeploymentGroupInput;
      checkBlueGreen(settings);
      if (newDeploymentGroupName !== undefined) this.rename(group, newDeploymentGroupName);
      Object.assign(group, changes, { autoScalingGroups: names.map(hooked) });
      return {};
    },

    DeleteDeploymentGroup: (input: sdk.DeleteDeploymentGroupInput) => {
      this.application(input.applicationName).delete(input.deploymentGroupName ?? '');
      return { hooksNotCleanedUp: [] };
    },

    ListDeploymentGroups: ({ applicationName, nextToken }: sdk.ListDeploymentGroupsInput) => {
      const { items, next } = page([...this.application(applicationName).keys()], nextToken);
      return { applicationName, deploymentGroups: items, nextToken: next };
    },

    GetDeploymentGroup: (input: sdk.GetDeploymentGroupInput) => ({
      deploymentGroupInfo: this.group(input.applicationName, input.deploymentGroupName),
    }),
  };

  private create(input: sdk.CreateDeploymentGroupInput) {
    refuseUnsupported(input, GROUP_PARAMETERS);
    const { applicationName = '', deploymentGroupName = '', autoScalingGroups = [] } = input;
    const application = this.application(applicationName);
    checkNewName(application, deploymentGroupName);
    checkBlueGreen(input);
    const group: DeploymentGroup = {
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
      ...input,
      applicationName,
      deploymentGroupName,
      deploymentGroupId: this.options.random.uuid(),
      autoScalingGroups: autoScalingGroups.map(hooked),
      computePlatform: 'Server',
    };
    application.set(deploymentGroupName, group);
    return { deploymentGroupId: group.deploymentGroupId };
  }

  /** Its id stays, by which its deployments go with it; the groups that it copied keep the old name in theirs. */
  private rename(group: DeploymentGroup, name: string): void {
    const application = this.application(group.applicationName);
    if (name === group.deploymentGroupName) return;
    checkNewName(application, name);
    application.delete(group.deploymentGroupName);
    application.set(name, group);
    group.deploymentGroupName = name;
  }

  /** Throws ApplicationDoesNotExistException or DeploymentGroupDoesNotExistException. */
  group(applicationName = '', deploymentGroupName = ''): DeploymentGroup {
    const group = this.application(applicationName).get(deploymentGroupName);
    if (group) return group;
    throw new AwsError(
      'DeploymentGroupDoesNotExistException',
      `No Deployment Group found for name: ${deploymentGroupName}`,
    );
  }

  private application(name = ''): Map<string, DeploymentGroup> {
    const application = this.applications.get(name);
    if (application) return application;
    throw new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`);
  }
}

/** Every group gets a lifecycle hook; its name is all that one sees of it here. */
export function hooked(name: string): { name: string; hook: string } {
  return { name, hook: `CodeDeploy-managed-automatic-launch-deployment-hook-${name}` };
}

export function isCopying({ blueGreenDeploymentConfiguration }: DeploymentGroup): boolean {
  return blueGreenDeploymentConfiguration?.greenFleetProvisioningOption?.action === 'COPY_AUTO_SCALING_GROUP';
}

function checkBlueGreen(group: sdk.CreateDeploymentGroupInput): void {
  const { deploymentStyle, blueGreenDeploymentConfiguration: configuration, autoScalingGroups = [] } = group;
  if (deploymentStyle?.deploymentType !== 'BLUE_GREEN') return;
  const { greenFleetProvisioningOption: provisioning, deploymentReadyOption: ready } = configuration ?? {};
  if (provisioning?.action !== 'COPY_AUTO_SCALING_GROUP') throw unsupported('blue/green without a copied group');
  if (ready && ready.actionOnTimeout !== 'CONTINUE_DEPLOYMENT') throw unsupported('a deployment that waits when ready');
  if (autoScalingGroups.length !== 1) {
    throw new AwsError(
      'InvalidBlueGreenDeploymentConfigurationException',
      'Exactly one AutoScaling group must be specified when selecting the COPY_AUTO_SCALING_GROUP green fleet provisioning option.',
    );
  }
}

function checkNewName(application: ReadonlyMap<string, DeploymentGroup>, name: string): void {
  checkName('InvalidDeploymentGroupNameException', name);
  if (!application.has(name)) return;
  throw new AwsError('DeploymentGroupAlreadyExistsException', `Deployment group already exists: ${name}`);
}

function checkName(code: string, name: string): void {
  if (name.length < 1 || name.length > NAME_CHARACTERS) throw new AwsError(code, `Invalid name: ${name}`);
}

export function refuseUnsupported(input: object, supported: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && !supported.includes(name)) throw unsupported(`the parameter ${name}`);
  }
}

export function unsupported(what: string): AwsError {
  return new AwsError('InvalidInputException', `This embedded AWS does not support ${what}`);
}

export function page<Item>(items: Item[], token: string | undefined) {
  return pageOf(items, token, PAGE_SIZE, 'InvalidNextTokenException');
}
