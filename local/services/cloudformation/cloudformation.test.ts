import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateDescribeStacks,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { Template } from '../../cloudformation/template';
import { EmbeddedAws } from '../../embedded-aws';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  return { clock, aws, client: new CloudFormationClient(aws.operator) };
}

const TEMPLATE: Template = {
  Description: 'two queues',
  Parameters: {
    Delay: { Type: 'Number', Default: 5 },
    Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
    Secret: { Type: 'String', NoEcho: true, Default: 'x' },
  },
  Resources: {
    First: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: { Ref: 'Delay' } } },
    Second: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'second' } },
  },
  Outputs: {
    Url: { Value: { Ref: 'Second' }, Description: 'of the second' },
    Arn: { Value: { 'Fn::GetAtt': ['First', 'Arn'] } },
  },
};

/** A stack of so many roles. */
function manyRoles(count: number): Template {
  const roles = Array.from({ length: count }, (_, index) => [`Role${index}`, { Type: 'AWS::IAM::Role' }]);
  return { Resources: Object.fromEntries(roles) };
}

test('a stack tells its parameters, outputs and resources as they were resolved', async () => {
  const { aws, client, clock } = setUp();
  const stack = aws.deploy(TEMPLATE, { stackName: 'queues', parameters: { Delay: '7' } });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: 'queues' }));
  expect(Stacks).toEqual([
    expect.objectContaining({
      StackName: 'queues',
      StackStatus: 'CREATE_COMPLETE',
      Description: 'two queues',
      CreationTime: clock.now(),
      Parameters: [
        { ParameterKey: 'Delay', ParameterValue: '7' },
        { ParameterKey: 'Zones', ParameterValue: 'a,b' },
        { ParameterKey: 'Secret', ParameterValue: '****' },
      ],
      Outputs: [
        { OutputKey: 'Url', OutputValue: stack.outputs.Url, Description: 'of the second' },
        { OutputKey: 'Arn', OutputValue: stack.outputs.Arn },
      ],
    }),
  ]);
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: 'queues' }));
  expect(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId, one.ResourceType])).toEqual([
    ['First', stack.resources.get('First')?.physicalId, 'AWS::SQS::Queue'],
    ['Second', stack.outputs.Url, 'AWS::SQS::Queue'],
  ]);
});

test('stacks and resources come page by page; describing resources ends after a hundred', async () => {
  const { aws, client } = setUp();
  aws.deploy(manyRoles(130), { stackName: 'large' });
  for (let index = 0; index < 120; index += 1) aws.deploy({ Resources: {} }, { stackName: `stack-${index}` });
  const pages: number[] = [];
  const ids = new Set<string | undefined>();
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    pages.push(Stacks.length);
    for (const { StackId } of Stacks) ids.add(StackId);
  }
  expect({ pages, ids: ids.size }).toEqual({ pages: [100, 21], ids: 121 });
  const resources: (string | undefined)[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: 'large' })) {
    resources.push(...(page.StackResourceSummaries ?? []).map(({ LogicalResourceId }) => LogicalResourceId));
  }
  expect(new Set(resources).size).toBe(130);
  const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName: 'large' }));
  expect(StackResources).toHaveLength(100);
});

test('a stack that is deployed again by its name takes the place of the first', async () => {
  const { aws, client } = setUp();
  aws.deploy(manyRoles(1), { stackName: 'again' });
  aws.deploy(TEMPLATE, { stackName: 'again' });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  expect(Stacks.map(({ StackName, Description }) => [StackName, Description])).toEqual([['again', 'two queues']]);
});

test('a token that nobody gave, and a resource that is not there, are refused', async () => {
  const { aws, client } = setUp();
  aws.deploy(TEMPLATE, { stackName: 'queues' });
  const page = client.send(new DescribeStacksCommand({ NextToken: 'mine' }));
  await expect(page).rejects.toMatchObject({ name: 'ValidationError' });
  const third = { StackName: 'queues', LogicalResourceId: 'Third' };
  const resource = client.send(new DescribeStackResourcesCommand(third));
  await expect(resource).rejects.toMatchObject({ message: 'Resource Third does not exist for stack queues' });
});

test('what would change a stack is refused as an operation that is not known', async () => {
  const { client } = setUp();
  const call = client.send(new CreateStackCommand({ StackName: 'new', TemplateBody: '{}' }));
  await expect(call).rejects.toMatchObject({ name: 'UnknownOperationException', $metadata: { httpStatusCode: 400 } });
});
