/** How an outcome changes the record, and the events that this change makes: what goes out is decided with what is kept. */
import { CATALOG } from '../../events/catalog';
import { CheckDue } from '../../events/check-due';
import { CheckPending } from '../../events/check-pending';
import { Cleaned } from '../../events/cleaned';
import { type Contract, type Entry, type Outage, plainLine } from '../../events/contract';
import { Failed } from '../../events/failed';
import { Postponed } from '../../events/postponed';
import { Refused } from '../../events/refused';
import { Started } from '../../events/started';
import { shortened } from '../aws/findings';
import { addSeconds } from '../aws/time';
import { commandsToLook, commandsToSee } from '../codes/by-hand';
import { nextStepOf } from '../codes/codes';
import { resizeCommand } from '../codes/commands';
import { toDoOfBlocked, toDoOfCleaned } from '../codes/endings';
import { failureHeadline } from '../codes/failure-codes';
import { lookCommands } from '../codes/look-commands';
import { toDoOfRefusal } from '../codes/refusal-remedies';
import { isDeletedIn, toDoOfFailure, toDoWhileDown } from '../codes/remedies';
import { standingCauses } from '../codes/standing';
import type { Plan, War } from '../deployment/plan';
import type { Refusal } from '../deployment/refusal';
import { provenSizes } from '../deployment/sizes';
import { isChecked } from '../deployment/snapshot';
import { outageAfter } from '../deployment/users';
import { eachSet, heldMarkOf, heldMarksOf, setAfter, withHeldMarks, withServed } from '../deployment/versions';
import { failureInBounds, messageInBounds, outcomeInBounds } from './bounds';
import { delayAfter } from './delay';
import { eventInto, nextStage, type StageName } from './flow';
import type { Outcome } from './outcome';
import { withoutLost } from './pacing';
import { type DeploymentRecord, handledWith, isAfterLoss, isOpen, type Request, UNKNOWN_CLAIM_SECONDS } from './record';
import { isOneWith, requestEntry } from './requests';

/** Of each war: as many rollbacks in a row, without an upload in between, nobody makes. */
const HELD_VERSIONS_KEPT = 20;

/** More than a deployment has where nobody interferes. */
const STAGES_KEPT = 50;

/** The record as the outcome leaves it, its new events in the outbox. `at` is the ISO time of the write. */
export function recordAfter(record: DeploymentRecord, decided: Outcome, at: string): DeploymentRecord {
  const outcome = outcomeInBounds(decided);
  const steps = { seq: record.seq + 1, claim: undefined, nudgedAt: undefined };
  const next = { ...record, ...steps, ...changesOf(outcome, record, at) };
  const events = [...entriesOf(outcome, next, record, at), ...nextRequestOf(next)];
  return { ...next, outbox: { events, writtenAt: at, published: false } };
}

