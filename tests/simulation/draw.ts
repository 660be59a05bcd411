/** Draws a scenario from a seed: mostly small ones, since most defects need little, and now and then everything at once. */

import { CATALOG } from '../../events/catalog';
import type { FleetDescription } from '../../local/example/fleet';
import type { LoadBalancerDescription, TargetGroupDescription } from '../../local/example/load-balancers';
import { functionNames } from '../../local/functions';
import { FLOW } from '../../shared/pipeline/flow';
import { HELD } from '../harness/hold';
import { Dice } from './dice';
import { drawClocks, drawMistakes } from './draw-mistakes';
import {
  type Act,
  EFFECTS,
  type Fate,
  type Fault,
  type GroupName,
  PERMISSIONS,
  type Scenario,
  type Site,
  type When,
} from './scenario';

const LONGEST_SECONDS = 900;

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const site = drawSite(dice);
  const acts = drawActs(dice, site);
  const faults = drawFaults(dice);
  if (dice.chance(0.08)) faults.push(...dice.many(dice.few(1, 3), () => drawDenial(dice)));
  if (dice.chance(0.03)) attachToMany(dice, site);
  if (dice.chance(0.15)) acts.push(...dice.many(dice.few(1, 3), () => drawSchedule(dice, site)));
  if (dice.chance(0.06)) acts.push(drawRefresh(dice, site));
  site.hasStrangers = dice.chance(0.1);
  site.s3ClockSeconds = dice.chance(0.3) ? dice.between(-10, 10) : 0;
  acts.push(...drawMistakes(dice, site, drawWhen));
  drawClocks(dice, acts);
  if (dice.chance(0.6)) site.lag = { createdSeconds: dice.one([20, 300]), groupTagSeconds: dice.one([10, 60]) };
  for (const fleet of site.fleets) if (dice.chance(0.5)) fleet.minimum = dice.between(0, fleet.instances ?? 1);
  if (dice.chance(0.3)) acts.push(...dice.many(dice.few(1, 3), () => drawAlarm(dice, site)));
  if (dice.chance(0.06)) acts.push(...dice.many(dice.few(1, 2), () => drawHook(dice, site)));
  // What was just created is not to be read for long there: nobody could know of a registration with it.
  if (dice.chance(site.lag ? 0 : 0.3)) acts.push(...dice.many(dice.few(1, 2), () => drawRegistration(dice, site)));
  return { seed, site, acts, faults };
}

function drawSite(dice: Dice): Site {
  const fleets = [drawFleet(dice, 'WAS'), ...(dice.chance(0.15) ? [drawFleet(dice, 'API')] : [])];
  return {
    fleets,
    bootSeconds: dice.one([2, 5, 5, 20]),
    bootSpreadSeconds: dice.one([0, 0, 10, 40]),
    provisioningSeconds: dice.chance(0.03) ? 900 : dice.one([5, 10, 10, 60, 150]),
    networkRegistrationSeconds: dice.one([5, 15, 60]),
    listsAttachmentsBothWays: dice.chance(0.5),
    isThrottled: dice.chance(0.2),
    hasCodeDeploy: dice.chance(0.08),
  };
}

function drawFleet(dice: Dice, task: string): Partial<FleetDescription> {
  const instances = dice.small(1, 20);
  return {
    task,
    warKeys: dice.many(dice.small(1, 9), (index) => `${task.toLowerCase()}/app${index + 1}.war`),
    instances,
    maximum: instances + dice.between(0, 3),
    loadBalancers: drawLoadBalancers(dice),
    healthCheckType: dice.one(['ELB', 'ELB', 'EC2']),
    weights: dice.chance(0.1) ? dice.one([[1, 2], [3]]) : [],
    areProtected: dice.chance(0.15),
    zones: dice.one([2, 3]),
    healthCheckIntervalSeconds: dice.one([5, 5, 10]),
    deregistrationDelaySeconds: dice.one([0, 5, 5, 30, 120]),
    extraTags: { settleSeconds: dice.one(['0', '0', '20']), ...(dice.chance(0.1) && HELD) },
  };
}

