/** Who calls, and what policies would allow. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import {
  type ContextEntry,
  type EvaluationResult,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { refusalOf } from './refusal';

const SIMULATION = 'IAM API Reference, SimulateCustomPolicy and EvaluationResult';

const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012';

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string;
  Resource: string;
  Condition?: Record<string, Record<string, string>>;
}

export const PERMISSIONS: readonly ConformanceCase[] = [
  {
    name: 'Whoever calls is told account, ARN and id',
    source: 'AWS STS API Reference, GetCallerIdentity',
    needs: [],
    async run(context) {
      const { Account = '', Arn, UserId } = await context.clients.sts.send(new GetCallerIdentityCommand({}));
      match(Account, /^\d{12}$/);
      match(
        Arn ?? '',
        new RegExp(`^arn:aws[a-z-]*:(iam|sts)::${Account}:(root|(user|assumed-role|federated-user)/.+)$`),
      );
      ok(UserId);
    },
  },
  {
    name: 'A simulation says of each action: allowed, denied, or not allowed',
    source: SIMULATION,
    needs: [],
    async run(context) {
      const results = await simulate(
        context,
        [
          { Effect: 'Allow', Action: 'sqs:*Message', Resource: '*' },
          { Effect: 'Deny', Action: 'sqs:DeleteMessage', Resource: '*' },
        ],
        ['sqs:SendMessage', 'sqs:DeleteMessage', 'sqs:GetQueueUrl'],
      );
      deepEqual(
        results.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision]),
        [
          ['sqs:SendMessage', 'allowed'],
          ['sqs:DeleteMessage', 'explicitDeny'],
          ['sqs:GetQueueUrl', 'implicitDeny'],
        ],
      );
      deepEqual(
        results.map(({ MatchedStatements = [] }) => MatchedStatements.length > 0),
        [true, true, false],
      );
    },
  },
  {
    name: 'A simulation says of each resource that it is given',
    source: SIMULATION,
    needs: [],
    async run(context) {
      const statement: Statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `${QUEUE}:mine-*` };
      const resources = [`${QUEUE}:mine-1`, `${QUEUE}:yours`];
      const [result] = await simulate(context, [statement], ['sqs:SendMessage'], { ResourceArns: resources });
      deepEqual(
        result?.ResourceSpecificResults?.map((one) => [one.EvalResourceName, one.EvalResourceDecision]),
        [
          [resources[0], 'allowed'],
          [resources[1], 'implicitDeny'],
        ],
      );
    },
  },
  {
    name: 'A condition holds by the context that is given; what lacks is named',
    source: SIMULATION,
    needs: [],
    async run(context) {
      const Condition = { StringEquals: { 'aws:RequestTag/task': 'WAS' } };
      const statement: Statement = { Effect: 'Allow', Action: 'sqs:CreateQueue', Resource: '*', Condition };
      const decide = async (...values: string[]) => {
        const ContextEntries: ContextEntry[] = values.map((value) => ({
          ...{ ContextKeyName: 'aws:RequestTag/task', ContextKeyValues: [value], ContextKeyType: 'string' },
        }));
        const [result] = await simulate(context, [statement], ['sqs:CreateQueue'], { ContextEntries });
        return [result?.EvalDecision, result?.MissingContextValues];
      };
      deepEqual(await decide('WAS'), ['allowed', []]);
      deepEqual(await decide('WEB'), ['implicitDeny', []]);
      deepEqual(await decide(), ['implicitDeny', ['aws:RequestTag/task']]);
    },
  },
  {
    name: 'Results come page by page',
    source: 'IAM API Reference, SimulateCustomPolicy: MaxItems and Marker',
    needs: [],
    async run(context) {
      const ActionNames = ['sqs:SendMessage', 'sqs:DeleteMessage', 'sqs:GetQueueUrl'];
      const page = (Marker?: string) => {
        const PolicyInputList = [policyOf([{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }])];
        const input = { PolicyInputList, ActionNames, MaxItems: 1, Marker };
        return context.clients.iam.send(new SimulateCustomPolicyCommand(input));
      };
      const found: (string | undefined)[] = [];
      let answer = await page();
      for (found.push(...namesOf(answer)); answer.IsTruncated; found.push(...namesOf(answer))) {
        answer = await page(answer.Marker);
      }
      deepEqual(found, ActionNames);
    },
  },
  {
    name: "A principal's own policies count, and those that are given beside",
    source: 'IAM API Reference, SimulatePrincipalPolicy',
    needs: ['stack'],
    async run(context) {
      const PolicySourceArn = await roleOf(context);
      const [action] = ['iam:CreateUser'];
      const decide = async (...statements: Statement[]) => {
        const PolicyInputList = statements.length > 0 ? [policyOf(statements)] : undefined;
        const input = { PolicySourceArn, ActionNames: [action as string], PolicyInputList };
        const answer = await context.clients.iam.send(new SimulatePrincipalPolicyCommand(input));
        return answer.EvaluationResults?.[0]?.EvalDecision;
      };
      equal(await decide(), 'implicitDeny');
      equal(await decide({ Effect: 'Allow', Action: action as string, Resource: '*' }), 'allowed');
      equal(await decide({ Effect: 'Deny', Action: action as string, Resource: '*' }), 'explicitDeny');
    },
  },
  {
    name: 'A principal that does not exist, or is a session, is refused',
    source: 'IAM API Reference, SimulatePrincipalPolicy: errors',
    needs: [],
    async run(context) {
      const { Account } = await context.clients.sts.send(new GetCallerIdentityCommand({}));
      const ask = (PolicySourceArn: string) => {
        const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['sqs:SendMessage'] });
        return context.clients.iam.send(command);
      };
      const role = `arn:aws:iam::${Account}:role/${context.name()}`;
      const { status } = await refusalOf(ask(role), 'NoSuchEntityException', 'NoSuchEntity');
      equal(status, 404);
      const session = role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
      await refusalOf(ask(`${session}/session`), 'InvalidInputException', 'InvalidInput');
    },
  },
];

function policyOf(Statement: Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

async function simulate(
  context: Context,
  statements: Statement[],
  ActionNames: string[],
  more: { ResourceArns?: string[]; ContextEntries?: ContextEntry[] } = {},
): Promise<EvaluationResult[]> {
  const command = new SimulateCustomPolicyCommand({ PolicyInputList: [policyOf(statements)], ActionNames, ...more });
  return (await context.clients.iam.send(command)).EvaluationResults ?? [];
}

function namesOf({ EvaluationResults = [] }: { EvaluationResults?: EvaluationResult[] }): (string | undefined)[] {
  return EvaluationResults.map(({ EvalActionName }) => EvalActionName);
}

/** The ARN of a role of the stack. */
async function roleOf(context: Context): Promise<string> {
  const { cloudFormation: client, sts } = context.clients;
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  for await (const page of paginateListStackResources({ client }, { StackName: context.given.stackName })) {
    const role = page.StackResourceSummaries?.find(({ ResourceType }) => ResourceType === 'AWS::IAM::Role');
    if (role) return `arn:aws:iam::${Account}:role/${role.PhysicalResourceId}`;
  }
  throw new Error(`the stack ${context.given.stackName} has no role`);
}
