/** How a task stands, in a few words: who serves, what is under way, and whether anybody has to do something. */
import { nextStepOf } from '../codes/codes';
import { quoted } from '../codes/commands';
import { areDown } from '../deployment/users';
import type { IndexLine } from '../pipeline/history';
import { usersSentence } from './users';
import type { DeploymentView, WarView } from './view';

/** What is known beside the view. */
export interface Circumstances {
  isNeverDeployed?: boolean;
  /** What keeps the groups from being deployed to. */
  refusal?: { code: string; message: string } | undefined;
  /** Nobody has worked on it for so long, and it is longer than any look takes. */
  stillSeconds?: number | undefined;
  /** How many instances served last: Active is at 0. */
  capacity?: number | undefined;
  /** How the product's own command is typed where this is read. */
  command?: (...words: string[]) => string;
}

/** `users` is looked at anew; where nobody could look, that is said. */
export function standingOf(view: DeploymentView, circumstances: Circumstances = {}): string {
  const { status, waiting } = view;
  const isOver = status === 'completed' || status === 'failed';
  const sentences = [
    usersText(view),
    isOver ? endedText(view, circumstances) : underWay(view),
    circumstances.stillSeconds === undefined ? '' : stillText(circumstances.stillSeconds),
    waiting === undefined ? '' : `${waiting} waits, and is deployed next.`,
    circumstances.refusal ? refusedText(circumstances.refusal) : '',
    whatToDo(view, circumstances),
  ];
  // A name stays as it is written; what is put in its place begins a sentence.
  return sentences
    .filter(Boolean)
    .map((sentence) => sentence.replace(/^the /, 'The '))
    .join(' ');
}

function usersText(view: DeploymentView): string {
  const { users } = view;
  if (users && (areDown(users) || users.isIdle)) return usersSentence(users);
  if (!users && view.wars.length === 0) return usersSentence(undefined);
  const serving = servingNames(view);
  if (!users) return `${serving} is to serve users; whether it does was not seen.`;
  // Somebody's own healthy targets may serve there, too.
  return users.serving?.length === 0 ? usersSentence(users) : `Users are served by ${serving}.`;
}

/** What was seen says more than how far the deployment is: only where both serve, it is the old one until the swap. */
function servingNames({ status, users, wars, stages, groups }: DeploymentView): string {
  const { from, to } = namesOf(wars);
  const serving = users?.serving ?? [];
  const newGroup = groups.find(({ role }) => role === 'new')?.name;
  const isNewAlone = serving.length === 1 && serving[0] === newGroup;
  const isOldSeen = serving.length > 0 && !isNewAlone;
  if (isNewAlone) return to;
  return !isOldSeen && (status === 'completed' || currentStage(stages) === 'retire') ? to : from;
}

function currentStage(stages: DeploymentView['stages']): string | undefined {
  return stages.findLast(({ state }) => state === 'running' || state === 'waiting' || state === 'failed')?.stage;
}

/** The names of both sets, without ids where the names tell them apart; wars are told apart where there are several. */
function namesOf(wars: readonly WarView[]): { from: string; to: string } {
  return namesOfShown(wars.map(named));
}

function namesOfShown(wars: readonly WarView[]): { from: string; to: string } {
  const areTold = wars.every(({ from, to }) => from === to || withoutId(from) !== withoutId(to));
  const setOf = (names: readonly string[]) => [...new Set(names.map(areTold ? withoutId : String))].join(' and ');
  if (wars.length === 0) return { from: 'what was there before', to: 'the new version' };
  const changed = wars.filter(({ from, to }) => from !== to);
  // What stays is not being deployed.
  const shown = changed.length > 0 ? changed : wars;
  return { from: setOf(wars.map(({ from }) => from)), to: setOf(shown.map(({ to }) => to)) };
}

