/** A record of which nothing can be read any more, after any of its writes, is mended by one request. */
import { LOSSES, loseAfterEveryWrite, WAITS_SECONDS } from './losing';

test.each([
  ['unreadable in every version', 'after a while'],
  ['unreadable in every version', 'at once'],
] as const)('a deployment whose record is %s ends whole when clean-up is asked for %s', (loss, wait) =>
  loseAfterEveryWrite({ loss: LOSSES[loss], waitSeconds: WAITS_SECONDS[wait] }),
);
