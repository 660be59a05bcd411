/** The reason of a failure in one clause. */
import { clauseOf } from './reason';

const NOT_HEALTHY = 'green is not healthy behind the real load balancers: i-0a2214556734bbf87 on was-web-1 of was-web';

test.each([
  ['was-green is tagged type = Spare; and more', 'was-green is tagged type = Spare'],
  [
    'detaching was-blue (Active) failed: AccessDenied happened (AccessDenied, log of the function b-swap)',
    'detaching was-blue (Active) failed: AccessDenied happened',
  ],
  [
    'tagging was-blue with type = StandBy and was-green with type = Active failed: User: arn:aws:sts::123456789012:assumed-role/SwapRole/SwapRole is not authorized to perform: autoscaling:CreateOrUpdateTags because no identity-based policy allows the action (AccessDenied, log of the function bluegreen-dev-swap)',
    'tagging was-blue with type = StandBy and was-green with type = Active failed: the role SwapRole is not allowed autoscaling:CreateOrUpdateTags',
  ],
  [
    'User: arn:aws:sts::1:assumed-role/R/S is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::wars/a because of it',
    'the role R is not allowed s3:GetObject',
  ],
  ['was-blue is detached already. Let the deployment finish.', 'was-blue is detached already'],
  [
    'none of arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/was-web-1/5590e89a11d2b4a4 is free',
    'none of was-web-1 is free',
  ],
  [
    'none of arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:loadbalancer/app/was-web/0c632d4e86a538cc is free',
    'none of was-web is free',
  ],
  ['', ''],
  [
    `${NOT_HEALTHY}: unhealthy, Target.ResponseCodeMismatch, Health checks failed with these codes: [503]`,
    `${NOT_HEALTHY}: unhealthy, answers its health check with 503`,
  ],
  [
    'creating the dummies failed: none of 15 names for a clone of '.concat('a'.repeat(150), ' is free'),
    'creating the dummies failed: none of 15 names for a clone of…',
  ],
  [
    'start broke off: InternalFailure happened (InternalFailure, log of the function b-start)',
    'start broke off: AWS answered with an error of its own (InternalFailure)',
  ],
  ['InternalFailure: it happened', 'AWS answered with an error of its own (InternalFailure)'],
  [
    'creating the dummy load balancers failed: There are too many (TooManyLoadBalancers, log of the function b-start)',
    'creating the dummy load balancers failed: the account is at its limit of load balancers',
  ],
  [
    'creating the dummy load balancers failed: Not enough IP space (InvalidSubnet, log of the function b-start)',
    'creating the dummy load balancers failed: AWS has no room for a load balancer in its subnets (InvalidSubnet)',
  ],
  ['😀'.repeat(200), expect.stringMatching(/^(?:😀){70,80}…$/u)],
])('%j', (message, clause) => {
  expect(clauseOf(message)).toEqual(clause);
});
