/** What a function gets from the place where it runs: AWS Lambda, or the embedded AWS. */

export interface Runtime {
  /** The function's environment variables. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Spread into the constructor of every AWS client. Empty on Lambda, where the SDK finds all by itself. */
  clientDefaults: object;
  now(): Date;
  /** A random UUID. */
  uniqueId(): string;
  log(line: string): void;
}

/** The part of Lambda's context object that this product uses. */
export interface Invocation {
  functionName: string;
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What every file of `functions/` exports as `createHandler`: connects once, then handles events. */
export type CreateHandler = (runtime: Runtime) => (event: unknown, invocation: Invocation) => Promise<unknown>;
