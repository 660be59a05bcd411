import * as z from 'zod/mini';
import { contract, ofDeployment, toDo } from './contract';

/** An upload that came while the deployment runs: it waits, and is deployed when that has ended. The first is mailed. */
export const Postponed = contract(
  'Postponed',
  z.object({
    ...ofDeployment,
    /** The stage that the deployment is in. */
    stage: z.string(),
    requestedBy: z.string(),
    /** It does not run: clean-up has stopped, and an operator has to decide first. */
    isBlocked: z.optional(z.literal(true)),
    /** What to do first then. */
    toDo: z.optional(toDo),
    /** What shows who serves, one line each. */
    commands: z.optional(z.array(z.string())),
  }),
);
