/** The admins' mails: subjects that operators have filters for, and bodies made for reading on a phone. */
import type { Completed } from '../events/completed';
import type { DetailOf } from '../events/contract';
import type { Refused } from '../events/refused';
import type { Started } from '../events/started';

export interface Mail {
  subject: string;
  body: string;
}

/** SNS takes fewer than 100 characters, printable ASCII. */
const SUBJECT_CHARACTERS = 99;

export function startedMail(detail: DetailOf<typeof Started>): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, notes } = detail;
  return mail(`[Deploy] Start(Task : ${task})`, [
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
  return mail(`[Deploy] Call Step ${cycle}(Task : ${task})`, [
    `The new group of ${task} is being checked ${where}.`,
    section('Waiting for', waitingFor ? waitingFor.split('; ') : []),
    section('Deployment', [deploymentId]),
  ]);
}

export function completedMail(detail: DetailOf<typeof Completed>): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, stages } = detail;
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const previous = wars.map(({ from }) => from).join(',');
  return mail(`[Success] Non-disruptive deployment(Task : ${task})`, [
    `The new version of ${task} serves.`,
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
    section('To go back', [`Put DeployRequested with`, JSON.stringify({ task, versions: previous })]),
    section('Deployment', [deploymentId]),
  ]);
}

export function refusedMail({ task, code, message, nextStep, requestedBy }: DetailOf<typeof Refused>): Mail {
  return mail(`[Failed] Deploy Start Failed(Task : ${task}, errCode : ${code})`, [
    `The request to deploy ${task || '(no task named)'} was refused. Nothing was changed.`,
    section('Why', [message]),
    section('What to do', [nextStep]),
    section('Requested by', [requestedBy]),
  ]);
}

function mail(subject: string, sections: string[]): Mail {
  const ascii = subject.replace(/[^\x20-\x7e]/gu, '?');
  return { subject: ascii.slice(0, SUBJECT_CHARACTERS), body: `${sections.filter(Boolean).join('\n\n')}\n` };
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function versionLine({ key, from, to }: { key: string; from: string; to: string }): string {
  return from === to ? `${key}\n    stays ${to}` : `${key}\n    from ${from}\n    to   ${to}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
