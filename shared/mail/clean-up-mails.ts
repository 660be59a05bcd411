/** The mail of clean-up: what became of a failed deployment. */
import type { Cleaned } from '../../events/cleaned';
import { type DetailOf, oneLine } from '../../events/contract';
import { isDeniedBy, lackOf } from '../codes/causes';
import { requestLines } from '../codes/request-lines';
import { standingCauses } from '../codes/standing';
import { alarmSentence, usersBelowAlarm } from '../view/users';
import { waitingLines } from './ending';
import { answering, type Mail, section, toDoLines } from './mail';
import { clauseOf, reasonAfter } from './reason';

/** What became of a failed deployment, or of an operator's request to abort or clean. */
export function cleanedMail(detail: DetailOf<typeof Cleaned>, busName: string): Mail {
  const { task, deploymentId, outcome, code, message, users, summary, findings, commands } = detail;
  const { removed = [] } = detail;
  const isDone = outcome === 'cleaned';
  const isBlocked = outcome === 'operator-needed';
  const alarm = alarmSentence(users);
  // The alarm says it, too: what else there is to the summary stands with what was found.
  const isSummaryBelow = isDone && code !== undefined && alarm !== undefined;
  const happened = openingOf(isSummaryBelow ? { ...detail, summary: '' } : detail).trimEnd();
  const cleaning = requestLines(busName, 'CleanRequested', { task });
  const shown = users === undefined && commands.length > 0 ? ' The first commands below show it.' : '';
  return answering(task, (name) => `[${isDone && !alarm ? 'Success' : 'Error'}] Deploy Clean(Task : ${name})`, {
    happened: [alarm, happened].filter(Boolean).join(' '),
    users: usersBelowAlarm(users) + shown,
    leftOver: leftOverOf(detail),
    toDo: toDoAfter(detail, busName),
    why: [...(code ? [`Code ${code}`] : []), ...stoppedBy(detail), ...(code ? inShort(message) : [])],
    details: [
      section('Taken away', removed),
      section(isDone ? 'What is there now' : 'What was found', [...(isSummaryBelow ? [summary] : []), ...findings]),
      section('If that does not help, decide and run by hand', isBlocked ? [...commands, FREEING, ...cleaning] : []),
      section('To see more', detail.toDo?.more ?? []),
      section('Deployment', [deploymentId]),
    ],
  });
}

/** Events of earlier versions do not say what is left; nor does one of a clean-up that could not look. */
function leftOverOf(detail: DetailOf<typeof Cleaned>): readonly string[] {
  const { outcome, leftovers, code = '', message = '', lost = [] } = detail;
  if (outcome === 'operator-needed') return leftWhereStopped(detail);
  const standing = standingCauses({ code, message });
  const isOfOthers = leftovers?.length && leftovers.every((line) => standing.includes(line));
  if (isOfOthers) return [NOT_OURS, ...leftovers, ...lost];
  const nothing = leftovers?.length === 0 && lost.length > 0 ? ['Nothing of a deployment.'] : [];
  return [...nothing, ...(leftovers ?? ['See what is there now.']), ...lost];
}

function leftWhereStopped({ leftovers, commands, summary, message = '' }: DetailOf<typeof Cleaned>): string[] {
  const unlooked =
    commands.length > 0
      ? 'How both groups stand was not looked at: the first commands below show it.'
      : 'Both groups as they stand: see what was found.';
  const lacks = [summary, message].map(lackOf).find(Boolean);
  return [...(leftovers?.length ? leftovers : [unlooked]), ...(lacks ? [lacks] : [])];
}

const NOT_OURS = 'Nothing of the deployment. Still there, unless somebody has mended it:';

/** The mail of the failure has all of it: the first is the most telling. */
function inShort(message = ''): string[] {
  const [first, ...others] = message.split('; ').filter(Boolean);
  const more = others.length > 0 ? [`and ${others.length} more, as the mail of the failure has told`] : [];
  return first === undefined ? [] : [first, ...more];
}

