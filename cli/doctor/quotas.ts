/**
 * Whether the account has room for the clones that a deployment of the task makes, beside all that is there. What one clone
 * takes the account limits, too (API reference, Limit: the names of the limits).
 */
import { quotaCommands } from '../../shared/codes/commands';
import type { Plan } from '../../shared/deployment/plan';
import { isRefusal } from '../../shared/deployment/refusal';
import type { AccountLimits } from '../../shared/deployment/registrations';
import type { Originals } from '../../shared/dummies/cloning';
import { type AccountNeed, accountNeeds } from '../../shared/dummies/room';
import { type Original, shared } from '../../shared/dummies/sharing';
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
      const limits = new Map([...(await loadBalancers.limits()), ...(await loadBalancers.classic.limits())]);
      const clones = clonesOf(originals, limits, plan);
      const needs = [
        ...(await accountNeeds(clones, originals.classic.length, loadBalancers)).map(moreOf),
        ...clones.flatMap((clone) => needsOfClone(clone, plan)),
      ];
      const beyond = needs.filter(({ limit, used, needed }) => used + needed > (limits.get(limit) ?? Infinity));
      if (beyond.length === 0) return [well(`There is room for ${inWords(needs)}.`)];
      return beyond.map(({ what, of = '', limit, used, needed }) => {
        const there = used > 0 ? `, ${used} ${used === 1 ? 'is' : 'are'} there,` : ',';
        return broken(
          `A deployment needs ${counted(needed, what)}${of}${there} and the account allows ${limits.get(limit)} (${limit}).`,
          quotaCommands(),
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

function moreOf(need: AccountNeed): Need {
  return { ...need, what: `more ${need.what}` };
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

function inWords(needs: readonly Need[]): string {
  const some = needs.filter(({ of }) => of === undefined).map(({ what, needed }) => counted(needed, what));
  return some.length > 0 ? some.join(', ') : 'all clones: none is needed';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
