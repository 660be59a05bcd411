/** `bluegreen clean TASK`: takes away what deployments have left behind, and ends what does not end by itself. */
import { CleanRequested } from '../../events/clean-requested';
import { type Pair, pairOf } from '../../shared/deployment/readiness';
import { isRefusal, type Refusal } from '../../shared/deployment/refusal';
import { cleanOpen, isOvertaken } from '../../shared/pipeline/operator-requests';
import { type DeploymentRecord, isOpen, STILL_AFTER_SECONDS } from '../../shared/pipeline/record';
import type { LostRecord } from '../../shared/pipeline/record-store';
import { standingOf } from '../../shared/view/sentence';
import { type Answer, type AskingOptions, answer, answerInWords, answerTo, withAsking } from '../asking';
import { EXIT } from '../problem';
import { readTask } from '../reading';
import { put } from '../requests';
import type { Session } from '../session';
import { findTask, lossInWords, refused } from '../task';
import type { Verb } from '../verb';
import { exitCodeOf } from '../watching';
import { undoingInWords } from './abort';

interface Given extends AskingOptions {
  task: string;
  abort?: boolean | undefined;
}

export const clean: Verb<Given, Answer> = {
  command: 'clean <task>',
  describe: 'takes StandBy and test load balancers away, ends what is stuck, mends a lost record',
  examples: [
    ['clean WAS --watch', 'ends when nothing is left over, or an operator is needed'],
    ['clean WAS --abort', 'undoes a deployment that runs, too'],
  ],
  options: (yargs) =>
    withAsking(
      yargs
        .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
        .option('abort', { type: 'boolean', describe: 'also a deployment that runs and moves' }),
    ),
  schema: answer,
  /** It was asked for that nothing is left over: whichever version serves. */
  exitCode: (answered) => {
    const isClean = answered.outcome === 'cleaned' || answered.outcome === 'aborted';
    return isClean && !answered.areUsersDown ? EXIT.completed : exitCodeOf(answered);
  },

  async run({ task, abort, ...options }, session) {
    const { stored, lost, groups } = await findTask(session, task);
    const { warBuckets } = await session.stack;
    const pair = pairOf(task, groups, warBuckets);
    const isTakenOver = await refuseWhatMoves(session, task, stored?.record, pair, abort);
    if (isRefusal(pair) && !isTakenOver) throw refused(session, task, pair);
    if (!lost) {
      const { view } = await readTask(await session.stack, task);
      session.tellText(standingOf(view, { command: session.command }));
    }
    session.tellText(cleaningInWords(task, { record: stored?.record, lost }, pair));
    await session.confirm('Clean?');
    const { userName: requestedBy } = session.surroundings;
    const followed = await put(session, CleanRequested, { task, requestedBy, abort });
    const answered = await answerTo(session, task, followed, options);
    const isWell = answered.outcome === 'cleaned' && !answered.areUsersDown;
    return isWell ? { ...answered, nextStep: undefined } : answered;
  },

  render: (answered, page) => answerInWords(answered, page, 'is being cleaned up'),
};

/** Whether a deployment is taken over that has not ended. Throws where clean-up would leave it alone. */
async function refuseWhatMoves(
  session: Session,
  task: string,
  record: DeploymentRecord | undefined,
  pair: Pair | Refusal,
  abort: boolean | undefined,
): Promise<boolean> {
  if (!record || !isOpen(record) || isOvertaken(record, pair)) return false;
  const { settings } = await session.stack;
  const { userName: requestedBy, uniqueId } = session.surroundings;
  const now = session.now();
  const asked = { type: 'clean', requestId: uniqueId(), requestedAt: now.toISOString(), requestedBy };
  const stillAfterSeconds = STILL_AFTER_SECONDS + 2 * settings.checkIntervalSeconds;
  const request = { ...asked, task, detail: { task, abort } };
  const verdict = cleanOpen(request, { record, lost: undefined }, now, stillAfterSeconds, '');
  if (verdict.kind === 'refuse') throw refused(session, task, verdict.refusal);
  return true;
}

function cleaningInWords(
  task: string,
  { record, lost }: { record: DeploymentRecord | undefined; lost: LostRecord | undefined },
  pair: Pair | Refusal,
): string {
  if (lost) return `The record of ${task} ${lossInWords(lost)}: the newest version of it that can be read is taken.`;
  if (record && isOpen(record)) {
    if (record.status === 'running' && !record.failure) return undoingInWords(task, record);
    return `Clean-up of ${record.deploymentId} is tried anew: it leaves one version that serves, and nothing else.`;
  }
  return `${standByInWords(pair)}; test load balancers of ${task} are deleted.`;
}

function standByInWords(pair: Pair | Refusal): string {
  if (isRefusal(pair)) return 'StandBy goes to 0/0/0';
  const { name, capacity } = pair.standBy;
  const size = [capacity.minimum, capacity.desired, capacity.maximum].join('/');
  if (size === '0/0/0') return `${name} (StandBy) is empty already`;
  return `${name} (StandBy, ${size} now) goes to 0/0/0, unless it alone serves users anywhere`;
}
