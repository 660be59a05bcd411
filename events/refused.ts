import * as z from 'zod/mini';
import { asked, contract } from './contract';

/** A request that was not run: nothing was changed. `code` and `message` say why, `nextStep` what to do. */
export const Refused = contract(
  'Refused',
  z.object({
    requestId: z.string(),
    task: z.string(),
    code: z.string(),
    message: z.string(),
    nextStep: z.string(),
    requestedBy: z.string(),
    asked: z.optional(asked),
  }),
);
