/** What operators ask of clean-up: to undo a deployment, or to take away what is left of earlier ones. */
import { AbortRequested } from '../../events/abort-requested';
import { CleanRequested } from '../../events/clean-requested';
import type { Runtime } from '../aws/runtime';
import { attachmentsOfActive } from '../deployment/attachments';
import type { Plan } from '../deployment/plan';
import { type Pair, pairOf } from '../deployment/readiness';
import { isRefusal, type Refusal } from '../deployment/refusal';
import type { Fleet } from '../fleet/auto-scaling-groups';
import type { LoadBalancers } from '../fleet/load-balancers';
import { typeTagOf } from '../fleet/tags';
import { drop } from './deciding';
import { takeOver } from './failing';
import { isAlone } from './flow';
import { type DeploymentRecord, isOpen, newDeploymentId, newRecord } from './record';
import { type Asked, operatorRequests, refuse, type Take, type Verdict } from './request-adapter';

interface Sources {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
}

/** Before Active is detached a deployment can be undone; after that only going on or a rollback keeps users served. */
export const abort: Take<unknown> = operatorRequests({
  contract: AbortRequested,
  type: 'abort',
  decide(request, record) {
    const { task, requestedBy, detail } = request;
    const { reason = 'no reason given' } = detail;
    if (record?.status === 'running' && !record.failure) {
      return undo(request, record, `aborted by ${requestedBy}: ${reason}`);
    }
    const state = record?.failure && isOpen(record) ? 'has failed and is being cleaned' : 'does not run';
    return refuse(`There is nothing to abort: a deployment of ${task} ${state}.`);
  },
});

/** Undoes the running deployment; without one, takes away what earlier ones have left behind. */
export const clean: Take<Sources> = operatorRequests({
  contract: CleanRequested,
  type: 'clean',
  async decide(request, record, sources: Sources, { runtime }) {
    const pair = pairOf(request.task, await sources.fleet.groupsOfTask(request.task));
    if (record && isOpen(record) && !isOvertaken(record, pair)) return cleanOpen(request, record);
    if (isRefusal(pair)) return refuse(`Nothing was cleaned: ${pair.message}.`);
    return openCleaning(request, record, await planToClean(pair, sources), runtime);
  },
});

/**
 * Clean-up was left to an operator, who has given the task another pair of groups since: there is nothing to go back to.
 * Or no deployment had given the groups their roles, but the tags, which say something else by now.
 */
export function isOvertaken({ status, plan, request }: DeploymentRecord, pair: Pair | Refusal): boolean {
  if (status !== 'blocked' || !plan || isRefusal(pair)) return false;
  const planned = [plan.oldGroup, plan.newGroup];
  const isOfOtherGroups = ![pair.active, pair.standBy].every(({ name }) => planned.includes(name));
  return isOfOtherGroups || (request.type === 'clean' && pair.active.name !== plan.oldGroup);
}

function cleanOpen(request: Asked, record: DeploymentRecord): Verdict {
  const { status, failure, stage } = record;
  if (status === 'blocked')
    return takeOver(failure ?? { code: 'T999', stage, message: 'clean-up was blocked' }, request);
  if (status === 'running' && !failure) return undo(request, record, `clean-up requested by ${request.requestedBy}`);
  return drop('is being cleaned');
}

/** The stage that runs loses its record by this write: whatever it does next, it cannot make last. */
function undo(request: Asked, record: DeploymentRecord, message: string): Verdict {
  const why = reasonNotToUndo(record);
  if (why) return refuse(why);
  return { kind: 'transition', outcome: { kind: 'ended', code: 'T015', message, dropsPending: true, request } };
}

export function reasonNotToUndo({ stage, progress, plan }: DeploymentRecord): string | undefined {
  if (progress.detachingSince === undefined && !isAlone(stage)) return undefined;
  return `${plan?.oldGroup} (Active) is detached already. Let the deployment finish, then go back with versions = previous.`;
}

/** A record of its own, so that nothing is deployed while leftovers are taken away. */
function openCleaning(
  { task, requestId, requestedAt, requestedBy }: Asked,
  previous: DeploymentRecord | undefined,
  plan: Plan,
  { now, uniqueId }: Pick<Runtime, 'now' | 'uniqueId'>,
): Verdict {
  const at = now();
  const request = { requestId, requestedAt, requestedBy, type: 'clean' as const };
  const record = newRecord(task, newDeploymentId(at, uniqueId()), at, request, previous);
  const cleaning = { since: at.toISOString(), ofTask: true };
  return { kind: 'open', record: { ...record, plan, cleaning, timeline: [] }, outcome: { kind: 'taken-over' } };
}

/** StandBy is what goes; it may be attached anywhere. */
async function planToClean({ active, standBy }: Pair, sources: Sources): Promise<Plan> {
  const attachments = await attachmentsOfActive(active, sources);
  return {
    oldGroup: active.name,
    newGroup: standBy.name,
    typeTag: typeTagOf(active.tags),
    capacity: active.capacity,
    // Nobody asked for a deployment: where StandBy serves, an operator has to decide, whatever size Active has.
    isEmergency: false,
    repetitions: 0,
    wars: [],
    attachments: isRefusal(attachments) ? [] : attachments,
    dummyLoadBalancerArns: [],
    suspendedProcesses: [],
    scheduledActions: [],
  };
}
