import {
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  type Tag as AutoScalingTag,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  DeleteLoadBalancerCommand as DeleteClassicLoadBalancerCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EmbeddedAws } from '../../embedded-aws';
import { clientDefaults } from '../../endpoint/client';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import type { Decision, Statement } from './authorization';

const ELB = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012';
const GROUPS = 'arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName';
const BUS = 'arn:aws:events:eu-central-1:123456789012:event-bus/pipeline';

/** An embedded AWS with one of everything, and clients of a role that has these statements, without latency. */
class Account {
  readonly clock = new VirtualClock();
  readonly aws: EmbeddedAws;
  readonly role: ReturnType<typeof clientDefaults>;
  readonly decisions: Decision[] = [];

  constructor(statements: (Omit<Statement, 'Effect'> & { Effect?: 'Allow' | 'Deny' })[]) {
    const instances = new VirtualInstances({ clock: this.clock, bootSeconds: 0, application: () => 200 });
    this.aws = new EmbeddedAws({ clock: this.clock, instances, latencySeconds: 0 });
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
    };
    const Policies = [{ PolicyName: 'work', PolicyDocument }];
    const Properties = { RoleName: 'worker', AssumeRolePolicyDocument: { Statement: [] }, Policies };
    this.aws.deploy({ Resources: { WorkRole: { Type: 'AWS::IAM::Role', Properties } } });
    this.aws.authorization.onDecision((decision) => this.decisions.push(decision));
    const caller = { principal: 'WorkRole', isAlive: () => true };
    this.role = clientDefaults(this.aws.endpoint, this.clock, caller, this.aws.region);
  }

  /** `allowed`, or the error's name and message. */
  async outcome(call: Promise<unknown>): Promise<string> {
    return this.clock.run(
      call.then(
        () => 'allowed',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    );
  }

  async createGroup(name: string, tags: Record<string, string> = {}): Promise<void> {
    const command = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 0,
      MaxSize: 0,
      LaunchTemplate: { LaunchTemplateName: 'tomcat' },
      VPCZoneIdentifier: 'subnet-a',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: false })),
    });
    await this.clock.run(new AutoScalingClient(this.aws.operator).send(command));
  }
}

test('whoever holds the credentials of the account is not limited', async () => {
  const account = new Account([]);
  const client = new AutoScalingClient(account.aws.operator);
  expect(await account.outcome(client.send(new DescribeAutoScalingGroupsCommand({})))).toBe('allowed');
});

