/** `bluegreen abort TASK`: undoes the deployment that runs. */
import { AbortRequested } from '../../events/abort-requested';
import { reasonNotToUndo } from '../../shared/pipeline/operator-requests';
import { type DeploymentRecord, isOpen } from '../../shared/pipeline/record';
import { standingOf } from '../../shared/view/sentence';
import { type Answer, type AskingOptions, answer, answerInWords, answerTo, withAsking } from '../asking';
import { EXIT, type ExitCode, Problem } from '../problem';
import { readTask } from '../reading';
import { put } from '../requests';
import type { Session } from '../session';
import { findTask, lossInWords, refused } from '../task';
import type { Verb } from '../verb';
import { exitCodeOf } from '../watching';

interface Given extends AskingOptions {
  task: string;
  reason?: string | undefined;
  dropPending?: boolean | undefined;
}

export const abort: Verb<Given, Answer> = {
  command: 'abort <task>',
  describe: 'undoes the deployment that runs; the version before goes on serving',
  examples: [
    ['abort WAS --reason "wrong branch" --watch', 'ends when it is undone'],
    ['abort WAS --drop-pending', 'gives up the upload that waits, too'],
  ],
  options: (yargs) =>
    withAsking(
      yargs
        .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
        .option('reason', { type: 'string', requiresArg: true, describe: 'why, for mails and the history' })
        .option('drop-pending', { type: 'boolean', describe: 'also what waits, which else is deployed then' }),
    ),
  schema: answer,
  exitCode: exitCodeOfUndoing,

  async run({ task, reason, dropPending, ...options }, session) {
    const { stored, lost } = await findTask(session, task);
    if (lost) {
      const message = `The record of ${task} ${lossInWords(lost)}`;
      throw refused(session, task, { code: '418', message, remedy: { kind: 'mend-record' } });
    }
    const record = assertAbortable(session, task, stored?.record, dropPending);
    const { view, unseen } = await readTask(await session.stack, task);
    session.tellText(standingOf(view, { command: session.command }));
    if (unseen !== undefined) session.tellText(unseen);
    session.tellText(record && isOpen(record) ? undoingInWords(record, dropPending) : waitingGivenUp(record));
    await session.confirm('Abort?');
    await assertStillNamed(session, task, record);
    const { userName: requestedBy } = session.surroundings;
    const followed = await put(session, AbortRequested, { task, requestedBy, reason, dropPending });
    const named = record && isOpen(record) ? { concerns: record.deploymentId } : {};
    return answerTo(session, task, { ...followed, ...named }, options);
  },

  render: (answered, page) => answerInWords(answered, page, 'is being undone'),
};

/**
 * What clean-up would refuse is not put: nobody needs a mail about it. Nor is it put where nothing runs: it would be kept
 * in mind, and undo what somebody else asks for within seconds.
 */
function assertAbortable(
  session: Session,
  task: string,
  record: DeploymentRecord | undefined,
  dropPending = false,
): DeploymentRecord | undefined {
  if (!record || !isOpen(record)) return assertWaiting(session, task, record, dropPending);
  const { deploymentId, status, failure } = record;
  if (status === 'running' && !failure) {
    const message = reasonNotToUndo(record);
    if (message) throw refused(session, task, { code: '418', message, remedy: { kind: 'go-back' } });
    return record;
  }
  if (status === 'blocked') {
    const message = `There is nothing to abort: clean-up of ${deploymentId} has stopped`;
    throw refused(session, task, { code: '418', message, remedy: { kind: 'clean' } });
  }
  const message = `There is nothing to abort: ${deploymentId} is being undone already`;
  throw new Problem(message, `Follow it:${session.commandLine('watch', task)}`, EXIT.refused, '418');
}

/** Between two deployments there may be an upload that waits, here or in the queue, where nobody sees whose it is: that can be given up. */
function assertWaiting(
  session: Session,
  task: string,
  record: DeploymentRecord | undefined,
  dropPending: boolean,
): DeploymentRecord | undefined {
  if (dropPending) return record;
  const message = `There is nothing to abort: nothing runs for ${task}`;
  if (record?.pending) {
    const step = `What waits (${record.pending.requestedBy}) begins within seconds. To give it up:`;
    const command = session.commandLine('abort', task, '--drop-pending');
    throw new Problem(message, `${step}${command}`, EXIT.refused, '418');
  }
  const hasServed = record?.lastSuccess !== undefined;
  const back = hasServed ? `\nTo go back from what serves:${session.commandLine('rollback', task)}` : '';
  const step = `What was asked for just now begins within seconds; how it stands:${session.commandLine('status', task)}`;
  throw new Problem(message, step + back, EXIT.refused, '418');
}

function waitingGivenUp(record: DeploymentRecord | undefined): string {
  if (record?.pending) return `Nothing runs. What waits (${record.pending.requestedBy}) will be given up.`;
  return 'Nothing runs, and no upload is known to wait. One of before now that waits for its turn will be given up when it comes.';
}

/** Nobody may undo the deployment that came after the one that was named. */
export async function assertStillNamed(
  session: Session,
  task: string,
  named: DeploymentRecord | undefined,
): Promise<void> {
  if (!named || !isOpen(named)) return;
  const { stored } = await (await session.stack).records.find(task);
  const now = stored?.record;
  if (!now || (now.deploymentId === named.deploymentId && isOpen(now))) return;
  const message = `It has changed meanwhile: ${named.deploymentId} has ended`;
  const instead = isOpen(now) ? `, and ${now.deploymentId} runs` : '';
  const step = `Nothing was changed. How it stands:${session.commandLine('status', task)}`;
  throw new Problem(message + instead, step, EXIT.refused);
}

export function undoingInWords({ deploymentId, plan, pending }: DeploymentRecord, dropPending = false): string {
  const groups = plan && `${plan.newGroup} will go back to 0/0/0, and ${plan.oldGroup} will go on serving`;
  const undone = `${deploymentId} will be undone: ${groups ?? 'nothing has been changed for it yet'}.`;
  if (!pending) return undone;
  return `${undone} What waits (${pending.requestedBy}) will be ${dropPending ? 'given up' : 'deployed then'}.`;
}

/** That it is undone is what was asked for. */
function exitCodeOfUndoing(answered: Answer): ExitCode {
  if (answered.areUsersDown) return exitCodeOf(answered);
  switch (answered.outcome) {
    case 'aborted':
    case 'cleaned':
      return EXIT.completed;
    case 'completed':
      return EXIT.failed;
    default:
      return exitCodeOf(answered);
  }
}
