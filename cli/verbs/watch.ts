/** `bluegreen watch TASK [DEPLOYMENT]`: follows what runs until it has ended; its exit code says how. */
import * as z from 'zod/mini';
import { isOpen } from '../../shared/pipeline/record';
import { change } from '../deployment-progress';
import { findDeployment } from '../deployments';
import { ending, endingInWords, nextStepAfter } from '../ending';
import { withTimeout } from '../number-options';
import { EXIT } from '../problem';
import type { Verb } from '../verb';
import { endingOf, exitCodeOf, follow } from '../watching';

interface Given {
  task: string;
  deployment?: string | undefined;
  timeout?: number | undefined;
}

const watched = z.extend(ending, {
  /** What to do or to run next, in words. */
  nextStep: z.optional(z.string()),
});

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
    return { ...ended, nextStep: nextStepAfter(session, task, ended) };
  },

  render: (result, page) =>
    [
      ...page.text(endingInWords(result), exitCodeOf(result) === EXIT.completed ? 'green' : 'bold'),
      ...(result.nextStep === undefined ? [] : page.advice(result.nextStep)),
    ].filter(Boolean),
};
