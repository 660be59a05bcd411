import * as z from 'zod/mini';
import { contract, ofDeployment } from './contract';

/** Every instance of StandBy is healthy behind the real load balancers. `cycle` is there where the first look of a cycle passed. */
export const Step2Passed = contract('Step2Passed', z.object({ ...ofDeployment, cycle: z.optional(z.string()) }));
