/** What making and changing stacks does, above all to groups that others have changed since. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { CreateOrUpdateTagsCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateChangeSetCommand,
  type CreateChangeSetInput,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetOutput,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { describeGroup } from './fleet';
import { refusalOf } from './refusal';

const CHANGE_SET_LIMIT_SECONDS = 120;
const STACK_LIMIT_SECONDS = 600;

export const STACK_UPDATES: readonly ConformanceCase[] = [
  {
    name: 'An update of a group leaves tags that its template does not name',
    source: 'AWS CloudFormation User Guide, stack updates: the changes submitted are compared; observed',
    needs: ['network'],
    async run(context) {
      const { StackName, group } = await changedGroup(context, true);
      await deploy(context, { StackName, TemplateBody: templateOf(context, group, 'second', true) });
      const described = await describeGroup(context, group);
      equal(described?.LaunchTemplate?.Version, '2', 'the group is told of the new version');
      const tags = described?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [];
      ok(
        tags.some(([key, value]) => key === 'type' && value === 'Active'),
        'the tag of others is there',
      );
    },
  },
  {
    name: 'By its policy an update leaves sizes that were not modified',
    source: 'AWS CloudFormation User Guide, UpdatePolicy, IgnoreUnmodifiedGroupSizeProperties',
    needs: ['network'],
    async run(context) {
      const { StackName, group } = await changedGroup(context, true);
      await deploy(context, { StackName, TemplateBody: templateOf(context, group, 'second', true) });
      const { LaunchTemplate, MaxSize } = (await describeGroup(context, group)) ?? {};
      deepEqual({ version: LaunchTemplate?.Version, MaxSize }, { version: '2', MaxSize: 3 });
    },
  },
  {
    name: 'Without that policy an update sets the sizes of the template again',
    source: 'AWS CloudFormation User Guide, UpdatePolicy, AutoScalingScheduledAction; aws-cdk#5215',
    needs: ['network'],
    async run(context) {
      const { StackName, group } = await changedGroup(context, false);
      await deploy(context, { StackName, TemplateBody: templateOf(context, group, 'second', false) });
      const { LaunchTemplate, MaxSize } = (await describeGroup(context, group)) ?? {};
      deepEqual({ version: LaunchTemplate?.Version, MaxSize }, { version: '2', MaxSize: 1 });
    },
  },
  {
    name: 'A change set without changes fails, and says so',
    source: 'aws-cli, cloudformation deploy, which looks for the words',
    needs: [],
    async run(context) {
      const [StackName, TemplateBody] = [context.name(), SMALL];
      await deploy(context, { StackName, TemplateBody, ChangeSetType: 'CREATE' });
      const changeSet = await changeSetOf(context, { StackName, TemplateBody });
      equal(changeSet.Status, 'FAILED');
      match(changeSet.StatusReason ?? '', /didn't contain changes|No updates are to be performed/);
    },
  },
  {
    name: 'A type, a reference or a parameter of nothing is refused',
    source: 'AWS CloudFormation API Reference, common errors; the words were observed',
    needs: [],
    async run(context) {
      const refused = (template: object, Parameters: CreateChangeSetInput['Parameters'] = []) => {
        const input = {
          StackName: context.name(),
          ChangeSetName: 'first',
          ChangeSetType: 'CREATE' as const,
          Parameters,
        };
        const command = new CreateChangeSetCommand({ ...input, TemplateBody: JSON.stringify(template) });
        return refusalOf(context.clients.cloudFormation.send(command), 'ValidationError');
      };
      const Queue = (properties: object) => ({
        Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: properties } },
      });
      match((await refused({ Resources: { A: { Type: 'AWS::No::Thing' } } })).message, /AWS::No::Thing/);
      match(
        (await refused(Queue({ QueueName: { Ref: 'Nothing' } }))).message,
        /Unresolved resource dependencies \[Nothing\]/,
      );
      match(
        (await refused({ ...Queue({}), Parameters: { Size: { Type: 'String' } } })).message,
        /\[Size\] must have values/,
      );
      const unknown = await refused(Queue({}), [{ ParameterKey: 'Size', ParameterValue: '1' }]);
      match(unknown.message, /\[Size\] do not exist in the template/);
    },
  },
  {
    name: 'A stack that was deleted is told by its id alone',
    source: 'AWS CloudFormation API Reference, DescribeStacks',
    needs: [],
    async run(context) {
      const StackName = context.name();
      const { StackId } = await deploy(context, { StackName, TemplateBody: SMALL, ChangeSetType: 'CREATE' });
      await deleteStack(context, StackId);
      const { cloudFormation } = context.clients;
      await refusalOf(cloudFormation.send(new DescribeStacksCommand({ StackName })), 'ValidationError');
    },
  },
];

/** Something that costs nothing. */
const SMALL = JSON.stringify({
  Resources: {
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'of nothing' } },
  },
});

