import * as z from 'zod/mini';
import { contract, ofDeployment, users } from './contract';

/**
 * A stage is not done yet and wants to look again after the delay. `waitingFor` says for what. `cycle` (`1-2`: step 1,
 * second cycle) is there on the first look of a cycle only, and makes the mail of that cycle.
 */
export const CheckPending = contract(
  'CheckPending',
  z.object({
    ...ofDeployment,
    stage: z.string(),
    waitingFor: z.string(),
    /** Where the delay of the queue is too short: when the stage looks again, at the earliest. */
    notBefore: z.optional(z.iso.datetime()),
    /** How long: missing where it is as long as the parameter says. */
    delay: z.optional(z.enum(['short', 'medium'])),
    cycle: z.optional(z.string()),
    /** What the mail of the cycle before has told that is waited for. */
    toldBefore: z.optional(z.string()),
    /** Who serves meanwhile, for that mail; missing where nobody has looked. */
    users: z.optional(users),
    /** When the step is over, for that mail: what has not passed by then is taken back. */
    until: z.optional(z.string()),
    /** Where Active is at 0: what gives it instances again. */
    commands: z.optional(z.array(z.string())),
    /** What the operator should know besides, for that mail. */
    notes: z.optional(z.array(z.string())),
  }),
);
