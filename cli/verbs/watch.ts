/** `bluegreen watch TASK`: follows what runs until it has ended; its exit code says how. */
import * as z from 'zod/mini';
import { isOpen } from '../../shared/pipeline/record';
import { EXIT, Problem } from '../problem';
import type { Verb } from '../verb';
import { type Ending, exitCodeOf, follow } from '../watching';

export const ending = z.object({
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

export const watch: Verb<Given, Ending> = {
  command: 'watch <task>',
  describe: 'follows the deployment that runs until it has ended',
  examples: [['watch WAS --timeout 900', 'exit code 5 where it still runs after a quarter of an hour']],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .option('timeout', { type: 'number', describe: 'in seconds; without it, as long as it takes' }),
  schema: ending,
  exitCode: exitCodeOf,

  async run({ task, timeout }, session) {
    const record = (await (await session.stack).records.read(task))?.record;
    if (!record || !isOpen(record)) {
      throw new Problem(`nothing runs for ${task}`, `See bluegreen history ${task}.`, EXIT.usage);
    }
    return follow(session, task, { deploymentId: record.deploymentId }, { timeoutSeconds: timeout });
  },

  render: (result, page) => page.text(endingInWords(result)),
};

export function endingInWords({ deploymentId = '', outcome, code, message, areUsersDown, seconds }: Ending): string {
  const why = code ? ` (${code}${message ? `: ${message}` : ''})` : '';
  const took = seconds === undefined ? '' : ` after ${Math.round(seconds)} s`;
  if (outcome === 'still running') return `${deploymentId} goes on by itself.`;
  if (outcome === 'begun') return `${deploymentId} has begun.`;
  if (outcome === 'unanswered') return 'Nothing has answered the request yet.';
  return `${deploymentId} ${outcome}${took}${why}${areUsersDown ? ': USERS ARE DOWN' : ''}.`;
}
