/** What every outcome makes of a record, and what it tells. */
import { Completed } from '../../events/completed';
import { Step1Passed } from '../../events/step-1-passed';
import { recordOf } from '../../tests/harness/plain-data';
import type { Plan } from '../deployment/plan';
import { heldMarkOf, heldMarksOf } from '../deployment/versions';
import { recordAfter } from './changes';
import { FLOW, type FlowStage, type StageName } from './flow';
import { again, completed, failed, moveTo, type Outcome, parked, passed } from './outcome';
import { type DeploymentRecord, markOf, type Request, recordSchema } from './record';

const AT = '2030-01-01T00:00:00.000Z';
const EARLIER = '2029-12-31T23:59:30.000Z';
const CLAIM = { token: 'mine', until: '2030-01-01T00:00:40.000Z', attempt: 2 };
const FAILURE = { code: 'T001', stage: 'check-dummy', message: 'ill' };
const OTHER_FAILURE = { code: 'T005', stage: 'swap', message: 'slow' };
const PLAN = recordOf().plan as Plan;

const WAITING: Request = {
  requestId: 'waiting',
  type: 'upload',
  requestedAt: EARLIER,
  requestedBy: 'the upload of app1.war',
  upload: { bucket: 'wars', key: 'app1.war', versionId: 'v2' },
};

function war(key: string, from: string, to: string): Plan['wars'][0] {
  return { slot: 1, bucket: 'wars', key, path: `/${key}`, from, to };
}

type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

/** In `check-dummy`, claimed, and nudged by the watchdog, unless said otherwise. */
function after(outcome: Outcome, changes: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return recordAfter(recordOf({ stage: 'check-dummy', claim: CLAIM, nudgedAt: EARLIER, ...changes }), outcome, AT);
}

/** The detail-types in the outbox. */
function told({ outbox }: DeploymentRecord): string[] {
  return outbox.events.map(({ detailType }) => detailType);
}

const SERVED = [{ slot: 1, key: 'app.war', versionId: 'v1' }];
const PLANNED: OutcomeOf<'planned'> = {
  kind: 'planned',
  plan: PLAN,
  notes: [],
  servedSets: [SERVED],
  covers: undefined,
};
const ENDED: OutcomeOf<'ended'> = { kind: 'ended', code: 'T015', message: 'aborted', dropsPending: true };
const CLEANED: OutcomeOf<'cleaned'> = { kind: 'cleaned', summary: 'was-blue serves as before.', findings: ['fine'] };
const BLOCKED: OutcomeOf<'blocked'> = { kind: 'blocked', reason: 'nobody would serve', findings: ['odd'] };

const LAST_SUCCESS = { deploymentId: 'now', wars: [], capacity: PLAN.capacity };

const done = completed(Completed, {
  requestedBy: 'jane',
  oldGroup: 'was-blue',
  newGroup: 'was-green',
  instances: 2,
  wars: [],
  stages: [],
});

