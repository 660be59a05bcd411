import * as z from 'zod/mini';
import { asked, contract, toDo } from './contract';

/** What operators ask of a deployment that there is, as the subject of a mail names it. */
export const OPERATOR_REQUESTS = ['Abort', 'Clean', 'Approve', 'Revert'] as const;

/**
 * A request that was not run: nothing was changed. `code` and `message` say why, `nextStep` what to do. `request` names
 * what was asked for, where it was not a deployment.
 */
export const Refused = contract(
  'Refused',
  z.object({
    requestId: z.string(),
    request: z.optional(z.enum(OPERATOR_REQUESTS)),
    task: z.string(),
    code: z.string(),
    message: z.string(),
    nextStep: z.string(),
    /** Where more is known than what the code says; events of earlier versions do not have it. */
    toDo: z.optional(toDo),
    /** What shows who serves, to be run; missing where not even the groups are known. */
    commands: z.optional(z.array(z.string())),
    requestedBy: z.string(),
    asked: z.optional(asked),
  }),
);
