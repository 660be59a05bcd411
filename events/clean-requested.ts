import * as z from 'zod/mini';
import { contract, taskName } from './contract';

/**
 * An operator wants what deployments of the task have left behind gone: StandBy at 0/0/0 and no dummies. While one runs
 * this is an abort; where one is blocked it is cleaned once more.
 */
export const CleanRequested = contract(
  'CleanRequested',
  z.object({ task: taskName, requestedBy: z.optional(z.string().check(z.minLength(1), z.maxLength(256))) }),
);
