/** Every code of a deployment that fails before StandBy meets a user, each made by what leads to it. */

import { expectFailure } from './ending';
import { FAILURES_OF_STEP_1, QUICK } from './failure-cases';

test.each(FAILURES_OF_STEP_1)('$code, where $when', async (cause) => {
  await expectFailure({ ...cause, options: cause.options ?? QUICK });
});
