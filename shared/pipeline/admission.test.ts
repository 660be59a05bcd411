/** What becomes of a request to deploy beside a deployment that is there already. */
import { createHash } from 'node:crypto';
import { recordOf } from '../../tests/harness/plain-data';
import type { Plan } from '../deployment/plan';
import { decideBeside, servesAlready } from './admission';
import { type DeploymentRecord, handledWith, isHandled, markOf, type Request } from './record';
import { isOneWith, type ReadRequest } from './requests';

const BEFORE = '2030-01-01T00:00:00.000Z';
const CHOSEN = '2030-01-01T00:00:01.000Z';
const AFTER = '2030-01-01T00:00:02.000Z';

function war(slot: number, from: string, to: string): Plan['wars'][0] {
  return { slot, bucket: 'wars', key: `app${slot}.war`, path: `/app${slot}`, from, to };
}

const PLAN = {
  ...recordOf().plan,
  wars: [war(1, 'a1', 'a2'), war(2, 'b1', 'b1')],
  versionsChosenAt: CHOSEN,
} as Plan;

function uploadOf(key: string, versionId: string, changes: Partial<ReadRequest> = {}): ReadRequest {
  const upload = { bucket: 'wars', key, versionId };
  return {
    task: 'WAS',
    type: 'upload',
    requestId: versionId,
    requestedAt: BEFORE,
    requestedBy: 'S3',
    upload,
    ...changes,
  };
}

function manual(changes: Partial<ReadRequest> = {}): ReadRequest {
  return { task: 'WAS', type: 'manual', requestId: 'm', requestedAt: BEFORE, requestedBy: 'jane', ...changes };
}

const run = (changes: Partial<Request> = {}): Request => ({ ...recordOf().request, ...changes });

test.each<[string, ReadRequest, Partial<DeploymentRecord>, boolean]>([
  ['an upload of a version that it chose', uploadOf('app1.war', 'a2'), {}, true],
  ['an upload of a version that it chose to keep', uploadOf('app2.war', 'b1'), {}, true],
  ['such an upload made in the instant of choosing', uploadOf('app1.war', 'a2', { requestedAt: CHOSEN }), {}, true],
  ['an upload that it did not see', uploadOf('app1.war', 'a3'), {}, false],
  ['an upload of another war', uploadOf('other.war', 'a2'), {}, false],
  [
    'an upload to another bucket',
    uploadOf('app1.war', 'a2', { upload: { bucket: 'others', key: 'app1.war', versionId: 'a2' } }),
    {},
    false,
  ],
  ['an upload made after it chose', uploadOf('app1.war', 'a2', { requestedAt: AFTER }), {}, false],
  ['a request for the latest, as it was', manual(), {}, true],
  ['a request made after it chose', manual({ requestedAt: AFTER }), {}, false],
  ['a request for the latest, while it runs others', manual(), { request: run({ versions: 'previous' }) }, false],
  [
    'a request for the previous, as it was',
    manual({ versions: 'previous' }),
    { request: run({ versions: 'previous' }) },
    true,
  ],
  ['a request that names what it chose', manual({ versions: 'a2,b1' }), {}, true],
  ['a request that names it, and leaves the other as it is', manual({ versions: 'a2,' }), {}, true],
  ['a request that names it, and does not speak of the other', manual({ versions: 'a2' }), {}, true],
  [
    'a request that names it for one of two slots of the same war',
    manual({ versions: 'a2' }),
    { plan: { ...PLAN, wars: [war(1, 'a1', 'a2'), { ...war(1, 'a1', 'a2'), slot: 2 }] } },
    true,
  ],
  ['a request that names something else', manual({ versions: 'a1,b1' }), {}, false],
  ['a request that leaves as it is what it changes', manual({ versions: ',b1' }), {}, false],
  [
    'a request for the latest, while it goes back to what serves anyway',
    manual(),
    { plan: { ...PLAN, wars: [war(1, 'a1', 'a1')] }, request: run({ versions: 'previous' }) },
    false,
  ],
  ['a request for another size', manual({ capacity: 3 }), {}, false],
  ['a request for the same size', manual({ capacity: 3 }), { request: run({ capacity: 3 }) }, true],
  ['anything, while nothing is chosen yet', manual(), { plan: undefined }, false],
  [
    'anything, where an earlier version did not note when it chose',
    uploadOf('app1.war', 'a2'),
    { plan: { ...PLAN, versionsChosenAt: undefined } },
    false,
  ],
])('%s: one with the deployment', (_, request, changes, expected) => {
  expect(isOneWith(recordOf({ plan: PLAN, ...changes }), request)).toBe(expected);
});

