/** What a record needs of the watchdog; what becomes of it in the world is tested with the faults. */

import type { DeploymentRecord } from '../shared/pipeline/record';
import { recordOf } from '../tests/harness/plain-data';
import { fateOf, nextStep } from './watchdog';

const NOW = new Date('2030-01-01T12:00:00.000Z');
const STILL_AFTER_SECONDS = 260;

function ago(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString();
}

/** Written so many seconds ago. */
function written(seconds: number, published = false): Pick<DeploymentRecord, 'outbox'> {
  return { outbox: { events: [], writtenAt: ago(seconds), published } };
}

const PENDING = recordOf().request;
const FAILURE = { code: 'T001', stage: 'check-dummy', message: 'ill' };
const claimUntil = (until: string) => ({ claim: { token: 'theirs', until, attempt: 1 } });

test.each<[string, Partial<DeploymentRecord>, string]>([
  ['that was written a moment ago is left', written(259), 'leave'],
  ['that has not moved since gets its events again', written(260), 'publish'],
  ['that somebody is working on is left', { ...written(260), ...claimUntil(ago(-1)) }, 'leave'],
  ['whose claim has lapsed is not', { ...written(260), ...claimUntil(ago(0)) }, 'publish'],
  ['that was nudged a moment ago is given time', { ...written(1000), nudgedAt: ago(259) }, 'leave'],
  ['that does not move even then is ended', { ...written(1000), nudgedAt: ago(260) }, 'fail'],
  ['that has failed gets its failure told again', { ...written(260), failure: FAILURE }, 'publish'],
  ['and again, for it is never ended twice', { ...written(9000), failure: FAILURE, nudgedAt: ago(260) }, 'publish'],
])('a running deployment %s', (_, changes, step) => {
  expect(nextStep(recordOf(changes), NOW, STILL_AFTER_SECONDS)).toBe(step);
});

test.each<[string, number, Partial<DeploymentRecord>, string]>([
  ['is left until its limit is over', -1, written(90_000), 'leave'],
  ['is woken then', 0, written(90_000), 'wake'],
  ['is given time to wake up', 300, { ...written(90_000), nudgedAt: ago(100) }, 'leave'],
  ['is woken again where that got lost', 300, { ...written(90_000), nudgedAt: ago(300) }, 'wake'],
  ['and again', 1800, { ...written(90_000), nudgedAt: ago(300) }, 'wake'],
  ['is ended where nothing wakes it', 1801, { ...written(90_000), nudgedAt: ago(300) }, 'fail'],
  ['is not woken where it has failed', -1, { ...written(260), failure: FAILURE }, 'publish'],
])('a parked deployment %s', (_, secondsOver, changes, step) => {
  const progress = { parkedUntil: ago(secondsOver) };
  expect(nextStep(recordOf({ ...changes, progress }), NOW, STILL_AFTER_SECONDS)).toBe(step);
});

test.each<[string, Partial<DeploymentRecord>, string]>([
  ['that moves is left', { ...written(100), cleaning: { since: ago(9000), ofTask: false } }, 'leave'],
  [
    'that stands still gets its events again',
    { ...written(260), cleaning: { since: ago(7200), ofTask: false } },
    'publish',
  ],
  [
    'again and again',
    { ...written(3000), nudgedAt: ago(260), cleaning: { since: ago(7200), ofTask: false } },
    'publish',
  ],
  ['is left to an operator in the end', { ...written(260), cleaning: { since: ago(7201), ofTask: false } }, 'block'],
  ['that does not say since when is counted from its last write', written(7201), 'block'],
])('clean-up %s', (_, changes, step) => {
  expect(nextStep(recordOf({ ...changes, status: 'cleaning' }), NOW, STILL_AFTER_SECONDS)).toBe(step);
});

describe.each(['completed', 'failed', 'blocked'] as const)('a deployment that is %s', (status) => {
  test.each<[string, Partial<DeploymentRecord>, string]>([
    ['and has told of it is left', written(9000, true), 'leave'],
    ['and has not told of it does so', written(260), 'publish'],
    ['is given time to tell of it', written(259), 'leave'],
    ['tells of it before it is asked what waits', { ...written(260), pending: PENDING }, 'publish'],
  ])('%s', (_, changes, step) => {
    expect(nextStep(recordOf({ ...changes, status }), NOW, STILL_AFTER_SECONDS)).toBe(step);
  });

  test('has what waits asked for again, unless an operator has to decide first', () => {
    const record = recordOf({ ...written(260, true), pending: PENDING, status });
    expect(nextStep(record, NOW, STILL_AFTER_SECONDS)).toBe(status === 'blocked' ? 'leave' : 'ask-again');
  });
});

test.each<[string, Partial<Parameters<typeof fateOf>[0]>, string]>([
  ['is removed after an hour', {}, 'remove'],
  ['is kept until then', { createdAt: ago(3599) }, 'keep'],
  ['is kept while its deployment is open', { deploymentId: 'open' }, 'keep'],
  ['is kept while nothing is known of its task', { task: 'DAMAGED' }, 'keep'],
  ['that lies ahead of us by the difference of two clocks is kept', { createdAt: ago(-60) }, 'keep'],
  ['that was made in a future far away is unclear', { createdAt: ago(-90_000) }, 'unclear'],
  ['without a date is unclear', { createdAt: '' }, 'unclear'],
  ['whose date is none is unclear', { createdAt: 'yesterday' }, 'unclear'],
  ['whose date only looks like one is unclear', { createdAt: '1' }, 'unclear'],
  ['whose date is no day is unclear', { createdAt: '2029-02-30T00:00:00.000Z' }, 'unclear'],
  ['without a task is unclear', { task: '' }, 'unclear'],
  ['without a deployment is unclear', { deploymentId: '' }, 'unclear'],
  ['with nonsense is kept all the same while its deployment is open', { deploymentId: 'open', createdAt: '1' }, 'keep'],
  ['with nonsense is kept while nothing is known of its task', { task: 'DAMAGED', createdAt: '1' }, 'keep'],
])('a dummy %s', (_, changes, fate) => {
  const owner = { task: 'WAS', deploymentId: 'over', stack: 'ours', createdAt: ago(3600), ...changes };
  expect(fateOf(owner, NOW, { open: ['open'], unknown: ['DAMAGED'] })).toBe(fate);
});
