/** Every checker sees the defect that it is there for: each of these plants one, and the same scenario without it is well. */
import { AutoScalingClient, DeleteAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { DeleteLoadBalancerCommand, ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { type Functions, loadFunctions } from '../../local/functions';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import type { CreateHandler, Runtime } from '../../shared/aws/runtime';
import { CHECKERS } from './checkers';
import { END_CHECKERS } from './ending';
import { plainScenario, UPLOAD } from './plain';
import { REQUEST_CHECKERS } from './requests';
import type { Act, Scenario } from './scenario';
import { type Defects, type Play, play } from './simulation';
import type { Place } from './site';

const BROKEN_UPLOAD: Act = { when: { atSeconds: 0 }, kind: 'upload', fleet: 0, slot: 0, war: 'broken' };
const CODE_DEPLOY: Act = { when: { atSeconds: 0 }, kind: 'codedeploy', ends: 'installation' };
const COPY_THAT_SERVES: Act = { when: { atSeconds: 0 }, kind: 'codedeploy', ends: 'deregistration' };

/** By scenario: several defects are planted in the same one. */
const sound = new Map<string, Promise<Play>>();

async function violationsWithoutDefect(planted: Scenario): Promise<unknown[]> {
  const name = JSON.stringify(planted);
  const played = sound.get(name) ?? play(planted);
  sound.set(name, played);
  return (await played).violations;
}

const functions: Promise<Functions> = loadFunctions();

const doesNothing: CreateHandler = () => async () => {};

/** Changes what these functions are answered. */
function deceive(names: string[], change: (answer: Answer) => void): Defects {
  return {
    plant: ({ world }) =>
      world.aws.endpoint.intercept(async (call, proceed) => {
        // Of these a copy is not the same: it loses times, and the bytes of bodies.
        if (call.operation === 'DescribeScalingActivities' || call.service === 's3') return proceed();
        const answer = structuredClone(await proceed()) as Answer;
        const name = isInvocationCaller(call.caller) ? call.caller.invocation?.function : undefined;
        if (name && names.includes(name) && answer) change(answer);
        return answer;
      }),
  };
}

interface Health {
  TargetHealth: { State: string };
}

interface Answer {
  TargetGroups?: object[];
  LoadBalancerDescriptions?: object[];
  TargetHealthDescriptions?: Health[];
  LoadBalancerTargetGroups?: { State: string }[];
  TrafficSources?: { State: string }[];
  ScheduledUpdateGroupActions?: { StartTime?: Date }[];
}

function seesEverybodyHealthy(answer: Answer): void {
  for (const { TargetHealth } of answer.TargetHealthDescriptions ?? []) TargetHealth.State = 'healthy';
}

function overlooksDraining(answer: Answer): void {
  const { TargetHealthDescriptions, LoadBalancerTargetGroups, TrafficSources } = answer;
  if (TargetHealthDescriptions) {
    const isThere = ({ TargetHealth }: Health) => TargetHealth.State !== 'draining';
    answer.TargetHealthDescriptions = TargetHealthDescriptions.filter(isThere);
  }
  const isStaying = ({ State }: { State: string }) => State !== 'Removing';
  if (LoadBalancerTargetGroups) answer.LoadBalancerTargetGroups = LoadBalancerTargetGroups.filter(isStaying);
  if (TrafficSources) answer.TrafficSources = TrafficSources.filter(isStaying);
}

function readsNoTimes(answer: Answer): void {
  for (const action of answer.ScheduledUpdateGroupActions ?? []) action.StartTime = undefined;
}

function overlooksWhatIsElsewhere(answer: Answer): void {
  if (answer.TargetGroups) answer.TargetGroups = [];
  if (answer.LoadBalancerDescriptions) answer.LoadBalancerDescriptions = [];
}

/** Answers these operations without doing anything. */
function ignore(...operations: string[]): Defects {
  return {
    plant: ({ world }) =>
      world.aws.endpoint.intercept((call, proceed) =>
        operations.includes(call.operation) && isInvocationCaller(call.caller) ? Promise.resolve({}) : proceed(),
      ),
  };
}

/** A function that does something more each time. */
function also(name: string, act: (runtime: Runtime, event: unknown) => Promise<unknown>): Defects {
  const createHandler: CreateHandler = (runtime) => {
    const connected = functions.then((all) => all[name]?.(runtime));
    return async (event, invocation) => {
      const handle = await connected;
      await act(runtime, event).catch(() => {}); // it may be denied: the attempt is what counts
      return handle?.(event, invocation);
    };
  };
  return { handlers: { [name]: createHandler } };
}

/** To `start` StandBy seems to be attached to nothing. */
function overlookAttachments({ world }: Place): void {
  world.aws.endpoint.intercept(async (call, proceed) => {
    if (call.service !== 'auto-scaling') return proceed();
    const answer = structuredClone(await proceed()) as Overlooked | undefined;
    const isOfStart = isInvocationCaller(call.caller) && call.caller.invocation?.function === 'start';
    if (!isOfStart || !answer) return answer;
    const nothing = { TargetGroupARNs: [], LoadBalancerNames: [], TrafficSources: [] };
    for (const group of answer.AutoScalingGroups ?? []) {
      if (group.AutoScalingGroupName === 'was-green') Object.assign(group, nothing);
    }
    const isOfStandBy = call.input.AutoScalingGroupName === 'was-green';
    if (isOfStandBy && answer.LoadBalancers) answer.LoadBalancers = [];
    if (isOfStandBy && answer.TrafficSources) answer.TrafficSources = [];
    return answer;
  });
}

interface Overlooked {
  AutoScalingGroups?: { AutoScalingGroupName: string }[];
  LoadBalancers?: object[];
  TrafficSources?: object[];
}

/** A store that writes over whatever is there, so that two who read the same both go on. */
function forgetConditions({ world }: Place): void {
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation === 'PutObject') Object.assign(call.input, { IfMatch: undefined, IfNoneMatch: undefined });
    return proceed();
  });
}

