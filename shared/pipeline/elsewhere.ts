/** Before a group is taken to 0: whether somebody has registered instances of it where it is not attached, and so needs them. */
import { secondsBetween } from '../aws/time';
import { drainingText } from '../codes/elsewhere';
import { listingsOf, lookElsewhere } from '../deployment/elsewhere';
import type { Elsewhere } from '../deployment/plan';
import type { Group } from '../fleet/auto-scaling-groups';
import { isDraining, type Listing, type Registry } from '../fleet/listings';
import type { TargetHealth } from '../fleet/target-health';
import type { Deployment } from './session';

/** As long as a target group drains unless it is told otherwise: what drains for longer is left to whoever has registered it. */
const DRAIN_LIMIT_SECONDS = 300;

export interface Search {
  /** By which an operator knows the stage's failure. */
  code: string;
  /** How far it was looked before. */
  before: Elsewhere | undefined;
  /** What the group was attached to, and is not any more. */
  targetHealth: readonly TargetHealth[];
  /** Since when the group was to be taken to 0, in ISO. */
  since: string;
}

/** Where else: nothing, if the list is empty. Or that there is more to be looked at, or something only drains yet. */
export async function registeredElsewhere(
  deployment: Deployment,
  group: Group,
  registry: Registry,
  { code, before, targetHealth, since }: Search,
): Promise<Listing[] | { waitingFor: string; elsewhere: Elsewhere }> {
  const { plan, task, now } = deployment;
  const look = () => lookElsewhere({ plan, task }, group, registry, before);
  const { listings, elsewhere, left } = await deployment.read(
    code,
    `looking for where ${group.name} is registered`,
    look,
  );
  if (left > 0) {
    return { waitingFor: `${left} more target groups to be looked at for instances of ${group.name}`, elsewhere };
  }
  const found = [...listingsOf(group, targetHealth), ...listings];
  const isWaitedFor = found.length > 0 && found.every(isDraining) && secondsBetween(since, now) <= DRAIN_LIMIT_SECONDS;
  return isWaitedFor ? { waitingFor: drainingText(group, found), elsewhere } : found;
}
