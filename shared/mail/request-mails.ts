/** The mails of requests that are not run, or not yet. */
import type { DetailOf } from '../../events/contract';
import type { Postponed } from '../../events/postponed';
import type { Refused } from '../../events/refused';
import { putEventCommand } from '../codes/commands';
import { type Mail, mail, section } from './mail';

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
