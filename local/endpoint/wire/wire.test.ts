import { Readable } from 'node:stream';
import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  DescribeLoadBalancersCommand as DescribeClassicLoadBalancersCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { VirtualClock } from '../../kernel/clock';
import { AwsError, type Caller, type Service, type ServiceName } from '../../kernel/service';
import { clientDefaults } from '../client';
import { Endpoint } from '../endpoint';

const AWKWARD = 'a&b <c> "d" \'e\' 한글 + %2B\n  f=g;h/i?j#k';
const OPERATOR: Caller = { principal: 'operator', isAlive: () => true };

/** Clients of an endpoint that knows one operation; `sent` is what the operation was given. */
function answering(service: ServiceName, name: string, answer: object | AwsError) {
  const sent: Record<string, unknown>[] = [];
  const operation = (input: Record<string, unknown>) => {
    sent.push(input);
    if (answer instanceof AwsError) throw answer;
    return answer;
  };
  return { sent, ...world({ [service]: { operations: { [name]: operation } } }) };
}

/** Nothing but operations is asked for where no role is limited. */
function world(services: Partial<Record<ServiceName, Pick<Service, 'operations'>>>) {
  const clock = new VirtualClock();
  const endpoint = new Endpoint(clock, services, 0);
  const defaults = clientDefaults(endpoint, clock, OPERATOR, 'ap-northeast-2');
  return { clock, endpoint, defaults };
}

