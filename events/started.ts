import * as z from 'zod/mini';
import { contract, heldBack, ofDeployment, warChange } from './contract';

/** The deployment is open and its versions are known. `notes` are things that the operator should know. */
export const Started = contract(
  'Started',
  z.object({
    ...ofDeployment,
    requestedBy: z.string(),
    oldGroup: z.string(),
    newGroup: z.string(),
    instances: z.int(),
    wars: z.array(warChange),
    notes: z.array(z.string()),
    /** What changes has served before. */
    isRollback: z.optional(z.literal(true)),
    /** What is held back once it has completed. */
    held: z.optional(heldBack),
    /** What shows who serves, one line each: nobody has looked yet. */
    commands: z.optional(z.array(z.string())),
    /** Active is at 0. */
    isEmergency: z.optional(z.literal(true)),
    /** Active is at 0, as its schedule has it. */
    isBySchedule: z.optional(z.literal(true)),
    /** By which users come in to it then. */
    on: z.optional(z.array(z.string())),
    /** What gives Active its instances again then, one line each. */
    givingBack: z.optional(z.array(z.string())),
  }),
);
