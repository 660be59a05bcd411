import {
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetInput,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const client = new CloudFormationClient(aws.operator);
  const autoScaling = new AutoScalingClient(aws.operator);
  let number = 0;
  const create = (input: Partial<CreateChangeSetInput>) => {
    number += 1;
    const named = { StackName: 'shop', ChangeSetName: `set-${number}` };
    return client
      .send(new CreateChangeSetCommand({ ...named, ...input }))
      .then(({ Id: ChangeSetName }) => ({ ChangeSetName }));
  };
  /** Makes the stack, or changes it, and answers what became of it. */
  const deploy = async (template: string, input: Partial<CreateChangeSetInput> = {}) => {
    const ChangeSetType = number === 0 ? 'CREATE' : 'UPDATE';
    const named = await create({ ChangeSetType, TemplateBody: template, Capabilities: ['CAPABILITY_IAM'], ...input });
    await client.send(new ExecuteChangeSetCommand(named));
    await clock.advance(10);
    return stackOf();
  };
  const stackOf = async () => (await client.send(new DescribeStacksCommand({ StackName: 'shop' }))).Stacks?.[0];
  const group = async () => {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups[0];
  };
  return { clock, aws, client, autoScaling, create, deploy, stackOf, group };
}

const queue = (delay: number) => `
Resources:
  Letters:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: ${delay}}
`;

test('a change set says what it would do, does it once, and the stack says how far it is', async () => {
  const { client, clock, create, stackOf } = setUp();
  const named = await create({ ChangeSetType: 'CREATE', TemplateBody: queue(1) });
  expect((await stackOf())?.StackStatus).toBe('REVIEW_IN_PROGRESS');
  const { Status, ExecutionStatus, Changes } = await client.send(new DescribeChangeSetCommand(named));
  expect({ Status, ExecutionStatus, Changes }).toEqual({
    Status: 'CREATE_COMPLETE',
    ExecutionStatus: 'AVAILABLE',
    Changes: [
      {
        Type: 'Resource',
        ResourceChange: { Action: 'Add', LogicalResourceId: 'Letters', ResourceType: 'AWS::SQS::Queue' },
      },
    ],
  });
  await client.send(new ExecuteChangeSetCommand(named));
  expect((await stackOf())?.StackStatus).toBe('CREATE_IN_PROGRESS');
  const meanwhile = create({ ChangeSetType: 'UPDATE', TemplateBody: queue(2) });
  await expect(meanwhile).rejects.toMatchObject({ name: 'ValidationError' });
  await clock.advance(10);
  expect((await stackOf())?.StackStatus).toBe('CREATE_COMPLETE');
  const again = client.send(new ExecuteChangeSetCommand(named));
  await expect(again).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' });
});