describe('the Query protocol', () => {
  test('carries nested lists, dates, booleans, numbers and awkward text both ways', async () => {
    const group = {
      AutoScalingGroupName: AWKWARD,
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 2,
      DefaultCooldown: 300,
      AvailabilityZones: ['ap-northeast-2a', 'ap-northeast-2c'],
      LoadBalancerNames: [],
      HealthCheckType: 'ELB',
      CreatedTime: new Date('2029-12-31T23:59:59Z'),
      Instances: [
        {
          InstanceId: 'i-1',
          AvailabilityZone: 'ap-northeast-2a',
          LifecycleState: 'InService' as const,
          HealthStatus: 'Healthy',
          ProtectedFromScaleIn: false,
        },
      ],
      Tags: [{ Key: 'apps3key1', Value: AWKWARD, PropagateAtLaunch: true }],
    };
    const { defaults, sent } = answering('auto-scaling', 'DescribeAutoScalingGroups', { AutoScalingGroups: [group] });
    const input = { Filters: [{ Name: 'tag-value', Values: ['WAS', AWKWARD] }], MaxRecords: 100, NextToken: 'a+b/c=' };
    const output = await new AutoScalingClient(defaults).send(new DescribeAutoScalingGroupsCommand(input));
    expect(sent).toEqual([input]);
    expect(output.AutoScalingGroups).toEqual([group]);
    expect(output.NextToken).toBeUndefined();
  });

  test('carries an empty list both ways', async () => {
    const { defaults, sent } = answering('auto-scaling', 'DescribeAutoScalingGroups', { AutoScalingGroups: [] });
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [] });
    const output = await new AutoScalingClient(defaults).send(command);
    expect(sent).toEqual([{ AutoScalingGroupNames: [] }]);
    expect(output.AutoScalingGroups).toEqual([]);
  });

  test('carries more than nine list items in their order', async () => {
    const { defaults, sent } = answering('auto-scaling', 'CreateOrUpdateTags', {});
    const Tags = Array.from({ length: 12 }, (_, index) => ({ Key: `k${index}`, Value: '', PropagateAtLaunch: true }));
    await new AutoScalingClient(defaults).send(new CreateOrUpdateTagsCommand({ Tags }));
    expect(sent).toEqual([{ Tags }]);
  });

  test('carries dates of requests', async () => {
    const { defaults, sent } = answering('auto-scaling', 'PutScheduledUpdateGroupAction', {});
    const input = {
      AutoScalingGroupName: 'was-a',
      ScheduledActionName: 'night',
      StartTime: new Date('2030-01-02T03:04:05Z'),
      MinSize: 0,
    };
    await new AutoScalingClient(defaults).send(new PutScheduledUpdateGroupActionCommand(input));
    expect(sent).toEqual([input]);
  });

  test('serves both generations of load balancers', async () => {
    const { defaults } = world({
      'elastic-load-balancing': {
        operations: {
          DescribeLoadBalancers: () => ({
            LoadBalancerDescriptions: [{ LoadBalancerName: 'classic', Instances: [{ InstanceId: 'i-1' }] }],
          }),
          CreateLoadBalancer: () => ({ DNSName: 'classic.elb.amazonaws.com' }),
        },
      },
      'elastic-load-balancing-v2': {
        operations: {
          DescribeTargetGroups: () => ({
            TargetGroups: [{ TargetGroupName: 'tg', HealthCheckEnabled: true, Matcher: { HttpCode: '200-299' } }],
          }),
        },
      },
    });
    const classic = await new ElasticLoadBalancingClient(defaults).send(new DescribeClassicLoadBalancersCommand({}));
    expect(classic.LoadBalancerDescriptions).toMatchObject([
      { LoadBalancerName: 'classic', Instances: [{ InstanceId: 'i-1' }] },
    ]);
    const groups = await new ElasticLoadBalancingV2Client(defaults).send(new DescribeTargetGroupsCommand({}));
    expect(groups.TargetGroups).toMatchObject([{ HealthCheckEnabled: true, Matcher: { HttpCode: '200-299' } }]);
    const creation = new CreateClassicLoadBalancerCommand({ LoadBalancerName: 'x', Listeners: [] });
    expect(await new ElasticLoadBalancingClient(defaults).send(creation)).toMatchObject({
      DNSName: 'classic.elb.amazonaws.com',
    });
  });

  test('carries maps and blobs', async () => {
    const { defaults, sent } = answering('sns', 'Publish', { MessageId: 'm-1' });
    const input = {
      TopicArn: 'arn:aws:sns:ap-northeast-2:123456789012:admins',
      Message: AWKWARD,
      MessageAttributes: {
        [AWKWARD]: { DataType: 'String', StringValue: 'x' },
        bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 128, 255) },
      },
    };
    await new SNSClient(defaults).send(new PublishCommand(input));
    expect(sent[0]).toMatchObject({ Message: AWKWARD, MessageAttributes: { [AWKWARD]: { StringValue: 'x' } } });
    const attributes = sent[0]?.MessageAttributes as typeof input.MessageAttributes;
    expect([...attributes.bytes.BinaryValue]).toEqual([0, 128, 255]);

    const attributesOfTopic = answering('sns', 'GetTopicAttributes', { Attributes: { Policy: AWKWARD, Owner: '1' } });
    const client = new SNSClient(attributesOfTopic.defaults);
    const output = await client.send(new GetTopicAttributesCommand({ TopicArn: input.TopicArn }));
    expect(output.Attributes).toEqual({ Policy: AWKWARD, Owner: '1' });
  });

  test('turns an error into the class of the SDK, with its status and message', async () => {
    const error = new AwsError('TargetGroupNotFound', `One or more target groups not found: ${AWKWARD}`, 400);
    const { defaults } = answering('elastic-load-balancing-v2', 'DescribeTargetGroups', error);
    const call = new ElasticLoadBalancingV2Client(defaults).send(new DescribeTargetGroupsCommand({ Names: ['x'] }));
    await expect(call).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
      message: error.message,
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('refuses a request without its required parameters', async () => {
    const { defaults, sent } = answering('elastic-load-balancing-v2', 'CreateTargetGroup', {});
    const command = new CreateTargetGroupCommand({ Name: undefined });
    await expect(new ElasticLoadBalancingV2Client(defaults).send(command)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining("'Name'"),
    });
    expect(sent).toEqual([]);
  });

  test('refuses an operation that the embedded AWS does not have', async () => {
    const { defaults } = world({});
    const call = new AutoScalingClient(defaults).send(new DescribeScalingActivitiesCommand({}));
    await expect(call).rejects.toMatchObject({ name: 'UnknownOperationException', $metadata: { httpStatusCode: 400 } });
  });

  test('refuses an action that nobody has, a number that is none, and a text for a structure', async () => {
    const { endpoint } = answering('auto-scaling', 'DescribeAutoScalingGroups', {});
    const send = (body: string) => endpoint.handle(signed('autoscaling', { body: Buffer.from(body) }), OPERATOR);
    expect(await send('Action=Nonsense&Version=2011-01-01')).toMatchObject({
      status: 400,
      body: expect.stringContaining('<Code>InvalidAction</Code>'),
    });
    for (const malformed of ['MaxRecords=many', 'Filters.member.1=x']) {
      expect(await send(`Action=DescribeAutoScalingGroups&${malformed}`)).toMatchObject({
        status: 400,
        body: expect.stringContaining('<Code>MalformedInput</Code>'),
      });
    }
  });
});

