/** What `start` would do with a request now, as it decides itself. */
import { type PlannedDeployment, planDeployment } from '../shared/deployment/planning';
import type { Refusal } from '../shared/deployment/refusal';
import { decideBeside } from '../shared/pipeline/admission';
import { taskOptions } from '../shared/pipeline/flow';
import type { DeploymentRecord } from '../shared/pipeline/record';
import type { Stack } from './stack';

/** Undefined versions are the latest. */
export interface Wanted {
  versions?: string | undefined;
  capacity?: number | undefined;
}

/** By its groups, load balancers and wars; whether it is busy is asked before. */
export function planNow(
  stack: Stack,
  { task, record, now }: { task: string; record: DeploymentRecord | undefined; now: Date },
  { versions, capacity }: Wanted = {},
): Promise<PlannedDeployment | Refusal> {
  return planDeployment(
    {
      ...{ task, versions, capacity, past: record, now, options: taskOptions() },
      ...{ warBuckets: stack.warBuckets, stack: stack.output('EventBusArn') },
      ...{ repetitions: stack.settings.repetitions, cycleSeconds: stack.settings.cycleSeconds },
    },
    stack.sources,
  );
}

/** A task deploys one at a time: while it does, its groups look as if they could not be deployed to. */
export function refusalBeside(task: string, record: DeploymentRecord, now: Date): Refusal | undefined {
  const request = { requestId: '', requestedAt: now.toISOString(), requestedBy: '' };
  const verdict = decideBeside({ task, type: 'manual', ...request }, record);
  return verdict?.kind === 'refuse' ? verdict.refusal : undefined;
}