/** Nothing had failed: somebody asked for no more than this. */
function askedText({ task, requestedBy, removed }: DetailOf<typeof Cleaned>): string {
  if (requestedBy === undefined) return '';
  const asked = `A clean-up of ${task} was asked for by ${requestedBy}`;
  if (removed === undefined) return `${asked}, and is done.`;
  if (removed.length === 0) return `${asked}: nothing of an earlier deployment was found.`;
  return `${asked}: what was found of earlier deployments is taken away.`;
}

function openingOf(detail: DetailOf<typeof Cleaned>): string {
  const { outcome, task, code, message = '', summary } = detail;
  switch (outcome) {
    case 'cleaned':
      return code
        ? `The deployment of ${task} ${code === 'T015' ? 'was ended' : 'failed'}, and is taken back${reasonAfter(': ', briefly(message))} (${code}). ${summary}`
        : [askedText(detail), summary].filter(Boolean).join(' ');
    case 'operator-needed': {
      const told = [clauseOf(briefly(summary)), ofCode(briefly(message))].filter(Boolean).join(': ');
      const named = `${told}${code ? ` (${code})` : ''}.`;
      const isWant = [summary, message].some(isDeniedBy);
      const stopped = isWant ? `a permission is missing: ${named}` : `an operator has to decide: ${named}`;
      const [, failedCode, reason = ''] = OF_ANOTHER_CODE.exec(message) ?? [];
      return failedCode
        ? `The deployment of ${task} failed${reasonAfter(': ', briefly(reason))} (${failedCode}). Clean-up stopped, and ${stopped}`
        : `Clean-up of ${task} stopped, and ${stopped}`;
    }
    case 'refused':
      return `The request was not run. ${summary}`;
  }
}

/** In the first line AWS has fewer words: below they stand whole. */
function briefly(message: string): string {
  return message
    .replace(
      /User: \S+ is not authorized to perform: ([\w-]+:\w+)(?: on resource: \S+)?(?: (?:because|with) [^();]*?(?=$|;| \())?/,
      '$1 is denied',
    )
    .replace(/(names for a clone of \S+ is free): .*?(?= \(|;|$)/, '$1');
}

/** Why there was something to clean, and not what stopped that. */
const OF_ANOTHER_CODE = /^(T?\d{3}): (.*)/;

function ofCode(message: string): string {
  return OF_ANOTHER_CODE.test(message) ? '' : clauseOf(message);
}

/** What the first line says of it in one clause. */
function stoppedBy({ outcome, summary }: DetailOf<typeof Cleaned>): string[] {
  const isWhole = clauseOf(summary) === oneLine(summary).trim().replace(/\.$/, '');
  return outcome === 'operator-needed' && !isWhole ? [summary] : [];
}

/** What waits is deployed at once: nobody has to ask. */
function toDoAfter(detail: DetailOf<typeof Cleaned>, busName: string): string[] {
  const { task, asked, waiting, outcome, users, leftovers = [], toDo } = detail;
  if (outcome === 'refused') return ['Nothing is to be done.'];
  const put = (request: string) =>
    requestLines(busName, request, { task, ...(request === 'DeployRequested' && asked) });
  if (outcome === 'operator-needed') {
    const lines = toDoLines(toDo ?? { sentence: FINISHING, request: 'CleanRequested' }, put);
    return waiting ? [...lines, waiting] : lines;
  }
  // Where users are down nothing that is deployed comes first.
  if (waiting)
    return [
      ...(alarmSentence(users) && toDo
        ? toDoLines({ ...toDo, request: undefined }, put)
        : ['Nothing is to be mended.']),
      ...waitingLines(waiting, task, busName),
    ];
  const sentence =
    leftovers.length > 0
      ? 'See first what is left over. To deploy again:'
      : 'Nothing is to be mended. To deploy again:';
  return toDoLines(toDo ?? { sentence, request: 'DeployRequested' }, put);
}

/** Events of earlier versions do not say. */
const FINISHING = 'Remove the cause. Until the task is cleaned, it is not deployed. Then clean it again:';

const FREEING = '# When that is done, free the task; else its deployments are refused (401):';