/** What the record remembers of requests: beside a deployment, that and what waits may change, and nothing else. */
function marksOf({
  handledIds,
  handledMarks,
  handledRequests,
  newestIds,
}: DeploymentRecord): Partial<DeploymentRecord> {
  return { handledIds, handledMarks, handledRequests, newestIds };
}

describe('beside a deployment', () => {
  const waiting = run({
    type: 'upload',
    requestId: 'w',
    requestedAt: CHOSEN,
    upload: { bucket: 'wars', key: 'app2.war', versionId: 'b9' },
  });
  const decided = (request: ReadRequest, changes: Partial<DeploymentRecord> = {}) => {
    const record = recordOf({ plan: PLAN, ...changes });
    const verdict = decideBeside(request, record);
    const changed = verdict?.kind === 'note' ? verdict.change(record) : undefined;
    if (changed) expect({ ...changed, ...marksOf(record) }).toEqual({ ...record, pending: changed.pending });
    return { verdict, changed };
  };

  test.each(['completed', 'failed'] as const)('that is %s a request may open its own', (status) => {
    expect(decided(manual({ requestedAt: AFTER }), { status }).verdict).toBeUndefined();
  });

  test('what is one with it is marked as handled', () => {
    const { verdict, changed } = decided(uploadOf('app1.war', 'a2'), { status: 'failed' });
    expect(verdict).toMatchObject({ kind: 'note', reason: 'is one with the deployment that chose its versions' });
    expect(changed).toMatchObject({ handledMarks: [markOf('a2')], handledRequests: { upload: BEFORE } });
    expect(changed?.pending).toBeUndefined();
  });

  test('and does not wait any more, where it did', () => {
    const pending = run({ ...uploadOf('app1.war', 'a2'), type: 'upload' });
    const { changed } = decided(uploadOf('app1.war', 'a2'), { status: 'failed', pending });
    expect(changed?.pending).toBeUndefined();
    const { changed: other } = decided(uploadOf('app1.war', 'a2'), { status: 'failed', pending: waiting });
    expect(other?.pending).toEqual(waiting);
  });

  test('an upload waits', () => {
    const { verdict, changed } = decided(uploadOf('app1.war', 'a3', { requestedAt: AFTER }));
    expect(verdict).toMatchObject({ kind: 'note', reason: 'waits for the running deployment' });
    expect(changed?.pending).toMatchObject({ requestId: 'a3', upload: { key: 'app1.war' } });
    expect(changed?.pending).not.toHaveProperty('task');
    expect(changed?.pending).not.toHaveProperty('covers');
  });

  test('and stands for the older one that it takes the place of, and for those which that stood for', () => {
    const pending = { ...waiting, covers: ['app1.war', 'app3.war'] };
    const { changed } = decided(uploadOf('app1.war', 'a3', { requestedAt: AFTER }), { pending });
    expect(changed?.pending).toMatchObject({ requestId: 'a3', covers: ['app3.war', 'app2.war'] });
    expect(changed?.handledMarks).toEqual([markOf('w')]);
  });

  test('an upload that waits already is left', () => {
    const again = uploadOf('app2.war', 'b9', { requestId: 'w', requestedAt: CHOSEN });
    expect(decided(again, { pending: waiting }).verdict).toMatchObject({
      kind: 'leave',
      reason: 'it waits already',
      tells: { detailType: 'Postponed', detail: { deploymentId: 'now', stage: 'attach-real', requestedBy: 'S3' } },
    });
  });

  test('the newer one that waits stands for an upload that is told of later, which is not run by itself any more', () => {
    const { verdict, changed } = decided(uploadOf('app1.war', 'a3'), { pending: waiting });
    expect(verdict).toMatchObject({ kind: 'note', reason: 'a newer upload waits, and stands for it' });
    expect(changed).toMatchObject({
      pending: { requestId: 'w', covers: ['app1.war'] },
      handledMarks: [markOf('a3')],
    });
  });

  test('so does the one that waits for one of the same instant, beside those that it stands for already', () => {
    const pending = { ...waiting, covers: ['app3.war'] };
    const record = recordOf({ plan: { ...PLAN, versionsChosenAt: BEFORE }, pending });
    const verdict = decideBeside(uploadOf('app1.war', 'a3', { requestedAt: CHOSEN }), record);
    if (verdict?.kind !== 'note') throw new Error('it should be noted');
    expect(verdict.change(record).pending).toMatchObject({ requestId: 'w', covers: ['app3.war', 'app1.war'] });
    expect(verdict.change({ ...record, pending: undefined }).pending).toBeUndefined();
  });

  test.each<[string, ReadRequest, Partial<DeploymentRecord>, string]>([
    ['a manual request', manual({ requestedAt: AFTER }), {}, 'is in attach-real'],
    [
      'a manual request, while a newer upload waits',
      manual({ requestedAt: AFTER }),
      { pending: { ...waiting, requestedAt: AFTER } },
      'is in attach-real',
    ],
    [
      'a manual request, while it is being cleaned',
      manual({ requestedAt: AFTER }),
      { status: 'cleaning', failure: { code: 'T001', stage: 'x', message: '' } },
      'failed with T001 and is not cleaned',
    ],
    [
      'an upload, while an operator is needed',
      uploadOf('app1.war', 'a3', { requestedAt: AFTER }),
      { status: 'blocked', failure: { code: 'T001', stage: 'x', message: '' } },
      'failed with T001 and is not cleaned',
    ],
  ])('%s is refused', (_, request, changes, state) => {
    const message = `the deployment now of WAS ${state}`;
    expect(decided(request, changes).verdict).toMatchObject({ kind: 'refuse', refusal: { code: '401', message } });
  });
});

