/** How long the load balancers take to call an instance healthy: what the cycles of a step have to leave room for. */
import { named } from '../aws/findings';
import type { PlannedAttachment } from './plan';
import type { Attached } from './readiness';
import type { Refusal } from './refusal';
import { isChecked } from './snapshot';

/** Of the tag `repetitions`. */
export const MOST_CYCLES = 9;

/** The cycles of a step end before its stage does. */
const LONGEST_STEP_SECONDS = 7200;

export interface CheckTime {
  name: string;
  /** So many checks in a row make an instance healthy that has failed one, as it does while it boots. */
  checks: number;
  intervalSeconds: number;
}

/** Of every attachment that is health-checked. */
export function checkTimesOf(attachments: readonly PlannedAttachment[], attached: Attached): CheckTime[] {
  return attachments.filter(isChecked).map(({ kind, identifier, name }) => {
    if (kind === 'classic') {
      const { HealthyThreshold = 0, Interval = 0 } = attached.classic.get(identifier)?.HealthCheck ?? {};
      return { name, checks: HealthyThreshold, intervalSeconds: Interval };
    }
    const { HealthyThresholdCount = 0, HealthCheckIntervalSeconds = 0 } = attached.targetGroups.get(identifier) ?? {};
    return { name, checks: HealthyThresholdCount, intervalSeconds: HealthCheckIntervalSeconds };
  });
}

/**
 * How long an instance that is well takes from its registration until it is called healthy everywhere, its first check being
 * made at once: of an Application Load Balancer one success is enough
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html). Undefined behind
 * Network Load Balancers: how many minutes those take to register it is not known.
 */
export function healthySecondsOf(attachments: readonly PlannedAttachment[], attached: Attached): number | undefined {
  const checked = attachments.filter(isChecked);
  if (checked.some(({ loadBalancerArn = '' }) => loadBalancerArn.includes('/net/'))) return undefined;
  const ofClassic = checkTimesOf(
    checked.filter(({ kind }) => kind === 'classic'),
    attached,
  );
  return Math.max(0, ...ofClassic.map(({ checks, intervalSeconds }) => (checks - 1) * intervalSeconds));
}

/**
 * As many cycles as the slowest health checks need, beside one to start in. A Classic Load Balancer may take 10 checks, one
 * every 300 s: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html
 */
export function cyclesFor(
  { repetitions, cycleSeconds }: { repetitions: number; cycleSeconds: number },
  times: readonly CheckTime[],
): { repetitions: number; notes: string[] } | Refusal {
  const seconds = Math.max(0, ...times.map(secondsOf));
  const needed = Math.ceil(seconds / cycleSeconds) + 1;
  if (needed <= repetitions) return { repetitions, notes: [] };
  const slowest = times.filter((time) => secondsOf(time) === seconds);
  const [{ checks, intervalSeconds } = { checks: 0, intervalSeconds: 0 }] = slowest;
  const names = named(slowest.map(({ name }) => name));
  const taking = `${names} ${slowest.length === 1 ? 'takes' : 'take'} ${seconds} s to call an instance healthy (${checks} checks, one every ${intervalSeconds} s)`;
  const most = Math.min(MOST_CYCLES, Math.floor(LONGEST_STEP_SECONDS / cycleSeconds));
  if (needed > Math.max(most, repetitions)) {
    const message =
      `${taking}, and a step has ${most * cycleSeconds} s at most (${most} cycles of ${cycleSeconds} s), one of them to ` +
      'start in: let it check more often, or give the stack a longer CycleSeconds';
    return { code: '413', message, remedy: { kind: 'check-faster' } };
  }
  const note = `${taking}: each step has ${needed} cycles of ${cycleSeconds} s in place of ${repetitions}.`;
  return { repetitions: needed, notes: [note] };
}

function secondsOf({ checks, intervalSeconds }: CheckTime): number {
  return checks * intervalSeconds;
}

/** Where requests that are under way are cut when the old version is detached. */
export function notesOnDraining(attachments: readonly PlannedAttachment[], active: string): string[] {
  const hasty = attachments.filter((planned) => isChecked(planned) && planned.drainSeconds === 0);
  return hasty.map(({ kind, name }) => {
    const why = kind === 'classic' ? 'ConnectionDraining is switched off' : 'its deregistration delay is 0';
    return `${name} lets nothing drain (${why}): requests under way there are cut when ${active} is detached.`;
  });
}
