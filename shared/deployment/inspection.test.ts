/** What an operator reads of what clean-up has found. */
import { attachmentOf, groupOf, instanceOf, recordOf, tagsOf } from '../../tests/harness/plain-data';
import type { Group } from '../fleet/auto-scaling-groups';
import { findingsOf, summaryOf } from './inspection';
import type { Plan } from './plan';
import { Snapshot } from './snapshot';
import { usersOf } from './users';

const PLAN = {
  ...recordOf().plan,
  attachments: ['web', 'api'].map((name) => ({
    ...attachmentOf(`arn:${name}`),
    name,
    loadBalancerArn: 'arn:loadbalancer',
  })),
} as Plan;

/** By load balancer, the state of Active's one instance; beside it a healthy one of StandBy. */
function found(states: Record<string, string | undefined>, groups: { old?: Group; new?: Group }, gone: string[] = []) {
  const targetHealth = Object.entries(states).map(([name, state]) => {
    const own = state === undefined ? [] : ([['i-blue', { state }]] as const);
    return {
      ...attachmentOf(`arn:${name}`),
      name,
      isZonal: false,
      targets: new Map([...own, ['i-green', { state: 'healthy' }]]),
    };
  });
  return new Snapshot<Group | undefined>(PLAN, new Date(0), groups.old, groups.new, {
    targetHealth,
    gone: new Set(gone),
  });
}

const blue = groupOf('was-blue', { instances: [instanceOf('i-blue')], tags: tagsOf({ type: 'Active' }) });
const green = groupOf('was-green', {
  capacity: { minimum: 0, desired: 1, maximum: 4 },
  suspendedProcesses: ['Launch', 'HealthCheck'],
});

test.each<[string, Record<string, string | undefined>, Group | undefined, string]>([
  ['is healthy everywhere', { web: 'healthy', api: 'healthy' }, blue, 'was-blue serves as before.'],
  [
    'is ill somewhere',
    { web: 'healthy', api: 'unhealthy' },
    blue,
    'Everything of the deployment is taken back, but was-blue has no healthy target on api.',
  ],
  [
    'is registered nowhere',
    { web: undefined, api: undefined },
    blue,
    'Everything of the deployment is taken back, but was-blue has no healthy target on web, api.',
  ],
  [
    'is gone',
    { web: 'healthy', api: 'healthy' },
    undefined,
    'Everything of the deployment is taken back. was-blue does not exist: nobody serves.',
  ],
])('where Active %s, it is said who serves', (_, states, old, expected) => {
  const seen = found(states, { old, new: green });
  expect(summaryOf(seen, usersOf(seen, 'old', { isAlone: true }))).toBe(expected);
});

test('it is said of every group and every load balancer how it stands', () => {
  expect(findingsOf(found({ web: 'initial' }, { old: blue, new: green }, ['target-group arn:api']))).toEqual([
    'was-blue is at 1/1/1, tagged type = Active.',
    'was-green is at 0/1/4, tagged type = (none), suspended: Launch, HealthCheck.',
    'api does not exist any more.',
    'web: 1 of 2 targets are healthy.',
  ]);
});

test('and of a group that is gone, that it is', () => {
  expect(findingsOf(found({}, {}))).toEqual(['was-blue does not exist.', 'was-green does not exist.']);
});
