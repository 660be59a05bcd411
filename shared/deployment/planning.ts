/** What `start` finds out before anything is changed: a plan for the deployment, or the reason why there is none. */
import { type Capacity, type Fleet, type Group, SUSPENDED_BY_US } from '../fleet/auto-scaling-groups';
import type { TraitsReader } from '../fleet/further-traits';
import type { LoadBalancers } from '../fleet/load-balancers';
import type { ScheduledActions } from '../fleet/scheduled-actions';
import { typeTagOf } from '../fleet/tags';
import { settingsOf } from '../fleet/task-settings';
import type { Wars } from '../fleet/wars';
import { placesOfActive } from './attachments';
import { checkTimesOf, cyclesFor, healthySecondsOf, notesOnDraining } from './check-times';
import { isAtZeroBySchedule, notesOfNight } from './night';
import { optionsOf, type TaskOption } from './options';
import { refusalOfStrangers, type Stack } from './ownership';
import { differencesOf, PAIR_DIFFERS } from './pair-differences';
import type { Plan, PlannedAttachment } from './plan';
import { type Attached, lookAt, type Pair, pairOf, refusalOfGroups, refusalOfWarTags } from './readiness';
import { isRefusal, type Refusal } from './refusal';
import { type AccountLimits, refusalOfRegistrations } from './registrations';
import { plannedCapacity, provenSizes } from './sizes';
import { notesOnStandBy } from './standby';
import { unstoppableOf } from './unstoppable';
import { type ChosenVersions, chooseVersions, type Past } from './versions';

export interface PlannedDeployment {
  plan: Plan;
  /** What the operator should know, for the mail. */
  notes: string[];
  servedSets: ChosenVersions['servedSets'];
  /** What was looked at for it. */
  attached: Attached;
  limits: AccountLimits;
}

/** A request, the stack's configuration, and what is known of the task's deployments before. */
export interface Question extends Stack {
  task: string;
  versions?: string;
  capacity?: number;
  /** Cycles per step, where the groups do not say. */
  repetitions: number;
  cycleSeconds: number;
  past: Past | undefined;
  /** The tags by which a task may ask for more than the plain chain. */
  options: readonly TaskOption[];
  now: Date;
  /** The groups of the task, where they have just been read. */
  groups?: readonly Group[] | undefined;
}

export interface Sources {
  fleet: Fleet;
  loadBalancers: LoadBalancers;
  wars: Wars;
  scheduledActions: ScheduledActions;
  traits: TraitsReader;
}

export async function planDeployment(question: Question, sources: Sources): Promise<PlannedDeployment | Refusal> {
  const { fleet } = sources;
  const groups = question.groups ?? (await fleet.groupsOfTask(question.task));
  const pair = pairOf(question.task, groups, question.warBuckets);
  if (isRefusal(pair)) return pair;
  const planned = await planPair(pair, question, sources);
  return isRefusal(planned) ? { ...planned, look: lookAt([pair.active, pair.standBy], planned.remedy) } : planned;
}

