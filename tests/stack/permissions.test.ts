/** What the functions of the packaged stack are kept from, whatever their code would do. */
import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DetachLoadBalancerTargetGroupsCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteLoadBalancerCommand as DeleteClassicLoadBalancerCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CATALOG } from '../../events/catalog';
import { clientDefaults } from '../../local/endpoint/client';
import { requestsOf, STAGES } from '../../shared/pipeline/flow';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

let world: World;
let roles: string[];

/** Somebody else's, in the same account. */
const THEIRS = { group: 'theirs', topic: '', bucket: 'theirs', queue: '', dummy: '' };

beforeAll(async () => {
  world = await World.create();
  roles = [...world.stack.resources].flatMap(([key, { type }]) => (type === 'AWS::IAM::Role' ? [key] : []));
  await new Operator(world).createGroup(THEIRS.group, { Name: 'not of a task', owner: 'WAS' });
  THEIRS.topic = world.aws.sns.createTopic('theirs');
  THEIRS.queue = world.aws.sqs.createQueue('theirs').url;
  world.aws.s3.createBucket(THEIRS.bucket);
  const create = new CreateTargetGroupCommand({
    Name: 'deploycheck-2',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: world.aws.network.vpcId,
    Tags: [{ Key: 'bluegreen:stack', Value: 'theirs' }],
  });
  const { TargetGroups } = await world.clock.run(balancing(world.aws.operator).send(create));
  THEIRS.dummy = TargetGroups?.[0]?.TargetGroupArn ?? '';
});

/** `allowed`, or what of the call is denied: the action. Another error than a denial counts as allowed. */
async function verdict(principal: string, call: (client: ReturnType<typeof clientDefaults>) => Promise<unknown>) {
  const client = clientDefaults(world.aws.endpoint, world.clock, { principal, isAlive: () => true }, world.aws.region);
  const message = await world.clock.run(call(client).then(String, (error: Error) => error.message));
  return / is not authorized to perform: (\S+) /.exec(message)?.[1] ?? 'allowed';
}

type Client = ReturnType<typeof clientDefaults>;

const scaling = (client: Client) => new AutoScalingClient(client);
const balancing = (client: Client) => new ElasticLoadBalancingV2Client(client);

const dummyTargetGroup = () => arn('targetgroup/deploycheck-1/0123456789abcdef');

function arn(resource: string): string {
  return `arn:aws:elasticloadbalancing:${world.aws.region}:${world.aws.accountId}:${resource}`;
}

function tagging(groupName: string, Key: string) {
  const tag = { ResourceType: 'auto-scaling-group', ResourceId: groupName, Key, Value: 'x', PropagateAtLaunch: false };
  return new CreateOrUpdateTagsCommand({ Tags: [tag] });
}

function putting(detailType: string, { source = 'bluegreen', bus = world.stack.outputs.EventBusName } = {}) {
  const entry = { EventBusName: bus, Source: source, DetailType: detailType, Detail: '{}' };
  return (client: Client) => new EventBridgeClient(client).send(new PutEventsCommand({ Entries: [entry] }));
}

