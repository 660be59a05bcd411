/** From recorded worlds: what people see at each moment (`npx tsx tests/tools/record-worlds.ts` records them anew). */
import { readFileSync } from 'node:fs';
import { recordOf } from '../../tests/harness/plain-data';
import { type RecordedWorld, seenIn } from '../../tests/harness/recorded-world';
import { type DeploymentView, type Seen, viewOf } from './view';

function recordedWorld(name: string): RecordedWorld {
  return JSON.parse(readFileSync(`tests/fixtures/worlds/${name}.json`, 'utf8'));
}

function view(name: string, more: Partial<Seen> = {}): DeploymentView {
  return viewOf({ ...seenIn(recordedWorld(name)), ...more });
}

const stagesOf = ({ stages }: DeploymentView) => Object.fromEntries(stages.map(({ stage, state }) => [stage, state]));

/** `was-blue InService: healthy, healthy, -`, alike rows once. */
function rowsOf({ matrix }: DeploymentView): string[] {
  const rows = matrix.rows.map(({ group, lifecycleState, cells }) => {
    return `${group} ${lifecycleState}: ${cells.map((cell) => cell?.state ?? '-').join(', ')}`;
  });
  return [...new Set(rows)];
}

test.each<[string, Record<string, string>]>([
  ['step-1', { start: 'done', 'check-dummy': 'waiting', 'attach-real': 'to come' }],
  ['ill-in-step-1', { 'check-dummy': 'failed', 'attach-real': 'to come' }],
  ['step-2', { 'attach-real': 'done', 'check-real': 'waiting', swap: 'to come' }],
  ['draining', { 'check-real': 'done', swap: 'waiting', retire: 'to come' }],
  ['completed', { start: 'done', swap: 'done', retire: 'done' }],
  ['nobody-serves', { 'check-dummy': 'failed', 'clean-up': 'done' }],
  ['operator-needed', { 'check-real': 'failed', 'clean-up': 'failed' }],
])('the chain of stages, %s', (name, states) => {
  expect(stagesOf(view(name))).toMatchObject(states);
});

test('a stage that waits says since when, for how long it may, and for what', () => {
  const { stages } = view('step-1', { limits: { 'check-dummy': 900 } });
  expect(stages.find(({ stage }) => stage === 'check-dummy')).toEqual({
    stage: 'check-dummy',
    state: 'waiting',
    beganAt: expect.stringMatching(/^2030-01-01T/),
    seconds: expect.closeTo(20, -1),
    limitSeconds: 900,
    waitingFor: expect.stringMatching(/was-green/),
  });
  expect(stages.map(({ stage }) => stage)).not.toContain('clean-up');
});

test.each<[string, string[]]>([
  ['step-1', ['was-blue InService: healthy, -, healthy, -', 'was-green InService: -, unhealthy, -, healthy']],
  ['ill-in-step-1', ['was-blue InService: healthy, -, healthy, -', 'was-green InService: -, unhealthy, -, unhealthy']],
  ['step-2', ['was-blue InService: healthy, healthy', 'was-green InService: unhealthy, healthy']],
  ['draining', ['was-blue InService: draining, draining', 'was-green InService: healthy, healthy']],
  ['completed', ['was-green InService: healthy, healthy']],
])('every instance on every load balancer, %s', (name, rows) => {
  expect(rowsOf(view(name))).toEqual(rows);
});

test('a clone stands beside its original, and a cell says why', () => {
  const { matrix } = view('ill-in-step-1');
  expect(matrix.columns).toEqual([
    { name: 'was-web-2', kind: 'real' },
    { name: 'was-web-2', kind: 'clone' },
    { name: 'was-web-1 of was-web', kind: 'real' },
    { name: 'was-web-1 of was-web', kind: 'clone' },
  ]);
  const ill = matrix.rows.find(({ group }) => group === 'was-green');
  expect(ill?.cells[3]?.reason).toMatch(/^Target\.ResponseCodeMismatch: .*500/);
});

