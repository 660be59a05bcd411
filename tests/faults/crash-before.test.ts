import { COURSES, killAtEveryCall } from './crash';

test('killed before the effect of any of its calls, a stage carries on and the deployment completes', () =>
  killAtEveryCall(COURSES.complete, 'before'));
