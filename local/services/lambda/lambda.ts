/** AWS Lambda: functions of this process, invoked asynchronously with retries and failure destinations, or by SQS. */
import type { CreateHandler, Runtime } from '../../../shared/aws/runtime';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { AwsError, type Caller } from '../../kernel/service';
import { assertAllowed, assertPolicySupported, type PolicyStatement, type ServiceSource } from '../iam/resource-policy';
import type { Sqs } from '../sqs/sqs';
import { deliverFailure, type FailedEvent } from './destination';
import { ExecutionEnvironment, type Invocation, type Logs, type Outcome } from './environment';
import { type EventSource, pollQueue } from './event-source';
import type { AsynchronousConfiguration, FunctionDefinition, LambdaFunction } from './function';

export interface LambdaSettings {
  /** From the acceptance of an asynchronous event to its first attempt. */
  asynchronousDelaySeconds: number;
  coldStartSeconds: number;
  /** "Lambda retries function errors twice: one minute before the first retry, two minutes before the second." */
  retryDelaySeconds: readonly [first: number, second: number];
}

export interface LambdaOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  sqs: Sqs;
  /** By the key of the function in the template's source: `check-dummy`. */
  handlers: Readonly<Record<string, CreateHandler>>;
  /** Makes what a handler gets; also how Lambda itself makes calls with the function's role. */
  runtimeFor: (functionKey: string, caller: Caller, environment: Record<string, string>) => Runtime;
  /** Gets every line of every function. */
  logs?: Logs;
  settings?: Partial<LambdaSettings>;
}

const STANDARD_SETTINGS: LambdaSettings = {
  asynchronousDelaySeconds: 0.05,
  coldStartSeconds: 0.3,
  retryDelaySeconds: [60, 120],
};
const THROTTLE_BACKOFF_LIMIT_SECONDS = 300;

export class LambdaService {
  /** Every invocation so far, in the order of their starts. */
  readonly invocations: Invocation[] = [];
  /** Failures that reached neither destination nor dead-letter queue, with the reason. */
  readonly undelivered: { functionName: string; reason: string; payload: unknown }[] = [];
  private readonly settings: LambdaSettings;
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly idle = new Map<string, ExecutionEnvironment[]>();
  private readonly running = new Set<ExecutionEnvironment>();

  constructor(private readonly options: LambdaOptions) {
    this.settings = { ...STANDARD_SETTINGS, ...options.settings };
  }

