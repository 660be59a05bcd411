/** Everything of a fleet that a deployment changes, and so everything that must be right when it has ended. */
import type { World } from './world';

export interface GroupState {
  /** Minimum, desired and maximum: `2/2/4`. */
  size: string;
  /** In their spelling, with `PropagateAtLaunch`. */
  tags: Record<string, string>;
  /** ARNs of target groups, names of Classic Load Balancers, identifiers of traffic sources. */
  attachments: string[];
  suspendedProcesses: string[];
  /** Of each instance, whether it is protected from scale-in; they themselves may have been replaced. */
  areProtected: boolean[];
}

/** Undefined where somebody deleted the group. */
export type FleetState = Record<'blue' | 'green', GroupState | undefined>;

export async function fleetState(world: World): Promise<FleetState> {
  const { activeGroup, standByGroup } = world.fleet;
  return { blue: await groupState(world, activeGroup), green: await groupState(world, standByGroup) };
}

async function groupState(world: World, name: string): Promise<GroupState | undefined> {
  if (!(await world.groupNames()).includes(name)) return undefined;
  const group = await world.group(name);
  const { TargetGroupARNs = [], LoadBalancerNames = [], TrafficSources = [], Tags = [] } = group;
  const sources = TrafficSources.map(({ Identifier = '' }) => Identifier);
  return {
    size: `${group.MinSize}/${group.DesiredCapacity}/${group.MaxSize}`,
    tags: Object.fromEntries(
      Tags.map(({ Key, Value, PropagateAtLaunch }) => [`${Key} ${PropagateAtLaunch}`, Value ?? '']),
    ),
    attachments: [...new Set([...TargetGroupARNs, ...LoadBalancerNames, ...sources])].sort(),
    suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = '' }) => ProcessName).sort(),
    areProtected: (group.Instances ?? []).map(({ ProtectedFromScaleIn = false }) => ProtectedFromScaleIn),
  };
}

/** A failed deployment leaves its versions on StandBy's tags: the current version of a war is always Active's. */
export function withoutVersions(state: GroupState | undefined): GroupState | undefined {
  if (!state) return undefined;
  const tags = Object.entries(state.tags).filter(([key]) => !/^s3versionidapp/i.test(key));
  return { ...state, tags: Object.fromEntries(tags) };
}
