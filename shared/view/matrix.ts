/** Every instance of both groups on everything that users or step 1 come by: how it stands there, and why. */
import type { Snapshot } from '../deployment/snapshot';
import { keyOf } from '../fleet/attachment';
import type { Group } from '../fleet/auto-scaling-groups';
import type { TargetHealth } from '../fleet/target-health';

export interface Matrix {
  columns: { name: string; kind: 'real' | 'clone' }[];
  rows: MatrixRow[];
}

export interface MatrixRow {
  instanceId: string;
  group: string;
  zone: string;
  /** As Auto Scaling says: `InService`, `Pending:Wait`; undefined of what no group has (any more). */
  lifecycleState?: string;
  /** One for each column; null where it is not registered. */
  cells: (MatrixCell | null)[];
}

export interface MatrixCell {
  /** `healthy`, or what else the load balancer says. */
  state: string;
  /** Its reason, in the words of AWS. */
  reason?: string;
}

type Found = Snapshot<Group | undefined>;

/** Instances of the old group first, then those of the new one, then who else is registered. */
export function matrixOf(snapshot: Found, cloneHealth: readonly TargetHealth[]): Matrix {
  const columns = [
    ...snapshot.targetHealth.map((health) => ({ health, kind: 'real' as const })),
    ...cloneHealth.map((health) => ({ health, kind: 'clone' as const })),
  ].toSorted((one, other) => comesBefore(snapshot, one.health, other.health));
  const cellsOf = (id: string) => columns.map(({ health }) => cellOf(health, id));
  const members = [snapshot.oldGroup, snapshot.newGroup].flatMap((group) =>
    (group?.instances ?? []).map(({ id, zone, lifecycleState }) => ({
      ...{ instanceId: id, group: group?.name ?? '', zone, lifecycleState },
      cells: cellsOf(id),
    })),
  );
  const known = new Set(members.map(({ instanceId }) => instanceId));
  const registered = new Set(columns.flatMap(({ health }) => [...health.targets.keys()]));
  const strangers = [...registered].filter((id) => !known.has(id)).sort();
  return {
    columns: columns.map(({ health, kind }) => ({ name: health.name, kind })),
    rows: [
      ...members,
      ...strangers.map((instanceId) => ({ instanceId, group: '', zone: '', cells: cellsOf(instanceId) })),
    ],
  };
}

/** In the order of the plan, so that a clone stands beside its original; what the plan does not name comes last. */
function comesBefore({ plan }: Found, one: TargetHealth, other: TargetHealth): number {
  const keys = plan.attachments.map(keyOf);
  const placeOf = (health: TargetHealth) => (keys.indexOf(keyOf(health)) + 1 || keys.length + 1) - 1;
  return placeOf(one) - placeOf(other);
}

function cellOf({ targets }: TargetHealth, instanceId: string): MatrixCell | null {
  const target = targets.get(instanceId);
  if (!target) return null;
  const reason = [target.reasonCode, target.description].filter(Boolean).join(': ');
  return { state: target.state, ...(reason && { reason }) };
}
