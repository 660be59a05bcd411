/** Classic Load Balancers: what is there, how healthy its instances are, and how long they drain. */
import {
  DeleteLoadBalancerCommand,
  DescribeAccountLimitsCommand,
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingClient,
  type InstanceState,
  type LoadBalancerAttributes,
  type LoadBalancerDescription,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import { existing, unlessGone } from './existing';
import type { TargetState } from './target-health';

export class ClassicLoadBalancers {
  constructor(readonly client: ElasticLoadBalancingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): ClassicLoadBalancers {
    return new ClassicLoadBalancers(deadline.guard(new ElasticLoadBalancingClient(runtime.clientDefaults)));
  }

  /** Those of these load balancers that exist, by name. */
  async loadBalancers(names: readonly string[]): Promise<Map<string, LoadBalancerDescription>> {
    const found = await existing(names, async (LoadBalancerNames) => {
      const answer = await this.client.send(new DescribeLoadBalancersCommand({ LoadBalancerNames }));
      return answer.LoadBalancerDescriptions;
    });
    return new Map(found.map((loadBalancer) => [loadBalancer.LoadBalancerName ?? '', loadBalancer]));
  }

  /** Of all that there are. */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const { LoadBalancerDescriptions = [] } of paginateDescribeLoadBalancers({ client: this.client }, {})) {
      names.push(...LoadBalancerDescriptions.map(({ LoadBalancerName = '' }) => LoadBalancerName));
    }
    return names;
  }

  /** The limits of the account for Classic Load Balancers, by name. */
  async limits(): Promise<[name: string, limit: number][]> {
    const { Limits = [] } = await this.client.send(new DescribeAccountLimitsCommand({}));
    return Limits.map(({ Name = '', Max }) => [Name, Number(Max)]);
  }

  /** The state of every instance that is registered, by instance id, in the words of target groups. */
  async targetStates(name: string): Promise<Map<string, TargetState>> {
    const answer = await this.client.send(new DescribeInstanceHealthCommand({ LoadBalancerName: name }));
    return new Map((answer.InstanceStates ?? []).map((state) => [state.InstanceId ?? '', targetStateOf(state)]));
  }

  async attributes(name: string): Promise<LoadBalancerAttributes> {
    const answer = await this.client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name }));
    return answer.LoadBalancerAttributes ?? {};
  }

  async tags(name: string): Promise<Record<string, string>> {
    const answer = await this.client.send(new DescribeTagsCommand({ LoadBalancerNames: [name] }));
    const tags = answer.TagDescriptions?.[0]?.Tags ?? [];
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  async delete(name: string): Promise<void> {
    await unlessGone(this.client.send(new DeleteLoadBalancerCommand({ LoadBalancerName: name })));
  }
}

/**
 * An instance that drains is still `InService`; only the description says so ("Instance deregistration currently in
 * progress", user guide, connection draining). Where there is nothing to say, code and description are `N/A`.
 */
function targetStateOf({ State, ReasonCode, Description }: InstanceState): TargetState {
  const isDraining = /deregistration currently in progress/i.test(Description ?? '');
  const said = (text: string | undefined) => (text === 'N/A' ? undefined : text);
  const inWords = State === 'InService' ? 'healthy' : State === 'OutOfService' ? 'unhealthy' : 'unavailable';
  return {
    state: isDraining ? 'draining' : inWords,
    reasonCode: said(ReasonCode),
    description: said(Description),
  };
}
