import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** Every instance of StandBy is healthy behind the real load balancers. `cycle` is there where the first look of a cycle passed: that cycle is not mailed. */
export const Step2Passed = contract('Step2Passed', z.object({ ...handedOn, cycle: z.optional(z.string()) }));
