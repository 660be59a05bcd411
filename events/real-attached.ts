import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** StandBy is attached to the real load balancers, beside Active: `check-real` may look. */
export const RealAttached = contract('RealAttached', z.object(handedOn));
