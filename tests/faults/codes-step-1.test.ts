/** Every code of a deployment that fails before StandBy meets a user, each made by what leads to it. */
import { FAILURES_OF_STEP_1 } from './cases-step-1';
import { expectFailure } from './ending';

test.each(FAILURES_OF_STEP_1)('$code, where $when', async (failureCase) => {
  await expectFailure(failureCase);
});
