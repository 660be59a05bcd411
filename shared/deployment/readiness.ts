/** Whether a task can be deployed as its groups stand now: pure checks, each with the code that it refuses with. */
import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing';
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { named } from '../aws/findings';
import type { Attachment, AttachmentState } from '../fleet/attachment';
import { type Group, remainingOf } from '../fleet/auto-scaling-groups';
import { DUMMY_PREFIX } from '../fleet/dummy-identity';
import { ambiguousKeys, findTag, type Tag, TYPE_KEY, tagValue, warSlots } from '../fleet/tags';
import { type Clone, isRefusal, type Look, type Refusal, type Remedy } from './refusal';
import { remedyOfRoles } from './role-remedies';

export interface Pair {
  active: Group;
  standBy: Group;
}

/**
 * The two groups of a task: exactly one of each type, and no key in two spellings; anything else is no pair. A task of
 * another stack may have the same name; where there is no pair among the stack's own, a bucket may be mistyped.
 */
export function pairOf(task: string, groups: readonly Group[], warBuckets: readonly string[]): Pair | Refusal {
  const own = pairAmong(
    task,
    groups.filter((group) => !tagValue(group.tags, 'bucket') || isOfBuckets(group, warBuckets)),
  );
  return isRefusal(own) ? pairAmong(task, groups) : own;
}

function pairAmong(task: string, groups: readonly Group[]): Pair | Refusal {
  const ofType = (type: string) => groups.filter((group) => tagValue(group.tags, TYPE_KEY) === type);
  const [active, ...moreActive] = ofType('Active');
  const [standBy, ...moreStandBy] = ofType('StandBy');
  for (const group of groups) {
    const [key] = ambiguousKeys(group.tags);
    if (key) {
      const message = `the group ${group.name} carries the tag ${key} in two spellings`;
      const [, ...others] = group.tags.filter((tag) => tag.key.toLowerCase() === key);
      return { code: '400', message, remedy: { kind: 'untag', group: group.name, keys: others.map((tag) => tag.key) } };
    }
  }
  if (active && standBy && moreActive.length + moreStandBy.length === 0) return { active, standBy };
  const namesOf = (found: Group[]) => named(found.map(({ name }) => name)) || 'none';
  const wrong = ['Active', 'StandBy'].flatMap((type) => {
    const found = ofType(type);
    if (found.length === 1) return [];
    return [
      found.length === 0
        ? `no group is tagged ${type}`
        : `${found.length} groups are tagged ${type} (${namesOf(found)})`,
    ];
  });
  return {
    code: '400',
    message:
      `${wrong.join(', and ')}: the task ${task} needs exactly one Active and one StandBy group; ` +
      `tagged Active: ${namesOf(ofType('Active'))}; tagged StandBy: ${namesOf(ofType('StandBy'))}`,
    remedy: remedyOfRoles(task, groups),
    look: lookAt(groups, undefined),
  };
}

/** One bucket belongs to one stack, and so do those whose wars are in it. */
export function refusalOfBuckets({ active, standBy }: Pair, warBuckets: readonly string[]): Refusal | undefined {
  const stranger = [active, standBy].find((group) => !isOfBuckets(group, warBuckets));
  if (!stranger) return undefined;
  const bucket = tagValue(stranger.tags, 'bucket') || '(none)';
  const message = `the tag bucket of ${stranger.name} is ${bucket}, which is not one of the stack's war buckets`;
  const known = [active, standBy]
    .map(({ tags }) => tagValue(tags, 'bucket') ?? '')
    .find((name) => warBuckets.includes(name));
  const value = known ?? (warBuckets.length === 1 ? warBuckets[0] : undefined);
  if (value === undefined) return { code: '402', message };
  const { key = 'bucket', propagateAtLaunch = true } = findTag(stranger.tags, 'bucket') ?? {};
  const tags = [{ group: stranger.name, key, value, propagateAtLaunch }];
  return { code: '402', message, remedy: { kind: 'tag-bucket', bucket, tags } };
}