  /** Throws an Error when there is no handler for the function: a template must not deploy what cannot run. */
  createFunction(definition: FunctionDefinition): LambdaFunction {
    const createHandler = this.options.handlers[definition.key];
    if (!createHandler) throw new Error(`no handler is given for the function "${definition.key}"`);
    const created: LambdaFunction = {
      ...definition,
      arn: `arn:aws:lambda:${this.options.region}:${this.options.accountId}:function:${definition.name}`,
      createHandler,
      permissions: [],
      asynchronous: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 6 * 3600 },
    };
    this.functions.set(created.arn, created);
    return created;
  }

  /** AWS::Lambda::EventInvokeConfig. */
  configureAsynchronous(functionName: string, configuration: Partial<AsynchronousConfiguration>): void {
    const configured = this.function(functionName);
    configured.asynchronous = { ...configured.asynchronous, ...configuration };
  }

  /** AWS::Lambda::Permission. */
  addPermission(functionName: string, statement: PolicyStatement): void {
    assertPolicySupported({ Statement: statement });
    this.function(functionName).permissions.push(statement);
  }

  /** AWS::Lambda::EventSourceMapping of a queue. */
  addEventSource(source: EventSource): void {
    const consumer = this.function(source.functionName);
    const queue = this.options.sqs.queueByArn(source.queueArn);
    const { visibilityTimeoutSeconds } = queue.settings;
    if (visibilityTimeoutSeconds < consumer.timeoutSeconds) {
      const message = `Queue visibility timeout: ${visibilityTimeoutSeconds} seconds is less than Function timeout: ${consumer.timeoutSeconds} seconds`;
      throw new AwsError('InvalidParameterValueException', message);
    }
    const { clientDefaults } = this.platformRuntime(consumer);
    pollQueue(source, queue, clientDefaults, this.options, (event) => this.invokeSync(consumer.arn, event));
  }

  /** Accepts an event into the function's asynchronous queue; returns the request id that all its attempts share. */
  invokeAsync(functionArn: string, event: unknown, source?: ServiceSource): string {
    const invoked = this.function(functionArn);
    if (source) assertAllowed([{ Statement: invoked.permissions }], 'lambda:InvokeFunction', invoked.arn, source);
    const accepted: AcceptedEvent = {
      requestId: this.options.random.uuid(),
      payload: JSON.stringify(event),
      acceptedAt: this.options.clock.now(),
      attempts: 0,
      throttles: 0,
    };
    this.options.clock.after(this.settings.asynchronousDelaySeconds, () => this.attempt(invoked, accepted));
    return accepted.requestId;
  }

  /** Invokes once and answers what happened, as for a queue's event source. Throws TooManyRequestsException. */
  async invokeSync(functionArn: string, event: unknown): Promise<Outcome> {
    return this.invoke(this.function(functionArn), this.options.random.uuid(), JSON.stringify(event));
  }

  /** Ends a running invocation as a crash of its process does: none of its calls has an effect any more. */
  kill(invocation: Invocation): void {
    for (const environment of this.running) if (environment.invocation === invocation) environment.crash();
  }

  /** Finds a function by name or ARN. */
  function(nameOrArn: string): LambdaFunction {
    const found = [...this.functions.values()].find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
    if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    return found;
  }

  private async attempt(invoked: LambdaFunction, accepted: AcceptedEvent): Promise<void> {
    const { clock } = this.options;
    const { maximumRetryAttempts, maximumEventAgeSeconds } = invoked.asynchronous;
    const again = (delaySeconds: number) => void clock.after(delaySeconds, () => this.attempt(invoked, accepted));
    const age_ms = clock.now().getTime() - accepted.acceptedAt.getTime();
    if (age_ms > maximumEventAgeSeconds * 1000) return this.giveUp(invoked, accepted, 'EventAgeExceeded');
    if (this.isThrottled(invoked)) {
      return again(Math.min(2 ** accepted.throttles++, THROTTLE_BACKOFF_LIMIT_SECONDS));
    }
    accepted.attempts++;
    accepted.outcome = await this.invoke(invoked, accepted.requestId, accepted.payload);
    if ('result' in accepted.outcome) return;
    if (accepted.attempts > maximumRetryAttempts) return this.giveUp(invoked, accepted, 'RetriesExhausted');
    const [first, second] = this.settings.retryDelaySeconds;
    again(accepted.attempts === 1 ? first : second);
  }

  private async giveUp(
    failed: LambdaFunction,
    accepted: AcceptedEvent,
    condition: FailedEvent['condition'],
  ): Promise<void> {
    const event: FailedEvent = {
      ...accepted,
      condition,
      payload: JSON.parse(accepted.payload),
      error: accepted.outcome && 'error' in accepted.outcome ? accepted.outcome.error : undefined,
      failedAt: this.options.clock.now(),
    };
    const invokeFunction = (arn: string, payload: unknown) => void this.invokeAsync(arn, payload);
    const problems = await deliverFailure(failed, event, this.platformRuntime(failed), invokeFunction);
    for (const reason of problems) this.undelivered.push({ functionName: failed.name, reason, payload: event.payload });
  }

  private async invoke(invoked: LambdaFunction, requestId: string, payload: string): Promise<Outcome> {
    if (this.isThrottled(invoked)) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    const { clock } = this.options;
    const warm = this.idle.get(invoked.arn)?.pop();
    const environment = warm ?? new ExecutionEnvironment(invoked, this.options);
    this.running.add(environment);
    if (!warm) await clock.sleep(this.settings.coldStartSeconds);
    const invocation: Invocation = {
      requestId,
      function: invoked.key,
      event: JSON.parse(payload),
      startedAt: clock.now(),
      outcome: 'running',
    };
    this.invocations.push(invocation);
    const outcome = await environment.run(invocation, payload);
    this.running.delete(environment);
    if (environment.isAlive()) this.idle.set(invoked.arn, [...(this.idle.get(invoked.arn) ?? []), environment]);
    return outcome;
  }

  private isThrottled({ name, reservedConcurrency }: LambdaFunction): boolean {
    if (reservedConcurrency === undefined) return false;
    const busy = [...this.running].filter((environment) => environment.functionName === name);
    return busy.length >= reservedConcurrency;
  }

  /** With what Lambda itself acts for a function: its role, but outside of any invocation. */
  private platformRuntime({ key, roleKey }: LambdaFunction): Runtime {
    return this.options.runtimeFor(key, { principal: roleKey, isAlive: () => true }, {});
  }
}

interface AcceptedEvent {
  requestId: string;
  payload: string;
  acceptedAt: Date;
  attempts: number;
  throttles: number;
  outcome?: Outcome;
}
