/** IAM, to be asked: what policies would allow, by the engine that decides about calls here. */
import type * as sdk from '@aws-sdk/client-iam';
import { parsedObject } from '../../kernel/json';
import { pageOf } from '../../kernel/paging';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { iamAccess } from './access';
import { type Authorization, conditionKeysOf, evaluate, mayConcern, type Policy, type Result } from './authorization';

export interface IamOptions {
  accountId: string;
  authorization: Pick<Authorization, 'policiesOf'>;
}

/** SimulatePrincipalPolicy, API reference: MaxItems. */
const PAGE_SIZE = 100;
const MAXIMUM_PAGE_SIZE = 1000;

const DECISIONS: Record<Result, sdk.PolicyEvaluationDecisionType> = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
};

const SUPPORTED = ['PolicyInputList', 'ActionNames', 'ResourceArns', 'ContextEntries', 'MaxItems', 'Marker'];

export class Iam implements Service {
  readonly requiredAccess = iamAccess;

  constructor(private readonly options: IamOptions) {}

  readonly operations: Operations = {
    SimulatePrincipalPolicy: (input: sdk.SimulatePrincipalPolicyCommandInput) => {
      const { PolicySourceArn = '', ...simulation } = input;
      return this.simulate(simulation, PolicySourceArn, this.policiesOf(PolicySourceArn));
    },

    SimulateCustomPolicy: (input: sdk.SimulateCustomPolicyCommandInput) =>
      this.simulate(input, `arn:aws:iam::${this.options.accountId}:user/nobody`, []),
  };

  /** Of a role or a user. A session of a role is neither; the words for it are not documented, but were observed. */
  private policiesOf(arn: string): readonly Policy[] {
    const [, kind, name] = /^arn:aws:iam::\d{12}:(role|user|group)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    if (name === undefined) throw invalid(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
    const policies = this.options.authorization.policiesOf(arn);
    if (!policies) throw new AwsError('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`, 404);
    return policies;
  }

  private simulate(input: Simulation, principalArn: string, attached: readonly Policy[]): sdk.SimulatePolicyResponse {
    const other = Object.entries(input).find(([name, value]) => value !== undefined && !SUPPORTED.includes(name));
    if (other) throw invalid(`The parameter ${other[0]} is not supported by this embedded AWS`);
    const { MaxItems = PAGE_SIZE, Marker, ActionNames = [], PolicyInputList = [] } = input;
    if (MaxItems < 1 || MaxItems > MAXIMUM_PAGE_SIZE) throw invalid(`MaxItems is from 1 to ${MAXIMUM_PAGE_SIZE}`);
    const policies = [...attached, ...PolicyInputList.map(givenPolicy)];
    const page = pageOf(ActionNames, Marker, MaxItems, 'InvalidInput');
    const question = { input, principalArn, policies, accountId: this.options.accountId };
    const EvaluationResults = page.items.map((action) => actionResult(question, action));
    return { EvaluationResults, IsTruncated: page.next !== undefined, Marker: page.next };
  }
}

type Simulation = Omit<sdk.SimulateCustomPolicyCommandInput, 'PolicyInputList'> & { PolicyInputList?: string[] };

interface Question {
  input: Simulation;
  principalArn: string;
  policies: readonly Policy[];
  accountId: string;
}

/**
 * One result for each action, with one for each resource in it: EvaluationResult, API reference. What EvalResourceName has
 * there, the form of ARNs of the action's resources, is not known here: it is `*`. Which of several decisions the action has
 * as a whole the reference leaves open: here it is the one that allows the least.
 */
function actionResult(question: Question, action: string): sdk.EvaluationResult {
  if (!/^[\w-]+:[\w*]+$/.test(action)) throw invalid(`Invalid Action Name: ${action}`);
  const { ResourceArns = ['*'] } = question.input;
  const results = ResourceArns.map((resource) => resourceResult(question, action, resource));
  const decisions = results.map(({ EvalResourceDecision }) => EvalResourceDecision);
  const order = ['explicitDeny', 'implicitDeny', 'allowed'] as const;
  const isOfAll = ResourceArns.length === 1 && ResourceArns[0] === '*';
  return {
    EvalActionName: action,
    EvalResourceName: '*',
    EvalDecision: order.find((decision) => decisions.includes(decision)),
    MatchedStatements: [...new Map(results.flatMap(statementsOf)).values()],
    MissingContextValues: [...new Set(results.flatMap(({ MissingContextValues = [] }) => MissingContextValues))],
    ...(!isOfAll && { ResourceSpecificResults: results, EvalDecisionDetails: {} }),
  };
}

function statementsOf({ MatchedStatements = [] }: sdk.ResourceSpecificResult): [string, sdk.Statement][] {
  return MatchedStatements.map((statement) => [statement.SourcePolicyId ?? '', statement]);
}

/** The places in a policy of the statements that decided are not known here: only which policies did. */
function resourceResult(
  { input, principalArn, policies, accountId }: Question,
  action: string,
  resource: string,
): sdk.ResourceSpecificResult {
  const context = contextOf(input.ContextEntries);
  const decide = (some: readonly Policy[]) =>
    evaluate([...some], { action, resource, context }, principalArn, accountId);
  const result = decide(policies);
  const deciding = result === 'ImplicitlyDenied' ? [] : policies.filter((policy) => decide([policy]) === result);
  return {
    EvalResourceName: resource,
    EvalResourceDecision: DECISIONS[result],
    MatchedStatements: deciding.map(({ PolicyName }) => ({ SourcePolicyId: PolicyName })),
    MissingContextValues: missingKeys(policies, action, Object.keys(context)),
  };
}

function missingKeys(policies: readonly Policy[], action: string, given: string[]): string[] {
  const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const keys = statements.filter((statement) => mayConcern(statement, action)).flatMap(conditionKeysOf);
  const known = given.map((key) => key.toLowerCase());
  return [...new Set(keys)].filter((key) => !known.includes(key.toLowerCase()));
}

/** A list is one also where it has one value. */
function contextOf(entries: sdk.ContextEntry[] = []): Record<string, string | string[]> {
  const pairs = entries.map(({ ContextKeyName = '', ContextKeyValues = [], ContextKeyType = 'string' }) => [
    ...[ContextKeyName, ContextKeyType.endsWith('List') ? ContextKeyValues : (ContextKeyValues[0] ?? '')],
  ]);
  return Object.fromEntries(pairs);
}

/** "PolicyInputList.1" is the first, as the service calls them. */
function givenPolicy(text: string, index: number): Policy {
  const document = parsedObject(text);
  const statements = [document?.Statement ?? []].flat() as Policy['PolicyDocument']['Statement'];
  const isWhole = statements.every(
    ({ Effect, Action }) => (Effect === 'Allow' || Effect === 'Deny') && Action !== undefined,
  );
  if (statements.length === 0 || !isWhole) throw invalid(`Invalid policy: PolicyInputList.${index + 1}`);
  const Version = String(document?.Version ?? '2008-10-17');
  return { PolicyName: `PolicyInputList.${index + 1}`, PolicyDocument: { Version, Statement: statements } };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}
