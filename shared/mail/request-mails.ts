/** The mails of requests that are not run, or not yet. */
import type { DetailOf } from '../../events/contract';
import type { Postponed } from '../../events/postponed';
import type { Refused } from '../../events/refused';
import { putEventCommand } from '../codes/commands';
import { answering, type Mail, section, toDoLines } from './mail';
import { reasonAfter } from './reason';
import { USERS_UNTOUCHED } from './users';

export function refusedMail(detail: DetailOf<typeof Refused>, busName: string): Mail {
  const { task, request, code, message, nextStep, toDo = { sentence: nextStep }, requestedBy, asked } = detail;
  const subject = (shown: string) =>
    request
      ? `[Refused] ${request}(Task : ${shown})`
      : `[Failed] Deploy Start Failed(Task : ${shown}, errCode : ${code})`;
  const verb = request?.toLowerCase() ?? 'deploy';
  // What could not be read has to be corrected first: without what is wrong it may ask for something else.
  const isRepeatable = task !== '' && !request && asked !== undefined && !toDo.isFinal;
  return answering(task, subject, {
    happened: `The request to ${verb} ${task || '(no task named)'} was refused${reasonAfter(': ', message)} (${code}). Nothing was changed.`,
    users: USERS_UNTOUCHED,
    leftOver: [],
    toDo: [
      ...toDoLines(toDo, (event) =>
        putEventCommand(busName, event, { task, ...(event === 'DeployRequested' && asked), ...toDo.having }),
      ),
      ...correctedLines(detail, busName),
    ],
    why: message.split('; '),
    details: [
      section(
        'To request again',
        isRepeatable && toDo.request !== 'DeployRequested'
          ? [putEventCommand(busName, 'DeployRequested', { task, ...asked })]
          : [],
      ),
      section('Requested by', [requestedBy]),
    ],
  });
}

/** An abort or a clean needs no more than its task. */
function correctedLines({ request, code, task }: DetailOf<typeof Refused>, busName: string): string[] {
  if (code !== '414' || task === '' || (request !== 'Abort' && request !== 'Clean')) return [];
  return ['# without what is not valid:', putEventCommand(busName, `${request}Requested`, { task })];
}

export function postponedMail({ task, deploymentId, stage, requestedBy }: DetailOf<typeof Postponed>): Mail {
  return answering(task, (shown) => `[Deploy] Waiting(Task : ${shown})`, {
    happened: `What was asked for by ${requestedBy} waits: a deployment of ${task} runs, and is in ${stage}.`,
    users: 'Nothing has changed for them by this; the mails of the running deployment say how they fare.',
    leftOver: [],
    toDo: [
      'Nothing is to be done: when the running deployment has ended, well or not, the latest versions are deployed.',
    ],
    details: [
      section('Further uploads', ['Until then they wait with this one, without a mail of their own.']),
      section('Running deployment', [deploymentId]),
    ],
  });
}
