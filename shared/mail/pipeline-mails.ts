/** The mails of what belongs to no single deployment. */
import { CATALOG } from '../../events/catalog';
import { plainLine, SOURCE } from '../../events/contract';
import type { Envelope } from '../aws/envelope';
import { grantingLines } from '../codes/causes';
import { findGroupsCommand } from '../codes/look-commands';
import { requestLines } from '../codes/request-lines';
import { answering, counted, type Mail, section } from './mail';
import { clauseOf, reasonAfter } from './reason';
import { SEE_BELOW, USERS_UNSEEN, USERS_UNTOUCHED } from './users';

/** Of what is shown of an event that nobody knows. */
const DETAIL_CHARACTERS = 1000;

/** `meant` is the type that the event's own is nearest to. */
export function unknownEventMail(
  { source, detailType, detail }: Envelope,
  meant: keyof typeof CATALOG,
  busName: string,
): Mail {
  const shown = (text: string) => plainLine(text, DETAIL_CHARACTERS);
  const task = taskIn(detail);
  const looking = task ? [findGroupsCommand(task)] : [];
  return answering(busName, (stack) => `[Error] Pipeline(Stack : ${stack})`, {
    happened: `What somebody asked for${task ? ` of ${task}` : ''} was not done: the pipeline knows no event ${shown(detailType)} from ${shown(source)}. Nothing was changed.`,
    users: looking.length > 0 ? USERS_UNTOUCHED : USERS_UNSEEN,
    leftOver: [],
    toDo: [
      `If somebody asked for something by it: put it again with the source ${SOURCE} and a detail-type that there is.`,
      ...correctedLines(detail, meant, busName),
    ],
    details: [
      section('Event', [
        `detail-type: ${shown(detailType)}`,
        `source: ${shown(source)}`,
        `detail: ${shown(JSON.stringify(detail))}`,
      ]),
      section('To see who serves', looking),
      'More of this type within the hour are not mailed.',
    ],
  });
}

function taskIn({ task }: Record<string, unknown>): string {
  return typeof task === 'string' ? plainLine(task, TASK_CHARACTERS) : '';
}

const TASK_CHARACTERS = 256;

/** As it was, where that can be read; else what of it is certain. */
function correctedLines(detail: Record<string, unknown>, meant: keyof typeof CATALOG, busName: string): string[] {
  const task = taskIn(detail);
  const isWhole = CATALOG[meant].readStrictly(detail).success && JSON.stringify(detail).length <= DETAIL_CHARACTERS;
  if (isWhole) return ['Probably this was meant:', ...requestLines(busName, meant, detail)];
  if (!task) return [`The nearest is ${meant}.`];
  return [`The nearest is ${meant}. With its task alone:`, ...requestLines(busName, meant, { task })];
}

/** Something that the pipeline cannot do, and that no repetition mends. */
export interface Problem {
  what: string;
  /** The same for whoever knows nothing of the pipeline, and what it means. */
  happened?: string;
  why: string;
  nextSteps: string[];
  /** What this means for users, where that is known. */
  users?: string;
  /** What shows who serves. */
  looking?: string[];
}

/** As many are read on a phone, and fit into a mail. */
const PROBLEMS_LISTED = 20;

/** What belongs to no single deployment. */
export function problemsMail(stack: string, problems: readonly Problem[]): Mail {
  const listed = problems.slice(0, PROBLEMS_LISTED);
  const more = problems.length - listed.length;
  const [only] = problems.length === 1 ? problems : [];
  const stepsOf = ({ why, nextSteps }: Problem) => [...grantingLines(why, stack), ...nextSteps];
  const looking = [...new Set(listed.flatMap((problem) => problem.looking ?? []))];
  return answering(stack, (shown) => `[Error] Pipeline(Stack : ${shown})`, {
    happened: only
      ? `${only.happened ?? withReason(only)} It was found by the watchdog of ${stack}, which cannot mend it.`
      : `The watchdog of ${stack} has found ${counted(problems.length, 'thing')} that it cannot mend, as: ${firstOf(problems)}.`,
    users: [...new Set(listed.map(({ users = USERS_UNSEEN }) => users))].join(' '),
    leftOver: only ? [only.what, clauseOf(only.why)] : listed.map(({ what }) => what),
    toDo: only ? stepsOf(only) : ['For each of these what its own section says.'],
    why: only ? [only.why] : [],
    details: [
      ...(only ? [] : listed.map((problem) => section(problem.what, [`Why: ${problem.why}`, ...stepsOf(problem)]))),
      section('To see who serves', looking),
      more > 0 ? `And ${more} more like these.` : '',
      'The watchdog tries again at every look. It mails about the same once a day.',
    ],
  });
}

function firstOf([first]: readonly Problem[]): string {
  return first ? clauseOf(first.happened ?? '') || withReason(first).replace(/\.$/, '') : '';
}

/** `The dummy … cannot be removed: the role … is not allowed ….` */
function withReason({ what, why }: Problem): string {
  return `${what.replace(/\.$/, '')}${reasonAfter(': ', why)}.`;
}

/** Of what a task whose record cannot be read may be doing. */
export function usersOfUnread(task: string): Pick<Problem, 'users' | 'looking' | 'happened'> {
  const happened = `What the pipeline notes of ${task}, its record, cannot be read: until that is mended ${task} is not deployed, and a deployment that is unfinished stays so.`;
  const users = `A deployment of ${task} may be unfinished, and either group may serve: nothing looks until it is cleaned; ${SEE_BELOW}`;
  return { happened, users, looking: [findGroupsCommand(task)] };
}

/** Of what is made for tests alone. */
export const USERS_ELSEWHERE = 'Nothing changes for them: no user comes in by a dummy.';
