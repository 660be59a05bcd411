/** `bluegreen watch TASK`: follows what runs until it has ended; its exit code says how. */
import * as z from 'zod/mini';
import { isOpen } from '../../shared/pipeline/record';
import { withTimeout } from '../number-options';
import { outcomeInWords } from '../outcome-words';
import { EXIT, Problem } from '../problem';
import { change } from '../progress';
import type { Session } from '../session';
import type { Verb } from '../verb';
import { type Ending, exitCodeOf, follow } from '../watching';

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
  timeout?: number | undefined;
}

const watched = z.extend(ending, { nextStep: z.optional(z.string()) });

export const watch: Verb<Given, z.infer<typeof watched>> = {
  command: 'watch <task>',
  describe: 'follows the deployment that runs until it has ended',
  examples: [['watch WAS --timeout 900', 'exit code 5 where it still runs after a quarter of an hour']],
  options: (yargs) =>
    withTimeout(
      yargs.positional('task', { type: 'string', demandOption: true, describe: 'the task' }),
      'in seconds; without it, as long as it takes',
    ),
  schema: watched,
  changes: change,
  exitCode: exitCodeOf,

  async run({ task, timeout }, session) {
    const stack = await session.stack;
    const record = (await stack.records.read(task))?.record;
    if (!record || !isOpen(record)) {
      throw new Problem(`Nothing runs for ${task}`, `What was deployed before:${session.commandLine('history', task)}`);
    }
    const followed = { deploymentId: record.deploymentId };
    const ended = await follow(session, task, followed, { timeoutSeconds: timeout, emitsChanges: true });
    return { ...ended, nextStep: nextStepAfter(ended, task, session) };
  },

  render: (result, page) =>
    [
      ...page.text(endingInWords(result), exitCodeOf(result) === EXIT.completed ? 'green' : 'bold'),
      ...page.text(result.nextStep ?? ''),
    ].filter(Boolean),
};

/** What there is to be typed next. */
function nextStepAfter({ outcome, areUsersDown }: Ending, task: string, session: Session): string | undefined {
  if (areUsersDown) return `What to run: ${session.command('status', task)}`;
  switch (outcome) {
    case 'still running':
      return `Come back to it: ${session.command('watch', task)}`;
    case 'blocked':
      return `What to run: ${session.command('status', task)}`;
    case 'cleaned':
    case 'refused':
      return `Why: ${session.command('explain', task)}`;
    default:
      return undefined;
  }
}

export function endingInWords({ deploymentId = '', outcome, code, message, areUsersDown, seconds }: Ending): string {
  if (outcome === 'still running') return `${deploymentId || 'The request'} goes on by itself.`;
  if (outcome === 'begun') return `${deploymentId} has begun.`;
  if (outcome === 'unanswered') return 'Nothing has answered the request yet.';
  const why = code ? ` (${code}${message ? `: ${message}` : ''})` : '';
  const took = seconds === undefined ? '' : ` after ${Math.round(seconds)} s`;
  return `${deploymentId} ${outcomeInWords({ outcome, code })}${took}${why}${areUsersDown ? ': USERS ARE DOWN' : ''}.`;
}