test.each<[string, Outcome, Partial<DeploymentRecord>, Partial<DeploymentRecord>, string[]]>([
  [
    'again',
    again('health', { progress: { cycle: 1 } }),
    {},
    { progress: { waitingSince: AT, cycle: 1 }, plan: PLAN },
    ['CheckPending'],
  ],
  [
    'again, which waits longer already',
    again('health', { progress: { cycle: 2 } }),
    { progress: { waitingSince: EARLIER, cyclesSince: EARLIER, parkedUntil: AT } },
    { progress: { waitingSince: EARLIER, cyclesSince: EARLIER, cycle: 2 } },
    ['CheckPending'],
  ],
  [
    'again, with another plan',
    again('x', { plan: { ...PLAN, repetitions: 9 } }),
    {},
    { plan: { ...PLAN, repetitions: 9 } },
    ['CheckPending'],
  ],
  ['parked', parked('people', { parkedUntil: AT }), {}, { progress: { waitingSince: AT, parkedUntil: AT } }, []],
  [
    'parked, which waits longer already',
    parked('people', { parkedUntil: AT }),
    { progress: { waitingSince: EARLIER } },
    { progress: { waitingSince: EARLIER, parkedUntil: AT } },
    [],
  ],
  [
    'planned',
    PLANNED,
    { stage: 'start', plan: undefined, progress: { settleUntil: AT } },
    { plan: PLAN, progress: {}, servedSets: [SERVED] },
    ['Started', 'CheckDue'],
  ],
  [
    'planned, which covers what waits',
    { ...PLANNED, covers: 'waiting' },
    { stage: 'start', pending: WAITING },
    { pending: undefined, handledMarks: [markOf('waiting')], handledRequests: { upload: EARLIER } },
    ['Started', 'CheckDue'],
  ],
  [
    'planned, which chose the very version that waits',
    { ...PLANNED, plan: { ...PLAN, wars: [war('app1.war', 'v1', 'v2')], versionsChosenAt: AT } },
    { stage: 'start', plan: undefined, pending: WAITING },
    { pending: undefined, handledMarks: [markOf('waiting')], handledRequests: { upload: EARLIER } },
    ['Started', 'CheckDue'],
  ],
  [
    'planned, while something else waits',
    { ...PLANNED, covers: 'another' },
    { stage: 'start', pending: WAITING },
    { pending: WAITING },
    ['Started', 'CheckDue'],
  ],
  [
    'passed',
    passed(Step1Passed, {}),
    { progress: { cycle: 2 }, timeline: [], reattachedAt: EARLIER },
    {
      stage: 'attach-real',
      progress: {},
      timeline: [{ stage: 'attach-real', at: AT }],
      reattachedAt: undefined,
      plan: PLAN,
    },
    ['Step1Passed'],
  ],
  [
    'passed, with another plan',
    passed(Step1Passed, {}, { ...PLAN, repetitions: 9 }),
    {},
    { plan: { ...PLAN, repetitions: 9 } },
    ['Step1Passed'],
  ],
  [
    'moved back',
    moveTo('check-real'),
    { stage: 'swap', progress: { detachingSince: AT }, timeline: [] },
    {
      stage: 'check-real',
      status: 'running',
      progress: {},
      timeline: [{ stage: 'check-real', at: AT }],
      plan: PLAN,
      resolvedFailures: [],
    },
    ['RealAttached'],
  ],
  [
    'moved back, with another plan',
    moveTo('check-real', { plan: { ...PLAN, repetitions: 9 } }),
    { stage: 'swap' },
    { plan: { ...PLAN, repetitions: 9 } },
    ['RealAttached'],
  ],
  [
    'moved on from clean-up: what had failed is resolved',
    moveTo('retire', { progress: { sizedAt: AT } }),
    {
      stage: 'clean-up',
      status: 'cleaning',
      failure: FAILURE,
      reattachedAt: AT,
      resolvedFailures: [OTHER_FAILURE],
      cleaning: { since: AT, ofTask: false },
      timeline: [{ stage: 'clean-up', at: EARLIER }],
    },
    {
      stage: 'retire',
      status: 'running',
      failure: undefined,
      cleaning: undefined,
      reattachedAt: undefined,
      resolvedFailures: [OTHER_FAILURE, FAILURE],
      timeline: [
        { stage: 'clean-up', at: EARLIER },
        { stage: 'retire', at: AT },
      ],
      progress: { sizedAt: AT },
    },
    ['Swapped'],
  ],
  [
    'completed: what the next deployment has to know',
    done,
    { stage: 'retire', progress: { sizedAt: AT } },
    { status: 'completed', progress: {}, lastSuccess: LAST_SUCCESS },
    ['Completed'],
  ],
  [
    'completed: what serves now is known to have served',
    done,
    { stage: 'retire', plan: { ...PLAN, wars: [war('app.war', 'v1', 'v2')] }, servedSets: [SERVED] },
    { servedSets: [[{ slot: 1, key: 'app.war', versionId: 'v2 v1' }]] },
    ['Completed'],
  ],
  [
    'completed: what served is told by the sets alone, where there are any',
    done,
    { stage: 'retire', plan: { ...PLAN, wars: [war('app.war', 'v1', 'v2')] }, servedSets: [SERVED] },
    { lastSuccess: { ...LAST_SUCCESS, wars: [] } },
    ['Completed'],
  ],
  [
    'completed, as planned by a version that knew of no sets: what served is told by the last success alone',
    done,
    { stage: 'retire', plan: { ...PLAN, wars: [war('app.war', 'v1', 'v2')] } },
    { servedSets: undefined, lastSuccess: { ...LAST_SUCCESS, wars: [war('app.war', 'v1', 'v2')] } },
    ['Completed'],
  ],
  [
    'cleaned: what failed is not known to have served',
    CLEANED,
    {
      status: 'cleaning',
      stage: 'clean-up',
      plan: { ...PLAN, wars: [war('app.war', 'v1', 'v2')] },
      servedSets: [SERVED],
    },
    { servedSets: [SERVED] },
    ['Cleaned'],
  ],
  [
    'completed, and what waits is asked for',
    done,
    { stage: 'retire', pending: WAITING },
    { pending: WAITING },
    ['Completed', 'DeployRequested'],
  ],
  ['failed', failed('T001', 'ill'), {}, { status: 'running', failure: { ...FAILURE } }, ['Failed']],
  [
    'failed, and what waits goes on waiting',
    failed('T001', 'ill'),
    { pending: WAITING },
    { pending: WAITING },
    ['Failed'],
  ],
  [
    'ended: the claim of whoever is at work stays',
    ENDED,
    {},
    { claim: CLAIM, failure: { code: 'T015', stage: 'check-dummy', message: 'aborted' } },
    ['Failed'],
  ],
  [
    'ended, with what waits',
    ENDED,
    { pending: WAITING },
    { pending: undefined, handledMarks: [markOf('waiting')], handledRequests: { upload: EARLIER } },
    ['Failed'],
  ],
  [
    'ended, without what waits',
    { ...ENDED, dropsPending: false },
    { pending: WAITING },
    { pending: WAITING },
    ['Failed'],
  ],
  [
    'taken over: from the stage that may still be acting',
    { kind: 'taken-over', failure: FAILURE },
    { progress: { cycle: 2 }, resolvedFailures: [FAILURE], reattachedAt: EARLIER, timeline: [] },
    {
      status: 'cleaning',
      stage: 'clean-up',
      failure: FAILURE,
      progress: {},
      resolvedFailures: [FAILURE],
      reattachedAt: EARLIER,
      cleaning: { since: AT, waitUntil: CLAIM.until, ofTask: false },
      timeline: [{ stage: 'clean-up', at: AT }],
    },
    ['CheckDue'],
  ],
  [
    'taken over once more, after an operator was needed: all may be tried anew',
    { kind: 'taken-over', failure: FAILURE },
    {
      status: 'blocked',
      claim: undefined,
      resolvedFailures: [FAILURE, FAILURE],
      cleaning: { since: EARLIER, ofTask: true },
      reattachedAt: EARLIER,
    },
    { resolvedFailures: [], cleaning: { since: AT, waitUntil: undefined, ofTask: true }, reattachedAt: AT },
    ['CheckDue'],
  ],
  [
    'taken over once more, where Active had not been attached again',
    { kind: 'taken-over', failure: FAILURE },
    { status: 'blocked', reattachedAt: undefined },
    { reattachedAt: undefined },
    ['CheckDue'],
  ],
  [
    'refused',
    { kind: 'refused', code: '402', message: 'no zip' },
    { stage: 'start' },
    { status: 'failed', failure: { code: '402', stage: 'start', message: 'no zip' } },
    ['Refused'],
  ],
  ['skipped', { kind: 'skipped', reason: 'serves' }, { stage: 'start' }, { status: 'completed' }, []],
  [
    'skipped, and what waits is asked for',
    { kind: 'skipped', reason: 'serves' },
    { stage: 'start', pending: WAITING },
    {},
    ['DeployRequested'],
  ],
  [
    'cleaned',
    CLEANED,
    { status: 'cleaning', stage: 'clean-up', failure: FAILURE, progress: { cycle: 1 } },
    { status: 'failed', progress: {}, failure: FAILURE },
    ['Cleaned'],
  ],
  [
    'cleaned, and what waits is asked for',
    CLEANED,
    { status: 'cleaning', stage: 'clean-up', pending: WAITING },
    {},
    ['Cleaned', 'DeployRequested'],
  ],
  [
    'blocked: what waits is not asked for',
    BLOCKED,
    { status: 'cleaning', stage: 'clean-up', pending: WAITING, progress: { leavingSince: EARLIER } },
    { status: 'blocked', progress: {}, pending: WAITING },
    ['Cleaned'],
  ],
])('%s', (_, outcome, changes, expected, events) => {
  const record = after(outcome, changes);
  expect(record).toMatchObject(expected);
  if (expected.progress) expect(record.progress).toEqual(expected.progress);
  if (expected.lastSuccess) expect(record.lastSuccess).toEqual(expected.lastSuccess);
  if (expected.resolvedFailures) expect(record.resolvedFailures).toStrictEqual(expected.resolvedFailures);
  expect([record.seq, record.nudgedAt, record.outbox.writtenAt, record.outbox.published]).toEqual([
    8,
    undefined,
    AT,
    false,
  ]);
  if (outcome.kind !== 'ended') expect(record.claim).toBeUndefined();
  expect(told(record)).toEqual(events);
  const ofTheDeployment = record.outbox.events.filter(({ detail }) => 'seq' in detail).map(({ detail }) => detail);
  for (const detail of ofTheDeployment) expect(detail).toMatchObject({ deploymentId: 'now', task: 'WAS', seq: 8 });
});

