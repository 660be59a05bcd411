/** Whether the account lets both groups be registered at once, as they are in step 2. */
import { type Capacity, type Group, remainingOf } from '../fleet/auto-scaling-groups';
import type { PlannedAttachment } from './plan';
import type { Refusal } from './refusal';

/** By name, as DescribeAccountLimits tells them (API reference, Limit). */
export type AccountLimits = ReadonlyMap<string, number>;

interface Registrations {
  of: string;
  limit: string;
  /** Those of Active, and those that StandBy adds. */
  old: number;
  added: number;
}

/**
 * Of an account's limits those that step 2 would break: 413. A target is counted once for each target group of a load
 * balancer; where Active alone would be beyond a limit by that, the account counts otherwise, and nothing is refused.
 */
export function refusalOfRegistrations(
  active: Group,
  { desired }: Capacity,
  attachments: readonly PlannedAttachment[],
  limits: AccountLimits,
): Refusal | undefined {
  const instances = remainingOf(active);
  const added = instances.length > 0 ? instances.length : desired;
  const largestZone = Math.max(0, ...countsOf(instances.map(({ zone }) => zone)).values());
  const beyond = registrations(attachments, { old: instances.length, added, largestZone }).find((one) => {
    const limit = limits.get(one.limit) ?? Number.POSITIVE_INFINITY;
    return one.old <= limit && one.old + one.added > limit;
  });
  if (!beyond) return undefined;
  const { of, limit, old } = beyond;
  const message =
    `in step 2 ${of} would have ${old + beyond.added} targets, ${old} of ${active.name} (Active) and ` +
    `${beyond.added} of StandBy, and the account allows ${limits.get(limit)} (${limit})`;
  return { code: '413', message };
}

/** Each target group, and each load balancer over all of those that are planned. */
function registrations(
  attachments: readonly PlannedAttachment[],
  { old, added, largestZone }: { old: number; added: number; largestZone: number },
): Registrations[] {
  const targetGroups = attachments.filter(({ kind }) => kind === 'target-group');
  const balancers = countsOf(targetGroups.flatMap(({ loadBalancerArn }) => loadBalancerArn ?? []));
  return [
    ...targetGroups.map(({ name }) => ({
      of: `the target group ${name}`,
      limit: 'targets-per-target-group',
      old,
      added,
    })),
    ...[...balancers].flatMap(([arn, count]) => {
      const [, kind, name] = arn.slice(arn.lastIndexOf(':')).split('/');
      const whole = { of: `the load balancer ${name}`, old: old * count, added: added * count };
      if (kind === 'app') return [{ ...whole, limit: 'targets-per-application-load-balancer' }];
      const zone = {
        of: `one zone of the load balancer ${name}`,
        old: largestZone * count,
        added: largestZone * count,
      };
      return [
        { ...whole, limit: 'targets-per-network-load-balancer' },
        { ...zone, limit: 'targets-per-availability-zone-per-network-load-balancer' },
      ];
    }),
  ];
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
