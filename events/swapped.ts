import * as z from 'zod/mini';
import { contract, handedOn } from './contract';

/** Active is detached and drained, and the `type` tags are swapped: the old group may go. */
export const Swapped = contract('Swapped', z.object(handedOn));
