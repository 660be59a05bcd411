/**
 * Every code of a deployment that fails after step 1, each made by what leads to it. Of the other codes, 411 is in
 * `codes-step-2.test.ts` and T014 in `watchdog.test.ts`.
 */

import { expectFailure } from './ending';
import { FAILURES_OF_STEP_2, QUICK } from './failure-cases';

test.each(FAILURES_OF_STEP_2)('$code, where $when', async (cause) => {
  await expectFailure({ ...cause, options: cause.options ?? QUICK });
});
