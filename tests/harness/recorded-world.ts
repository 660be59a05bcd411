/** What a view is made of, as a file keeps it: recorded from a run, through the product's own eyes. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { healthOnDummies, lookAtEverything, Snapshot } from '../../shared/deployment/snapshot';
import { Fleet, type Group } from '../../shared/fleet/auto-scaling-groups';
import { ClassicLoadBalancers } from '../../shared/fleet/classic';
import { LoadBalancers } from '../../shared/fleet/load-balancers';
import type { TargetHealth, TargetState } from '../../shared/fleet/target-health';
import type { DeploymentRecord } from '../../shared/pipeline/record';
import type { Seen } from '../../shared/view/view';
import type { World } from './world';

type StoredHealth = Omit<TargetHealth, 'targets'> & { targets: Record<string, TargetState> };

export interface RecordedWorld {
  now: string;
  record: DeploymentRecord;
  oldGroup?: Group;
  newGroup?: Group;
  targetHealth: StoredHealth[];
  cloneHealth: StoredHealth[];
}

export async function recordWorld(world: World): Promise<RecordedWorld> {
  const { operator } = world.aws;
  const fleet = new Fleet(new AutoScalingClient(operator));
  const classic = new ClassicLoadBalancers(new ElasticLoadBalancingClient(operator));
  const loadBalancers = new LoadBalancers(new ElasticLoadBalancingV2Client(operator), classic);
  const record = await world.record();
  const { plan } = record;
  if (!plan) throw new Error('nothing is planned yet');
  const now = world.clock.now();
  const snapshot = await world.clock.run(lookAtEverything(plan, { fleet, loadBalancers }, now));
  const onClones = healthOnDummies(plan, loadBalancers).catch(() => []); // they are gone by then
  return {
    now: now.toISOString(),
    record,
    oldGroup: snapshot.oldGroup,
    newGroup: snapshot.newGroup,
    targetHealth: snapshot.targetHealth.map(stored),
    cloneHealth: (await world.clock.run(onClones)).map(stored),
  };
}

/** What `viewOf` takes. */
export function seenIn({ now, record, oldGroup, newGroup, targetHealth, cloneHealth }: RecordedWorld): Seen {
  const at = new Date(now);
  const seen = { targetHealth: targetHealth.map(restored) };
  const snapshot = record.plan && new Snapshot<Group | undefined>(record.plan, at, oldGroup, newGroup, seen);
  return { record, snapshot, cloneHealth: cloneHealth.map(restored), now: at };
}

function stored({ targets, ...health }: TargetHealth): StoredHealth {
  return { ...health, targets: Object.fromEntries(targets) };
}

function restored({ targets, ...health }: StoredHealth): TargetHealth {
  return { ...health, targets: new Map(Object.entries(targets)) };
}