/** More than a group takes up at once; the first fleet is kept small, since each look costs as much more. */
function attachToMany(dice: Dice, site: Site): void {
  const [fleet] = site.fleets;
  if (!fleet) return;
  const left = { attachments: dice.one([11, 12, 20, 25, 35, 50]) };
  const loadBalancers: LoadBalancerDescription[] = [];
  while (left.attachments > 0) {
    const kind = dice.one(['application', 'application', 'network', 'classic'] as const);
    const balancer = drawLoadBalancer(dice, kind);
    const count = Math.min(left.attachments, dice.between(1, 10));
    if (kind !== 'classic') balancer.targetGroups = dice.many(count, (index) => drawTargetGroup(dice, kind, index));
    left.attachments -= kind === 'classic' ? 1 : count;
    loadBalancers.push(balancer);
  }
  Object.assign(fleet, { loadBalancers, instances: 1, maximum: 2, weights: [] });
}

function drawLoadBalancers(dice: Dice): LoadBalancerDescription[] {
  const kinds = dice.chance(0.75)
    ? [dice.one(['application', 'network', 'classic'] as const)]
    : (['application', 'network', 'classic'] as const).filter(() => dice.chance(0.7));
  const drawn = kinds.flatMap((kind) => dice.many(dice.small(1, 5), () => drawLoadBalancer(dice, kind)));
  return drawn.length > 0 ? drawn : [drawLoadBalancer(dice, 'application')];
}

function drawLoadBalancer(dice: Dice, kind: LoadBalancerDescription['kind']): LoadBalancerDescription {
  const way = dice.one(['direct', 'traffic-source'] as const);
  const targetGroups =
    kind === 'classic' ? [] : dice.many(dice.small(1, 3), (index) => drawTargetGroup(dice, kind, index));
  return { kind, way, isAcrossZones: kind === 'application' || dice.chance(0.7), targetGroups };
}

/** The first one is in use: where nothing is, nothing is checked, and nobody is served. */
function drawTargetGroup(dice: Dice, kind: LoadBalancerDescription['kind'], index: number): TargetGroupDescription {
  const isIdle = index > 0 && dice.chance(0.1);
  if (kind === 'network') return { protocol: dice.one(['TCP', 'TCP', 'TLS', 'UDP', 'TCP_UDP']), isIdle };
  return {
    protocol: dice.one(['HTTP', 'HTTP', 'HTTPS']),
    protocolVersion: dice.one(['HTTP1', 'HTTP1', 'HTTP2']),
    isIdle,
  };
}

/** Events that acts wait for: what happens in the middle of a deployment is what matters. */
const MOMENTS = [
  'Started',
  ...new Set(Object.values(FLOW).flatMap(({ passes }) => Object.keys(passes))),
  'Completed',
  'Failed',
];

function drawWhen(dice: Dice): When {
  if (dice.chance(0.35)) return { atSeconds: dice.between(0, LONGEST_SECONDS) };
  return { afterEvent: dice.one(MOMENTS), occurrence: dice.small(1, 2), delaySeconds: dice.small(0, 60) };
}

function drawActs(dice: Dice, site: Site): Act[] {
  const first = dice.chance(0.85)
    ? ({ kind: 'upload', fleet: 0, slot: 0, war: dice.chance(0.85) ? 'well' : 'broken' } as const)
    : ({ kind: 'deploy', fleet: 0 } as const);
  const acts: Act[] = [{ when: { atSeconds: 0 }, ...first }];
  const fleets = site.fleets.map((_, index) => index);
  for (const fleet of fleets.slice(1)) {
    acts.push({ when: { atSeconds: dice.between(0, 60) }, kind: 'upload', fleet, slot: 0, war: 'well' });
  }
  acts.push(...dice.many(dice.few(0, 5), () => drawRequest(dice, site)));
  for (const fleet of fleets.filter((index) => site.fleets[index]?.extraTags?.hold))
    acts.push(...drawReleases(dice, fleet));
  if (dice.chance(0.3)) acts.push(...dice.many(dice.few(1, 3), () => drawInterference(dice, site)));
  if (dice.chance(0.25)) acts.push(...dice.many(dice.few(1, 3), () => drawIllness(dice, site)));
  if (site.hasCodeDeploy) acts.push(...dice.many(dice.between(1, 2), () => drawCodeDeploy(dice)));
  return acts;
}

