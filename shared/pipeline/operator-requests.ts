/** What operators ask of clean-up: to undo a deployment, or to take away what is left of earlier ones. */
import { AbortRequested } from '../../events/abort-requested';
import { CleanRequested } from '../../events/clean-requested';
import type { DetailOf } from '../../events/contract';
import { named } from '../aws/findings';
import type { Runtime } from '../aws/runtime';
import { secondsBetween } from '../aws/time';
import { attachmentsOfActive } from '../deployment/attachments';
import { refusalOfStrangers, type Stack } from '../deployment/ownership';
import type { Plan } from '../deployment/plan';
import { type Pair, pairOf } from '../deployment/readiness';
import { isRefusal, type Refusal } from '../deployment/refusal';
import type { Fleet, Group } from '../fleet/auto-scaling-groups';
import { isDummy } from '../fleet/dummy-identity';
import type { LoadBalancers } from '../fleet/load-balancers';
import { typeTagOf } from '../fleet/tags';
import { noteEarlyAbort } from './early-abort';
import { isAlone } from './flow';
import { type DeploymentRecord, isOpen, isStill, newDeploymentId, newRecord, STILL_AFTER_SECONDS } from './record';
import { FencedOff, type LostRecord } from './record-store';
import { type Asked, type OperatorRequest, operatorRequests, refuse, type Take, type Verdict } from './request-adapter';
import { cleanAgain } from './stopped';

interface Sources extends Stack {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  /** How often a stage that waits writes its record. */
  intervalSeconds: number;
}

/** Before Active is detached a deployment can be undone; after that only going on or a rollback keeps users served. */
export const abort: Take<unknown> = operatorRequests({
  contract: AbortRequested,
  name: 'Abort',
  whereLost: '418',
  async decide(request, record, _, { records, state, runtime }) {
    const { task, detail, requestedAt } = request;
    const message = abortMessage(request);
    if (record?.status === 'running' && !record.failure) {
      return undo(request, record, message, detail.dropPending ?? false);
    }
    if (record && isOpen(record)) {
      const state = record.status === 'blocked' ? 'clean-up has stopped' : 'is being cleaned';
      const waits = record.pending ? ' What waits is deployed after that, and can be aborted then.' : '';
      const remedy = record.status === 'blocked' ? cleanAgain(record) : undefined;
      const nothing = `There is nothing to abort: a deployment of ${task} has failed, and ${state}.${waits}`;
      return refuse(nothing, undefined, remedy);
    }
    const { dropPending: dropsPending } = detail;
    await noteEarlyAbort(state, task, { message, requestedAt, at: runtime.now().toISOString(), dropsPending });
    const { stored } = await records.find(task);
    if (stored?.record.deploymentId !== record?.deploymentId) throw new FencedOff(task);
    const waits = record?.pending && !dropsPending ? `, but not what waits: ${GIVING_UP}` : '';
    const nothing = `There is nothing to abort: a deployment of ${task} does not run`;
    return refuse(
      `${nothing}. One whose request is on its way, or is put within seconds, is aborted when it begins${waits}.`,
    );
  },
});

const GIVING_UP = 'an abort with "dropPending": true gives that up';

function abortMessage({
  requestedBy,
  detail: { reason = 'no reason given' },
}: OperatorRequest<DetailOf<typeof AbortRequested>>) {
  return `aborted by ${requestedBy}: ${reason}`;
}

/** Ends what does not end by itself, or takes away what earlier deployments have left behind. */
export const clean: Take<Sources> = operatorRequests({
  contract: CleanRequested,
  name: 'Clean',
  whereLost: 'mends',
  async decide(request, record, sources: Sources, { runtime, deployedName }, lost) {
    const pair = pairOf(request.task, await sources.fleet.groupsOfTask(request.task), sources.warBuckets);
    const now = runtime.now();
    const own = isRefusal(pair) ? pair : ((await refusalOfStrangers(pair, sources, sources.loadBalancers)) ?? pair);
    if (record && isOpen(record) && !isOvertaken(record, own)) {
      // Another stack's task of the same name, where our groups are gone, is no reason against ours.
      if (isRefusal(own) && !isRefusal(pair) && isPlanned(pair, record)) return refuseToClean(own);
      const log = `log of the function ${deployedName(record.stage)}`;
      return cleanOpen(request, { record, lost }, now, STILL_AFTER_SECONDS + 2 * sources.intervalSeconds, log);
    }
    if (isRefusal(own)) return refuseToClean(own);
    if (record && isReplaced(record, own)) return goOnWith(request, record, own.standBy);
    const plan = await planToClean(own, sources);
    return openCleaning(request, { record, lost }, plan, remainsOn(own.standBy, plan), runtime);
  },
});

function refuseToClean({ code, message }: Refusal): Verdict {
  return refuse(`Nothing was cleaned: ${message}.`, code);
}

/** It is of these groups. */
function isPlanned({ active, standBy }: Pair, { plan }: DeploymentRecord): boolean {
  return plan !== undefined && [active, standBy].some(({ name }) => [plan.oldGroup, plan.newGroup].includes(name));
}

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