/** The events that tell of an outcome; `record` is as the outcome leaves it, `before` as it found it. */
function entriesOf(outcome: Outcome, record: DeploymentRecord, before: DeploymentRecord, at: string): Entry[] {
  const { deploymentId, task, seq, stage, request } = record;
  const common = { deploymentId, task, seq };
  switch (outcome.kind) {
    case 'again': {
      const { waitingFor, cycle, users, until, throttled } = outcome;
      const notBefore = throttled?.notBefore ?? outcome.notBefore;
      const toldBefore = cycle === undefined ? undefined : before.progress.toldOfCycle;
      const { plan } = record;
      const isEmpty = cycle !== undefined && users?.isEmpty;
      const commands = plan && isEmpty ? [resizeCommand(plan.oldGroup, plan.capacity)] : undefined;
      const delay = throttled ? 'long' : (outcome.delay ?? delayAfter(record.acted, new Date(at)));
      const told = {
        waitingFor: plainLine(waitingFor),
        ...(delay !== 'long' && { delay }),
        notBefore,
        cycle,
        toldBefore,
        users,
        until,
        commands,
        notes: cycle === undefined ? undefined : (outcome.plan ?? before.plan)?.notes,
      };
      const waits = outcome.tellsWaiting && { stage, requestedBy: request.requestedBy, waitsFor: outcome.tellsWaiting };
      const pending = CheckPending.entry({ ...common, stage, ...told });
      return waits ? [pending, Postponed.entry({ ...common, ...waits })] : [pending];
    }
    case 'planned':
      return plannedEntries(record, outcome.notes);
    case 'passed': {
      const { isNamed } = nextStage(before.stage, outcome.contract.detailType, record.plan);
      return [outcome.contract.entry({ ...common, ...(isNamed && { next: stage }), ...outcome.addition })];
    }
    case 'moved': {
      const { event, isNamed } = eventInto(outcome.to, before.stage);
      const contract = CATALOG[event] as unknown as Contract<string, object>;
      return [contract.entry({ ...common, ...(isNamed && { next: stage }) })];
    }
    case 'completed':
      return [
        outcome.contract.entry({
          ...common,
          ...outcome.addition,
          ...rollbackIn(before),
          waiting: waitingText(record),
          notes: before.plan?.notes,
          lost: before.restored && lossOf(before),
        }),
      ];
    case 'failed':
      return [failedEntry(record, outcome)];
    case 'ended': {
      const dropped = before.pending && outcome.dropsPending ? `; ${droppedText(before.pending)}` : '';
      return [failedEntry(record, { code: outcome.code, message: outcome.message + dropped })];
    }
    case 'taken-over':
      return [CheckDue.entry({ ...common, stage })];
    case 'refused':
      return [refusedEntry({ task, ...request }, outcome)];
    case 'parked':
    case 'skipped':
      return [];
    case 'cleaned':
    case 'blocked':
      return [cleanedEntry(record, outcome, before)];
  }
}

/** Tells what clean-up came to. */
function cleanedEntry(
  record: DeploymentRecord,
  outcome: OutcomeOf<'cleaned' | 'blocked'>,
  before: DeploymentRecord,
): Entry {
  const { deploymentId, task, seq, failure, plan, request } = record;
  const isBlocked = outcome.kind === 'blocked';
  const code = isBlocked ? (outcome.code ?? failure?.code) : failure?.code;
  const told = failureInBounds(failure);
  const standing = failure && !isBlocked ? standingCauses(failure) : [];
  const left = outcome.leftovers ?? (isBlocked ? undefined : []);
  // That there was no record is nothing that is left: most tasks that are cleaned never had one.
  const isLost = left !== undefined && before.restored !== undefined;
  return Cleaned.entry({
    deploymentId,
    task,
    seq,
    outcome: isBlocked ? 'operator-needed' : 'cleaned',
    requestedBy: request.type === 'clean' ? request.requestedBy : undefined,
    removed: isBlocked ? undefined : outcome.removed,
    code,
    // What kept clean-up from going on is in its summary: this is why there was something to clean.
    message: told && code !== told.code ? `${told.code}: ${told.message}` : told?.message,
    asked: { versions: request.versions, capacity: request.capacity },
    waiting: waitingText(record),
    users: outcome.users,
    summary: isBlocked ? outcome.reason : outcome.summary,
    lost: isBlocked
      ? undefined
      : [...(isLost ? [] : lossOf(before)), ...(failure?.dropped ? [droppedLine(failure.dropped)] : [])],
    findings: [...(isBlocked && !isLost ? lossOf(before) : []), ...(outcome.findings ?? [])],
    toDo: isBlocked
      ? toDoOfBlocked(outcome.reason, failure, outcome.users)
      : (outcome.toDo ?? (failure && toDoOfCleaned(failure, plan, outcome.users))),
    leftovers: left && [...(isLost ? lossOf(before) : []), ...left, ...standing],
    commands: isBlocked && plan ? (outcome.commands ?? commandsToLook(plan, plan.attachments)) : [],
  });
}

