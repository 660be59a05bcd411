/** The admins' mails: subjects that operators have filters for, and bodies made for reading on a phone. */
import type { Cleaned } from '../../events/cleaned';
import type { Completed } from '../../events/completed';
import { type DetailOf, plainLine, SOURCE } from '../../events/contract';
import type { Postponed } from '../../events/postponed';
import type { Refused } from '../../events/refused';
import type { Started } from '../../events/started';
import type { Envelope } from '../aws/envelope';
import { putEventCommand } from '../codes/commands';
import { areUsersDown, usersSentence } from '../view/users';

export interface Mail {
  subject: string;
  body: string;
}

/** SNS takes fewer than 100 characters, printable ASCII. */
const SUBJECT_CHARACTERS = 99;

export function startedMail(detail: DetailOf<typeof Started>): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, notes } = detail;
  return mail(task, (shown) => `[Deploy] Start(Task : ${shown})`, [
    `A deployment of ${task} has started.`,
    section('Versions', wars.map(versionLine)),
    section('Groups', [
      `${oldGroup} serves now.`,
      `${newGroup} gets ${counted(instances, 'instance')} and is tested first where no user is.`,
    ]),
    section('Notes', notes),
    section('Requested by', [requestedBy]),
    section('Deployment', [deploymentId]),
  ]);
}

/** `cycle` is `1-2`: the second cycle of step 1. */
export function cycleMail(detail: { task: string; deploymentId: string; cycle: string; waitingFor?: string }): Mail {
  const { task, deploymentId, cycle, waitingFor } = detail;
  const where = cycle.startsWith('1') ? 'behind the dummies, where no user is' : 'behind the real load balancers';
  return mail(task, (shown) => `[Deploy] Call Step ${cycle}(Task : ${shown})`, [
    `The new group of ${task} is being checked ${where}.`,
    section('Waiting for', waitingFor ? waitingFor.split('; ') : []),
    section('Deployment', [deploymentId]),
  ]);
}

export function completedMail(detail: DetailOf<typeof Completed>, busName: string): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, stages } = detail;
  const { previous, resolvedFailure, waiting, lost = [], leftovers = [], users } = detail;
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return mail(task, (shown) => `[Success] Non-disruptive deployment(Task : ${shown})`, [
    `The new version of ${task} serves after ${duration(total)}.`,
    section('Users', users ? [usersSentence(users)] : []),
    section('Resolved', resolvedFailure ? [`${resolvedFailure.code}: ${resolvedFailure.message}`] : []),
    section('What was lost', lost),
    section('Left over', leftovers),
    section('Versions', wars.map(versionLine)),
    section('Groups', [
      `${newGroup} serves with ${counted(instances, 'instance')}.`,
      `${oldGroup} is at 0/0/0 and stands by.`,
    ]),
    section(
      `Time: ${duration(total)}`,
      stages.map(({ stage, seconds }) => `${stage}: ${duration(seconds)}`),
    ),
    section('Requested by', [requestedBy]),
    section('Next', waiting ? [waiting] : []),
    section('To go back', previous ? [putEventCommand(busName, 'DeployRequested', { task, versions: previous })] : []),
    section('Deployment', [deploymentId]),
  ]);
}

export function refusedMail(detail: DetailOf<typeof Refused>, busName: string): Mail {
  const { task, request, code, message, nextStep, requestedBy, asked } = detail;
  const subject = (shown: string) =>
    request
      ? `[Refused] ${request}(Task : ${shown})`
      : `[Failed] Deploy Start Failed(Task : ${shown}, errCode : ${code})`;
  const verb = request?.toLowerCase() ?? 'deploy';
  // What could not be read has to be corrected first: without what is wrong it may ask for something else.
  const isRepeatable = task !== '' && !request && asked !== undefined;
  return mail(task, subject, [
    `The request to ${verb} ${task || '(no task named)'} was refused with code ${code}. Nothing was changed.`,
    section('Why', message.split('; ')),
    section('What to do', [nextStep]),
    section('To request again', isRepeatable ? [putEventCommand(busName, 'DeployRequested', { task, ...asked })] : []),
    section('Requested by', [requestedBy]),
  ]);
}

export function postponedMail({ task, deploymentId, stage, requestedBy }: DetailOf<typeof Postponed>): Mail {
  return mail(task, (shown) => `[Deploy] Waiting(Task : ${shown})`, [
    `What was asked for by ${requestedBy} waits: a deployment of ${task} runs, and is in ${stage}. Nothing is to be done.`,
    section('What happens', [
      'When the running deployment has ended, well or not, the latest versions are deployed.',
      'Further uploads until then wait with this one, without a mail of their own.',
    ]),
    section('Running deployment', [deploymentId]),
  ]);
}

