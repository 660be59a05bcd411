/** The mails of a deployment that goes well: its start, its cycles, its end. */
import type { Completed } from '../../events/completed';
import type { DetailOf } from '../../events/contract';
import type { Started } from '../../events/started';
import { putEventCommand } from '../codes/commands';
import { shownVersion } from '../fleet/war-name';
import { usersSentence } from '../view/users';
import { counted, duration, type Mail, mail, section } from './mail';

export function startedMail(detail: DetailOf<typeof Started>): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, notes } = detail;
  return mail(task, (shown) => `[Deploy] Start(Task : ${shown})`, [
    `A deployment of ${task} has started.`,
    section('Versions', wars.flatMap(versionLines)),
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
    section('Versions', wars.flatMap(versionLines)),
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
    section(
      'To go back',
      previous
        ? [...previousLines(previous, wars), putEventCommand(busName, 'DeployRequested', { task, versions: previous })]
        : [],
    ),
    section('Deployment', [deploymentId]),
  ]);
}

type WarChange = DetailOf<typeof Started>['wars'][0];

function versionLines({ key, from, to, fromName, toName }: WarChange): string[] {
  const [before, after] = [shownVersion(from, fromName), shownVersion(to, toName)];
  return from === to ? [key, `  stays ${after}`] : [key, `  from ${before}`, `  to   ${after}`];
}

/** What the request goes back to, by war: of an empty item nothing is said. */
function previousLines(previous: string, wars: readonly WarChange[]): string[] {
  const versions = previous.split(',');
  return wars.flatMap(({ key, from, fromName, to }, index) => {
    const versionId = versions[index];
    if (!versionId || versionId === to) return [];
    return [`# ${key} gets ${shownVersion(versionId, versionId === from ? fromName : undefined)}`];
  });
}