/** What becomes of the upload that came meanwhile. */
function waitingText({ pending, status }: DeploymentRecord): string | undefined {
  if (!pending) return undefined;
  const outcome = status === 'blocked' ? 'waits until the task is cleaned' : 'waited, and is deployed now';
  return `What was asked for by ${askedByAll(pending)} ${outcome}.`;
}

/** Whoever asked for what waits. */
function askedByAll(pending: Request): string {
  return [pending.requestedBy, ...coveredBy(pending)].join(' and ');
}

/** What is not known any more, because the record was lost, or there was none. */
function lossOf(record: DeploymentRecord): string[] {
  const until = record.forgottenUntil ? ` from before ${record.forgottenUntil}` : '';
  const again = `Uploads and requests${until} that had not begun are lost, and are not run later: whoever waits for one asks for it again.`;
  if (!record.restored) return isAfterLoss(record) ? [`There was no record of the task. ${again}`] : [];
  const { how, writtenAt } = record.restored;
  const was =
    how === 'damaged' ? 'was damaged, and is set aside under damaged/ in the state bucket' : 'had been deleted';
  const taken =
    writtenAt === undefined
      ? 'No older copy of it could be read: which versions served before, and which are held back, is not known any more'
      : `Its copy of ${writtenAt} was taken instead: what was noted later is lost`;
  return [`The record of the task, in which the pipeline notes what it does, ${was}.`, `${taken}.`, again];
}

/** `start` goes on at once with the plan that the admins are told of. */
function plannedEntries(record: DeploymentRecord, notes: string[]): Entry[] {
  const { deploymentId, task, seq, plan, request } = record;
  if (!plan) throw new Error(`the record of ${task} has no plan`);
  const { oldGroup, newGroup, wars, capacity, attachments } = plan;
  const { requestedBy } = request;
  const common = { deploymentId, task, seq };
  const checked = attachments.filter(isChecked);
  const isEmergency = plan.isEmergency && {
    isEmergency: true as const,
    on: checked.map(({ name }) => name),
    givingBack: [resizeCommand(oldGroup, capacity)],
  };
  const isBySchedule = plan.isAtZeroBySchedule && { isBySchedule: true as const };
  const instances = provenSizes(plan).desired;
  const planned = { oldGroup, newGroup, instances, wars, notes, ...isEmergency, ...isBySchedule };
  const commands = commandsToSee(checked);
  return [
    Started.entry({ ...common, requestedBy, ...planned, ...rollbackIn(record), commands }),
    CheckDue.entry({ ...common, stage: 'start' }),
  ];
}

function failedEntry(
  { deploymentId, task, seq, stage, plan, resolvedFailures, pending }: DeploymentRecord,
  { code, message, toDo, users }: Pick<OutcomeOf<'failed'>, 'code' | 'message' | 'toDo' | 'users'>,
): Entry {
  const isRepeated = resolvedFailures.some((before) => before.code === code && before.stage === stage);
  return Failed.entry({
    deploymentId,
    task,
    seq,
    stage,
    code,
    headline: failureHeadline(stage, code, task),
    message: plainLine(messageInBounds(message)),
    nextStep: plainLine(nextStepOf(code)),
    toDo:
      toDo ??
      toDoWhileDown(code, plan, users) ??
      (pending && code === 'T015' ? WHERE_ONE_WAITS : undefined) ??
      toDoOfFailure(code, message, plan, users),
    users,
    ...(pending && { waiting: askedByAll(pending) }),
    ...(isRepeated && { repeated: true }),
    ...(plan && {
      groups: { oldGroup: plan.oldGroup, newGroup: plan.newGroup },
      commands: lookCommands({
        groups: [plan.oldGroup, plan.newGroup],
        attachments: plan.attachments.filter((attachment) => !isDeletedIn(message, attachment)),
      }),
    }),
  });
}