function isOfBuckets({ tags }: Group, warBuckets: readonly string[]): boolean {
  return warBuckets.includes(tagValue(tags, 'bucket') ?? '');
}

/** StandBy must be empty, and both groups in a state in which a deployment can size and check them. */
export function refusalOfGroups({ active, standBy }: Pair, refreshing: readonly string[]): Refusal | undefined {
  const refusal = refusalOfSize(standBy);
  if (refusal) return refusal;
  const needed = ['Launch', 'Terminate', 'AddToLoadBalancer'];
  const suspended = standBy.suspendedProcesses.filter((process) => needed.includes(process));
  if (suspended.length > 0) {
    const message = `on the StandBy group ${standBy.name} is suspended: ${suspended.join(', ')}`;
    return { code: '415', message, remedy: { kind: 'resume', group: standBy.name, processes: suspended } };
  }
  const refusalOfActive = refusalOfDetaching(active) ?? refusalOfEmptying(active);
  if (refusalOfActive) return refusalOfActive;
  const warm = [active, standBy].find((group) => group.hasWarmPool);
  if (warm) {
    const message = `the group ${warm.name} has a warm pool, which a deployment cannot size`;
    return { code: '415', message, remedy: { kind: 'end-warm-pool', group: warm.name } };
  }
  if (refreshing.length > 0) {
    const message = `an instance refresh is running on ${refreshing.join(', ')}`;
    return { code: '415', message, remedy: { kind: 'end-refresh', groups: [...refreshing] } };
  }
  return undefined;
}

/**
 * Active must not be detached where it could not be attached again: with AddToLoadBalancer suspended, what is attached may
 * not be registered, not even later. An empty group has nothing to register.
 */
export function refusalOfDetaching({ name, capacity, suspendedProcesses }: Group): Refusal | undefined {
  if (capacity.desired === 0 || !suspendedProcesses.includes('AddToLoadBalancer')) return undefined;
  const message = `on ${name} (Active) AddToLoadBalancer is suspended: once detached, it might not come back; resume it`;
  return { code: '415', message, remedy: { kind: 'resume', group: name, processes: ['AddToLoadBalancer'] } };
}

/** Active goes to 0/0/0 in the end: what no scale-in takes away would stay there, for ever. */
function refusalOfEmptying({ name, instances, suspendedProcesses }: Group): Refusal | undefined {
  const aside = instances.filter(({ lifecycleState }) => /Standby$/.test(lifecycleState)).map(({ id }) => id);
  if (aside.length > 0) {
    const are = aside.length === 1 ? 'is' : 'are';
    const message = `${named(aside)} of ${name} (Active) ${are} in Standby: no scale-in takes that away; bring it back into service`;
    return { code: '415', message, remedy: { kind: 'exit-standby', group: name, instanceIds: aside } };
  }
  if (instances.length === 0 || !suspendedProcesses.includes('Terminate')) return undefined;
  const message = `on ${name} (Active) Terminate is suspended: its instances could not be taken away; resume it`;
  return { code: '415', message, remedy: { kind: 'resume', group: name, processes: ['Terminate'] } };
}

/** The resources that attachments refer to, as far as they exist. */
export interface Attached {
  targetGroups: ReadonlyMap<string, TargetGroup>;
  /** Those that the target groups belong to, by ARN. */
  loadBalancers: ReadonlyMap<string, LoadBalancer>;
  classic: ReadonlyMap<string, LoadBalancerDescription>;
}

/** What runs in StandBy already, nobody knows; it would be taken for the new version. */
export function refusalOfSize(standBy: Group): Refusal | undefined {
  const { name, capacity } = standBy;
  const remaining = remainingOf(standBy);
  if (capacity.desired === 0 && remaining.length === 0) return undefined;
  const sizes = `desired ${capacity.desired}, instances ${remaining.length}`;
  return { code: '401', message: `the StandBy group ${name} is not empty (${sizes})`, remedy: { kind: 'clean' } };
}

