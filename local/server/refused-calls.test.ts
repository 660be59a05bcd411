import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, SimulateCustomPolicyCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { refuseCalls } from '../../tests/harness/refusing';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { RealClock } from '../kernel/clock';
import { AwsError, type ServiceName } from '../kernel/service';
import { throttlingOf } from '../kernel/throttle';
import { HttpServer } from './http-server';

const defects: unknown[] = [];
let aws: EmbeddedAws;
let server: HttpServer;
let clock: RealClock;

// Nothing is deployed there: a function that runs meanwhile would meet the refusal in place of the client under test.
beforeAll(async () => {
  const onDefect = (error: unknown) => void defects.push(error);
  // At no other speed: clients try anything again that is refused while the clock there and theirs drift apart.
  clock = new RealClock(1, onDefect);
  server = await HttpServer.listen(0, onDefect);
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  aws = new EmbeddedAws({ clock, instances, queueOrigin: server.url });
  server.serve(aws);
});

afterAll(() => {
  server.close();
  clock.stop();
  expect(defects).toEqual([]);
});

type Settings = ReturnType<typeof settings>;

function settings(maxAttempts: number) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { endpoint: server.url, region: 'eu-central-1', credentials, forcePathStyle: true, maxAttempts };
}

const CALLS: Partial<Record<ServiceName, (settings: Settings) => Promise<unknown>>> = {
  'auto-scaling': (given) => new AutoScalingClient(given).send(new DescribeAutoScalingGroupsCommand({})),
  cloudformation: (given) => new CloudFormationClient(given).send(new DescribeStacksCommand({})),
  'cloudwatch-logs': (given) => new CloudWatchLogsClient(given).send(new DescribeLogGroupsCommand({})),
  ec2: (given) => new EC2Client(given).send(new DescribeSubnetsCommand({})),
  'elastic-load-balancing-v2': (given) =>
    new ElasticLoadBalancingV2Client(given).send(new DescribeLoadBalancersCommand({})),
  eventbridge: (given) => new EventBridgeClient(given).send(new ListRulesCommand({})),
  iam: (given) => {
    const input = {
      PolicyInputList: ['{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'],
      ActionNames: ['s3:GetObject'],
    };
    return new IAMClient(given).send(new SimulateCustomPolicyCommand(input));
  },
  s3: (given) => new S3Client(given).send(new ListBucketsCommand({})),
  sns: (given) => new SNSClient(given).send(new ListTopicsCommand({})),
  sqs: (given) => new SQSClient(given).send(new ListQueuesCommand({})),
  sts: (given) => new STSClient(given).send(new GetCallerIdentityCommand({})),
};

test.each(Object.keys(CALLS) as ServiceName[])('a client knows how %s throttles, and tries again', async (service) => {
  const call = CALLS[service] as (settings: Settings) => Promise<unknown>;
  refuseCalls(aws, { service, times: 1 }, throttlingOf(service));
  expect(await call(settings(2))).toMatchObject({ $metadata: { attempts: 2, httpStatusCode: 200 } });
});

test('what is always refused fails after the last attempt, until the test ends it; another operation does not', async () => {
  const calls = { service: 'auto-scaling', operation: 'DescribeAutoScalingGroups' } as const;
  const end = refuseCalls(aws, calls, throttlingOf('auto-scaling'));
  const describe = () => new AutoScalingClient(settings(2)).send(new DescribeAutoScalingGroupsCommand({}));
  await expect(describe()).rejects.toMatchObject({ name: 'Throttling', $metadata: { attempts: 2 } });
  await expect(CALLS.cloudformation?.(settings(1))).resolves.toBeDefined();
  end();
  await expect(describe()).resolves.toBeDefined();
});

test('any other error is one, too', async () => {
  const denied = new AwsError('AccessDenied', 'User: arn:aws:iam::123456789012:user/jane is not authorized', 403);
  const end = refuseCalls(aws, { service: 'cloudformation' }, denied);
  await expect(CALLS.cloudformation?.(settings(3))).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { attempts: 1, httpStatusCode: 403 },
  });
  end();
});