/** As soon as the first deployment has started somebody's group changes. */
function changeOthers({ world }: Place): void {
  const { aws } = world;
  aws.eventBridge.onEvent((event) => {
    if (event['detail-type'] !== 'Started') return;
    const caller = { principal: 'operator', isAlive: () => true };
    const input = { AutoScalingGroupName: 'others', MaxSize: 7 };
    const operation = 'UpdateAutoScalingGroup';
    aws.autoScaling.operations[operation]?.(input, {
      service: 'auto-scaling',
      operation,
      input,
      caller,
      requestId: '',
    });
  });
}

const ILL: Act = {
  when: { afterEvent: 'Step1Passed', occurrence: 1, delaySeconds: 0 },
  kind: 'ill',
  fleet: 0,
  group: 'green',
  count: 1,
  health: 'dead',
  seconds: 600,
};

const NIGHTLY: Act = {
  when: { atSeconds: 0 },
  kind: 'schedule',
  fleet: 0,
  dueSeconds: 43_200,
  isRecurring: true,
  more: 1,
};
/** Falls due when the deployment is over. */
const RUSH: Act = {
  when: { afterEvent: 'RealAttached', occurrence: 1, delaySeconds: 0 },
  kind: 'schedule',
  fleet: 0,
  dueSeconds: 240,
  isRecurring: false,
  more: 1,
};

const deleteByName = async (runtime: Runtime, event: unknown) => {
  const { deploymentGroup, deploymentId } = (event as { detail?: Record<string, string> }).detail ?? {};
  if (!deploymentId) return;
  const command = new DeleteAutoScalingGroupCommand({
    AutoScalingGroupName: `CodeDeploy_${deploymentGroup}_${deploymentId}`,
    ForceDelete: true,
  });
  await new AutoScalingClient(runtime.clientDefaults).send(command);
};

const deleteWhatLooksLikeADummy = (runtime: Runtime) =>
  new ElasticLoadBalancingClient(runtime.clientDefaults).send(
    new DeleteLoadBalancerCommand({ LoadBalancerName: 'deploycheck-others' }),
  );

/** A function that hears something else than what was put. */
function mishearing(name: string, change: (event: BusEvent) => void): Defects {
  const createHandler: CreateHandler = (runtime) => {
    const connected = functions.then((all) => all[name]?.(runtime));
    return async (event, invocation) => {
      const heard = structuredClone(event) as BusEvent;
      change(heard);
      return (await connected)?.(heard, invocation);
    };
  };
  return { handlers: { [name]: createHandler } };
}

function hearsTheTaskOnly(event: BusEvent): void {
  event.detail = { task: event.detail.task };
}

