/** Every verb, in the order of the help. */
import type { Verb } from '../verb';
import { deploy } from './deploy';
import { doctor } from './doctor';
import { rollback } from './rollback';
import { status } from './status';
import { watch } from './watch';

export const VERBS = [deploy, rollback, status, watch, doctor] as unknown as readonly Verb[];