test('what an operator asked for is remembered by what came of it, so that it is not answered twice', () => {
  const request = { type: 'abort', requestId: 'a', requestedAt: AT };
  const marks = { handledMarks: [markOf('a')], handledRequests: { abort: AT } };
  expect(after({ ...ENDED, request })).toMatchObject(marks);
  expect(after({ kind: 'taken-over', failure: FAILURE, request }, { status: 'blocked' })).toMatchObject(marks);
  const both = after({ ...ENDED, request }, { pending: WAITING });
  expect(both.handledMarks).toEqual([markOf('a'), markOf('waiting')]);
});

test('what is remembered of other requests stays', () => {
  const marks = { handledMarks: [markOf('m')], handledRequests: { manual: EARLIER } };
  const record = after({ ...ENDED, request: { type: 'abort', requestId: 'a', requestedAt: AT } }, marks);
  expect(record.handledMarks).toEqual([markOf('a'), markOf('m')]);
  expect(record.handledRequests).toEqual({ manual: EARLIER, abort: AT });
});

test('a look again says for which stage and for what, in one line', () => {
  const [event] = after(again('a "quoted"\nline', { cycle: '1-2' })).outbox.events;
  expect(event?.detail).toMatchObject({ stage: 'check-dummy', waitingFor: "a 'quoted' line", cycle: '1-2' });
});

