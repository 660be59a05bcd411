/**
 * Whether the account has room for the clones of a deployment beside all that is there. What takes it up may be the clones
 * of others, which are gone within minutes: those are waited for. Anything else nobody takes away by himself.
 */
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { named } from '../aws/findings';
import type { Plan } from '../deployment/plan';
import type { Attached } from '../deployment/readiness';
import type { Refusal } from '../deployment/refusal';
import type { AccountLimits } from '../deployment/registrations';
import { provenSizes } from '../deployment/sizes';
import { isDummy } from '../fleet/dummy-identity';
import type { LoadBalancers } from '../fleet/load-balancers';
import { type Original, shared } from './sharing';

/** How many more of something the account has to have, and how many there are, the clones among them. */
export interface AccountNeed {
  what: string;
  limit: string;
  needed: number;
  used: number;
  clones: number;
}

/** What there is no room for now, in words; or why there never will be. */
export type Shortage = { waitsFor: string } | Refusal;

/** By the limits of DescribeAccountLimits, of both services (API reference, Limit). */
export async function shortageFor(
  plan: Plan,
  attached: Attached,
  limits: AccountLimits,
  loadBalancers: LoadBalancers,
): Promise<Shortage | undefined> {
  const clones = clonesFor(plan, attached, limits);
  const classic = attached.classic.size;
  const all = classic > 0 ? new Map([...limits, ...(await loadBalancers.classic.limits())]) : limits;
  const needs = await accountNeeds(clones, classic, loadBalancers);
  const room = ({ limit }: AccountNeed) => all.get(limit) ?? Number.POSITIVE_INFINITY;
  const hopeless = needs.find((need) => need.needed + need.used - need.clones > room(need));
  if (hopeless) {
    const { needed, what, used, clones, limit } = hopeless;
    const message =
      `the clones need ${counted(needed, `more ${what}`)}, and the account allows ${room(hopeless)} (${limit}), of which ` +
      `${used - clones} are taken by what is no clone`;
    return { code: '413', message };
  }
  const short = needs.filter((need) => need.needed + need.used > room(need));
  if (short.length === 0) return undefined;
  return { waitsFor: named(short.map((need) => `${need.needed} of the account's ${room(need)} ${need.what}s`)) };
}

function clonesFor(plan: Plan, { loadBalancers, targetGroups }: Attached, limits: AccountLimits): Original[] {
  const originals = [...loadBalancers.values()].map((loadBalancer) => ({
    loadBalancer,
    targetGroups: [...targetGroups.values()].filter(({ LoadBalancerArns }) =>
      LoadBalancerArns?.includes(loadBalancer.LoadBalancerArn ?? ''),
    ),
  }));
  return originals.length > 1 ? shared(originals, limits, provenSizes(plan).desired) : originals;
}

/** Of what is needed at all. */
export async function accountNeeds(
  clones: readonly Original[],
  classic: number,
  loadBalancers: LoadBalancers,
): Promise<AccountNeed[]> {
  const ofType = (type: string) => clones.filter(({ loadBalancer }) => loadBalancer.Type === type).length;
  const targetGroups = clones.reduce((sum, clone) => sum + clone.targetGroups.length, 0);
  const names = await namesThere(loadBalancers, { targetGroups, classic });
  const needs = [
    need('Application Load Balancer', 'application-load-balancers', ofType('application'), names.application),
    need('Network Load Balancer', 'network-load-balancers', ofType('network'), names.network),
    need('Classic Load Balancer', 'classic-load-balancers', classic, names.classic),
    need('target group', 'target-groups', targetGroups, names.targetGroups),
  ];
  return needs.filter(({ needed }) => needed > 0);
}

function need(what: string, limit: string, needed: number, names: readonly string[]): AccountNeed {
  return { what, limit, needed, used: names.length, clones: names.filter(isDummy).length };
}

/** By kind, as far as it is asked for. */
async function namesThere(
  { client, classic }: LoadBalancers,
  wanted: { targetGroups: number; classic: number },
): Promise<Record<'application' | 'network' | 'classic' | 'targetGroups', string[]>> {
  const names = {
    application: [] as string[],
    network: [] as string[],
    classic: [] as string[],
    targetGroups: [] as string[],
  };
  if (wanted.targetGroups > 0) {
    for await (const { LoadBalancers: page = [] } of paginateDescribeLoadBalancers({ client }, {})) {
      for (const { Type, LoadBalancerName = '' } of page) {
        if (Type === 'application' || Type === 'network') names[Type].push(LoadBalancerName);
      }
    }
    for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) {
      names.targetGroups.push(...TargetGroups.map(({ TargetGroupName = '' }) => TargetGroupName));
    }
  }
  if (wanted.classic > 0) names.classic.push(...(await classic.names()));
  return names;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
