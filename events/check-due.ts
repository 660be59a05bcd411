import * as z from 'zod/mini';
import { contract, ofDeployment } from './contract';

/** The delay of a `CheckPending` is over: `stage` looks again. */
export const CheckDue = contract('CheckDue', z.object({ ...ofDeployment, stage: z.string() }));
