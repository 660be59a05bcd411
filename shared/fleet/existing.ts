/** Describing many resources of which some may be gone. */
import { batches } from '../aws/calls';
import { errorCode } from '../aws/errors';

/** Describe calls of load balancers take twenty names or ARNs, and so many are never paged. */
export const NAMES_PER_CALL = 20;

/**
 * Those of the named resources that exist. One unknown name makes the service refuse the whole call, so a refused batch
 * is asked for one by one.
 */
export async function existing<Resource>(
  names: readonly string[],
  describe: (names: string[]) => Promise<Resource[] | undefined>,
): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const batch of batches(names, NAMES_PER_CALL)) {
    try {
      found.push(...((await describe(batch)) ?? []));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (batch.length === 1) continue;
      for (const name of batch) found.push(...(await existing([name], describe)));
    }
  }
  return found;
}

/** `AccessPoint` is what the API of the Classic Load Balancers calls one of them. */
export function isNotFound(error: unknown): boolean {
  return /^(AccessPoint|LoadBalancer|TargetGroup|Listener)NotFound/.test(errorCode(error));
}

/** Deletes; what is gone already is as good. */
export async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
