import * as z from 'zod/mini';
import { contract, heldBack, ofDeployment, stageTimes, users, warChange } from './contract';

/** The new version serves, the old group is at 0/0/0, unless it says why not, and the record is closed. */
export const Completed = contract(
  'Completed',
  z.object({
    ...ofDeployment,
    requestedBy: z.string(),
    oldGroup: z.string(),
    newGroup: z.string(),
    instances: z.int(),
    /** Seen at the end; events of earlier versions do not say. */
    users: z.optional(users),
    /** What becomes of a group that its schedule has at 0. */
    schedule: z.optional(z.string()),
    wars: z.array(warChange),
    /** The latest version of a war, by its slot, that was not deployed, because it had been rolled back. */
    heldBack: z.optional(z.array(z.object({ slot: z.int(), versionId: z.string(), name: z.optional(z.string()) }))),
    stages: stageTimes,
    /** What has changed had served before. */
    isRollback: z.optional(z.literal(true)),
    /** What is held back from now on. */
    held: z.optional(heldBack),
    /** The versions that served before, as a request names them; missing where none are known that can be deployed. */
    previous: z.optional(z.string()),
    /** The upload that waits, and what becomes of it. */
    waiting: z.optional(z.string()),
    /** What is not known any more, where the record was lost on the way; one line each. */
    lost: z.optional(z.array(z.string())),
    /** Clones that could not be deleted, and what to run; one line each. */
    leftovers: z.optional(z.array(z.string())),
    /** Why the old group keeps its instances, and what to run; one line each. Missing where it is at 0/0/0. */
    staying: z.optional(z.array(z.string())),
    /** What the operator should know besides, and no mail has told; one line each. */
    notes: z.optional(z.array(z.string())),
    /** What had failed on the way, before clean-up found the new version well and went forward. */
    resolvedFailure: z.optional(z.object({ code: z.string(), message: z.string() })),
  }),
);
