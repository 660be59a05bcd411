/**
 * Which instances prove anything of the new version: those that the new group began to launch once it carried the
 * versions. What somebody attached by hand, or what was on its way before, may have installed anything.
 */
import { createHash } from 'node:crypto';
import { type Fleet, type Group, isInService } from '../fleet/auto-scaling-groups';
import type { Judgment } from './health';
import type { Plan } from './plan';
import type { Snapshot } from './snapshot';

/**
 * As `judgment` of the snapshot, but by those instances alone. The group is asked for its launches only where it matters:
 * where all else is well, or where it is to be told why it is not (`isLast`), and not for those that a stage before has
 * passed with. That is one call a deployment as a rule.
 */
export async function judgeByProof(
  snapshot: Snapshot,
  fleet: Fleet,
  { isLast }: { isLast: boolean },
): Promise<Judgment> {
  const judgment = snapshot.judgment();
  const { versionsTaggedAt: since, proven } = snapshot.plan;
  // Earlier versions did not note it.
  if (since === undefined || !(judgment.passes || isLast)) return judgment;
  if (proven !== undefined && proven === digestOf(snapshot.newGroup)) return judgment;
  const launched = await fleet.launchedSince(snapshot.newGroup.name, new Date(since));
  const unproven = inServiceOf(snapshot.newGroup).filter((id) => !launched.has(id));
  return unproven.length === 0 ? judgment : snapshot.seeing({ unproven }).judgment();
}

/** The plan of whoever has passed by proof: what was launched so stays so, and needs no other look. */
export function withProof(plan: Plan, newGroup: Group): Plan {
  return { ...plan, proven: digestOf(newGroup) };
}

function inServiceOf({ instances }: Group): string[] {
  return instances.filter(isInService).map(({ id }) => id);
}

/** Of a hundred instances the ids would be a fifth of the record. */
function digestOf(group: Group): string {
  return createHash('sha256').update(inServiceOf(group).sort().join()).digest('hex').slice(0, 32);
}
