import * as z from 'zod/mini';
import { contract, shownText, taskName } from './contract';

/**
 * An operator wants what deployments of the task have left behind gone: StandBy at 0/0/0 and no dummies. A deployment
 * that runs and moves is left alone, unless `abort` is true. A lost or damaged record is mended by it.
 */
export const CleanRequested = contract(
  'CleanRequested',
  z.object({ task: taskName, requestedBy: shownText, abort: z.optional(z.boolean()) }),
);
