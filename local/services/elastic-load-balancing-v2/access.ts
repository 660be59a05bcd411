/**
 * What calls of Elastic Load Balancing need: those of this API, and what it has in common with that of Classic Load Balancers,
 * whose actions have the same names.
 */
import {
  type Access,
  type Context,
  present,
  requestTags,
  resourceTags,
  type Surroundings,
  undescribed,
} from '../../kernel/access';

export interface Input {
  Tags?: { Key?: string; Value?: string }[];
  Scheme?: string;
  Subnets?: string[];
  SubnetMappings?: { SubnetId?: string }[];
  SecurityGroups?: string[];
}

interface InputV2 extends Input {
  Name?: string;
  Type?: string;
  Protocol?: string;
  SslPolicy?: string;
  ResourceArns?: string[];
  LoadBalancerArn?: string;
  TargetGroupArn?: string;
  ListenerArn?: string;
  RuleArn?: string;
}

/**
 * CreateLoadBalancer looks at the network in its caller's name. "Elastic Load Balancing API permissions", user guide:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html
 */
const NETWORK_ACTIONS = [
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeAddresses',
  'ec2:DescribeInternetGateways',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
  'ec2:GetSecurityGroupsForVpc',
];

export function elasticLoadBalancingV2Access(operation: string, input: InputV2, surroundings: Surroundings): Access[] {
  if (operation.startsWith('Describe')) return [access(operation, '*')];
  const { Name = '', LoadBalancerArn = '', ListenerArn = '' } = input;
  switch (operation) {
    case 'CreateLoadBalancer': {
      const resource = arn(surroundings, `loadbalancer/${KINDS[input.Type ?? 'application']}/${Name}/*`);
      return [...creation(operation, input, resource, resource, network(input)), ...networkAccess()];
    }
    case 'CreateTargetGroup': {
      const resource = arn(surroundings, `targetgroup/${Name}/*`);
      return creation(operation, input, resource, resource, {});
    }
    case 'CreateListener': {
      const created = `${LoadBalancerArn.replace(':loadbalancer/', ':listener/')}/*`;
      const context = present({
        'elasticloadbalancing:ListenerProtocol': input.Protocol,
        'elasticloadbalancing:SecurityPolicy': input.SslPolicy,
      });
      const tags = tagsOf(LoadBalancerArn, surroundings);
      return creation(operation, input, LoadBalancerArn, created, { ...tags, ...context });
    }
    case 'CreateRule': {
      const created = `${ListenerArn.replace(':listener/', ':listener-rule/')}/*`;
      return creation(operation, input, ListenerArn, created, tagsOf(ListenerArn, surroundings));
    }
  }
  const arns = input.ResourceArns ?? [LoadBalancerArn || input.TargetGroupArn || ListenerArn || input.RuleArn || ''];
  if (arns.includes('')) throw undescribed('elasticloadbalancing', operation);
  return arns.map((resource) => existing(operation, resource, input, surroundings));
}

const KINDS: Record<string, string> = { application: 'app', network: 'net', gateway: 'gwy' };

/** Tags given at creation need AddTags on what is created: user guide, "Tag resources during creation". */
export function creation(
  operation: string,
  { Tags = [] }: Input,
  parent: string,
  created: string,
  context: Context,
): Access[] {
  const tags = requestTags(Tags);
  const creating = access(operation, parent, { ...context, ...tags });
  if (Tags.length === 0) return [creating];
  return [creating, access('AddTags', created, { ...tags, 'elasticloadbalancing:CreateAction': operation })];
}

export function existing(operation: string, resource: string, { Tags }: Input, surroundings: Surroundings): Access {
  return access(operation, resource, { ...tagsOf(resource, surroundings), ...requestTags(Tags) });
}

export function network({ Scheme = 'internet-facing', Subnets, SubnetMappings, SecurityGroups }: Input): Context {
  return present({
    'elasticloadbalancing:Scheme': Scheme,
    'elasticloadbalancing:Subnet': Subnets ?? SubnetMappings?.map(({ SubnetId = '' }) => SubnetId),
    'elasticloadbalancing:SecurityGroup': SecurityGroups,
  });
}

export function networkAccess(): Access[] {
  return ofNetwork(NETWORK_ACTIONS);
}

/** Actions of EC2 that read. */
export function ofNetwork(actions: readonly string[]): Access[] {
  return actions.map((action) => ({ action, resource: '*', context: {} }));
}

function tagsOf(resource: string, surroundings: Surroundings): Context {
  return resourceTags('elasticloadbalancing', surroundings.loadBalancingTags(resource));
}

export function access(operation: string, resource: string, context: Context = {}): Access {
  return { action: `elasticloadbalancing:${operation}`, resource, context };
}

export function arn({ region, accountId }: Surroundings, resource: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${accountId}:${resource}`;
}
