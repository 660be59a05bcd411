import { COURSES, killAtEveryCall } from './crash';

test('killed before the effect of any call, a deployment of a broken war is cleaned up', () =>
  killAtEveryCall(COURSES.broken, 'before'));

test('killed before the effect of any call, a deployment that is ill in step 2 is cleaned up', () =>
  killAtEveryCall(COURSES.ill, 'before', COURSES.broken));
