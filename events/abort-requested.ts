import * as z from 'zod/mini';
import { contract, shownText, taskName } from './contract';

/**
 * An operator wants the running deployment of the task undone. After Active is detached this is refused. An upload that
 * waits is deployed when the old version serves alone again, unless `dropPending` gives it up.
 */
export const AbortRequested = contract(
  'AbortRequested',
  z.object({
    task: taskName,
    requestedBy: shownText,
    reason: shownText,
    dropPending: z.optional(z.boolean()),
  }),
);
