/** What must hold at every moment, whatever goes wrong: looked at around every call of a function that may change something. */
import type { ExampleFleet } from '../../local/example/fleet';
import type { Call } from '../../local/kernel/service';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { type Invocation, isInvocationCaller } from '../../local/services/lambda/environment';
import { departuresFromNetwork, idsOfShrinkingGroup, sentToByNetwork, TAKING_AWAY } from '../harness/guard';
import { groupsOf, type Targets, targetHealthOf } from '../harness/observe';
import type { Journal, Report } from './journal';
import type { People } from './people';
import { Sharing } from './sharing';
import type { Place } from './site';

/** What a checker is known by; each is proven to see a planted defect. */
export const CHECKERS = [
  'the last healthy target is never taken away',
  'nothing is terminated that any load balancer of the account lists, or still sends requests to',
  'nothing is changed that is not ours',
  'one invocation of a task acts at a time',
  'a broken war never reaches a user',
  'no user meets a new version before it has passed step 1',
  'nothing makes Active smaller while a new version shares its users',
] as const;
export type Checker = (typeof CHECKERS)[number];

const READING = /^(Describe|List|Get|Head|Receive)/;

/** Each of these is the product's own bookkeeping, and changes nothing that users depend on. */
const BOOKKEEPING = /^(PutObject|PutEvents|Publish)$/;

/** Whoever decides upon what he saw longer ago than this could have looked again. */
const UNKNOWABLE_SECONDS = 15;

/** Who acts for a task. */
interface Turns {
  last: Invocation | undefined;
  /** Whom somebody else has followed. */
  over: Set<Invocation>;
  /** Once for each call. */
  underWay: Invocation[];
}

interface Seen {
  healthy: string[];
  at_ms: number;
}

export class Checkers {
  private readonly seen = new WeakMap<Invocation, Map<string, Seen>>();
  private readonly turns = new Map<string | undefined, Turns>();
  /** By group: when people last attached it anywhere. */
  private readonly attachedByPeople_ms = new Map<string, number>();
  /** By what they registered it with: when people last registered anything. */
  private readonly registeredByPeople_ms = new Map<string, number>();
  /** By instance. */
  private readonly leftNetworkAt_ms: ReadonlyMap<string, number>;

  constructor(
    private readonly place: Place,
    private readonly people: People,
    private readonly journal: Journal,
    private readonly report: Report,
  ) {
    this.leftNetworkAt_ms = departuresFromNetwork(place.world);
  }

  install(): void {
    const { aws, stack } = this.place.world;
    new Sharing(this.place, this.people, (text) => this.report(CHECKERS[6], text)).install();
    aws.endpoint.intercept((call, proceed) => {
      const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
      if (!invocation) {
        if (ATTACHING.test(call.operation)) this.attachedByPeople_ms.set(groupOf(call), this.now_ms);
        if (REGISTERING.test(call.operation) && call.caller.principal === 'operator')
          this.registeredByPeople_ms.set(balancerOf(call) ?? '', this.now_ms);
        return proceed();
      }
      return READING.test(call.operation)
        ? this.look(call, invocation, proceed)
        : this.around(call, invocation, proceed);
    });
    aws.eventBridge.onEvent((event, busName) => {
      if (busName === stack.outputs.EventBusName) this.onEvent(event);
    });
  }

  /** Remembers which targets an invocation has seen healthy, and when. */
  private async look(call: Call, invocation: Invocation, proceed: () => Promise<unknown>): Promise<unknown> {
    const answer = await proceed();
    const balancer = /^Describe(Target|Instance)Health$/.test(call.operation) ? balancerOf(call) : undefined;
    if (balancer === undefined) return answer;
    const targets = targetHealthOf(this.place.world.aws).get(balancer);
    const seen = this.seen.get(invocation) ?? new Map<string, Seen>();
    this.seen.set(invocation, seen.set(balancer, { healthy: healthyIds(targets), at_ms: this.now_ms }));
    return answer;
  }

