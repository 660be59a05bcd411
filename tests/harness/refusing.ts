/** Calls that are refused because a test says so, in process and over HTTP alike: throttled, denied, or anything else. */
import type { EmbeddedAws } from '../../local/embedded-aws';
import type { AwsError, ServiceName } from '../../local/kernel/service';

export interface RefusedCalls {
  service: ServiceName;
  /** Any, if not given. */
  operation?: string;
  /** So many of them, from now on; for ever, if not given. */
  times?: number;
}

/** They have no effect, and fail with the error: `throttlingOf` knows what a service says. Answers what ends it. */
export function refuseCalls(
  aws: EmbeddedAws,
  { service, operation, times }: RefusedCalls,
  error: AwsError,
): () => void {
  let left = times ?? Number.POSITIVE_INFINITY;
  return aws.endpoint.intercept((call, proceed) => {
    const isMeant = call.service === service && (operation === undefined || call.operation === operation);
    if (!isMeant || left <= 0) return proceed();
    left -= 1;
    return Promise.reject(error);
  });
}