describe('a role', () => {
  test('may not even read without a permission, and is told who may not do what', async () => {
    const account = new Account([{ Action: 'autoscaling:DescribeTags', Resource: '*' }]);
    const reading = new AutoScalingClient(account.role).send(new DescribeAutoScalingGroupsCommand({}));
    expect(await account.outcome(reading)).toBe(
      'AccessDenied: User: arn:aws:sts::123456789012:assumed-role/worker/WorkRole is not authorized to perform: ' +
        'autoscaling:DescribeAutoScalingGroups because no identity-based policy allows the ' +
        'autoscaling:DescribeAutoScalingGroups action',
    );
  });

  test('may not do what is denied, whatever else allows it', async () => {
    const account = new Account([
      { Action: 'autoscaling:*', Resource: '*' },
      { Effect: 'Deny', Action: 'autoscaling:Describe*', Resource: '*' },
    ]);
    const reading = new AutoScalingClient(account.role).send(new DescribeAutoScalingGroupsCommand({}));
    expect(await account.outcome(reading)).toContain('with an explicit deny in an identity-based policy');
  });

  test('may do what names one identifier with that one alone, and what names none with all', async () => {
    const [one, other] = ['0123456789abcdef', 'fedcba9876543210'];
    const outcomes = async (resource: string) => {
      const account = new Account([
        { Action: ['s3:GetObject', 's3:ListBucket'], Resource: [`arn:aws:s3:::wars/${resource}`, 'arn:aws:s3:::wars'] },
      ]);
      account.aws.s3.createBucket('wars');
      const read = (Key: string) => new S3Client(account.role).send(new GetObjectCommand({ Bucket: 'wars', Key }));
      return [await account.outcome(read(one)), await account.outcome(read(other))].map((text) => text.split(':')[0]);
    };
    expect(await outcomes(one)).toEqual(['NoSuchKey', 'AccessDenied']);
    expect(await outcomes('*')).toEqual(['NoSuchKey', 'NoSuchKey']);
    expect(await outcomes('0*')).toEqual(['NoSuchKey', 'AccessDenied']);
  });

  test('whose managed policies cannot be seen is not deployed', () => {
    const Properties = { AssumeRolePolicyDocument: {}, ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] };
    const template = { Resources: { WorkRole: { Type: 'AWS::IAM::Role', Properties } } };
    expect(() => new Account([]).aws.deploy(template)).toThrow('WorkRole: managed policies');
  });

  test('whose policies have variables is not deployed', () => {
    const personal = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::state/${aws:username}/*' };
    expect(() => new Account([personal])).toThrow('WorkRole: policy variables');
  });

  test('whose policies have more wildcards in a text than can be judged soon is not deployed', () => {
    const named = (count: number) => ({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${'*a'.repeat(count)}` });
    expect(() => new Account([named(40)])).toThrow('WorkRole: so many wildcards');
    expect(() => new Account([named(5)])).toThrow('WorkRole: so many wildcards');
    expect(() => new Account([named(4), named(4)])).not.toThrow();
  });

  test('every decision is heard, also one that is known already', async () => {
    const account = new Account([{ Action: 'autoscaling:DescribeAutoScalingGroups', Resource: '*' }]);
    const client = new AutoScalingClient(account.role);
    await account.clock.run(client.send(new DescribeAutoScalingGroupsCommand({})));
    await account.clock.run(client.send(new DescribeAutoScalingGroupsCommand({})));
    const decision = {
      principal: 'WorkRole',
      access: { action: 'autoscaling:DescribeAutoScalingGroups', resource: '*', context: {} },
      result: 'Allowed',
    };
    expect(account.decisions).toEqual([decision, decision]);
  });
});

describe('S3', () => {
  async function objectStore(statements: Statement[]) {
    const account = new Account(statements);
    account.aws.s3.createBucket('state', { versioning: 'Enabled' });
    const put = new PutObjectCommand({ Bucket: 'state', Key: 'tasks/WAS.json', Body: '{}' });
    const { VersionId, ETag } = await account.clock.run(new S3Client(account.aws.operator).send(put));
    return { account, s3: new S3Client(account.role), VersionId, ETag };
  }
  const allow = (Action: string | string[], Resource = 'arn:aws:s3:::state/tasks/*') =>
    ({ Effect: 'Allow', Action, Resource }) as const;
  const list = allow('s3:ListBucket', 'arn:aws:s3:::state');
  const task = { Bucket: 'state', Key: 'tasks/WAS.json' };

  test('objects are allowed by prefix', async () => {
    const { account, s3 } = await objectStore([allow(['s3:GetObject', 's3:PutObject'])]);
    expect(await account.outcome(s3.send(new GetObjectCommand(task)))).toBe('allowed');
    expect(await account.outcome(s3.send(new HeadObjectCommand(task)))).toBe('allowed');
    const mail = { Bucket: 'state', Key: 'mails/1', Body: 'sent' };
    expect(await account.outcome(s3.send(new PutObjectCommand(mail)))).toBe(
      'AccessDenied: User: arn:aws:sts::123456789012:assumed-role/worker/WorkRole is not authorized to perform: ' +
        's3:PutObject on resource: "arn:aws:s3:::state/mails/1" because no identity-based policy allows the ' +
        's3:PutObject action',
    );
    expect(account.aws.s3.readObject('state', 'mails/1')).toBeUndefined();
  });

  test('reading a version has a permission of its own', async () => {
    const { account, s3, VersionId } = await objectStore([allow('s3:GetObject')]);
    expect(await account.outcome(s3.send(new GetObjectCommand({ ...task, VersionId })))).toContain(
      'to perform: s3:GetObjectVersion on',
    );
    const other = await objectStore([allow('s3:GetObjectVersion')]);
    const version = { ...task, VersionId: other.VersionId };
    expect(await other.account.outcome(other.s3.send(new GetObjectCommand(version)))).toBe('allowed');
    expect(await other.account.outcome(other.s3.send(new GetObjectCommand(task)))).toContain('s3:GetObject on');
  });

  test('what is missing reads as 403 without s3:ListBucket, and as 404 with it', async () => {
    const missing = new GetObjectCommand({ Bucket: 'state', Key: 'tasks/none' });
    const blind = await objectStore([allow('s3:GetObject')]);
    expect(await blind.account.outcome(blind.s3.send(missing))).toMatch(/^AccessDenied: .*s3:ListBucket on/);
    const seeing = await objectStore([allow('s3:GetObject'), list]);
    expect(await seeing.account.outcome(seeing.s3.send(missing))).toMatch(/^NoSuchKey/);
  });

  test('a write over a known ETag reads too', async () => {
    const { account, s3, ETag } = await objectStore([allow('s3:PutObject')]);
    const over = new PutObjectCommand({ ...task, Body: '{}', IfMatch: ETag });
    expect(await account.outcome(s3.send(over))).toContain('to perform: s3:GetObject on');
  });
});

describe('Auto Scaling', () => {
  const resize = (AutoScalingGroupName: string) =>
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MaxSize: 1 });

  test('the tags of the group decide, in whatever spelling', async () => {
    const account = new Account([
      {
        Action: 'autoscaling:UpdateAutoScalingGroup',
        Resource: `${GROUPS}/*`,
        Condition: { Null: { 'aws:ResourceTag/taskfordeploy': 'false' } },
      },
    ]);
    await account.createGroup('ours', { TaskForDeploy: 'WAS' });
    await account.createGroup('theirs', { Name: 'theirs' });
    const client = new AutoScalingClient(account.role);
    expect(await account.outcome(client.send(resize('ours')))).toBe('allowed');
    expect(await account.outcome(client.send(resize('theirs')))).toMatch(/^AccessDenied: .*GroupName\/theirs/);
    expect(await account.outcome(client.send(resize('nobodys')))).toContain(`on resource: ${GROUPS}/nobodys`);
  });

  test('a change of tags is decided by the keys, on each group', async () => {
    const account = new Account([
      {
        Action: 'autoscaling:CreateOrUpdateTags',
        Resource: `${GROUPS}/blue`,
        Condition: { 'ForAllValues:StringEqualsIgnoreCase': { 'aws:TagKeys': ['type'] } },
      },
    ]);
    await account.createGroup('blue');
    await account.createGroup('green');
    const client = new AutoScalingClient(account.role);
    const tag = (ResourceId: string, Key: string) => ({
      ResourceId,
      ResourceType: 'auto-scaling-group',
      Key,
      Value: '',
    });
    const write = (...Tags: AutoScalingTag[]) => account.outcome(client.send(new CreateOrUpdateTagsCommand({ Tags })));
    expect(await write(tag('blue', 'Type'))).toBe('allowed');
    expect(await write(tag('blue', 'type'), tag('blue', 'bucket'))).toContain('autoscaling:CreateOrUpdateTags');
    expect(await write(tag('blue', 'type'), tag('green', 'type'))).toContain('GroupName/green');
  });

  test('what is attached can be limited', async () => {
    const account = new Account([
      {
        Action: 'autoscaling:AttachLoadBalancerTargetGroups',
        Resource: '*',
        Condition: { 'ForAllValues:ArnLike': { 'autoscaling:TargetGroupARNs': `${ELB}:targetgroup/deploycheck-*/*` } },
      },
    ]);
    await account.createGroup('blue');
    const attach = (...names: string[]) =>
      account.outcome(
        new AutoScalingClient(account.role).send(
          new AttachLoadBalancerTargetGroupsCommand({
            AutoScalingGroupName: 'blue',
            TargetGroupARNs: names.map((name) => `${ELB}:targetgroup/${name}/0123456789abcdef`),
          }),
        ),
      );
    // Allowed, and then refused for another reason: there is no such target group.
    expect(await attach('deploycheck-1')).toMatch(/^ValidationError/);
    expect(await attach('deploycheck-1', 'real')).toMatch(/^AccessDenied/);
  });
});

describe('Elastic Load Balancing', () => {
  const network = [
    'DescribeAccountAttributes',
    'DescribeInternetGateways',
    'DescribeSecurityGroups',
    'DescribeSubnets',
  ];
  const lookAround = {
    Action: [...network, 'DescribeVpcs', 'GetSecurityGroupsForVpc', 'DescribeAddresses'].map((name) => `ec2:${name}`),
    Resource: '*',
  };
  const Tags = [{ Key: 'task', Value: 'WAS' }];

  test('what does not exist yet is known by its name, and tags need a permission of their own', async () => {
    const create = { Action: 'elasticloadbalancing:CreateTargetGroup', Resource: `${ELB}:targetgroup/deploycheck-*/*` };
    const account = new Account([create]);
    const client = new ElasticLoadBalancingV2Client(account.role);
    const VpcId = account.aws.network.vpcId;
    const make = (Name: string, tags?: typeof Tags) =>
      account.outcome(
        client.send(new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId, Tags: tags })),
      );
    expect(await make('deploycheck-1')).toBe('allowed');
    expect(await make('real')).toContain(`on resource: ${ELB}:targetgroup/real/* because`);
    expect(await make('deploycheck-2', Tags)).toContain('elasticloadbalancing:AddTags on resource');
    const { TargetGroups } = await account.clock.run(
      new ElasticLoadBalancingV2Client(account.aws.operator).send(new DescribeTargetGroupsCommand({})),
    );
    expect(TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual(['deploycheck-1']);
  });

  test('tags may be allowed for creations alone', async () => {
    const account = new Account([
      { Action: 'elasticloadbalancing:CreateTargetGroup', Resource: '*' },
      {
        Action: 'elasticloadbalancing:AddTags',
        Resource: '*',
        Condition: { StringEquals: { 'elasticloadbalancing:CreateAction': 'CreateTargetGroup' } },
      },
    ]);
    const client = new ElasticLoadBalancingV2Client(account.role);
    const create = { Name: 'one', Protocol: 'HTTP', Port: 80, VpcId: account.aws.network.vpcId, Tags } as const;
    const { TargetGroups } = await account.clock.run(client.send(new CreateTargetGroupCommand(create)));
    const ResourceArns = [TargetGroups?.[0]?.TargetGroupArn ?? ''];
    expect(await account.outcome(client.send(new AddTagsCommand({ ResourceArns, Tags })))).toMatch(/^AccessDenied/);
  });

  test('a load balancer is on the internet unless it says otherwise, and its creator looks at the network', async () => {
    const create = {
      Action: 'elasticloadbalancing:CreateLoadBalancer',
      Resource: `${ELB}:loadbalancer/*`,
      Condition: { StringEquals: { 'elasticloadbalancing:Scheme': 'internal' } },
    };
    const account = new Account([create, lookAround]);
    const Subnets = [...account.aws.network.zoneOfSubnet.keys()];
    const make = (of: Account, Scheme?: 'internal' | 'internet-facing') =>
      of.outcome(
        new ElasticLoadBalancingV2Client(of.role).send(new CreateLoadBalancerCommand({ Name: 'one', Scheme, Subnets })),
      );
    expect(await make(account, 'internal')).toBe('allowed');
    expect(await make(account, 'internet-facing')).toContain(`on resource: ${ELB}:loadbalancer/app/one/*`);
    expect(await make(account)).toMatch(/^AccessDenied/);
    expect(await make(new Account([create]), 'internal')).toContain('to perform: ec2:DescribeAccountAttributes');
  });

  test('a Classic Load Balancer has no id in its ARN', async () => {
    const account = new Account([
      { Action: 'elasticloadbalancing:CreateLoadBalancer', Resource: `${ELB}:loadbalancer/deploycheck-*` },
      { Action: 'elasticloadbalancing:DeleteLoadBalancer', Resource: `${ELB}:loadbalancer/deploycheck-*` },
      lookAround,
    ]);
    const client = new ElasticLoadBalancingClient(account.role);
    const Listeners = [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }];
    const Subnets = ['subnet-a'];
    const make = (LoadBalancerName: string) =>
      account.outcome(
        client.send(new CreateClassicLoadBalancerCommand({ LoadBalancerName, Listeners, Subnets, Scheme: 'internal' })),
      );
    const remove = (LoadBalancerName: string) =>
      account.outcome(client.send(new DeleteClassicLoadBalancerCommand({ LoadBalancerName })));
    expect(await make('deploycheck-1')).toBe('allowed');
    expect(await make('real')).toContain(`on resource: ${ELB}:loadbalancer/real because`);
    expect(await remove('deploycheck-1')).toBe('allowed');
    expect(await remove('real')).toMatch(/^AccessDenied/);
  });

  test('a listener is allowed by its load balancer, its tags by its own ARN', async () => {
    const account = new Account([
      { Action: 'elasticloadbalancing:CreateListener', Resource: `${ELB}:loadbalancer/app/deploycheck-*/*` },
      { Action: 'elasticloadbalancing:AddTags', Resource: `${ELB}:listener/app/deploycheck-*/*` },
    ]);
    const listen = (name: string) =>
      account.outcome(
        new ElasticLoadBalancingV2Client(account.role).send(
          new CreateListenerCommand({
            LoadBalancerArn: `${ELB}:loadbalancer/app/${name}/0123456789abcdef`,
            Protocol: 'HTTP',
            Port: 80,
            DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
            Tags,
          }),
        ),
      );
    expect(await listen('deploycheck-1')).toMatch(/^LoadBalancerNotFound/);
    expect(await listen('real')).toMatch(/^AccessDenied/);
  });

  test('a deletion is allowed by name', async () => {
    const account = new Account([
      { Action: 'elasticloadbalancing:DeleteTargetGroup', Resource: `${ELB}:targetgroup/deploycheck-*/*` },
    ]);
    const remove = (name: string) => {
      const TargetGroupArn = `${ELB}:targetgroup/${name}/0123456789abcdef`;
      const client = new ElasticLoadBalancingV2Client(account.role);
      return account.outcome(client.send(new DeleteTargetGroupCommand({ TargetGroupArn })));
    };
    expect(await remove('deploycheck-1')).not.toMatch(/^AccessDenied/);
    expect(await remove('real')).toMatch(/^AccessDenied/);
  });
});

describe('messages', () => {
  test('one event of another source or type refuses the whole call', async () => {
    const account = new Account([
      {
        Action: 'events:PutEvents',
        Resource: BUS,
        Condition: {
          'ForAllValues:StringEquals': { 'events:source': 'bluegreen', 'events:detail-type': ['Started', 'Failed'] },
        },
      },
    ]);
    account.aws.eventBridge.rules.createBus('pipeline');
    let published = 0;
    account.aws.eventBridge.onEvent(() => published++);
    const entry = (DetailType: string, more: object = {}) => ({
      ...{ EventBusName: 'pipeline', Source: 'bluegreen', DetailType, Detail: '{}' },
      ...more,
    });
    const put = (...Entries: object[]) =>
      account.outcome(new EventBridgeClient(account.role).send(new PutEventsCommand({ Entries })));
    expect(await put(entry('Started'), entry('Failed'))).toBe('allowed');
    expect(published).toBe(2);
    const denied =
      'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/worker/WorkRole is not authorized';
    expect(await put(entry('Started'), entry('Completed'))).toContain(`${denied} to perform: events:PutEvents on`);
    expect(await put(entry('Started', { Source: 'lambda' }))).toContain(denied);
    expect(await put(entry('Started', { EventBusName: undefined }))).toContain('event-bus/default');
    expect(published).toBe(2);
  });

  test('publishing is allowed by topic', async () => {
    const account = new Account([{ Action: 'sns:Publish', Resource: 'arn:aws:sns:eu-central-1:123456789012:ours' }]);
    const publish = (TopicArn: string) =>
      account.outcome(new SNSClient(account.role).send(new PublishCommand({ TopicArn, Message: 'text' })));
    expect(await publish(account.aws.sns.createTopic('ours'))).toBe('allowed');
    expect(await publish(account.aws.sns.createTopic('theirs'))).toMatch(/^AuthorizationError.*: .*sns:Publish on/);
  });

  test('the batch calls of SQS need the permission of the single ones', async () => {
    const account = new Account([
      { Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-central-1:123456789012:ours' },
    ]);
    const send = (name: string) => {
      const { url: QueueUrl } = account.aws.sqs.createQueue(name);
      const Entries = [{ Id: '1', MessageBody: 'text' }];
      return account.outcome(new SQSClient(account.role).send(new SendMessageBatchCommand({ QueueUrl, Entries })));
    };
    expect(await send('ours')).toBe('allowed');
    expect(await send('theirs')).toMatch(/^AccessDenied.*: .*sqs:SendMessage on/);
  });
});

describe('a rule whose target is a topic, with a role', () => {
  const EVENT = { EventBusName: 'pipeline', Source: 'test', DetailType: 'Happened', Detail: '{}' };
  const OPEN = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish' };
  const RULE = 'arn:aws:events:eu-central-1:123456789012:rule/pipeline/happened';

  /** What came of one event: `mailed`, or the reason in the dead-letter queue. */
  async function published({
    trust = { ArnEquals: { 'aws:SourceArn': RULE }, StringEquals: { 'aws:SourceAccount': '123456789012' } } as object,
    service = 'events.amazonaws.com',
    grants = [{ Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'Topic' } }] as object[],
    topicPolicy = [] as object[],
    actsByRoles = true,
  }) {
    const clock = new VirtualClock();
    const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
    const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0, settings: { eventBridge: { actsByRoles } } });
    const assuming = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole', Condition: trust };
    const sending = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
    const target = {
      Id: 'topic',
      Arn: { Ref: 'Topic' },
      RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Letters', 'Arn'] } },
    };
    const { resources } = aws.deploy({
      Resources: {
        Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'pipeline' } },
        Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
        OpenedTopic: {
          Type: 'AWS::SNS::TopicPolicy',
          Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: topicPolicy } },
        },
        Letters: { Type: 'AWS::SQS::Queue', Properties: {} },
        OpenedLetters: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: { Queues: [{ Ref: 'Letters' }], PolicyDocument: { Statement: [sending] } },
        },
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: { Statement: [assuming] },
            Policies: [{ PolicyName: 'mail', PolicyDocument: { Version: '2012-10-17', Statement: grants } }],
          },
        },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'happened',
            EventBusName: { Ref: 'Bus' },
            EventPattern: { source: ['test'] },
            Targets: [target],
          },
        },
      },
    });
    await clock.run(new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries: [EVENT] })));
    await clock.advance(5);
    const [letter] = aws.sqs.queueByArn(resources.get('Letters')?.attributes.Arn ?? '').contents();
    return aws.sns.mails.length > 0 ? 'mailed' : letter?.attributes.ERROR_CODE?.StringValue;
  }

  test('publishes by it, though the topic lets nobody in', async () => {
    expect(await published({})).toBe('mailed');
  });

  test.each<[string, Parameters<typeof published>[0]]>([
    ['another rule may take', { trust: { ArnEquals: { 'aws:SourceArn': `${RULE}-other` } } }],
    ['rules of another account may take', { trust: { StringEquals: { 'aws:SourceAccount': '210987654321' } } }],
    ['only Lambda may take', { service: 'lambda.amazonaws.com', trust: {} }],
    [
      'may publish to another topic only',
      { grants: [{ Effect: 'Allow', Action: 'sns:Publish', Resource: `${RULE}x` }] },
    ],
  ])('does not publish by a role that %s, though the topic is open', async (_name, given) => {
    expect(await published({ ...given, topicPolicy: [OPEN] })).toBe('NO_PERMISSIONS');
  });

  test('is let in by the policy of the topic alone, where topics know no roles', async () => {
    expect(await published({ actsByRoles: false })).toBe('NO_PERMISSIONS');
    expect(await published({ actsByRoles: false, topicPolicy: [OPEN], grants: [] })).toBe('mailed');
  });
});
