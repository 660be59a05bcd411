/** What must hold of a fleet while it deploys, rolls back and deploys again, and afterwards. */
import {
  AutoScalingClient,
  paginateDescribeLoadBalancers,
  paginateDescribeLoadBalancerTargetGroups,
  paginateDescribeTrafficSources,
} from '@aws-sdk/client-auto-scaling';
import type { ExampleFleet, FleetDescription } from '../../local/example/fleet';
import type { ExampleAttachment } from '../../local/example/load-balancers';
import { World } from '../harness/world';

/** How often it is looked whether users are served, in virtual time. */
const SAMPLING_SECONDS = 5;

/** What takes minutes in AWS takes seconds: what is done is the same, with fewer looks. */
const QUICK_CHECKS = { healthCheckIntervalSeconds: 5, deregistrationDelaySeconds: 10 };

export async function deployThreeTimes(
  description: Partial<FleetDescription>,
  listsAttachmentsBothWays: boolean,
  seed: number,
): Promise<void> {
  const world = await World.quick({
    seed,
    fleet: { ...QUICK_CHECKS, ...description },
    settings: {
      autoScaling: { listsAttachmentsBothWays },
      elasticLoadBalancingV2: { networkRegistrationSeconds: 15 },
    },
  });
  const gaps = watchService(world);
  const first = world.fleet.versionIds;
  proveServing(world, first);

  const second = [...first];
  for (const [slot, key] of world.fleet.warKeys.entries()) second[slot] = await world.upload(key, { version: '2' });
  const rollBack = () => world.put('DeployRequested', { task: world.fleet.task, versions: first.join(',') });
  const deployAgain = () => world.put('DeployRequested', { task: world.fleet.task, versions: second.join(',') });
  const isDone =
    (await proveDeployment(world, first, second)) &&
    (await rollBack().then(() => proveDeployment(world, second, first))) &&
    (await deployAgain().then(() => proveDeployment(world, first, second)));
  if (!isDone) expect({ description, mayMissZones: mayMissZones(world) }).toEqual({ description, mayMissZones: true });
  expect(gaps).toEqual([]);
}

/**
 * The deployment that was asked for last completes, and leaves the fleet as it found it, with the other group serving. Or,
 * where StandBy cannot serve all zones, it is taken back, and nothing has changed: then the answer is false.
 */
async function proveDeployment(world: World, before: string[], versions: string[]): Promise<boolean> {
  const [oldGroup, newGroup] = await roles(world);
  const sizeBefore = await world.size(oldGroup);
  const after = world.events.length;
  const isEnd = (type: string) => /^(Completed|Failed|Refused|Lambda.*)$/.test(type);
  const ended = () => world.events.slice(after).find((event) => isEnd(event['detail-type']));
  await world.clock.runUntil(() => ended() !== undefined, 2 * 3600);
  const isRefused = /cross-zone is off/.test(String(ended()?.detail.message));
  if (isRefused) {
    expect(ended()?.detail).toMatchObject({ code: 'T011', stage: 'check-real' });
    await world.until('Cleaned', { after });
  } else expect(ended()).toMatchObject({ 'detail-type': 'Completed' });
  await world.clock.advance(120);

  const [serving, empty] = isRefused ? [oldGroup, newGroup] : [newGroup, oldGroup];
  expect(await roles(world)).toEqual([serving, empty]);
  expect([await world.size(serving), await world.size(empty)]).toEqual([sizeBefore, '0/0/0']);
  expect((await world.group(empty)).Instances).toEqual([]);
  expect((await world.group(serving)).SuspendedProcesses).toEqual([]);
  expect(await attachmentsOf(world, serving)).toEqual(world.fleet.attachments.map(described).sort());
  expect(await attachmentsOf(world, empty)).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  proveServing(world, isRefused ? before : versions);
  return !isRefused;
}

/** One heavy instance can weigh what two light ones do, and be in one zone only. */
function mayMissZones({ fleet }: World): boolean {
  return fleet.weights.length > 1 && checkedOf(fleet).some(({ isAcrossZones }) => !isAcrossZones);
}

/** Active first. */
async function roles(world: World): Promise<[string, string]> {
  const { activeGroup, standByGroup } = world.fleet;
  const isActive = (await world.tag(activeGroup, 'type'))?.Value === 'Active';
  return isActive ? [activeGroup, standByGroup] : [standByGroup, activeGroup];
}

