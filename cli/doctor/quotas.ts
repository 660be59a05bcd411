/**
 * Whether the account has room for the clones that a deployment of the task makes, beside all that is there. What one clone
 * takes the account limits, too (API reference, Limit: the names of the limits).
 */
import {
  DescribeAccountLimitsCommand as DescribeClassicLimitsCommand,
  paginateDescribeLoadBalancers as paginateClassic,
} from '@aws-sdk/client-elastic-load-balancing';
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { limitsCommand, raiseQuotaCommands } from '../../shared/codes/commands';
import type { Plan } from '../../shared/deployment/plan';
import { isRefusal } from '../../shared/deployment/refusal';
import type { AccountLimits } from '../../shared/deployment/registrations';
import type { Originals } from '../../shared/dummies/cloning';
import { type Original, shared } from '../../shared/dummies/sharing';
import type { LoadBalancers } from '../../shared/fleet/load-balancers';
import type { Examination } from './examination';
import { broken, type Check, well } from './finding';

interface Need {
  /** One of it. */
  what: string;
  /** Of one clone: which. */
  of?: string;
  limit: string;
  /** Those that there are. */
  used: number;
  needed: number;
}

export function quotasCheck(examination: Examination): Check {
  return {
    area: 'quotas',
    question: 'Whether the account has room for the clones',
    async look() {
      const cloned = await examination.originals;
      if (!cloned || isRefusal(cloned.originals)) return [];
      const { loadBalancers } = examination.stack.sources;
      const { plan, originals } = cloned;
      const limits = new Map([...(await loadBalancers.limits()), ...(await classicLimits(loadBalancers))]);
      const clones = clonesOf(originals, limits, plan);
      const needs = [
        ...(await needsOfAccount(clones, originals, loadBalancers)),
        ...clones.flatMap((clone) => needsOfClone(clone, plan)),
      ];
      const beyond = needs.filter(({ limit, used, needed }) => used + needed > (limits.get(limit) ?? Infinity));
      if (beyond.length === 0) return [well(`There is room for ${inWords(needs)}.`)];
      return beyond.map(({ what, of = '', limit, used, needed }) => {
        const there = used > 0 ? `, ${used} ${used === 1 ? 'is' : 'are'} there,` : ',';
        return broken(
          `A deployment needs ${counted(needed, what)}${of}${there} and the account allows ${limits.get(limit)} (${limit}).`,
          [limitsCommand(), ...raiseQuotaCommands()],
          '413',
        );
      });
    },
  };
}

/** As `start` shares them. */
export function clonesOf({ balancers }: Originals, limits: AccountLimits, { capacity }: Plan): Original[] {
  return balancers.length > 1 ? shared(balancers, limits, capacity.desired) : balancers;
}

async function needsOfAccount(
  clones: readonly Original[],
  { classic }: Originals,
  loadBalancers: LoadBalancers,
): Promise<Need[]> {
  const { types, targetGroups } = await countThem(loadBalancers);
  const ofType = (type: string) => clones.filter(({ loadBalancer }) => loadBalancer.Type === type).length;
  const classicThere = classic.length > 0 ? await countClassic(loadBalancers) : 0;
  const needs = [
    {
      what: 'more Application Load Balancer',
      limit: 'application-load-balancers',
      used: types.get('application') ?? 0,
      needed: ofType('application'),
    },
    {
      what: 'more Network Load Balancer',
      limit: 'network-load-balancers',
      used: types.get('network') ?? 0,
      needed: ofType('network'),
    },
    {
      what: 'more Classic Load Balancer',
      limit: 'classic-load-balancers',
      used: classicThere,
      needed: classic.length,
    },
    {
      what: 'more target group',
      limit: 'target-groups',
      used: targetGroups,
      needed: clones.reduce((sum, clone) => sum + clone.targetGroups.length, 0),
    },
  ];
  return needs.filter(({ needed }) => needed > 0);
}

/** Each target group of a clone has a rule or a listener of its own, and registers every instance. */
function needsOfClone({ loadBalancer, targetGroups }: Original, { capacity }: Plan): Need[] {
  const { LoadBalancerName: name, Type } = loadBalancer;
  const of = ` of the clone of ${name}`;
  const count = targetGroups.length;
  const targets = count * capacity.desired;
  const needs =
    Type === 'network'
      ? [
          { what: 'listener', of, limit: 'listeners-per-network-load-balancer', needed: count },
          { what: 'target', of, limit: 'targets-per-network-load-balancer', needed: targets },
        ]
      : [
          { what: 'target group', of, limit: 'target-groups-per-application-load-balancer', needed: count },
          { what: 'rule', of, limit: 'rules-per-application-load-balancer', needed: count },
          { what: 'target', of, limit: 'targets-per-application-load-balancer', needed: targets },
        ];
  return needs.map((need) => ({ ...need, used: 0 }));
}

async function countThem({ client }: LoadBalancers): Promise<{ types: Map<string, number>; targetGroups: number }> {
  const types = new Map<string, number>();
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) {
    for (const { Type = '' } of LoadBalancers) types.set(Type, (types.get(Type) ?? 0) + 1);
  }
  let targetGroups = 0;
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) {
    targetGroups += TargetGroups.length;
  }
  return { types, targetGroups };
}

async function countClassic({ classic: { client } }: LoadBalancers): Promise<number> {
  let count = 0;
  for await (const { LoadBalancerDescriptions = [] } of paginateClassic({ client }, {})) {
    count += LoadBalancerDescriptions.length;
  }
  return count;
}

async function classicLimits({ classic }: LoadBalancers): Promise<[string, number][]> {
  const { Limits = [] } = await classic.client.send(new DescribeClassicLimitsCommand({}));
  return Limits.map(({ Name = '', Max }) => [Name, Number(Max)]);
}

function inWords(needs: readonly Need[]): string {
  const some = needs.filter(({ of }) => of === undefined).map(({ what, needed }) => counted(needed, what));
  return some.length > 0 ? some.join(', ') : 'all clones: none is needed';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