  private get now_ms(): number {
    return this.place.world.clock.now().getTime();
  }

  private async around(call: Call, invocation: Invocation, proceed: () => Promise<unknown>): Promise<unknown> {
    this.checkOwnership(call, invocation);
    this.checkProven(call, invocation);
    const isBookkeeping = BOOKKEEPING.test(call.operation);
    this.journal.note({ kind: isBookkeeping ? 'bookkeeping' : 'call', function: invocation.function, call });
    if (isBookkeeping) return proceed();
    // What looks after all tasks at once changes nothing that a running deployment has.
    const act = taskOf(invocation) === undefined ? proceed : () => this.checkAlone(call, invocation, proceed);
    return TAKING_AWAY.test(call.operation) ? this.takeAway(call, invocation, act) : act();
  }

  private async takeAway(call: Call, invocation: Invocation, act: () => Promise<unknown>): Promise<unknown> {
    const { aws } = this.place.world;
    const before = targetHealthOf(aws);
    const members = groupsOf(aws).get(String(call.input.AutoScalingGroupName))?.instanceIds ?? new Set();
    this.checkTermination(call, invocation, before);
    const answer = await act();
    this.checkLastTarget(call, invocation, before, members);
    return answer;
  }

  private checkTermination(call: Call, invocation: Invocation, targetHealth: Map<string, Targets>): void {
    const fleet = this.fleetOf(taskOf(invocation));
    if (fleet && this.people.schedules.isDue(fleet, call.input.DesiredCapacity)) return;
    const ids = idsOfShrinkingGroup(this.place.world, call);
    const sentTo = sentToByNetwork(this.place.world, ids, this.leftNetworkAt_ms);
    if (sentTo.length > 0) {
      const may = 'to which a Network Load Balancer may still send';
      this.report(CHECKERS[1], `${invocation.function} terminates ${sentTo.join(', ')}, ${may}`);
    }
    for (const [balancer, targets] of targetHealth) {
      // What people have deregistered drains on a Classic Load Balancer that no listing names any more.
      const isUnlisted = (id: string) =>
        targets.get(id) === 'draining' && !balancer.startsWith('arn:') && this.registeredByPeople_ms.has(balancer);
      const listed = ids.filter((id) => targets.has(id) && !isUnlisted(id));
      const isUnknowable = this.now_ms - (this.registeredByPeople_ms.get(balancer) ?? 0) <= UNKNOWABLE_SECONDS * 1000;
      if (listed.length === 0 || isUnknowable) continue;
      const states = listed.map((id) => `${id}, which is ${targets.get(id)} on ${balancer}`);
      this.report(CHECKERS[1], `${invocation.function} terminates ${states.join('; ')}`);
    }
  }

  /** A call is on its way for a moment: what changed after the invocation has last looked it cannot know. */
  private checkLastTarget(
    call: Call,
    invocation: Invocation,
    before: Map<string, Targets>,
    members: ReadonlySet<string>,
  ): void {
    for (const [balancer, targets] of targetHealthOf(this.place.world.aws)) {
      if (healthyIds(before.get(balancer)).length === 0 || healthyIds(targets).length > 0) continue;
      const seen = this.seen.get(invocation)?.get(balancer);
      const isRecent = seen !== undefined && this.now_ms - seen.at_ms <= UNKNOWABLE_SECONDS * 1000;
      // It has seen that others are healthy there, or that nobody is: the loss could not be foreseen.
      if (isRecent && (seen.healthy.length === 0 || seen.healthy.some((id) => !members.has(id)))) continue;
      this.report(CHECKERS[0], `${invocation.function} takes it from ${balancer} by ${call.operation}`);
    }
  }

