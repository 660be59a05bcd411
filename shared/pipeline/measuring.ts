/** What of a deployment that has ended becomes metrics: how it ended, and how long each of its stages took. */
import type { Log } from '../aws/log';
import { measure } from '../aws/metrics';
import type { Runtime } from '../aws/runtime';
import { secondsBetween } from '../aws/time';
import type { HistoryEntry } from './history';
import { type DeploymentRecord, inLog } from './record';

/** The metric that counts it. Without a code nothing had failed: somebody asked for a clean-up. */
function counterOf({ outcome, code }: HistoryEntry): string {
  if (outcome === 'cleaned') return code === undefined ? 'Cleaned' : 'Failed';
  return `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`;
}

/** One line for the outcome, and one for each stage. What waits for an operator is not over: its times come with its end. */
export function measureEnd(
  runtime: Runtime,
  log: Log,
  Stack: string,
  entry: HistoryEntry,
  record: DeploymentRecord,
): void {
  const { outcome, code, begunAt, endedAt, stages, usage } = entry;
  const about = inLog(record);
  const isOver = outcome !== 'blocked';
  const times = isOver && { DeploymentSeconds: secondsBetween(begunAt, new Date(endedAt)) };
  measure(runtime, log, { Stack, Code: code }, { [counterOf(entry)]: 1, ...times }, { ...about, outcome, ...usage });
  if (!isOver) return;
  for (const { stage, seconds, cycles } of stages) {
    const metrics = { StageSeconds: seconds, ...(cycles !== undefined && { Cycles: cycles }) };
    measure(runtime, log, { Stack, Stage: stage }, metrics, { ...about, stage });
  }
}
