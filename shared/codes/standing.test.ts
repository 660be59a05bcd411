/** What clean-up does not mend is named as it stands, and what to do about a permission by where it may be given. */
import { denied } from './causes';
import { standingCauses } from './standing';

const LOG = '(AccessDenied, log of the function bluegreen-prod-start)';
const USER = 'User: arn:aws:sts::1:assumed-role/bluegreen-prod-StartRole-1A2B/x is not authorized to perform:';

test.each([
  [
    '402',
    `tagging green failed: ${USER} autoscaling:CreateOrUpdateTags ${LOG}`,
    ['The role bluegreen-prod-StartRole-1A2B lacks autoscaling:CreateOrUpdateTags.'],
  ],
  [
    '402',
    `reading the war failed: Access Denied ${LOG}`,
    ['The role of the function bluegreen-prod-start lacks what the denied call in its log asks for.'],
  ],
  [
    '409',
    'creating it failed: none of 2 names for a clone of web is free: deploycheck-1, deploycheck-2 (NoFreeName, log of the function dev-start)',
    ['Target groups that were there before have these names: deploycheck-1, deploycheck-2.'],
  ],
  [
    '413',
    'creating it failed: there are too many (TooManyTargetGroups, log)',
    ['The account is at its limit of target groups.'],
  ],
  ['T001', 'it is ill', []],
])('%s: %s', (code, message, lines) => {
  expect(standingCauses({ code, message })).toEqual(lines);
});

test('where AWS names the resource, the permission may be given by hand, too, for that alone', () => {
  const { commands } = denied(`${USER} autoscaling:SuspendProcesses on resource: arn:aws:autoscaling:x ${LOG}`);
  expect(commands).toEqual([
    'npx serverless deploy --stage prod',
    '# where that changes nothing:',
    expect.stringMatching(
      /^# aws iam put-role-policy --role-name bluegreen-prod-StartRole-1A2B .*"Action":"autoscaling:SuspendProcesses","Resource":"arn:aws:autoscaling:x"/,
    ),
  ]);
});

test.each([
  ['an explicit deny', `${USER} autoscaling:SuspendProcesses with an explicit deny in a service control policy ${LOG}`],
  ['a key, which is not of the stack', `${USER} kms:Decrypt ${LOG}`],
  ['what nobody has named', `Access Denied ${LOG}`],
])('%s is not mended by deploying the stack', (_, message) => {
  expect(denied(message).commands?.join() ?? '').not.toContain('serverless');
});
