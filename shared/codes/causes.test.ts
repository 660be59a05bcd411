/** Whoever gives what was denied by hand gives it for all of the kind, as the template does, and for nothing else. */
import { denied } from './causes';

const ACCOUNT = 'eu-central-1:123456789012';

test.each([
  [
    'a group of a task',
    `arn:aws:autoscaling:${ACCOUNT}:autoScalingGroup:0-1:autoScalingGroupName/was-blue`,
    'was-blue, and any group of a task',
    {
      Resource: `arn:aws:autoscaling:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/*`,
      Condition: { Null: { 'aws:ResourceTag/taskfordeploy': 'false' } },
    },
  ],
  [
    'a copy of CodeDeploy',
    `arn:aws:autoscaling:${ACCOUNT}:autoScalingGroup:0-1:autoScalingGroupName/CodeDeploy_web_d-1`,
    'CodeDeploy_web_d-1, and any such copy',
    { Resource: `arn:aws:autoscaling:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/CodeDeploy_*` },
  ],
  [
    'a clone of an Application Load Balancer',
    `arn:aws:elasticloadbalancing:${ACCOUNT}:loadbalancer/app/deploycheck-1/2`,
    'deploycheck-1/2, and any such clone',
    { Resource: `arn:aws:elasticloadbalancing:${ACCOUNT}:loadbalancer/app/deploycheck-*` },
  ],
  [
    'a clone of a Classic Load Balancer',
    `arn:aws:elasticloadbalancing:${ACCOUNT}:loadbalancer/deploycheck-1`,
    'deploycheck-1, and any such clone',
    { Resource: `arn:aws:elasticloadbalancing:${ACCOUNT}:loadbalancer/deploycheck-*` },
  ],
  ['anything else', 'arn:aws:s3:::bucket/key', 'arn:aws:s3:::bucket/key', { Resource: 'arn:aws:s3:::bucket/key' }],
  ['what AWS names no resource of', '', '', { Resource: '*' }],
])('of %s', (_, arn, named, scope) => {
  const action = arn ? 's3:PutObject' : 'autoscaling:DescribeAutoScalingGroups';
  const on = arn && ` on resource: ${arn}`;
  const message = `User: arn:aws:sts::1:assumed-role/SwapRole/x is not authorized to perform: ${action}${on} because`;
  const { sentence, commands = [] } = denied(message, 'bluegreen-dev-swap');
  expect(sentence).toContain(`give the role SwapRole ${action}${named && ` on ${named}`}. Until then`);
  const [, name, document = ''] = /--policy-name (\S+) --policy-document '(.*)'$/.exec(commands.at(-1) ?? '') ?? [];
  expect(name).toBe(`by-hand-${action.replace(':', '-')}`);
  expect(JSON.parse(document).Statement).toEqual([{ Effect: 'Allow', Action: action, ...scope }]);
});

test('a change of which AWS names nothing is not given for everything', () => {
  const message = 'assumed-role/SwapRole/x is not authorized to perform: autoscaling:CreateOrUpdateTags because';
  expect(denied(message, 'bluegreen-dev-swap').commands).toEqual(['npx serverless deploy --stage dev']);
});
