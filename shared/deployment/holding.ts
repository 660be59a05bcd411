/** Instances that a lifecycle hook holds: the cycles of a step do not count meanwhile, for as long as the hook may take. */
import { named } from '../aws/findings';
import { addSeconds } from '../aws/time';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';

/** A hook may take two days; nobody waits for longer than by default. */
const LONGEST_HOLD_SECONDS = 3600;

/** Kept from one look of a step to the next: what is held again, after that, is not waited for. */
export interface Hold {
  hooks: string[];
  /** ISO time. */
  until: string;
}

export interface Holding {
  hold?: Hold | undefined;
  /** While something is held, and may be. */
  heldUntil?: string | undefined;
  /** Nobody knew of it: it is told at once. */
  isNew?: boolean;
  /** What is held, by what, and until when. */
  findings: string[];
}

/** The hooks are asked for once a step, by the first look that finds something held. */
export async function holdingOf(known: Hold | undefined, group: Group, fleet: Fleet, now: Date): Promise<Holding> {
  const held = group.instances.filter(({ lifecycleState }) => lifecycleState === 'Pending:Wait').map(({ id }) => id);
  if (held.length === 0) return { hold: known, findings: [] };
  const hold = known ?? holdBy(await fleet.launchHooks(group.name), now);
  if (now.toISOString() >= hold.until) return { hold, findings: [] };
  const which = hold.hooks.length > 1 ? 'one of the lifecycle hooks' : 'the lifecycle hook';
  const are = held.length > 1 ? 'are' : 'is';
  const text = `${named(held)} ${are} held by ${which} ${named(hold.hooks)}, until ${hold.until} at the latest`;
  return { hold, heldUntil: hold.until, isNew: known === undefined, findings: [text] };
}

function holdBy(hooks: readonly { name: string; seconds: number }[], now: Date): Hold {
  const seconds = Math.min(LONGEST_HOLD_SECONDS, Math.max(0, ...hooks.map((hook) => hook.seconds)));
  return { hooks: hooks.map(({ name }) => name), until: addSeconds(now, seconds) };
}