test('the start of a deployment tells all that is planned, and that start itself goes on', () => {
  const plan = { ...PLAN, wars: [war('app1.war', 'v1', 'v2')] };
  const { outbox } = after({ ...PLANNED, plan, notes: ['v3 is held'] }, { stage: 'start', plan: undefined });
  const ofDeployment = { deploymentId: 'now', task: 'WAS', seq: 8 };
  expect(outbox.events).toEqual([
    {
      detailType: 'Started',
      detail: {
        ...ofDeployment,
        requestedBy: 'jane',
        oldGroup: 'was-blue',
        newGroup: 'was-green',
        instances: 2,
        wars: [{ slot: 1, key: 'app1.war', from: 'v1', to: 'v2' }],
        commands: [],
        notes: ['v3 is held'],
      },
    },
    { detailType: 'CheckDue', detail: { ...ofDeployment, stage: 'start' } },
  ]);
});

test('an event by which a stage hands on carries what the stage adds, and names nobody of the plain chain', () => {
  expect(after(passed(Step1Passed, { cycle: '1-2' })).outbox.events).toEqual([
    { detailType: 'Step1Passed', detail: { deploymentId: 'now', task: 'WAS', seq: 8, cycle: '1-2' } },
  ]);
  expect(after(moveTo('check-real'), { stage: 'swap' }).outbox.events).toEqual([
    { detailType: 'RealAttached', detail: { deploymentId: 'now', task: 'WAS', seq: 8 } },
  ]);
});

