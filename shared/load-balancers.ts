/** Application and Network Load Balancers and their target groups: what is there, and how healthy. */
import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { errorCode } from './aws-error';
import type { Deadline } from './deadline';
import { batches } from './fleet';
import type { TargetState } from './health';
import type { Runtime } from './runtime';

/** The names of all dummies, and of nothing else, start with this. */
export const DUMMY_PREFIX = 'deploycheck-';

/** Describe calls take twenty ARNs, tag calls twenty resources. */
const ARNS_PER_CALL = 20;

export class LoadBalancers {
  constructor(readonly client: ElasticLoadBalancingV2Client) {}

  static connect(runtime: Runtime, deadline: Deadline): LoadBalancers {
    return new LoadBalancers(deadline.guard(new ElasticLoadBalancingV2Client(runtime.clientDefaults)));
  }

  /** Those of these target groups that exist, by ARN. */
  async targetGroups(arns: string[]): Promise<Map<string, TargetGroup>> {
    const found = await existing(arns, 'TargetGroupNotFound', async (TargetGroupArns) => {
      const answer = await this.client.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
      return answer.TargetGroups ?? [];
    });
    return new Map(found.map((targetGroup) => [targetGroup.TargetGroupArn ?? '', targetGroup]));
  }

  /** Those of these load balancers that exist, by ARN. */
  async loadBalancers(arns: string[]): Promise<Map<string, LoadBalancer>> {
    const found = await existing(arns, 'LoadBalancerNotFound', async (LoadBalancerArns) => {
      const answer = await this.client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
      return answer.LoadBalancers ?? [];
    });
    return new Map(found.map((loadBalancer) => [loadBalancer.LoadBalancerArn ?? '', loadBalancer]));
  }

  /** The certificate of the load balancer's first listener of this protocol. */
  async certificateArn(loadBalancerArn: string, protocol: 'HTTPS' | 'TLS'): Promise<string | undefined> {
    const answer = await this.client.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }));
    const listener = answer.Listeners?.find(({ Protocol }) => Protocol === protocol);
    return listener?.Certificates?.[0]?.CertificateArn;
  }

  /** The state of every target that is registered, by instance id. */
  async targetStates(targetGroupArn: string): Promise<Map<string, TargetState>> {
    const answer = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
    return new Map(
      (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
        Target?.Id ?? '',
        {
          state: TargetHealth?.State ?? 'unavailable',
          reasonCode: TargetHealth?.Reason,
          description: TargetHealth?.Description,
        },
      ]),
    );
  }

  /** How long targets of this target group drain, in seconds. */
  async deregistrationDelaySeconds(targetGroupArn: string): Promise<number> {
    const answer = await this.client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }));
    const delay = answer.Attributes?.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds');
    return Number(delay?.Value ?? 300);
  }

  /** The tags of each of these resources, by ARN. */
  async tags(arns: string[]): Promise<Map<string, Record<string, string>>> {
    const found = new Map<string, Record<string, string>>();
    for (const ResourceArns of batches(arns, ARNS_PER_CALL)) {
      const answer = await this.client.send(new DescribeTagsCommand({ ResourceArns }));
      for (const { ResourceArn = '', Tags = [] } of answer.TagDescriptions ?? []) {
        found.set(ResourceArn, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
      }
    }
    return found;
  }

  async deleteDummyLoadBalancer(arn: string): Promise<void> {
    await unlessGone(this.client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: dummy(arn) })));
  }

  async deleteDummyTargetGroup(arn: string): Promise<void> {
    await unlessGone(this.client.send(new DeleteTargetGroupCommand({ TargetGroupArn: dummy(arn) })));
  }
}

/** The ARN, if it is a dummy's. */
function dummy(arn: string): string {
  if (!arn.includes(`/${DUMMY_PREFIX}`)) throw new Error(`${arn} is not a dummy`);
  return arn;
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!/^(LoadBalancer|TargetGroup)NotFound/.test(errorCode(error))) throw error;
  });
}

/**
 * Describes many resources of which some may be gone. One unknown ARN makes the service refuse the whole call, so a
 * refused batch is asked for one by one.
 */
async function existing<Resource>(
  arns: string[],
  notFoundCode: string,
  describe: (arns: string[]) => Promise<Resource[]>,
): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const batch of batches(arns, ARNS_PER_CALL)) {
    try {
      found.push(...(await describe(batch)));
    } catch (error) {
      if (!errorCode(error).startsWith(notFoundCode)) throw error;
      if (batch.length === 1) continue;
      for (const arn of batch) found.push(...(await existing([arn], notFoundCode, describe)));
    }
  }
  return found;
}
