/** The mails of what failed: by a stage's own word, or because its function broke off. Clean-up's mail follows them. */
import { type DetailOf, isTaskName } from '../../events/contract';
import type { Failed } from '../../events/failed';
import type { Envelope } from '../aws/envelope';
import { putEventCommand, readLogCommand } from '../codes/commands';
import { crashCodeOf, subjectOfFailure } from '../codes/failure-codes';
import { alarmSentence, usersBelowAlarm } from '../view/users';
import { answering, type Mail, section, toDoLines } from './mail';
import { reasonAfter } from './reason';
import { unseen } from './users';

export function failedMail(detail: DetailOf<typeof Failed>, busName: string): Mail {
  const { task, deploymentId, stage, code, message, nextStep, toDo = { sentence: nextStep }, users } = detail;
  const failure = `The deployment of ${task} failed${reasonAfter(': ', message)} (${code}, in ${stage}).`;
  return answering(task, (shown) => subjectOfFailure(stage, code, shown), {
    happened: [alarmSentence(users), failure].filter(Boolean).join(' '),
    users: users ? usersBelowAlarm(users) : unseen(stage),
    leftOver: [CLEANING],
    toDo: [
      ...toDoLines(toDo, (request) => putEventCommand(busName, request, { task })),
      ...(SAYS_WHEN.test(toDo.sentence) ? [] : [UNTIL_CLEANED]),
    ],
    why: message.split('; '),
    details: [section('Deployment', [deploymentId])],
  });
}

/** Whoever mends the cause at once would be refused. An upload is not: it waits. */
const UNTIL_CLEANED =
  'Until clean-up has ended this deployment another is refused: its mail, "Deploy Clean", has the request.';

const SAYS_WHEN = /clean-up|Deploy Clean|deployed by itself/i;

const CLEANING =
  'Clean-up takes the deployment back now, or forward where only the new version serves. Its mail says what is left.';

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
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export function crashOf(detail: Record<string, unknown>, crashed: Envelope | undefined): Crash {
  const context = objectIn(detail.requestContext);
  const response = objectIn(detail.responsePayload);
  const functionName = /:function:([^:]+)/.exec(textIn(context.functionArn))?.[1] ?? '';
  const { detailType = '', detail: given = {} } = crashed ?? {};
  const isOfStart = detailType === 'DeployRequested' || given.stage === 'start';
  return {
    stage: isOfStart ? 'start' : textIn(given.next ?? given.stage),
    functionName,
    requestId: textIn(context.requestId),
    condition: textIn(context.condition),
    error: [response.errorType, response.errorMessage].map(textIn).filter(Boolean).join(': '),
    task: isTaskName(given.task) ? given.task : '',
    deploymentId: typeof given.deploymentId === 'string' ? given.deploymentId : undefined,
  };
}

export function crashedMail(crash: Crash): Mail {
  const { stage, functionName, requestId, condition, error, task, deploymentId } = crash;
  const code = crashCodeOf(stage);
  const hasBegun = deploymentId !== undefined;
  const cleaned = hasBegun
    ? CLEANING
    : 'Where the deployment had begun, clean-up takes it back now, and a mail follows. Else nothing was changed.';
  return answering(task, (shown) => subjectOfFailure(stage, code, shown), {
    happened: `The function ${functionName} broke off on every attempt, so the deployment of ${task} failed with code ${code}.`,
    users: hasBegun ? unseen(stage) : 'Not looked at: where the deployment had begun, the mail of clean-up says it.',
    leftOver: [cleaned],
    toDo: [
      'Look into the log of this invocation. Remove the cause, then request the deployment again.',
      readLogCommand(functionName, requestId),
    ],
    why: [`Lambda gave up: ${condition}`, ...(error ? [error] : [])],
    details: [
      section('Function', [functionName, `request ${requestId}`]),
      section('Deployment', hasBegun ? [deploymentId] : []),
    ],
  });
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