test('a change set without changes has failed, by the words that the command looks for', async () => {
  const { client, create, deploy } = setUp();
  await deploy(queue(1));
  const named = await create({ UsePreviousTemplate: true });
  const { Status, StatusReason } = await client.send(new DescribeChangeSetCommand(named));
  expect(Status).toBe('FAILED');
  expect(StatusReason).toMatch(/^The submitted information didn't contain changes\./);
});

test.each<[string, string, Partial<CreateChangeSetInput>, string, string]>([
  ['no YAML', 'a: [', {}, 'ValidationError', 'YAML not well-formed'],
  ['no resources', 'Outputs: {}', {}, 'ValidationError', 'At least one Resources member must be defined'],
  ['an alias', 'Resources: {A: &a {Type: AWS::SQS::Queue}, B: *a}', {}, 'ValidationError', 'aliases'],
  ['a type that is unknown', 'Resources: {A: {Type: AWS::No::Thing}}', {}, 'ValidationError', '[AWS::No::Thing]'],
  [
    'a member of a resource that is unknown',
    'Resources: {A: {Type: AWS::SQS::Queue, Propertys: {}}}',
    {},
    'ValidationError',
    'Propertys',
  ],
  [
    'a reference to nothing',
    'Resources: {A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref B}}}',
    {},
    'ValidationError',
    'Unresolved resource dependencies [B]',
  ],
  [
    'a parameter without a value',
    'Parameters: {P: {Type: String}}\nResources: {}',
    {},
    'ValidationError',
    'Parameters: [P] must have values',
  ],
  [
    'a parameter that is not there',
    'Resources: {}',
    { Parameters: [{ ParameterKey: 'P', ParameterValue: '1' }] },
    'ValidationError',
    'Parameters: [P] do not exist',
  ],
  [
    'a value that is not allowed',
    'Parameters: {P: {Type: String, Default: a, AllowedValues: [b]}}\nResources: {}',
    {},
    'ValidationError',
    "'P' must be one of AllowedValues",
  ],
  [
    'roles that nobody has acknowledged',
    'Resources: {A: {Type: AWS::IAM::Role}}',
    {},
    'InsufficientCapabilitiesException',
    'CAPABILITY_IAM',
  ],
  ['a change of no stack', queue(1), { ChangeSetType: 'UPDATE' }, 'ValidationError', 'Stack [shop] does not exist'],
])('is refused: %s', async (_, TemplateBody, input, name, words) => {
  const { create } = setUp();
  const call = create({ ChangeSetType: 'CREATE', TemplateBody, ...input });
  await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
});

test.each([
  [
    'a property that is unknown',
    'LaunchTemplateData: {BlockDeviceMappings: [{Ebs: {Encrypt: true}}]}',
    'LaunchTemplateData.BlockDeviceMappings.Ebs.Encrypt is not supported',
  ],
  ['a property that is missing', 'LaunchTemplateName: a', 'required key [LaunchTemplateData] not found'],
])('ends a stack in failure, and what was made is deleted with it: %s', async (_, properties, words) => {
  const { client, clock, deploy, stackOf } = setUp();
  const template = `${queue(1).replace('AWS::SQS::Queue\n    Properties: {DelaySeconds: 1}', 'AWS::IAM::Role')}  Template:\n    Type: AWS::EC2::LaunchTemplate\n    Properties: {${properties}}\n`;
  expect(await deploy(template)).toMatchObject({
    StackStatus: 'ROLLBACK_FAILED',
    StackStatusReason: expect.stringContaining(words),
  });
  await client.send(new DeleteStackCommand({ StackName: 'shop' }));
  await clock.advance(10);
  await expect(stackOf()).rejects.toMatchObject({ message: 'Stack with id shop does not exist' });
});

/** A group, of which each test says what else the template has of it. */
const fleet = (image: string, properties: string, policy = '') => `
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {ImageId: ${image}, InstanceType: t3.small}}
  TargetGroup:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Protocol: HTTP, Port: 80, VpcId: vpc-1}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    ${policy && `UpdatePolicy: {AutoScalingScheduledAction: {IgnoreUnmodifiedGroupSizeProperties: ${policy}}}`}
    Properties:
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}
      VPCZoneIdentifier: [subnet-a]
      ${properties}
`;

describe('an update of a group', () => {
  const SIZES = "MinSize: '0'\n      MaxSize: '0'";

  /** What somebody has made of it meanwhile: another size, tags, and what it is attached to. */
  async function changed(before: string, after: string, policies = ['', '']) {
    const world = setUp();
    await world.deploy(fleet('ami-1', before, policies[0]));
    const { autoScaling } = world;
    const made = await world.client.send(new DescribeStackResourcesCommand({ StackName: 'shop' }));
    const arn =
      made.StackResources?.find(({ LogicalResourceId: id }) => id === 'TargetGroup')?.PhysicalResourceId ?? '';
    const { AutoScalingGroupName = '', TargetGroupARNs = [] } = (await world.group()) ?? {};
    const move = { AutoScalingGroupName, TargetGroupARNs: [arn] };
    const isAttached = TargetGroupARNs.length > 0;
    if (isAttached) await autoScaling.send(new DetachLoadBalancerTargetGroupsCommand(move));
    else await autoScaling.send(new AttachLoadBalancerTargetGroupsCommand(move));
    const sizes = { MinSize: 1, DesiredCapacity: 1, MaxSize: 3 };
    await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizes }));
    const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'type', Value: 'Active' }] }));
    await world.clock.advance(60);
    const stack = await world.deploy(fleet('ami-2', after, policies[1] || policies[0]));
    const group = await world.group();
    return {
      status: stack?.StackStatus,
      sizes: [group?.MinSize, group?.DesiredCapacity, group?.MaxSize],
      tags: group?.Tags?.map(({ Key, Value }) => `${Key}=${Value}`),
      isAttached: group?.TargetGroupARNs?.includes(arn),
      version: group?.LaunchTemplate?.Version,
    };
  }

  const KEPT = { status: 'UPDATE_COMPLETE', sizes: [1, 1, 3], tags: ['type=Active'], isAttached: true, version: '2' };

  test('leaves what the template does not say, and sizes where the policy asks for it', async () => {
    expect(await changed(SIZES, SIZES, ['true'])).toEqual(KEPT);
  });

  test('sets the sizes of the template without that policy, though they are what they were', async () => {
    expect(await changed(SIZES, SIZES)).toEqual({ ...KEPT, sizes: [0, 0, 0] });
  });

  test('sets a size that the template says otherwise, in spite of the policy', async () => {
    expect(await changed(SIZES, SIZES.replace("MaxSize: '0'", "MaxSize: '2'"), ['true'])).toEqual({
      ...KEPT,
      sizes: [1, 1, 2],
    });
  });

  test('writes tags of the template again, and deletes those that it had', async () => {
    const tags = (text: string) => `${SIZES}\n      Tags: [${text}]`;
    const of = (key: string, value: string) => `{Key: ${key}, Value: ${value}, PropagateAtLaunch: true}`;
    const [before, after] = [tags(`${of('type', 'StandBy')}, ${of('old', '1')}`), tags(of('type', 'StandBy'))];
    expect(await changed(before, after, ['true'])).toEqual({ ...KEPT, tags: ['type=StandBy'] });
  });

  test('attaches what the template names, though somebody has detached it', async () => {
    const attached = `${SIZES}\n      TargetGroupARNs: [!Ref TargetGroup]`;
    expect(await changed(attached, attached, ['true'])).toEqual(KEPT);
  });

  test('is refused where it is told $Latest for the version of its launch template', async () => {
    const { deploy } = setUp();
    const template = fleet('ami-1', SIZES).replace('!GetAtt Template.LatestVersionNumber', '$Latest');
    expect((await deploy(template))?.StackStatusReason).toContain(
      'the version of the launch template has to be a number',
    );
  });
});

test('a stack is deleted with its instances, and can still be told by its id', async () => {
  const { client, clock, deploy, group } = setUp();
  const stack = await deploy(fleet('ami-1', "MinSize: '1'\n      MaxSize: '1'"));
  await clock.advance(60);
  expect((await group())?.Instances).toHaveLength(1);
  await client.send(new DeleteStackCommand({ StackName: 'shop' }));
  await clock.advance(120);
  expect(await group()).toBeUndefined();
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack?.StackId }));
  expect(Stacks.map(({ StackStatus }) => StackStatus)).toEqual(['DELETE_COMPLETE']);
});
