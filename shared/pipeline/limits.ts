/** How long each stage may wait: longer fails the deployment. */
import { laterDrainsSeconds } from '../deployment/attachments';
import type { Plan } from '../deployment/plan';
import { batchesOf } from '../fleet/motion';
import type { StageName } from './flow';

type PlanOfRecord = Plan | undefined;

const HOURS = 3600;

const LIMITS: Partial<Record<StageName, (plan: PlanOfRecord) => number>> = {
  start: () => 2 * HOURS,
  'check-dummy': () => 2 * HOURS,
  'attach-real': (plan) => 600 * batchesOf(plan?.attachments.length ?? 0),
  'check-real': () => 2 * HOURS,
  swap: (plan) => 2 * HOURS + laterDrainsSeconds(plan),
  retire: () => 600,
  'clean-up': (plan) => 1.5 * HOURS + laterDrainsSeconds(plan),
};

/** Of a stage of the plain chain, or of clean-up. */
export function limitSecondsOf(stage: StageName, plan: PlanOfRecord): number {
  const limit = LIMITS[stage];
  if (!limit) throw new Error(`the stage ${stage} has no limit here`);
  return limit(plan);
}

export interface CheckSettings {
  cycleSeconds: number;
  provisioningLimitSeconds: number;
}

/** As they are for people: a step ends with its cycles, long before the limit that stops it from waiting for ever. */
export function shownLimits(
  plan: PlanOfRecord,
  { cycleSeconds, provisioningLimitSeconds }: CheckSettings,
): Partial<Record<StageName, number>> {
  const limits = Object.fromEntries(Object.entries(LIMITS).map(([stage, limit]) => [stage, limit(plan)]));
  const cyclesSeconds = plan && plan.repetitions > 0 ? plan.repetitions * cycleSeconds : undefined;
  if (cyclesSeconds === undefined) return limits;
  return {
    ...limits,
    'check-dummy': Math.min(limits['check-dummy'] ?? 0, provisioningLimitSeconds + cyclesSeconds),
    'check-real': Math.min(limits['check-real'] ?? 0, cyclesSeconds),
  };
}
