/** Finds the dummies that are there, whoever made them: by their names, and then by their tags. */
import { paginateDescribeLoadBalancers as paginateClassic } from '@aws-sdk/client-elastic-load-balancing';
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attachment } from '../fleet/attachment';
import { dummyNameIn, dummyNames, isDummy, type Ownership, ownerOf } from '../fleet/dummy-identity';
import { existing } from '../fleet/existing';
import type { LoadBalancers } from '../fleet/load-balancers';

export interface FoundDummy {
  owner: Ownership;
  /** What a group can be attached to; undefined for an Application or Network Load Balancer. */
  kind: Attachment['kind'] | 'load-balancer';
  /** The ARN; the name of a Classic Load Balancer. */
  identifier: string;
}

/**
 * Every dummy of the stack whose bus this is, or those of them that may have these names: only their tags are asked for.
 * `kinds`: of what groups can be attached to, and the load balancers of it.
 * Load balancers come before target groups: so they can be deleted.
 */
export async function findDummies(
  loadBalancers: LoadBalancers,
  stack: string,
  isWanted: (name: string) => boolean = isDummy,
  kinds: readonly Attachment['kind'][] = ['target-group', 'classic'],
): Promise<FoundDummy[]> {
  const { client, classic } = loadBalancers;
  const arns: { kind: FoundDummy['kind']; identifier: string }[] = [];
  if (kinds.includes('target-group')) {
    for await (const { LoadBalancers: page = [] } of paginateDescribeLoadBalancers({ client }, {})) {
      for (const { LoadBalancerName = '', LoadBalancerArn = '' } of page) {
        if (isWanted(LoadBalancerName)) arns.push({ kind: 'load-balancer', identifier: LoadBalancerArn });
      }
    }
    for await (const { TargetGroups: page = [] } of paginateDescribeTargetGroups({ client }, {})) {
      for (const { TargetGroupName = '', TargetGroupArn = '' } of page) {
        if (isWanted(TargetGroupName)) arns.push({ kind: 'target-group', identifier: TargetGroupArn });
      }
    }
  }
  const names: string[] = [];
  if (kinds.includes('classic')) {
    for await (const { LoadBalancerDescriptions: page = [] } of paginateClassic({ client: classic.client }, {})) {
      names.push(...page.map(({ LoadBalancerName = '' }) => LoadBalancerName).filter(isWanted));
    }
  }
  // Whoever else removes dummies may do so between the listing and the look at their tags.
  const identifiers = arns.map(({ identifier }) => identifier);
  const tags = new Map(await existing(identifiers, async (batch) => [...(await loadBalancers.tags(batch))]));
  const found = arns.map((dummy) => ({ ...dummy, owner: ownerOf(tags.get(dummy.identifier) ?? {}) }));
  for (const identifier of names) {
    const [named = {}] = await existing([identifier], async () => [await classic.tags(identifier)]);
    found.push({ kind: 'classic', identifier, owner: ownerOf(named) });
  }
  return found.flatMap(({ owner, ...dummy }) => (owner?.stack === stack ? [{ ...dummy, owner }] : []));
}

/**
 * The dummies of one deployment that are there, identifiers by name. Looked for before any is created: a create of what is
 * there counts as any other, and load balancers take one in five seconds once ten were created ("Request throttling for
 * the ELB API", user guide), so that one who always creates them all never gets beyond the first. Of a hundred deployments
 * at once none asks for the tags of what the others have made. `originals` are what may have been cloned, of these `kinds`.
 */
export async function dummiesOfDeployment(
  loadBalancers: LoadBalancers,
  { deploymentId, stack }: Ownership,
  originals: readonly string[],
  kinds: readonly Attachment['kind'][],
): Promise<Map<string, string>> {
  const names = new Set(originals.flatMap((original) => dummyNames(deploymentId, original)));
  const found = await findDummies(loadBalancers, stack, (name) => names.has(name), kinds);
  const own = found.filter(({ owner }) => owner.deploymentId === deploymentId);
  return new Map(own.map(({ identifier }) => [dummyNameIn(identifier), identifier]));
}
