import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** Every instance of StandBy is healthy behind the clones. */
export const Step1Passed = contract('Step1Passed', z.object({ ...handedOn }));
