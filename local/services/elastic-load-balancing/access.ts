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
} from '../elastic-load-balancing-v2/access';

interface ClassicInput extends Input {
  LoadBalancerName?: string;
  LoadBalancerNames?: string[];
  Listeners?: { Protocol?: string }[];
}

export function elasticLoadBalancingAccess(
  operation: string,
  input: ClassicInput,
  surroundings: Surroundings,
): Access[] {
  if (operation.startsWith('Describe')) return [access(operation, '*')];
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
