/**
 * Whose task it is: what another stack deploys is not for this one to touch. The bucket of the wars says so, since one
 * bucket belongs to one stack; where two stacks share one after all, the dummies say it as long as there are any.
 */
import type { Group } from '../fleet/auto-scaling-groups';
import { isDummy, ownerOf } from '../fleet/dummy-identity';
import { existing } from '../fleet/existing';
import type { LoadBalancers } from '../fleet/load-balancers';
import { tagValue } from '../fleet/tags';
import { type Pair, refusalOfBuckets } from './readiness';
import type { Refusal } from './refusal';

export interface Stack {
  warBuckets: readonly string[];
  /** The ARN of its bus. */
  stack: string;
}

export async function refusalOfStrangers(
  pair: Pair,
  { warBuckets, stack }: Stack,
  loadBalancers: LoadBalancers,
): Promise<Refusal | undefined> {
  const refusal = refusalOfBuckets(pair, warBuckets);
  if (refusal) return refusal;
  const other = (await stacksDeploying(pair.standBy, loadBalancers)).find((found) => found !== stack);
  if (other === undefined) return undefined;
  const { name, tags } = pair.standBy;
  const message =
    `${name} (StandBy) is attached to dummies of another stack, that of the bus ${other}: it deploys the task too. ` +
    `One bucket belongs to one stack: take ${tagValue(tags, 'bucket')} out of the war buckets of one of them`;
  return { code: '402', message };
}

/** The ARNs of the buses of those whose dummies the group is attached to: usually to none, and nothing is asked. */
async function stacksDeploying(group: Group, loadBalancers: LoadBalancers): Promise<string[]> {
  const dummies = group.attachedTo.filter(isDummy);
  const arns = dummies.filter((identifier) => identifier.startsWith('arn:'));
  const tags = await existing(arns, async (batch) => [...(await loadBalancers.tags(batch)).values()]);
  for (const name of dummies.filter((identifier) => !arns.includes(identifier))) {
    tags.push(...(await existing([name], async () => [await loadBalancers.classic.tags(name)])));
  }
  return tags.flatMap((found) => ownerOf(found)?.stack ?? []);
}
