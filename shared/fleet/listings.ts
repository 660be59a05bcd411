/**
 * What lists instances, whoever registered them: with a registration by hand nobody but the load balancer knows of it, so
 * that each of an account has to be asked.
 */
import { paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing';
import { paginateDescribeTargetGroups, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Addresses } from './addresses';
import type { AttachmentId } from './attachment';
import { isNotFound } from './existing';
import type { LoadBalancers } from './load-balancers';
import type { TargetState } from './target-health';

/** A target group or Classic Load Balancer, and how it lists certain instances. */
export interface Listing extends AttachmentId {
  name: string;
  /** By instance id. */
  targets: ReadonlyMap<string, ListedTarget>;
}

export interface ListedTarget extends TargetState {
  /** What it is deregistered by: the id of the instance, or its address. */
  registeredAs: string;
}

/** The instances that are looked for, and what they are registered as: of addresses it is asked once, and only where needed. */
export class Sought {
  private readonly byId: ReadonlyMap<string, string>;
  private byAddress: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    readonly ids: readonly string[],
    private readonly addresses: Addresses,
  ) {
    this.byId = new Map(ids.map((id) => [id, id]));
  }

  /** The id of the instance, by what a target group of this type lists. */
  async registeredAs(targetType: string | undefined): Promise<ReadonlyMap<string, string>> {
    if (targetType !== 'ip') return this.byId;
    this.byAddress ??= this.addresses.of(this.ids);
    return this.byAddress;
  }
}

export interface Registry {
  loadBalancers: LoadBalancers;
  addresses: Addresses;
}

/** As many as either service lists in one call. */
const PER_PAGE = 400;

/** What belongs to no load balancer is sent nothing; those of other types list no instances. */
export async function targetGroupsInUse({ client }: LoadBalancers): Promise<TargetGroup[]> {
  const inUse: TargetGroup[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client, pageSize: PER_PAGE }, {})) {
    inUse.push(
      ...TargetGroups.filter(
        ({ TargetType = '', LoadBalancerArns = [] }) =>
          ['instance', 'ip'].includes(TargetType) && LoadBalancerArns.length > 0,
      ),
    );
  }
  return inUse;
}

/** How the target group lists these instances; undefined where it does not exist any more. */
export async function listingOf(
  loadBalancers: LoadBalancers,
  { TargetGroupArn: identifier = '', TargetGroupName: name = identifier, TargetType }: TargetGroup,
  sought: Sought,
): Promise<Listing | undefined> {
  const place = { kind: 'target-group' as const, identifier };
  const states = await statesIfThere(loadBalancers, place);
  if (!states) return undefined;
  const owners = states.size > 0 ? await sought.registeredAs(TargetType) : new Map<string, string>();
  const targets = [...states].flatMap(([registeredAs, state]): [string, ListedTarget][] => {
    const id = owners.get(registeredAs);
    return id === undefined ? [] : [[id, { ...state, registeredAs }]];
  });
  return { ...place, name, targets: new Map(targets) };
}

export interface ClassicListings {
  /** The networks that these Classic Load Balancers are in, as far as they were asked for. */
  vpcIds: string[];
  found: Listing[];
}

/** One listing names what each has; those that have one of these instances are asked how it stands. */
export async function classicListings(
  { classic }: LoadBalancers,
  instanceIds: readonly string[],
  { ofNames = [] }: { ofNames?: readonly string[] } = {},
): Promise<ClassicListings> {
  const ids = new Set(instanceIds);
  const vpcIds: string[] = [];
  const having: string[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client: classic.client, pageSize: PER_PAGE }, {})) {
    for (const { LoadBalancerName: name = '', Instances = [], VPCId } of page.LoadBalancerDescriptions ?? []) {
      if (VPCId && ofNames.includes(name)) vpcIds.push(VPCId);
      if (Instances.some(({ InstanceId = '' }) => ids.has(InstanceId))) having.push(name);
    }
  }
  const found: Listing[] = [];
  for (const name of having) {
    const states = await classic.targetStates(name).catch(unlessGone);
    const listed = [...(states ?? [])].filter(([id]) => ids.has(id));
    const targets = new Map(listed.map(([id, state]) => [id, { ...state, registeredAs: id }]));
    if (targets.size > 0) found.push({ kind: 'classic', identifier: name, name, targets });
  }
  return { vpcIds, found };
}

/** `arn:…:targetgroup/<name>/<id>`: the id alone, since hundreds are noted. */
export function idOf({ TargetGroupArn = '' }: TargetGroup): string {
  return TargetGroupArn.split('/').at(-1) ?? TargetGroupArn;
}

/** What drains is not sent anything new, and will be gone. */
export function isDraining({ targets }: Listing): boolean {
  return [...targets.values()].every(({ state }) => /draining/.test(state));
}

async function statesIfThere(loadBalancers: LoadBalancers, place: AttachmentId) {
  return loadBalancers.targetStates(place).catch(unlessGone);
}

function unlessGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