/** Of a launch template and a group that is empty. */
function templateOf({ given }: Context, group: string, description: string, keepsSizes: boolean): string {
  const policy = { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } };
  return JSON.stringify({
    Resources: {
      Template: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: { VersionDescription: description, LaunchTemplateData: { InstanceType: given.instanceType } },
      },
      Group: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        ...(keepsSizes && { UpdatePolicy: policy }),
        Properties: {
          AutoScalingGroupName: group,
          MinSize: '0',
          MaxSize: '1',
          VPCZoneIdentifier: given.subnetIds.slice(0, 2),
          LaunchTemplate: {
            LaunchTemplateId: { Ref: 'Template' },
            Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] },
          },
        },
      },
    },
  });
}

/** A stack, of whose group somebody else has changed a tag and a size. */
async function changedGroup(context: Context, keepsSizes: boolean): Promise<{ StackName: string; group: string }> {
  const [StackName, group] = [context.name(), context.name()];
  const TemplateBody = templateOf(context, group, 'first', keepsSizes);
  await deploy(context, { StackName, TemplateBody, ChangeSetType: 'CREATE' });
  const { autoScaling } = context.clients;
  const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false };
  await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'type', Value: 'Active' }] }));
  await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MaxSize: 3 }));
  return { StackName, group };
}

async function deploy(context: Context, input: Omit<CreateChangeSetInput, 'ChangeSetName'>): Promise<Stack> {
  const { cloudFormation } = context.clients;
  const { ChangeSetId: ChangeSetName, StackId } = await changeSetOf(context, input);
  await cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName }));
  return context.until('the stack is as it was asked for', STACK_LIMIT_SECONDS, async () => {
    const stack = await stackOf(context, StackId);
    const status = stack?.StackStatus ?? '';
    if (/ROLLBACK|FAILED/.test(status)) throw new Error(`${status}: ${stack?.StackStatusReason}`);
    return /(CREATE|UPDATE)_COMPLETE$/.test(status) && stack;
  });
}

/** A stack that is new is deleted when the case is over. */
async function changeSetOf(
  context: Context,
  input: Omit<CreateChangeSetInput, 'ChangeSetName'>,
): Promise<DescribeChangeSetOutput> {
  const { cloudFormation } = context.clients;
  const command = new CreateChangeSetCommand({ ...input, ChangeSetName: context.name() });
  const { Id: ChangeSetName, StackId } = await cloudFormation.send(command);
  if (input.ChangeSetType === 'CREATE') context.afterwards(() => deleteStack(context, StackId));
  return context.until('the change set is made', CHANGE_SET_LIMIT_SECONDS, async () => {
    const described = await cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName }));
    return /COMPLETE|FAILED/.test(described.Status ?? '') && described;
  });
}

async function deleteStack(context: Context, StackName: string | undefined): Promise<void> {
  await context.clients.cloudFormation.send(new DeleteStackCommand({ StackName }));
  await context.until('the stack is deleted', STACK_LIMIT_SECONDS, async () => {
    return (await stackOf(context, StackName))?.StackStatus === 'DELETE_COMPLETE';
  });
}

async function stackOf(context: Context, StackName: string | undefined): Promise<Stack | undefined> {
  const { Stacks = [] } = await context.clients.cloudFormation.send(new DescribeStacksCommand({ StackName }));
  return Stacks[0];
}