const UNNAMED = /\buploaded (\d{4}-\d\d-\d\d \d\d:\d\d):\d\d UTC(?= \()/g;

/** One without a name is called by its war and the minute in which that was uploaded; the id stays. */
function named({ key, from, to }: WarView): WarView {
  const file = key.slice(key.lastIndexOf('/') + 1);
  const shown = (name: string) => name.replace(UNNAMED, `${file} of $1`);
  return { key, from: shown(from), to: shown(to) };
}

function withoutId(name: string): string {
  return / of \d{4}-\d\d-\d\d \d\d:\d\d \(/.test(name) ? name : name.replace(/ \([^()]{1,8}\)$/, '');
}

function endedText(view: DeploymentView, { isNeverDeployed }: Circumstances): string {
  const [last] = view.history;
  if (isNeverDeployed) return 'Nothing was deployed yet.';
  if (!last || last.outcome === 'completed') return '';
  // Nothing was deployed, so that nothing failed: somebody had asked for it.
  if (last.outcome === 'cleaned' && !last.code) return `The last clean-up, asked for by ${last.requestedBy}, is done.`;
  const reason = last.deploymentId === view.deploymentId ? view.failure?.message : undefined;
  return `The last deployment${ofVersions(last)} ${ENDED[last.outcome](last, reason)}.`;
}

function ofVersions({ versions }: IndexLine): string {
  return versions ? `, of ${versions.replace(UNNAMED, 'of $1')},` : '';
}

const withCode = ({ code }: IndexLine) => (code ? ` (${code})` : '');

const ENDED: Readonly<Record<IndexLine['outcome'], (line: IndexLine, reason?: string) => string>> = {
  completed: () => 'completed',
  cleaned: (line) => `failed${withCode(line)}, and was taken back`,
  aborted: (_, reason) =>
    reason?.startsWith('aborted by ')
      ? `was ${reason.replace(/\.$/, '')}`
      : `was aborted${reason ? ` (${reason})` : ''}, and was taken back`,
  reverted: () => 'was reverted',
  blocked: (line) => `needed an operator${withCode(line)}`,
  refused: (line) => `was refused${withCode(line)}`,
};

function underWay({ status, wars, stages, failure }: DeploymentView): string {
  const { from, to } = namesOf(wars);
  const stage = currentStage(stages) ?? 'start';
  const why = failure ? ` (${failure.code}: ${failure.message})` : '';
  if (status === 'blocked') return `Clean-up of ${to} stopped, and an operator has to decide${why}.`;
  if (status === 'cleaning' || failure) return `${to} is being taken back${why}.`;
  return WORDS[stage]?.(to, from) ?? `${to} is in ${stage}.`;
}

const WORDS: Readonly<Record<string, (to: string, from: string) => string>> = {
  start: (to) => `${to} is being prepared where no user is.`,
  'check-dummy': (to) => `${to} is being tested where no user is.`,
  'attach-real': (to) => `${to} has passed where no user is, and is about to be tested with users.`,
  'check-real': (to) => `${to} is being tested beside it, with users.`,
  swap: (to, from) => (to === from ? `${to} takes over.` : `${to} takes over from ${from}.`),
  retire: () => 'The group before it is being taken down.',
};

function stillText(seconds: number): string {
  return `It has not moved for ${Math.round(seconds / 60)} min: the watchdog sees to that every 5 minutes.`;
}

function refusedText({ code, message }: { code: string; message: string }): string {
  return `A deployment would be refused with ${code}: ${message.replace(/[.]?$/, '.')}`;
}

function whatToDo({ task, status, users }: DeploymentView, circumstances: Circumstances): string {
  const { refusal, capacity, command = plainCommand } = circumstances;
  if (status === 'blocked') return `Remove the cause, then run: ${command('clean', task)}`;
  const isOver = status === 'completed' || status === 'failed';
  if (refusal) return nextStepOf(refusal.code);
  if (!users || !areDown(users)) return 'Nothing to do.';
  if (!isOver) return `The deployment goes on by itself; run: ${command('watch', task)}`;
  return users.isEmpty
    ? `Run: ${command('deploy', task, '--capacity', String(capacity ?? 'N'))}`
    : `Mend what stands below, or go back: ${command('rollback', task)}`;
}

function plainCommand(...words: string[]): string {
  return ['bluegreen', ...words.map(quoted)].join(' ');
}
