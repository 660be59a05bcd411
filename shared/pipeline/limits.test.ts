import { recordOf } from '../../tests/harness/plain-data';
import { limitSecondsOf, shownLimits } from './limits';

const SETTINGS = { cycleSeconds: 60, provisioningLimitSeconds: 600 };

test('what people see of a step is how long its cycles take, and before them the clones', () => {
  const { plan } = recordOf();
  expect(shownLimits(plan, SETTINGS)).toMatchObject({ 'check-dummy': 720, 'check-real': 120, retire: 600 });
});

test('no cycles are longer than what the stage may wait for at all', () => {
  const { plan } = recordOf();
  expect(shownLimits(plan, { ...SETTINGS, cycleSeconds: 3600 * 2 })['check-real']).toBe(7200);
});

test('before there is a plan the limits are those of the stages', () => {
  expect(shownLimits(undefined, SETTINGS)).toMatchObject({ start: 7200, 'check-dummy': 7200, 'check-real': 7200 });
  expect(limitSecondsOf('clean-up', undefined)).toBe(5400);
});
