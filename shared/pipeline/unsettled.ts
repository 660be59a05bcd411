/** What may be read so only because something was just written, and is not to be read everywhere yet. */
import { secondsBetween } from '../aws/time';
import type { Refusal } from '../deployment/refusal';
import { again, failed, type Outcome } from './outcome';
import type { Deployment } from './session';

/** Fails with what a look has refused; where that may pass, once it has stood for long enough. */
export function failedOnceSettled(
  { progress, now }: Pick<Deployment, 'progress' | 'now'>,
  { code, message, settlesWithinSeconds = 0 }: Refusal,
): Outcome {
  const unsettledSince = progress.unsettledSince ?? now.toISOString();
  if (secondsBetween(unsettledSince, now) >= settlesWithinSeconds) return failed(code, message);
  return again(`what was just tagged to be read everywhere: ${message}`, { progress: { unsettledSince } });
}
