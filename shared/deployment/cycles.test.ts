import * as fc from 'fast-check';
import type { Progress } from '../pipeline/record';
import { cyclesAt } from './cycles';

const START = new Date('2030-01-01T00:00:00.000Z');
const LIMITS = { cycleSeconds: 210, repetitions: 2 };

function after(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

test('the first look begins the first cycle and announces it', () => {
  expect(cyclesAt(1, {}, START, LIMITS)).toEqual({
    announced: '1-1',
    areOver: false,
    endAt: after(420).toISOString(),
    progress: { cyclesSince: START.toISOString(), cycle: 1 },
  });
});

test.each([
  [10, 1, undefined, false],
  [209.9, 1, undefined, false],
  [210, 1, '2-2', false],
  [419.9, 2, undefined, false],
  [420, 2, undefined, true],
  [5000, 2, undefined, true],
])(
  '%d s after the beginning, with cycle %d announced: announces %s, over: %s',
  (seconds, cycle, announced, areOver) => {
    const progress = { cyclesSince: START.toISOString(), cycle };
    expect(cyclesAt(2, progress, after(seconds), LIMITS)).toMatchObject({ announced, areOver });
  },
);

test('however the looks fall, no cycle is announced twice, none out of order, and none beyond the last', async () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 60 });
  await fc.assert(
    fc.property(gaps, fc.integer({ min: 2, max: 9 }), (gapsSeconds, repetitions) => {
      const announced: number[] = [];
      let progress: Progress = {};
      let seconds = 0;
      for (const gapSeconds of [0, ...gapsSeconds]) {
        seconds += gapSeconds;
        const cycles = cyclesAt(1, progress, after(seconds), { cycleSeconds: 210, repetitions });
        expect(cycles.areOver).toBe(seconds >= 210 * repetitions);
        if (cycles.announced) announced.push(Number(cycles.announced.split('-')[1]));
        progress = cycles.progress;
      }
      expect(announced).toEqual([...new Set(announced)].sort((one, other) => one - other));
      expect(Math.max(...announced)).toBeLessThanOrEqual(repetitions);
    }),
  );
});