test.each<[string, ReadRequest, Plan['wars'], boolean]>([
  ['an upload of what serves', uploadOf('app1.war', 'a1'), [war(1, 'a1', 'a1'), war(2, 'b1', 'b1')], true],
  ['an upload, of which one war is new', uploadOf('app1.war', 'a2'), PLAN.wars, false],
  ['a request, also for what serves', manual(), [war(1, 'a1', 'a1')], false],
])('%s serves already: that is checked', (_, request, wars, expected) => {
  const attached = { targetGroups: new Map(), loadBalancers: new Map(), classic: new Map() };
  const seen = { notes: [], servedSets: [], attached, limits: new Map() };
  expect(servesAlready(request, { plan: { ...PLAN, wars }, ...seen })).toBe(expected);
});

test('nothing serves already while companions are waited for', () => {
  expect(servesAlready(uploadOf('app1.war', 'a1'), { settleSeconds: 20 })).toBe(false);
});

const U = markOf('u');
const MARKED = markOf('u', 'f');
const B = markOf('b', 'g');

test.each<[string, Parameters<typeof handledWith>[0], Partial<DeploymentRecord>]>([
  ['the first of a task', undefined, { handledRequests: { upload: CHOSEN }, handledMarks: [U] }],
  [
    'newer than the last, beside one of another type',
    { handledRequests: { upload: BEFORE, manual: AFTER }, handledMarks: [B] },
    { handledRequests: { upload: CHOSEN, manual: AFTER }, handledMarks: [U, B] },
  ],
  [
    'one of the last',
    { handledRequests: { upload: CHOSEN }, handledMarks: [B, U] },
    { handledRequests: { upload: CHOSEN }, handledMarks: [U, B] },
  ],
  [
    'beside what an earlier version noted',
    { handledRequests: { upload: CHOSEN }, handledIds: { upload: 'b' }, newestIds: { upload: ['b'] } },
    {
      handledRequests: { upload: CHOSEN },
      handledMarks: [U],
      handledIds: { upload: 'b' },
      newestIds: { upload: ['b'] },
    },
  ],
  [
    'older than the last',
    { handledRequests: { upload: AFTER }, handledMarks: [B] },
    { handledRequests: { upload: AFTER }, handledMarks: [U, B] },
  ],
])('a request that has its outcome is remembered: %s', (_, record, expected) => {
  expect(handledWith(record, { type: 'upload', requestId: 'u', requestedAt: CHOSEN })).toEqual(expected);
});

