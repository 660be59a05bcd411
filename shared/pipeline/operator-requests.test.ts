/** Until when a deployment can be undone. */
import { recordOf } from '../../tests/harness/plain-data';
import { STAGES } from './flow';
import { reasonNotToUndo } from './operator-requests';

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
