/** How long a stage waits before it looks again: a little where something can have changed, else as long as the parameter says. */
import { addSeconds, secondsBetween } from '../aws/time';
import type { DeploymentRecord } from './record';

/** `short` is 2 s, `medium` 5 s, and neither longer than `long`, which the parameter says. */
export type Delay = 'short' | 'medium' | 'long';

/** What an action leads to is there within seconds, mostly. */
const AFTER_ACTION_SECONDS = 10;

/** An action that is repeated at every look, since it has no effect yet, does not keep the stage looking that often. */
const BURST_SECONDS = 30;

/** Where so little is left, a look soon is as good as one at the end. */
const SOON_SECONDS = 4;

/** A look that takes the long delay comes so much later than that: the event, its queue and its function take their time. */
const WAY_SECONDS = 2;

/**
 * Most Application and Network Load Balancers are active by then; from when on the first are. Of a dozen that people waited
 * for with Terraform, and showed the output of, the first took 2m2s, half 2m22s at most, and the last 3m7s.
 */
const PROVISIONED_SECONDS = { from: 120, until: 300 };

type Acted = NonNullable<DeploymentRecord['acted']>;

/** As the record keeps it of an action that begins now. Another one than before, as that of the next batch, had its effect. */
export function actedAt(before: Acted | undefined, action: string, now: Date): Acted {
  const at = now.toISOString();
  const isRepeated = before?.action === undefined || before.action === action;
  const isBurst = before !== undefined && isRepeated && secondsBetween(before.burstSince, now) < BURST_SECONDS;
  return { at, burstSince: isBurst ? before.burstSince : at, action };
}

/** Soon after something was done, wherever the stage knows nothing better. */
export function delayAfter(acted: Acted | undefined, now: Date): Delay {
  return acted !== undefined && secondsBetween(acted.burstSince, now) < AFTER_ACTION_SECONDS ? 'short' : 'long';
}

/**
 * So that there is a look right after what ends `at`, and until then as often as the parameter says, whatever that is; a
 * while later it is not known any more when it ends.
 */
export function waitUntil(at: Date, now: Date, intervalSeconds: number): { delay: Delay; notBefore?: string } {
  const leftSeconds = secondsBetween(now.toISOString(), at);
  if (leftSeconds > intervalSeconds + WAY_SECONDS || leftSeconds < -AFTER_ACTION_SECONDS) return { delay: 'long' };
  return leftSeconds < SOON_SECONDS ? { delay: 'short' } : { delay: 'short', notBefore: at.toISOString() };
}

/** A group takes so long to register its instances with what it was attached to, as a rule. */
const ATTACHING_SECONDS = 2;

/** Once attached, until it can be called healthy: before that there is no sooner look, though something was just done. */
export function whileHealthChecked(
  acted: Acted | undefined,
  healthySeconds: number | undefined,
  now: Date,
  intervalSeconds: number,
): ReturnType<typeof waitUntil> | undefined {
  if (acted === undefined || healthySeconds === undefined) return undefined;
  const healthyAt = addSeconds(new Date(acted.at), ATTACHING_SECONDS + healthySeconds);
  return waitUntil(new Date(healthyAt), now, intervalSeconds);
}

/** While load balancers provision, which began so long ago. */
export function delayWhileProvisioning(seconds: number): Delay {
  return seconds < PROVISIONED_SECONDS.from || seconds > PROVISIONED_SECONDS.until ? 'long' : 'medium';
}
