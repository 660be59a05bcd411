import * as z from 'zod/mini';
import { contract, ofDeployment } from './contract';

/** An upload that came while the deployment runs: it waits, and is deployed when that has ended. The first is mailed. */
export const Postponed = contract(
  'Postponed',
  z.object({
    ...ofDeployment,
    /** The stage that the deployment is in. */
    stage: z.string(),
    requestedBy: z.string(),
  }),
);