test('of the requests that have their outcome the newest are remembered', () => {
  let marks: ReturnType<typeof handledWith> | undefined;
  for (let index = 0; index < 80; index++) {
    marks = handledWith(marks, { type: 'manual', requestId: `${index}`, requestedAt: CHOSEN, fingerprint: 'f' });
  }
  expect(marks?.handledMarks).toHaveLength(50);
  expect(marks?.handledMarks?.[0]).toEqual(markOf('79', 'f'));
});

describe('what an earlier version noted at length', () => {
  const [id, fingerprint] = [createHash('sha256').update('u').digest('hex').slice(0, 24), 'f'.repeat(32)];
  const noted = { handledRequests: {}, handled: [{ id, fingerprint }] };
  const asked = { type: 'manual', requestId: 'u', requestedAt: CHOSEN };

  test('is known again', () => {
    expect(isHandled(noted, { ...asked, fingerprint })).toBe(true);
    expect(isHandled(noted, { ...asked, fingerprint: 'other' })).toBe('reused');
    expect(isHandled(noted, { ...asked, requestId: 'v', fingerprint })).toBe(false);
  });

  test('is noted by its mark with the next', () => {
    const next = handledWith(noted, { ...asked, requestId: 'v', fingerprint });
    expect(next).toMatchObject({ handledMarks: [markOf('v', fingerprint), markOf('u', fingerprint)] });
    expect(next.handled).toBeUndefined();
    expect(isHandled(next, { ...asked, fingerprint: 'other' })).toBe('reused');
    expect(handledWith(noted, { ...asked, fingerprint }).handledMarks).toEqual([markOf('u', fingerprint)]);
  });
});

test.each<[string, Parameters<typeof isHandled>[0], boolean | 'reused']>([
  ['nothing is known of it', { handledRequests: {} }, false],
  ['others have', { handledRequests: {}, handledMarks: [B] }, false],
  ['it has', { handledRequests: {}, handledMarks: [B, MARKED] }, true],
  ['another request had its id', { handledRequests: {}, handledMarks: [markOf('u', 'other')] }, 'reused'],
  ['an upload of an earlier version had its id', { handledRequests: {}, handledMarks: [U] }, true],
  ['an earlier version noted it as the newest', { handledRequests: {}, handledIds: { manual: 'u' } }, true],
  ['an earlier version noted it among the newest', { handledRequests: {}, newestIds: { manual: ['a', 'u'] } }, true],
  ['an earlier version noted it of another type', { handledRequests: {}, handledIds: { upload: 'u' } }, false],
])('whether a request has its outcome: %s', (_, marks, expected) => {
  expect(isHandled(marks, { type: 'manual', requestId: 'u', fingerprint: 'f' })).toBe(expected);
});
