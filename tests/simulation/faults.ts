/** Lets calls, deliveries and targets fail as a scenario says. */
import { Random } from '../../local/kernel/random';
import { AwsError, type Call } from '../../local/kernel/service';
import type { Delivery } from '../../local/services/eventbridge/delivery';
import type { BusEvent } from '../../local/services/eventbridge/event';
import { type InvocationCaller, isInvocationCaller } from '../../local/services/lambda/environment';
import type { World } from '../harness/world';
import type { Journal } from './journal';
import { type Effect, FAULTS_END_SECONDS, type Fault, type Scenario } from './scenario';

/** As a client that waits for an answer gives up. */
const TIME_OUT_SECONDS = 3;
const SLOW_SECONDS = 25;

const NEVER = new Promise<never>(() => {});

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

export class Faults {
  /** Requests that were lost on their way to `start`: an operator has to replay the archive. */
  lostRequests = 0;
  private readonly start_ms: number;
  /** Each storm has dice of its own, so that leaving one fault out changes no other. */
  private readonly dice: Map<Fault, Random>;
  private readonly callsMade = new Map<string, number>();
  private readonly deliveriesMade = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly scenario: Scenario,
    private readonly journal: Journal,
    private readonly onLost: (event: BusEvent) => void,
  ) {
    this.start_ms = world.clock.now().getTime();
    this.dice = new Map(scenario.faults.map((fault) => [fault, new Random(scenario.seed ^ hashOf(fault))]));
  }

  install(): void {
    const { endpoint, eventBridge } = this.world.aws;
    endpoint.intercept((call, proceed) => this.onCall(call, proceed));
    const usual = eventBridge.delivery.policy;
    eventBridge.deliveryPolicy = (delivery) => this.onDelivery(delivery, usual(delivery));
    eventBridge.delivery.targetFault = (delivery) => this.onTarget(delivery);
  }

  private get seconds(): number {
    return (this.world.clock.now().getTime() - this.start_ms) / 1000;
  }

  private get isOver(): boolean {
    return this.seconds > FAULTS_END_SECONDS;
  }

  private onCall(call: Call, proceed: () => Promise<unknown>): Promise<unknown> {
    if (!isInvocationCaller(call.caller) || !call.caller.invocation || this.isOver) return proceed();
    const name = call.caller.invocation.function;
    const made = (this.callsMade.get(name) ?? 0) + 1;
    this.callsMade.set(name, made);
    const single = this.of('call').find((fault) => fault.function === name && fault.call === made);
    const storm = this.of('calls').find(
      (fault) =>
        this.isDuring(fault) && (fault.service ?? call.service) === call.service && this.strikes(fault, fault.share),
    );
    const denial = this.of('denied').find(
      (fault) => fault.function === name && fault.operation === call.operation && this.isDuring(fault),
    );
    const effect = denial ? 'refused' : (single?.effect ?? storm?.effect);
    if (!effect) return proceed();
    this.journal.note({ kind: 'fault', text: `${name}: ${call.operation} is ${effect}` });
    return this.afflict(effect, call, call.caller, proceed);
  }

  private async afflict(
    effect: Effect,
    call: Call,
    { invocation }: InvocationCaller,
    proceed: () => Promise<unknown>,
  ): Promise<unknown> {
    const { clock, aws } = this.world;
    switch (effect) {
      case 'throttled':
        throw new AwsError(call.service === 's3' ? 'SlowDown' : 'Throttling', 'Rate exceeded', 400);
      case 'unavailable':
        throw new AwsError('ServiceUnavailable', 'The service is unavailable', 503);
      case 'refused':
        throw denialOf(call, invocation?.function);
      case 'in conflict':
        throw conflictOf(call);
      case 'answer lost':
        await proceed();
        throw new AwsError('InternalFailure', 'The request processing has failed', 500);
      case 'timed out before':
        await clock.sleep(TIME_OUT_SECONDS);
        throw timeout();
      case 'timed out after':
        await proceed();
        await clock.sleep(TIME_OUT_SECONDS);
        throw timeout();
      case 'slow':
        await clock.sleep(SLOW_SECONDS);
        return proceed();
      case 'killed before':
        if (invocation) aws.lambda.kill(invocation);
        return NEVER;
      case 'killed after':
        await proceed();
        if (invocation) aws.lambda.kill(invocation);
        return NEVER;
    }
  }

  private onDelivery(delivery: Delivery, usual: number[]): number[] {
    if (this.isOver) return usual;
    const { 'detail-type': detailType } = delivery.event;
    const made = (this.deliveriesMade.get(detailType) ?? 0) + 1;
    this.deliveriesMade.set(detailType, made);
    const single = this.of('delivery').find((one) => one.detailType === detailType && one.delivery === made);
    const storm = this.of('deliveries').find((one) => this.isDuring(one) && this.strikes(one, one.share));
    const fault = single ?? storm;
    if (!fault) return usual;
    const { fate, delaySeconds } = fault;
    if (fate === 'lost' && !mayBeLost(delivery)) return usual;
    if (fate === 'lost' && detailType === 'DeployRequested') this.lostRequests++;
    const target = delivery.target.Arn?.split(':').at(-1);
    const text = `${detailType} to ${target} is ${fate}${fate === 'lost' ? '' : `, by ${delaySeconds} s`}`;
    this.journal.note({ kind: 'fault', text });
    if (fate === 'lost') {
      this.onLost(delivery.event);
      return [];
    }
    return fate === 'twice' ? [...usual, delaySeconds] : [delaySeconds];
  }

  private onTarget({ target }: Delivery): AwsError | undefined {
    const isDown = this.of('target').some(
      (fault) => this.isDuring(fault) && target.Arn?.startsWith(`arn:aws:${fault.service}:`),
    );
    return isDown ? new AwsError('ServiceUnavailable', 'The target is not available', 503) : undefined;
  }

  private of<Kind extends Fault['kind']>(kind: Kind): FaultOf<Kind>[] {
    return this.scenario.faults.filter((fault): fault is FaultOf<Kind> => fault.kind === kind);
  }

  private isDuring({ fromSeconds, seconds }: { fromSeconds: number; seconds: number }): boolean {
    return this.seconds >= fromSeconds && this.seconds < fromSeconds + seconds;
  }

  private strikes(fault: Fault, share: number): boolean {
    return (this.dice.get(fault)?.next() ?? 1) < share;
  }
}

