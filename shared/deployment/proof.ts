/**
 * Which instances prove anything of the new version: those that the new group began to launch once it carried the
 * versions. What somebody attached by hand, or what was on its way before, may have installed anything.
 */
import { type Fleet, isInService } from '../fleet/auto-scaling-groups';
import type { Judgment } from './health';
import type { Snapshot } from './snapshot';

/**
 * As `judgment` of the snapshot, but by those instances alone. The group is asked for its launches only where it matters:
 * where all else is well, or where it is to be told why it is not (`isLast`). That is one call a step as a rule.
 */
export async function judgeByProof(
  snapshot: Snapshot,
  fleet: Fleet,
  { isLast }: { isLast: boolean },
): Promise<Judgment> {
  const judgment = snapshot.judgment();
  const since = snapshot.plan.versionsTaggedAt;
  // Earlier versions did not note it.
  if (since === undefined || !(judgment.passes || isLast)) return judgment;
  const { name, instances } = snapshot.newGroup;
  const ids = instances.filter(isInService).map(({ id }) => id);
  const launched = await fleet.launchedSince(name, new Date(since));
  const unproven = ids.filter((id) => !launched.has(id));
  return unproven.length === 0 ? judgment : snapshot.seeing({ unproven }).judgment();
}
