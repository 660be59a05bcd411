/** Deployments of CodeDeploy that copy an Auto Scaling group. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  BatchGetDeploymentsCommand,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  DeleteApplicationCommand,
  DeleteDeploymentGroupCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
  UpdateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import {
  createGroup,
  createTargetGroup,
  deleteGroup,
  describeGroup,
  LAUNCH_LIMIT_SECONDS,
  untilInService,
} from './fleet';
import { Listener } from './queues';
import { refusalOf } from './refusal';

const DEPLOYMENTS_PER_BATCH = 25;

export const CODE_DEPLOY: readonly ConformanceCase[] = [
  {
    name: 'A deployment that does not exist is told as such, or left out',
    source: 'AWS CodeDeploy API Reference, GetDeployment, BatchGetDeployments',
    needs: [],
    async run(context) {
      const { codeDeploy } = context.clients;
      await refusalOf(
        codeDeploy.send(new GetDeploymentCommand({ deploymentId: UNKNOWN })),
        'DeploymentDoesNotExistException',
      );
      const batch = (count: number) =>
        codeDeploy.send(new BatchGetDeploymentsCommand({ deploymentIds: Array(count).fill(UNKNOWN) }));
      await refusalOf(batch(DEPLOYMENTS_PER_BATCH + 1), 'BatchLimitExceededException');
    },
  },
  {
    name: 'Deployments of an application are listed by deployment group alone',
    source: 'AWS CodeDeploy API Reference, ListDeployments',
    needs: [],
    async run(context) {
      const applicationName = await createApplication(context);
      const call = context.clients.codeDeploy.send(new ListDeploymentsCommand({ applicationName }));
      await refusalOf(call, 'DeploymentGroupNameRequiredException');
    },
  },
  {
    name: 'A deployment group can be renamed, and its old name is free then',
    source: 'AWS CodeDeploy API Reference, UpdateDeploymentGroup: newDeploymentGroupName',
    needs: ['service role'],
    async run(context) {
      const { codeDeploy } = context.clients;
      const applicationName = await createApplication(context);
      const create = (deploymentGroupName: string) => {
        const named = { applicationName, deploymentGroupName, serviceRoleArn: context.given.serviceRoleArn };
        return codeDeploy.send(new CreateDeploymentGroupCommand(named));
      };
      const rename = (newDeploymentGroupName: string) => {
        const named = { applicationName, currentDeploymentGroupName: 'old', newDeploymentGroupName };
        return codeDeploy.send(new UpdateDeploymentGroupCommand(named));
      };
      const group = async (deploymentGroupName: string) =>
        (await codeDeploy.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName })))
          .deploymentGroupInfo;
      const { deploymentGroupId } = await create('old');
      await create('taken');
      await refusalOf(rename('taken'), 'DeploymentGroupAlreadyExistsException');
      await rename('new');
      await refusalOf(group('old'), 'DeploymentGroupDoesNotExistException');
      equal((await group('new'))?.deploymentGroupId, deploymentGroupId);
      await create('old');
    },
  },
  {
    name: 'A stopped blue/green deployment leaves its copied group, not attached',
    source: 'AWS CodeDeploy User Guide, CodeDeploy blue/green deployments; observed',
    needs: ['network', 'launch template', 'instances', 'service role', 'minutes'],
    async run(context) {
      const { codeDeploy } = context.clients;
      const names = await createDeploymentGroup(context);
      const pattern = { source: ['aws.codedeploy'], detail: { application: [names.applicationName] } };
      const listener = await Listener.create(context, 'default', pattern);
      const create = () => codeDeploy.send(new CreateDeploymentCommand({ ...names, revision: REVISION }));
      const { deploymentId = '' } = await create();
      const copy = `CodeDeploy_${names.deploymentGroupName}_${deploymentId}`;
      context.afterwards(() => deleteGroup(context, copy));
      context.afterwards(() => stop(context, deploymentId).catch(() => {}));
      await context.until('the group is copied', LAUNCH_LIMIT_SECONDS, () => describeGroup(context, copy));
      await refusalOf(create(), 'DeploymentLimitExceededException');
      await stop(context, deploymentId);
      const info = await context.until('the deployment is stopped', LAUNCH_LIMIT_SECONDS, async () => {
        const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
        return deploymentInfo?.status === 'Stopped' && deploymentInfo;
      });
      equal(info.deploymentStyle?.deploymentType, 'BLUE_GREEN');
      equal(info.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption?.action, 'COPY_AUTO_SCALING_GROUP');
      equal(info.computePlatform, 'Server');
      deepEqual((await describeGroup(context, copy))?.TargetGroupARNs, []);

      const [event] = await listener.until('the event STOP arrives', 1, ({ detail }) => detail.state === 'STOP');
      const { instanceGroupId, region, ...detail } = event?.detail ?? {};
      const { applicationName: application, deploymentGroupName: deploymentGroup } = names;
      deepEqual(detail, { application, deploymentGroup, deploymentId, state: 'STOP' });
      ok(instanceGroupId && region, 'it has no instance group or region');
      equal(event?.['detail-type'], 'CodeDeploy Deployment State-change Notification');
    },
  },
];

const UNKNOWN = 'd-000000000';
/** Never fetched: the deployment is stopped before. */
const REVISION = {
  revisionType: 'GitHub' as const,
  gitHubLocation: { repository: 'aws-samples/aws-codedeploy-samples', commitId: '0'.repeat(40) },
};

async function createApplication(context: Context): Promise<string> {
  const { codeDeploy } = context.clients;
  const applicationName = context.name();
  await codeDeploy.send(new CreateApplicationCommand({ applicationName, computePlatform: 'Server' }));
  context.afterwards(() => codeDeploy.send(new DeleteApplicationCommand({ applicationName })));
  return applicationName;
}

/** Of one group with one instance, behind a target group. */
async function createDeploymentGroup(context: Context) {
  const { codeDeploy } = context.clients;
  const targetGroupName = context.name();
  const targetGroup = await createTargetGroup(context, { Name: targetGroupName });
  const sizes = { MinSize: 1, DesiredCapacity: 1, MaxSize: 1 };
  const group = await createGroup(context, { ...sizes, TargetGroupARNs: [targetGroup] });
  await untilInService(context, group, 1);
  const names = { applicationName: await createApplication(context), deploymentGroupName: context.name() };
  await codeDeploy.send(
    new CreateDeploymentGroupCommand({
      ...names,
      serviceRoleArn: context.given.serviceRoleArn,
      autoScalingGroups: [group],
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: {
        greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' },
        deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT' },
        terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE' },
      },
      loadBalancerInfo: { targetGroupInfoList: [{ name: targetGroupName }] },
    }),
  );
  context.afterwards(() => codeDeploy.send(new DeleteDeploymentGroupCommand(names)));
  return names;
}

function stop(context: Context, deploymentId: string): Promise<unknown> {
  return context.clients.codeDeploy.send(new StopDeploymentCommand({ deploymentId }));
}
