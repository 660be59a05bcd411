/** The mail of clean-up: what became of a failed deployment. */
import type { Cleaned } from '../../events/cleaned';
import { type DetailOf, oneLine } from '../../events/contract';
import { putEventCommand } from '../codes/commands';
import { alarmSentence, usersBelowAlarm } from '../view/users';
import { answering, type Mail, section, toDoLines } from './mail';
import { clauseOf, reasonAfter } from './reason';

/** What became of a failed deployment, or of an operator's request to abort or clean. */
export function cleanedMail(detail: DetailOf<typeof Cleaned>, busName: string): Mail {
  const { task, deploymentId, outcome, code, message, users, summary, findings, commands, leftovers } = detail;
  const { removed = [] } = detail;
  const isDone = outcome === 'cleaned';
  const isBlocked = outcome === 'operator-needed';
  const alarm = alarmSentence(users);
  // The alarm says it, too: what else there is to the summary stands with what was found.
  const isSummaryBelow = isDone && code !== undefined && alarm !== undefined;
  const happened = openingOf(isSummaryBelow ? { ...detail, summary: '' } : detail).trimEnd();
  const left = isBlocked
    ? ['Both groups as they stand: see what was found.']
    : (leftovers ?? ['See what is there now.']);
  const cleaning = putEventCommand(busName, 'CleanRequested', { task });
  return answering(task, (shown) => `[${isDone && !alarm ? 'Success' : 'Error'}] Deploy Clean(Task : ${shown})`, {
    happened: [alarm, happened].filter(Boolean).join(' '),
    users: usersBelowAlarm(users),
    leftOver: left,
    toDo: isBlocked ? finishingLines(detail, busName) : toDoAfter(detail, busName),
    why: [...(code ? [`Code ${code}`] : []), ...stoppedBy(detail), ...(code ? inShort(message) : [])],
    details: [
      section('Taken away', removed),
      section(isDone ? 'What is there now' : 'What was found', [...(isSummaryBelow ? [summary] : []), ...findings]),
      section('If that does not help, decide and run by hand', isBlocked ? [...commands, FREEING, cleaning] : []),
      section('Deployment', [deploymentId]),
    ],
  });
}

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
        ? `The deployment of ${task} failed, and is taken back${reasonAfter(': ', message)} (${code}). ${summary}`
        : [askedText(detail), summary].filter(Boolean).join(' ');
    case 'operator-needed': {
      const told = clauseOf([clauseOf(summary), ofCode(message)].filter(Boolean).join(': '));
      return `Clean-up of ${task} stopped, and an operator has to decide: ${told}${code ? ` (${code})` : ''}.`;
    }
    case 'refused':
      return `The request was not run. ${summary}`;
  }
}

/** Nothing where it is of another code: then it is why there was something to clean, and not what stopped that. */
function ofCode(message: string): string {
  return /^T?\d{3}: /.test(message) ? '' : clauseOf(message);
}

/** What the first line says of it in one clause. */
function stoppedBy({ outcome, summary }: DetailOf<typeof Cleaned>): string[] {
  const isWhole = clauseOf(summary) === oneLine(summary).trim().replace(/\.$/, '');
  return outcome === 'operator-needed' && !isWhole ? [summary] : [];
}

/** What waits is deployed at once: nobody has to ask. */
function toDoAfter({ task, asked, waiting, outcome, toDo }: DetailOf<typeof Cleaned>, busName: string): string[] {
  if (waiting) return [waiting];
  if (outcome === 'refused') return ['Nothing is to be done.'];
  const again = toDo ?? { sentence: 'Nothing is to be mended. To deploy again:', request: 'DeployRequested' as const };
  return toDoLines(again, (request) => putEventCommand(busName, request, { task, ...asked }));
}

function finishingLines(
  { task, toDo = { sentence: FINISHING, request: 'CleanRequested' } }: DetailOf<typeof Cleaned>,
  busName: string,
) {
  return toDoLines(toDo, (request) => putEventCommand(busName, request, { task }));
}

const FINISHING = 'Remove the cause. Until the task is cleaned, it is not deployed. Then clean it again:';

const FREEING = '# When that is done, free the task; else its deployments are refused (401):';
