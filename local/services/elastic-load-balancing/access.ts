/** What calls of Elastic Load Balancing for Classic Load Balancers need. */
import { type Access, present, type Surroundings, undescribed } from '../../kernel/access';
import {
  access,
  arn,
  creation,
  existing,
  type Input,
  network,
  networkAccess,
  ofNetwork,
} from '../elastic-load-balancing-v2/access';

interface ClassicInput extends Input {
  LoadBalancerName?: string;
  LoadBalancerNames?: string[];
  Listeners?: { Protocol?: string }[];
}

/**
 * Classic Load Balancers tell of instances and security groups what their caller may read. "Elastic Load Balancing API
 * permissions", user guide: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html
 */
const READ_TOO: Readonly<Record<string, readonly string[]>> = {
  DescribeInstanceHealth: ['ec2:DescribeClassicLinkInstances', 'ec2:DescribeInstances'],
  DescribeLoadBalancers: ['ec2:DescribeSecurityGroups'],
};

export function elasticLoadBalancingAccess(
  operation: string,
  input: ClassicInput,
  surroundings: Surroundings,
): Access[] {
  if (operation.startsWith('Describe')) return [access(operation, '*'), ...ofNetwork(READ_TOO[operation] ?? [])];
  const arnOf = (name: string) => arn(surroundings, `loadbalancer/${name}`);
  if (operation === 'CreateLoadBalancer') {
    const listenerProtocols = input.Listeners?.map(({ Protocol = '' }) => Protocol);
    const context = { ...network(input), ...present({ 'elasticloadbalancing:ListenerProtocol': listenerProtocols }) };
    const resource = arnOf(input.LoadBalancerName ?? '');
    return [...creation(operation, input, resource, resource, context), ...networkAccess()];
  }
  const names = input.LoadBalancerNames ?? (input.LoadBalancerName === undefined ? [] : [input.LoadBalancerName]);
  if (names.length === 0) throw undescribed('elasticloadbalancing', operation);
  return names.map((name) => existing(operation, arnOf(name), input, surroundings));
}
