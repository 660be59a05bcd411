import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** Every instance of StandBy is healthy behind the real load balancers. */
export const Step2Passed = contract('Step2Passed', z.object({ ...handedOn }));
