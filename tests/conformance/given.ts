/** What cases may need, and what of it the place that they run against has. */

/** Everything that a case may need beyond an account, and how it is given. */
export const NEEDS = {
  network: { what: 'a VPC and subnets in two zones', option: '--vpc ID --subnets A,B' },
  'third zone': { what: 'a subnet in a third zone', option: '--subnets A,B,C' },
  'launch template': { what: 'a launch template, of which nothing is launched', option: '--launch-template NAME' },
  instances: { what: 'launches EC2 instances, which costs', option: '--instances' },
  'load balancer': { what: 'creates load balancers, which costs', option: '--load-balancers' },
  certificate: { what: 'a certificate of that region', option: '--certificate ARN' },
  'service role': { what: 'a role that CodeDeploy acts with', option: '--service-role ARN' },
  'mail role': { what: 'a role that rules may take and that publishes', option: '--mail-role ARN' },
  stack: { what: 'a CloudFormation stack, which is only read', option: '--stack NAME' },
  minutes: { what: 'waits for minutes', option: '--minutes' },
} as const;

export type Need = keyof typeof NEEDS;

export interface Given {
  vpcId?: string;
  /** In zones of their own. */
  subnetIds: string[];
  /** Of load balancers and, through the launch template, of instances; the default one of the VPC, if none is given. */
  securityGroupId?: string;
  /** Its instances answer HTTP on `port`, with whatever status below 500. */
  launchTemplateName?: string;
  port: number;
  /** Of weighted groups: one that the launch template allows. */
  instanceType: string;
  certificateArn?: string;
  serviceRoleArn?: string;
  /** EventBridge can take it for any rule, and it may publish to any topic. */
  mailRoleArn?: string;
  /** It has outputs, and a role. */
  stackName?: string;
  mayLaunchInstances: boolean;
  mayCreateLoadBalancers: boolean;
  mayTakeMinutes: boolean;
}

/** What the embedded AWS has, also where it is served by `npm run local`. */
export const EMBEDDED: Given = {
  vpcId: 'vpc-1',
  subnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
  launchTemplateName: 'tomcat',
  port: 8080,
  instanceType: 't3.small',
  certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/conformance',
  serviceRoleArn: 'arn:aws:iam::123456789012:role/CodeDeploy',
  mailRoleArn: 'arn:aws:iam::123456789012:role/Mail',
  stackName: 'bluegreen-dev',
  mayLaunchInstances: true,
  mayCreateLoadBalancers: true,
  mayTakeMinutes: true,
};

/** Nothing that costs, and nothing that is not there. */
export const ACCOUNT: Given = {
  subnetIds: [],
  port: 8080,
  instanceType: 't3.small',
  mayLaunchInstances: false,
  mayCreateLoadBalancers: false,
  mayTakeMinutes: false,
};

const IS_GIVEN: Record<Need, (given: Given) => boolean> = {
  network: ({ vpcId, subnetIds }) => vpcId !== undefined && subnetIds.length >= 2,
  'third zone': ({ subnetIds }) => subnetIds.length >= 3,
  'launch template': ({ launchTemplateName }) => launchTemplateName !== undefined,
  instances: ({ mayLaunchInstances }) => mayLaunchInstances,
  'load balancer': ({ mayCreateLoadBalancers }) => mayCreateLoadBalancers,
  certificate: ({ certificateArn }) => certificateArn !== undefined,
  'service role': ({ serviceRoleArn }) => serviceRoleArn !== undefined,
  'mail role': ({ mailRoleArn }) => mailRoleArn !== undefined,
  stack: ({ stackName }) => stackName !== undefined,
  minutes: ({ mayTakeMinutes }) => mayTakeMinutes,
};

export function missingOf(needs: readonly Need[], given: Given): Need[] {
  return needs.filter((need) => !IS_GIVEN[need](given));
}