test('who is registered and belongs to neither group is seen, too', () => {
  const rows = view('step-2', { cloneHealth: [] }).matrix.rows.length;
  const stranger = { 'i-stranger': { state: 'healthy' } };
  const world = recordedWorld('step-2');
  for (const health of world.targetHealth) Object.assign(health.targets, stranger);
  const { matrix } = viewOf(seenIn(world));
  expect(matrix.rows).toHaveLength(rows + 1);
  expect(matrix.rows.at(-1)).toEqual({
    ...{ instanceId: 'i-stranger', group: '', zone: '' },
    cells: [{ state: 'healthy' }, { state: 'healthy' }],
  });
});

test.each<[string, object]>([
  ['step-1', { group: 'was-blue', serving: ['was-blue'], down: [] }],
  ['step-2', { group: 'was-blue', serving: ['was-blue'], down: [] }],
  ['draining', { group: 'was-blue', serving: ['was-green'], down: [] }],
  ['completed', { group: 'was-green', serving: ['was-green'], down: [] }],
  ['nobody-serves', { group: 'was-blue', serving: ['was-blue'], down: ['was-web-1 of was-web'] }],
])('who serves, %s', (name, users) => {
  expect(view(name).users).toMatchObject({ ...users, loadBalancers: 2 });
});

test('both groups, as they are; and one that is gone', () => {
  expect(view('draining').groups).toMatchObject([
    { name: 'was-blue', role: 'old', exists: true, type: 'Active', sizes: '2/2/4', inService: 2 },
    { name: 'was-green', role: 'new', exists: true, type: 'StandBy', sizes: '2/2/4', inService: 2 },
  ]);
  expect(view('operator-needed').groups[0]).toEqual({
    ...{ name: 'was-blue', role: 'old', exists: false, inService: 0, suspendedProcesses: [] },
  });
});

test('versions go by their names, and why it failed stands beside', () => {
  const { wars, failure, status } = view('nobody-serves');
  expect(wars).toEqual([
    { key: 'app.war', from: expect.stringMatching(/^uploaded .* \(.{8}\)$/), to: expect.stringMatching(/\(.{8}\)$/) },
  ]);
  expect([status, failure?.code, failure?.stage]).toEqual(['failed', 'T000', 'check-dummy']);
});

test('where clean-up stopped, what it found and what to run stand there', () => {
  const { handedOver } = view('operator-needed');
  expect(handedOver).toMatchObject({ summary: expect.any(String), findings: expect.any(Array) });
  expect(view('completed').handedOver).toBeUndefined();
});

test('where nothing is planned yet there is nothing to be seen, and what waits and what was before is told all the same', () => {
  const pending = {
    requestId: 'u',
    type: 'upload' as const,
    requestedAt: '2030-01-01T00:00:00.000Z',
    requestedBy: 'the upload of app.war',
  };
  const record = recordOf({
    stage: 'start',
    plan: undefined,
    pending,
    timeline: [{ stage: 'start', at: '2029-12-31T23:59:00.000Z' }],
  });
  const history = [
    {
      deploymentId: 'd',
      outcome: 'completed' as const,
      requestedBy: 'jane',
      begunAt: '',
      endedAt: '',
      versions: 'app.war 2',
    },
  ];
  const seen = viewOf({ record, history, now: new Date('2030-01-01T00:00:00.000Z') });
  expect(seen).toMatchObject({
    waiting: 'the upload of app.war',
    history,
    groups: [],
    matrix: { columns: [], rows: [] },
  });
  expect(seen.users).toBeUndefined();
  expect(stagesOf(seen)).toMatchObject({ start: 'running', 'check-dummy': 'to come' });
});

test.each(['step-1', 'draining', 'operator-needed'])('a view goes through JSON as it is, %s', (name) => {
  const seen = view(name);
  expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
});
