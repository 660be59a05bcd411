/** What is said of a task in each state: plain views, as `viewOf` makes them. */
import type { Users } from '../../events/contract';
import { PLAIN_CHAIN, type StageName } from '../pipeline/flow';
import type { IndexLine } from '../pipeline/history';
import { type Circumstances, standingOf } from './sentence';
import type { DeploymentView, StageView } from './view';

const SEEN_AT = '2030-01-01T00:00:00.000Z';

function usersOf(changes: Partial<Users> = {}): Users {
  return { seenAt: SEEN_AT, group: 'was-blue', loadBalancers: 2, serving: ['was-blue'], down: [], ...changes };
}

const DOWN = usersOf({ serving: [], down: ['web'], downSince: SEEN_AT });

function chain(current: StageName, state: StageView['state']): StageView[] {
  const names = current === 'clean-up' ? [...PLAIN_CHAIN, current] : PLAIN_CHAIN;
  const at = names.indexOf(current);
  return names.map((stage, index) => ({ stage, state: index < at ? 'done' : index === at ? state : 'to come' }));
}

function viewAt(current: StageName, changes: Partial<DeploymentView> = {}): DeploymentView {
  const group = { exists: true, inService: 2, suspendedProcesses: [] };
  return {
    ...{ task: 'WAS', deploymentId: 'd', status: 'running', requestedBy: 'jane', users: usersOf() },
    wars: [{ key: 'app.war', from: '2.4.1 (aaaaaaaa)', to: '2.5.0 (bbbbbbbb)' }],
    stages: chain(current, 'waiting'),
    groups: [
      { ...group, name: 'was-blue', role: 'old' },
      { ...group, name: 'was-green', role: 'new' },
    ],
    ...{ matrix: { columns: [], rows: [] }, history: [] },
    ...changes,
  };
}

/** No deployment runs: what Active runs is all that there is. */
function restingView(changes: Partial<DeploymentView> = {}): DeploymentView {
  const wars = [{ key: 'app.war', from: '2.4.1 (aaaaaaaa)', to: '2.4.1 (aaaaaaaa)' }];
  return viewAt('retire', { status: 'completed', wars, stages: [], ...changes });
}

function ended(outcome: IndexLine['outcome'], code?: string): IndexLine {
  const versions = 'app.war 2.5.0 (bbbbbbbb)';
  return { deploymentId: 'd', outcome, code, requestedBy: 'jane', begunAt: SEEN_AT, endedAt: SEEN_AT, versions };
}

const FAILURE = { code: 'T001', stage: 'check-dummy', message: 'the application is not healthy behind the dummies' };

