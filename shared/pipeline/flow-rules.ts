/** Who hears what: every rule of EventBridge that the flow needs, as serverless.yml has to say it. */
import { CATALOG } from '../../events/catalog';
import { SOURCE } from '../../events/contract';
import { CRASH, type EventName, eventsInto, isPlain, MAILED, requestsOf, STAGES } from './flow';

export interface FlowPattern {
  source: readonly string[];
  'detail-type': readonly string[];
  detail?: object;
  'replay-name'?: readonly object[];
  $or?: readonly object[];
}

/** A rule that waits for events. */
export type WaitingRule = FlowRule & { pattern: FlowPattern };

/** What matches, or is due, goes to every target; where it cannot be delivered, to the queue of dead letters. */
export interface FlowRule {
  bus: 'own' | 'default';
  /** What it waits for; a rule without a pattern has a schedule. */
  pattern?: Partial<FlowPattern>;
  schedule?: string;
  /** Functions by name, queues that delay, `UploadQueue` and `AdminTopic`. */
  targets: readonly string[];
  /** The queue; of targets that have different ones all of them. */
  deadLetters: string;
  /** The role of a function that listens on the default bus itself: what it may do with what it hears. */
  role?: string;
}

export function flowRules(): FlowRule[] {
  return [...STAGES.flatMap(rulesOf), ...AROUND_THE_STAGES, ...FAILURES, ...ON_THE_DEFAULT_BUS];
}

/** What carries a deployment on: where one of these reaches nobody, it ends silently. */
export function carryingRules(): WaitingRule[] {
  return [...STAGES.flatMap((stage) => rulesOf(stage).filter((rule) => !isOfRequests(rule))), ...WAITING, ...FAILED];
}

function isOfRequests({ pattern }: WaitingRule): boolean {
  return STAGES.some((stage) => requestsOf(stage).some((event) => pattern['detail-type'].includes(event)));
}

/** A stage begins by an event that is for it, takes requests, and looks again when its check is due. */
function rulesOf(stage: string): WaitingRule[] {
  const events = eventsInto(stage);
  const plain = events.filter((event) => isPlain(stage, event));
  const named = events.filter((event) => !isPlain(stage, event));
  const requests = requestsOf(stage);
  return [
    ...(plain.length > 0 ? [onOwnBus(plain, [stage], { next: [{ exists: false }, stage] })] : []),
    ...(named.length > 0 ? [onOwnBus(named, [stage], { next: [stage] })] : []),
    ...(requests.length > 0 ? [onOwnBus(requests, [stage])] : []),
    onOwnBus(['CheckDue'], [stage], { stage: [stage] }),
  ];
}

/** Whoever waits says for how long; without a word it is as long as the parameter says. */
const WAITING = [
  onOwnBus(['CheckPending'], ['DelayQueue'], { delay: [{ exists: false }] }),
  onOwnBus(['CheckPending'], ['ShortDelayQueue'], { delay: ['short'] }),
  onOwnBus(['CheckPending'], ['MediumDelayQueue'], { delay: ['medium'] }),
];

const NOT_REPLAYED = { 'replay-name': [{ exists: false }] };

/** What no contract knows: somebody may have misspelt what he asks for. */
const UNKNOWN: FlowRule = {
  bus: 'own',
  pattern: {
    ...NOT_REPLAYED,
    $or: [
      { source: [{ 'anything-but': [SOURCE, 'lambda'] }] },
      { source: [SOURCE], 'detail-type': [{ 'anything-but': Object.keys(CATALOG) }] },
      { source: ['lambda'], 'detail-type': [{ 'anything-but': [CRASH] }] },
    ],
  },
  targets: ['notify'],
  deadLetters: 'RuleDeadLetters',
};

const AROUND_THE_STAGES = [
  ...WAITING,
  onOwnBus(MAILED.always, ['notify']),
  onOwnBus(MAILED.withCycle, ['notify'], { cycle: [{ exists: true }] }),
  UNKNOWN,
  onSchedule('rate(5 minutes)', 'watchdog', 'WatchdogRole', 'RuleDeadLetters'),
];

/** Mailed without any code of ours, and by notify, and cleaned up; of what was mailed before, and of a replay, there is no mail. */
const FAILED: WaitingRule[] = [
  failing(
    ['AdminTopic', 'clean-up', 'notify'],
    onOwnBus(MAILED.onceOnly, [], { repeated: [{ exists: false }] }).pattern,
  ),
  {
    ...onOwnBus(['Failed'], ['clean-up']),
    pattern: {
      ...onOwnBus(['Failed'], []).pattern,
      $or: [{ 'replay-name': [{ exists: true }] }, { detail: { repeated: [true] } }],
    },
  },
];

/** `start` has a mail of its own. */
const FAILURES: WaitingRule[] = [
  ...FAILED,
  failing(['AdminTopic', 'clean-up', 'notify'], {
    detail: {
      requestPayload: {
        'detail-type': [{ 'anything-but': 'DeployRequested' }],
        detail: { stage: [{ exists: false }, { 'anything-but': 'start' }] },
      },
    },
  }),
  failing(['AdminTopic', 'clean-up', 'notify'], {
    $or: [
      { detail: { requestPayload: { 'detail-type': ['DeployRequested'] } } },
      { detail: { requestPayload: { detail: { stage: ['start'] } } } },
    ],
  }),
];

const ON_THE_DEFAULT_BUS: FlowRule[] = [
  {
    bus: 'default',
    pattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      // And of one of the stack's war buckets, which only the stack can name.
      detail: { object: { key: [{ suffix: { 'equals-ignore-case': '.war' } }] } },
    },
    targets: ['UploadQueue'],
    deadLetters: 'UploadRuleDeadLetters',
  },
  {
    bus: 'default',
    pattern: {
      source: ['aws.codedeploy'],
      'detail-type': ['CodeDeploy Deployment State-change Notification'],
      detail: { state: ['FAILURE', 'STOP'] },
    },
    targets: ['codedeploy-clean-up'],
    deadLetters: 'CodeDeployRuleDeadLetters',
    role: 'CodeDeployCleanUpRole',
  },
  onSchedule('rate(10 minutes)', 'codedeploy-clean-up', 'CodeDeployCleanUpRole', 'CodeDeployRuleDeadLetters'),
];

function onOwnBus(events: readonly EventName[], targets: readonly string[], detail?: object): WaitingRule {
  const pattern = { source: [SOURCE], 'detail-type': events, ...(detail && { detail }) };
  return { bus: 'own', pattern, targets, deadLetters: 'RuleDeadLetters' };
}

/** Of `Failed`, or, without more, of a stage that crashed. */
function failing(targets: readonly string[], pattern: Partial<FlowPattern>): WaitingRule {
  const ofCrash = { source: ['lambda'], 'detail-type': [CRASH], ...NOT_REPLAYED };
  // What could not be mailed is kept by itself: to replay the archive mails nothing.
  const deadLetters = targets.includes('AdminTopic') ? 'FailureMailDeadLetters,RuleDeadLetters' : 'RuleDeadLetters';
  return { bus: 'own', pattern: { ...ofCrash, ...pattern }, targets, deadLetters };
}

function onSchedule(schedule: string, target: string, role: string, deadLetters: string): FlowRule {
  return { bus: 'default', schedule, targets: [target], deadLetters, role };
}