const WHERE_ONE_WAITS = {
  sentence:
    'Nothing is to be mended: what waits follows by itself. If that is not meant, abort it once its mail "[Deploy] Start" has come.',
};

/** What is said of a request that is not run. */
export interface Refusable {
  task: string;
  requestId: string;
  requestedBy: string;
  versions?: string;
  capacity?: number;
}

/** Says why a request is not run. */
export function refusedEntry({ task, requestId, requestedBy, ...asked }: Refusable, refusal: Refusal): Entry {
  const { code, message, look } = refusal;
  const { versions, capacity } = asked;
  return Refused.entry({
    task,
    requestId,
    requestedBy,
    asked: { versions, capacity },
    code,
    message,
    nextStep: nextStepOf(code),
    toDo: toDoOfRefusal(refusal),
    ...(look && { commands: lookCommands(look) }),
  });
}

/** Whoever closes a record asks for what came meanwhile. It leaves the record only when its deployment is opened. */
function nextRequestOf(record: DeploymentRecord): Entry[] {
  return isOpen(record) || !record.pending ? [] : [requestEntry(record.task, record.pending)];
}

function changesOf(outcome: Outcome, record: DeploymentRecord, at: string): Partial<DeploymentRecord> {
  const { stage } = record;
  switch (outcome.kind) {
    case 'again': {
      const changed = {
        cleaning: record.cleaning,
        progress: {
          waitingSince: at,
          ...record.progress,
          ...outcome.progress,
          ...(outcome.cycle !== undefined && { toldOfCycle: plainLine(outcome.waitingFor) }),
          parkedUntil: undefined,
        },
        plan: withoutTold(outcome.plan ?? record.plan, outcome.cycle),
      };
      return outcome.throttled ? withoutLost(changed, outcome.throttled.lostSeconds) : changed;
    }
    case 'planned':
      return { plan: outcome.plan, servedSets: outcome.servedSets, progress: {}, ...covering(record, outcome) };
    case 'parked':
      return { progress: { waitingSince: at, ...record.progress, ...outcome.progress } };
    case 'passed': {
      const { next } = nextStage(stage, outcome.contract.detailType, outcome.plan ?? record.plan);
      const left = { ...record, progress: { ...record.progress, ...lookedAt(outcome.addition) } };
      return { ...beginning(next, left, at), plan: outcome.plan ?? record.plan, reattachedAt: undefined };
    }
    case 'moved':
      return movedBy(outcome, record, at);
    case 'completed':
      return {
        status: 'completed',
        progress: {},
        restored: undefined,
        plan: record.plan && withoutNames(record.plan),
        lastSuccess: lastSuccessOf(record, at),
        servedSets: record.servedSets && withServed(record.servedSets, setAfter(record.plan?.wars ?? [])),
        heldVersions: heldVersionsAfter(record),
      };
    case 'failed':
      return { failure: { code: outcome.code, stage, message: outcome.message } };
    case 'ended':
      return endedBy(outcome, record);
    case 'taken-over':
      return takenOverBy(outcome, record, at);
    case 'refused':
      return { status: 'failed', failure: { code: outcome.code, stage, message: outcome.message } };
    case 'skipped':
      return { status: 'completed' };
    case 'cleaned':
      return { status: 'failed', progress: {}, restored: undefined };
    case 'blocked':
      return { status: 'blocked', progress: {} };
  }
}

/** What waits to be told goes with the mail of a cycle. */
function withoutTold(plan: Plan | undefined, cycle: string | undefined): Plan | undefined {
  return plan?.notes && cycle !== undefined ? { ...plan, notes: undefined } : plan;
}

type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

function movedBy(
  { to, progress, plan }: OutcomeOf<'moved'>,
  record: DeploymentRecord,
  at: string,
): Partial<DeploymentRecord> {
  const { failure, resolvedFailures } = record;
  return {
    ...beginning(to, record, at),
    status: 'running',
    progress,
    plan: plan ?? record.plan,
    failure: undefined,
    cleaning: undefined,
    reattachedAt: undefined,
    resolvedFailures: failure ? [...resolvedFailures, failure] : resolvedFailures,
  };
}

