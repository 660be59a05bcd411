/** The mails of a deployment that goes well: its start, its cycles, its end. */
import type { Completed } from '../../events/completed';
import type { DetailOf, Users } from '../../events/contract';
import type { Started } from '../../events/started';
import { named } from '../aws/findings';
import { addSeconds } from '../aws/time';
import { grantingLines, isDeniedBy } from '../codes/causes';
import { scalingActivitiesCommand } from '../codes/commands';
import { emptyingSentence } from '../codes/elsewhere';
import { subjectOfFailure } from '../codes/failure-codes';
import { requestLines } from '../codes/request-lines';
import { shownVersion } from '../fleet/war-name';
import { alarmSentence, usersBelowAlarm, usersSentence } from '../view/users';
import { waitingLines } from './ending';
import { answering, counted, duration, type Mail, type Section, section } from './mail';
import { clauseOf } from './reason';

/** `startedAt` is the time of the event. */
export function startedMail(detail: DetailOf<typeof Started>, busName: string, startedAt: string): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, notes } = detail;
  const { isRollback, isEmergency, isBySchedule, commands = [], on = [] } = detail;
  const seeing = commands.length > 0 ? ' Who serves was not looked at yet: what shows it stands below.' : '';
  const where = on.length > 0 ? ` on ${named(on)}` : '';
  const alarm = `USERS MAY BE DOWN${where}: ${oldGroup} (Active) is at 0, since when is not known.`;
  return answering(task, (shown) => `[Deploy] Start(Task : ${shown})`, {
    happened: `${isEmergency ? `${alarm} ` : ''}A ${isRollback ? 'rollback' : 'deployment'} of ${task} has started.`,
    users: isEmergency
      ? `Nobody is served by ${oldGroup}, which is at 0: ${newGroup} is to serve in its place once it is tested. Who else serves there was not looked at yet: what shows it stands below.`
      : isBySchedule
        ? `${oldGroup} is Active, and at 0 as its schedule has it: nobody is served until that gives it instances. Nothing has changed for them.`
        : `${oldGroup} is Active and stays as it is: ${newGroup} is tested first where no user is. Nothing has changed for them.${seeing}`,
    leftOver: isEmergency ? [NOT_OF_DEPLOYMENT, atZero(oldGroup)] : [],
    toDo: isEmergency ? toDoInEmergency(detail, busName, startedAt) : ['Nothing is to be done.'],
    details: [
      section('Versions', wars.flatMap(versionLines)),
      section('Groups', [
        `${oldGroup} is Active${isEmergency || isBySchedule ? ', and at 0' : ''}.`,
        `${newGroup} gets ${counted(instances, 'instance')}.`,
      ]),
      section('Notes', [...notes, ...heldLines(heldOf(detail), 'once it has completed')]),
      section('Next', liftingLines(task, heldOf(detail), busName)),
      section('To see who serves', commands),
      section('Requested by', [requestedBy]),
      section('Deployment', [deploymentId]),
    ],
  });
}

/** Steps have an end of their own, which their mails tell; what does not move any more is ended within half an hour. */
const EMERGENCY_SECONDS = 30 * 60;

function toDoInEmergency(detail: DetailOf<typeof Started>, busName: string, startedAt: string): string[] {
  const { task, oldGroup, wars, givingBack = [] } = detail;
  const isSame = wars.every(({ from, to }) => from === to) ? requestLines(busName, 'AbortRequested', { task }) : [];
  const until = addSeconds(new Date(startedAt), EMERGENCY_SECONDS);
  return [
    ...filling(oldGroup, givingBack, isSame),
    `Wait for the mail "[Success] Non-disruptive deployment", until ${until}: with it the new version serves. Where "Deploy Clean" comes instead, it was taken back, and users stay down.`,
    'Where neither mail has come by then, clean the task; where it still moves, the answer says where it is:',
    ...requestLines(busName, 'CleanRequested', { task }),
  ];
}

/** `cycle` is `1-2`: the second cycle of step 1. What was told already is not told again. */
export function cycleMail(detail: CycleDetail, busName: string): Mail {
  const { task, deploymentId, cycle, waitingFor, toldBefore, users, notes = [] } = detail;
  const alarm = alarmSentence(users);
  const isStep1 = cycle.startsWith('1');
  return answering(task, (shown) => `[Deploy] Call Step ${cycle}(Task : ${shown})`, {
    happened: [alarm, checkingSentence(detail)].filter(Boolean).join(' '),
    users: `${usersBelowAlarm(users)} ${isStep1 ? UNCHANGED : alarm ? ATTACHED_THERE : BOTH_ATTACHED}`,
    leftOver: users && alarm ? [NOT_OF_DEPLOYMENT, users.isEmpty ? atZero(users.group) : clauseOf(alarm)] : [],
    toDo: alarm ? toDoWhereDown(detail, busName) : [`Nothing is to be done: ${takenBack(detail)}.`],
    details: [
      ...waitingSections(itemsOf(waitingFor), itemsOf(toldBefore)),
      section('Notes', notes),
      section('Deployment', [deploymentId]),
    ],
  });
}

