/** What load balancers say of the targets that are registered with them. */
import { groupedBy, named } from '../aws/findings';
import type { AttachmentId } from './attachment';

export interface TargetState {
  /** `healthy`, or what else the load balancer says of the target. */
  state: string;
  reasonCode?: string;
  description?: string;
}

/** What one target group, or one Classic Load Balancer, says of every target that is registered with it. */
export interface TargetHealth extends AttachmentId {
  /** For people; another one may have the same. Of a dummy: that of the original, as `kind` and `identifier` are. */
  name: string;
  /** Cross-zone is off: the traffic of a zone goes to the targets in it alone. */
  isZonal: boolean;
  targets: ReadonlyMap<string, TargetState>;
}

/** An instance on a target group or Classic Load Balancer, and all that is told of it there. */
export interface ToldTarget {
  id: string;
  name: string;
  state: string;
}

/**
 * One finding for all that is alike, most first: the same instances in the same state wherever they are named. So a
 * hundred instances behind twenty target groups are one finding as a rule, and each finding is exact.
 */
export function describeTargets(targets: readonly ToldTarget[]): string[] {
  const onEach = groupedBy(targets, ({ name, state }) => JSON.stringify([state, name])).map(([, alike]) => {
    const [{ name, state } = { name: '', state: '' }] = alike;
    return { name, state, ids: alike.map(({ id }) => id) };
  });
  return groupedBy(onEach, ({ state, ids }) => JSON.stringify([state, ids]))
    .map(([, alike]) => {
      const [{ state, ids } = { state: '', ids: [] }] = alike;
      return { state, ids, names: alike.map(({ name }) => name) };
    })
    .sort((one, other) => other.ids.length * other.names.length - one.ids.length * one.names.length)
    .map(({ ids, names, state }) => `${named(ids)} on ${named(names)}: ${state}`);
}