function endedBy(
  { code, message, dropsPending, request }: OutcomeOf<'ended'>,
  record: DeploymentRecord,
): Partial<DeploymentRecord> {
  const { pending, claim, stage } = record;
  const dropping = dropsPending && pending ? { pending: undefined, ...handledWith(record, pending) } : {};
  const handled = request ? handledWith({ ...record, ...dropping }, request) : {};
  const dropped = dropsPending && pending && { dropped: askedByAll(pending) };
  return { ...dropping, ...handled, claim, failure: { code, stage, message, ...dropped } };
}

function takenOverBy(
  { failure, request, ofTask, plan }: OutcomeOf<'taken-over'>,
  record: DeploymentRecord,
  at: string,
): Partial<DeploymentRecord> {
  const { reattachedAt, resolvedFailures, claim, cleaning, forgottenUntil } = record;
  const unknownUntil = forgottenUntil && addSeconds(new Date(forgottenUntil), UNKNOWN_CLAIM_SECONDS);
  // What an operator asks for anew may be tried anew, and be waited for anew.
  const isAnew = record.status === 'blocked';
  return {
    ...beginning('clean-up', record, at),
    ...(request && handledWith(record, request)),
    status: 'cleaning',
    failure,
    progress: { outage: outageTold(record), removed: record.progress.removed },
    ...(plan && { plan }),
    resolvedFailures: isAnew ? [] : resolvedFailures,
    reattachedAt: isAnew && reattachedAt ? at : reattachedAt,
    cleaning: { since: at, waitUntil: latest(claim?.until, unknownUntil), ofTask: ofTask ?? cleaning?.ofTask ?? false },
  };
}

/** Where users were down, as the event told that stands in the outbox: the record itself does not say. */
function outageTold({ outbox }: DeploymentRecord): Outage | undefined {
  const told = [Failed, Cleaned].flatMap(({ detailType, read }) =>
    outbox.events.flatMap((event) => (event.detailType === detailType ? [read(event.detail)] : [])),
  );
  const users = told.flatMap((read) => (read.success && read.detail.users ? [read.detail.users] : [])).at(-1);
  return users && outageAfter(users.outage, users);
}

function latest(...times: (string | undefined)[]): string | undefined {
  return times.toSorted().findLast((time) => time !== undefined);
}

function beginning(stage: StageName, { timeline, progress }: DeploymentRecord, at: string): Partial<DeploymentRecord> {
  // Clean-up that is asked for once more has not ended since: what went before it must not be forgotten over it.
  const isRepeated = timeline.at(-1)?.stage === stage;
  if (isRepeated) return { stage, progress: {}, timeline };
  const { cycle: cycles, unservedSince } = progress;
  const left = timeline.map((one, index) =>
    cycles !== undefined && index === timeline.length - 1 ? { ...one, cycles } : one,
  );
  return { stage, progress: unservedSince ? { unservedSince } : {}, timeline: inBounds([...left, { stage, at }]) };
}

/** Where the first look of a cycle is the last one of the stage, nothing was kept of that cycle. */
function lookedAt(addition: { cycle?: string }): { cycle?: number } {
  const cycle = addition.cycle?.split('-')[1];
  return cycle === undefined ? {} : { cycle: Number(cycle) };
}

/** People can make a deployment go to and fro for ever. What others go by is when it began, and its newest stages. */
function inBounds(timeline: DeploymentRecord['timeline']): DeploymentRecord['timeline'] {
  return timeline.length <= STAGES_KEPT ? timeline : [...timeline.slice(0, 1), ...timeline.slice(1 - STAGES_KEPT)];
}

