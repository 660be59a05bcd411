/** `bluegreen rollback TASK`: goes back to versions that served before. */
import type { WarSlot } from '../../shared/fleet/tags';
import type { HistoryEntry, IndexLine } from '../../shared/pipeline/history';
import {
  type Answer,
  type AskingOptions,
  answer,
  answerInWords,
  askToDeploy,
  withAsking,
  withChanges,
} from '../asking';
import { assertSame, heldAfter, intentOf, inWords } from '../intent';
import { nearest } from '../nearest';
import { Problem } from '../problem';
import type { Session } from '../session';
import type { Stack } from '../stack';
import { readTaskNow, type TaskNow } from '../task';
import type { Verb } from '../verb';
import { BEGINNING_OF_DEPLOYMENT, versionsMeant } from '../versions';
import { exitCodeOf } from '../watching';

interface Given extends AskingOptions {
  task: string;
  to?: string[] | undefined;
}

const PREVIOUS = 'previous';
const SHOWN = 5;

export const rollback: Verb<Given, Answer> = {
  command: 'rollback <task>',
  describe: 'goes back to the versions that served before',
  examples: [
    ['rollback WAS --watch', 'to the last versions that served and differ from what serves'],
    ['rollback WAS --to 2.4.0', 'to the version that is called so, or has this id'],
    ['rollback WAS --to 20300101T0930', 'to what the deployment of then brought (bluegreen history WAS)'],
  ],
  repeatable: ['to'],
  options: (yargs) =>
    withAsking(
      yargs.positional('task', { type: 'string', demandOption: true, describe: 'the task' }).option('to', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'previous (without it, too), a deployment, or [WAR=]NAME or id of a version',
      }),
    ),
  schema: answer,
  exitCode: exitCodeOf,

  async run({ task, to = [PREVIOUS], ...options }, session) {
    const now = await readTaskNow(session, task);
    const versions = await versionsTo(session, now, to);
    const { plan, notes } = await intentOf(session, now, { versions });
    if (plan.wars.every((war) => war.from === war.to)) {
      throw new Problem(
        `${to.join(', ')} serves already`,
        `What served before:${session.commandLine('history', task)}`,
      );
    }
    session.tellText(inWords(plan));
    for (const note of notes) session.tellText(note);
    const held = await heldAfter(session, now, plan);
    if (held.sentences.length > 0) session.tellText(held.sentences.join(' '));
    if (await session.confirm('Roll back?')) await assertSame(session, task, { versions }, plan);
    // By their ids: what is previous may be something else by the time the request arrives.
    const shown = plan.wars.map(({ to }) => to).join(',');
    const answered = await askToDeploy(session, task, { versions: shown }, options);
    return withChanges(session, now, answered, plan, held.keys);
  },

  render: (answered, page) => answerInWords(answered, page),
};

async function versionsTo(session: Session, now: TaskNow, to: readonly string[]): Promise<string> {
  const stack = await session.stack;
  const [only = '', ...others] = to;
  if (others.length > 0) return versionsMeant(stack, now, to);
  if (only === PREVIOUS) return PREVIOUS;
  if (only === 'latest') {
    const message = 'The latest versions are no way back';
    throw new Problem(message, `To deploy them:${session.commandLine('deploy', now.task, '--latest')}`);
  }
  if (BEGINNING_OF_DEPLOYMENT.test(only))
    return broughtBy(await deploymentMeant(session, stack, now, only), now.slots, session);
  return versionsMeant(stack, now, to).catch((error: unknown) => {
    const meant = nearest(only, [PREVIOUS]);
    throw meant && error instanceof Problem ? new Problem(error.message, meant + error.nextStep) : error;
  });
}

/** Of the newest by its beginning; of an older one by the whole id. */
async function deploymentMeant(
  session: Session,
  stack: Stack,
  { task }: TaskNow,
  typed: string,
): Promise<HistoryEntry> {
  const newest = await stack.history.newest(task);
  const matching = newest.filter(({ deploymentId }) => deploymentId.startsWith(typed));
  const [only, ...others] = matching.some(({ deploymentId }) => deploymentId === typed)
    ? matching.filter(({ deploymentId }) => deploymentId === typed)
    : matching;
  if (others.length > 0) {
    const message = `${matching.length} deployments of ${task} begin with ${typed}`;
    throw new Problem(message, `Name one: ${idsOf(matching)}.`);
  }
  const entry = await stack.history.read(task, only?.deploymentId ?? typed);
  if (entry) return entry;
  const completed = newest.filter(({ outcome }) => outcome === 'completed');
  const near = nearest(
    typed,
    completed.map(({ deploymentId }) => deploymentId),
  );
  const known =
    completed.length === 0 ? 'None has completed yet.' : `${near}The newest that completed: ${idsOf(completed)}.`;
  throw new Problem(`${task} had no deployment ${typed}`, `${known} More:${session.commandLine('history', task)}`);
}

function idsOf(lines: readonly IndexLine[]): string {
  return lines
    .slice(0, SHOWN)
    .map(({ deploymentId, versions }) => (versions ? `${deploymentId} (${versions})` : deploymentId))
    .join(', ');
}

/** By slot; what is a war only since then stays. */
function broughtBy({ deploymentId, outcome, task, wars }: HistoryEntry, slots: readonly WarSlot[], session: Session) {
  if (outcome !== 'completed') {
    const message = `${deploymentId} ended ${outcome}: what it was to bring did not serve`;
    throw new Problem(message, `Name one that completed:${session.commandLine('history', task)}`);
  }
  const versions = slots.map(({ slot, key }) => {
    const ofKey = wars.filter((war) => war.key === key);
    return (ofKey.find((war) => war.slot === slot) ?? ofKey[0])?.to ?? '';
  });
  if (versions.some(Boolean)) return versions.join(',');
  throw new Problem(`${deploymentId} brought no war that ${task} still has`, 'Name the versions of its wars.');
}
