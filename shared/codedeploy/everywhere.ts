/**
 * Looks through what every load balancer of the account lists: whoever registers an instance by hand tells nobody else, so
 * that a copy may serve where neither its group nor CodeDeploy names anything. A large account is looked through by several
 * invocations.
 */
import { paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing';
import { paginateDescribeTargetGroups, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancers } from '../fleet/load-balancers';
import type { CopiedGroup } from './copied-groups';
import { listing, type Registration } from './registrations';

export interface LookedThrough {
  /** Those that list an instance of the copy. */
  found: Registration[];
  /** Which target groups were looked at by now, by the ids at the end of their ARNs. */
  looked: string[];
  /** How many are left: of them nothing is known. */
  left: number;
}

/**
 * One after the other and so many in one go, with minutes until the next: the account's request rate is shared with whatever
 * serves in it.
 */
const LOOKED_AT_ONCE = 60;

/** `before`: what earlier invocations have looked at. What was made since is among the rest. */
export async function lookEverywhere(
  loadBalancers: LoadBalancers,
  { instances }: CopiedGroup,
  before: readonly string[],
): Promise<LookedThrough> {
  const ids = new Set(instances.map(({ id }) => id));
  const found = await classicListing(loadBalancers, ids);
  const left = (await targetGroupsInUse(loadBalancers)).filter((one) => !before.includes(idOf(one)));
  const looked = [...before];
  for (const targetGroup of left.slice(0, LOOKED_AT_ONCE)) {
    const { TargetGroupArn: identifier = '', TargetGroupName: name = identifier } = targetGroup;
    const registration = await listing(loadBalancers, name, { kind: 'target-group', identifier });
    if (registration?.targets && [...registration.targets.keys()].some((id) => ids.has(id))) found.push(registration);
    looked.push(idOf(targetGroup));
  }
  return { found, looked, left: Math.max(0, left.length - LOOKED_AT_ONCE) };
}

/** What belongs to no load balancer is sent nothing. */
async function targetGroupsInUse({ client }: LoadBalancers): Promise<TargetGroup[]> {
  const inUse: TargetGroup[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client, pageSize: PER_PAGE }, {})) {
    inUse.push(
      ...TargetGroups.filter(
        ({ TargetType, LoadBalancerArns = [] }) => TargetType === 'instance' && LoadBalancerArns.length > 0,
      ),
    );
  }
  return inUse;
}

/** A listing names what each has; those that have an instance of the copy are asked how it stands. */
async function classicListing(loadBalancers: LoadBalancers, ids: ReadonlySet<string>): Promise<Registration[]> {
  const having: string[] = [];
  const pages = paginateDescribeLoadBalancers({ client: loadBalancers.classic.client, pageSize: PER_PAGE }, {});
  for await (const { LoadBalancerDescriptions = [] } of pages) {
    for (const { LoadBalancerName = '', Instances = [] } of LoadBalancerDescriptions) {
      if (Instances.some(({ InstanceId = '' }) => ids.has(InstanceId))) having.push(LoadBalancerName);
    }
  }
  const found: Registration[] = [];
  for (const name of having) {
    const registration = await listing(loadBalancers, name, { kind: 'classic', identifier: name });
    if (registration) found.push(registration);
  }
  return found;
}

/** As many as either service lists in one call. */
const PER_PAGE = 400;

/** `arn:…:targetgroup/<name>/<id>`: the id alone, since thousands are noted. */
function idOf({ TargetGroupArn = '' }: TargetGroup): string {
  return TargetGroupArn.split('/').at(-1) ?? TargetGroupArn;
}
