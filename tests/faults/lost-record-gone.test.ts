/** A record of which nothing is left, after any of its writes, is mended by one request. */
import { LOSSES, loseAfterEveryWrite, WAITS_SECONDS } from './losing';

test.each([
  ['gone in every version', 'after hours'],
  ['gone in every version', 'at once'],
] as const)('a deployment whose record is %s ends whole when clean-up is asked for %s', (loss, wait) =>
  loseAfterEveryWrite({ loss: LOSSES[loss], waitSeconds: WAITS_SECONDS[wait] }),
);
