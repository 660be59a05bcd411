/** One execution environment of a function: it handles one invocation at a time and is frozen between two. */
import type { CreateHandler, Runtime } from '../../../shared/aws/runtime';
import type { Clock } from '../../kernel/clock';
import type { Caller } from '../../kernel/service';

/** One run of a function, as the history keeps it. */
export interface Invocation {
  readonly requestId: string;
  /** The key of the function in the template's source. */
  readonly function: string;
  readonly event: unknown;
  readonly startedAt: Date;
  endedAt?: Date;
  outcome: 'running' | 'succeeded' | 'failed' | 'timed out' | 'killed';
  /** What the handler returned, or the error as Lambda reports it. */
  response?: unknown;
}

/** `result` went through JSON, as a handler's return value does. */
export type Outcome = { result: unknown } | { error: FunctionError };

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** The caller of everything that a function calls: fault injection finds the invocation here. */
export interface InvocationCaller extends Caller {
  readonly invocation: Invocation | undefined;
}

export function isInvocationCaller(caller: Caller): caller is InvocationCaller {
  return 'invocation' in caller;
}

interface Program {
  key: string;
  name: string;
  roleKey: string;
  timeoutSeconds: number;
  environment: Record<string, string>;
  createHandler: CreateHandler;
}

/** Where lines of functions go. */
export interface Logs {
  /** Begins a new stream of the log group; answers what writes to it. */
  openStream(groupName: string): (message: string) => void;
}

interface Surroundings {
  clock: Clock;
  region: string;
  logs?: Logs;
  runtimeFor: (functionKey: string, caller: Caller, environment: Record<string, string>) => Runtime;
}

export class ExecutionEnvironment implements InvocationCaller {
  readonly principal: string;
  readonly functionName: string;
  /** The invocation that runs now; none while frozen. */
  invocation: Invocation | undefined;
  private handle: ReturnType<CreateHandler> | undefined;
  private alive = true;
  private frozen: (() => void)[] = [];
  private end: ((outcome: Outcome) => void) | undefined;
  private logStream: ReturnType<Logs['openStream']> | undefined;

  constructor(
    private readonly program: Program,
    private readonly surroundings: Surroundings,
  ) {
    this.principal = program.roleKey;
    this.functionName = program.name;
  }

  isAlive(): boolean {
    return this.alive;
  }

  whenRunning(): Promise<void> {
    if (this.invocation || !this.alive) return Promise.resolve();
    return new Promise((resolve) => this.frozen.push(resolve));
  }

  /** Handles one event. Calls that the last invocation left open go on now, as they do in AWS. */
  async run(invocation: Invocation, payload: string): Promise<Outcome> {
    const { clock } = this.surroundings;
    const { timeoutSeconds } = this.program;
    this.invocation = invocation;
    for (const thaw of this.frozen.splice(0)) thaw();
    this.write(`START RequestId: ${invocation.requestId} Version: $LATEST`);
    const ended = new Promise<Outcome>((resolve) => {
      this.end = resolve;
    });
    const timer = clock.after(timeoutSeconds, () => this.timeOut(invocation));
    void this.handleEvent(invocation, payload).then(this.end);
    const outcome = await ended;
    timer.cancel();
    invocation.endedAt = clock.now();
    if (invocation.outcome === 'running') invocation.outcome = 'result' in outcome ? 'succeeded' : 'failed';
    invocation.response = 'result' in outcome ? outcome.result : outcome.error;
    this.writeEnd(invocation);
    this.invocation = undefined;
    return outcome;
  }

  /** The process dies: an out-of-memory kill, a crash of the machine. */
  crash(): void {
    const requestId = this.invocation?.requestId;
    const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
    this.stop('killed', { errorType: 'Runtime.ExitError', errorMessage });
  }

  private timeOut({ requestId }: Invocation): void {
    const at = this.surroundings.clock.now().toISOString();
    const limit = this.program.timeoutSeconds.toFixed(2);
    const errorMessage = `${at} ${requestId} Task timed out after ${limit} seconds`;
    this.stop('timed out', { errorType: 'Sandbox.Timedout', errorMessage });
  }

  private stop(outcome: 'killed' | 'timed out', error: FunctionError): void {
    if (!this.invocation) return;
    this.invocation.outcome = outcome;
    this.alive = false;
    this.end?.({ error });
  }

  private async handleEvent(invocation: Invocation, payload: string): Promise<Outcome> {
    const { clock, runtimeFor } = this.surroundings;
    const { key, name, environment, timeoutSeconds, createHandler } = this.program;
    const deadline_ms = invocation.startedAt.getTime() + timeoutSeconds * 1000;
    try {
      this.handle ??= createHandler(this.writing(runtimeFor(key, this, this.environmentVariables(environment))));
      const result = await this.handle(JSON.parse(payload), {
        functionName: name,
        awsRequestId: invocation.requestId,
        getRemainingTimeInMillis: () => deadline_ms - clock.now().getTime(),
      });
      return { result: JSON.parse(JSON.stringify(result) ?? 'null') };
    } catch (thrown) {
      return { error: reported(thrown) };
    }
  }

  /** What a function logs goes to its log group, too. */
  private writing(runtime: Runtime): Runtime {
    return {
      ...runtime,
      invocationId: () => this.invocation?.requestId,
      log: (line) => {
        if (this.alive) this.write(line);
        runtime.log(line);
      },
    };
  }

  /**
   * "Sending Lambda function logs to CloudWatch Logs", Lambda's guide, in the log format of text: what is written to the
   * standard output as it is. How much memory was used, which the last line tells too, is not known here.
   */
  private writeEnd({ requestId, startedAt, endedAt, outcome, response }: Invocation): void {
    if (outcome === 'timed out' || outcome === 'killed') this.write((response as FunctionError).errorMessage);
    if (outcome === 'failed') {
      const at = this.surroundings.clock.now().toISOString();
      this.write(`${at}\t${requestId}\tERROR\tInvoke Error \t${JSON.stringify(response)}`);
    }
    this.write(`END RequestId: ${requestId}`);
    const duration_ms = (endedAt?.getTime() ?? 0) - startedAt.getTime();
    this.write(`REPORT RequestId: ${requestId}\tDuration: ${duration_ms.toFixed(2)} ms`);
  }

  /** Each execution environment has a stream of its own. */
  private write(line: string): void {
    this.logStream ??= this.surroundings.logs?.openStream(`/aws/lambda/${this.functionName}`);
    this.logStream?.(`${line}\n`);
  }

  private environmentVariables(configured: Record<string, string>): Record<string, string> {
    const { region } = this.surroundings;
    return { ...configured, AWS_REGION: region, AWS_LAMBDA_FUNCTION_NAME: this.functionName };
  }
}

function reported(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}