/** Of what is shown of an event that nobody knows. */
const DETAIL_CHARACTERS = 1000;

/** `meant` is the type that the event's own is nearest to. */
export function unknownEventMail({ source, detailType, detail }: Envelope, meant: string, busName: string): Mail {
  const shown = (text: string) => plainLine(text, DETAIL_CHARACTERS);
  return mail(busName, (stack) => `[Error] Pipeline(Stack : ${stack})`, [
    `An event came over the bus ${busName} that nothing reacts to. Nothing was changed.`,
    section('Event', [
      `detail-type: ${shown(detailType)}`,
      `source: ${shown(source)}`,
      `detail: ${shown(JSON.stringify(detail))}`,
    ]),
    section('What to do', [
      `If somebody asked for something by it: put it again with the source ${SOURCE} and a detail-type that there is.`,
      `The nearest is ${meant}.`,
    ]),
    'More of this type within the hour are not mailed.',
  ]);
}

/** What became of a failed deployment, or of an operator's request to abort or clean. */
export function cleanedMail(detail: DetailOf<typeof Cleaned>, busName: string): Mail {
  const { task, deploymentId, outcome, code, message, users, summary, findings, commands, asked, waiting } = detail;
  const isDone = outcome === 'cleaned';
  const isBlocked = outcome === 'operator-needed';
  const cleaning = putEventCommand(busName, 'CleanRequested', { task });
  const isWell = isDone && !areUsersDown(users);
  return mail(task, (shown) => `[${isWell ? 'Success' : 'Error'}] Deploy Clean(Task : ${shown})`, [
    areUsersDown(users) ? `${usersSentence(users)} ${opening(outcome, summary)}` : opening(outcome, summary),
    section('Users', users && !areUsersDown(users) ? [usersSentence(users)] : []),
    section(isDone ? 'What is there now' : 'What was found', findings),
    section('Why the deployment failed', code ? [`Code ${code}`, ...(message?.split('; ') ?? [])] : []),
    section('Next', waiting ? [waiting] : []),
    section('To finish', isBlocked ? [FINISHING, cleaning] : []),
    section('If that does not help, decide and run by hand', isBlocked ? [...commands, FREEING, cleaning] : []),
    section('To deploy again', isDone ? [putEventCommand(busName, 'DeployRequested', { task, ...asked })] : []),
    section('Deployment', [deploymentId]),
  ]);
}

function opening(outcome: DetailOf<typeof Cleaned>['outcome'], summary: string): string {
  switch (outcome) {
    case 'cleaned':
      return summary;
    case 'operator-needed':
      return `Clean-up stopped, and an operator has to decide: ${summary.replace(/\.$/, '')}.`;
    case 'refused':
      return `The request was not run. ${summary}`;
  }
}

const FINISHING = 'Remove the cause. Until the task is cleaned, it is not deployed. Then clean it again:';

const FREEING = '# When that is done, free the task; else its deployments are refused (401):';

/** Something that the pipeline cannot do, and that no repetition mends. */
export interface Problem {
  what: string;
  why: string;
  nextSteps: string[];
}

/** As many are read on a phone, and fit into a mail. */
const PROBLEMS_LISTED = 20;

/** What belongs to no single deployment. */
export function problemsMail(stack: string, problems: readonly Problem[]): Mail {
  const listed = problems.slice(0, PROBLEMS_LISTED);
  const more = problems.length - listed.length;
  return mail(stack, (shown) => `[Error] Pipeline(Stack : ${shown})`, [
    `The watchdog of ${stack} cannot mend this. It goes on with everything else, and nothing that serves was touched.`,
    ...listed.map(({ what, why, nextSteps }) => section(what, [`Why: ${why}`, ...nextSteps])),
    more > 0 ? `And ${more} more like these.` : '',
    'The watchdog tries again at every look. It mails about the same once a day.',
  ]);
}

/** A name that is too long for the subject is shortened there; the body has all of it. */
export function mail(name: string, subject: (shown: string) => string, sections: string[]): Mail {
  const ascii = name.replace(/[^\x20-\x7e]/gu, '?');
  const room = SUBJECT_CHARACTERS - subject('').length;
  const shown = ascii.length <= room ? ascii : `${ascii.slice(0, room - 3)}...`;
  return { subject: subject(shown), body: `${sections.filter(Boolean).join('\n\n')}\n` };
}

export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function versionLine({ key, from, to }: { key: string; from: string; to: string }): string {
  return from === to ? `${key}\n    stays ${to}` : `${key}\n    from ${from}\n    to   ${to}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
