/**
 * What to do about a code in the very state in which it came: one sentence, and what to run. Where nothing is known beside
 * the code, the table of codes says it.
 */
import type { ToDo, Users } from '../../events/contract';
import type { Plan } from '../deployment/plan';
import type { Refusal, Remedy } from '../deployment/refusal';
import { nextStepOf } from './codes';
import {
  attachCommands,
  cancelRefreshCommand,
  deleteDummyCommands,
  deleteWarmPoolCommand,
  deployStackCommand,
  describeCommands,
  enableRuleCommand,
  limitsCommand,
  listDummiesCommands,
  listTargetGroupsCommand,
  listVersionsCommand,
  readLogCommand,
  resumeCommand,
  subnetsCommand,
  tagCommand,
  untagCommand,
  uploadCommand,
} from './commands';

/** As AWS words it, whatever the service calls it: the message has the action, the resource and the role. */
const DENIED = /\b(AccessDenied|AuthorizationError|UnauthorizedOperation|Forbidden)|not authorized to perform/;

/** What fails once the new version may serve alone. */
const ENDING = ['T008', 'T009', 'T010'];

const NOT_YET =
  'Do not deploy again yet: clean-up ends this deployment now, and its mail says what to run, if anything.';

/** AWS has failed at it, more than once. */
const INTERNAL = /\b(InternalFailure|InternalError|InternalServerError|InternalServiceError|ServiceUnavailable)/;

const OF_AWS = 'AWS itself failed: nothing of yours is to be mended.';

/** The application itself, and not that no instance came. */
const ILL = /\bunhealthy\b|OutOfService|Target\.|HTTP \d{3}/;

const NO_INSTANCE = /no instance came/;

/** Of groups that are looked at. */
const SHOWN = 10;

export function toDoOfRefusal({ code, message, remedy }: Refusal): ToDo | undefined {
  if (DENIED.test(message)) return { ...denied(message), request: 'DeployRequested' };
  if (remedy) return toDoOf(remedy, nextStepOf(code));
  if (/put it again if that is meant/.test(message)) return { sentence: 'Put the request again if it is still meant.' };
  return AS_IT_IS.includes(code) ? { sentence: nextStepOf(code), isFinal: true } : undefined;
}

/** Of what was asked for, and not of the state in which it was. */
const AS_IT_IS = ['414', '418'];

/** The one that the function was in when an action of a stage failed. */
export interface Invoked {
  functionName: string;
  requestId: string;
}

/** Of an action that a stage gave up: the reason names it, and the log has the rest. */
export function toDoOfError(code: string, message: string, { functionName, requestId }: Invoked): ToDo {
  const commands = [readLogCommand(functionName, requestId)];
  if (DENIED.test(message)) {
    const { sentence } = denied(message);
    return { sentence: ENDING.includes(code) ? `${sentence} ${NOT_YET}` : sentence, commands };
  }
  if (INTERNAL.test(message))
    return { sentence: `${OF_AWS} Clean-up's mail has the request; the log says more:`, commands };
  const known = toDoOfCode(code, message);
  if (known) return known;
  return { sentence: nextStepOf(code), commands };
}

/** Of a failure that a stage tells of itself, while clean-up is at work. An upload waits for that; a request does not. */
export function toDoOfFailure(
  code: string,
  message: string,
  plan: Plan | undefined,
  users?: Users | undefined,
): ToDo | undefined {
  return (
    toDoOfDetached(message, plan, users) ??
    toDoOfIllness(code, message, plan) ??
    (isShortage(code, message) ? { sentence: `${UNTESTED}. Clean-up's mail has the request.` } : undefined) ??
    toDoOfCode(code, message)
  );
}

/** Users are down because of the new version, and Active is on its way back: nothing else comes first. */
export function toDoWhileDown(code: string, plan: Plan | undefined, users: Users | undefined): ToDo | undefined {
  const down = plan?.attachments.filter(({ name }) => users?.down.includes(name)) ?? [];
  if (!plan || code !== 'T011' || down.length === 0) return undefined;
  return {
    sentence: `Wait for the mail "Deploy Clean": ${plan.oldGroup} is being attached again. Where none comes within ten minutes, attach it:`,
    commands: attachCommands('attach', plan.oldGroup, down),
  };
}