describe('no function may', () => {
  const TargetGroupARNs = ['arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/was-web-1/0'];
  test.each<[string, (client: Client) => Promise<unknown>]>([
    [
      'delete a load balancer that is real',
      (client) =>
        balancing(client).send(new DeleteLoadBalancerCommand({ LoadBalancerArn: world.fleet.loadBalancerArn })),
    ],
    [
      'delete a Classic Load Balancer that is real',
      (client) =>
        new ElasticLoadBalancingClient(client).send(new DeleteClassicLoadBalancerCommand({ LoadBalancerName: 'web' })),
    ],
    [
      'delete a target group that is real',
      (client) =>
        balancing(client).send(new DeleteTargetGroupCommand({ TargetGroupArn: world.fleet.targetGroupArns[0] })),
    ],
    [
      'delete a dummy of another stack',
      (client) => balancing(client).send(new DeleteTargetGroupCommand({ TargetGroupArn: THEIRS.dummy })),
    ],
    [
      'change a target group that is real',
      (client) =>
        balancing(client).send(
          new ModifyTargetGroupAttributesCommand({
            TargetGroupArn: world.fleet.targetGroupArns[0],
            Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
          }),
        ),
    ],
    [
      'listen on a load balancer that is real',
      (client) =>
        balancing(client).send(
          new CreateListenerCommand({ LoadBalancerArn: world.fleet.loadBalancerArn, DefaultActions: [] }),
        ),
    ],
    [
      'make a load balancer on the internet',
      (client) =>
        balancing(client).send(new CreateLoadBalancerCommand({ Name: 'deploycheck-1', Scheme: 'internet-facing' })),
    ],
    ['make one that may be on the internet', (client) => balancing(client).send(createDummy('deploycheck-1'))],
    [
      'make a load balancer without the name of a dummy',
      (client) => balancing(client).send(new CreateLoadBalancerCommand({ Name: 'web-2', Scheme: 'internal' })),
    ],
    [
      'make a target group without the name of a dummy',
      (client) => balancing(client).send(new CreateTargetGroupCommand({ Name: 'web-2' })),
    ],
    [
      'say afterwards that something is a dummy',
      (client) =>
        balancing(client).send(
          new AddTagsCommand({ ResourceArns: [dummyTargetGroup()], Tags: [{ Key: 'bluegreen:stack', Value: '' }] }),
        ),
    ],
    [
      'size a group of no task',
      (client) =>
        scaling(client).send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: THEIRS.group, MaxSize: 0 })),
    ],
    [
      'attach a group of no task',
      (client) =>
        scaling(client).send(
          new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: THEIRS.group, TargetGroupARNs }),
        ),
    ],
    [
      'detach a group of no task',
      (client) =>
        scaling(client).send(
          new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: THEIRS.group, TargetGroupARNs }),
        ),
    ],
    [
      'suspend a group of no task',
      (client) => scaling(client).send(new SuspendProcessesCommand({ AutoScalingGroupName: THEIRS.group })),
    ],
    ['make a group one of a task', (client) => scaling(client).send(tagging(THEIRS.group, 'taskfordeploy'))],
    [
      'move a group to another task',
      (client) => scaling(client).send(tagging(world.fleet.activeGroup, 'taskfordeploy')),
    ],
    ['publish to another topic', (client) => publishing(client, THEIRS.topic)],
    [
      'send to a queue that is not of the stack',
      (client) => new SQSClient(client).send(new SendMessageCommand({ QueueUrl: THEIRS.queue, MessageBody: 'x' })),
    ],
    [
      'write to a bucket that is not of the stack',
      (client) => new S3Client(client).send(new PutObjectCommand({ Bucket: THEIRS.bucket, Key: 'tasks/x', Body: 'x' })),
    ],
    [
      'delete an object',
      (client) =>
        new S3Client(client).send(
          new DeleteObjectCommand({ Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' }),
        ),
    ],
    [
      'write a war',
      (client) =>
        new S3Client(client).send(new PutObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war', Body: 'x' })),
    ],
    ['put events on another bus', (client) => putting('Started', { bus: 'default' })(client)],
    ['put events of another source', (client) => putting('Started', { source: 'aws.s3' })(client)],
    ['ask for an abort', (client) => putting('AbortRequested')(client)],
  ])('%s', async (_, call) => {
    const allowed: string[] = [];
    for (const role of roles) if ((await verdict(role, call)) === 'allowed') allowed.push(role);
    expect(allowed).toEqual([]);
  });

  function createDummy(Name: string) {
    return new CreateLoadBalancerCommand({ Name }); // by default it is on the internet
  }

  function publishing(client: Client, TopicArn: string) {
    return new SNSClient(client).send(new PublishCommand({ TopicArn, Message: 'x' }));
  }
});

