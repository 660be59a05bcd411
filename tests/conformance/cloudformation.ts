/** Stacks, as far as they are read. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  DescribeStackResourcesCommand,
  type DescribeStackResourcesCommandInput,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { refusalOf } from './refusal';

export const CLOUDFORMATION: readonly ConformanceCase[] = [
  {
    name: 'A stack is told by name, by its id, and among all stacks',
    source: 'AWS CloudFormation API Reference, DescribeStacks',
    needs: ['stack'],
    async run(context) {
      const { StackId = '', StackName, StackStatus, CreationTime, Outputs = [] } = await stackOf(context);
      match(StackId, new RegExp(`^arn:aws[a-z-]*:cloudformation:[a-z0-9-]+:\\d{12}:stack/${StackName}/[0-9a-f-]{36}$`));
      match(StackStatus ?? '', /^[A-Z_]+_COMPLETE$/);
      ok(CreationTime instanceof Date);
      ok(Outputs.length > 0, 'it has outputs');
      for (const { OutputKey, OutputValue } of Outputs) ok(OutputKey && OutputValue !== undefined, 'key and value');
      const { Stacks: byId = [] } = await context.clients.cloudFormation.send(
        new DescribeStacksCommand({ StackName: StackId }),
      );
      deepEqual(byId.length, 1);
      deepEqual(byId[0]?.Outputs, Outputs);
      const all: (string | undefined)[] = [];
      for await (const { Stacks = [] } of paginateDescribeStacks({ client: context.clients.cloudFormation }, {})) {
        all.push(...Stacks.map((stack) => stack.StackId));
      }
      ok(all.includes(StackId), 'it is among all');
    },
  },
  {
    name: 'A stack that does not exist is a ValidationError, which names it',
    source: 'AWS CloudFormation API Reference, DescribeStacks; its words were observed',
    needs: [],
    async run(context) {
      const StackName = context.name();
      const { cloudFormation } = context.clients;
      for (const command of [
        new DescribeStacksCommand({ StackName }),
        new ListStackResourcesCommand({ StackName }),
        new DescribeStackResourcesCommand({ StackName }),
      ]) {
        const { message, status } = await refusalOf(
          cloudFormation.send(command as DescribeStacksCommand),
          'ValidationError',
        );
        deepEqual({ message, status }, { message: `Stack with id ${StackName} does not exist`, status: 400 });
      }
    },
  },
  {
    name: 'Of each resource its logical id, physical id and type are told',
    source: 'AWS CloudFormation API Reference, ListStackResources',
    needs: ['stack'],
    async run(context) {
      const listed = await resourcesOf(context);
      ok(listed.length > 0);
      for (const { LogicalResourceId, PhysicalResourceId, ResourceType = '' } of listed) {
        ok(LogicalResourceId && PhysicalResourceId);
        match(ResourceType, /^\w+::\w+/);
      }
      const [first] = listed;
      const { StackName } = await stackOf(context);
      const described = await describeResources(context, { StackName, LogicalResourceId: first?.LogicalResourceId });
      deepEqual(
        described.map(({ PhysicalResourceId }) => PhysicalResourceId),
        [first?.PhysicalResourceId],
      );
    },
  },
  {
    name: 'Resources are described by a stack or by one of them, not by both',
    source: 'AWS CloudFormation API Reference, DescribeStackResources',
    needs: ['stack'],
    async run(context) {
      const { StackName } = await stackOf(context);
      const [first] = await resourcesOf(context);
      const PhysicalResourceId = first?.PhysicalResourceId;
      const beside = await describeResources(context, { PhysicalResourceId });
      ok(beside.some((one) => one.LogicalResourceId === first?.LogicalResourceId));
      equal(beside[0]?.StackName, StackName);
      await refusalOf(describeResources(context, { StackName, PhysicalResourceId }), 'ValidationError');
    },
  },
];

async function stackOf(context: Context): Promise<Stack> {
  const command = new DescribeStacksCommand({ StackName: context.given.stackName });
  const { Stacks: [stack, ...others] = [] } = await context.clients.cloudFormation.send(command);
  deepEqual(others, []);
  equal(stack?.StackName, context.given.stackName);
  return stack as Stack;
}

async function resourcesOf(context: Context) {
  const { cloudFormation: client } = context.clients;
  const listed = [];
  for await (const page of paginateListStackResources({ client }, { StackName: context.given.stackName })) {
    listed.push(...(page.StackResourceSummaries ?? []));
  }
  return listed;
}

async function describeResources(context: Context, input: DescribeStackResourcesCommandInput) {
  const answer = await context.clients.cloudFormation.send(new DescribeStackResourcesCommand(input));
  return answer.StackResources ?? [];
}
