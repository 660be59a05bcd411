import { actedAt, delayAfter, delayWhileProvisioning, waitUntil } from './delay';

const now = new Date('2030-01-01T00:00:00Z');
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

/** What the delay queues make of it, as stack/delays.cjs says: how long until the next look. */
function secondsUntilLook({ delay, notBefore }: ReturnType<typeof waitUntil>, interval: number): number {
  const ofQueue = { short: Math.min(interval, 2), medium: Math.min(interval, 5), long: interval }[delay];
  return Math.max(ofQueue, notBefore === undefined ? 0 : (Date.parse(notBefore) - now.getTime()) / 1000);
}

test.each([0, 1, 2, 5, 10, 60, 900])(
  'looking every %i s: the next look comes no later than that, and none is late for a known end',
  (interval) => {
    for (let left = 0; left <= 1000; left++) {
      const wait = secondsUntilLook(waitUntil(inSeconds(left), now, interval), interval);
      expect(wait).toBeLessThanOrEqual(interval + 2);
      // Either the end is not reached, or it is just over.
      if (wait > left) expect(wait - left).toBeLessThanOrEqual(2);
    }
  },
);

test('what should have ended is looked for every two seconds, for a while', () => {
  expect([-1, -10].map((left) => waitUntil(inSeconds(left), now, 10))).toEqual([
    { delay: 'short' },
    { delay: 'short' },
  ]);
  expect(waitUntil(inSeconds(-11), now, 10)).toEqual({ delay: 'long' });
});

test('a look follows soon after an action, and while the first clones may be active', () => {
  const acted = (seconds: number) => ({
    at: inSeconds(-seconds).toISOString(),
    burstSince: inSeconds(-seconds).toISOString(),
  });
  expect([0, 9, 10].map((seconds) => delayAfter(acted(seconds), now))).toEqual(['short', 'short', 'long']);
  expect(delayAfter(undefined, now)).toBe('long');
  expect([0, 119, 120, 300, 301].map(delayWhileProvisioning)).toEqual(['long', 'long', 'medium', 'medium', 'long']);
});

test('an action that is repeated keeps nobody looking soon, and one that follows another does', () => {
  const first = actedAt(undefined, 'detaching batch 1', inSeconds(0));
  const again = actedAt(first, 'detaching batch 1', inSeconds(9));
  expect(delayAfter(again, inSeconds(11))).toBe('long');
  expect(delayAfter(actedAt(again, 'detaching batch 2', inSeconds(11)), inSeconds(12))).toBe('short');
  expect(delayAfter(actedAt(again, 'detaching batch 1', inSeconds(31)), inSeconds(32))).toBe('short');
});
