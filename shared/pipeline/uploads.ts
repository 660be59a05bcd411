/** Which deployments an upload asks for, and by which name. */
import { createHash } from 'node:crypto';
import type { Group } from '../fleet/auto-scaling-groups';
import { TASK_KEY, TYPE_KEY, tagValue, warSlots } from '../fleet/tags';
import { settingsOf } from '../fleet/task-settings';
import { THROTTLED_LIMIT_SECONDS } from './pacing';

/**
 * So long after it happened an upload is put back for its turn no more: it is a dead letter soon, whose alarm tells of it.
 * Whoever takes up the account's rate for a day does not let go of it by himself.
 */
export const UPLOAD_WAIT_LIMIT_SECONDS = THROTTLED_LIMIT_SECONDS;

/**
 * The tasks whose Active group has a complete war slot with this object, and that do not opt out of being deployed. Right after
 * a swap both groups may be read as StandBy: then either may be the Active one, and `start` finds out.
 */
export function tasksDeployedBy(groups: readonly Group[], bucket: string, key: string): string[] {
  const ofBucket = groups.filter(({ tags }) => tagValue(tags, 'bucket') === bucket);
  const tasks = new Set(ofBucket.flatMap(({ tags }) => tagValue(tags, TASK_KEY) ?? []));
  return [...tasks].filter((task) => {
    const pair = ofBucket.filter(({ tags }) => tagValue(tags, TASK_KEY) === task);
    const active = pair.filter(({ tags }) => tagValue(tags, TYPE_KEY) === 'Active');
    const candidates = active.length > 0 ? active : pair.filter(({ tags }) => tagValue(tags, TYPE_KEY) === 'StandBy');
    const isTaken = active.length > 0 || candidates.length === 2;
    const having = candidates.filter(({ tags }) => warSlots(tags).some((war) => war.key === key));
    return isTaken && having.length > 0 && settingsOf(pair).isDeployedByItself;
  });
}

/** The same for every delivery of the same upload. `version` is its version id, or what else tells it from others. */
export function requestIdOfUpload(bucket: string, key: string, version: string): string {
  return `upload-${createHash('sha256').update([bucket, key, version].join('\n')).digest('hex').slice(0, 32)}`;
}
