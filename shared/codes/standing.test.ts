/** What is left over, as clean-up mends none of it: said where the failure tells of it, and nowhere else. */
import { crashText } from './endings';
import { standingCauses } from './standing';

const CRASH = crashText({ functionName: 'dev-swap', requestId: 'r-1', error: 'Error: InternalFailure' });

test.each([
  [
    'T001',
    'was-green was not tested: no instance came: Launching a new EC2 instance failed 5 times: no capacity',
    [/launched/],
  ],
  ['T001', 'the application is not healthy behind the dummies: i-1 on web: unhealthy', []],
  ['T014', 'the stage attach-real did not move for 10 minutes, since 2030', [/kept the stage attach-real from moving/]],
  ['T999', CRASH, [/made the function dev-swap break off/]],
  ['T015', 'aborted by jane: lunch', []],
])('%s: %s', (code, message, says) => {
  expect(standingCauses({ code, message })).toEqual(says.map((one) => expect.stringMatching(one)));
});
