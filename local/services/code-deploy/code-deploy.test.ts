import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
  DeleteDeploymentGroupCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListApplicationsCommand,
  ListDeploymentGroupsCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
  type TriggerConfig,
  UpdateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import { EmbeddedAws } from '../../embedded-aws';
import { createExampleFleet } from '../../example/fleet';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import type { BusEvent } from '../eventbridge/event';

const NAMES = { applicationName: 'shop', deploymentGroupName: 'shop-web' };

/** A deployment group `shop-web` that copies the serving group of an example fleet. */
async function world(changes: Partial<CreateDeploymentGroupCommandInput> = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 10, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  aws.s3.createBucket('wars');
  const fleet = await clock.run(createExampleFleet(aws));
  await clock.advance(300);
  const client = new CodeDeployClient(aws.operator);
  const events: BusEvent[] = [];
  aws.eventBridge.onEvent((event) => events.push(event));
  await clock.run(client.send(new CreateApplicationCommand({ applicationName: 'shop' })));
  const group: CreateDeploymentGroupCommandInput = {
    ...NAMES,
    serviceRoleArn: 'arn:aws:iam::123456789012:role/CodeDeploy',
    autoScalingGroups: [fleet.activeGroup],
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    blueGreenDeploymentConfiguration: { greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' } },
    loadBalancerInfo: { targetGroupInfoList: [{ name: 'was-web-1' }] },
    ...changes,
  };
  await clock.run(client.send(new CreateDeploymentGroupCommand(group)));
  const deploy = async () => (await clock.run(client.send(new CreateDeploymentCommand(NAMES)))).deploymentId ?? '';
  const deployment = async (deploymentId: string) =>
    (await clock.run(client.send(new GetDeploymentCommand({ deploymentId })))).deploymentInfo;
  const groupNames = async () => {
    const command = new DescribeAutoScalingGroupsCommand({});
    const { AutoScalingGroups = [] } = await clock.run(new AutoScalingClient(aws.operator).send(command));
    return AutoScalingGroups.map(({ AutoScalingGroupName }) => AutoScalingGroupName);
  };
  /** The groups whose instances the load balancer sends requests to. */
  const serving = async () => {
    const { AutoScalingGroups = [] } = await clock.run(
      new AutoScalingClient(aws.operator).send(new DescribeAutoScalingGroupsCommand({})),
    );
    const targets = aws.elasticLoadBalancingV2.routableTargets(fleet.targetGroupArns[0] ?? '');
    const ids = targets.map(({ instanceId }) => instanceId);
    return AutoScalingGroups.filter(({ Instances = [] }) =>
      Instances.some(({ InstanceId = '' }) => ids.includes(InstanceId)),
    ).map(({ AutoScalingGroupName }) => AutoScalingGroupName);
  };
  return { clock, aws, fleet, client, events, deploy, deployment, groupNames, serving };
}

test('a deployment replaces the group by a copy that serves', async () => {
  const { clock, client, fleet, events, deploy, deployment, groupNames, serving } = await world();
  const id = await deploy();
  await clock.advance(600);
  expect(await deployment(id)).toMatchObject({
    ...NAMES,
    deploymentId: expect.stringMatching(/^d-[A-Z0-9]{9}$/),
    status: 'Succeeded',
    computePlatform: 'Server',
    deploymentStyle: { deploymentType: 'BLUE_GREEN' },
    createTime: expect.any(Date),
  });
  const copy = `CodeDeploy_shop-web_${id}`;
  const { deploymentGroupInfo } = await clock.run(client.send(new GetDeploymentGroupCommand(NAMES)));
  expect(deploymentGroupInfo?.autoScalingGroups).toMatchObject([{ name: copy }]);
  expect(await serving()).toEqual([copy]);
  expect(await groupNames()).toEqual([fleet.standByGroup, copy]);
  expect(events.filter(({ source }) => source === 'aws.codedeploy').map(({ detail }) => detail.state)).toEqual([
    'START',
    'SUCCESS',
  ]);
});

test('scripts that fail leave the copy behind, and the original serves', async () => {
  const { clock, aws, fleet, events, deploy, deployment, groupNames, serving } = await world();
  aws.codeDeploy.setFault('shop-web', 'installation');
  const id = await deploy();
  await clock.advance(600);
  expect(await deployment(id)).toMatchObject({ status: 'Failed', errorInformation: { code: 'HEALTH_CONSTRAINTS' } });
  expect(await serving()).toEqual([fleet.activeGroup]);
  expect(await groupNames()).toContain(`CodeDeploy_shop-web_${id}`);
  expect(events.at(-1)).toMatchObject({
    source: 'aws.codedeploy',
    'detail-type': 'CodeDeploy Deployment State-change Notification',
    resources: [expect.stringMatching(/:application:shop$/), expect.stringMatching(/:deploymentgroup:shop\/shop-web$/)],
    detail: { application: 'shop', deploymentGroup: 'shop-web', deploymentId: id, state: 'FAILURE' },
  });
});

test('an original that cannot be deregistered fails a deployment whose copy serves', async () => {
  const { clock, aws, client, fleet, deploy, deployment, serving } = await world();
  aws.codeDeploy.setFault('shop-web', 'deregistration');
  const id = await deploy();
  await clock.advance(600);
  expect(await deployment(id)).toMatchObject({ status: 'Failed' });
  expect(await serving()).toContain(`CodeDeploy_shop-web_${id}`);
  const { deploymentGroupInfo } = await clock.run(client.send(new GetDeploymentGroupCommand(NAMES)));
  expect(deploymentGroupInfo?.autoScalingGroups).toMatchObject([{ name: fleet.activeGroup }]);
});

test('a deployment group that is renamed takes its deployments with it, and not the copies', async () => {
  const { clock, aws, client, deploy, deployment, groupNames } = await world();
  aws.codeDeploy.setFault('shop-web', 'installation');
  const id = await deploy();
  await clock.advance(600);
  const rename = (newDeploymentGroupName: string) =>
    clock.run(
      client.send(
        new UpdateDeploymentGroupCommand({
          applicationName: 'shop',
          currentDeploymentGroupName: 'shop-web',
          newDeploymentGroupName,
        }),
      ),
    );
  await clock.run(
    client.send(new CreateDeploymentGroupCommand({ ...NAMES, deploymentGroupName: 'taken', serviceRoleArn: 'arn' })),
  );
  await expect(rename('taken')).rejects.toMatchObject({ name: 'DeploymentGroupAlreadyExistsException' });
  await rename('shop-site');
  expect((await deployment(id))?.deploymentGroupName).toBe('shop-site');
  const listed = new ListDeploymentsCommand({ ...NAMES, deploymentGroupName: 'shop-site' });
  expect((await clock.run(client.send(listed))).deployments).toEqual([id]);
  expect(await groupNames()).toContain(`CodeDeploy_shop-web_${id}`);
  const old = clock.run(client.send(new GetDeploymentGroupCommand(NAMES)));
  await expect(old).rejects.toMatchObject({ name: 'DeploymentGroupDoesNotExistException' });
});

test('a deployment that is stopped goes no further', async () => {
  const { clock, client, fleet, events, deploy, deployment, serving } = await world();
  const deploymentId = await deploy();
  await clock.advance(20);
  await clock.run(client.send(new StopDeploymentCommand({ deploymentId })));
  await clock.advance(600);
  expect(await deployment(deploymentId)).toMatchObject({ status: 'Stopped', completeTime: expect.any(Date) });
  expect(await serving()).toEqual([fleet.activeGroup]);
  expect(events.at(-1)?.detail.state).toBe('STOP');
  const again = clock.run(client.send(new StopDeploymentCommand({ deploymentId })));
  await expect(again).rejects.toMatchObject({ name: 'DeploymentAlreadyCompletedException' });
});

test('a trigger publishes what was captured of the real ones: texts of JSON, and the status in upper case', async () => {
  const triggers: TriggerConfig[] = [
    {
      triggerName: 'failed',
      triggerTargetArn: 'arn:aws:sns:eu-central-1:123456789012:triggers',
      triggerEvents: ['DeploymentFailure', 'DeploymentStop'],
    },
  ];
  const { clock, aws, deploy } = await world({ triggerConfigurations: triggers });
  aws.sns.createTopic('triggers');
  aws.codeDeploy.setFault('shop-web', 'installation');
  const deploymentId = await deploy();
  await clock.advance(600);
  expect(aws.sns.mails).toHaveLength(1);
  const message = JSON.parse(aws.sns.mails[0]?.body ?? '');
  expect(message).toMatchObject({ ...NAMES, deploymentId, eventTriggerName: 'failed', status: 'FAILED' });
  expect(message.createTime).toMatch(/^\w{3} \w{3} \d\d [\d:]{8} UTC 2030$/);
  expect(JSON.parse(message.errorInformation)).toMatchObject({ ErrorCode: 'HEALTH_CONSTRAINTS' });
});

test('a deployment group has one deployment at a time', async () => {
  const { clock, client, deploy } = await world();
  await deploy();
  await expect(deploy()).rejects.toMatchObject({ name: 'DeploymentLimitExceededException' });
  await clock.advance(600);
  await deploy();
  const listed = (...includeOnlyStatuses: ('Created' | 'Succeeded')[]) =>
    clock.run(client.send(new ListDeploymentsCommand({ ...NAMES, includeOnlyStatuses })));
  expect((await listed('Created')).deployments).toHaveLength(1);
  expect((await listed('Created', 'Succeeded')).deployments).toHaveLength(2);
});

test('a deployment outlives its group', async () => {
  const { clock, client, deploy, deployment } = await world();
  const id = await deploy();
  await clock.advance(600);
  await clock.run(client.send(new DeleteDeploymentGroupCommand(NAMES)));
  expect(await deployment(id)).toMatchObject({ status: 'Succeeded' });
  await expect(clock.run(client.send(new GetDeploymentGroupCommand(NAMES)))).rejects.toMatchObject({
    name: 'DeploymentGroupDoesNotExistException',
  });
});

test('what is there is listed, and what is not has the errors of the service', async () => {
  const { clock, client } = await world();
  expect(await clock.run(client.send(new ListApplicationsCommand({})))).toMatchObject({ applications: ['shop'] });
  const groups = await clock.run(client.send(new ListDeploymentGroupsCommand({ applicationName: 'shop' })));
  expect(groups.deploymentGroups).toEqual(['shop-web']);
  for (const [call, name] of [
    [client.send(new GetDeploymentCommand({ deploymentId: 'd-000000000' })), 'DeploymentDoesNotExistException'],
    [client.send(new ListDeploymentsCommand({ applicationName: 'shop' })), 'DeploymentGroupNameRequiredException'],
    [client.send(new ListDeploymentGroupsCommand({ applicationName: 'x' })), 'ApplicationDoesNotExistException'],
  ] as const) {
    await expect(clock.run(call as Promise<unknown>)).rejects.toMatchObject({ name });
  }
});

test('blue/green copies exactly one group', async () => {
  await expect(world({ autoScalingGroups: ['was-blue', 'was-green'] })).rejects.toMatchObject({
    name: 'InvalidBlueGreenDeploymentConfigurationException',
  });
});
