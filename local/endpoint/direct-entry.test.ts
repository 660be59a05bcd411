/** Clients that come in past the wire see and do exactly what those on the wire do. */
import { AutoScalingClient, DeleteAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CodeDeployClient, GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import {
  ElasticLoadBalancingClient,
  DescribeLoadBalancersCommand as ListClassicCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Deadline } from '../../shared/aws/deadline';
import { World } from '../../tests/harness/world';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { VirtualClock } from '../kernel/clock';
import { AwsError } from '../kernel/service';
import type { Entry } from './client';

/** Everything that a run leaves behind. */
async function historyOf(entry: Entry, war: Record<string, string>, ending: string): Promise<unknown> {
  const world = await World.quick({ entry });
  await world.upload('app.war', war);
  await world.until(ending);
  await world.put('DeployRequested', { task: 'WAS', versions: 'no such version' });
  await world.put('DeployRequested', { task: 'NOPE' });
  await world.clock.advance(600);
  const { activeGroup, standByGroup } = world.fleet;
  return {
    events: world.events,
    mails: world.aws.sns.mails,
    logs: world.logs,
    groups: [await world.group(activeGroup), await world.group(standByGroup)],
    record: await world.record(),
  };
}

test.each([
  ['completes', { version: '2' }, 'Completed'],
  ['fails and is cleaned up', { health: '500' }, 'Cleaned'],
])('a deployment that %s leaves the same events, mails, logs, groups and record', async (_, war, ending) => {
  const [onTheWire, pastIt] = [await historyOf('wire', war, ending), await historyOf('direct', war, ending)];
  expect(pastIt).toEqual(onTheWire);
});

describe('a call that fails', () => {
  function embeddedAws(entry: Entry): EmbeddedAws {
    const clock = new VirtualClock();
    const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
    const aws = new EmbeddedAws({ clock, instances, entry });
    aws.s3.createBucket('wars');
    return aws;
  }

  type Defaults = EmbeddedAws['operator'];
  type Program = (defaults: Defaults) => Promise<unknown>;

  async function failureOf(entry: Entry, program: Program, injected?: AwsError): Promise<unknown> {
    const aws = embeddedAws(entry);
    const begin = aws.clock.now();
    if (injected) aws.endpoint.intercept(() => Promise.reject(injected));
    const answered = program(aws.operator).then(
      () => 'an answer',
      (error: unknown) => error,
    );
    const error = await (aws.clock as VirtualClock).run(answered);
    if (!(error instanceof Error)) throw new Error('the call did not fail');
    const { name, message, $fault, $metadata } = error as Error & { $fault?: string; $metadata?: Metadata };
    return {
      ...{ class: error.constructor.name, name, message, fault: $fault },
      ...{ status: $metadata?.httpStatusCode, attempts: $metadata?.attempts },
      takes_ms: aws.clock.now().getTime() - begin.getTime(),
    };
  }

  interface Metadata {
    httpStatusCode?: number;
    attempts?: number;
  }

  const receive: Program = (defaults) =>
    new SQSClient(defaults).send(new ReceiveMessageCommand({ QueueUrl: 'https://sqs/123456789012/none' }));
  const listRules: Program = (defaults) => new EventBridgeClient(defaults).send(new ListRulesCommand({}));
  const deleteGroup: Program = (defaults) =>
    new AutoScalingClient(defaults).send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'none' }));
  const describe: Program = (defaults) =>
    new ElasticLoadBalancingV2Client(defaults).send(new DescribeLoadBalancersCommand({ Names: ['none'] }));
  const read: Program = (defaults) =>
    new S3Client(defaults).send(new GetObjectCommand({ Bucket: 'wars', Key: 'none' }));
  const look: Program = (defaults) =>
    new S3Client(defaults).send(new HeadObjectCommand({ Bucket: 'wars', Key: 'none' }));
  const tooLate: Program = (defaults) => {
    const deadline = new Deadline();
    deadline.begin({ functionName: 'start', awsRequestId: '1', getRemainingTimeInMillis: () => 1000 });
    return deadline.guard(new SNSClient(defaults)).send(new PublishCommand({ Message: 'x' }));
  };
  const throttling = new AwsError('Throttling', 'Rate exceeded', 400);

  test.each<[title: string, program: Program, injected?: AwsError]>([
    ['a queue that is not there', receive],
    ['a group that is not there', deleteGroup],
    ['a load balancer that is not there', describe],
    [
      'a classic load balancer that is not there',
      (defaults) =>
        new ElasticLoadBalancingClient(defaults).send(new ListClassicCommand({ LoadBalancerNames: ['none'] })),
    ],
    [
      'a deployment that is not there',
      (defaults) => new CodeDeployClient(defaults).send(new GetDeploymentCommand({ deploymentId: 'd-1' })),
    ],
    ['an object that is not there', read],
    ['an object that is not there, of which only the head was asked for', look],
    [
      'a topic that is not there',
      (defaults) =>
        new SNSClient(defaults).send(
          new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:123456789012:none', Message: 'x' }),
        ),
    ],
    [
      'a member that is missing',
      (defaults) => new ElasticLoadBalancingV2Client(defaults).send(new DeleteTargetGroupCommand({} as never)),
    ],
    ['an empty list', (defaults) => new EventBridgeClient(defaults).send(new PutEventsCommand({ Entries: [] }))],
    ['a call past the deadline', tooLate],
    ['throttling by a service that has a class for it', describe, throttling],
    ['throttling by one that has none', deleteGroup, throttling],
    ['throttling of a queue', receive, new AwsError('ThrottlingException', 'Rate exceeded', 400)],
    ['an outage', deleteGroup, new AwsError('ServiceUnavailable', 'try again', 503)],
    ['an outage of a bus', listRules, new AwsError('InternalException', 'try again', 500)],
    ['an outage of a bucket', read, new AwsError('SlowDown', 'Please reduce your request rate.', 503)],
    ['a bucket that is closed', look, new AwsError('AccessDenied', 'Access Denied', 403)],
    ['a precondition that does not hold', look, new AwsError('PreconditionFailed', 'no', 412)],
  ])('for %s throws the same error after the same attempts', async (...[, program, injected]) => {
    const onTheWire = await failureOf('wire', program, injected);
    expect(await failureOf('direct', program, injected)).toEqual(onTheWire);
  });
});
