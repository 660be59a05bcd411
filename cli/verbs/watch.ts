/** `bluegreen watch TASK [DEPLOYMENT]`: follows what runs until it has ended; its exit code says how. */
import * as z from 'zod/mini';
import { isOpen } from '../../shared/pipeline/record';
import { findDeployment } from '../deployments';
import { withTimeout } from '../number-options';
import { outcomeInWords } from '../outcome-words';
import { EXIT } from '../problem';
import { change } from '../progress';
import type { Session } from '../session';
import { duration } from '../times';
import type { Verb } from '../verb';
import { type Ending, endingOf, exitCodeOf, follow } from '../watching';

export const ending = z.object({
  task: z.optional(z.string()),
  deploymentId: z.optional(z.string()),
  outcome: z.enum([
    'completed',
    'cleaned',
    'aborted',
    'reverted',
    'blocked',
    'refused',
    'begun',
    'still running',
    'unanswered',
  ]),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  areUsersDown: z.optional(z.boolean()),
  seconds: z.optional(z.number()),
});

interface Given {
  task: string;
  deployment?: string | undefined;
  timeout?: number | undefined;
}

const watched = z.extend(ending, { nextStep: z.optional(z.string()) });

export const watch: Verb<Given, z.infer<typeof watched>> = {
  command: 'watch <task> [deployment]',
  describe: 'follows the deployment that runs until it has ended; of one that has, tells how',
  examples: [['watch WAS --timeout 900', 'exit code 5 where it still runs after a quarter of an hour']],
  options: (yargs) =>
    withTimeout(
      yargs
        .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
        .positional('deployment', { type: 'string', describe: 'the beginning of its id; without it: the newest' }),
      'in seconds; without it, as long as it takes',
    ),
  schema: watched,
  changes: change,
  exitCode: exitCodeOf,

  async run({ task, deployment, timeout }, session) {
    const stack = await session.stack;
    const { entry, record } = await findDeployment(stack, task, deployment);
    const { deploymentId } = entry;
    const ended =
      record && isOpen(record)
        ? await follow(session, task, { deploymentId }, { timeoutSeconds: timeout, emitsChanges: true })
        : { task, ...endingOf(entry, record) };
    return { ...ended, nextStep: nextStepAfter(ended, task, session) };
  },

  render: (result, page) =>
    [
      ...page.text(endingInWords(result), exitCodeOf(result) === EXIT.completed ? 'green' : 'bold'),
      ...page.advice(result.nextStep ?? ''),
    ].filter(Boolean),
};

/** What there is to be typed next. */
function nextStepAfter(
  { deploymentId = '', outcome, code, areUsersDown }: Ending,
  task: string,
  session: Session,
): string | undefined {
  if (areUsersDown) return `What to run:${session.commandLine('status', task)}`;
  switch (outcome) {
    case 'still running':
      return `Come back to it:${session.commandLine('watch', task)}`;
    case 'blocked':
      return `What to run:${session.commandLine('status', task)}`;
    case 'cleaned':
      return code && `Why:${session.commandLine('explain', task, deploymentId)}`;
    case 'refused':
      return `Why:${session.commandLine('explain', task)}`;
    default:
      return undefined;
  }
}

export function endingInWords({ deploymentId = '', outcome, code, message, areUsersDown, seconds }: Ending): string {
  if (outcome === 'still running') return `${deploymentId || 'The request'} goes on by itself.`;
  if (outcome === 'begun') return `${deploymentId} has begun.`;
  if (outcome === 'unanswered') return 'Nothing has answered the request yet.';
  const why = code ? ` (${code}${message ? `: ${message}` : ''})` : '';
  const took = seconds === undefined ? '' : ` after ${duration(seconds)}`;
  return `${deploymentId} ${outcomeInWords({ outcome, code })}${took}${why}${areUsersDown ? ': USERS ARE DOWN' : ''}.`;
}