describe('only', () => {
  /** Who of all roles may make a call. */
  async function whoMay(call: (client: Client) => Promise<unknown>): Promise<string[]> {
    const allowed: string[] = [];
    for (const role of roles) if ((await verdict(role, call)) === 'allowed') allowed.push(role);
    return allowed.sort();
  }

  test('StandBy is detached by start, which never detaches Active', async () => {
    const detach = (AutoScalingGroupName: string) => (client: Client) =>
      scaling(client).send(
        new DetachLoadBalancerTargetGroupsCommand({
          AutoScalingGroupName,
          TargetGroupARNs: world.fleet.targetGroupArns,
        }),
      );
    expect(await verdict('StartRole', detach(world.fleet.standByGroup))).toBe('allowed');
    expect(await verdict('StartRole', detach(world.fleet.activeGroup))).not.toBe('allowed');
  });

  test('start may tag versions, and swap who is Active', async () => {
    const { standByGroup } = world.fleet;
    expect(await whoMay((client) => scaling(client).send(tagging(standByGroup, 's3VersionIdApp1')))).toEqual([
      'StartRole',
    ]);
    expect(await whoMay((client) => scaling(client).send(tagging(standByGroup, 'Type')))).toContain('SwapRole');
    expect(await whoMay((client) => scaling(client).send(tagging(standByGroup, 'Type')))).not.toContain('StartRole');
  });

  test('what has passed step 1 is attached to real load balancers', async () => {
    const AutoScalingGroupName = world.fleet.standByGroup;
    const real = world.fleet.targetGroupArns[0] ?? '';
    const calls = {
      classic: (LoadBalancerNames: string[]) =>
        new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames }),
      targetGroups: (TargetGroupARNs: string[]) =>
        new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs }),
      sources: (Identifier: string) =>
        new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources: [{ Identifier, Type: 'elbv2' }] }),
    };
    for (const command of [calls.classic(['web']), calls.classic(['deploycheck-1', 'web'])]) {
      expect(await verdict('StartRole', (client) => scaling(client).send(command))).not.toBe('allowed');
    }
    for (const command of [calls.targetGroups([real]), calls.targetGroups([dummyTargetGroup(), real])]) {
      expect(await verdict('StartRole', (client) => scaling(client).send(command))).not.toBe('allowed');
    }
    expect(await verdict('StartRole', (client) => scaling(client).send(calls.sources(real)))).not.toBe('allowed');
    const dummy = calls.sources(dummyTargetGroup());
    expect(await verdict('StartRole', (client) => scaling(client).send(dummy))).toBe('allowed');
    expect(await verdict('AttachRealRole', (client) => scaling(client).send(calls.sources(real)))).toBe('allowed');
  });

  test('swap detaches from real load balancers: attach-real cannot', async () => {
    const detach = new DetachLoadBalancerTargetGroupsCommand({
      AutoScalingGroupName: world.fleet.activeGroup,
      TargetGroupARNs: ['arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/was-web-1/0'],
    });
    const allowed = await whoMay((client) => scaling(client).send(detach));
    expect(allowed).toContain('SwapRole');
    expect(allowed).not.toContain('AttachRealRole');
  });

  test('who deploys reads wars', async () => {
    const read = new GetObjectCommand({ Bucket: world.fleet.bucket, Key: 'app.war' });
    expect(await whoMay((client) => new S3Client(client).send(read))).toEqual(['StartRole']);
  });

  test.each([
    ['records', 'tasks/WAS.json', ['war-uploaded', 'resume', 'notify']],
    ['sent mails', 'mails/1', ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'resume']],
    [
      'the history',
      'history/WAS/1.json',
      ['check-dummy', 'attach-real', 'check-real', 'swap', 'war-uploaded', 'notify'],
    ],
    ['refusals', 'refusals/1', ['check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'notify']],
  ])('those who keep %s write them', async (_, Key, others) => {
    const write = new PutObjectCommand({ Bucket: world.stack.outputs.StateBucketName, Key, Body: 'x' });
    for (const name of others) {
      expect(await verdict(roleOf(name), (client) => new S3Client(client).send(write))).toBe('s3:PutObject');
    }
  });

  test('those who close a record, or saw an upload, request deployments', async () => {
    for (const name of ['check-dummy', 'attach-real', 'check-real', 'swap', 'resume', 'notify']) {
      expect(await verdict(roleOf(name), putting('DeployRequested'))).toBe('events:PutEvents');
    }
  });

  test('notify publishes to the topic', async () => {
    const publish = new PublishCommand({ TopicArn: world.stack.outputs.AdminTopicArn, Message: 'x' });
    expect(await whoMay((client) => new SNSClient(client).send(publish))).toContain('NotifyRole');
    expect(await verdict('SwapRole', (client) => new SNSClient(client).send(publish))).toBe('sns:Publish');
  });
});

