/** Every code of a request that is not run, each made by what leads to it. */

import { REFUSALS } from './cases-refused';
import { expectRefusal } from './ending';
import { QUICK } from './failure-cases';

test.each(REFUSALS)('$code, where $when', (failureCase) =>
  expectRefusal({ ...failureCase, options: failureCase.options ?? QUICK }),
);