/**
 * EventBridge delivers at least once, so a delivery is lost only where a repair is promised: in the pipeline, where the
 * watchdog or a replay mends it, and what CodeDeploy tells, which is best effort. What S3 tells is durable, and a mail
 * that was accepted arrives.
 */
function mayBeLost({ event, target }: Delivery): boolean {
  if (event.source === 'aws.s3' || event.source === 'aws.scheduler') return false;
  return !target.Arn?.startsWith('arn:aws:sns:') && !target.Arn?.endsWith('-notify');
}

/** As AWS says it: the caller, the action and the resource. */
function denialOf({ service, operation, input }: Call, name?: string): AwsError {
  const prefix = { 'auto-scaling': 'autoscaling', 'elastic-load-balancing': 'elasticloadbalancing' };
  const action = `${prefix[service.replace('-v2', '') as keyof typeof prefix] ?? service}:${operation}`;
  const resource = input.AutoScalingGroupName ?? input.LoadBalancerArn ?? input.TargetGroupArn ?? input.Key ?? '*';
  const user = `arn:aws:sts::123456789012:assumed-role/${name}/${name}`;
  const why = 'because no identity-based policy allows the action';
  const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return new AwsError(service === 'eventbridge' ? 'AccessDeniedException' : 'AccessDenied', message, 403);
}

/** As each service says that something else is under way. */
function conflictOf({ service, operation }: Call): AwsError {
  switch (service) {
    case 's3':
      return new AwsError('ConditionalRequestConflict', 'A conflicting operation is under way', 409);
    case 'auto-scaling':
      return operation.startsWith('Update')
        ? new AwsError('ScalingActivityInProgress', 'A scaling activity is in progress', 400)
        : new AwsError('ResourceContention', 'You have a pending update to this resource', 500);
    case 'elastic-load-balancing-v2':
      return new AwsError('ResourceInUse', 'The resource is in use', 400);
    default:
      return new AwsError('ServiceUnavailable', 'The service is unavailable', 503);
  }
}

function timeout(): Error {
  return Object.assign(new Error('The request timed out'), { name: 'TimeoutError' });
}

function hashOf(fault: Fault): number {
  return [...JSON.stringify(fault)].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) | 0, 7);
}