  /** What is sized while it is attached to what has users serves them; so does what is attached there. */
  private checkProven(call: Call, invocation: Invocation): void {
    const name = groupOf(call);
    const group = groupsOf(this.place.world.aws).get(name);
    const isSizing = call.operation === 'UpdateAutoScalingGroup' && Number(call.input.DesiredCapacity) > 0;
    if (group?.tags.get('type') !== 'StandBy' || !(isSizing || ATTACHING.test(call.operation))) return;
    if (invocation.function === 'clean-up' || this.hasPassedStep1(taskOf(invocation))) return;
    const isUnknowable = this.now_ms - (this.attachedByPeople_ms.get(name) ?? 0) <= UNKNOWABLE_SECONDS * 1000;
    const identifiers = isSizing ? (isUnknowable ? [] : [...group.attachments]) : identifiersOf(call);
    const real = identifiers.filter((identifier) => !/(^|\/)deploycheck-/.test(identifier));
    if (real.length === 0) return;
    this.report(CHECKERS[5], `${invocation.function} calls ${call.operation} on ${name}, for ${real.join(', ')}`);
  }

  /** Since the task's last deployment has started. */
  private hasPassedStep1(task: string | undefined): boolean {
    const told = this.place.world.events.filter((event) => event.detail.task === task && !('replay-name' in event));
    const last = told.findLast(({ 'detail-type': type }) => type === 'Started' || type === 'Step1Passed');
    return last?.['detail-type'] === 'Step1Passed';
  }

  private checkOwnership(call: Call, invocation: Invocation): void {
    const foreign = this.foreignOf(call, invocation);
    if (foreign !== undefined) {
      this.report(CHECKERS[2], `${invocation.function} calls ${call.operation} on ${foreign}`);
    }
  }

  /** What the call is about, where that is not the product's own. */
  private foreignOf({ service, operation, input }: Call, invocation: Invocation): string | undefined {
    const { outputs } = this.place.world.stack;
    switch (service) {
      case 's3':
        return input.Bucket === outputs.StateBucketName ? undefined : String(input.Bucket);
      case 'auto-scaling':
        return this.foreignGroup(operation, input, invocation);
      case 'elastic-load-balancing':
      case 'elastic-load-balancing-v2':
        return this.foreignBalancer(operation, input);
      default:
        return undefined;
    }
  }

  private foreignGroup(operation: string, input: Call['input'], invocation: Invocation): string | undefined {
    const tagged = (input.Tags as { ResourceId: string }[] | undefined)?.map(({ ResourceId }) => ResourceId);
    const names = tagged ?? [String(input.AutoScalingGroupName)];
    const isOurs = (name: string) =>
      invocation.function === 'codedeploy-clean-up'
        ? operation === 'DeleteAutoScalingGroup' && this.people.copies.some((copy) => copy.groupName === name)
        : this.groupsOfTask(taskOf(invocation)).includes(name) && operation !== 'DeleteAutoScalingGroup';
    return names.find((name) => !isOurs(name));
  }

  private groupsOfTask(task: string | undefined): string[] {
    const fleet = this.fleetOf(task);
    return fleet ? [fleet.activeGroup, fleet.standByGroup] : [];
  }

  private fleetOf(task: string | undefined): ExampleFleet | undefined {
    return this.place.fleets.find((candidate) => candidate.task === task);
  }

  private foreignBalancer(operation: string, input: Call['input']): string | undefined {
    const { aws, stack } = this.place.world;
    const { ResourceArns = [], LoadBalancerNames = [] } = input as Record<string, string[]>;
    const single = [
      input.LoadBalancerArn ?? input.TargetGroupArn ?? input.ListenerArn,
      input.LoadBalancerName ?? input.Name,
    ];
    const named = [
      ...ResourceArns,
      ...LoadBalancerNames,
      ...single.filter((one) => typeof one === 'string'),
    ] as string[];
    const foreign = named.find((name) => !/(^|\/)deploycheck-/.test(name));
    if (foreign !== undefined || !operation.startsWith('Delete')) return foreign;
    const busArn = stack.resources.get('Bus')?.attributes.Arn;
    const tagsOf = (name: string) =>
      name.startsWith('arn:') ? aws.elasticLoadBalancingV2.tagsOf(name) : aws.elasticLoadBalancing.tagsOf(name);
    const isThere = (name: string) =>
      name.startsWith('arn:') ? tagsOf(name).size > 0 : aws.elasticLoadBalancing.exists(name);
    return named.find((name) => isThere(name) && tagsOf(name).get('bluegreen:stack') !== busArn);
  }

