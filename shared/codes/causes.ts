/** What AWS answered with, by its words: that a permission is missing, and who needs which; or that AWS itself failed. */
import type { ToDo } from '../../events/contract';
import { readLogCommand } from './commands';

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
export function denied(message: string): ToDo {
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? [];
  const [, resource] = /on resource: ([^\s,;)]+)/.exec(message) ?? [];
  const [, roleName] = /assumed-role\/([^/\s]+)\//.exec(message) ?? [];
  const functionName = functionIn(message);
  const ofFunction = functionName
    ? `the role of the function ${functionName}`
    : 'the role of the function that was denied';
  const role = roleName ? `the role ${roleName}` : ofFunction;
  const what = action ? `${action}${resource ? ` on ${resource}` : ''}` : 'what the denied call in its log asks for';
  const commands = functionName ? [readLogCommand(functionName, errorIn(message))] : [];
  return { sentence: `A permission is missing: give ${role} ${what}. Until then the same fails again.`, commands };
}

/** Whatever fails names the function that has the rest in its log. */
const IN_LOG = /\(([\w.]+), log of the function ([\w-]+)\)/;

function errorIn(message: string): string {
  return IN_LOG.exec(message)?.[1] ?? 'AccessDenied';
}

export function functionIn(message: string): string | undefined {
  return IN_LOG.exec(message)?.[2] ?? /log of the function ([\w-]+)/.exec(message)?.[1];
}
