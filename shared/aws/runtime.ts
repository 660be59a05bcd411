/** What a function gets from the place where it runs: AWS Lambda, or the embedded AWS. */

export interface Runtime {
  /** The function's environment variables. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Spread into the constructor of every AWS client. On Lambda the SDK finds region and credentials by itself. */
  clientDefaults: object;
  now(): Date;
  /** A random UUID. */
  uniqueId(): string;
  log(line: string): void;
  /** That of the invocation that runs now: Lambda names it in what it says itself of the invocation. */
  invocationId?(): string | undefined;
}

/** The part of Lambda's context object that this product uses. */
export interface Invocation {
  functionName: string;
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What every file of `functions/` exports as `createHandler`: connects once, then handles events. */
export type CreateHandler = (runtime: Runtime) => (event: unknown, invocation: Invocation) => Promise<unknown>;

/** The handler that AWS Lambda calls: it connects in the first invocation of an execution environment. */
export function onLambda(createHandler: CreateHandler): ReturnType<CreateHandler> {
  let handle: ReturnType<CreateHandler> | undefined;
  let invocationId: string | undefined;
  return (event, invocation) => {
    invocationId = invocation.awsRequestId; // one at a time
    handle ??= createHandler(lambdaRuntime(() => invocationId));
    return handle(event, invocation);
  };
}

function lambdaRuntime(invocationId: Runtime['invocationId']): Runtime {
  return {
    environment: process.env,
    // An attempt is over well before the margin that `deadline.ts` keeps, so no call outlives its invocation.
    clientDefaults: {
      maxAttempts: 6,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 4000, throwOnRequestTimeout: true },
    },
    now: () => new Date(),
    uniqueId: () => crypto.randomUUID(),
    // Lambda's console puts time, request and level before each line: it would be no JSON then, and `{ $.task = … }` finds none.
    log: (line) => void process.stdout.write(`${line}\n`),
    invocationId,
  };
}
