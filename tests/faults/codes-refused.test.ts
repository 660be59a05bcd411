/** Every code of a request that is not run, each made by what leads to it. */
import { REFUSALS } from './cases-refused';
import { expectRefusal } from './ending';

test.each(REFUSALS)('$code, where $when', (failureCase) => expectRefusal(failureCase));