/** What Active is attached to must be there, real, and of a kind that can be cloned. */
export function refusalOfAttachments(
  active: Group,
  attachments: readonly AttachmentState[],
  attached: Attached,
): Refusal | undefined {
  if (attachments.length === 0) {
    const message = `${active.name} (Active) is attached to no load balancer and no target group`;
    return { code: '403', message, remedy: { kind: 'find-places', group: active.name } };
  }
  const checks = attachments.map((attachment): Refusal | undefined => {
    const { kind, identifier } = attachment;
    if (kind === 'classic') return refusalOfClassic(active, attachment, attached);
    if (isLattice(identifier)) return refusalOfLattice(active, identifier);
    return refusalOfTargetGroup(active, attachment, attached);
  });
  return checks.find((refusal) => refusal !== undefined);
}

/** A real load balancer sends to it, and so users may come in by it. */
function isSentTo({ referring }: Extract<Remedy, { kind: 'leave' }>): boolean {
  return referring.length > 0;
}

/** Where users of a pair come in, as Active's description has it, but for what the remedy takes away. */
export function lookAt(groups: readonly Group[], remedy: Remedy | undefined): Look {
  const left = remedy?.kind === 'detach' || (remedy?.kind === 'leave' && !isSentTo(remedy)) ? remedy.attachments : [];
  const places = groups
    .filter(({ tags }) => tagValue(tags, TYPE_KEY) === 'Active')
    .flatMap((group) => group.attachedTo);
  const attachments = [...new Set(places)]
    .filter((identifier) => !isLattice(identifier) && !left.some((one) => one.identifier === identifier))
    .map((identifier): Attachment => {
      const kind = identifier.startsWith('arn:') ? 'target-group' : 'classic';
      return { kind, way: 'direct', identifier };
    });
  return { groups: groups.map(({ name }) => name), attachments };
}

function refusalOfClassic(active: Group, attachment: Attachment, { classic }: Attached): Refusal | undefined {
  const { identifier: name } = attachment;
  if (name.startsWith(DUMMY_PREFIX)) return refusalOfDummy(active, name, attachment, []);
  if (classic.has(name)) return undefined;
  const message = `${active.name} (Active) names the load balancer ${name}, which does not exist`;
  return { code: '406', message, remedy: leaving(active, attachment) };
}

/** Its target group is one of the clone's own: both go. */
function refusalOfDummy(active: Group, name: string, attachment: Attachment, loadBalancerArns: string[]): Refusal {
  const clones = [
    ...loadBalancerArns.map((identifier) => ({ kind: 'load-balancer' as const, identifier })),
    ...(attachment.kind === 'classic' ? [attachment] : []),
  ];
  const message = `${active.name} (Active) is attached to the dummy load balancer ${name}`;
  return { code: '404', message, remedy: left(active, attachment, clones) };
}

/** A rule of a real load balancer that refers to it is somebody's, and keeps it from being deleted. */
function clonesWith(attachment: Attachment, loadBalancerArns: string[], { loadBalancers }: Attached): Clone[] {
  const isClone = (arn: string) => loadBalancers.get(arn)?.LoadBalancerName?.startsWith(DUMMY_PREFIX) ?? false;
  if (!loadBalancerArns.every(isClone)) return [];
  return [...loadBalancerArns.map((identifier) => ({ kind: 'load-balancer' as const, identifier })), attachment];
}

function leaving({ name: group }: Group, attachment: Attachment): Remedy {
  return { kind: 'detach', group, attachments: [placeOf(attachment)] };
}

function left(
  { name: group }: Group,
  attachment: Attachment,
  clones: (Attachment | Clone)[],
  referring: string[] = [],
): Remedy {
  const named = clones.map(({ kind, identifier }) => ({ kind, identifier }));
  return { kind: 'leave', group, attachments: [placeOf(attachment)], clones: named, referring };
}

