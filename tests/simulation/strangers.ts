/** What belongs to others in the same account. Some of it looks as if it were ours. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { EmbeddedAws } from '../../local/embedded-aws';
import { createExampleFleet, type ExampleFleet } from '../../local/example/fleet';
import { dummyNamesOf, groupsOf, targetHealthOf } from '../harness/observe';
import { Operator } from '../harness/operator';
import type { World } from '../harness/world';

export const DUMMIES_OF_OTHERS = ['deploycheck-others', 'deploycheck-untagged', 'deploycheck-theirs'];

export const THEIR_TASK = 'THEIRS';

/** The prefix of dummies without their tags, or with those of another stack. */
export async function createWhatIsOthers(world: World): Promise<void> {
  const { aws } = world;
  const [subnet = ''] = aws.network.zoneOfSubnet.keys();
  await createDummy(aws, 'deploycheck-others', 'WAS');
  const { vpcId: VpcId } = aws.network;
  await new ElasticLoadBalancingV2Client(aws.operator).send(
    new CreateTargetGroupCommand({ Name: 'deploycheck-untagged', Protocol: 'HTTP', Port: 8080, VpcId }),
  );
  const group: CreateAutoScalingGroupCommandInput = {
    AutoScalingGroupName: 'others',
    LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '$Latest' },
    MinSize: 0,
    DesiredCapacity: 1,
    MaxSize: 1,
    VPCZoneIdentifier: subnet,
    LoadBalancerNames: ['deploycheck-others'],
    Tags: [{ Key: 'taskForDeploy', Value: 'OTHERS', PropagateAtLaunch: true }],
  };
  await new AutoScalingClient(aws.operator).send(new CreateAutoScalingGroupCommand(group));
}

/** Another stack in the middle of a deployment: its StandBy is up, behind a dummy. And somebody's rule on our bus. */
export async function createStrangers(world: World): Promise<ExampleFleet> {
  const { aws, stack, clock } = world;
  const bridge = new EventBridgeClient(aws.operator);
  const EventPattern = JSON.stringify({ source: ['bluegreen'], 'detail-type': ['DeployRequested'] });
  await clock.run(bridge.send(new CreateEventBusCommand({ Name: 'another-stack' })));
  for (const EventBusName of ['another-stack', stack.outputs.EventBusName]) {
    await clock.run(bridge.send(new PutRuleCommand({ Name: 'theirs-start', EventBusName, EventPattern })));
  }
  const bucket = 'their-wars';
  const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' as const };
  await clock.run(
    new S3Client(aws.operator).send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration })),
  );
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await clock.run(
    new S3Client(aws.operator).send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration })),
  );
  const description = { task: THEIR_TASK, bucket, warKeys: ['was/app1.war'], instances: 1 };
  const fleet = await clock.run(createExampleFleet(aws, description));
  await clock.run(createDummy(aws, 'deploycheck-theirs', THEIR_TASK));
  const operator = new Operator(world);
  await operator.attachClassic(fleet.standByGroup, ['deploycheck-theirs']);
  await operator.setSize(fleet.standByGroup, 1, 1, 1);
  return fleet;
}

async function createDummy(aws: EmbeddedAws, LoadBalancerName: string, task: string): Promise<void> {
  const [subnet = ''] = aws.network.zoneOfSubnet.keys();
  const Tags = [
    { Key: 'bluegreen:task', Value: task },
    { Key: 'bluegreen:deployment', Value: '20290101T000000Z-abcdef' },
    { Key: 'bluegreen:stack', Value: 'arn:aws:events:eu-central-1:123456789012:event-bus/another-stack' },
    { Key: 'bluegreen:created', Value: '2029-01-01T00:00:00.000Z' },
  ];
  const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 8080 }];
  const command = new CreateClassicCommand({ LoadBalancerName, Listeners, Subnets: [subnet], Tags });
  await new ElasticLoadBalancingClient(aws.operator).send(command);
}

/** All that would show that somebody has had his hands in it. */
export function whatIsOthers(aws: EmbeddedAws): object[] {
  const isOf = (task: string | undefined) => task === 'OTHERS' || task === THEIR_TASK;
  const groups = [...groupsOf(aws)].filter(([, { tags }]) => isOf(tags.get('taskfordeploy')));
  const names = dummyNamesOf(aws).filter((name) => DUMMIES_OF_OTHERS.includes(name));
  const listed = [...targetHealthOf(aws)].filter(([balancer]) => nameOf(balancer).startsWith(THEIR_TASK));
  return [
    ...groups.map(([name, { minimum, desired, maximum, instanceIds, tags, attachments, suspended }]) => {
      // Those of the others have only just been launched.
      const instances = tags.get('taskfordeploy') === THEIR_TASK ? [...instanceIds] : [];
      return [name, minimum, desired, maximum, instances, [...tags], [...attachments], suspended];
    }),
    names,
    listed.map(([balancer, targets]) => [balancer, [...targets.keys()]]),
  ];
}

function nameOf(balancer: string): string {
  return (balancer.split('/')[1] ?? balancer).toUpperCase();
}