interface CycleDetail {
  task: string;
  deploymentId: string;
  cycle: string;
  waitingFor?: string;
  toldBefore?: string;
  users?: Users;
  until?: string;
  commands?: string[];
  notes?: string[];
}

/** From the second cycle on it says what does not pass: before that nothing has had the time to. */
function checkingSentence({ task, cycle, waitingFor, toldBefore }: CycleDetail): string {
  const where = cycle.startsWith('1') ? 'behind the dummies, where no user is' : 'behind the real load balancers';
  const told = itemsOf(toldBefore);
  const items = itemsOf(waitingFor);
  const reason = items.find((item) => !told.includes(item)) ?? items[0] ?? '';
  return /-1$/.test(cycle) || !clauseOf(reason)
    ? `The new group of ${task} is being checked ${where}.`
    : `The new group of ${task} has not passed the check ${where} yet: ${clauseOf(reason)}.`;
}

function takenBack({ until }: CycleDetail): string {
  return until ? `what has not passed by ${until} is taken back` : 'what does not pass in time is taken back';
}

function toDoWhereDown(detail: CycleDetail, busName: string): string[] {
  const { task, users, commands = [] } = detail;
  const back = `${takenBack(detail).replace(/^w/, 'W')}, and users stay down.`;
  return [
    ...filling(users?.group ?? '', commands),
    WAITING_FOR_NEW,
    back,
    'Where neither mail has come half an hour after "[Deploy] Start", clean the task; where it still moves, the answer says where it is:',
    ...requestLines(busName, 'CleanRequested', { task }),
  ];
}

/**
 * Who has emptied the group knows whether its version may serve; whoever reads this may not. `aborting`: what ends a
 * deployment that would bring the same version back.
 */
function filling(group: string, commands: readonly string[], aborting: readonly string[] = []): string[] {
  if (commands.length === 0) return [];
  return [
    `Where the version of ${group} is fit to serve, fill ${group} at once: users have it within minutes, and the deployment goes on. Where it was emptied because it is not, leave it; where you cannot tell, ask who emptied it. That was a user's request (CloudTrail names the user), a schedule or an alarm:`,
    scalingActivitiesCommand(group),
    '# where its version is fit to serve:',
    ...commands,
    ...(aborting.length > 0 ? [SAME_AGAIN, ...aborting] : []),
  ];
}

const ONCE_EMPTY = '# once the old group is empty, as above: before that it is refused (401)';

const SAME_AGAIN =
  'This deployment brings the same version back. Where that is not fit to serve, end it, and upload one that is:';

const UNCHANGED = 'The deployment has changed nothing for them.';
const BOTH_ATTACHED = 'The old group is attached as before, and the new one beside it: users may meet either.';
const ATTACHED_THERE = 'The new group is attached there, and serves as soon as it is healthy.';
const NOT_OF_DEPLOYMENT = 'Nothing of this deployment. There before it, and still:';
const WAITING_FOR_NEW =
  'Wait for the mail "[Success] Non-disruptive deployment": the new version serves by then. Where "Deploy Clean" comes instead, it was taken back.';

function atZero(group: string): string {
  return `${group} (Active) is at 0.`;
}

function itemsOf(findings: string | undefined): string[] {
  return findings ? findings.split('; ') : [];
}

function waitingSections(waiting: readonly string[], told: readonly string[]): Section[] {
  const stays = waiting.filter((item) => told.includes(item));
  const isNew = waiting.filter((item) => !told.includes(item));
  const ended = told.filter((item) => !waiting.includes(item));
  if (told.length === 0) return [section('Waiting for', waiting)];
  const [only = ''] = stays;
  const asBefore =
    stays.length > 1
      ? [`${counted(stays.length, 'thing')}, as the mail before has told`]
      : stays.map(() => `as before: ${clauseOf(only)}`);
  const over = ended.map((item) => `not any more: ${item}`);
  return [section('Waiting for', [...isNew, ...asBefore, ...over])];
}

const REMOVING = 'Remove what is left over, by the commands there: it serves nobody, and only costs money.';

function kept(oldGroup: string): string {
  return `${oldGroup} keeps its instances: some are registered elsewhere.`;
}

/** The old group is at 0 by then. */
const GOING_BACK = 'Upload a mended war, which is deployed by itself, or go back to what served before:';