/** Without the state that it was seen in. */
function placeOf({ kind, way, identifier }: Attachment): Attachment {
  return { kind, way, identifier };
}

/** A traffic source of VPC Lattice: its target groups are none of the load balancers'. */
export function isLattice(identifier: string): boolean {
  return identifier.startsWith('arn:') && identifier.split(':')[2] === 'vpc-lattice';
}

function refusalOfLattice({ name: group }: Group, arn: string): Refusal {
  const message = `${TESTED} ${arn} (of VPC Lattice) none can be made`;
  return { code: '413', message, remedy: { kind: 'stay', group } };
}

const TESTED = 'a new version is tested behind a copy of each target group, and of';

/** Those of which a listener of a clone can be made. */
const CLONEABLE_PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'];

function refusalOfTargetGroup(active: Group, attachment: Attachment, attached: Attached): Refusal | undefined {
  const { identifier: arn } = attachment;
  const targetGroup = attached.targetGroups.get(arn);
  if (!targetGroup) {
    const message = `${active.name} (Active) names the target group ${arn}, which does not exist`;
    return { code: '408', message, remedy: leaving(active, attachment) };
  }
  const { TargetGroupName: name = arn, Protocol: protocol = 'none', LoadBalancerArns = [] } = targetGroup;
  if (name.startsWith(DUMMY_PREFIX)) {
    const clones = clonesWith(attachment, LoadBalancerArns, attached);
    const referring = clones.length > 0 ? [] : LoadBalancerArns;
    const sending = referring.map((one) => attached.loadBalancers.get(one)?.LoadBalancerName ?? one);
    const sentTo = sending.length > 0 ? `, which ${named(sending)} still sends users to` : '';
    const message = `${active.name} (Active) is attached to the dummy target group ${name}${sentTo}`;
    return { code: '405', message, remedy: left(active, attachment, clones, referring) };
  }
  const [loadBalancerArn] = LoadBalancerArns;
  if (loadBalancerArn === undefined) return undefined; // no listener refers to it: attached as it is, not cloned
  const loadBalancer = attached.loadBalancers.get(loadBalancerArn);
  if (loadBalancer?.LoadBalancerName?.startsWith(DUMMY_PREFIX)) {
    return refusalOfDummy(active, loadBalancer.LoadBalancerName, attachment, [loadBalancerArn]);
  }
  const kind = loadBalancer?.Type ?? 'vanished';
  if (kind !== 'application' && kind !== 'network') {
    const message = `${TESTED} ${name} (of a ${kind} load balancer) none can be made`;
    return { code: '413', message, remedy: { kind: 'stay', group: active.name } };
  }
  if (CLONEABLE_PROTOCOLS.includes(protocol)) return undefined;
  const message = `${TESTED} ${name} (protocol ${protocol}) none can be made`;
  return { code: '413', message, remedy: { kind: 'stay', group: active.name } };
}

/** The wars of both groups must name the same objects, or StandBy would install something else than was proven. */
export function refusalOfWarTags(task: string, { active, standBy }: Pair): Refusal | undefined {
  const slots = warSlots(active.tags);
  if (slots.length === 0) {
    const keys = 'apps3key, s3versionidapp and apppath';
    return {
      code: '402',
      message: `the task ${task} has no complete war slot: ${active.name} lacks ${keys} of any number`,
    };
  }
  const different = describeWars(active.tags) !== describeWars(standBy.tags);
  if (!different) return undefined;
  return { code: '402', message: `${active.name} and ${standBy.name} name different buckets, war keys or paths` };
}

function describeWars(tags: readonly Tag[]): string {
  const slots = warSlots(tags).map(({ slot, key, path }) => [slot, key, path]);
  return JSON.stringify([tagValue(tags, 'bucket'), slots]);
}