/** As if the clock of whoever puts an abort were a minute behind. */
function hearsAbortsTooEarly(event: BusEvent): void {
  if (event['detail-type'] !== 'AbortRequested') return;
  event.time = new Date(Date.parse(event.time) - 60_000).toISOString();
}

/** Clean-up of a stack that takes the wars of strangers for its own. */
const cleansEverywhere: CreateHandler = (runtime) => {
  const { WAR_BUCKETS } = runtime.environment;
  const EVENT_BUS_ARN = 'arn:aws:events:eu-central-1:123456789012:event-bus/another-stack';
  const environment = { ...runtime.environment, EVENT_BUS_ARN, WAR_BUCKETS: `${WAR_BUCKETS},their-wars` };
  const connected = functions.then((all) => all['clean-up']?.({ ...runtime, environment }));
  return async (event, invocation) => (await connected)?.(event, invocation);
};

/** To this function groups seem to have the sizes that it gives them. */
function ignoreSizesBy(name: string, isIgnored = (_input: Record<string, unknown>) => true): Defects['plant'] {
  return ({ world }) =>
    world.aws.endpoint.intercept((call, proceed) => {
      const caller = isInvocationCaller(call.caller) ? call.caller.invocation?.function : undefined;
      const isSizing = call.operation === 'UpdateAutoScalingGroup' && caller === name;
      return isSizing && isIgnored(call.input) ? Promise.resolve({}) : proceed();
    });
}

const REGISTERED = { when: { atSeconds: 0 }, kind: 'register', fleet: 0, count: 1 } as const;
const ATTACHED_BEFORE: Act = { when: { atSeconds: 0 }, kind: 'attach', fleet: 0, group: 'green' };
const MISSPELT: Act = { when: { atSeconds: 0 }, kind: 'typo', fleet: 0, typo: 'misspelt versions' };
const ABORT: Act = { when: { afterEvent: 'Started', occurrence: 1, delaySeconds: 2 }, kind: 'abort', fleet: 0 };
const ALARM: Act = {
  when: { afterEvent: 'RealAttached', occurrence: 1, delaySeconds: 1 },
  kind: 'alarm',
  fleet: 0,
  group: 'blue',
  desired: 1,
};
const CLEAN_THEIRS: Act = { when: { atSeconds: 0 }, kind: 'ask for theirs', event: 'CleanRequested' };
const DAMAGE: Act = {
  when: { afterEvent: 'Completed', occurrence: 1, delaySeconds: 5 },
  kind: 'damage record',
  fleet: 0,
  how: 'empty',
};

const [LAST_TARGET, TERMINATION, OWNERSHIP, ALONE, BROKEN_WAR, UNPROVEN, SHARING] = CHECKERS;
const [UNREADABLE, CLOCK] = REQUEST_CHECKERS;
const [OUTCOME, MAIL, DUMMY, CLOSED, GROUPS, UPLOADS, OTHERS, COPIES, SCHEDULES, ANSWER] = END_CHECKERS;

const TWICE: Scenario['faults'] = [
  { kind: 'deliveries', fromSeconds: 0, seconds: 600, share: 1, fate: 'twice', delaySeconds: 0.5 },
];

