import { fractionOf, pauseSeconds, throttledProgress, withoutLost } from './pacing';
import type { DeploymentRecord } from './record';

test('the first pause is 30 to 60 s, and each that did not help is followed by one twice as long, up to 8 minutes', () => {
  expect([0, 0.5, 0.999].map((random) => pauseSeconds(0, random))).toEqual([30, 45, 60]);
  expect([1, 2, 3, 4, 50].map((looks) => pauseSeconds(looks, 0.5))).toEqual([90, 180, 360, 360, 360]);
});

test.each(['swap', 'retire', 'clean-up'])('%s, by which users may be down, pauses for seconds at first', (stage) => {
  for (const looks of [0, 1, 39]) {
    expect([0, 0.5, 0.999].map((random) => pauseSeconds(looks, random, stage))).toEqual([5, 10, 15]);
  }
  expect([0, 0.5, 0.999].map((random) => pauseSeconds(40, random, stage))).toEqual([60, 90, 120]);
});

test('UUIDs give fractions from 0 to 1', () => {
  expect(fractionOf('00000000-0000-4000-8000-000000000000')).toBe(0);
  expect(fractionOf('80000000-0000-4000-8000-000000000000')).toBe(0.5);
  expect(fractionOf('ffffffff-ffff-4fff-bfff-ffffffffffff')).toBeLessThan(1);
});

const WRITTEN_AT = '2030-01-01T00:10:00.000Z';

function recordWith(
  progress: DeploymentRecord['progress'],
  stage: DeploymentRecord['stage'] = 'check-dummy',
  writtenAt = WRITTEN_AT,
): Pick<DeploymentRecord, 'progress' | 'outbox' | 'stage'> {
  return { progress, stage, outbox: { events: [], writtenAt, published: false } };
}

test('what is lost reaches from the last write to the next look, and is lost once', () => {
  const first = throttledProgress(recordWith({}), new Date('2030-01-01T00:10:15Z'), 0.5);
  expect(first.throttled).toEqual({ notBefore: '2030-01-01T00:11:00.000Z', lostSeconds: 60 });
  expect(first.progress).toEqual({
    waitingSince: WRITTEN_AT,
    throttled: { looks: 1, seconds: 60, until: '2030-01-01T00:11:00.000Z' },
  });
  const writtenAt = '2030-01-01T00:10:15.000Z';
  const second = throttledProgress(
    recordWith(first.progress, 'check-dummy', writtenAt),
    new Date('2030-01-01T00:11:05Z'),
    0.5,
  );
  expect(second.throttled).toEqual({ notBefore: '2030-01-01T00:12:35.000Z', lostSeconds: 95 });
  expect(second.progress.throttled).toMatchObject({ looks: 2, seconds: 155 });
});

test('limits and cycles count as if that time had not been; what the world does meanwhile goes on', () => {
  const at = '2030-01-01T00:00:00.000Z';
  const later = '2030-01-01T00:01:40.000Z';
  const progress = {
    ...{ waitingSince: at, cyclesSince: at, leavingSince: at, unsettledSince: at, refusedSince: at },
    ...{ drainingSince: at, sizedAt: at, downSince: at, unreadableSince: { clone: at } },
  };
  const cleaning = { since: at, waitUntil: undefined, ofTask: false };
  expect(withoutLost({ progress, cleaning }, 100)).toEqual({
    progress: {
      ...{ waitingSince: later, cyclesSince: later, leavingSince: later, unsettledSince: later, refusedSince: later },
      ...{ drainingSince: at, sizedAt: at, downSince: at, unreadableSince: { clone: later } },
    },
    cleaning: { ...cleaning, since: later },
  });
});
