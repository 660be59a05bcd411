/** Every code of a request that is not run, each made by what leads to it. */
import { QUICK, REFUSALS } from './causes';
import { expectRefusal } from './ending';

test.each(REFUSALS)('$code, where $when', (cause) => expectRefusal({ ...cause, options: cause.options ?? QUICK }));