async function planPair(pair: Pair, question: Question, sources: Sources): Promise<PlannedDeployment | Refusal> {
  const { fleet } = sources;
  const refusal =
    (await refusalOfStrangers(pair, question, sources.loadBalancers)) ??
    refusalOfGroups(pair, await refreshingGroups(fleet, pair)) ??
    refusalOfWarTags(question.task, pair);
  if (refusal) return refusal;
  const { repetitions = question.repetitions, ...settings } = settingsOf([pair.active, pair.standBy]);
  if (settings.conflict) return { code: '400', message: settings.conflict };
  const options = optionsOf(question.options, pair);
  if (isRefusal(options)) return options;
  const accepted = optionsOf([PAIR_DIFFERS], pair);
  if (isRefusal(accepted)) return accepted;
  const places = await placesOfActive(pair.active, sources);
  if (isRefusal(places)) return remembering(places, pair.active, question.past);
  const { attachments, attached } = places;
  const cycles = cyclesFor({ ...question, repetitions }, checkTimesOf(attachments, attached));
  if (isRefusal(cycles)) return cycles;
  const versions = await chooseVersions(question.versions, pair.active.tags, question.past, sources.wars);
  if (isRefusal(versions)) return versions;
  const sizes = { requested: question.capacity, last: question.past?.lastSuccess?.capacity };
  // Whoever asks for a size wants it to serve at once.
  const asleep = question.past?.lastSuccess?.asleep;
  const isAsleep = question.capacity === undefined && (await isAtZeroBySchedule(pair.active, fleet, asleep));
  const capacity = isAsleep ? pair.active.capacity : plannedCapacity(pair.active, sizes);
  if (isRefusal(capacity)) return capacity;
  const proven = provenSizes({ capacity });
  const limits = await sources.loadBalancers.limits();
  const tooMany = refusalOfRegistrations(pair.active, proven, attachments, limits);
  if (tooMany) return tooMany;
  // Last of what AWS is asked, since it does without most of it where that is throttled.
  const further = await sources.traits.ofPair(pair.active, pair.standBy);
  const differences = differencesOf(pair, PAIR_DIFFERS.tag in accepted, further);
  if (isRefusal(differences)) return differences;
  const sized = { capacity, isAtZeroBySchedule: isAsleep };
  const planned = plannedDeployment(
    { ...question, repetitions: cycles.repetitions },
    pair,
    attachments,
    versions,
    sized,
  );
  const [ofStandBy, ofNight] = await Promise.all([
    notesOnStandBy(pair.standBy, sources),
    isAsleep ? sources.scheduledActions.of(pair.active.name).then((actions) => notesOfNight(pair, actions)) : [],
  ]);
  const unstoppable = unstoppableOf(pair.active, further[0].forecasts);
  const notes = [
    ...settings.notes,
    ...differences,
    ...planned.notes,
    ...cycles.notes,
    ...notesOnDraining(attachments, pair.active.name),
    ...ofStandBy,
    ...unstoppable,
    ...ofNight,
  ];
  const plan = { ...planned.plan, healthySeconds: healthySecondsOf(attachments, attached) };
  return {
    ...planned,
    attached,
    limits,
    notes,
    plan: { ...plan, ...(Object.keys(options).length > 0 && { options }) },
  };
}

/** Where Active is attached to nothing, it goes back to where the deployment before found it. */
function remembering(refusal: Refusal, { name: group }: Group, past: Past | undefined): Refusal {
  const attachments = (past?.plan?.attachments ?? []).map(({ kind, way, identifier }) => ({ kind, way, identifier }));
  const isForgotten = refusal.remedy?.kind !== 'find-places' || attachments.length === 0;
  return isForgotten ? refusal : { ...refusal, remedy: { kind: 'attach', group, attachments } };
}

async function refreshingGroups(fleet: Fleet, { active, standBy }: Pair): Promise<string[]> {
  const names = [active.name, standBy.name];
  const refreshing = await Promise.all(names.map((name) => fleet.hasInstanceRefresh(name)));
  return names.filter((_, index) => refreshing[index]);
}

function plannedDeployment(
  question: Question,
  { active, standBy }: Pair,
  attachments: PlannedAttachment[],
  { wars, notes, heldBack, servedSets }: ChosenVersions,
  { capacity, isAtZeroBySchedule }: { capacity: Capacity; isAtZeroBySchedule: boolean },
): Omit<PlannedDeployment, 'attached' | 'limits'> {
  const unchecked = attachments.filter(({ kind, loadBalancerArn }) => kind === 'target-group' && !loadBalancerArn);
  return {
    plan: {
      oldGroup: active.name,
      newGroup: standBy.name,
      typeTag: typeTagOf(active.tags),
      capacity,
      isEmergency: active.capacity.desired === 0 && !isAtZeroBySchedule,
      ...(isAtZeroBySchedule && { isAtZeroBySchedule }),
      repetitions: question.repetitions,
      wars,
      ...(heldBack.length > 0 && { heldBack }),
      versionsChosenAt: question.now.toISOString(),
      attachments,
      dummyLoadBalancerArns: [],
      scheduledActions: [],
      suspendedProcesses: SUSPENDED_BY_US.filter((process) => !standBy.suspendedProcesses.includes(process)),
    },
    servedSets,
    notes: [
      ...notes,
      ...unchecked.map(({ name }) => `No listener refers to ${name}: it is attached as it is, unchecked.`),
    ],
  };
}