/** Of what is held: in time mostly, else its limit passes. Nobody knows how many deployments there will be. */
function drawReleases(dice: Dice, fleet: number): Act[] {
  return dice.many(dice.small(1, 4), (index) => {
    const when = { afterEvent: 'Step2Passed', occurrence: 1 + index, delaySeconds: dice.one([0, 1, 30, 300, 1150]) };
    return { when, kind: 'release', fleet };
  });
}

function drawRequest(dice: Dice, site: Site): Act {
  const when = drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  const slot = dice.between(0, (site.fleets[fleet]?.warKeys?.length ?? 1) - 1);
  switch (dice.one(['upload', 'upload', 'upload', 'deploy', 'abort', 'clean', 'emergency', 'replay'] as const)) {
    case 'upload':
      return { when, kind: 'upload', fleet, slot, war: dice.one(['well', 'well', 'well', 'broken', 'no zip']) };
    case 'deploy':
      return {
        when,
        kind: 'deploy',
        fleet,
        versions: dice.one([undefined, 'previous', 'previous', 'latest', 'first', 'unknown']),
      };
    case 'emergency':
      return { when, kind: 'emergency', fleet, capacity: dice.one([undefined, 1, 2]) };
    case 'replay':
      return { when, kind: 'replay' };
    case 'abort':
      return { when, kind: 'abort', fleet };
    case 'clean':
      return { when, kind: 'clean', fleet };
  }
}

const PROCESSES = ['Launch', 'Terminate', 'AddToLoadBalancer', 'HealthCheck', 'AlarmNotification', 'ReplaceUnhealthy'];

function drawInterference(dice: Dice, site: Site): Act {
  const when = drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  const group = dice.one<GroupName>(['blue', 'green']);
  const instances = site.fleets[fleet]?.instances ?? 1;
  const kinds = [
    'resize',
    'resize',
    'resize',
    'attach',
    'detach',
    'tag type',
    'suspend',
    'protect',
    'delete group',
    'delete load balancer',
    'delete dummy',
    'delete record',
  ] as const;
  const kind = dice.one(kinds);
  switch (kind) {
    case 'resize':
      return { when, kind, fleet, group, desired: dice.between(0, instances + 2) };
    case 'tag type':
      return { when, kind, fleet, group, value: dice.one(['Active', 'StandBy', 'active']) };
    case 'suspend':
      return { when, kind, fleet, group, process: dice.one(PROCESSES) };
    case 'attach':
    case 'detach':
    case 'protect':
    case 'delete group':
      return { when, kind, fleet, group };
    case 'delete load balancer':
    case 'delete record':
      return { when, kind, fleet };
    case 'delete dummy':
      return { when, kind };
  }
}

function drawSchedule(dice: Dice, site: Site): Act {
  const fleet = dice.between(0, site.fleets.length - 1);
  const dueSeconds = dice.one([60, 120, 240, 480, 43_200]);
  // Of one that leaves the limits alone, and that nobody has seen before it fell due, nothing can be known.
  const isOfDesiredOnly = dice.chance(0.3);
  const when = isOfDesiredOnly ? { atSeconds: 0 } : drawWhen(dice);
  const [isRecurring, more] = [dice.chance(0.4), dice.between(0, 2)];
  return { when, kind: 'schedule', fleet, dueSeconds, isRecurring, isOfDesiredOnly, more };
}

/** With half of the load gone it wants fewer. */
function drawAlarm(dice: Dice, site: Site): Act {
  const sharing: When = { afterEvent: 'RealAttached', occurrence: dice.small(1, 2), delaySeconds: dice.small(0, 60) };
  const when = dice.chance(0.6) ? sharing : drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  const desired = dice.between(0, (site.fleets[fleet]?.instances ?? 1) + 1);
  return { when, kind: 'alarm', fleet, group: dice.one<GroupName>(['blue', 'blue', 'green']), desired };
}