test('clean-up that takes over is told that it is due', () => {
  expect(after({ kind: 'taken-over', failure: FAILURE }).outbox.events).toEqual([
    { detailType: 'CheckDue', detail: { deploymentId: 'now', task: 'WAS', seq: 8, stage: 'clean-up' } },
  ]);
});

test('the end of a deployment tells what the stage adds', () => {
  const [event] = after(done, { stage: 'retire' }).outbox.events;
  expect(event?.detail).toMatchObject({ requestedBy: 'jane', oldGroup: 'was-blue', newGroup: 'was-green' });
});

test('what waited is asked for as it was asked for', () => {
  const { type: _, ...asked } = WAITING;
  const [, event] = after(done, { stage: 'retire', pending: WAITING }).outbox.events;
  expect(event).toEqual({ detailType: 'DeployRequested', detail: { task: 'WAS', ...asked } });
});

test('who is refused is told why, what to do, and what was asked for', () => {
  const request = { ...recordOf().request, versions: 'v9', capacity: 3 };
  const [event] = after({ kind: 'refused', code: '402', message: 'no zip' }, { stage: 'start', request }).outbox.events;
  expect(event?.detail).toEqual({
    task: 'WAS',
    requestId: 'r',
    requestedBy: 'jane',
    asked: { versions: 'v9', capacity: 3 },
    code: '402',
    message: 'no zip',
    nextStep: expect.stringContaining('Check that the war is in S3 and whole'),
  });
});

test('a failure is told in one line, with what to do', () => {
  const [event] = after(failed('T001', 'the "war"\nis ill')).outbox.events;
  expect(event?.detail).toMatchObject({
    stage: 'check-dummy',
    code: 'T001',
    message: "the 'war' is ill",
    nextStep: expect.stringContaining('upload a mended war'),
  });
});

test('who is aborted together with uploads that others wait behind names all of them', () => {
  const [event] = after(ENDED, { pending: { ...WAITING, covers: ['app2.war'] } }).outbox.events;
  expect(event?.detail.message).toBe(
    'aborted; the upload of app2.war and the upload of app1.war, which waited, are dropped',
  );
  const [kept] = after({ ...ENDED, dropsPending: false }, { pending: WAITING }).outbox.events;
  expect(kept?.detail.message).toBe('aborted');
  const [alone] = after(ENDED, { pending: WAITING }).outbox.events;
  expect(alone?.detail.message).toBe('aborted; the upload of app1.war, which waited, is dropped');
});

test('a failure in start has a headline of its own', () => {
  const headline = (stage: 'start' | 'swap') =>
    after(failed('500', 'odd'), { stage }).outbox.events[0]?.detail.headline;
  expect(headline('start')).toBe('[Failed] Deploy Start Failed(Task : WAS, errCode : 500)');
  expect(headline('swap')).toBe('[Failed] Non-disruptive deployment(errCode : 500, Task : WAS)');
});

test.each<[string, Outcome, object]>([
  [
    'what was cleaned',
    CLEANED,
    { outcome: 'cleaned', code: 'T001', message: 'ill', summary: CLEANED.summary, findings: ['fine'], commands: [] },
  ],
  [
    'that an operator is needed',
    BLOCKED,
    { outcome: 'operator-needed', code: 'T001', message: 'ill', summary: BLOCKED.reason, findings: ['odd'] },
  ],
  ['that clean-up itself failed', { ...BLOCKED, code: 'T999' }, { outcome: 'operator-needed', code: 'T999' }],
])('the end of clean-up tells %s', (_, outcome, expected) => {
  const request = { ...recordOf().request, versions: 'v9', capacity: 3 };
  const cleaning = { status: 'cleaning', stage: 'clean-up', failure: FAILURE, request } as const;
  const [event] = after(outcome, cleaning).outbox.events;
  expect(event?.detail).toMatchObject({ ...expected, asked: { versions: 'v9', capacity: 3 } });
  if (outcome.kind === 'blocked') expect(event?.detail.commands).not.toEqual([]);
});

