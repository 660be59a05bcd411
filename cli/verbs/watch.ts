/** `bluegreen watch TASK`: follows what runs until it has ended; its exit code says how. */
import * as z from 'zod/mini';
import { quoted } from '../../shared/codes/commands';
import { isOpen } from '../../shared/pipeline/record';
import { EXIT, Problem } from '../problem';
import { change } from '../progress';
import { tasksOf, unknownTask } from '../reading';
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

export const watch: Verb<Given, Ending> = {
  command: 'watch <task>',
  describe: 'follows the deployment that runs until it has ended',
  examples: [['watch WAS --timeout 900', 'exit code 5 where it still runs after a quarter of an hour']],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .option('timeout', { type: 'number', describe: 'in seconds; without it, as long as it takes' }),
  schema: ending,
  changes: change,
  exitCode: exitCodeOf,

  async run({ task, timeout }, session) {
    const stack = await session.stack;
    const record = (await stack.records.read(task))?.record;
    if (!record && !(await tasksOf(stack)).includes(task)) throw await unknownTask(stack, task);
    if (!record || !isOpen(record)) {
      throw new Problem(`nothing runs for ${task}`, `See bluegreen history ${quoted(task)}.`, EXIT.usage);
    }
    return follow(session, task, { deploymentId: record.deploymentId }, { timeoutSeconds: timeout });
  },

  render: (result, page) => page.text(endingInWords(result), exitCodeOf(result) === EXIT.completed ? 'green' : 'bold'),
};

export function endingInWords(ending: Ending): string {
  const { task, deploymentId = '', outcome, code, message, areUsersDown, seconds } = ending;
  const why = code ? ` (${code}${message ? `: ${message}` : ''})` : '';
  const took = seconds === undefined ? '' : ` after ${Math.round(seconds)} s`;
  const name = quoted(task ?? 'TASK');
  if (outcome === 'still running') {
    const what = deploymentId ? `${deploymentId} goes on by itself` : 'The request goes on by itself';
    return `${what}. To come back: bluegreen watch ${name}`;
  }
  if (outcome === 'begun') return `${deploymentId} has begun. To follow it: bluegreen watch ${name}`;
  if (outcome === 'unanswered') return 'Nothing has answered the request yet.';
  if (outcome === 'refused' && !deploymentId) return `Refused${why}. Nothing was changed.`;
  const next = outcome === 'blocked' ? ` What to run: bluegreen status ${name}` : '';
  return `${deploymentId} ${ENDED[outcome]}${took}${why}${areUsersDown ? ': USERS ARE DOWN' : ''}.${next}`;
}

const ENDED: Readonly<Record<Exclude<Ending['outcome'], 'still running' | 'begun' | 'unanswered'>, string>> = {
  completed: 'completed',
  cleaned: 'failed and was taken back',
  aborted: 'was aborted and taken back',
  reverted: 'was reverted',
  blocked: 'needs an operator',
  refused: 'was refused',
};
