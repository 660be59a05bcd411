/** Finds one deployment of a task: the one that is named by the beginning of its id, else the newest. */
import { type HistoryEntry, historyOf } from '../shared/pipeline/history';
import { type DeploymentRecord, isOpen } from '../shared/pipeline/record';
import { Problem } from './problem';
import type { Stack } from './stack';

export interface FoundDeployment {
  /** As far as it is, where it has not ended yet. */
  entry: HistoryEntry;
  isUnderWay: boolean;
  /** Where it is the one that the task's record is of. */
  record?: DeploymentRecord | undefined;
}

/** Throws a `Problem` where there is none, or more than one whose id begins so. */
export async function findDeployment(
  stack: Stack,
  task: string,
  beginning = '',
  /** Whoever follows it reads anew. */
  reading = stack.readAtFirst(task),
): Promise<FoundDeployment> {
  const record = (await reading)?.record;
  if (record?.deploymentId.startsWith(beginning) && (beginning === '' || beginning === record.deploymentId)) {
    return ofRecord(record);
  }
  const kept = beginning === '' ? await newestIds(stack, task) : await stack.history.idsBeginningWith(task, beginning);
  const ids = [...new Set([...kept, ...(record?.deploymentId.startsWith(beginning) ? [record.deploymentId] : [])])];
  const [only, another] = ids;
  if (only === undefined) throw noDeployment(stack, task, beginning);
  if (another !== undefined) {
    const named = ids.slice(0, 5).join(', ');
    throw new Problem(`${ids.length} deployments of ${task} begin with ${beginning}`, `Say more of it: ${named}.`);
  }
  if (only === record?.deploymentId) return ofRecord(record);
  const entry = await stack.history.read(task, only);
  if (entry) return { entry, isUnderWay: false };
  throw new Problem(
    `The history of ${only} is damaged`,
    `What was logged of it:\n  ${stack.command('logs', task, only)}`,
  );
}

async function newestIds(stack: Stack, task: string): Promise<string[]> {
  return (await stack.history.newest(task)).slice(0, 1).map(({ deploymentId }) => deploymentId);
}

function ofRecord(record: DeploymentRecord): FoundDeployment {
  const isUnderWay = isOpen(record) && record.status !== 'blocked';
  return { entry: historyOf(record), isUnderWay, record };
}

function noDeployment({ command }: Stack, task: string, beginning: string): Problem {
  return beginning === ''
    ? new Problem(`Nothing was deployed of ${task} yet`, `How it stands:\n  ${command('status', task)}`)
    : new Problem(
        `No deployment of ${task} begins with ${beginning}`,
        `Those there were:\n  ${command('history', task)}`,
      );
}