test('an operator is told no commands where nothing was planned, nor a code where nothing had failed', () => {
  const [event] = after(BLOCKED, { status: 'cleaning', stage: 'clean-up', plan: undefined }).outbox.events;
  expect(event?.detail).toMatchObject({ outcome: 'operator-needed', commands: [] });
  expect(event?.detail.code).toBeUndefined();
});

test.each<[string, Partial<DeploymentRecord['request']>, string, Record<string, string[]>]>([
  ['that named its versions holds what it replaced', { versions: 'v1' }, 'v1', { 'app.war': ['v0', 'v2'] }],
  ['back to the previous ones too', { versions: 'previous' }, 'v1', { 'app.war': ['v0', 'v2'] }],
  ['that goes back to what was held releases that', { versions: 'v0' }, 'v0', { 'app.war': ['v2'] }],
  ['that took the latest releases all', { versions: 'latest' }, 'v3', {}],
  ['of an upload too', {}, 'v3', {}],
  ['that changes nothing leaves what is held', { versions: 'v2' }, 'v2', { 'app.war': ['v0'] }],
])('a deployment %s', (_, asked, to, held) => {
  const request = { ...recordOf().request, ...asked };
  const plan = { ...PLAN, wars: [war('app.war', 'v2', to)] };
  const heldVersions = { 'app.war': ['v0'] };
  expect(after(done, { stage: 'retire', request, plan, heldVersions }).heldVersions).toEqual(held);
});

test('the first deployment that names its versions holds what it replaced', () => {
  expect(heldAfter([war('app.war', 'v2', 'v1'), war('other.war', 'w1', 'w1')], {})).toEqual({ 'app.war': ['v2'] });
});

test('what an earlier version held whole stays held until it is deployed, and is noted by its mark', () => {
  const ids = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
  const [a = '', b = '', c = '', d = ''] = ids;
  const before = { 'app.war': [a, b], 'other.war': [a] };
  const wars = [war('app.war', c, b), war('other.war', d, d)];
  const marks = { 'app.war': [a, c].map(heldMarkOf), 'other.war': [heldMarkOf(a)] };
  expect(heldAfter(wars, before)).toEqual(marks);
  expect(heldAfter([war('app.war', b, d), war('other.war', d, d)], marks)).toEqual({
    'app.war': [a, c, b].map(heldMarkOf),
    'other.war': [heldMarkOf(a)],
  });
});