test.each<[string, DeploymentView, string]>([
  ['start', viewAt('start'), 'Users are served by 2.4.1. 2.5.0 is being prepared where no user is. Nothing to do.'],
  [
    'step 1',
    viewAt('check-dummy'),
    'Users are served by 2.4.1. 2.5.0 is being tested where no user is. Nothing to do.',
  ],
  [
    'between the steps',
    viewAt('attach-real'),
    'Users are served by 2.4.1. 2.5.0 has passed where no user is, and is about to be tested with users. Nothing to do.',
  ],
  [
    'step 2, where both serve',
    viewAt('check-real', { users: usersOf({ serving: ['was-blue', 'was-green'] }) }),
    'Users are served by 2.4.1. 2.5.0 is being tested beside it, with users. Nothing to do.',
  ],
  [
    'swap, once the old group is detached',
    viewAt('swap', { users: usersOf({ serving: ['was-green'], group: 'was-green' }) }),
    'Users are served by 2.5.0. 2.5.0 takes over from 2.4.1. Nothing to do.',
  ],
  [
    'retire',
    viewAt('retire', { users: usersOf({ serving: ['was-green'], group: 'was-green' }) }),
    'Users are served by 2.5.0. The group before it is being taken down. Nothing to do.',
  ],
  [
    'cleaning',
    viewAt('clean-up', { status: 'cleaning', failure: FAILURE }),
    `Users are served by 2.4.1. 2.5.0 is being taken back (T001: ${FAILURE.message}). Nothing to do.`,
  ],
  [
    'blocked',
    viewAt('clean-up', { status: 'blocked', failure: FAILURE }),
    `Users are served by 2.4.1. Clean-up of 2.5.0 stopped, and an operator has to decide (T001: ${FAILURE.message}). ` +
      'Remove the cause, then run: bluegreen clean WAS',
  ],
  [
    'an upload waits',
    viewAt('start', { waiting: 'the upload of app.war' }),
    'Users are served by 2.4.1. 2.5.0 is being prepared where no user is. The upload of app.war waits, and is deployed ' +
      'next. Nothing to do.',
  ],
  ['completed', restingView({ history: [ended('completed')] }), 'Users are served by 2.4.1. Nothing to do.'],
  [
    'failed',
    restingView({ status: 'failed', history: [ended('cleaned', 'T001')] }),
    'Users are served by 2.4.1. The last deployment, of app.war 2.5.0 (bbbbbbbb), failed (T001), and was taken back. ' +
      'Nothing to do.',
  ],
  [
    'users are down while it goes on',
    viewAt('check-dummy', { users: DOWN }),
    `USERS ARE DOWN on web, since ${SEEN_AT} at the latest: no target of was-blue is healthy there; on the other 1 they ` +
      'are served. 2.5.0 is being tested where no user is. The deployment goes on by itself; run: bluegreen watch WAS',
  ],
  [
    'users are down where nothing runs',
    restingView({ users: DOWN }),
    `USERS ARE DOWN on web, since ${SEEN_AT} at the latest: no target of was-blue is healthy there; on the other 1 they ` +
      'are served. Mend what stands below, or go back: bluegreen rollback WAS',
  ],
  [
    'users are down, and an operator is needed',
    viewAt('clean-up', { status: 'blocked', users: DOWN }),
    `USERS ARE DOWN on web, since ${SEEN_AT} at the latest: no target of was-blue is healthy there; on the other 1 they ` +
      'are served. Clean-up of 2.5.0 stopped, and an operator has to decide. Remove the cause, then run: bluegreen clean WAS',
  ],
  [
    'an operator is needed, and the new version alone is healthy',
    viewAt('clean-up', { status: 'blocked', users: usersOf({ serving: ['was-green'] }) }),
    'Users are served by 2.5.0. Clean-up of 2.5.0 stopped, and an operator has to decide. Remove the cause, then run: ' +
      'bluegreen clean WAS',
  ],
  [
    'nobody could look',
    viewAt('check-dummy', { users: undefined as never }),
    '2.4.1 is to serve users; whether it does was not seen. 2.5.0 is being tested where no user is. Nothing to do.',
  ],
  [
    'nothing is planned yet',
    viewAt('start', { users: undefined as never, wars: [] }),
    'Who serves was not looked at. The new version is being prepared where no user is. Nothing to do.',
  ],
])('%s', (_, view, said) => {
  expect(standingOf(view)).toBe(said);
});

test.each<[string, DeploymentView, Circumstances, string]>([
  [
    'never deployed',
    restingView(),
    { isNeverDeployed: true },
    'Users are served by 2.4.1. Nothing was deployed yet. Nothing to do.',
  ],
  [
    'an emergency: Active is at 0',
    restingView({ users: { ...DOWN, isEmpty: true } }),
    { capacity: 4 },
    `USERS ARE DOWN on web, since ${SEEN_AT} at the latest: was-blue is at 0; on the other 1 they are served. ` +
      'Run: bluegreen deploy WAS --capacity 4',
  ],
  [
    'groups of a shape that is refused',
    restingView({ users: undefined as never, wars: [] }),
    { refusal: { code: '403', message: 'was-blue is attached to nothing' } },
    'Who serves was not looked at. A deployment would be refused with 403: was-blue is attached to nothing. Attach the ' +
      'Active group to its load balancers, then request the deployment again.',
  ],
  [
    'it stands still',
    viewAt('check-dummy'),
    { stillSeconds: 600 },
    'Users are served by 2.4.1. 2.5.0 is being tested where no user is. It has not moved for 10 min: the watchdog sees to ' +
      'that every 5 minutes. Nothing to do.',
  ],
])('%s', (_, view, circumstances, said) => {
  expect(standingOf(view, circumstances)).toBe(said);
});

test('where names do not tell versions apart, their ids do; of several wars the new version is what changes', () => {
  const wars = [
    { key: 'app.war', from: '1.0-SNAPSHOT (aaaaaaaa)', to: '1.0-SNAPSHOT (bbbbbbbb)' },
    { key: 'admin.war', from: '7 (cccccccc)', to: '7 (cccccccc)' },
  ];
  expect(standingOf(viewAt('check-dummy', { wars }))).toBe(
    'Users are served by 1.0-SNAPSHOT (aaaaaaaa) and 7 (cccccccc). 1.0-SNAPSHOT (bbbbbbbb) is being tested where no user ' +
      'is. Nothing to do.',
  );
});

test('a task is named as a shell takes it', () => {
  const view = viewAt('clean-up', { task: 'my task', status: 'blocked' });
  expect(standingOf(view)).toMatch(/run: bluegreen clean 'my task'$/);
});
