import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** StandBy is attached to the clones and is being sized: `check-dummy` may look. */
export const DummyAttached = contract('DummyAttached', z.object(handedOn));
