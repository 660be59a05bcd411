import * as z from 'zod/mini';
import { contract, ofDeployment, warChange } from './contract';

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
  }),
);
