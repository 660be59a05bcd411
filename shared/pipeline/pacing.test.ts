import { fractionOf, pauseSeconds, throttledProgress, withoutLost } from './pacing';
import type { DeploymentRecord } from './record';

const randoms = [0, 0.5, 0.999];

test('the first pauses are 30 to 60 s; later ones grow with what was lost, up to 8 minutes', () => {
  for (const throttled of [undefined, { looks: 1, seconds: 45 }, { looks: 5, seconds: 240 }]) {
    expect(randoms.map((random) => pauseSeconds(random, throttled))).toEqual([30, 45, 60]);
  }
  expect([480, 960, 1920, 1e6].map((seconds) => pauseSeconds(0.5, { looks: 9, seconds }))).toEqual([90, 180, 360, 360]);
});

test.each(['swap', 'retire', 'clean-up'])('%s, by which users may be down, pauses for seconds at first', (stage) => {
  for (const looks of [0, 1, 39]) {
    expect(randoms.map((random) => pauseSeconds(random, { looks, seconds: 9999 }, stage))).toEqual([5, 10, 15]);
  }
  expect(randoms.map((random) => pauseSeconds(random, { looks: 40, seconds: 0 }, stage))).toEqual([60, 90, 120]);
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
  expect(second.throttled).toEqual({ notBefore: '2030-01-01T00:11:50.000Z', lostSeconds: 50 });
  expect(second.progress.throttled).toMatchObject({ looks: 2, seconds: 110 });
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
