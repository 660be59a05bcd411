import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeAccountLimitsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListReplaysCommand,
  ListRulesCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ListSubscriptionsByTopicCommand, ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RealClock } from '../kernel/clock';
import { type LocalAws, openLocalAws } from './local-aws';

const ACCOUNT = '123456789012';
const LIMITED = 'LIMITEDACCESSKEY';

const defects: unknown[] = [];
let served: LocalAws;

beforeAll(async () => {
  const onDefect = (error: unknown) => void defects.push(error);
  served = await openLocalAws({ port: 0, clock: new RealClock(40, onDefect), onDefect });
  const policy = served.stack.resources.get('OperatorPolicy')?.physicalId ?? '';
  served.aws.addUser({ name: 'jane', accessKeyId: LIMITED, policyArns: [policy] });
});

afterAll(() => {
  served.close();
  expect(defects).toEqual([]);
});

function settings(accessKeyId: string) {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return { endpoint: served.url, region: 'eu-central-1', credentials, forcePathStyle: true };
}

test('who signs with an access key is who it belongs to, and anybody else the operator', async () => {
  const identity = async (accessKeyId: string) => {
    const { Account, Arn } = await new STSClient(settings(accessKeyId)).send(new GetCallerIdentityCommand({}));
    return { Account, Arn };
  };
  expect(await identity(LIMITED)).toEqual({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/jane` });
  expect(await identity('any')).toEqual({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/operator` });
});

describe('a user with the policy for operators', () => {
  const limited = () => settings(LIMITED);

  test('may ask for a deployment, but put nothing that stages tell each other', async () => {
    const put = (DetailType: string) => {
      const entry = { EventBusName: served.stack.outputs.EventBusName, Source: 'bluegreen', DetailType, Detail: '{}' };
      return new EventBridgeClient(limited()).send(new PutEventsCommand({ Entries: [entry] }));
    };
    expect((await put('AbortRequested')).FailedEntryCount).toBe(0);
    await expect(put('Completed')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        `User: arn:aws:iam::${ACCOUNT}:user/jane is not authorized to perform: events:PutEvents on resource: ` +
        `arn:aws:events:eu-central-1:${ACCOUNT}:event-bus/bluegreen-dev because no identity-based policy allows the ` +
        'events:PutEvents action',
    });
  });

  test('is refused what the policy does not have, by each service as it refuses', async () => {
    const { WarBucketName: Bucket } = served.stack.outputs;
    const upload = new S3Client(limited()).send(new PutObjectCommand({ Bucket, Key: 'app.war', Body: 'x' }));
    await expect(upload).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const stacks = new CloudFormationClient(limited()).send(
      new DescribeStacksCommand({ StackName: 'bluegreen-other' }),
    );
    await expect(stacks).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const logGroupName = '/aws/lambda/bluegreen-other-start';
    const lines = new CloudWatchLogsClient(limited()).send(new FilterLogEventsCommand({ logGroupName }));
    await expect(lines).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    const simulation = { PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/jane`, ActionNames: ['s3:PutObject'] };
    const simulated = new IAMClient(limited()).send(new SimulatePrincipalPolicyCommand(simulation));
    await expect(simulated).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('reads what is there, and is not told of what may be missing elsewhere', async () => {
    const read = (Bucket = '', Key: string) => new S3Client(limited()).send(new GetObjectCommand({ Bucket, Key }));
    const { StateBucketName, ServerlessDeploymentBucketName } = served.stack.outputs;
    await expect(read(StateBucketName, 'tasks/NOPE.json')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(read(StateBucketName, 'mails/NOPE')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(read(ServerlessDeploymentBucketName, 'app.war')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('has what a simulation says of it', async () => {
    const simulate = async (name: string, action: string, resource = '*') => {
      const simulation = { PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/${name}`, ActionNames: [action] };
      const command = new SimulatePrincipalPolicyCommand({ ...simulation, ResourceArns: [resource] });
      const { EvaluationResults = [] } = await new IAMClient(settings('any')).send(command);
      return EvaluationResults[0]?.EvalDecision;
    };
    const { WarBucketName, StateBucketName } = served.stack.outputs;
    expect(await simulate('jane', 's3:PutObject', `arn:aws:s3:::${WarBucketName}/app.war`)).toBe('implicitDeny');
    expect(await simulate('jane', 's3:GetObject', `arn:aws:s3:::${StateBucketName}/tasks/WAS.json`)).toBe('allowed');
    expect(await simulate('operator', 's3:PutObject', `arn:aws:s3:::${WarBucketName}/app.war`)).toBe('allowed');
  });
});

