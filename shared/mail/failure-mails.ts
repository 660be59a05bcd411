/** The mails of what failed: by a stage's own word, or because its function broke off. Clean-up's mail follows them. */
import { type DetailOf, isTaskName, type ToDo } from '../../events/contract';
import type { Failed } from '../../events/failed';
import type { Envelope } from '../aws/envelope';
import { denied, isDeniedBy, isOfAws, OF_AWS } from '../codes/causes';
import { readLogCommand } from '../codes/commands';
import { crashCodeOf, subjectOfFailure } from '../codes/failure-codes';
import { findGroupsCommand } from '../codes/look-commands';
import { requestLines } from '../codes/request-lines';
import { standingCauses } from '../codes/standing';
import { isStage, STAGES } from '../pipeline/flow';
import { alarmSentence, usersBelowAlarm } from '../view/users';
import { cleaningLine, overdueSection, untilWhen, waitingLine } from './ending';
import { answering, type Mail, section, toDoLines } from './mail';
import { clauseOf, reasonAfter } from './reason';
import { SEE_BELOW, unseen } from './users';

/** `failedAt` is the time of the event. */
export function failedMail(detail: DetailOf<typeof Failed>, busName: string, failedAt: string): Mail {
  const { task, deploymentId, stage, code, message, nextStep, toDo = { sentence: nextStep }, users, groups } = detail;
  const { commands = [findGroupsCommand(task)] } = detail;
  const failure = `The deployment of ${task} failed${reasonAfter(': ', message)} (${code}, in ${stage}).`;
  const alarm = alarmSentence(users);
  const mending = toDoLines({ ...toDo, sentence: withoutRequest(toDo.sentence) }, (request) =>
    requestLines(busName, request, { task }),
  );
  const isOver = SAYS_WHEN.test(toDo.sentence);
  const isByItself = BY_ITSELF.test(toDo.sentence);
  const isMeanwhile = !alarm && (toDo.commands ?? []).length > 0;
  const waiting = isOver
    ? []
    : [isByItself ? untilWhen(stage, failedAt) : `${waitingLine(stage, failedAt)}${isMeanwhile ? ' Meanwhile:' : ''}`];
  return answering(task, (shown) => subjectOfFailure(stage, code, shown), {
    happened: [alarm, failure].filter(Boolean).join(' '),
    users: [users ? usersBelowAlarm(users) : unseen(stage, groups), besideIt(message)].filter(Boolean).join(' '),
    leftOver: [
      ...(detail.waiting
        ? [`What was asked for by ${detail.waiting} waits: it is deployed by itself once clean-up is done.`]
        : []),
      ...leftOfOthers(code, message),
      cleaningLine(stage),
    ],
    // Nothing comes before users who are down.
    toDo: alarm || isByItself ? [...mending, ...after(alarm, toDo), ...waiting] : [...waiting, ...mending],
    why: message.split('; '),
    details: [
      section('To see more', toDo.more ?? []),
      section('To see who serves', commands),
      isOver ? '' : overdueSection(task, busName),
      section('Deployment', [deploymentId]),
    ],
  });
}

/** Whoever reads that another mail is to be waited for may wait with all of it. */
function after(alarm: string | undefined, { commands = [], request }: ToDo): string[] {
  return alarm && commands.length > 0 && !request ? ['Do that at once: it is nothing that clean-up minds.'] : [];
}

/** What somebody has attached is still so: clean-up has only begun. */
function besideIt(message: string): string {
  const [group, places] = attachedIn(message);
  return group
    ? `${group} is attached to ${places} beside it: users may meet the new version, which is not proven, until clean-up has detached it.`
    : '';
}

/** Before the mail that is waited for, a request would be refused. */
function withoutRequest(sentence: string): string {
  return sentence.replace(/(?:, then| Then) request the deployment again\./, (found) =>
    found.startsWith(',') ? '.' : '',
  );
}

/** Of what was wrong beside the deployment, and stays so: clean-up leaves it as it is. */
function leftOfOthers(code: string, message: string): string[] {
  const standing = standingCauses({ code, message });
  if (standing.length > 0) return standing;
  const isOfOthers = OF_OTHERS.includes(code) || / no longer (?:exists|attached)\b/.test(message);
  const [group, places] = attachedIn(message);
  return [
    ...(isOfOthers ? [`Not of the deployment: ${clauseOf(message)}.`] : []),
    ...(group ? [`Not of the deployment: ${group} is attached to ${places}, until clean-up has detached it.`] : []),
  ];
}

/** Which group somebody has attached while it was tested, and where. */
function attachedIn(message: string): [group?: string | undefined, places?: string | undefined] {
  const [, group, places] = /^somebody attached (\S+) \(StandBy\) to (.+?) in step 1\b/.exec(message) ?? [];
  return [group, places];
}

/** By their own message they name what people have changed. */
const OF_OTHERS = ['406', '408', 'T013'];

