/** A function as it is deployed. */
import type { CreateHandler } from '../../../shared/aws/runtime';
import type { PolicyStatement } from '../iam/resource-policy';

export interface FunctionDefinition {
  /** The key of its handler: `check-dummy`. */
  key: string;
  name: string;
  /** The key of its role in the template: `CheckDummyRole`. */
  roleKey: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  environment: Record<string, string>;
  reservedConcurrency?: number;
  /** A queue or a topic. */
  deadLetterTargetArn?: string;
}

/** What becomes of asynchronous events that fail. Defaults: 2 retries, 6 hours, nothing. */
export interface AsynchronousConfiguration {
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  /** An event bus, a queue, a topic or a function. */
  onFailureArn?: string;
}

export interface LambdaFunction extends FunctionDefinition {
  readonly arn: string;
  readonly createHandler: CreateHandler;
  readonly permissions: PolicyStatement[];
  asynchronous: AsynchronousConfiguration;
}
