/**
 * The way of a deployment as one value: which stages there are, what each tells and to whom it hands on, and who else
 * reacts to what. The code derives the rest from it; that the rules and roles of the stack say the same is tested.
 */
import type { CATALOG } from '../../events/catalog';
import type { TaskOption } from '../deployment/options';
import type { Plan } from '../deployment/plan';

/** The detail-type of an event of ours. */
export type EventName = keyof typeof CATALOG;

/** What a stage's on-failure destination puts on the bus. */
export const CRASH = 'Lambda Function Invocation Result - Failure';

export interface FlowStage {
  /**
   * Where Active is once the stage has begun, if not behind its load balancers: `leaving` them, or `gone` from them, so
   * that only going on or a rollback keeps users served.
   */
  active?: 'leaving' | 'gone';
  /**
   * The events by which it hands on, and to whom: to the first of these stages that the plan wants. The last one is of
   * the plain chain, which every deployment passes; an event for any other names it in `next`.
   */
  passes: Readonly<Partial<Record<EventName, readonly string[]>>>;
  /** Where else it may move a deployment: back, or on. */
  movesTo: readonly string[];
  /** The requests that it takes. */
  takes: readonly EventName[];
  /** It takes over from stages of which these events report that they failed. */
  takesOverAt?: readonly string[];
  /** What else it tells, beside that the deployment failed; `CheckPending` where it polls. */
  tells: readonly EventName[];
  /** What it answers to requests beside the course of a deployment: nobody tells that again. */
  answers?: readonly EventName[];
  /** What it also tells again where others could not: how the task's deployment before ended, or anything. */
  tellsAgain?: 'ends' | 'anything';
  /** Of a stage beside the plain chain: the tag by which a task asks for it. */
  option?: TaskOption;
  /** Of such a stage: whether a deployment passes it after this event. */
  isWanted?(plan: Plan, event: EventName): boolean;
}

/** In the order in which a deployment passes them; `clean-up` only where one fails. */
export const FLOW = {
  start: {
    passes: { DummyAttached: ['check-dummy'] },
    movesTo: [],
    takes: ['DeployRequested'],
    tells: ['CheckPending', 'Started', 'CheckDue', 'Refused', 'DeployRequested'],
    answers: ['Postponed'],
    tellsAgain: 'ends',
  },
  'check-dummy': {
    passes: { Step1Passed: ['attach-real'] },
    movesTo: [],
    takes: [],
    tells: ['CheckPending'],
  },
  'attach-real': {
    passes: { RealAttached: ['check-real'] },
    movesTo: [],
    takes: [],
    tells: ['CheckPending'],
  },
  'check-real': {
    passes: { Step2Passed: ['swap'] },
    movesTo: [],
    takes: [],
    tells: ['CheckPending'],
  },
  swap: {
    active: 'leaving',
    passes: { Swapped: ['retire'] },
    movesTo: ['check-real'],
    takes: [],
    tells: ['CheckPending'],
  },
  retire: {
    active: 'gone',
    passes: {},
    movesTo: ['swap'],
    takes: [],
    tells: ['CheckPending', 'Completed', 'DeployRequested'],
  },
  'clean-up': {
    passes: {},
    movesTo: ['swap', 'retire'],
    takes: ['AbortRequested', 'CleanRequested'],
    takesOverAt: ['Failed', CRASH],
    tells: ['CheckPending', 'CheckDue', 'Refused', 'Cleaned', 'DeployRequested'],
    tellsAgain: 'anything',
  },
} as const satisfies Record<string, FlowStage>;

type FlowHelper = Pick<FlowStage, 'tells' | 'tellsAgain'>;

/** The functions beside the stages, and what they tell. */
export const HELPERS = {
  'war-uploaded': { tells: ['DeployRequested'] },
  resume: { tells: ['CheckDue'] },
  notify: { tells: [] },
  watchdog: { tells: ['CheckDue', 'Failed', 'Cleaned', 'DeployRequested'], tellsAgain: 'anything' },
  'codedeploy-clean-up': { tells: [] },
} as const satisfies Record<string, FlowHelper>;

/**
 * Which events make a mail: always, or where they name a cycle, of which they are the first look, or only where they are
 * new: those EventBridge mails, too, and a replay mails nothing.
 */
export const MAILED = {
  always: ['Started', 'Refused', 'Postponed', 'Completed', 'Cleaned'],
  withCycle: ['CheckPending'],
  onceOnly: ['Failed'],
} as const satisfies Record<string, readonly EventName[]>;

export type StageName = keyof typeof FLOW;
export const STAGES = Object.keys(FLOW) as [StageName, ...StageName[]];

