/** A few hundred seeds, so that no change goes unseen; `npm run simulate` plays as many as one likes. */
import { drawScenario } from './draw';
import { plainScenario, UPLOAD } from './plain';
import type { Act, Fault } from './scenario';
import { shrink } from './shrink';
import { play } from './simulation';

const SEEDS = 200;

test(`the first ${SEEDS} seeds hold`, async () => {
  const failures: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await play(drawScenario(seed));
    const [first] = violations;
    if (first) failures.push(`npm run simulate -- --seeds 1 --from ${seed}   # ${first.checker}: ${first.text}`);
  }
  expect(failures).toEqual([]);
});

test('the same seed is the same history', async () => {
  const histories = [await play(drawScenario(7)), await play(drawScenario(7))].map(({ history }) => history.join('\n'));
  expect(histories[0]).toBe(histories[1]);
  expect(histories[0]?.length).toBeGreaterThan(1000);
});

test('what goes wrong is made as small as it can be', async () => {
  const broken: Act = { when: { atSeconds: 5 }, kind: 'deploy', fleet: 0, versions: 'unknown' };
  const noise: Fault = { kind: 'call', function: 'watchdog', call: 1, effect: 'throttled' };
  const scenario = plainScenario([UPLOAD, broken], { fleet: { instances: 2 }, faults: [noise] });
  const defects = { handlers: { notify: () => async () => {} } };
  const { scenario: least, play: played } = await shrink(scenario, await play(scenario, defects), defects);
  expect(least.acts).toHaveLength(1);
  expect(least.faults).toEqual([]);
  expect(least.site.fleets[0]?.instances).toBe(1);
  expect(played.violations[0]?.checker).toBe('every outcome is mailed');
});
