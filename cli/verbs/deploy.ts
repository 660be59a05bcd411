/** `bluegreen deploy TASK`: says what it will do, asks, and asks the stack for it. */
import { DeployRequested } from '../../events/deploy-requested';
import type { Plan } from '../../shared/deployment/plan';
import { planDeployment } from '../../shared/deployment/planning';
import { isRefusal } from '../../shared/deployment/refusal';
import { shownVersion } from '../../shared/fleet/war-name';
import { taskOptions } from '../../shared/pipeline/flow';
import { EXIT, Problem } from '../problem';
import { put } from '../requests';
import type { Session } from '../session';
import type { Verb } from '../verb';
import { type Ending, exitCodeOf, follow } from '../watching';
import { ending, endingInWords } from './watch';

interface Given {
  task: string;
  latest?: boolean | undefined;
  capacity?: number | undefined;
  watch?: boolean | undefined;
  timeout?: number | undefined;
}

export const deploy: Verb<Given, Ending> = {
  command: 'deploy <task>',
  describe: 'deploys the latest version of each war, or the ones given',
  examples: [['deploy WAS --watch', 'the latest version of each war; ends when it serves']],
  options: (yargs) =>
    yargs
      .positional('task', { type: 'string', demandOption: true, describe: 'the task' })
      .option('latest', { type: 'boolean', describe: 'also what was rolled back' })
      .option('capacity', { type: 'number', describe: 'instances, where Active was taken to 0' })
      .option('watch', { type: 'boolean', describe: 'follows it until it has ended' })
      .option('timeout', { type: 'number', describe: 'of --watch, in seconds' })
      .option('yes', { type: 'boolean', describe: 'does not ask' }),
  schema: ending,
  exitCode: exitCodeOf,

  async run({ task, latest, capacity, watch, timeout }, session) {
    const versions = latest ? 'latest' : undefined;
    const plan = await planned(session, { task, versions, capacity });
    await session.confirm(`${inWords(plan)} Deploy?`);
    const followed = await put(session, DeployRequested, {
      task,
      versions,
      capacity,
      requestId: session.surroundings.uniqueId(),
      requestedBy: session.surroundings.userName,
      requestedAt: session.now().toISOString(),
    });
    return follow(session, task, followed, { untilBegun: !watch, timeoutSeconds: timeout });
  },

  render: (result, page) => page.text(endingInWords(result)),
};

/** What `start` would do with the request now, looked up with the operator's own permissions. */
export async function planned(
  session: Session,
  { task, versions, capacity }: { task: string; versions?: string | undefined; capacity?: number | undefined },
): Promise<Plan> {
  const stack = await session.stack;
  const past = (await stack.records.read(task))?.record;
  const answer = await planDeployment(
    {
      ...{ task, versions, capacity, past, now: session.now(), options: taskOptions() },
      ...{ warBuckets: stack.warBuckets, stack: stack.output('EventBusArn'), repetitions: stack.settings.repetitions },
    },
    stack.sources,
  );
  if (!isRefusal(answer)) return answer.plan;
  throw new Problem(answer.message, 'Nothing was changed.', EXIT.refused, answer.code);
}

export function inWords({ wars, oldGroup, newGroup }: Plan): string {
  const changes = wars.map(({ key, from, to, fromName, toName }) =>
    from === to
      ? `${key} stays ${shownVersion(from, fromName)}`
      : `${key} ${shownVersion(from, fromName)} → ${shownVersion(to, toName)}`,
  );
  return `${changes.join(', ')} on ${newGroup}; ${oldGroup} serves until then.`;
}
