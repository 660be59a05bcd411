/** A record that is lost while clean-up is at work, or is about to be, is mended by one request. */
import { COURSES, LOSSES, loseAfterEveryWrite, WAITS_SECONDS } from './losing';

test.each([
  ['broken', 'damaged', 'after a while'],
  ['broken', 'deleted', 'at once'],
  ['ill', 'damaged', 'at once'],
  ['ill', 'deleted', 'after a while'],
  ['ill', 'unreadable in every version', 'after a while'],
] as const)(
  'a deployment that is %s, and whose record is %s, ends as before when clean-up is asked for %s',
  (course, loss, wait) =>
    loseAfterEveryWrite({ course: COURSES[course], loss: LOSSES[loss], waitSeconds: WAITS_SECONDS[wait] }),
);
