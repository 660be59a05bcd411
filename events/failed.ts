import * as z from 'zod/mini';
import { contract, insertedLine, ofDeployment, toDo, users } from './contract';

/**
 * The deployment failed in `stage`. The failure rule inserts these texts into the mail as they are, so each is a single
 * line without quotes, backslashes and angle brackets. `headline` is the mail's first line. `repeated`: clean-up went
 * forward, and the stage failed again as it had before, of which a mail has told.
 */
export const Failed = contract(
  'Failed',
  z.object({
    ...ofDeployment,
    code: insertedLine,
    stage: insertedLine,
    headline: insertedLine,
    message: insertedLine,
    nextStep: insertedLine,
    /** Where more is known than what the code says; events of earlier versions do not have it. */
    toDo: z.optional(toDo),
    /** As the stage saw it; missing where it had not looked. */
    users: z.optional(users),
    /** Who asked for what waits, and is deployed by itself once clean-up is done. */
    waiting: z.optional(z.string()),
    repeated: z.optional(z.literal(true)),
    /** Of the deployment, once it has a plan. */
    groups: z.optional(z.object({ oldGroup: z.string(), newGroup: z.string() })),
    /** What shows who serves, to be run. */
    commands: z.optional(z.array(z.string())),
  }),
);
