/** Until when a deployment can be undone, and when clean-up has to begin anew. */
import { groupOf, recordOf } from '../../tests/harness/plain-data';
import { STAGES } from './flow';
import { cleanOpen, isOvertaken, reasonNotToUndo } from './operator-requests';
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

describe('a request to clean an open deployment', () => {
  const now = new Date('2030-01-01T01:00:00.000Z');
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
  const outbox = (seconds: number) => ({ events: [], writtenAt: ago(seconds), published: true });
  const claim = (seconds: number) => ({ token: 'claimed', until: ago(-seconds), attempt: 1 });
  const failure = { code: 'T001', stage: 'check-dummy', message: 'ill' };

  function verdictOn(changes: Partial<DeploymentRecord>, abort?: boolean): string {
    const request = { type: 'clean', requestId: 'c', requestedAt: ago(1), requestedBy: 'jane', task: 'WAS' };
    const lost = changes.restored && ({ how: 'deleted', etag: undefined } as const);
    const verdict = cleanOpen(
      { ...request, detail: { task: 'WAS', abort } },
      { record: recordOf(changes), lost },
      now,
      260,
      'log',
    );
    if (verdict.kind === 'refuse') return verdict.refusal.code;
    if (verdict.kind !== 'transition') return verdict.kind;
    const { outcome } = verdict;
    if (outcome.kind === 'taken-over') return `taken over: ${outcome.failure?.code}`;
    return outcome.kind === 'ended' ? `ended: ${outcome.code}` : outcome.kind;
  }

  test.each<[string, Partial<DeploymentRecord>, string, withAbort: string]>([
    ['that moves', { outbox: outbox(10) }, '418', 'ended: T015'],
    ['that moved a while ago', { outbox: outbox(260) }, '418', 'ended: T015'],
    ['that does not move', { outbox: outbox(261) }, 'taken over: T014', 'taken over: T014'],
    ['that is worked on', { outbox: outbox(900), claim: claim(5) }, '418', 'ended: T015'],
    ['whose claim has lapsed', { outbox: outbox(900), claim: claim(-5) }, 'taken over: T014', 'taken over: T014'],
    ['that is parked', { outbox: outbox(9000), progress: { parkedUntil: ago(-5) } }, '418', 'ended: T015'],
    [
      'whose parking is over',
      { outbox: outbox(9000), progress: { parkedUntil: ago(5) } },
      'taken over: T014',
      'taken over: T014',
    ],
    ['whose Active is being detached', { outbox: outbox(9), progress: { detachingSince: ago(9) } }, '418', '418'],
    ['whose Active is detached', { outbox: outbox(9), stage: 'retire' }, '418', '418'],
    ['that has failed', { outbox: outbox(1), failure }, 'taken over: T001', 'taken over: T001'],
    [
      'that is being cleaned after a failure',
      { outbox: outbox(1), status: 'cleaning', failure },
      'taken over: T001',
      'taken over: T001',
    ],
    [
      'that is no deployment, but a clean-up',
      { outbox: outbox(1), status: 'cleaning' },
      'taken over: undefined',
      'taken over: undefined',
    ],
    ['that is blocked', { outbox: outbox(1), status: 'blocked', failure }, 'taken over: T001', 'taken over: T001'],
    [
      'that is blocked without a failure',
      { outbox: outbox(1), status: 'blocked' },
      'taken over: T999',
      'taken over: T999',
    ],
    [
      'whose record was lost',
      { outbox: outbox(1), restored: { how: 'deleted', writtenAt: ago(60) } },
      'taken over: T015',
      'taken over: T015',
    ],
  ])('%s', (_, changes, expected, withAbort) => {
    expect(verdictOn(changes)).toBe(expected);
    expect(verdictOn(changes, false)).toBe(expected);
    expect(verdictOn(changes, true)).toBe(withAbort);
  });

  test('says in which stage a deployment runs, since when, and the two ways', () => {
    const request = { type: 'clean', requestId: 'c', requestedAt: ago(1), requestedBy: 'jane', task: 'WAS' };
    const record = recordOf({
      stage: 'check-real',
      outbox: outbox(1),
      timeline: [{ stage: 'check-real', at: ago(90) }],
    });
    const verdict = cleanOpen({ ...request, detail: { task: 'WAS' } }, { record, lost: undefined }, now, 260, 'log');
    expect(verdict).toMatchObject({
      refusal: {
        message: expect.stringMatching(
          /in check-real for 90 s, and moves\. Either let it end, .* or put .*"abort": true/,
        ),
      },
    });
  });
});