/** What to deploy then takes is the latest of every war: also what was given up. */
function droppedLine(dropped: string): string {
  return `What was asked for by ${dropped}, which waited, was dropped: it is not deployed by itself. To deploy again takes it, as the latest.`;
}

function droppedText(pending: Request): string {
  const others = coveredBy(pending);
  const all = [...others, pending.requestedBy].join(' and ');
  return `${all}, which waited, ${others.length > 0 ? 'are' : 'is'} dropped`;
}

/** The uploads that it stands for beside its own. */
function coveredBy({ covers = [] }: Request): string[] {
  return covers.map((key) => `the upload of ${shortened(plainLine(key), KEY_BYTES)}`);
}

/** Shown of a key, which has up to 1024. */
const KEY_BYTES = 300;

/** Names are long, and the event that tells of the end has them. */
function withoutNames(plan: Plan): Plan {
  return { ...plan, wars: plan.wars.map((war) => ({ ...war, fromName: undefined, toName: undefined })) };
}

/** What the next deployment has to know of this one: the sets tell what served, where there are any. */
/** By night it had no size: an emergency goes back to that of the day. */
function lastSuccessOf({ deploymentId, plan, servedSets, lastSuccess }: DeploymentRecord, at: string) {
  if (!plan) return undefined;
  const served = { deploymentId, wars: servedSets ? [] : withoutNames(plan).wars };
  if (!plan.isAtZeroBySchedule) return { ...served, capacity: plan.capacity };
  return { ...served, capacity: lastSuccess?.capacity ?? plan.capacity, asleep: { group: plan.newGroup, at } };
}

/** The request that waits is run with this one: it is neither asked for again nor run again. */
function covering(
  { pending, request, ...record }: DeploymentRecord,
  { plan, covers }: OutcomeOf<'planned'>,
): Partial<DeploymentRecord> {
  if (!pending || !(pending.requestId === covers || isOneWith({ plan, request }, pending))) return {};
  return { pending: undefined, ...handledWith(record, pending) };
}

/** What a request that named its versions takes back, where they have served before, and what it holds back. */
function rollbackIn({ plan, request, servedSets = [] }: DeploymentRecord) {
  const changed = (plan?.wars ?? []).filter(({ from, to }) => from !== to);
  if (!namesVersions(request) || changed.length === 0) return {};
  const served = eachSet(servedSets).flat();
  const hasServed = ({ key, to }: War) => served.some((one) => one.key === key && one.versionId === to);
  const isRollback = (request.versions === 'previous' || changed.every(hasServed)) && { isRollback: true as const };
  return { ...isRollback, held: changed.map(({ slot }) => slot) };
}

function namesVersions({ versions }: DeploymentRecord['request']): boolean {
  return versions !== undefined && versions !== 'latest';
}

/**
 * What is held once a deployment has completed. One that named its versions holds what it replaced; one that took the
 * latest releases it. Of each war the newest are kept.
 */
function heldVersionsAfter({ heldVersions, request, plan }: DeploymentRecord): Record<string, string[]> {
  let held = heldVersions;
  const namedVersions = namesVersions(request);
  for (const { key, from, to } of plan?.wars ?? []) {
    if (from === to) continue;
    const replaced = heldMarkOf(from);
    const kept = heldMarksOf(held, key).filter((mark) => mark !== heldMarkOf(to) && mark !== replaced);
    held = withHeldMarks(held, key, namedVersions ? [...kept, replaced].slice(-HELD_VERSIONS_KEPT) : []);
  }
  return withoutFormerWars(held, plan);
}

/** What is no war of the task any more is not deployed. A plan without wars, as that of a clean-up, says nothing of them. */
function withoutFormerWars(held: Record<string, string[]>, plan: DeploymentRecord['plan']): Record<string, string[]> {
  const keys = plan?.wars.map(({ key }) => key) ?? [];
  if (keys.length === 0) return held;
  return keys.reduce((kept, key) => withHeldMarks(kept, key, heldMarksOf(held, key)), {});
}
