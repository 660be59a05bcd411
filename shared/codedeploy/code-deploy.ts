/** CodeDeploy: deployments that copy an Auto Scaling group, and the deployment groups that they belong to. */
import {
  CodeDeployClient,
  type DeploymentInfo,
  type DeploymentStatus,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  type LoadBalancerInfo,
  paginateListDeployments,
} from '@aws-sdk/client-codedeploy';
import type { Deadline } from '../aws/deadline';
import { errorCode } from '../aws/errors';
import type { Runtime } from '../aws/runtime';

/** Every copy has it, also those that serve: "CodeDeploy_<deployment group>_<deployment id>". */
export const COPY_PREFIX = 'CodeDeploy_';

/** What a deployment has in `status` until it is over. `Ready` waits to be continued, `Baking` for its alarms. */
const RUNNING: DeploymentStatus[] = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'];

export interface CodeDeployDeployment {
  id: string;
  application: string;
  deploymentGroup: string;
  status: string;
  isRunning: boolean;
  /** It is for EC2, blue/green, and copies the Auto Scaling group of its deployment group. */
  isCopying: boolean;
  /** When it ended, or was created where that is not known. */
  endedAt: Date;
  /** Why it failed, in one line; undefined where CodeDeploy does not say. */
  error: string | undefined;
  loadBalancers: BalancerNames;
}

/** The names of what instances are registered with. */
export interface BalancerNames {
  targetGroups: string[];
  classic: string[];
}

export interface DeploymentGroup {
  autoScalingGroups: string[];
  loadBalancers: BalancerNames;
}

export class CodeDeploy {
  constructor(private readonly client: CodeDeployClient) {}

  static connect(runtime: Runtime, deadline: Deadline): CodeDeploy {
    return new CodeDeploy(deadline.guard(new CodeDeployClient(runtime.clientDefaults)));
  }

  /** Undefined for one that CodeDeploy does not know, or not any more. */
  async deployment(deploymentId: string): Promise<CodeDeployDeployment | undefined> {
    const answer = await unlessUnknown(this.client.send(new GetDeploymentCommand({ deploymentId })));
    return answer?.deploymentInfo && deploymentOf(answer.deploymentInfo);
  }

  /** The deployment group of a deployment, as it is now; undefined where it was deleted. */
  async deploymentGroup(of: CodeDeployDeployment): Promise<DeploymentGroup | undefined> {
    const input = { applicationName: of.application, deploymentGroupName: of.deploymentGroup };
    const info = (await unlessUnknown(this.client.send(new GetDeploymentGroupCommand(input))))?.deploymentGroupInfo;
    return (
      info && {
        autoScalingGroups: (info.autoScalingGroups ?? []).map(({ name = '' }) => name),
        loadBalancers: balancerNames(info.loadBalancerInfo),
      }
    );
  }

  /** The id of a deployment of the same deployment group that is not over. */
  async runningDeployment(of: CodeDeployDeployment): Promise<string | undefined> {
    const group = { applicationName: of.application, deploymentGroupName: of.deploymentGroup };
    for await (const page of paginateListDeployments(
      { client: this.client },
      { ...group, includeOnlyStatuses: RUNNING },
    )) {
      const [first] = page.deployments ?? [];
      if (first !== undefined) return first;
    }
    return undefined;
  }
}

/** What CodeDeploy calls the copy. */
export function copyName({ deploymentGroup, id }: Pick<CodeDeployDeployment, 'deploymentGroup' | 'id'>): string {
  return `${COPY_PREFIX}${deploymentGroup}_${id}`;
}

/** The id of the deployment that a group of this name would be the copy of. */
export function deploymentIdOf(groupName: string): string | undefined {
  return /^CodeDeploy_.+_(d-[A-Z0-9]+)$/s.exec(groupName)?.[1];
}

function deploymentOf(info: DeploymentInfo): CodeDeployDeployment {
  const { computePlatform, deploymentStyle, blueGreenDeploymentConfiguration: blueGreen, errorInformation } = info;
  return {
    id: info.deploymentId ?? '',
    application: info.applicationName ?? '',
    deploymentGroup: info.deploymentGroupName ?? '',
    status: info.status ?? '',
    isRunning: RUNNING.some((status) => status === info.status),
    isCopying:
      computePlatform === 'Server' &&
      deploymentStyle?.deploymentType === 'BLUE_GREEN' &&
      blueGreen?.greenFleetProvisioningOption?.action === 'COPY_AUTO_SCALING_GROUP',
    endedAt: info.completeTime ?? info.createTime ?? new Date(0),
    error: errorInformation && `${errorInformation.code}: ${errorInformation.message}`,
    loadBalancers: balancerNames(info.loadBalancerInfo),
  };
}

function balancerNames({ targetGroupInfoList = [], elbInfoList = [] }: LoadBalancerInfo = {}): BalancerNames {
  const named = (items: { name?: string }[]) => items.flatMap(({ name }) => name ?? []);
  return { targetGroups: named(targetGroupInfoList), classic: named(elbInfoList) };
}

async function unlessUnknown<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  return call.catch((error: unknown) => {
    if (/^(Application|Deployment|DeploymentGroup)DoesNotExist/.test(errorCode(error))) return undefined;
    throw error;
  });
}
