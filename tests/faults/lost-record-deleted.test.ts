/** A record that somebody deleted, after any of its writes, is mended by one request. */
import { LOSSES, loseAfterEveryWrite, WAITS_SECONDS } from './losing';

test.each([
  ['deleted', 'after hours'],
  ['deleted', 'at once'],
] as const)('a deployment whose record is %s ends whole when clean-up is asked for %s', (loss, wait) =>
  loseAfterEveryWrite({ loss: LOSSES[loss], waitSeconds: WAITS_SECONDS[wait] }),
);