/** Everything that serves serves these versions and no others. */
function proveServing(world: World, versions: string[]): void {
  for (const [attachment, served] of servedVersions(world)) {
    expect({ attachment, served }).toEqual({ attachment, served: [versions.join()] });
  }
}

/** The versions of all wars that the healthy instances of each load balancer or target group run: `v1,v2`. */
function servedVersions(world: World): [ExampleAttachment, string[]][] {
  const running = new Map(world.instances.running().map((instance) => [instance.instanceId, instance]));
  const versionsOf = (id: string) =>
    world.fleet.warKeys.map((_, slot) => running.get(id)?.tags.get(`s3VersionIdApp${slot + 1}`)).join();
  return checkedOf(world.fleet).map((attachment) => [
    attachment,
    [...new Set(servingInstances(world, attachment).map(versionsOf))],
  ]);
}

/** Fills the answer with every moment at which something that was served is not: no healthy instance, or none in a zone. */
function watchService(world: World): string[] {
  const gaps: string[] = [];
  const zones = new Map<ExampleAttachment, string[]>();
  const look = () => {
    for (const attachment of checkedOf(world.fleet)) {
      const now = attachment.isAcrossZones
        ? servingInstances(world, attachment).slice(0, 1)
        : zonesServed(world, attachment);
      const needed = zones.get(attachment) ?? now;
      zones.set(attachment, needed);
      const isServed = attachment.isAcrossZones ? now.length > 0 : needed.every((zone) => now.includes(zone));
      if (!isServed) gaps.push(`${world.clock.now().toISOString()} ${attachment.identifier}: ${now} of ${needed}`);
    }
    world.clock.after(SAMPLING_SECONDS, look);
  };
  look();
  return gaps;
}

/** An idle target group serves nobody. */
function checkedOf({ attachments }: ExampleFleet): ExampleAttachment[] {
  return attachments.filter(({ isIdle }) => !isIdle);
}

/** The healthy instances that get traffic. */
function servingInstances(world: World, { kind, identifier }: ExampleAttachment): string[] {
  const { elasticLoadBalancing, elasticLoadBalancingV2 } = world.aws;
  if (kind === 'classic') return elasticLoadBalancing.routableInstances(identifier);
  return elasticLoadBalancingV2
    .routableTargets(identifier)
    .map(({ instanceId }) => instanceId)
    .filter((id) => elasticLoadBalancingV2.stateOf(identifier, id) === 'healthy');
}

function zonesServed(world: World, attachment: ExampleAttachment): string[] {
  const zoneOf = new Map(world.instances.running().map((one) => [one.instanceId, one.availabilityZone]));
  return [...new Set(servingInstances(world, attachment).map((id) => zoneOf.get(id) ?? '?'))].sort();
}

function described({ kind, way, identifier }: Pick<ExampleAttachment, 'kind' | 'way' | 'identifier'>): string {
  return `${kind} ${way} ${identifier}`;
}

/** In which way the group is attached to what, as the calls of each way say. */
function attachmentsOf(world: World, AutoScalingGroupName: string): Promise<string[]> {
  const client = new AutoScalingClient(world.aws.operator);
  const input = { AutoScalingGroupName };
  const read = async () => {
    const direct: string[] = [];
    const identifiers: string[] = [];
    for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, input)) {
      identifiers.push(...LoadBalancers.map(({ LoadBalancerName = '' }) => LoadBalancerName));
    }
    for await (const page of paginateDescribeLoadBalancerTargetGroups({ client }, input)) {
      identifiers.push(...(page.LoadBalancerTargetGroups ?? []).map((one) => one.LoadBalancerTargetGroupARN ?? ''));
    }
    direct.push(...identifiers.map((identifier) => described({ kind: kindOf(identifier), way: 'direct', identifier })));
    const sources: string[] = [];
    for await (const { TrafficSources = [] } of paginateDescribeTrafficSources({ client }, input)) {
      sources.push(...TrafficSources.map(({ Identifier = '' }) => Identifier));
    }
    const rest = sources.filter((identifier) => !identifiers.includes(identifier));
    const others = rest.map((identifier) => described({ kind: kindOf(identifier), way: 'traffic-source', identifier }));
    return [...direct, ...others].sort();
  };
  return world.clock.run(read());
}

function kindOf(identifier: string): ExampleAttachment['kind'] {
  return identifier.startsWith('arn:') ? 'target-group' : 'classic';
}
