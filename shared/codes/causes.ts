/** What AWS answered with, by its words: that a permission is missing, and who needs which; or that AWS itself failed. */
import type { ToDo } from '../../events/contract';
import { DUMMY_PREFIX } from '../fleet/dummy-identity';
import { TASK_KEY } from '../fleet/tags';
import { deployStackCommand, type PolicyScope, putRolePolicyCommand, readLogCommand } from './commands';

/** As AWS words it, whatever the service calls it: the message has the action, the resource and the role. */
const DENIED = /\b(AccessDenied|AuthorizationError|UnauthorizedOperation|Forbidden)|not authorized to perform/;

/** AWS has failed at it, more than once. */
const INTERNAL = /\b(InternalFailure|InternalError|InternalServerError|InternalServiceError|ServiceUnavailable)/;

export const OF_AWS = 'AWS itself failed: nothing of yours is to be mended.';

export function isOfAws(message: string): boolean {
  return INTERNAL.test(message);
}

export function isDeniedBy(message: string): boolean {
  return DENIED.test(message);
}

/**
 * As far as AWS has named them: which action, on what, and of which role
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). Else the log of the call has it.
 */
export function denied(
  message: string,
  functionName = functionIn(message),
  inLog = errorIn(message),
  stack = stackOf(functionName),
): ToDo {
  const { role, what, roleName, action, resource } = deniedIn(message, functionName);
  const missing = `A permission is missing: give ${role} ${what}. Until then the same fails again.`;
  const log = functionName ? [readLogCommand(functionName, inLog)] : [];
  const more = log.length > 0 ? { more: log } : {};
  if (/explicit deny/.test(message)) return { sentence: `${missing} ${FORBIDDEN}`, ...more };
  // What is not named, or is of a key, may be forbidden by what is no part of the stack.
  if (stack === undefined || !action || action.startsWith('kms:')) return { sentence: missing, commands: log };
  const scope = resource ? scopeOf(resource) : OF_NO_RESOURCE.test(action) ? { Resource: '*' } : undefined;
  const byHand =
    roleName && scope
      ? [
          '# or, where there is no such checkout at hand, or that changes nothing:',
          `# ${putRolePolicyCommand(roleName, action, scope)}`,
        ]
      : [];
  return {
    sentence: `${missing} The template of the stack grants it: deploy the stack again, in a checkout of the repository that it was deployed from. Where that changes nothing, the role was changed by hand: give it back what the template says.`,
    commands: [deployStackCommand(stack), ...byHand],
    ...more,
  };
}

/** The same as lines of a mail that has more to say; none where nothing was denied. */
export function grantingLines(message: string, stack: string): string[] {
  if (!isDeniedBy(message)) return [];
  const { sentence, commands = [] } = denied(message, undefined, undefined, stack);
  return [sentence, ...commands];
}

/** Of which AWS names none, since none can be given. */
const OF_NO_RESOURCE = /:(?:Describe|List)/;

const FORBIDDEN = 'A policy forbids it, whatever the role is given: whoever manages that has to lift it.';

/** As a state: it is so until somebody gives it. Undefined where nothing was denied. */
export function lackOf(message: string): string | undefined {
  if (!isDeniedBy(message)) return undefined;
  const { role, what } = deniedIn(message, functionIn(message));
  return `${role.replace('the', 'The')} lacks ${what}.`;
}

function deniedIn(message: string, functionName: string | undefined) {
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? [];
  const [, resource] = /on resource: "?([^\s,;)"]+)/.exec(message) ?? [];
  const [, roleName] = /assumed-role\/([^/\s]+)\//.exec(message) ?? [];
  const ofFunction = functionName
    ? `the role of the function ${functionName}`
    : 'the role of the function that was denied';
  const role = roleName ? `the role ${roleName}` : ofFunction;
  const what = action
    ? `${action}${resource ? ` on ${kindIn(resource)}` : ''}`
    : 'what the denied call in its log asks for';
  return { role, what, roleName, action, resource };
}

/** The next of its kind is denied, too: whoever is named first, the kind is what lacks, as the template gives it. */
function kindIn(arn: string): string {
  const [, group] = GROUP_ARN.exec(arn) ?? [];
  const [, clone] = CLONE_ARN.exec(arn) ?? [];
  if (group) return group.startsWith(COPY_PREFIX) ? `${group}, and any such copy` : `${group}, and any group of a task`;
  return clone ? `${clone}, and any such clone` : arn;
}

function scopeOf(arn: string): PolicyScope {
  const [, group] = GROUP_ARN.exec(arn) ?? [];
  if (group?.startsWith(COPY_PREFIX))
    return { Resource: arn.replace(GROUP_ARN, `:*:autoScalingGroupName/${COPY_PREFIX}*`) };
  if (!group) return { Resource: arn.replace(CLONE_ARN, (found, name) => found.replace(name, `${DUMMY_PREFIX}*`)) };
  return {
    Resource: arn.replace(GROUP_ARN, ':*:autoScalingGroupName/*'),
    Condition: { Null: { [`aws:ResourceTag/${TASK_KEY}`]: 'false' } },
  };
}

/** As CodeDeploy names a group that it has copied; it need not have the tag of a task. */
const COPY_PREFIX = 'CodeDeploy_';

const GROUP_ARN = /:[^:]*:autoScalingGroupName\/(.+)$/;

const CLONE_ARN = new RegExp(`:(?:targetgroup|loadbalancer(?:/app|/net)?)/(${DUMMY_PREFIX}[^/]+(?:/.*)?)$`);

/** As serverless.yml calls its functions: by the stack, which is the service and its stage, and their own name. */
const NAMED_BY_STACK =
  /^(.+?)-(?:war-uploaded|start|check-dummy|attach-real|check-real|swap|retire|resume|notify|clean-up|watchdog)$/;

/** Its bus is called the same. */
export function stackOf(functionName = ''): string | undefined {
  return NAMED_BY_STACK.exec(functionName.replace('-codedeploy-clean-up', '-clean-up'))?.[1];
}

/** Whatever fails names the function that has the rest in its log. */
const IN_LOG = /\(([\w.]+), log of the function ([\w-]+)\)/;

function errorIn(message: string): string {
  return IN_LOG.exec(message)?.[1] ?? 'AccessDenied';
}

export function functionIn(message: string): string | undefined {
  return IN_LOG.exec(message)?.[2] ?? /log of the function ([\w-]+)/.exec(message)?.[1];
}
