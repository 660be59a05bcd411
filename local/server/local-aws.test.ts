import { readFileSync } from 'node:fs';
import net from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListArchivesCommand } from '@aws-sdk/client-eventbridge';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { markdownFiles } from '../../tests/tools/markdown-files';
import { buildWar } from '../fleet/war';
import { RealClock } from '../kernel/clock';
import { introduction } from './introduction';
import { type LocalAws, openLocalAws } from './local-aws';
import { sendSigned } from './signed-by-hand';

/** A deployment takes less than three of its minutes. */
const SPEED = 40;

const defects: unknown[] = [];
let served: LocalAws;
let clock: RealClock;

beforeAll(async () => {
  const onDefect = (error: unknown) => void defects.push(error);
  clock = new RealClock(SPEED, onDefect);
  served = await openLocalAws({ port: 0, clock, onDefect, provisioningSeconds: 10, bootSeconds: 10 });
});

afterAll(() => served.close());

/** What an unmodified client of the SDK needs to know. */
function settings() {
  return {
    endpoint: served.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await clock.sleep(2);
}

/** The versions of the war that the healthy targets of the fleet run. */
function servedVersions(): string[] {
  const targets = served.aws.elasticLoadBalancingV2.routableTargets(served.fleet.targetGroupArns[0] ?? '');
  const running = new Map(served.instances.running().map((one) => [one.instanceId, one]));
  return [...new Set(targets.map(({ instanceId }) => running.get(instanceId)?.tags.get('s3VersionIdApp1') ?? ''))];
}

/** Type and size of each group: `Active 2/2/4`. */
async function groups(): Promise<Record<string, string>> {
  const command = new DescribeAutoScalingGroupsCommand({});
  const { AutoScalingGroups = [] } = await new AutoScalingClient(settings()).send(command);
  const described = AutoScalingGroups.map(({ AutoScalingGroupName, MinSize, DesiredCapacity, MaxSize, Tags }) => [
    AutoScalingGroupName,
    `${Tags?.find(({ Key }) => Key === 'type')?.Value} ${MinSize}/${DesiredCapacity}/${MaxSize}`,
  ]);
  return Object.fromEntries(described);
}

async function untilCompleted(times: number): Promise<void> {
  await until(() => served.aws.sns.mails.filter(({ subject }) => subject?.startsWith('[Success]')).length === times);
}

test('a war that a client without SDK uploads is deployed, and its put-events rolls back', async () => {
  const { bucket, versionIds } = served.fleet;
  await until(() => servedVersions().length > 0);
  const body = buildWar({ health: 'well', version: '2' });
  const url = `${served.url}/${bucket}/app.war`;
  const uploaded = await sendSigned({ url, method: 'PUT', service: 's3', headers: { expect: '100-continue' }, body });
  expect(uploaded.status).toBe(200);
  await untilCompleted(1);
  expect(servedVersions()).toEqual([uploaded.headers['x-amz-version-id']]);
  expect(await groups()).toEqual({ 'was-blue': 'StandBy 0/0/0', 'was-green': 'Active 2/2/4' });

  const entry = {
    EventBusName: served.stack.outputs.EventBusName,
    Source: 'bluegreen',
    DetailType: 'DeployRequested',
    Detail: JSON.stringify({ task: 'WAS', versions: 'previous' }),
  };
  const put = await sendSigned({
    url: served.url,
    method: 'POST',
    service: 'events',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ Entries: [entry] }),
  });
  expect(JSON.parse(put.body)).toMatchObject({ FailedEntryCount: 0 });
  await untilCompleted(2);
  expect(servedVersions()).toEqual(versionIds);
  expect(await groups()).toEqual({ 'was-blue': 'Active 2/2/4', 'was-green': 'StandBy 0/0/0' });
  expect(defects).toEqual([]);
});