  /**
   * However an event is repeated: nobody acts in the middle of what somebody else does for the same task, and whoever was
   * followed by somebody else never acts again.
   */
  private async checkAlone(call: Call, invocation: Invocation, proceed: () => Promise<unknown>): Promise<unknown> {
    const turns = this.turnsOf(taskOf(invocation));
    const others = [...turns.underWay].filter((other) => other !== invocation && other.outcome === 'running');
    const follower = turns.over.has(invocation) ? turns.last : undefined;
    for (const other of [...others, ...(follower ? [follower] : [])]) {
      this.report(CHECKERS[3], `${invocation.function} calls ${call.operation} while ${other.function} acts`);
    }
    if (turns.last && turns.last !== invocation) turns.over.add(turns.last);
    turns.last = invocation;
    turns.underWay.push(invocation);
    try {
      return await proceed();
    } finally {
      turns.underWay.splice(turns.underWay.indexOf(invocation), 1);
    }
  }

  private turnsOf(task: string | undefined): Turns {
    const turns = this.turns.get(task) ?? { last: undefined, over: new Set(), underWay: [] };
    this.turns.set(task, turns);
    return turns;
  }

  private onEvent({ 'detail-type': detailType, detail }: BusEvent): void {
    if (detailType !== 'RealAttached') return;
    const started = this.place.world.events.find(
      (event) => event['detail-type'] === 'Started' && event.detail.deploymentId === detail.deploymentId,
    );
    const wars = (started?.detail.wars ?? []) as { to: string }[];
    const broken = this.people.uploads.filter(({ war }) => war !== 'well').map(({ versionId }) => versionId);
    const found = wars.find(({ to }) => broken.includes(to));
    // Where somebody has deleted the load balancer nothing is checked, and there are no users.
    const isServing = !this.people.done.some(({ kind }) => kind === 'delete load balancer');
    if (found && isServing) this.report(CHECKERS[4], `version ${found.to} is behind the real load balancers`);
  }
}

const REGISTERING = /^Register(Targets|InstancesWithLoadBalancer)$/;

const ATTACHING = /^Attach(LoadBalancers|LoadBalancerTargetGroups|TrafficSources)$/;

function groupOf({ input }: Call): string {
  return String(input.AutoScalingGroupName);
}

/** What a call attaches. */
function identifiersOf({ input }: Call): string[] {
  const {
    TargetGroupARNs = [],
    LoadBalancerNames = [],
    TrafficSources = [],
  } = input as {
    TargetGroupARNs?: string[];
    LoadBalancerNames?: string[];
    TrafficSources?: { Identifier: string }[];
  };
  return [...TargetGroupARNs, ...LoadBalancerNames, ...TrafficSources.map(({ Identifier }) => Identifier)];
}

/** The task that an invocation works for; undefined for one that looks after all. */
function taskOf({ event }: Invocation): string | undefined {
  const { detail } = event as { detail?: { task?: string; requestPayload?: { detail?: { task?: string } } } };
  return detail?.task ?? detail?.requestPayload?.detail?.task;
}

function healthyIds(targets: Targets | undefined): string[] {
  return [...(targets ?? [])].flatMap(([id, state]) => (state === 'healthy' ? [id] : []));
}

function balancerOf({ input }: Call): string | undefined {
  return (input.TargetGroupArn ?? input.LoadBalancerName) as string | undefined;
}
