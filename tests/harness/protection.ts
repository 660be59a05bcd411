/** Account automation that protects load balancers from deletion, as some organizations have it. */
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { World } from './world';

export const PROTECTED = [{ Key: 'deletion_protection.enabled', Value: 'true' }];

/** Every load balancer that is there, and each new one as soon as it is there. */
export async function protectLoadBalancers({ aws, clock }: World): Promise<void> {
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  const { LoadBalancers = [] } = await clock.run(client.send(new DescribeLoadBalancersCommand({})));
  for (const { LoadBalancerArn } of LoadBalancers) {
    await clock.run(client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: PROTECTED })));
  }
  aws.endpoint.intercept(async (call, proceed) => {
    const answer = (await proceed()) as { LoadBalancers?: { LoadBalancerArn?: string }[] };
    if (call.operation === 'CreateLoadBalancer' && call.service === 'elastic-load-balancing-v2') {
      const input = { LoadBalancerArn: answer.LoadBalancers?.[0]?.LoadBalancerArn, Attributes: PROTECTED };
      aws.elasticLoadBalancingV2.operations.ModifyLoadBalancerAttributes?.(input, call);
    }
    return answer;
  });
}
