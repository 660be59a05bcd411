/** How a task stands, in a few words: who serves, what is under way, and whether anybody has to do something. */
import { areDown, isServed } from '../deployment/users';
import { usersSentence } from './users';
import type { DeploymentView } from './view';

/** `users` is looked at anew; where nobody could look, that is said. */
export function standingOf({ status, users, wars, failure, stages, waiting }: DeploymentView): string {
  const [from, to] = [setOf(wars.map((war) => war.from)), setOf(wars.map((war) => war.to))];
  const stage = stages.findLast(({ state }) => state === 'running' || state === 'waiting' || state === 'failed')?.stage;
  const isOver = status === 'completed' || status === 'failed';
  const serving = status === 'completed' || stage === 'retire' ? to : from;
  const sentences = [
    users && areDown(users) ? usersSentence(users) : servedBy(serving, users !== undefined && isServed(users)),
    ...(isOver ? [] : [underWay(stage ?? 'start', status, to, failure)]),
    ...(waiting === undefined ? [] : [`${waiting} waits, and is deployed next.`]),
    whatToDo(status, users !== undefined && areDown(users)),
  ];
  return sentences.join(' ');
}

function servedBy(set: string, isSeen: boolean): string {
  return isSeen ? `Users are served by ${set}.` : `${set} is to serve users; whether it does was not seen.`;
}

/** The names of one set; wars are told apart where there are several. */
function setOf(names: readonly string[]): string {
  return names.length === 0 ? 'the versions that were there before' : [...new Set(names)].join(' and ');
}

function underWay(
  stage: string,
  status: DeploymentView['status'],
  to: string,
  failure: DeploymentView['failure'],
): string {
  const why = failure ? ` (${failure.code}: ${failure.message})` : '';
  if (status === 'blocked') return `An operator has to decide${why}.`;
  if (status === 'cleaning' || failure) return `${to} is being taken back${why}.`;
  return WORDS[stage]?.(to) ?? `${to} is in ${stage}.`;
}

const WORDS: Readonly<Record<string, (to: string) => string>> = {
  start: (to) => `${to} is being prepared where no user is.`,
  'check-dummy': (to) => `${to} is being tested where no user is.`,
  'attach-real': (to) => `${to} is about to join it, tested where no user is.`,
  'check-real': (to) => `${to} is being tested beside it, with users.`,
  swap: (to) => `${to} takes over.`,
  retire: () => 'The version before lets its last requests end.',
};

function whatToDo(status: DeploymentView['status'], isDown: boolean): string {
  if (status === 'blocked' || isDown) return 'The mail says what to run.';
  return 'Nothing to do.';
}