describe('an unmodified client of the SDK', () => {
  test('sees what is deployed', async () => {
    const { AdminTopicArn, EventBusArn } = served.stack.outputs;
    const { Subscriptions } = await new SNSClient(settings()).send(new ListSubscriptionsCommand({}));
    const mailed = { TopicArn: AdminTopicArn, Endpoint: 'admin@example.com' };
    expect(Subscriptions).toEqual(expect.arrayContaining([expect.objectContaining(mailed)]));
    const { Archives } = await new EventBridgeClient(settings()).send(new ListArchivesCommand({}));
    expect(Archives).toMatchObject([{ EventSourceArn: EventBusArn, State: 'ENABLED' }]);
    const [TargetGroupArn] = served.fleet.targetGroupArns;
    const elb = new ElasticLoadBalancingV2Client(settings());
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    expect(TargetHealthDescriptions).toHaveLength(2);
  });

  test('uses a queue by the URL that it is told', async () => {
    const client = new SQSClient(settings());
    const { QueueUrls = [] } = await client.send(
      new ListQueuesCommand({ QueueNamePrefix: 'bluegreen-dev-RuleDeadLetters' }),
    );
    const [QueueUrl = ''] = QueueUrls;
    expect(QueueUrl.startsWith(`${served.url}/`)).toBe(true);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toMatchObject([{ Body: 'one' }]);
  });

  test('uploads in parts from a stream, and reads what it wrote', async () => {
    const client = new S3Client(settings());
    const at = { Bucket: served.fleet.bucket, Key: '한글/large file.bin' };
    const bodies = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.from('end')];
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const Parts = [];
    for (const [index, bytes] of bodies.entries()) {
      const part = {
        ...at,
        UploadId,
        PartNumber: index + 1,
        Body: Readable.from([bytes]),
        ContentLength: bytes.length,
      };
      const { ETag } = await client.send(new UploadPartCommand(part));
      Parts.push({ PartNumber: index + 1, ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    const { Body } = await client.send(new GetObjectCommand(at));
    expect(Buffer.concat(bodies).equals((await Body?.transformToByteArray()) as Uint8Array)).toBe(true);
    const { ContentLength } = await client.send(new HeadObjectCommand(at));
    expect(ContentLength).toBe(5 * 1024 * 1024 + 3);
  });
});

test('metadata in UTF-8 is understood, and comes back encoded for headers, in process and over HTTP alike', async () => {
  const url = `${served.url}/${served.fleet.bucket}/named`;
  const headers = { 'x-amz-meta-name': Buffer.from('배포').toString('latin1') };
  await sendSigned({ url, method: 'PUT', service: 's3', headers, body: Buffer.from('x') });
  const inProcess = new S3Client(served.aws.operator);
  const { Metadata } = await inProcess.send(new HeadObjectCommand({ Bucket: served.fleet.bucket, Key: 'named' }));
  expect(Metadata?.name).toMatch(/^=\?UTF-8\?B\?[\w+/=]+\?=$/);
  const answer = await sendSigned({ url, method: 'GET', service: 's3' });
  expect(answer.headers).toMatchObject({ 'x-amz-meta-name': Metadata?.name });
});

describe('what is malformed is refused, and nothing ends', () => {
  test.each([
    ['s3', 'GET', '/%zz', ''],
    ['s3', 'PATCH', '/bucket/key', ''],
    ['s3', 'PUT', '/bucket', '<a><b>'],
    ['autoscaling', 'POST', '/', 'Action=Nonsense'],
    ['autoscaling', 'POST', '/', '%'],
    ['events', 'POST', '/', '{"Entries":'],
    ['kms', 'POST', '/', 'Action=GetCallerIdentity'],
  ])('%s %s %s %s', async (service, method, path, body) => {
    const { status } = await sendSigned({ url: served.url + path, method, service, body });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  test('a request that is no HTTP, and one that breaks off', async () => {
    const { hostname, port } = new URL(served.url);
    const say = async (words: string) => {
      const socket = net.connect(Number(port), hostname);
      socket.write(words);
      return text(socket);
    };
    expect(await say('nonsense\r\n\r\n')).toContain('400 Bad Request');
    expect(await say('GET / HTTP/1.1\r\n\r\n')).toContain('400 Bad Request');
    const socket = net.connect(Number(port), hostname);
    await new Promise((resolve) => socket.write('PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx', resolve));
    socket.destroy();
    expect((await groups())['was-blue']).toBeDefined();
    expect(defects).toEqual([]);
  });
});

test('names that are made up differ from run to run, and are the same for the same seed', async () => {
  const namesOf = async (seed?: number) => {
    const opened = await openLocalAws({
      port: 0,
      clock: new RealClock(),
      seed,
      onDefect: (error) => defects.push(error),
    });
    opened.close();
    return ['WarBucketName', 'StateBucketName', 'AdminTopicArn'].map((output) => opened.stack.outputs[output]);
  };
  const [first, second, seeded, again] = [await namesOf(), await namesOf(), await namesOf(7), await namesOf(7)];
  expect(second.filter((name) => first.includes(name))).toEqual([]);
  expect(first.filter((name) => seeded.includes(name))).toEqual([]);
  expect(again).toEqual(seeded);
});

test('it listens on loopback only', () => {
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('a port that is taken is an error, and nothing stays open', async () => {
  const port = Number(new URL(served.url).port);
  await expect(openLocalAws({ port, clock, onDefect: () => {} })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

describe.each([undefined, 80, 60, 40])('the introduction, in %p columns', (columns = 80) => {
  const folders = { mails: '/tmp/bluegreen-mails-a1B2c3', wars: '/tmp/bluegreen-wars-a1B2c3' };
  const lines = () => introduction({ ...served, url: 'http://127.0.0.1:65535' }, 20, folders, columns).split('\n');
  const isCopied = (line: string) => /^(export|aws|npx) /.test(line);

  test('fits, but for what is copied and for words that are longer', () => {
    const long = lines().filter((line) => !isCopied(line) && line.length > columns && line.trim().includes(' '));
    expect(long).toEqual([]);
  });

  test('has what is copied in one line each', () => {
    expect(lines().filter(isCopied).length).toBeGreaterThan(15);
    expect(lines().filter((line) => line.endsWith('\\'))).toEqual([]);
  });
});

test('whatever variable a document has for what is there is one of those that it exports', () => {
  const folders = { mails: '/tmp/mails', wars: '/tmp/wars' };
  const said = introduction(served, 1, folders);
  const exported = new Set([...said.matchAll(/(?<=^export .*)\b([A-Z_]+)=/gm)].map(([, name]) => name));
  // Clones are there while a deployment runs, and the mail names them; a build has its own.
  const ofOthers = ['DUMMY_ARN', 'DUMMY_TARGET_GROUP_ARN', 'GITHUB_SHA'];
  for (const file of markdownFiles().filter((name) => /^(README|docs\/)/.test(name))) {
    const document = readFileSync(file, 'utf8');
    const named = [...document.matchAll(/\$([A-Z][A-Z_]+)\b/g)].map(([, name = '']) => name);
    const unknown = named.filter(
      (name) => ![...exported, ...ofOthers].includes(name) && !document.includes(`${name}=`),
    );
    expect({ file, unknown }).toEqual({ file, unknown: [] });
  }
});
