/**
 * What to do about a code in the very state in which it came: one sentence, and what to run. Where nothing is known beside
 * the code, the table of codes says it.
 */
import type { ToDo, Users } from '../../events/contract';
import { named } from '../aws/findings';
import type { Plan } from '../deployment/plan';
import { isServed } from '../deployment/users';
import { denied, functionIn, isDeniedBy, isOfAws, OF_AWS, stackOf } from './causes';
import { nextStepOf } from './codes';
import {
  asComments,
  attachCommands,
  listDummiesCommands,
  quotaCommands,
  readLogCommand,
  subnetCommands,
  tagCommand,
  uploadCommand,
} from './commands';
import { toDoOf } from './refusal-remedies';
import { rulesLines } from './request-lines';
import { isOfSubnets, limitIn } from './standing';

/** The application itself, and not that no instance came. */
const ILL = /\bunhealthy\b|OutOfService|Target\.|HTTP \d{3}/;

const NO_INSTANCE = /no instance came/;

/** The one that the function was in when an action of a stage failed. */
export interface Invoked {
  functionName: string;
  requestId: string;
  record?: { plan?: Plan | undefined };
}

/** Of an action that a stage gave up: the reason names it, and the log has the rest. */
export function toDoOfError(code: string, message: string, { functionName, requestId, record }: Invoked): ToDo {
  const commands = [readLogCommand(functionName, requestId)];
  if (isDeniedBy(message)) return denied(message, functionName, requestId);
  if (isOfAws(message)) return { sentence: `${OF_AWS} The log says more:`, commands };
  const known = toDoOfCode(code, message, record?.plan);
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
    toDoOfMeddling(code, message, plan, users) ??
    toDoOfIllness(code, message, plan) ??
    (isShortage(code, message) ? { sentence: `${UNTESTED}.` } : undefined) ??
    toDoOfCode(code, message, plan)
  );
}

/** Users are down because of the new version, and Active is on its way back: nothing else comes first. */
export function toDoWhileDown(code: string, plan: Plan | undefined, users: Users | undefined): ToDo | undefined {
  const down = plan?.attachments.filter(({ name }) => users?.down.includes(name)) ?? [];
  if (!plan || code !== 'T011' || down.length === 0) return undefined;
  return {
    sentence: `Attach ${plan.oldGroup} again, as clean-up is doing:`,
    commands: attachCommands('attach', plan.oldGroup, down),
  };
}

/** Once clean-up is done: what would be deployed again as it is, fails again. */
export function toDoOfEnd(
  { code, message }: { code: string; message: string },
  plan: Plan | undefined,
  users: Users | undefined,
): ToDo {
  if (isDeniedBy(message)) return inTheMorning({ ...denied(message), request: 'DeployRequested' }, users);
  if (isOfAws(message)) {
    const sentence = `${OF_AWS} Deploy again; should that fail, too, the AWS Health Dashboard may say more:`;
    return { sentence, request: 'DeployRequested' };
  }
  const changed = toDoOfDeleted(message, plan) ?? toDoOfRoles(code, message, plan);
  if (changed) return changed;
  if (/\bgroup .+ no longer exists$/.test(message) && plan && message.includes(plan.newGroup)) {
    const sentence = `Make ${plan.newGroup} again, as the mail of the failure says; then deploy again:`;
    return { sentence, request: 'DeployRequested' };
  }
  if (isShortage(code, message)) {
    return { sentence: `${UNTESTED}; then deploy again:`, request: 'DeployRequested' };
  }
  const illness = toDoOfIllness(code, message, plan);
  if (illness) return inTheMorning(illness, users);
  const known = toDoOfFailure(code, message, plan, users);
  if (known?.commands && NO_NAME.test(message)) return inTheMorning(toDoOfNames(known.commands), users);
  if (known?.commands) {
    const mending = { ...known, request: 'DeployRequested' as const };
    return CAN_WAIT_CODES.includes(code) ? inTheMorning(mending, users) : mending;
  }
  const sentence =
    code === 'T015' ? 'Nothing is to be mended. To deploy again:' : 'Remove the cause, see why; then deploy again:';
  return { sentence, request: 'DeployRequested' };
}

/** Nobody has to get up for it who has seen that users are served. */
export function inTheMorning(toDo: ToDo, users: Users | undefined): ToDo {
  return users && isServed(users) ? { ...toDo, sentence: `${CAN_WAIT} ${toDo.sentence}` } : toDo;
}

/** Nothing that a deployment needs is lost by then. */
const CAN_WAIT_CODES = ['413', 'T014'];

const NO_NAME = /names for a clone of \S+ is free/;

/** Nothing is deleted that need not be: names are chosen anew each time. */
function toDoOfNames(listing: readonly string[]): ToDo {
  return {
    sentence: 'Deploy again: the next deployment tries other names.',
    request: 'DeployRequested',
    otherwise: [
      '# only where that fails with the same code, too: one free name is enough. These are taken:',
      ...asComments(listing),
    ],
  };
}

const CAN_WAIT = 'Users are served, so this can wait until morning.';

/** Where clean-up has stopped for want of a permission: who needs which, what to read, and then to clean again. */
export function toDoOfStop(messages: readonly string[]): ToDo | undefined {
  const message = messages.find(isDeniedBy);
  if (message === undefined) return undefined;
  const missing = denied(message);
  return {
    ...missing,
    sentence: `${missing.sentence} Then clean the task again; before that it is not deployed.`,
    request: 'CleanRequested',
  };
}

