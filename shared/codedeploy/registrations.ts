/** Where the instances of a group are registered, whoever registered them. */
import { DescribeTargetGroupsCommand, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AttachmentId } from '../fleet/attachment';
import { existing, isNotFound } from '../fleet/existing';
import { type Listing, listingOf, type Registry, Sought } from '../fleet/listings';
import type { LoadBalancers } from '../fleet/load-balancers';
import type { TargetState } from '../fleet/target-health';
import type { BalancerNames } from './code-deploy';
import type { CopiedGroup } from './copied-groups';

/** What one target group or Classic Load Balancer lists. */
export interface Registration {
  name: string;
  /** Undefined where it is nothing that a load balancer could be asked about. */
  place?: AttachmentId;
  /** By instance id; undefined where instances cannot be recognised in it, as its targets are no instances. */
  targets: ReadonlyMap<string, TargetState> | undefined;
}

/** Everything that is known to be a place where instances of the group may be registered, and that exists. */
export async function registrations(
  { loadBalancers, addresses }: Registry,
  names: readonly BalancerNames[],
  { attachments, instances }: CopiedGroup,
): Promise<Registration[]> {
  const sought = new Sought(
    instances.map(({ id }) => id),
    addresses,
  );
  const identifiers = (wanted: 'classic' | 'target-group') =>
    attachments.filter(({ kind }) => kind === wanted).map(({ identifier }) => identifier);
  const isBalancing = (arn: string) => arn.split(':')[2] === 'elasticloadbalancing';
  const arns = identifiers('target-group');
  const targetGroups = [
    ...(await targetGroupsNamed(loadBalancers, unique(names.flatMap((one) => one.targetGroups)))),
    ...(await loadBalancers.targetGroups(unique(arns.filter(isBalancing)))).values(),
  ];
  const byArn = new Map(targetGroups.map((targetGroup) => [targetGroup.TargetGroupArn ?? '', targetGroup]));
  const classic = unique([...names.flatMap((one) => one.classic), ...identifiers('classic')]);
  const found = await Promise.all([
    ...[...byArn.values()].map((targetGroup) => ofTargetGroup(loadBalancers, targetGroup, sought)),
    ...classic.map((name) => ofClassic(loadBalancers, name)),
  ]);
  const unreadable = arns.filter((arn) => !isBalancing(arn)).map((name) => ({ name, targets: undefined }));
  return [...found.flatMap((one) => one ?? []), ...unreadable];
}

async function targetGroupsNamed({ client }: LoadBalancers, names: string[]): Promise<TargetGroup[]> {
  return existing(names, async (Names) => (await client.send(new DescribeTargetGroupsCommand({ Names }))).TargetGroups);
}

async function ofTargetGroup(
  loadBalancers: LoadBalancers,
  targetGroup: TargetGroup,
  sought: Sought,
): Promise<Registration | undefined> {
  const { TargetGroupArn: identifier = '', TargetGroupName: name = identifier, TargetType = '' } = targetGroup;
  if (!['instance', 'ip'].includes(TargetType))
    return { name, place: { kind: 'target-group', identifier }, targets: undefined };
  const listing = await listingOf(loadBalancers, targetGroup, sought);
  return listing && registrationOf(listing);
}

/** Undefined for what does not exist, or not any more. */
async function ofClassic({ classic }: LoadBalancers, name: string): Promise<Registration | undefined> {
  const place = { kind: 'classic' as const, identifier: name };
  try {
    return { name, place, targets: await classic.targetStates(name) };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function registrationOf({ name, targets, kind, identifier }: Listing): Registration {
  return { name, place: { kind, identifier }, targets };
}

function unique(items: string[]): string[] {
  return [...new Set(items)];
}