/** Once clean-up is done: what would be deployed again as it is, fails again. */
export function toDoOfEnd(
  { code, message }: { code: string; message: string },
  plan: Plan | undefined,
  users: Users | undefined,
): ToDo {
  if (DENIED.test(message)) return { ...denied(message), request: 'DeployRequested' };
  if (INTERNAL.test(message)) {
    const sentence = `${OF_AWS} Deploy again; should that fail, too, the AWS Health Dashboard may say more:`;
    return { sentence, request: 'DeployRequested' };
  }
  const changed = toDoOfDeleted(message, plan) ?? toDoOfRoles(code, message, plan);
  if (changed) return changed;
  if (isShortage(code, message)) {
    return { sentence: `${UNTESTED}; then deploy again:`, request: 'DeployRequested' };
  }
  const known = toDoOfFailure(code, message, plan, users);
  if (known?.commands) return toDoOfIllness(code, message, plan) ?? { ...known, request: 'DeployRequested' };
  const sentence =
    code === 'T015' ? 'Nothing is to be mended. To deploy again:' : 'Remove the cause, see why; then deploy again:';
  return { sentence, request: 'DeployRequested' };
}

/** Somebody has detached Active, and nobody serves there: nothing else helps users before it is attached again. */
function toDoOfDetached(message: string, plan: Plan | undefined, users: Users | undefined): ToDo | undefined {
  if (!plan || !users || !/\(Active\) (is no longer attached to|was detached from)/.test(message)) return undefined;
  const left = plan.attachments.filter(({ name }) => users.down.includes(name));
  if (left.length === 0) return undefined;
  return {
    sentence: `Attach ${plan.oldGroup} again, so that users are served; then request the deployment again:`,
    commands: attachCommands('attach', plan.oldGroup, left),
  };
}

/** A deployment would be refused as long as Active names what is not there any more. */
function toDoOfDeleted(message: string, plan: Plan | undefined): ToDo | undefined {
  const attachments = plan?.attachments.filter(({ name }) => message.startsWith(`${name} was deleted while`)) ?? [];
  if (!plan || attachments.length === 0) return undefined;
  return toDoOf({ kind: 'detach', group: plan.oldGroup, attachments }, '');
}

/** Whatever of the two tags was changed is written as it was. */
function toDoOfRoles(code: string, message: string, plan: Plan | undefined): ToDo | undefined {
  if (code !== 'T013' || !plan || !message.includes(' is tagged type = ')) return undefined;
  const isRight = message.startsWith(`${plan.oldGroup} is tagged type = Active and `);
  const tags = [
    ...(isRight ? [] : [{ group: plan.oldGroup, ...plan.typeTag, value: 'Active' }]),
    ...(message.endsWith(` and ${plan.newGroup} type = StandBy`)
      ? []
      : [{ group: plan.newGroup, ...plan.typeTag, value: 'StandBy' }]),
  ];
  if (tags.length === 0) return undefined;
  const sentence = 'Tag the group as it was, then deploy again:';
  return { sentence, commands: [tagCommand(tags)], request: 'DeployRequested' };
}

/** Nothing of the war was seen. */
function isShortage(code: string, message: string): boolean {
  return code === 'T001' && NO_INSTANCE.test(message);
}

const UNTESTED =
  'No instance could be launched, so the new version was not tested: the war is not at fault. Remove what the reason names, or wait until AWS has room';

function toDoOfIllness(code: string, message: string, plan: Plan | undefined): ToDo | undefined {
  const changed = (plan?.wars ?? []).filter(({ from, to }) => from !== to);
  if (!['T001', 'T011'].includes(code) || changed.length === 0 || NO_INSTANCE.test(message) || !ILL.test(message))
    return undefined;
  const again = 'The same war would fail again: upload a mended one, which is deployed by itself.';
  const sentence =
    code === 'T011' ? `Behind the clones it was healthy, behind the real load balancers not. ${again}` : again;
  return { sentence, commands: changed.map(uploadCommand) };
}

/** What does not depend on who failed. */
function toDoOfCode(code: string, message: string): ToDo | undefined {
  switch (code) {
    case '407':
    case '409':
    case '410':
      return { sentence: nextStepOf(code), commands: [...listDummiesCommands(code)] };
    case '413':
      if (/InvalidSubnet/.test(message)) {
        return {
          sentence: 'Free at least 8 addresses in each subnet of the load balancer; these are free:',
          commands: [subnetsCommand()],
        };
      }
      return {
        sentence: 'Raise the limit of the account that the reason names; these are its limits:',
        commands: [limitsCommand()],
      };
    case 'T014': {
      const functionName = functionIn(message);
      if (!functionName) return undefined;
      return {
        sentence: `Why it stopped is not known: its log may say it. The same may happen again until that is mended.`,
        commands: [readLogCommand(functionName)],
      };
    }
    default:
      return undefined;
  }
}