test.each<[checker: string, defect: string, scenario: Scenario, defects: Defects]>([
  [
    LAST_TARGET,
    'a swap that takes everybody for healthy',
    plainScenario([UPLOAD, ILL]),
    deceive(['check-real', 'swap'], seesEverybodyHealthy),
  ],
  [
    TERMINATION,
    'a swap that does not wait for draining',
    plainScenario([UPLOAD]),
    deceive(['swap', 'retire'], overlooksDraining),
  ],
  ...(['classic', 'instance', 'ip'] as const).map((as): [string, string, Scenario, Defects] => [
    TERMINATION,
    `a retire that does not look through what else lists instances, here as ${as}`,
    plainScenario([{ ...REGISTERED, as }, UPLOAD]),
    deceive(['retire'], overlooksWhatIsElsewhere),
  ]),
  [
    TERMINATION,
    'a removal of copies that does not look whether they serve',
    plainScenario([COPY_THAT_SERVES]),
    also('codedeploy-clean-up', deleteByName),
  ],
  [
    OWNERSHIP,
    'a function that deletes by the prefix alone',
    plainScenario([UPLOAD]),
    also('notify', deleteWhatLooksLikeADummy),
  ],
  [ALONE, 'a store without conditions', plainScenario([UPLOAD], { faults: TWICE }), { plant: forgetConditions }],
  [
    BROKEN_WAR,
    'a check of step 1 that takes everybody for healthy',
    plainScenario([BROKEN_UPLOAD]),
    deceive(['check-dummy'], seesEverybodyHealthy),
  ],
  [
    UNPROVEN,
    'a start that does not look where StandBy is attached',
    plainScenario([ATTACHED_BEFORE, { ...UPLOAD, when: { atSeconds: 60 } }]),
    { plant: overlookAttachments },
  ],
  [
    SHARING,
    'an attach-real that leaves Active to its alarms',
    plainScenario([UPLOAD, ALARM], { fleet: { instances: 2, minimum: 1 } }),
    { plant: ignoreSizesBy('attach-real') },
  ],
  [
    GROUPS,
    'a clean-up that keeps the minimum of Active raised',
    plainScenario([UPLOAD, { ...ABORT, when: ALARM.when }], { fleet: { instances: 2, minimum: 1 } }),
    { plant: ignoreSizesBy('clean-up', (input) => input.MaxSize === undefined) },
  ],
  [OUTCOME, 'a clean-up that does nothing', plainScenario([BROKEN_UPLOAD]), { handlers: { 'clean-up': doesNothing } }],
  [MAIL, 'a notify that does nothing', plainScenario([UPLOAD]), { handlers: { notify: doesNothing } }],
  [DUMMY, 'target groups that are not deleted', plainScenario([UPLOAD]), ignore('DeleteTargetGroup')],
  [
    CLOSED,
    'stages that do nothing',
    plainScenario([UPLOAD]),
    { handlers: { retire: doesNothing, 'clean-up': doesNothing, watchdog: doesNothing } },
  ],
  [GROUPS, 'processes that stay suspended', plainScenario([UPLOAD]), ignore('ResumeProcesses')],
  [UPLOADS, 'uploads that nobody hears of', plainScenario([UPLOAD]), { handlers: { 'war-uploaded': doesNothing } }],
  [OTHERS, 'a change of somebody’s group', plainScenario([UPLOAD]), { plant: changeOthers }],
  [
    COPIES,
    'copies that nobody removes',
    plainScenario([CODE_DEPLOY]),
    { handlers: { 'codedeploy-clean-up': doesNothing } },
  ],
  [
    SCHEDULES,
    'scheduled actions that are only put, and not taken away',
    plainScenario([UPLOAD, NIGHTLY]),
    ignore('DeleteScheduledAction'),
  ],
  [
    SCHEDULES,
    'a swap that does not read when scheduled actions are due',
    plainScenario([UPLOAD, RUSH]),
    deceive(['swap'], readsNoTimes),
  ],
  [ANSWER, 'a start that does nothing', plainScenario([MISSPELT]), { handlers: { start: doesNothing } }],
  [UNREADABLE, 'a start that guesses', plainScenario([MISSPELT]), mishearing('start', hearsTheTaskOnly)],
  [
    UNREADABLE,
    'a clean-up that takes the task of a stranger for its own',
    plainScenario([CLEAN_THEIRS], { site: { hasStrangers: true } }),
    { handlers: { 'clean-up': cleansEverywhere } },
  ],
  [
    CLOCK,
    'a clean-up that goes by clocks',
    plainScenario([UPLOAD, ABORT]),
    mishearing('clean-up', hearsAbortsTooEarly),
  ],
  [
    CLOSED,
    'a clean-up that does not mend a lost record',
    plainScenario([UPLOAD, DAMAGE]),
    { handlers: { 'clean-up': doesNothing } },
  ],
])('%s: seen with %s', async (checker, _, planted, defects) => {
  expect(await violationsWithoutDefect(planted)).toEqual([]);
  const defective = await play(planted, { ...defects, endLimitSeconds: 3600 });
  expect(defective.violations.map((violation) => violation.checker)).toContain(checker);
});

test('every checker is proven to see something', () => {
  expect(CHECKERS).toHaveLength(7);
  expect(REQUEST_CHECKERS).toHaveLength(2);
  expect(END_CHECKERS).toHaveLength(10);
});