function drawRegistration(dice: Dice, site: Site): Act {
  const when = drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  return { when, kind: 'register', fleet, count: dice.small(1, 3), as: dice.one(['classic', 'instance', 'ip']) };
}

function drawRefresh(dice: Dice, site: Site): Act {
  const fleet = dice.between(0, site.fleets.length - 1);
  return { when: drawWhen(dice), kind: 'refresh', fleet, group: dice.one<GroupName>(['blue', 'green']) };
}

/** Mostly one that the groups have from the beginning. */
function drawHook(dice: Dice, site: Site): Act {
  const when = dice.chance(0.7) ? { atSeconds: 0 } : drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  const [group, transition] = [
    dice.one<GroupName>(['blue', 'green', 'green']),
    dice.one(['LAUNCHING', 'TERMINATING'] as const),
  ];
  return { when, kind: 'hook', fleet, group, transition, heldSeconds: dice.one([30, 60, 120]) };
}

function drawIllness(dice: Dice, site: Site): Act {
  const when = drawWhen(dice);
  const fleet = dice.between(0, site.fleets.length - 1);
  const group = dice.one<GroupName>(['blue', 'green', 'green']);
  const seconds = dice.between(5, 300);
  if (dice.chance(0.3)) return { when, kind: 'no capacity', fleet, group, seconds };
  return { when, kind: 'ill', fleet, group, count: dice.small(1, 20), health: dice.one(['dead', 500]), seconds };
}

function drawCodeDeploy(dice: Dice): Act {
  const when: When = { atSeconds: dice.between(0, LONGEST_SECONDS) };
  return { when, kind: 'codedeploy', ends: dice.one(['well', 'installation', 'installation', 'deregistration']) };
}

const FUNCTIONS = functionNames();
const EVENTS = [...Object.keys(CATALOG), 'Object Created'];
const SERVICES = [
  'auto-scaling',
  'elastic-load-balancing',
  'elastic-load-balancing-v2',
  's3',
  'sns',
  'eventbridge',
] as const;

/** For as long as nobody notices: a few looks, or until after the last of them. */
function drawDenial(dice: Dice): Fault {
  const fromSeconds = dice.between(0, LONGEST_SECONDS);
  const [name, operation] = [dice.one(FUNCTIONS), dice.one(PERMISSIONS)];
  return { kind: 'denied', function: name, operation, fromSeconds, seconds: dice.one([20, 120, 600, 1800]) };
}

function drawFaults(dice: Dice): Fault[] {
  if (dice.chance(0.1)) return [];
  return dice.many(dice.few(1, 10), () => drawFault(dice));
}

function drawFault(dice: Dice): Fault {
  const fate = dice.one<Fate>(['lost', 'twice', 'late']);
  const delaySeconds = dice.one([0.5, 3, 20, 60, 200, 700]);
  const fromSeconds = dice.between(0, LONGEST_SECONDS);
  const seconds = dice.between(5, 200);
  switch (
    dice.one(['call', 'call', 'call', 'call', 'calls', 'delivery', 'delivery', 'deliveries', 'target'] as const)
  ) {
    case 'call':
      return { kind: 'call', function: dice.one(FUNCTIONS), call: dice.few(1, 60), effect: dice.one(EFFECTS) };
    case 'calls': {
      const service = dice.chance(0.5) ? dice.one(SERVICES) : undefined;
      return {
        kind: 'calls',
        fromSeconds,
        seconds,
        service,
        share: dice.one([0.05, 0.2, 0.5, 1]),
        effect: dice.one(EFFECTS),
      };
    }
    case 'delivery':
      return { kind: 'delivery', detailType: dice.one(EVENTS), delivery: dice.few(1, 8), fate, delaySeconds };
    case 'deliveries':
      return { kind: 'deliveries', fromSeconds, seconds, share: dice.one([0.1, 0.3, 1]), fate, delaySeconds };
    case 'target':
      return { kind: 'target', service: dice.one(['lambda', 'sqs', 'sns']), fromSeconds, seconds };
  }
}