/** The stages that a deployment passes which goes well and asks for no other. */
export const PLAIN_CHAIN = STAGES.filter((stage) => stage !== 'clean-up' && !('option' in FLOW[stage]));

/** The same value, without the names that are known of it: to ask by any name. */
const flow: Readonly<Record<string, FlowStage>> = FLOW;
const helpers: Readonly<Record<string, FlowHelper>> = HELPERS;

/** How a task's deployment may have ended, and the request that waited for it. */
const ENDS: readonly EventName[] = ['Completed', 'Cleaned', 'Refused', 'DeployRequested'];

export function isStage(name: unknown): boolean {
  return typeof name === 'string' && Object.hasOwn(flow, name);
}

/** The stage that takes over, and whether the event has to name it. Throws where this event hands nothing on. */
export function nextStage(
  stage: StageName,
  event: string,
  plan: Plan | undefined,
): { next: StageName; isNamed: boolean } {
  const candidates = stageOf(stage).passes[event as EventName];
  const next = candidates?.find((candidate) => isWanted(candidate, plan, event as EventName));
  if (!candidates || !next) throw new Error(`the flow has nobody to whom ${stage} could hand on by ${event}`);
  return { next: next as StageName, isNamed: next !== candidates.at(-1) };
}

/** The event that moves a deployment to a stage, back or on. Throws where the flow does not let `from` do so. */
export function eventInto(stage: StageName, from: StageName): { event: EventName; isNamed: boolean } {
  const [event] = eventsInto(stage);
  if (!event || !stageOf(from).movesTo.includes(stage)) throw new Error(`the flow has no way from ${from} to ${stage}`);
  return { event, isNamed: !isPlain(stage, event) };
}

/** The events by which others hand on to a stage, in the order of the flow. */
export function eventsInto(stage: string): EventName[] {
  const events = Object.values(flow).flatMap(({ passes }) =>
    Object.entries(passes).flatMap(([event, candidates]) => (candidates?.includes(stage) ? [event as EventName] : [])),
  );
  return [...new Set(events)];
}

/** Whether the stage takes this event also where it names none: it belongs to every deployment. */
export function isPlain(stage: string, event: EventName): boolean {
  return Object.values(flow).some(({ passes }) => passes[event]?.at(-1) === stage);
}

/** The tags by which tasks ask for stages beside the plain chain. */
export function taskOptions(): TaskOption[] {
  return Object.values(flow).flatMap(({ option }) => option ?? []);
}

/** The requests that a stage takes. */
export function requestsOf(stage: string): readonly EventName[] {
  return stageOf(stage).takes;
}

/** The detail-types of what a stage takes that is not of a deployment's own chain, sorted. */
export function takenBy(stage: string): string[] {
  const { takes, takesOverAt = [] } = stageOf(stage);
  return [...takes, ...takesOverAt].sort();
}

/** What a function tells of itself, by name; it may tell more again that others could not. */
export function toldFirstBy(name: string): EventName[] {
  const stage = flow[name];
  return stage ? [...new Set([...ownEvents(stage), ...(stage.answers ?? [])])] : [...(helpers[name]?.tells ?? [])];
}

/** Everything that a function may have to tell, by name. */
export function toldBy(name: string): EventName[] {
  const again = (flow[name] ?? helpers[name])?.tellsAgain;
  const others = again === 'anything' ? Object.values(flow).flatMap(ownEvents) : [];
  return [...new Set([...toldFirstBy(name), ...others, ...(again === 'ends' ? ENDS : [])])].sort();
}

function ownEvents({ passes, movesTo, tells }: FlowStage): EventName[] {
  const moving = movesTo.flatMap((stage) => eventsInto(stage).slice(0, 1));
  return [...(Object.keys(passes) as EventName[]), 'Failed', ...moving, ...tells];
}

/** Active is detached: from here on only going on or a rollback keeps users served. */
export function isAlone(stage: string): boolean {
  return flow[stage]?.active === 'gone';
}

/** Whoever got so far may have begun to detach Active. */
export function mayHaveDetached(stages: readonly string[]): boolean {
  return stages.some((stage) => isAlone(stage) || flow[stage]?.active === 'leaving');
}

function stageOf(name: string): FlowStage {
  const stage = flow[name];
  if (!stage) throw new Error(`the flow knows no stage ${name}`);
  return stage;
}

function isWanted(name: string, plan: Plan | undefined, event: EventName): boolean {
  const { isWanted: asked } = stageOf(name);
  return asked === undefined || (plan !== undefined && asked(plan, event));
}