/** Somebody has detached Active, and nobody serves there: nothing else helps users before it is attached again. */
function toDoOfDetached(message: string, plan: Plan | undefined, users: Users | undefined): ToDo | undefined {
  if (!plan || !users || !/\(Active\) (is no longer attached to|was detached from)/.test(message)) return undefined;
  const left = plan.attachments.filter(({ name }) => users.down.includes(name));
  if (left.length === 0) return undefined;
  return {
    sentence: `Attach ${plan.oldGroup} again, so that users are served:`,
    commands: attachCommands('attach', plan.oldGroup, left),
  };
}

/** What people, or other programs, have done to the groups or to a clone meanwhile. */
function toDoOfMeddling(
  code: string,
  message: string,
  plan: Plan | undefined,
  users: Users | undefined,
): ToDo | undefined {
  if (code !== 'T000' || !plan) return undefined;
  const { oldGroup, newGroup, attachments } = plan;
  if (message.startsWith('somebody deleted the dummy')) {
    return { sentence: `${oldGroup} needs nothing. ${PREVENTING('deleted the dummy')}` };
  }
  if (message.startsWith(`somebody attached ${newGroup}`)) {
    return { sentence: `Clean-up detaches ${newGroup} there. ${PREVENTING(`attached ${newGroup}`)}` };
  }
  if (users?.down.length === 0) {
    const goesOn = `Leave ${oldGroup} as it is: clean-up goes on with ${newGroup} where that serves alone.`;
    return { sentence: `${goesOn} ${PREVENTING(`detached ${oldGroup}`)}` };
  }
  const sentence = `Where nobody serves, attach ${oldGroup} again. ${PREVENTING(`detached ${oldGroup}`)}`;
  return {
    sentence,
    commands: attachCommands(
      'attach',
      oldGroup,
      attachments.filter(({ name }) => message.includes(name)),
    ),
  };
}

const PREVENTING = (deed: string) => `Keep whoever ${deed} from doing so during the next deployment.`;

/** By the words of what failed. */
export function isDeletedIn(message: string, { name }: Pick<Plan['attachments'][0], 'name'>): boolean {
  return message.startsWith(`${name} was deleted while`);
}

/** A deployment would be refused as long as Active names what is not there any more. */
function toDoOfDeleted(message: string, plan: Plan | undefined): ToDo | undefined {
  const attachments = plan?.attachments.filter((attachment) => isDeletedIn(message, attachment)) ?? [];
  if (!plan || attachments.length === 0) return undefined;
  return toDoOf({ kind: 'detach', group: plan.oldGroup, attachments }, '');
}

/** Whatever of the two tags was changed is written as it was. */
function toDoOfRoles(code: string, message: string, plan: Plan | undefined): ToDo | undefined {
  if (code !== 'T013' || !plan) return undefined;
  const { oldGroup, newGroup } = plan;
  const isWrong = (group: string, type: string) =>
    message.includes(` of ${group} was changed from ${type} to `) ||
    (message.startsWith(`${oldGroup} and ${newGroup} are both tagged type = `) && !message.endsWith(` = ${type}`));
  const wanted = [
    { group: oldGroup, ...plan.typeTag, value: 'Active' },
    { group: newGroup, ...plan.typeTag, value: 'StandBy' },
  ];
  const tags = wanted.filter(({ group, value }) => isWrong(group, value));
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
  const again = 'Upload a mended war, which is deployed by itself: the same one may well fail again.';
  return { sentence: [provenUntil(message), again].filter(Boolean).join(' '), commands: changed.map(uploadCommand) };
}

/** What it had passed before. */
function provenUntil(message: string): string {
  if (/ is not healthy behind the real load balancers/.test(message))
    return 'Behind the clones it was healthy, behind the real load balancers not.';
  return / fell ill /.test(message) ? 'It had passed both steps, and fell ill after that.' : '';
}

/** Of room: the quotas of an account are raised, and addresses are freed, by people alone. */
function toDoOfShortage(message: string, plan: Plan | undefined): ToDo {
  if (isOfSubnets(message)) {
    const subnetIds = [...new Set(message.match(/\bsubnet-[0-9a-f]+\b/g) ?? [])];
    const names = plan?.attachments.flatMap(({ name }) => / of (\S+)$/.exec(name)?.[1] ?? []) ?? [];
    const loadBalancers = [...new Set(names)];
    const where = subnetIds.length > 0 ? subnetIds : loadBalancers.map((name) => `the subnets of ${name}`);
    return {
      sentence: `Free at least 8 addresses in each of ${named(where) || 'the subnets of the load balancer'}, or give the load balancer others:`,
      commands: subnetCommands(subnetIds, loadBalancers),
    };
  }
  const limit = limitIn(message) ?? 'what the reason names';
  return {
    sentence: `Delete what is not used of ${limit}, or have AWS raise that quota. These are the quotas:`,
    commands: quotaCommands(),
  };
}

/** What does not depend on who failed. */
function toDoOfCode(code: string, message: string, plan: Plan | undefined): ToDo | undefined {
  switch (code) {
    case '407':
    case '409':
    case '410':
      return {
        sentence: 'One free name is enough. These are taken:',
        commands: listDummiesCommands(code),
      };
    case '413':
      return toDoOfShortage(message, plan);
    case 'T014':
      return toDoOfStandstill(message);
    default:
      return undefined;
  }
}

/** The function broke off, or its event never came to it: which of the two its log tells. */
function toDoOfStandstill(message: string): ToDo | undefined {
  const [, stage, since] = /^the stage (\S+) did not move for .*?, since ([^,]+),/.exec(message) ?? [];
  const functionName = functionIn(message);
  const stack = stackOf(functionName);
  if (!stage || !functionName || !stack) return undefined;
  const arriving = `If it has no line since ${since}, no event has come to it: see whether its rule is there and enabled.`;
  return {
    sentence: `Read the log of ${stage}. If it names a cause, remove that. ${arriving}`,
    commands: [readLogCommand(functionName), ...rulesLines(stack)],
  };
}
