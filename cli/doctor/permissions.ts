/**
 * Whether whoever runs the command may do what it does. IAM says what the policies of a user or a role allow; what an
 * organization or the policy of a resource forbids, it does not always know (API reference, SimulatePrincipalPolicy).
 */
import {
  IAMClient,
  paginateSimulatePrincipalPolicy,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mapSome } from '../../shared/aws/calls';
import { isDenied } from '../../shared/aws/errors';
import { groupedBy } from '../../shared/aws/findings';
import { attachPolicyCommand } from '../../shared/codes/commands';
import type { Stack } from '../stack';
import { type Check, doubtful, type Said, unknown, well } from './finding';
import { CONTEXT, JOBS, type Job, type Need, needsOf } from './needs';

export const PERMISSIONS = 'permissions';

export function permissionsCheck(stack: Stack): Check {
  return {
    area: PERMISSIONS,
    question: 'Whether you may do all that the command does',
    async look() {
      const { Arn: caller = '' } = await stack.client(STSClient).send(new GetCallerIdentityCommand());
      if (caller.endsWith(':root')) return [well('You are the root user of the account, and may do everything.')];
      const principal = principalOf(caller);
      if (!principal) return [unknown(`What ${caller} may do is not known: it is neither a user nor a role.`)];
      const iam = stack.client(IAMClient);
      const needs = needsOf(stack, await stack.resources.catch(noneWhereDenied));
      const lacking = await deniedOf(needs, principal, iam);
      return JOBS.map(({ job, does }) => {
        const denied = lacking.flatMap((actions, index) => (needs[index]?.jobs.includes(job) ? actions : []));
        return saidOf(job, does, [...new Set(denied)], principal, stack);
      });
    },
  };
}

/** That they may not be listed is said with the rest. */
function noneWhereDenied(error: unknown): [] {
  if (!isDenied(error)) throw error;
  return [];
}

/**
 * A session of a role is not known to IAM, but the role is. Its path is not in the ARN of the session: one that has any is
 * not found by this.
 */
function principalOf(caller: string): string | undefined {
  if (/:(user|role)\//.test(caller)) return caller;
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(caller) ?? [];
  return role === undefined ? undefined : `arn:${partition}:iam::${account}:role/${role}`;
}

/** By need, the actions that are not allowed on each of its resources. */
async function deniedOf(needs: readonly Need[], principal: string, client: IAMClient): Promise<string[][]> {
  const decided = new Set<string>();
  // Every action is tried on every resource: of one service they are few.
  const groups = groupedBy(needs, ({ actions, resources }) => (resources[0] === '*' ? '*' : serviceOf(actions[0])));
  await mapSome(groups, async ([, alike]) => {
    const all = (of: (need: Need) => readonly string[]) => [...new Set(alike.flatMap(of))];
    const actions = all((need) => need.actions);
    const resources = all((need) => need.resources);
    for (const pair of await allowedOf(actions, resources, principal, client)) decided.add(pair);
  });
  return needs.map(({ actions, resources }) =>
    actions.filter((action) => !resources.every((resource) => decided.has(pairOf(action, resource)))),
  );
}

async function allowedOf(ActionNames: string[], ResourceArns: string[], principal: string, client: IAMClient) {
  const input: SimulatePrincipalPolicyCommandInput = {
    ...{ PolicySourceArn: principal, ActionNames, ResourceArns },
    ContextEntries: Object.entries(CONTEXT).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyType: typeof value === 'string' ? 'string' : 'stringList',
      ContextKeyValues: [value].flat(),
    })),
  };
  const allowed: string[] = [];
  for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client }, input)) {
    for (const { EvalActionName = '', EvalDecision, ResourceSpecificResults = [] } of EvaluationResults) {
      const decisions = new Map(ResourceSpecificResults.map((one) => [one.EvalResourceName, one.EvalResourceDecision]));
      for (const resource of ResourceArns) {
        if ((decisions.get(resource) ?? EvalDecision) === 'allowed') allowed.push(pairOf(EvalActionName, resource));
      }
    }
  }
  return allowed;
}

function serviceOf(action = ''): string {
  return action.split(':')[0] ?? '';
}

function pairOf(action: string, resource: string): string {
  return `${action} ${resource}`;
}

function saidOf(job: Job, does: string, denied: readonly string[], principal: string, stack: Stack): Said {
  if (denied.length === 0) return well(`You may ${does}.`);
  const policyArn = stack.output(`${job}PolicyArn`);
  return doubtful(`You may not ${does}: ${denied.join(', ')}. Where you are to, have this run by who may:`, [
    attachPolicyCommand(principal, policyArn),
  ]);
}