/** `check-dummy` → `CheckDummyRole`. */
function roleOf(functionName: string): string {
  const words = functionName.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Role`;
}

describe('an operator with the policies of the stack', () => {
  beforeAll(() => {
    const Policies = [...world.stack.resources.values()]
      .filter(({ type }) => type === 'AWS::IAM::ManagedPolicy')
      .map(({ properties }, index) => ({ PolicyName: `operator-${index}`, PolicyDocument: properties.PolicyDocument }));
    world.aws.deploy({ Resources: { PersonRole: { Type: 'AWS::IAM::Role', Properties: { Policies } } } });
  });

  test('may request deployments, and put no other event', async () => {
    const requests: readonly string[] = STAGES.flatMap(requestsOf);
    for (const detailType of Object.keys(CATALOG)) {
      const expected = requests.includes(detailType) ? 'allowed' : 'events:PutEvents';
      expect([detailType, await verdict('PersonRole', putting(detailType))]).toEqual([detailType, expected]);
    }
  });

  test('may read records and history, and write nothing', async () => {
    const Bucket = world.stack.outputs.StateBucketName;
    const read = (Key: string) =>
      verdict('PersonRole', (client) => new S3Client(client).send(new GetObjectCommand({ Bucket, Key })));
    const history = new PutObjectCommand({ Bucket, Key: 'history/WAS/1.json', Body: '{}' });
    await world.clock.run(new S3Client(world.aws.operator).send(history));
    expect(await read('history/WAS/1.json')).toBe('allowed');
    const damaged = new PutObjectCommand({ Bucket, Key: 'damaged/tasks/WAS.json/1', Body: '{}' });
    await world.clock.run(new S3Client(world.aws.operator).send(damaged));
    expect(await read('damaged/tasks/WAS.json/1')).toBe('allowed');
    expect(await read('mails/1')).toBe('s3:GetObject');
    const write = new PutObjectCommand({ Bucket, Key: 'tasks/WAS.json', Body: '{}' });
    expect(await verdict('PersonRole', (client) => new S3Client(client).send(write))).toBe('s3:PutObject');
  });

  test('may replay the archive to the bus, and to no other', async () => {
    const replay = (Arn: string) => (client: Client) =>
      new EventBridgeClient(client).send(
        new StartReplayCommand({
          ReplayName: 'repair',
          EventSourceArn: world.stack.outputs.ArchiveArn,
          EventStartTime: new Date(0),
          EventEndTime: world.clock.now(),
          Destination: { Arn },
        }),
      );
    const busArn = world.stack.outputs.EventBusArn ?? '';
    expect(await verdict('PersonRole', replay(busArn.replace(/[^/]+$/, 'default')))).toBe('events:StartReplay');
    expect(await verdict('PersonRole', replay(busArn))).toBe('allowed');
  });

  test('may change no group', async () => {
    const remove = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: world.fleet.standByGroup });
    expect(await verdict('PersonRole', (client) => scaling(client).send(remove))).toBe(
      'autoscaling:DeleteAutoScalingGroup',
    );
  });
});
