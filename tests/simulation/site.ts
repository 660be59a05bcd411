/** The place that a scenario plays in: the stack, its fleets, and what belongs to others in the same account. */
import { createExampleFleet, type ExampleFleet } from '../../local/example/fleet';
import { Random } from '../../local/kernel/random';
import type { CreateHandler } from '../../shared/aws/runtime';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';
import { holdHandlers, withHold } from '../harness/hold';
import { groupsOf, type ObservedGroup } from '../harness/observe';
import { World } from '../harness/world';
import type { GroupName, Scenario } from './scenario';
import { createStrangers, createWhatIsOthers } from './strangers';

/** A stage looks again after so long, and a step has so many cycles of so many seconds: all shorter than in AWS. */
const PARAMETERS = { CycleSeconds: '60' };

/** The slowest instance boots, is registered with a Network Load Balancer, and passes its checks. */
const WARM_UP_SECONDS = 200;

const CODE_DEPLOY_TASK = 'SHOP';

export interface Place {
  world: World;
  /** One for each task, in the order of the scenario. */
  fleets: ExampleFleet[];
  /** What CodeDeploy deploys to. */
  codeDeployFleet: CodeDeployFleet | undefined;
}

export function fleetOf({ fleets }: Place, { fleet }: { fleet: number }): ExampleFleet {
  return fleets[fleet] as ExampleFleet;
}

export function groupNameOf(place: Place, { fleet, group }: { fleet: number; group: GroupName }): string {
  const { activeGroup, standByGroup } = fleetOf(place, { fleet });
  return group === 'blue' ? activeGroup : standByGroup;
}

/** Throws where somebody has deleted it. */
export function groupOf(place: Place, named: { fleet: number; group: GroupName }): ObservedGroup {
  const found = groupsOf(place.world.aws).get(groupNameOf(place, named));
  if (!found) throw new Error('there is no such group');
  return found;
}

/** The group of the fleet that is tagged so by now. */
export function activeOf(place: Place, named: { fleet: number }): string {
  const { activeGroup, standByGroup } = fleetOf(place, named);
  const groups = groupsOf(place.world.aws);
  const active = [activeGroup, standByGroup].find((name) => groups.get(name)?.tags.get('type') === 'Active');
  if (active === undefined) throw new Error('there is no Active group');
  return active;
}

/** `handlers` stand in for the product's own functions, where a defect is planted. */
export async function openSite({ seed, site }: Scenario, handlers: Record<string, CreateHandler> = {}): Promise<Place> {
  const dice = new Random(seed);
  const { bootSeconds, bootSpreadSeconds, listsAttachmentsBothWays, networkRegistrationSeconds } = site;
  const [first, ...others] = site.fleets;
  const world = await World.create({
    seed,
    handlers: { ...holdHandlers, ...handlers },
    extend: withHold,
    bootSeconds: () => bootSeconds + dice.next() * bootSpreadSeconds,
    provisioningSeconds: site.provisioningSeconds,
    warmUpSeconds: WARM_UP_SECONDS,
    lag: site.lag,
    fleet: first,
    settings: {
      autoScaling: { listsAttachmentsBothWays },
      elasticLoadBalancingV2: { networkRegistrationSeconds },
    },
    parameters: PARAMETERS,
  });
  const { bucket } = world.fleet;
  const fleets = [world.fleet];
  for (const fleet of others) {
    fleets.push(await world.clock.run(createExampleFleet(world.aws, { bucket, ...fleet })));
  }
  const codeDeployFleet = site.hasCodeDeploy ? await openCodeDeployFleet(world) : undefined;
  await world.clock.run(createWhatIsOthers(world));
  if (site.hasStrangers) await createStrangers(world);
  if (site.hasStrangers || others.length > 0 || codeDeployFleet) await world.clock.advance(WARM_UP_SECONDS);
  setClockOfS3(world, site.s3ClockSeconds ?? 0);
  return { world, fleets, codeDeployFleet };
}

async function openCodeDeployFleet(world: World): Promise<CodeDeployFleet> {
  const { bucket } = world.fleet;
  const description = { task: CODE_DEPLOY_TASK, bucket, warKeys: ['shop.war'], healthCheckIntervalSeconds: 5 };
  const fleet = await world.clock.run(createExampleFleet(world.aws, description));
  await world.clock.advance(WARM_UP_SECONDS);
  return CodeDeployFleet.open(world, {
    autoScalingGroup: fleet.activeGroup,
    hasTrigger: true,
    loadBalancerInfo: { targetGroupInfoList: [{ name: 'shop-web-1' }] },
  });
}

/** What S3 says of the time when an object was written. */
function setClockOfS3({ aws: { eventBridge } }: World, aheadSeconds: number): void {
  const publish = eventBridge.publish.bind(eventBridge);
  eventBridge.publish = (event) => {
    const at = new Date(Date.parse(event.time) + aheadSeconds * 1000);
    publish(event.source === 'aws.s3' ? { ...event, time: at.toISOString().replace('.000Z', 'Z') } : event);
  };
}
