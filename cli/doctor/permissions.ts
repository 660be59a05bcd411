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
import { attachPolicyCommand } from '../../shared/codes/commands';
import type { Stack } from '../stack';
import { type Check, doubtful, type Said, unknown, well } from './finding';
import { JOBS, type Job, type Need, needsOf } from './needs';

export function permissionsCheck(stack: Stack): Check {
  return {
    area: 'permissions',
    question: 'Whether you may do all that the command does',
    async look() {
      const { Arn: caller = '' } = await new STSClient(stack.runtime.clientDefaults).send(
        new GetCallerIdentityCommand(),
      );
      if (caller.endsWith(':root')) return [well('You are the root user of the account, and may do everything.')];
      const principal = principalOf(caller);
      if (!principal) return [unknown(`What ${caller} may do is not known: it is neither a user nor a role.`)];
      const iam = new IAMClient(stack.runtime.clientDefaults);
      const lacking = await mapSome(needsOf(stack), async (need) => ({
        job: need.job,
        actions: await deniedOf(need, principal, iam),
      }));
      return JOBS.map(({ job, does }) => {
        const denied = lacking.filter((one) => one.job === job).flatMap(({ actions }) => actions);
        return saidOf(job, does, [...new Set(denied)], principal, stack);
      });
    },
  };
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

/** The actions that are not allowed on each of the resources. */
async function deniedOf({ actions, resources, context = {} }: Need, principal: string, client: IAMClient) {
  const input: SimulatePrincipalPolicyCommandInput = {
    PolicySourceArn: principal,
    ActionNames: [...actions],
    ResourceArns: [...resources],
    ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyType: 'stringList',
      ContextKeyValues: [value],
    })),
  };
  const denied: string[] = [];
  for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client }, input)) {
    for (const { EvalActionName = '', EvalDecision, ResourceSpecificResults = [] } of EvaluationResults) {
      const decisions = [EvalDecision, ...ResourceSpecificResults.map((one) => one.EvalResourceDecision)];
      if (decisions.some((decision) => decision !== 'allowed')) denied.push(EvalActionName);
    }
  }
  return denied;
}

function saidOf(job: Job, does: string, denied: readonly string[], principal: string, stack: Stack): Said {
  if (denied.length === 0) return well(`You may ${does}.`);
  const policyArn = stack.output(`${job}PolicyArn`);
  return doubtful(`You may not ${does}: ${denied.join(', ')}. Where you are to, have this run by who may:`, [
    attachPolicyCommand(principal, policyArn),
  ]);
}
