import * as z from 'zod/mini';
import { contract, taskName } from './contract';

const shortText = z.optional(z.string().check(z.minLength(1), z.maxLength(256)));

/** An operator wants the running deployment of the task undone. After Active is detached this is refused. */
export const AbortRequested = contract(
  'AbortRequested',
  z.object({ task: taskName, requestedBy: shortText, reason: shortText }),
);
