/** `bluegreen clean TASK`: takes away what deployments have left behind, and ends what does not end by itself. */
import { CleanRequested } from '../../events/clean-requested';
import { isDenied } from '../../shared/aws/errors';
import { type Pair, pairOf, refusalOfBuckets } from '../../shared/deployment/readiness';
import { decideRecovery } from '../../shared/deployment/recovery';
import { isRefusal, type Refusal } from '../../shared/deployment/refusal';
import { findDummies } from '../../shared/dummies/search';
import { tagText } from '../../shared/fleet/dummy-identity';
import { mayHaveDetached } from '../../shared/pipeline/flow';
import { cleanOpen, isOvertaken, reasonNotToUndo } from '../../shared/pipeline/operator-requests';
import { type DeploymentRecord, isAfterLoss, isOpen, STILL_AFTER_SECONDS } from '../../shared/pipeline/record';
import type { LostRecord } from '../../shared/pipeline/record-store';
import { standingOf } from '../../shared/view/sentence';
import { type Answer, type AskingOptions, answer, answerInWords, answerTo, withAsking } from '../asking';
import { EXIT } from '../problem';
import { lookAt, readTask } from '../reading';
import { put } from '../requests';
import type { Session } from '../session';
import type { Stack } from '../stack';
import { findTask, lossInWords, refused } from '../task';
import type { Verb } from '../verb';
import { exitCodeOf } from '../watching';
import { assertStillNamed, undoingInWords } from './abort';

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
    refuseStrangers(session, task, pair, warBuckets, stored?.record);
    const isTakenOver = await refuseWhatMoves(session, task, stored?.record, pair, abort);
    if (isRefusal(pair) && !isTakenOver) throw refused(session, task, pair);
    if (!lost) {
      const { view, unseen } = await readTask(await session.stack, task);
      session.tellText(standingOf(view, { command: session.command }));
      if (unseen !== undefined) session.tellText(unseen);
    }
    const isOver = !lost && !(stored && isOpen(stored.record));
    const dummies = isOver ? await dummiesOf(await session.stack, task) : undefined;
    const detached = lost ? undefined : await recoveryInWords(session, stored?.record);
    session.tellText(detached ?? cleaningInWords(task, { record: stored?.record, lost }, pair, dummies));
    await session.confirm('Clean?');
    await assertStillNamed(session, task, stored?.record);
    const { userName: requestedBy } = session.surroundings;
    const followed = await put(session, CleanRequested, { task, requestedBy, abort });
    const answered = await answerTo(session, task, followed, options);
    const isWell = answered.outcome === 'cleaned' && !answered.areUsersDown;
    return isWell ? { ...answered, nextStep: undefined } : answered;
  },

  render: (answered, page) => answerInWords(answered, page, 'is being cleaned up'),
};

/** Groups that have come to another stack are that one's to clean; those of an open deployment may be others by now. */
function refuseStrangers(
  session: Session,
  task: string,
  pair: Pair | Refusal,
  warBuckets: readonly string[],
  record: DeploymentRecord | undefined,
): void {
  if (isRefusal(pair)) return;
  const { oldGroup, newGroup } = (record && isOpen(record) && record.plan) || {};
  const isOfOthers =
    oldGroup !== undefined &&
    ![pair.active.name, pair.standBy.name].some((name) => [oldGroup, newGroup].includes(name));
  const refusal = isOfOthers ? undefined : refusalOfBuckets(pair, warBuckets);
  if (refusal) throw refused(session, task, refusal);
}

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

/** Once Active may be detached it depends on the world which version is left: as clean-up decides it. */
async function recoveryInWords(session: Session, record: DeploymentRecord | undefined): Promise<string | undefined> {
  if (record?.status !== 'running' || record.failure || !record.plan || !reasonNotToUndo(record)) return undefined;
  const { deploymentId, plan, resolvedFailures, timeline } = record;
  const { snapshot } = await lookAt(await session.stack, plan, false).catch(nothingWhereDenied);
  const begun = `Clean-up takes ${deploymentId} over, of which ${plan.oldGroup} is detached already`;
  if (!snapshot) return `${begun}: which version is left depends on what it sees, which you may not look at.`;
  const recovery = decideRecovery(snapshot, {
    attempts: resolvedFailures.length,
    hasDetached: mayHaveDetached(timeline.map(({ stage }) => stage)),
    isGoingBack: false,
    isResumed: true,
    isUnknown: isAfterLoss(record),
  });
  switch (recovery.kind) {
    case 'forward':
      return `${begun}: it goes forward, as ${plan.newGroup} serves; ${plan.oldGroup} goes to 0/0/0.`;
    case 'go-back':
      return `${begun}: ${plan.oldGroup} is attached again, and ${plan.newGroup} goes back to 0/0/0.`;
    case 'operator':
      return `${begun}, and stops, as it looks now: ${recovery.reason}.`;
    default:
      return `${begun}: ${plan.newGroup} goes back to 0/0/0.`;
  }
}

function nothingWhereDenied(error: unknown): { snapshot?: undefined } {
  if (!isDenied(error)) throw error;
  return {};
}

function cleaningInWords(
  task: string,
  { record, lost }: { record: DeploymentRecord | undefined; lost: LostRecord | undefined },
  pair: Pair | Refusal,
  dummies: number | undefined,
): string {
  if (lost)
    return `The record of ${task} ${lossInWords(lost)}: the newest version of it that can be read will be taken.`;
  if (record && isOpen(record)) {
    if (record.status === 'running' && !record.failure) return undoingInWords(record);
    return `Clean-up of ${record.deploymentId} will be tried anew: it will leave one version that serves, and nothing else.`;
  }
  if (dummies === 0 && !isRefusal(pair) && isEmpty(pair)) {
    const { name } = pair.standBy;
    return `There is nothing to take away: ${name} (StandBy) is empty, and no test load balancer of ${task} is there.`;
  }
  return `${standByInWords(pair)}. ${dummiesInWords(task, dummies)}`;
}

/** Test load balancers and their target groups; undefined for whoever may not look. */
async function dummiesOf(stack: Stack, task: string): Promise<number | undefined> {
  try {
    const dummies = await findDummies(stack.sources.loadBalancers, stack.output('EventBusArn'));
    return dummies.filter(({ owner }) => owner.task === tagText(task)).length;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return undefined;
  }
}

function dummiesInWords(task: string, dummies: number | undefined): string {
  if (dummies === undefined) return `Test load balancers of ${task} will be deleted.`;
  if (dummies === 0) return `No test load balancer of ${task} is there.`;
  return `Test load balancers and target groups of ${task}: ${dummies} will be deleted.`;
}

function isEmpty({ standBy }: Pair): boolean {
  const { minimum, desired, maximum } = standBy.capacity;
  return minimum === 0 && desired === 0 && maximum === 0;
}

function standByInWords(pair: Pair | Refusal): string {
  if (isRefusal(pair)) return 'StandBy will go to 0/0/0';
  const { name, capacity } = pair.standBy;
  const size = [capacity.minimum, capacity.desired, capacity.maximum].join('/');
  if (isEmpty(pair)) return `${name} (StandBy) is empty already`;
  return `${name} (StandBy, ${size} now) will go to 0/0/0, unless it alone serves users anywhere`;
}