/** The old group is gone, the new one was made Active, and another is to stand by: the deployment can be ended with that. */
function isReplaced({ status, plan, request }: DeploymentRecord, { active, standBy }: Pair): boolean {
  const isOfDeployment = status === 'blocked' && plan !== undefined && request.type !== 'clean';
  return isOfDeployment && active.name === plan.newGroup && standBy.name !== plan.oldGroup;
}

function goOnWith(request: Asked, { failure, plan }: DeploymentRecord, { name: oldGroup }: Group): Verdict {
  const replaced = plan && { ...plan, oldGroup, raisedMinimum: undefined, suspendedOnOld: undefined };
  return { kind: 'transition', outcome: { kind: 'taken-over', failure, request, ofTask: true, plan: replaced } };
}

/** What fails, is stuck, or was lost and is found again, is taken over; what runs and moves is left alone. */
export function cleanOpen(
  request: OperatorRequest<DetailOf<typeof CleanRequested>>,
  { record, lost }: { record: DeploymentRecord; lost: LostRecord | undefined },
  now: Date,
  stillAfterSeconds: number,
  log: string,
): Verdict {
  const { status, failure, stage } = record;
  const asked = `clean-up requested by ${request.requestedBy}`;
  const takenOver = (why: DeploymentRecord['failure']): Verdict => ({
    kind: 'transition',
    outcome: { kind: 'taken-over', failure: why, request, ofTask: true },
  });
  if (status === 'blocked') return takenOver(failure ?? { code: 'T999', stage, message: 'clean-up was blocked' });
  if (status === 'cleaning' || failure) return takenOver(failure);
  if (lost) return takenOver({ code: 'T015', stage, message: `${asked}: the record of the deployment was lost` });
  if (isStill(record, now, stillAfterSeconds)) {
    return takenOver({
      code: 'T014',
      stage,
      message: `${asked}: the stage ${stage} did not move any more, since ${record.outbox.writtenAt} (${log})`,
    });
  }
  return request.detail.abort ? undo(request, record, asked, false) : refuseWhatRuns(record, now);
}

function refuseWhatRuns(record: DeploymentRecord, now: Date): Verdict {
  const remedy = reasonNotToUndo(record) ? ({ kind: 'go-back' } as const) : ({ kind: 'undo' } as const);
  return refuse(runsAndMoves(record, now), undefined, remedy);
}

function runsAndMoves(record: DeploymentRecord, now: Date): string {
  const { task, deploymentId, stage, timeline } = record;
  const seconds = Math.round(secondsBetween(timeline.at(-1)?.at ?? now.toISOString(), now));
  const runs = `Nothing was cleaned: the deployment ${deploymentId} of ${task} runs, in ${stage} for ${seconds} s, and moves.`;
  const why = reasonNotToUndo(record);
  if (why) return `${runs} ${why}`;
  return `${runs} Either let it end, which cleans up by itself, or put the request with "abort": true, which undoes it.`;
}

/** The stage that runs loses its record by this write: whatever it does next, it cannot make last. */
function undo(request: Asked, record: DeploymentRecord, message: string, dropsPending: boolean): Verdict {
  const why = reasonNotToUndo(record);
  if (why) return refuse(why, undefined, { kind: 'go-back' });
  return { kind: 'transition', outcome: { kind: 'ended', code: 'T015', message, dropsPending, request } };
}

export function reasonNotToUndo({ stage, progress, plan }: DeploymentRecord): string | undefined {
  if (progress.detachingSince === undefined && !isAlone(stage)) return undefined;
  return `${plan?.oldGroup} (Active) is detached already. Let the deployment finish, then go back with versions = previous.`;
}

/** A record of its own, so that nothing is deployed while leftovers are taken away. */
function openCleaning(
  { task, requestId, fingerprint, requestedAt, requestedBy }: Asked,
  { record: previous, lost }: { record: DeploymentRecord | undefined; lost: LostRecord | undefined },
  plan: Plan,
  removed: string[],
  { now, uniqueId }: Pick<Runtime, 'now' | 'uniqueId'>,
): Verdict {
  const at = now();
  const request = { requestId, fingerprint, requestedAt, requestedBy, type: 'clean' as const };
  const record = newRecord(task, newDeploymentId(at, uniqueId()), at, request, previous);
  const cleaning = { since: at.toISOString(), ofTask: true };
  return {
    kind: 'open',
    record: {
      ...record,
      plan,
      progress: { removed },
      cleaning,
      timeline: [],
      restored: previous ? previous.restored : lost && { how: lost.how },
      forgottenUntil: previous ? previous.forgottenUntil : at.toISOString(),
    },
    outcome: { kind: 'taken-over' },
  };
}

/** What an earlier deployment has left on StandBy; the dummies are looked for later. */
function remainsOn({ name, capacity, instances, attachedTo }: Group, { attachments }: Plan): string[] {
  const { minimum, desired, maximum } = capacity;
  const places = attachedTo.filter((identifier) => !isDummy(identifier));
  const nameOf = (identifier: string) =>
    attachments.find((planned) => planned.identifier === identifier)?.name ?? identifier;
  return [
    ...(maximum > 0 || instances.length > 0 ? [`${name} was at ${minimum}/${desired}/${maximum}.`] : []),
    ...(places.length > 0 ? [`${name} was attached to ${named(places.map(nameOf))}.`] : []),
  ];
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
