/** Until when a deployment can be undone, and when clean-up has to begin anew. */
import { groupOf, recordOf } from '../../tests/harness/plain-data';
import { STAGES } from './flow';
import { isOvertaken, reasonNotToUndo } from './operator-requests';
import type { DeploymentRecord } from './record';

const AT = '2030-01-01T00:00:00.000Z';

test.each(STAGES.filter((name) => !['retire', 'clean-up'].includes(name)))(
  'in %s it can, as long as Active is not being detached',
  (stage) => {
    expect(reasonNotToUndo(recordOf({ stage }))).toBeUndefined();
    expect(reasonNotToUndo(recordOf({ stage, progress: { detachingSince: AT } }))).toContain(
      'was-blue (Active) is detached already',
    );
  },
);

test('in retire it cannot: Active is detached, and there is only going on, or back by a deployment', () => {
  expect(reasonNotToUndo(recordOf({ stage: 'retire' }))).toContain('go back with versions = previous');
});

const clean = { ...recordOf().request, type: 'clean' as const };

test.each<[string, Partial<DeploymentRecord>, [active: string, standBy: string], boolean]>([
  ['of a deployment, with the groups as planned', { status: 'blocked' }, ['was-blue', 'was-green'], false],
  [
    'of a deployment, with the tags swapped: roles are those of the plan',
    { status: 'blocked' },
    ['was-green', 'was-blue'],
    false,
  ],
  ['of a deployment, with another group', { status: 'blocked' }, ['was-blue', 'was-red'], true],
  ['of a deployment, with another group in front', { status: 'blocked' }, ['was-red', 'was-green'], true],
  ['that never planned anything', { status: 'blocked', plan: undefined }, ['was-blue', 'was-green'], false],
  [
    'without a deployment, with the groups as tagged',
    { status: 'blocked', request: clean },
    ['was-blue', 'was-green'],
    false,
  ],
  [
    'without a deployment, with the tags swapped',
    { status: 'blocked', request: clean },
    ['was-green', 'was-blue'],
    true,
  ],
  ['that goes on', { status: 'cleaning', request: clean }, ['was-green', 'was-blue'], false],
])('clean-up that was left to an operator begins anew: %s', (_, changes, [active, standBy], expected) => {
  const pair = { active: groupOf(active), standBy: groupOf(standBy) };
  expect(isOvertaken(recordOf(changes), pair)).toBe(expected);
});

test('it does not where nobody can tell which groups there are', () => {
  const refusal = { code: '400', message: 'no pair' };
  expect(isOvertaken(recordOf({ status: 'blocked', request: clean }), refusal)).toBe(false);
});
