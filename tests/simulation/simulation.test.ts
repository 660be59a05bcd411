/** A few hundred seeds, so that no change goes unseen; `npm run simulate` plays as many as one likes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { drawScenario } from './draw';
import { plainScenario, UPLOAD } from './plain';
import type { Act, Fault } from './scenario';
import { shrink } from './shrink';
import { play } from './simulation';
import type { Place } from './site';

const SEEDS = 200;

/** In a process of its own: what a test runner puts around every module would make it take twice as long. */
test(`the first ${SEEDS} seeds hold`, async () => {
  const run = promisify(execFile);
  const options = ['--json', '--processes', '1', '--seeds', String(SEEDS)];
  const simulate = ['--import', 'tsx', 'tests/simulation/main.ts', ...options];
  const { stdout } = await run(process.execPath, simulate).catch((error: { stdout: string }) => error);
  const { failures, seeds } = JSON.parse(stdout);
  expect(failures).toEqual([]);
  expect(seeds).toBe(SEEDS);
}, 600_000);

test('the same seed is the same history', async () => {
  const histories = [await play(drawScenario(7)), await play(drawScenario(7))].map(({ history }) => history.join('\n'));
  expect(histories[0]).toBe(histories[1]);
  expect(histories[0]?.length).toBeGreaterThan(1000);
});

test('a digest is the same wherever a seed is played', async () => {
  const simulate = ['--import', 'tsx', 'tests/simulation/main.ts', '--digest', '--seeds', '2', '--from', '7'];
  const { stdout } = await promisify(execFile)(process.execPath, simulate);
  const digests = [await play(drawScenario(7)), await play(drawScenario(8))].map(({ digest }) => digest());
  expect(stdout).toBe(`7 ${digests[0]}\n8 ${digests[1]}\n`);
});

test('a digest tells also what the history does not: of a mail, the text', async () => {
  const scenario = plainScenario([UPLOAD]);
  const plant = ({ world }: Place) =>
    void world.aws.endpoint.intercept((call, proceed) => {
      const input = call.input as { Message?: string };
      if (input.Message) input.Message += ' Have a nice day.';
      return proceed();
    });
  const [plain, reworded] = [await play(scenario), await play(scenario, { plant })];
  expect(reworded.history).toEqual(plain.history);
  expect(reworded.digest()).not.toBe(plain.digest());
});

test('what goes wrong is made as small as it can be', async () => {
  const broken: Act = { when: { atSeconds: 5 }, kind: 'deploy', fleet: 0, versions: 'unknown' };
  const noise: Fault = { kind: 'call', function: 'watchdog', call: 1, effect: 'throttled' };
  const scenario = plainScenario([UPLOAD, broken], { fleet: { instances: 2 }, faults: [noise] });
  const defects = { handlers: { notify: () => async () => {} }, endLimitSeconds: 3600 };
  const { scenario: least, play: played } = await shrink(scenario, await play(scenario, defects), defects);
  expect(least.acts).toHaveLength(1);
  expect(least.faults).toEqual([]);
  expect(least.site.fleets[0]?.instances).toBe(1);
  expect(played.violations[0]?.checker).toBe('every outcome is mailed');
});