describe('a user that may only look', () => {
  const LOOKING = 'LOOKINGACCESSKEY';

  /** What a tool of operators looks at, each by its call. */
  const looks: Record<string, () => Promise<unknown>> = {
    'sns:ListSubscriptionsByTopic': () =>
      new SNSClient(settings(LOOKING)).send(
        new ListSubscriptionsByTopicCommand({ TopicArn: served.stack.outputs.AdminTopicArn }),
      ),
    'sns:ListSubscriptions': () => new SNSClient(settings(LOOKING)).send(new ListSubscriptionsCommand({})),
    'sqs:ListQueues': () => new SQSClient(settings(LOOKING)).send(new ListQueuesCommand({})),
    'sqs:GetQueueUrl': () =>
      new SQSClient(settings(LOOKING)).send(new GetQueueUrlCommand({ QueueName: deadLetters().name })),
    'sqs:GetQueueAttributes': () =>
      new SQSClient(settings(LOOKING)).send(new GetQueueAttributesCommand({ QueueUrl: deadLetters().url })),
    'events:ListRules': () => new EventBridgeClient(settings(LOOKING)).send(new ListRulesCommand({})),
    'events:DescribeRule': () =>
      new EventBridgeClient(settings(LOOKING)).send(new DescribeRuleCommand({ Name: 'bluegreen-dev-watchdog' })),
    'events:ListReplays': () => new EventBridgeClient(settings(LOOKING)).send(new ListReplaysCommand({})),
    's3:ListAllMyBuckets': () => new S3Client(settings(LOOKING)).send(new ListBucketsCommand({})),
    's3:GetBucketVersioning': () =>
      new S3Client(settings(LOOKING)).send(
        new GetBucketVersioningCommand({ Bucket: served.stack.outputs.WarBucketName }),
      ),
    'elasticloadbalancing:DescribeAccountLimits': () =>
      new ElasticLoadBalancingV2Client(settings(LOOKING)).send(new DescribeAccountLimitsCommand({})),
    'ec2:DescribeSubnets': () => new EC2Client(settings(LOOKING)).send(new DescribeSubnetsCommand({})),
    'logs:DescribeLogGroups': () => new CloudWatchLogsClient(settings(LOOKING)).send(new DescribeLogGroupsCommand({})),
    'cloudformation:ListStackResources': () =>
      new CloudFormationClient(settings(LOOKING)).send(new ListStackResourcesCommand({ StackName: 'bluegreen-dev' })),
  };

  function deadLetters() {
    const { attributes = {} } = served.stack.resources.get('RuleDeadLetters') ?? {};
    return { name: attributes.QueueName ?? '', url: attributes.QueueUrl ?? '' };
  }

  beforeAll(() => {
    served.aws.addUser({ name: 'kim', accessKeyId: LOOKING, policyArns: [] });
  });

  test.each(Object.keys(looks))('without a permission is refused %s, by that name', async (action) => {
    await expect(looks[action]?.()).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`user/kim is not authorized to perform: ${action} `)),
    });
  });
});

test('a policy that no stack has is an error of whoever adds the user', () => {
  const add = () =>
    served.aws.addUser({ name: 'joe', accessKeyId: 'JOE', policyArns: ['arn:aws:iam::aws:policy/None'] });
  expect(add).toThrow('no stack has the managed policy arn:aws:iam::aws:policy/None');
});

test('in this process, too, clients can be a user', async () => {
  const jim = served.aws.addUser({ name: 'jim', accessKeyId: 'JIM', policyArns: [] });
  const { Arn } = await new STSClient(jim).send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/jim`);
  const stacks = new CloudFormationClient(jim).send(new DescribeStacksCommand({}));
  await expect(stacks).rejects.toMatchObject({ name: 'AccessDenied' });
});