test('two slots of one war hold what they had once, and each its own', () => {
  const request = { ...recordOf().request, versions: 'previous' };
  const held = (...wars: ReturnType<typeof war>[]) =>
    after(done, { stage: 'retire', request, plan: { ...PLAN, wars } }).heldVersions;
  expect(held(war('app.war', 'v2', 'v1'), war('app.war', 'v2', 'v1'))).toEqual({ 'app.war': ['v2'] });
  expect(held(war('app.war', 'v2', 'v1'), war('app.war', 'v3', 'v1'))).toEqual({ 'app.war': ['v2', 'v3'] });
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
  'a war called %s is held as any other, and its record is written and read again',
  (key) => {
    const asked = (versions?: string) => ({ ...recordOf().request, versions });
    const plan = { ...PLAN, wars: [war(key, 'v2', 'v1')] };
    const record = after(done, { stage: 'retire', request: asked('previous'), plan });
    const stored = recordSchema.parse(JSON.parse(JSON.stringify(record)));
    expect(stored).toEqual(JSON.parse(JSON.stringify(record)));
    expect(heldMarksOf(stored.heldVersions, key)).toEqual(['v2']);
    const next = { ...PLAN, wars: [war(key, 'v1', 'v3')] };
    expect(after(done, { ...stored, request: asked(), plan: next }).heldVersions).toEqual({});
  },
);
test.each<[string, Plan['wars'], DeploymentRecord['heldVersions'], DeploymentRecord['heldVersions']]>([
  [
    'of a war that the task has no more, nothing',
    [war('app.war', 'v2', 'v2')],
    { 'third.war': ['t1'], 'app.war': ['v0'] },
    { 'app.war': ['v0'] },
  ],
  [
    'of all wars, where clean-up went forward without having planned any',
    [],
    { 'app.war': ['v0'] },
    { 'app.war': ['v0'] },
  ],
  [
    'what is held again, as the newest',
    [war('app.war', 'v2', 'v1')],
    { 'app.war': ['v2', 'v3'] },
    { 'app.war': ['v3', 'v2'] },
  ],
  [
    'of each war the newest twenty',
    [war('app.war', 'v2', 'v1'), war('other.war', 'w1', 'w1')],
    { 'app.war': versions('v', 3, 22), 'other.war': versions('w', 2, 21) },
    { 'app.war': [...versions('v', 4, 22), 'v2'], 'other.war': versions('w', 2, 21) },
  ],
])('is held: %s', (_, wars, heldVersions, held) => {
  expect(heldAfter(wars, heldVersions)).toEqual(held);
});

/** Of a deployment that names its versions. */
function heldAfter(wars: Plan['wars'], heldVersions: DeploymentRecord['heldVersions']): unknown {
  const request = { ...recordOf().request, versions: 'v1' };
  return after(done, { stage: 'retire', request, plan: { ...PLAN, wars }, heldVersions }).heldVersions;
}

function versions(name: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${name}${from + index}`);
}

describe('a stage beside the chain', () => {
  const flow = FLOW as unknown as Record<string, FlowStage>;
  const before = { ...flow };
  const wanting = { ...PLAN, options: { gate: 'one' } };
  const gate = 'gate' as StageName;

  beforeAll(() => {
    flow.gate = {
      passes: { Step1Passed: ['attach-real'] },
      movesTo: [],
      takes: [],
      tells: [],
      isWanted: ({ options }) => options?.gate === 'one',
    };
    flow['check-dummy'] = { ...FLOW['check-dummy'], passes: { Step1Passed: ['gate', 'attach-real'] } };
    flow['clean-up'] = { ...FLOW['clean-up'], movesTo: ['gate'] };
  });
  afterAll(() => {
    delete flow.gate;
    Object.assign(flow, before);
  });

  test.each<[string, Outcome, Partial<DeploymentRecord>, StageName, StageName | undefined]>([
    ['is named where the plan wants it', passed(Step1Passed, {}), { plan: wanting }, gate, gate],
    ['is named where the new plan wants it', passed(Step1Passed, {}, wanting), {}, gate, gate],
    ['is passed by where the plan does not', passed(Step1Passed, {}), {}, 'attach-real', undefined],
    [
      'is passed by where the new plan does not any more',
      passed(Step1Passed, {}, PLAN),
      { plan: wanting },
      'attach-real',
      undefined,
    ],
    ['is named where it is moved to', moveTo(gate), { stage: 'clean-up', status: 'cleaning' }, gate, gate],
  ])('%s', (_, outcome, changes, stage, named) => {
    const record = after(outcome, changes);
    expect(record.stage).toBe(stage);
    expect(record.outbox.events.map(({ detailType, detail }) => [detailType, detail.next])).toEqual([
      ['Step1Passed', named],
    ]);
  });
});

test('what the flow does not have cannot become of a record', () => {
  expect(() => after(passed(Step1Passed, {}), { stage: 'swap' })).toThrow(
    'nobody to whom swap could hand on by Step1Passed',
  );
  expect(() => after(moveTo('retire'), { stage: 'check-real' })).toThrow('no way from check-real to retire');
});
