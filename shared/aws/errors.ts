/** What an error of an AWS call means for who made the call. */

/** The service's own code, e.g. `ValidationError`; the error's class name where it did not come from a service. */
export function errorCode(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The resource is in the middle of something: the same call succeeds a little later. */
export function isBusy(error: unknown): boolean {
  // The SDK names an error after its class, which may add a suffix to the service's code.
  const code = errorCode(error).replace(/(Fault|Exception)$/, '');
  return BUSY.includes(code) || (code === 'ValidationError' && TOO_MANY_AT_ONCE.test(errorMessage(error)));
}

/** Attach calls answer the second while an instance refresh runs (API reference, AttachLoadBalancerTargetGroups). */
const BUSY = ['ScalingActivityInProgress', 'InstanceRefreshInProgress', 'ResourceContention', 'ResourceInUse'];

/** How Auto Scaling refuses to attach or detach while others of the group are being moved (aws-sdk-java#746). */
const TOO_MANY_AT_ONCE = /^Trying to update too many .* at once/;

/** Repeating the call cannot help: the service refuses the request as such. */
export function isPermanent(error: unknown): boolean {
  const { $fault, $retryable, $metadata } = error as {
    $fault?: string;
    $retryable?: object;
    $metadata?: { httpStatusCode?: number };
  };
  if ($fault !== 'client' || $retryable) return false;
  return !isThrottling(error) && !isBusy(error) && $metadata?.httpStatusCode !== 408;
}

/** The caller's role may not do it: the message says which action, on what, and which role. Services differ in the code. */
export function isDenied(error: unknown): boolean {
  return /^(AccessDenied|AuthorizationError|UnauthorizedOperation|Forbidden)(Fault|Exception)?$/.test(errorCode(error));
}

export function isThrottling(error: unknown): boolean {
  return /throttl|TooManyRequests|RequestLimitExceeded|SlowDown|PriorRequestNotComplete/i.test(errorCode(error));
}
