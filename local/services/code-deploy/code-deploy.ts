/**
 * AWS CodeDeploy of the embedded AWS, for EC2: deployments in place, and blue/green ones that copy an Auto Scaling group.
 * What of a deployment comes out of its scripts is told by whoever plays with it (`setFault`).
 */
import type { Random } from '../../kernel/random';
import type { Operations, Service } from '../../kernel/service';
import { codeDeployAccess } from './access';
import { BlueGreen, type Fault } from './blue-green';
import { DeploymentGroups } from './deployment-groups';
import { Deployments } from './deployments';
import { Notifications, type NotificationsOptions } from './notifications';

export interface CodeDeploySettings {
  /** From CreateDeployment until the deployment is in progress. */
  startSeconds: number;
  /** How long the scripts of a revision run on an instance. */
  installationSeconds: number;
  /** Between two looks at the instances of a copy. */
  pollSeconds: number;
  /** How long the instances of a copy may take to be in service, and then to be healthy. */
  limitSeconds: number;
}

export interface CodeDeployOptions extends Omit<NotificationsOptions, 'clientDefaults'> {
  random: Random;
  /** What the clients take with which CodeDeploy acts, as it does with its service role. */
  clientDefaults: () => object;
  settings?: Partial<CodeDeploySettings>;
}

const STANDARD_SETTINGS: CodeDeploySettings = {
  startSeconds: 2,
  installationSeconds: 30,
  pollSeconds: 5,
  limitSeconds: 1800,
};

export class CodeDeploy implements Service {
  readonly operations: Operations;
  readonly requiredAccess = codeDeployAccess;
  private readonly groups: DeploymentGroups;
  private readonly deployments: Deployments;
  private readonly faults = new Map<string, Fault>();

  constructor(options: CodeDeployOptions) {
    const settings = { ...STANDARD_SETTINGS, ...options.settings };
    this.groups = new DeploymentGroups(options);
    const blueGreen = new BlueGreen({ ...options, settings, faultOf: (name) => this.faults.get(name) });
    const notifications = new Notifications(options);
    this.deployments = new Deployments({ ...options, settings, groups: this.groups, blueGreen, notifications });
    this.operations = { ...this.groups.operations, ...this.deployments.operations };
  }

  /** Lets every deployment of the deployment group fail, in the way that it says, until undefined is given. */
  setFault(deploymentGroupName: string, fault: Fault | undefined): void {
    if (fault) this.faults.set(deploymentGroupName, fault);
    else this.faults.delete(deploymentGroupName);
  }

  /** `application/deployment group` of a deployment; undefined for one that does not exist. */
  deploymentGroupOf(deploymentId: string): string | undefined {
    return this.deployments.deploymentGroupOf(deploymentId);
  }
}
