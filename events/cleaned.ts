import * as z from 'zod/mini';
import { asked, contract, ofDeployment, toDo, users } from './contract';

/**
 * What clean-up came to. `cleaned`: the old version serves and nothing is left behind. `operator-needed`: it stopped,
 * because anything further could take users down; `commands` are what to run. `refused`: as earlier versions told of an
 * operator's request that was not run. `findings` say what was found and done, one line each. Where no deployment is concerned,
 * `deploymentId` is that of the last one, or `none`.
 */
export const Cleaned = contract(
  'Cleaned',
  z.object({
    ...ofDeployment,
    /** Of a refused request: its mail is sent once for it. */
    requestId: z.optional(z.string()),
    outcome: z.enum(['cleaned', 'operator-needed', 'refused']),
    code: z.optional(z.string()),
    /** Who asked for no more than to clean; missing where a deployment had failed. */
    requestedBy: z.optional(z.string()),
    /** What was found of earlier deployments for that request, and is gone, one line each; missing where that is not known. */
    removed: z.optional(z.array(z.string())),
    /** Why the deployment failed. */
    message: z.optional(z.string()),
    /** What the deployment that was cleaned up had been asked for. */
    asked: z.optional(asked),
    /** The upload that waits, and what becomes of it. */
    waiting: z.optional(z.string()),
    /** Missing where nobody could look. */
    users: z.optional(users),
    summary: z.string(),
    /** Where more is known than what the code says; events of earlier versions do not have it. */
    toDo: z.optional(toDo),
    findings: z.array(z.string()),
    /** What could not be taken away, and what to run; one line each. */
    leftovers: z.optional(z.array(z.string())),
    /** What is not run, or not known any more, of what was asked for before; one line each. */
    lost: z.optional(z.array(z.string())),
    commands: z.array(z.string()),
  }),
);
