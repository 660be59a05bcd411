/** Every code of a request that is not run, each made by what leads to it. */

import { expectRefusal } from './ending';
import { QUICK, REFUSALS } from './failure-cases';

test.each(REFUSALS)('$code, where $when', (cause) => expectRefusal({ ...cause, options: cause.options ?? QUICK }));
