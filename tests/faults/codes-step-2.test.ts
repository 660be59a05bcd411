/**
 * Every code of a deployment that fails after step 1, each made by what leads to it. Of the other codes, 411 is in
 * `../pipeline/refusals.test.ts`, T014 in `watchdog.test.ts`, and T003, T005 and T006, which end no deployment, in
 * `undeletable.test.ts`.
 */
import { FAILURES_OF_STEP_2 } from './cases-step-2';
import { expectFailure } from './ending';

test.each(FAILURES_OF_STEP_2)('$code, where $when', async (failureCase) => {
  await expectFailure(failureCase);
});
