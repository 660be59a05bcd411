import * as z from 'zod/mini';
import { contract, ofDeployment, toDo } from './contract';

/**
 * A request that waits, of which the first is mailed: an upload that came while the deployment runs, and is deployed when that
 * has ended; or the deployment itself, until the account has room for its clones.
 */
export const Postponed = contract(
  'Postponed',
  z.object({
    ...ofDeployment,
    /** The stage that the deployment is in. */
    stage: z.string(),
    requestedBy: z.string(),
    /** What of the account the deployment itself waits for: `1 of the account's 50 Network Load Balancers`. */
    waitsFor: z.optional(z.string()),
    /** It does not run: clean-up has stopped, and an operator has to decide first. */
    isBlocked: z.optional(z.literal(true)),
    /** What to do first then. */
    toDo: z.optional(toDo),
    /** What shows who serves, one line each. */
    commands: z.optional(z.array(z.string())),
  }),
);
