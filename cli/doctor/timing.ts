/** Whether the times of health checks, of draining and of the groups fit the cycles of a step. */
import { mapSome } from '../../shared/aws/calls';
import {
  drainCommand,
  graceCommand,
  repetitionsCommand,
  targetGroupAttributeCommand,
} from '../../shared/codes/commands';
import { MOST_CYCLES } from '../../shared/deployment/check-times';
import type { Plan, PlannedAttachment } from '../../shared/deployment/plan';
import { isRefusal } from '../../shared/deployment/refusal';
import { isChecked } from '../../shared/deployment/snapshot';
import type { Examination } from './examination';
import { type Check, doubtful, type Said, well } from './finding';

/** How a load balancer comes to call a new instance healthy. */
interface HealthTiming {
  name: string;
  /** Its ARN, or the name of a Classic Load Balancer. */
  identifier: string;
  intervalSeconds: number;
  threshold: number;
  /** Of a target group of an Application Load Balancer: 0 where it is off. */
  slowStartSeconds: number;
}

/** What is left of a step for booting. */
const LITTLE_SHARE = 0.5;

/** A step of a deployment waits so long for requests that are under way. */
const LONG_DRAIN_SECONDS = 900;
/** As load balancers have it by themselves. */
const USUAL_DRAIN_SECONDS = 300;

export function healthCheckTimingCheck(examination: Examination): Check {
  return {
    area: 'health checks',
    question: 'Whether the health checks fit the cycles',
    async look() {
      const planned = await examination.planned;
      if (isRefusal(planned)) return [];
      const { plan } = planned;
      const { cycleSeconds } = examination.stack.settings;
      const stepSeconds = cycleSeconds * plan.repetitions;
      const step = `a step has ${stepSeconds} s (${plan.repetitions} cycles of ${cycleSeconds} s)`;
      const timings = await healthTimings(plan.attachments.filter(isChecked), examination);
      const said = timings.flatMap((timing) => saidOfTiming(timing, stepSeconds, step, plan, cycleSeconds));
      const slowest = Math.max(0, ...timings.map(secondsToHealth));
      const graces = await saidOfGrace(examination, slowest);
      const isWell = said.length === 0 && timings.length > 0;
      return [...said, ...graces, ...(isWell ? [well(`Health checks take up to ${slowest} s; ${step}.`)] : [])];
    },
  };
}

/**
 * So many checks in a row make an instance healthy. A new target of an Application Load Balancer needs one only: what is
 * counted is what it needs after it has failed once, as it does while it boots.
 */
function secondsToHealth({ intervalSeconds, threshold }: HealthTiming): number {
  return intervalSeconds * threshold;
}

function saidOfTiming(
  timing: HealthTiming,
  stepSeconds: number,
  step: string,
  plan: Plan,
  cycleSeconds: number,
): Said[] {
  const { name, intervalSeconds, threshold, slowStartSeconds } = timing;
  const seconds = secondsToHealth(timing);
  const longerSteps = longerStepsCommands(plan, seconds, cycleSeconds);
  const counted = `${threshold} checks of ${name}, one every ${intervalSeconds} s, take ${seconds} s`;
  return [
    ...(seconds > stepSeconds * LITTLE_SHARE
      ? [
          doubtful(
            `${counted}, and ${step}: instances have ${stepSeconds - seconds} s to boot. Longer steps:`,
            longerSteps,
          ),
        ]
      : []),
    ...(slowStartSeconds > 0
      ? [
          doubtful(
            `${name} has a slow start of ${slowStartSeconds} s: for so long new instances get less than their share beside old ones, and all of it at once when those are detached.`,
            [targetGroupAttributeCommand(timing.identifier, SLOW_START, '0')],
          ),
        ]
      : []),
  ];
}

/** As many cycles as leave half of a step for booting; where the tag allows no more, only the stack's parameter is left. */
function longerStepsCommands({ oldGroup, newGroup }: Plan, seconds: number, cycleSeconds: number): string[] {
  const repetitions = Math.ceil(seconds / LITTLE_SHARE / cycleSeconds);
  return repetitions > MOST_CYCLES ? [] : [repetitionsCommand([oldGroup, newGroup], repetitions)];
}

/** A group terminates instances that fail the health checks of load balancers after so long; in step 2 it does not. */
async function saidOfGrace(examination: Examination, slowest: number): Promise<Said[]> {
  const standBy = (await examination.groups)?.standBy;
  if (!standBy?.HealthCheckType?.includes('ELB')) return [];
  const { AutoScalingGroupName = '', HealthCheckGracePeriod = 0 } = standBy;
  if (HealthCheckGracePeriod >= slowest) return [];
  return [
    doubtful(
      `${AutoScalingGroupName} terminates instances that are not healthy ${HealthCheckGracePeriod} s after their launch, and health checks alone take ${slowest} s: give it longer.`,
      [graceCommand(AutoScalingGroupName, slowest)],
    ),
  ];
}

async function healthTimings(
  attachments: readonly PlannedAttachment[],
  { stack }: Examination,
): Promise<HealthTiming[]> {
  const { loadBalancers } = stack.sources;
  const named = (wanted: PlannedAttachment['kind']) =>
    attachments.filter(({ kind }) => kind === wanted).map(({ identifier }) => identifier);
  const [targetGroups, classic] = await Promise.all([
    loadBalancers.targetGroups(named('target-group')),
    loadBalancers.classic.loadBalancers(named('classic')),
  ]);
  return mapSome(attachments, async ({ kind, identifier, name }) => {
    if (kind === 'classic') {
      const { HealthyThreshold: threshold = 0, Interval: intervalSeconds = 0 } =
        classic.get(identifier)?.HealthCheck ?? {};
      return { name, identifier, intervalSeconds, threshold, slowStartSeconds: 0 };
    }
    const { HealthCheckIntervalSeconds: intervalSeconds = 0, HealthyThresholdCount: threshold = 0 } =
      targetGroups.get(identifier) ?? {};
    const attributes = await loadBalancers.targetGroupAttributes(identifier);
    return { name, identifier, intervalSeconds, threshold, slowStartSeconds: Number(attributes[SLOW_START] ?? 0) };
  });
}

const SLOW_START = 'slow_start.duration_seconds';

export function drainingCheck(examination: Examination): Check {
  return {
    area: 'draining',
    question: 'How long the load balancers drain',
    async look() {
      const planned = await examination.planned;
      if (isRefusal(planned)) return [];
      const { attachments } = planned.plan;
      const { loadBalancers } = examination.stack.sources;
      const seconds = await mapSome(attachments, (attachment) => loadBalancers.drainSeconds(attachment));
      const of = (isMeant: (drainSeconds: number) => boolean) =>
        attachments
          .filter((_, index) => isMeant(seconds[index] ?? 0))
          .map((one) => ({ name: one.name, commands: [drainCommand(one, USUAL_DRAIN_SECONDS)] }));
      const [hasty, slow] = [of((drain) => drain === 0), of((drain) => drain > LONG_DRAIN_SECONDS)];
      const said: Said[] = [
        ...hasty.map(({ name, commands }) =>
          doubtful(
            `${name} lets nothing drain: requests under way are cut when the old version is detached.`,
            commands,
          ),
        ),
        ...slow.map(({ name, commands }) =>
          doubtful(
            `${name} drains for ${Math.round(Math.max(...seconds) / 60)} minutes, and so does every deployment.`,
            commands,
          ),
        ),
      ];
      return said.length > 0 ? said : [well(`The old version drains for up to ${Math.max(0, ...seconds)} s.`)];
    },
  };
}
