/** A permission that is missing: who needs which, as far as AWS has named them. */
import type { ToDo } from '../../events/contract';
import { readLogCommand } from './commands';

/** As AWS words it, whatever the service calls it: the message has the action, the resource and the role. */
const DENIED = /\b(AccessDenied|AuthorizationError|UnauthorizedOperation|Forbidden)|not authorized to perform/;

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
  const what = action
    ? `${action} on ${resource ?? 'what the reason names'}`
    : 'what the denied call in its log asks for';
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
