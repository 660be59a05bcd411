/** The mail of clean-up: what became of a failed deployment. */
import type { Cleaned } from '../../events/cleaned';
import type { DetailOf } from '../../events/contract';
import { putEventCommand } from '../codes/commands';
import { areUsersDown, usersSentence } from '../view/users';
import { type Mail, mail, section } from './mail';

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