describe('the JSON protocol', () => {
  test('carries nested values, dates and awkward text both ways', async () => {
    const answer = { FailedEntryCount: 1, Entries: [{ EventId: 'e-1' }, { ErrorCode: 'x', ErrorMessage: AWKWARD }] };
    const { defaults, sent } = answering('eventbridge', 'PutEvents', answer);
    const Time = new Date('2030-01-02T03:04:05Z');
    const Entries = [{ Source: 'bluegreen', DetailType: AWKWARD, Detail: '{"a":1}', Resources: [], Time }];
    const output = await new EventBridgeClient(defaults).send(new PutEventsCommand({ Entries }));
    expect(sent).toEqual([{ Entries }]);
    expect(output).toMatchObject(answer);
  });

  test('carries maps and blobs', async () => {
    const { defaults, sent } = answering('sqs', 'SendMessage', { MessageId: 'm-1' });
    await new SQSClient({ ...defaults, md5: false }).send(
      new SendMessageCommand({
        QueueUrl: 'https://sqs.ap-northeast-2.amazonaws.com/123456789012/delay',
        MessageBody: AWKWARD,
        DelaySeconds: 10,
        MessageAttributes: { bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 128, 255) } },
      }),
    );
    expect(sent).toMatchObject([{ MessageBody: AWKWARD, DelaySeconds: 10 }]);
    const attributes = sent[0]?.MessageAttributes as { bytes: { BinaryValue: Uint8Array } };
    expect([...attributes.bytes.BinaryValue]).toEqual([0, 128, 255]);
  });

  test('turns an error into the class of the SDK, with its status and message', async () => {
    const { defaults } = answering('sqs', 'SendMessage', new AwsError('QueueDoesNotExist', 'no such queue', 400));
    const command = new SendMessageCommand({
      QueueUrl: 'https://sqs.ap-northeast-2.amazonaws.com/1/q',
      MessageBody: 'x',
    });
    await expect(new SQSClient(defaults).send(command)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'no such queue',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('refuses a request without its required parameters, and a body that is not JSON', async () => {
    const { defaults, endpoint, sent } = answering('eventbridge', 'PutEvents', {});
    const command = new PutEventsCommand({ Entries: undefined });
    await expect(new EventBridgeClient(defaults).send(command)).rejects.toThrow("'Entries'");
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
    const response = await endpoint.handle(signed('events', { headers, body: Buffer.from('{"Entries":') }), OPERATOR);
    expect(response).toMatchObject({ status: 400, body: expect.stringContaining('SerializationException') });
    expect(sent).toEqual([]);
  });
});

describe('the JSON protocol refuses what is not of its type', () => {
  test.each([
    'null',
    '[]',
    '{"Entries": "x"}',
    '{"Entries": [null]}',
    '{"Entries": [{"Source": 5}]}',
    '{"Entries": [{"Time": "yesterday"}]}',
    '{"Entries": [{"Resources": [{}]}]}',
  ])('%s', async (body) => {
    const { endpoint, sent } = answering('eventbridge', 'PutEvents', {});
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
    const response = await endpoint.handle(signed('events', { headers, body: Buffer.from(body) }), OPERATOR);
    expect(response).toMatchObject({ status: 400, body: expect.stringContaining('SerializationException') });
    expect(sent).toEqual([]);
  });
});

describe('the REST protocol', () => {
  const KEYS = ['a b/c+d%20e.war', '한글/배포.war', '/leading', 'a//b/', '../up', 'q?x=1&y#z', "it's(1)!*~"];

  test.each(KEYS)('carries the key %s', async (Key) => {
    const host = answering('s3', 'HeadObject', {});
    await new S3Client(host.defaults).send(new HeadObjectCommand({ Bucket: 'wars', Key }));
    expect(host.sent).toMatchObject([{ Bucket: 'wars', Key }]);
    const path = answering('s3', 'HeadObject', {});
    const client = new S3Client({ ...path.defaults, forcePathStyle: true });
    await client.send(new HeadObjectCommand({ Bucket: 'wars', Key, VersionId: 'v+1' }));
    expect(path.sent).toMatchObject([{ Bucket: 'wars', Key, VersionId: 'v+1' }]);
  });

  test('carries headers, metadata, dates and numbers both ways', async () => {
    const LastModified = new Date('2030-01-02T03:04:05Z');
    const answer = { ETag: '"abc"', ContentLength: 3, LastModified, VersionId: 'v1', Metadata: { token: 't 1' } };
    const { defaults, sent } = answering('s3', 'HeadObject', answer);
    const input = { Bucket: 'wars', Key: 'a', IfMatch: '"abc"', IfModifiedSince: LastModified, PartNumber: 2 };
    const output = await new S3Client(defaults).send(new HeadObjectCommand(input));
    expect(sent).toMatchObject([input]);
    expect(output).toMatchObject(answer);
  });

  test('tells the operations of one method and path apart', async () => {
    const seen: string[] = [];
    const named = (name: string, answer: object) => () => {
      seen.push(name);
      return answer;
    };
    const { defaults } = world({
      s3: {
        operations: {
          PutObject: named('PutObject', {}),
          CopyObject: named('CopyObject', { CopyObjectResult: { ETag: '"e"' } }),
          UploadPart: named('UploadPart', {}),
          ListObjectsV2: named('ListObjectsV2', { KeyCount: 0 }),
        },
      },
    });
    const client = new S3Client(defaults);
    const at = { Bucket: 'wars', Key: 'a' };
    await client.send(new PutObjectCommand({ ...at, Body: 'x' }));
    const copy = await client.send(new CopyObjectCommand({ ...at, CopySource: 'wars/b' }));
    await client.send(new UploadPartCommand({ ...at, UploadId: 'u', PartNumber: 1, Body: 'x' }));
    await client.send(new ListObjectsV2Command({ Bucket: 'wars' }));
    expect(seen).toEqual(['PutObject', 'CopyObject', 'UploadPart', 'ListObjectsV2']);
    expect(copy.CopyObjectResult).toEqual({ ETag: '"e"' });
  });

  test('carries XML bodies both ways', async () => {
    const Contents = [{ Key: AWKWARD, Size: 5, LastModified: new Date('2030-01-01T00:00:00Z') }, { Key: 'b' }];
    const list = answering('s3', 'ListObjectsV2', { Contents, IsTruncated: false, KeyCount: 2 });
    const listed = await new S3Client(list.defaults).send(new ListObjectsV2Command({ Bucket: 'b', Prefix: AWKWARD }));
    expect(list.sent).toMatchObject([{ Prefix: AWKWARD }]);
    expect(listed).toMatchObject({ Contents, IsTruncated: false, KeyCount: 2 });

    const complete = answering('s3', 'CompleteMultipartUpload', { ETag: '"x-2"' });
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: '"a"' }] };
    const input = { Bucket: 'b', Key: 'k', UploadId: 'u', MultipartUpload };
    const output = await new S3Client(complete.defaults).send(new CompleteMultipartUploadCommand(input));
    expect(complete.sent).toMatchObject([input]);
    expect(output.ETag).toBe('"x-2"');
  });

  test('answers the location of a bucket', async () => {
    const { defaults } = answering('s3', 'GetBucketLocation', { LocationConstraint: 'ap-northeast-2' });
    const output = await new S3Client(defaults).send(new GetBucketLocationCommand({ Bucket: 'b' }));
    expect(output.LocationConstraint).toBe('ap-northeast-2');
  });

  test('decodes the aws-chunked body of a stream, its encoding and its trailing checksum', async () => {
    const { defaults, sent } = answering('s3', 'PutObject', {});
    const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('한글\r\n0\r\n')]);
    const command = new PutObjectCommand({
      Bucket: 'b',
      Key: 'k',
      Body,
      ContentEncoding: 'gzip',
      ContentLength: 70_011,
    });
    await new S3Client(defaults).send(command);
    expect(Buffer.from(sent[0]?.Body as Uint8Array).toString()).toBe(`${'a'.repeat(70_000)}한글\r\n0\r\n`);
    expect(sent).toMatchObject([{ ContentEncoding: 'gzip', ChecksumCRC32: expect.stringMatching(/^.{6}==$/) }]);
  });

  test('turns an error into the class of the SDK, also where the answer has no body', async () => {
    const get = answering('s3', 'GetObject', new AwsError('NoSuchKey', 'The specified key does not exist.', 404));
    const at = { Bucket: 'b', Key: 'k' };
    await expect(new S3Client(get.defaults).send(new GetObjectCommand(at))).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    const head = answering('s3', 'HeadObject', new AwsError('NoSuchKey', 'The specified key does not exist.', 404));
    await expect(new S3Client(head.defaults).send(new HeadObjectCommand(at))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('refuses XML that is not well formed, a broken address and a broken chunked body', async () => {
    const { endpoint, sent } = answering('s3', 'PutObject', {});
    const send = (request: Partial<Parameters<Endpoint['handle']>[0]>) =>
      endpoint.handle(signed('s3', request), OPERATOR);
    const location = await send({ method: 'PUT', path: '/b', body: Buffer.from('<a><b>') });
    expect(location).toMatchObject({ status: 400, body: expect.stringContaining('MalformedXML') });
    const address = await send({ method: 'PUT', path: '/b/%E0%A4%A', body: Buffer.from('x') });
    expect(address).toMatchObject({ status: 400, body: expect.stringContaining('InvalidURI') });
    const headers = { 'content-encoding': 'aws-chunked' };
    const chunked = await send({ method: 'PUT', path: '/b/k', headers, body: Buffer.from('ff\r\nshort') });
    expect(chunked).toMatchObject({ status: 400, body: expect.stringContaining('IncompleteBody') });
    expect(sent).toEqual([]);
  });
});

describe('the bucket', () => {
  test.each([
    ['wars.s3.eu-central-1.amazonaws.com', '/app.war'],
    ['wars.localhost', '/app.war'],
    ['wars.127.0.0.1', '/app.war'],
    ['wars.s3.localhost', '/app.war'],
    ['s3.localhost', '/wars/app.war'],
    ['s3.eu-central-1.amazonaws.com', '/wars/app.war'],
    ['localhost', '/wars/app.war'],
    ['127.0.0.1', '/wars/app.war'],
  ])('of a request to %s%s', async (host, path) => {
    const { endpoint, sent } = answering('s3', 'GetObject', {});
    await endpoint.handle(signed('s3', { method: 'GET', host, path }), OPERATOR);
    expect(sent).toMatchObject([{ Bucket: 'wars', Key: 'app.war' }]);
  });
});

test('a presigned URL of S3 is understood', async () => {
  const { endpoint, sent } = answering('s3', 'GetObject', {});
  const query = new URLSearchParams({ 'X-Amz-Credential': 'X/20300101/ap-northeast-2/s3/aws4_request' });
  const request = { ...signed('s3', { method: 'GET', path: '/wars/app.war', query }), headers: {} };
  await endpoint.handle(request, OPERATOR);
  expect(sent).toMatchObject([{ Bucket: 'wars', Key: 'app.war' }]);
});

test.each([
  ['application/x-amz-json-1.1', '{"__type":"UnknownService"'],
  ['application/x-www-form-urlencoded', '<Code>UnknownService</Code>'],
])('a request for a service that is not here is refused in its own protocol: %s', async (type, refusal) => {
  const { endpoint } = world({});
  const response = await endpoint.handle(signed('dynamodb', { headers: { 'content-type': type } }), OPERATOR);
  expect(response).toMatchObject({ status: 400, body: expect.stringContaining(refusal) });
});

test('an error of SQS names the code that it had in the Query protocol', async () => {
  const { endpoint } = answering('sqs', 'GetQueueUrl', new AwsError('QueueDoesNotExist', 'no such queue', 400));
  const request = { headers: { 'x-amz-target': 'AmazonSQS.GetQueueUrl' }, body: Buffer.from('{"QueueName":"x"}') };
  expect((await endpoint.handle(signed('sqs', request), OPERATOR)).headers).toMatchObject({
    'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender',
  });
});

test('a request that is not signed is refused', async () => {
  const { endpoint } = world({});
  const request = { ...signed('s3', {}), headers: {} };
  expect(await endpoint.handle(request, OPERATOR)).toMatchObject({
    status: 403,
    body: expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
  });
});

/** A request as a client that is not the SDK sends it. */
function signed(scope: string, request: Partial<Parameters<Endpoint['handle']>[0]>) {
  const credential = `AWS4-HMAC-SHA256 Credential=X/20300101/ap-northeast-2/${scope}/aws4_request, Signature=0`;
  return {
    method: 'POST',
    host: 'localhost',
    path: '/',
    query: new URLSearchParams(),
    body: new Uint8Array(),
    ...request,
    headers: { ...request.headers, authorization: credential },
  };
}
