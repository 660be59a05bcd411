/**
 * What a service of the embedded AWS is to the rest: a table of operations, what each call of them needs to be allowed, and
 * the errors that they answer with.
 */
import type { Access, Surroundings } from './access';

/** The shape of every service that can be called. */
export interface Service {
  readonly operations: Operations;
  /** As the service authorization reference lists it. Throws an Error for an operation that is not described. */
  // biome-ignore lint/suspicious/noExplicitAny: every operation has an input type of its own
  requiredAccess(operation: string, input: any, surroundings: Surroundings): Access[];
  /** What whoever called has to be allowed to be told of this error, where that is more than the call needs. */
  accessToLearn?(call: Call, error: unknown): Access[];
}

/** Who calls, and what. Operations read it; the endpoint's interceptors may also answer in its place. */
export interface Call {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly requestId: string;
}

/**
 * The key of a role of the template (`StartRole`), `user:` and the name of a user, or `operator` for whoever holds the
 * account's own credentials.
 */
export interface Caller {
  readonly principal: string;
  /** False once the invocation that calls was killed or ran out of time: its calls have no effect and no answer. */
  isAlive(): boolean;
  /** Resolves at once, or when the execution environment thaws: between two invocations it neither sends nor hears. */
  whenRunning?(): Promise<void>;
}

export type ServiceName =
  | 'auto-scaling'
  | 'cloudformation'
  | 'cloudwatch-logs'
  | 'codedeploy'
  | 'ec2'
  | 'elastic-load-balancing'
  | 'elastic-load-balancing-v2'
  | 'eventbridge'
  | 'iam'
  | 's3'
  | 'sns'
  | 'sqs'
  | 'sts';

/** Sees every call on its way: it may delay it, answer in its place, or fail it before or after its effect. */
export type Interceptor = (call: Call, proceed: () => Promise<unknown>) => Promise<unknown>;

/**
 * One entry per operation, named as AWS names it. The input is typed by the SDK's own input type of that operation;
 * the output is whatever the SDK's output type says. An operation that is not in the table is refused as unknown.
 */
// biome-ignore lint/suspicious/noExplicitAny: every operation has an input type of its own
export type Operations = Record<string, (input: any, call: Call) => unknown>;

/** An error as AWS answers it: `code` and `message` go over the wire with the HTTP status. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further headers of the answer, e.g. S3's. */
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = code;
  }
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