/**
 * As far as AWS has named them: which action, on what, and of which role
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). Else the log of the call has it.
 */
function denied(message: string): ToDo {
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

function functionIn(message: string): string | undefined {
  return IN_LOG.exec(message)?.[2] ?? /log of the function ([\w-]+)/.exec(message)?.[1];
}

function toDoOf(remedy: Remedy, sentence: string): ToDo {
  switch (remedy.kind) {
    case 'tag':
      return { sentence, commands: [tagCommand(remedy.tags)] };
    case 'untag':
      return {
        sentence: 'Keep one spelling of the tag on the group; this takes the other away:',
        commands: [untagCommand(remedy.group, remedy.keys)],
      };
    case 'look':
      return {
        sentence,
        commands: remedy.groups.length > 0 ? describeCommands(remedy.groups.slice(0, SHOWN), []) : [],
      };
    case 'find-places':
      return {
        sentence: `Attach ${remedy.group} to the target groups by which users come in; these are there:`,
        commands: [listTargetGroupsCommand()],
      };
    case 'stay':
      return {
        sentence: `Nothing is to be run: what the reason names cannot be tested behind, so the task cannot be deployed as it is. Leave ${remedy.group} attached there: users may come in by it.`,
        isFinal: true,
      };
    case 'attach':
      return {
        sentence: `Attach ${remedy.group} where it was before:`,
        commands: attachCommands('attach', remedy.group, remedy.attachments),
      };
    case 'detach':
      return {
        sentence: `Nobody comes in by it any more: attach ${remedy.group} to what users come in by instead. This takes off the name of what is gone:`,
        commands: attachCommands('detach', remedy.group, remedy.attachments),
      };
    case 'leave':
      return {
        sentence: 'Detach the left-over dummy from the Active group and delete it.',
        commands: [
          ...attachCommands('detach', remedy.group, remedy.attachments),
          ...remedy.clones.flatMap(({ kind, identifier }) => deleteDummyCommands(kind, identifier)),
        ],
      };
    case 'resume':
      return {
        sentence: `Resume what is suspended on ${remedy.group}:`,
        commands: resumeCommand(remedy.group, remedy.processes),
      };
    case 'end-refresh':
      return {
        sentence: 'Wait until the instance refresh has ended, or cancel it:',
        commands: remedy.groups.map(cancelRefreshCommand),
      };
    case 'end-warm-pool':
      return {
        sentence: `Take the warm pool of ${remedy.group} away:`,
        commands: [deleteWarmPoolCommand(remedy.group)],
      };
    case 'upload':
      return {
        sentence: 'Upload a whole war, which is deployed by itself:',
        commands: remedy.wars.map(uploadCommand),
        isFinal: true,
      };
    case 'list-versions':
      return {
        sentence: 'Request a version that there is; these are:',
        commands: remedy.wars.map(listVersionsCommand),
        isFinal: true,
      };
    case 'deploy-stack':
      return { sentence, commands: [deployStackCommand(remedy.stack)] };
    case 'enable-rules':
      return {
        sentence: 'A rule was disabled, which deploying the stack again may not mend. Enable it:',
        commands: remedy.rules.map((rule) => enableRuleCommand(remedy.busName, rule)),
      };
    case 'clean':
      return { sentence: 'Clean the task, then request the deployment again:', request: 'CleanRequested' };
    case 'mend-record':
      return {
        sentence: 'What the task is doing cannot be read. Clean it, which mends that; then request again:',
        request: 'CleanRequested',
      };
    case 'undo':
      return {
        sentence: 'Nothing is to be run: the deployment ends, and cleans up, by itself. To undo it now instead:',
        request: 'CleanRequested',
        having: { abort: true },
      };
    case 'go-back':
      return {
        sentence:
          'Nothing is to be run now: the deployment goes on, and ends by itself. Once its mail has come, this goes back:',
        request: 'DeployRequested',
        having: { versions: 'previous' },
      };
    case 'wait': {
      const { since, stage, stageSince } = remedy;
      return {
        sentence: `Wait for the mail that ends it: it runs since ${since}, and is in ${stage} since ${stageSince}.`,
      };
    }
  }
}