/** Where users are down, the remedy says what to wait for. */
const SAYS_WHEN = /Deploy Clean/i;

/** An upload need not wait for clean-up: it is deployed once that is done. */
const BY_ITSELF = /deployed by itself/i;

/** The invocation of a stage that broke off on every attempt, as its on-failure destination reports it. */
export interface Crash {
  stage: string;
  functionName: string;
  /** Of Lambda: it stands in every line of the log. */
  requestId: string;
  condition: string;
  /** What the function said last; nothing where it was killed, say. */
  error: string;
  /** Empty where the event that it could not handle does not say. */
  task: string;
  deploymentId: string | undefined;
  /** What a request asked for that it could not handle. */
  asked: { versions?: string; capacity?: number };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export function crashOf(detail: Record<string, unknown>, crashed: Envelope | undefined): Crash {
  const context = objectIn(detail.requestContext);
  const response = objectIn(detail.responsePayload);
  const functionName = /:function:([^:]+)/.exec(textIn(context.functionArn))?.[1] ?? '';
  const { detailType = '', detail: given = {} } = crashed ?? {};
  const isOfStart = detailType === 'DeployRequested' || given.stage === 'start';
  // An event that hands on names its stage only where that is not of the plain chain: a function is called by its stage.
  const named = [given.next, given.stage, stageIn(functionName)].find(isStage);
  return {
    stage: isOfStart ? 'start' : textIn(named),
    functionName,
    requestId: textIn(context.requestId),
    condition: textIn(context.condition),
    error: [response.errorType, response.errorMessage].map(textIn).filter(Boolean).join(': '),
    task: isTaskName(given.task) ? given.task : '',
    deploymentId: typeof given.deploymentId === 'string' ? given.deploymentId : undefined,
    asked: {
      ...(typeof given.versions === 'string' && { versions: given.versions }),
      ...(Number.isInteger(given.capacity) && { capacity: given.capacity as number }),
    },
  };
}

/** `bluegreen-dev-check-dummy`, as the service calls it, its stage and its function. */
function stageIn(functionName: string): string | undefined {
  return STAGES.find((stage) => functionName.endsWith(`-${stage}`));
}

export function crashedMail(crash: Crash, busName: string, failedAt: string): Mail {
  const { stage, functionName, requestId, condition, error, task, deploymentId, asked } = crash;
  const code = crashCodeOf(stage);
  const where = stage ? `${code}, in ${stage}` : code;
  const hasBegun = deploymentId !== undefined;
  const { sentence, commands = [], more = [] } = causeOf(error, functionName, requestId, hasBegun);
  return answering(task, (shown) => subjectOfFailure(stage, code, shown), {
    happened: `The deployment of ${task} failed: the function ${functionName} broke off on every attempt${reasonAfter(': ', error)} (${where}).`,
    users: hasBegun ? unseen(stage, undefined) : UNKNOWN_BEGINNING,
    leftOver: hasBegun
      ? [...leftOfOthers('', error), cleaningLine(stage)]
      : [`${cleaningLine(stage)} ${IF_BEGUN}`, 'Else nothing was changed.'],
    toDo: hasBegun
      ? [`${waitingLine(stage, failedAt)} Meanwhile:`, sentence, ...commands]
      : [
          `Has the mail "[Deploy] Start" come for this request? ${waitingLine(stage, failedAt).replace(/^W/, 'Then w')}`,
          `If it has not, nothing was changed. ${sentence}`,
          ...commands,
          ...(commands.length > 0 ? ['# where that mail has not come, once that is done'] : []),
          ...requestLines(busName, 'DeployRequested', { task, ...asked }),
        ],
    why: [`Lambda gave up: ${condition}`, ...(error ? [error] : [])],
    details: [
      section('To see more', more),
      section('To see who serves', [findGroupsCommand(task)]),
      task ? overdueSection(task, busName) : '',
      section('Function', [functionName, `request ${requestId}`]),
      section('Deployment', hasBegun ? [deploymentId] : []),
    ],
  });
}

/** Of a request: its record may be open by then, or not. */
const IF_BEGUN = 'This holds only if the mail "[Deploy] Start" has come for this request.';

const UNKNOWN_BEGINNING = `start does not touch Active. Who serves was not looked at; ${SEE_BELOW}`;

const READING = 'Remove the cause; the log of this invocation has what the function did:';

function causeOf(error: string, functionName: string, requestId: string, hasBegun: boolean): ToDo {
  if (isDeniedBy(error)) return denied(error, functionName, requestId);
  const commands = [readLogCommand(functionName, requestId)];
  if (!isOfAws(error)) return { sentence: READING, commands };
  // Where the request may be put again, nothing is to be read before.
  return hasBegun
    ? { sentence: `${OF_AWS} The log says more:`, commands }
    : { sentence: `${OF_AWS} Request again:`, more: commands };
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
