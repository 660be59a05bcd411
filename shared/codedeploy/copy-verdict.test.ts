/** Reasons against deleting the copy of a failed CodeDeploy deployment. */
import type { CodeDeployDeployment } from './code-deploy';
import type { CopiedGroup } from './copied-groups';
import { copyKeptMail } from './copy-mail';
import {
  type Verdict,
  verdictOnDeployment,
  verdictOnDeploymentGroup,
  verdictOnGroup,
  verdictOnOthers,
  verdictOnRegistrations,
} from './copy-verdict';

const COPY: CopiedGroup = {
  name: 'CodeDeploy_was_d-1',
  instances: [{ id: 'i-1', lifecycleState: 'InService' }],
  attachments: [],
  hasOptedOut: false,
  deletionProtection: 'none',
  isBeingDeleted: false,
};

/** The kind and the reason, or that there is none. */
function said(verdict: Verdict): string {
  return verdict ? `${verdict.kind}: ${verdict.reason}` : 'no reason';
}

const deployment = (status: string, isRunning: boolean) => ({ status, isRunning }) as CodeDeployDeployment;

test.each<[string, Verdict, string]>([
  ['a deployment that failed', verdictOnDeployment(deployment('Failed', false)), 'no reason'],
  ['a deployment that runs', verdictOnDeployment(deployment('InProgress', true)), 'wait: the deployment is InProgress'],
  [
    'a deployment that is unknown',
    verdictOnDeployment(undefined),
    'keep: CodeDeploy does not know its deployment any more',
  ],
  ['no other deployment', verdictOnOthers(undefined), 'no reason'],
  ['another deployment of its group', verdictOnOthers('d-2'), 'wait: the deployment d-2 is not over'],
])('of %s', (_, verdict, expected) => {
  expect(said(verdict)).toBe(expected);
});

test.each<[string, Partial<CopiedGroup>, string]>([
  ['that is like any other', {}, 'no reason'],
  ['that has opted out', { hasOptedOut: true }, 'keep: its tag autocleanup says so'],
  [
    'that is protected',
    { deletionProtection: 'prevent-all-deletion' },
    'keep: its deletion protection is prevent-all-deletion',
  ],
  [
    'of which an instance waits for a lifecycle action',
    {
      instances: [
        { id: 'i-1', lifecycleState: 'InService' },
        { id: 'i-2', lifecycleState: 'Terminating:Wait' },
      ],
    },
    'wait: lifecycle actions: i-2 is Terminating:Wait',
  ],
  [
    'of which one goes on after it',
    { instances: [{ id: 'i-2', lifecycleState: 'Pending:Proceed' }] },
    'wait: lifecycle actions: i-2 is Pending:Proceed',
  ],
])('of a group %s', (_, changes, expected) => {
  expect(said(verdictOnGroup({ ...COPY, ...changes }))).toBe(expected);
});

test('a hundred instances on twenty target groups are kept for one reason', () => {
  const instances = Array.from({ length: 100 }, (_, index) => ({ id: `i-${index}`, lifecycleState: 'InService' }));
  const states = Object.fromEntries(instances.map(({ id }) => [id, 'healthy']));
  const found = Array.from({ length: 20 }, (_, index) => listing(`web-${index}`, states));
  expect(said(verdictOnRegistrations({ ...COPY, instances }, found))).toBe(
    'keep: it may serve: i-0, i-1, i-2, i-3, i-4 and 95 more on web-0, web-1, web-2, web-3, web-4 and 15 more: healthy',
  );
});

test('only the end of lifecycle actions is hastened by the deletion itself', () => {
  const acting = { ...COPY, instances: [{ id: 'i-2', lifecycleState: 'Pending:Wait' }] };
  expect(verdictOnGroup(acting)).toMatchObject({ isEndedByDeletion: true });
  expect(verdictOnOthers('d-2')).toMatchObject({ isEndedByDeletion: false });
});

test.each<[string, string[] | undefined, string]>([
  ['that deploys to its own fleet', ['was-blue'], 'no reason'],
  ['that deploys to the copy', ['was-blue', COPY.name], 'keep: the deployment group deploys to it'],
  ['that is gone', undefined, 'keep: its deployment group does not exist any more'],
])('of a deployment group %s', (_, autoScalingGroups, expected) => {
  const loadBalancers = { targetGroups: [], classic: [] };
  const group = autoScalingGroups && { autoScalingGroups, loadBalancers };
  expect(said(verdictOnDeploymentGroup(COPY, group))).toBe(expected);
});

const listing = (name: string, states: Record<string, string> | undefined) => ({
  name,
  targets: states && new Map(Object.entries(states).map(([id, state]) => [id, { state }])),
});

test.each<[string, Partial<CopiedGroup>, ReturnType<typeof listing>[], string]>([
  ['of nobody', {}, [listing('web', { 'i-9': 'healthy' })], 'no reason'],
  ['that nobody could have', { instances: [] }, [], 'no reason'],
  ['that nobody can tell', {}, [], 'keep: no load balancer is known that could tell whether it serves'],
  ['that cannot be told', {}, [listing('web', undefined)], 'keep: what web sends to cannot be told'],
  ['of its instance', {}, [listing('web', { 'i-1': 'healthy' })], 'keep: it may serve: i-1 on web: healthy'],
  [
    'of its instance that is ill',
    {},
    [listing('web', { 'i-1': 'unhealthy' })],
    'keep: it may serve: i-1 on web: unhealthy',
  ],
  ['of its instance that drains', {}, [listing('web', { 'i-1': 'draining' })], 'wait: i-1 on web: draining'],
  [
    'of its instance that drains here and serves there',
    {},
    [listing('web', { 'i-1': 'draining' }), listing('api', { 'i-1': 'healthy' })],
    'keep: it may serve: i-1 on api: healthy',
  ],
])('of registrations %s', (_, changes, found, expected) => {
  expect(said(verdictOnRegistrations({ ...COPY, ...changes }, found))).toBe(expected);
});

test('one that is healthy anywhere is not to be deleted now; one that is ill everywhere is to be looked at', () => {
  const found = [listing('web', { 'i-1': 'healthy' }), listing('api', { 'i-1': 'unhealthy' }), listing('www', {})];
  expect(verdictOnRegistrations(COPY, found)).toMatchObject({
    nextStep: expect.stringMatching(/^Do not delete it now: it is healthy on web, and may have users\./),
    seen: { listing: [{ name: 'web' }, { name: 'api' }], healthyOn: ['web'], healthyInstances: 1 },
  });
  expect(verdictOnRegistrations(COPY, found.slice(1))).toMatchObject({
    nextStep: expect.stringMatching(/^Look first whether it serves\./),
    seen: { listing: [{ name: 'api' }], healthyOn: [], healthyInstances: 0 },
  });
});

test('one that the deployment group deploys to comes without its deletion', () => {
  const group = { autoScalingGroups: [COPY.name], loadBalancers: { targetGroups: [], classic: [] } };
  const verdict = verdictOnDeploymentGroup(COPY, group);
  expect(verdict?.kind === 'keep' && copyKeptMail(undefined, COPY, verdict).body).not.toContain('delete-');
});

test('what ends with a deletion says its condition, and looks before', () => {
  const verdict = verdictOnGroup({ ...COPY, hasOptedOut: true });
  const { body } = copyKeptMail(undefined, COPY, verdict as never);
  expect(body).toMatch(
    /# See what it has:\n {2}aws autoscaling describe-.*\n {2}# Only when nothing needs it:\n {2}aws autoscaling delete-/,
  );
});
