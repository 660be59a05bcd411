/** What to do once clean-up has ended or stopped fits what had failed, and how users fare. */
import type { Users } from '../../events/contract';
import { recordOf } from '../../tests/harness/plain-data';
import { crashText, toDoOfBlocked, toDoOfCleaned } from './endings';

const { plan } = recordOf();
const SERVED: Users = { seenAt: '', group: 'was-blue', loadBalancers: 1, serving: ['was-blue'], down: [] };
const DOWN: Users = { ...SERVED, serving: [], down: ['web'] };
const DENIED =
  'sizing was-green failed: User: arn:aws:sts::1:assumed-role/StartRole/s is not authorized to perform: autoscaling:UpdateAutoScalingGroup (AccessDenied, log of the function dev-start)';

test.each<[string, string, string, RegExp, commands: RegExp[]]>([
  [
    'a function that broke off',
    'T999',
    crashText({ functionName: 'dev-swap', requestId: 'r-1', error: 'Error: InternalFailure' }),
    /log of this invocation/,
    [/^aws logs tail \/aws\/lambda\/dev-swap --since 1d --filter-pattern '"r-1"'$/],
  ],
  [
    'a group that is gone',
    'T013',
    'the group was-green no longer exists',
    /Make another group in the place of was-green/,
    [],
  ],
  ['a dummy that is gone', 'T000', 'somebody deleted the dummy deploycheck-1', /Nothing is to be mended/, []],
  [
    'StandBy that was attached',
    'T000',
    'somebody attached was-green (StandBy) to web',
    /whoever attached was-green/,
    [],
  ],
  [
    'what was denied',
    '412',
    DENIED,
    /until morning\. .* give the role StartRole/,
    [/^npx serverless deploy --stage dev$/],
  ],
])('after %s', (_, code, message, sentence, commands) => {
  const toDo = toDoOfCleaned({ code, message }, plan, SERVED);
  expect(toDo.sentence).toMatch(sentence);
  expect(toDo.commands ?? []).toEqual(commands.map((command) => expect.stringMatching(command)));
  expect(toDo.request).toBe('DeployRequested');
});

test.each<[string, string, Users | undefined, RegExp, commands: number]>([
  ['for want of a permission', DENIED, DOWN, /give the role StartRole .* Then clean the task again;/, 1],
  [
    'and its log tells why',
    'clean-up broke off again and again (log of the function dev-clean-up)',
    SERVED,
    /^The log/,
    1,
  ],
  [
    'for an action that was denied in other words',
    'tagging was-green failed: denied (AccessDenied, log of the function dev-clean-up)',
    SERVED,
    /^A permission is missing: .* Then clean the task again;/,
    1,
  ],
  ['where users are down', 'was-green cannot serve alone', DOWN, /^Nothing helps users before somebody decides/, 0],
  ['where users are served', 'was-green cannot serve alone', SERVED, /^Remove the cause\./, 0],
  ['where nobody could look', 'Clean-up did not end', undefined, /^Remove the cause\./, 0],
])('where clean-up stopped %s', (_, reason, users, sentence, commands) => {
  const toDo = toDoOfBlocked(reason, { code: 'T011', message: 'it is ill' }, users);
  expect(toDo.sentence).toMatch(sentence);
  expect(toDo.commands ?? []).toHaveLength(commands);
  expect(toDo.request).toBe('CleanRequested');
});

test('where a group is gone, another is needed before the task can be cleaned', () => {
  const failure = { code: 'T013', message: 'the group was-blue no longer exists' };
  const toDo = toDoOfBlocked('was-blue no longer exists, and was-green is left alone', failure, SERVED);
  expect(toDo.sentence).toMatch(/^Give the task another group in the place of was-blue, /);
});
