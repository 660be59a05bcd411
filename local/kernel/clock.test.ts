import { RealClock } from './clock';

describe('real time', () => {
  test('an alarm never rings before its time', async () => {
    const clock = new RealClock(1);
    const waits = Array.from({ length: 300 }, async (_, index) => {
      await clock.sleep(index / 1000);
      const start_ms = clock.now().getTime();
      await clock.sleep(0.02);
      return clock.now().getTime() - start_ms;
    });
    expect(Math.min(...(await Promise.all(waits)))).toBeGreaterThanOrEqual(20);
  });

  test('runs as much faster as it is told', async () => {
    const clock = new RealClock(100);
    const start_ms = performance.now();
    await clock.sleep(5);
    expect(performance.now() - start_ms).toBeGreaterThanOrEqual(45);
    expect(performance.now() - start_ms).toBeLessThan(1000);
  });

  test('an alarm after months does not ring at once', async () => {
    const clock = new RealClock();
    let rings = 0;
    clock.after(90 * 24 * 3600, () => {
      rings += 1;
    });
    await clock.sleep(0.03);
    clock.stop();
    expect(rings).toBe(0);
  });

  test('setting the time of day back holds up no alarm', async () => {
    const clock = new RealClock();
    const { now } = Date;
    const ring = clock.sleep(0.02);
    Date.now = () => now() - 3600 * 1000;
    try {
      expect(await Promise.race([ring.then(() => 'rings'), new Promise((end) => setTimeout(end, 500))])).toBe('rings');
    } finally {
      Date.now = now;
      clock.stop();
    }
  });

  test('a cancelled alarm does not ring', async () => {
    const clock = new RealClock();
    let rings = 0;
    clock
      .after(0.01, () => {
        rings += 1;
      })
      .cancel();
    await clock.sleep(0.03);
    expect(rings).toBe(0);
  });
});