export function completedMail(detail: DetailOf<typeof Completed>, busName: string): Mail {
  const { task, deploymentId, requestedBy, oldGroup, newGroup, instances, wars, stages } = detail;
  const { schedule, previous, resolvedFailure, waiting, lost = [], leftovers = [], staying = [], notes = [] } = detail;
  const { users, isRollback } = detail;
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  // A group that was taken to 0, as by night, is nobody's failure.
  const alarm = users?.isEmpty ? undefined : alarmSentence(users);
  const back = previous
    ? requestLines(
        busName,
        'DeployRequested',
        { task, versions: previous },
        wars.map(({ key }) => key),
      )
    : [];
  const nothing = leftovers.length + staying.length > 0 ? '' : 'Nothing is to be done.';
  const subject = (shown: string) =>
    alarm ? subjectOfFailure('retire', 'T011', shown) : `[Success] Non-disruptive deployment(Task : ${shown})`;
  const complete = `The ${isRollback ? 'rollback' : 'deployment'} of ${task} is complete, after ${duration(total)}${leftovers.length > 0 ? ', but something of it is left over' : ''}.`;
  const resolved = resolvedFailure
    ? `It had failed on the way (${resolvedFailure.code}), and clean-up has let it go on, since ${newGroup} was well.`
    : '';
  return answering(task, subject, {
    happened: [alarm, complete, staying.length > 0 ? kept(oldGroup) : '', resolved].filter(Boolean).join(' '),
    users: alarm ? usersBelowAlarm(users) : usersSentence(users),
    leftOver: [...staying, ...leftovers, ...heldBackLines(detail)],
    toDo: alarm
      ? [GOING_BACK, ...back]
      : [
          ...(staying.length > 0
            ? [emptyingSentence(oldGroup), ...requestLines(busName, 'CleanRequested', { task })]
            : []),
          ...(leftovers.length > 0 ? [REMOVING] : []),
          ...leftovers
            .filter(isDeniedBy)
            .slice(0, 1)
            .flatMap((line) => grantingLines(line, busName)),
          ...(waiting ? waitingLines(waiting, task, busName) : [nothing].filter(Boolean)),
        ],
    details: [
      section(
        'To go back',
        previous ? [...previousLines(previous, detail), ...(staying.length > 0 ? [ONCE_EMPTY] : []), ...back] : [],
      ),
      section('Notes', [...notes, ...heldLines(heldOf(detail), 'from now on')]),
      section('Next', liftingLines(task, heldOf(detail), busName)),
      section('Resolved', resolvedFailure ? [`${resolvedFailure.code}: ${resolvedFailure.message}`] : []),
      section('What was lost', lost),
      section('Versions', wars.flatMap(versionLines)),
      section('Groups', [
        `${newGroup} is Active, with ${counted(instances, 'instance')}.`,
        staying.length > 0 ? `${oldGroup} keeps its instances.` : `${oldGroup} is at 0/0/0 and stands by.`,
        ...(schedule ? [schedule] : []),
      ]),
      section(
        `Time: ${duration(total)}`,
        stages.map(({ stage, seconds }) => `${stage}: ${duration(seconds)}`),
      ),
      section('Requested by', [requestedBy]),
      section('Deployment', [deploymentId]),
    ],
  });
}

/** The wars of which the former version is held. */
function heldOf({ wars, held = [] }: Pick<DetailOf<typeof Completed>, 'wars' | 'held'>): WarChange[] {
  return wars.filter(({ slot }) => held.includes(slot));
}

function heldBackLines({ wars, heldBack = [] }: DetailOf<typeof Completed>): string[] {
  return heldBack.map(({ slot, versionId, name }) => {
    const key = wars.find((war) => war.slot === slot)?.key ?? `war ${slot}`;
    return `Not deployed, because it was rolled back before: ${key} ${shownVersion(versionId, name)}.`;
  });
}

function heldLines(held: readonly WarChange[], since: string): string[] {
  return held.map(
    ({ key, from, fromName }) => `Held ${since}, so not deployed by itself: ${key} ${shownVersion(from, fromName)}`,
  );
}

function liftingLines(task: string, held: readonly WarChange[], busName: string): string[] {
  if (held.length === 0) return [];
  const latest = requestLines(busName, 'DeployRequested', { task, versions: 'latest' });
  return [
    'To lift what is held, upload a newer war, which is deployed; or ask for the latest, held or not:',
    ...latest,
  ];
}

type WarChange = DetailOf<typeof Started>['wars'][0];

function versionLines({ key, from, to, fromName, toName }: WarChange): string[] {
  const [before, after] = [shownVersion(from, fromName), shownVersion(to, toName)];
  return from === to ? [key, `  stays ${after}`] : [key, `  from ${before}`, `  to   ${after}`];
}

/** What the request goes back to, by war: of an empty item nothing is said. */
function previousLines(
  previous: string,
  { wars, heldBack = [] }: Pick<DetailOf<typeof Completed>, 'wars' | 'heldBack'>,
): string[] {
  const versions = previous.split(',');
  return wars.flatMap(({ key, slot, from, fromName, to }, index) => {
    const versionId = versions[index];
    if (!versionId || versionId === to) return [];
    const held = heldBack.find((one) => one.slot === slot && one.versionId === versionId);
    const shown = shownVersion(versionId, versionId === from ? fromName : held?.name);
    return [`# ${key} gets ${shown}${held ? ', which was rolled back before' : ''}`];
  });
}
