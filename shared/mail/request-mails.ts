/** The mails of requests that are not run, or not yet. */
import type { DetailOf } from '../../events/contract';
import type { Postponed } from '../../events/postponed';
import type { Refused } from '../../events/refused';
import { findGroupsCommand } from '../codes/look-commands';
import { requestLines } from '../codes/request-lines';
import { answering, type Mail, section, toDoLines } from './mail';
import { clauseOf, reasonAfter } from './reason';
import { usersOfRefusal } from './users';

export function refusedMail(detail: DetailOf<typeof Refused>, busName: string): Mail {
  const { task, request, code, message, nextStep, toDo = { sentence: nextStep }, requestedBy, asked } = detail;
  const subject = (shown: string) =>
    request
      ? `[Refused] ${request}(Task : ${shown})`
      : `[Failed] Deploy Start Failed(Task : ${shown}, errCode : ${code})`;
  const verb = request?.toLowerCase() ?? 'deploy';
  // What could not be read has to be corrected first: without what is wrong it may ask for something else.
  const isRepeatable = task !== '' && !request && asked !== undefined && !toDo.isFinal;
  const looking = detail.commands ?? (task ? [findGroupsCommand(task)] : []);
  const { alarm, users } = usersOfRefusal(message, looking.some(showsHealth));
  const refusal = `The request to ${verb} ${task || '(no task named)'} was refused${reasonAfter(': ', message)} (${code}). Nothing was changed.`;
  return answering(task, subject, {
    happened: [alarm, refusal].filter(Boolean).join(' '),
    users,
    leftOver: leftOverOf(detail),
    toDo: [
      ...toDoLines(toDo, (event) =>
        requestLines(busName, event, {
          task,
          ...(event === 'DeployRequested' && !toDo.isFinal && asked),
          ...toDo.having,
        }),
      ),
      ...correctedLines(detail, busName),
    ],
    why: message.split('; '),
    details: [
      section(
        'To request again',
        isRepeatable && toDo.request !== 'DeployRequested'
          ? requestLines(busName, 'DeployRequested', { task, ...asked })
          : [],
      ),
      section('To see more', toDo.more ?? []),
      section('To see who serves', looking),
      section('Requested by', [requestedBy]),
    ],
  });
}

function showsHealth(command: string): boolean {
  return /^aws elb(?:v2)? describe-(?:instance|target)-health /.test(command);
}

/** Of what was asked for, and not of the state that it came upon. */
const OF_THE_REQUEST =
  /^the request is not valid|^There is nothing to abort: a deployment of .* does not run|versionId\([^)]*\) does not exist/;

/** A refusal leaves nothing itself: what it names was there before. */
function leftOverOf({ message, code, request }: DetailOf<typeof Refused>): string[] {
  if (code === '414' && request) return [NOT_LOOKED_AT];
  if (code === '414' || OF_THE_REQUEST.test(message)) return [];
  const found = message.split('; ').slice(0, FINDINGS_SHOWN);
  return [NOTHING_NEW, ...found.map((one) => clauseOf(one.replace(ANSWER, ''))).filter(Boolean)];
}

/** What a reason says of the request before it says why. */
const ANSWER = /^(?:Nothing was cleaned|There is nothing to abort): /;

const NOT_LOOKED_AT = 'Nothing of this request. A deployment that runs goes on: whether one does was not looked at.';

const NOTHING_NEW = 'Nothing of this request. There before it, and still:';

/** Under `Why` there are all. */
const FINDINGS_SHOWN = 5;

/** An abort or a clean needs no more than its task. */
function correctedLines({ request, code, task }: DetailOf<typeof Refused>, busName: string): string[] {
  if (code !== '414' || task === '' || (request !== 'Abort' && request !== 'Clean')) return [];
  return [
    `The ${request.toLowerCase()} was not done. Without what is not valid:`,
    ...requestLines(busName, `${request}Requested`, { task }),
  ];
}

/** Events of earlier versions do not say why. */
const REMOVING = { sentence: 'Remove what its mail names, then clean it:', request: 'CleanRequested' as const };

/** The deployment itself waits, and mostly has its turn within minutes. */
function waitingForRoomMail(
  { task, deploymentId, requestedBy }: DetailOf<typeof Postponed>,
  waitsFor: string,
  busName: string,
): Mail {
  return answering(task, (shown) => `[Deploy] Waiting(Task : ${shown})`, {
    happened: `What was asked for by ${requestedBy} waits for ${waitsFor}.`,
    users: 'Nothing has changed for them by this.',
    leftOver: [],
    toDo: [
      'Nothing is to be done: it goes on by itself once the clones of other deployments are gone, and is refused (413) after 60 minutes.',
      'To give it up:',
      ...requestLines(busName, 'AbortRequested', { task }),
    ],
    details: [section('Deployment', [deploymentId])],
  });
}

export function postponedMail(detail: DetailOf<typeof Postponed>, busName: string): Mail {
  const { task, deploymentId, stage, requestedBy, isBlocked, toDo, commands = [], waitsFor } = detail;
  if (waitsFor !== undefined) return waitingForRoomMail(detail, waitsFor, busName);
  const standing = isBlocked
    ? `the last deployment of ${task} failed, and its clean-up has stopped for an operator to decide`
    : `a deployment of ${task} runs, and is in ${stage}`;
  const seeing = commands.length > 0 ? ' Who serves was not looked at for it: what shows it stands below.' : '';
  return answering(task, (shown) => `[Deploy] Waiting(Task : ${shown})`, {
    happened: `What was asked for by ${requestedBy} waits: ${standing}.`,
    users: `Nothing has changed for them by this; the mails of that deployment say how they fare.${seeing}`,
    leftOver: isBlocked ? ['What that clean-up could not end: its mail, "Deploy Clean", names it.'] : [],
    toDo: isBlocked
      ? [
          'It waits until the task is cleaned.',
          ...toDoLines(toDo ?? REMOVING, () => requestLines(busName, 'CleanRequested', { task })),
        ]
      : [
          'Nothing is to be done: when the running deployment has ended, well or not, the latest versions are deployed.',
        ],
    details: [
      section('To see who serves', commands),
      section('Further uploads', ['Until then they wait with this one, without a mail of their own.']),
      section(isBlocked ? 'Deployment' : 'Running deployment', [deploymentId]),
    ],
  });
}
