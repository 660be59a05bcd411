/** Load balancers of every kind and their target groups: what is there, and how healthy it is. */

import type { LoadBalancerAttributes } from '@aws-sdk/client-elastic-load-balancing';
import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
  paginateDescribeAccountLimits,
  paginateDescribeListeners,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { batches } from '../aws/calls';
import type { Deadline } from '../aws/deadline';
import { errorCode } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import type { AttachmentId } from './attachment';
import { ClassicLoadBalancers } from './classic';
import { DUMMY_PREFIX } from './dummy-identity';
import { existing, NAMES_PER_CALL, unlessGone } from './existing';
import type { TargetState } from './target-health';

/** The attribute of target groups and of Network Load Balancers that says whether they serve across zones. */
export const CROSS_ZONE = 'load_balancing.cross_zone.enabled';

export class LoadBalancers {
  constructor(
    /** Application and Network Load Balancers, and their target groups. */
    readonly client: ElasticLoadBalancingV2Client,
    readonly classic: ClassicLoadBalancers,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline): LoadBalancers {
    const client = deadline.guard(new ElasticLoadBalancingV2Client(runtime.clientDefaults));
    return new LoadBalancers(client, ClassicLoadBalancers.connect(runtime, deadline));
  }

  /** Those of these target groups that exist, by ARN. */
  async targetGroups(arns: readonly string[]): Promise<Map<string, TargetGroup>> {
    const found = await existing(arns, async (TargetGroupArns) => {
      const answer = await this.client.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
      return answer.TargetGroups;
    });
    return new Map(found.map((targetGroup) => [targetGroup.TargetGroupArn ?? '', targetGroup]));
  }

  /** Those of these Application and Network Load Balancers that exist, by ARN. */
  async loadBalancers(arns: readonly string[]): Promise<Map<string, LoadBalancer>> {
    const found = await existing(arns, async (LoadBalancerArns) => {
      const answer = await this.client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
      return answer.LoadBalancers;
    });
    return new Map(found.map((loadBalancer) => [loadBalancer.LoadBalancerArn ?? '', loadBalancer]));
  }

  /** The limits of the account for Application and Network Load Balancers, by name. */
  async limits(): Promise<Map<string, number>> {
    const limits = new Map<string, number>();
    for await (const { Limits = [] } of paginateDescribeAccountLimits({ client: this.client }, {})) {
      for (const { Name = '', Max } of Limits) limits.set(Name, Number(Max));
    }
    return limits;
  }

  /** The certificate of the load balancer's first listener of this protocol. */
  async certificateArn(loadBalancerArn: string, protocol: 'HTTPS' | 'TLS'): Promise<string | undefined> {
    const pages = paginateDescribeListeners({ client: this.client }, { LoadBalancerArn: loadBalancerArn });
    for await (const { Listeners = [] } of pages) {
      const listener = Listeners.find(({ Protocol }) => Protocol === protocol);
      if (listener) return listener.Certificates?.[0]?.CertificateArn;
    }
    return undefined;
  }

  /** How everything that is registered with a target group or a Classic Load Balancer stands, by instance id. */
  async targetStates({ kind, identifier }: AttachmentId): Promise<Map<string, TargetState>> {
    if (kind === 'classic') return this.classic.targetStates(identifier);
    const answer = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: identifier }));
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

  /** How long a target group or a Classic Load Balancer lets its instances drain. */
  async drainSeconds({ kind, identifier }: AttachmentId): Promise<number> {
    return kind === 'classic'
      ? drainSecondsOfClassic(await this.classic.attributes(identifier))
      : drainSecondsOf(await this.targetGroupAttributes(identifier));
  }

  /**
   * How it sends, and how long it lets its instances drain. `isZonal`: cross-zone is off, so that a zone's traffic stays in
   * the zone, and each zone needs healthy targets of its own. A target group may say it for itself; `loadBalancerArn` is that
   * of the load balancer that it belongs to: one that belongs to none is sent nothing, and drains nothing.
   */
  async serving(
    { kind, identifier }: AttachmentId,
    loadBalancerArn: string | undefined,
  ): Promise<{ isZonal: boolean; drainSeconds: number }> {
    if (kind === 'classic') {
      const attributes = await this.classic.attributes(identifier);
      const isZonal = attributes.CrossZoneLoadBalancing?.Enabled !== true;
      return { isZonal, drainSeconds: drainSecondsOfClassic(attributes) };
    }
    if (loadBalancerArn === undefined) return { isZonal: false, drainSeconds: 0 };
    const attributes = await this.targetGroupAttributes(identifier);
    const isZonal = await this.isZonal(attributes[CROSS_ZONE], loadBalancerArn);
    return { isZonal, drainSeconds: drainSecondsOf(attributes) };
  }

  /** `own` is what the target group says for itself. */
  private async isZonal(own: string | undefined, loadBalancerArn: string): Promise<boolean> {
    if (own === 'true' || own === 'false') return own === 'false';
    if (loadBalancerArn.includes('/app/')) return false; // an Application Load Balancer itself is always across zones
    const command = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn });
    const { Attributes = [] } = await this.client.send(command);
    return Attributes.some(({ Key, Value }) => Key === CROSS_ZONE && Value === 'false');
  }

  async targetGroupAttributes(targetGroupArn: string): Promise<Record<string, string>> {
    const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn });
    const { Attributes = [] } = await this.client.send(command);
    return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** The tags of each of these Application and Network Load Balancers and target groups, by ARN. */
  async tags(arns: readonly string[]): Promise<Map<string, Record<string, string>>> {
    const found = new Map<string, Record<string, string>>();
    for (const ResourceArns of batches(arns, NAMES_PER_CALL)) {
      const answer = await this.client.send(new DescribeTagsCommand({ ResourceArns }));
      for (const { ResourceArn = '', Tags = [] } of answer.TagDescriptions ?? []) {
        found.set(ResourceArn, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
      }
    }
    return found;
  }

  /**
   * Deletes the dummy of an Application or Network Load Balancer. Account automation may have protected it from that, as it
   * does with every load balancer: of what is ours the protection is lifted.
   */
  async deleteDummyLoadBalancer(arn: string): Promise<void> {
    const remove = () =>
      unlessGone(this.client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: dummyArn(arn) })));
    await remove().catch(async (error: unknown) => {
      if (!errorCode(error).startsWith('OperationNotPermitted')) throw error;
      const Attributes = [{ Key: 'deletion_protection.enabled', Value: 'false' }];
      await this.client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: dummyArn(arn), Attributes }));
      await remove();
    });
  }

  /** Deletes what the new group was attached to in step 1: the dummy of a target group or a Classic Load Balancer. */
  async deleteDummy({ kind, identifier }: AttachmentId): Promise<void> {
    if (kind === 'classic') {
      if (!identifier.startsWith(DUMMY_PREFIX)) throw new Error(`${identifier} is not a dummy`);
      return this.classic.delete(identifier);
    }
    await unlessGone(this.client.send(new DeleteTargetGroupCommand({ TargetGroupArn: dummyArn(identifier) })));
  }
}

function drainSecondsOf(attributes: Record<string, string>): number {
  return Number(attributes['deregistration_delay.timeout_seconds'] ?? 300);
}

function drainSecondsOfClassic({ ConnectionDraining }: LoadBalancerAttributes): number {
  return ConnectionDraining?.Enabled ? (ConnectionDraining.Timeout ?? 300) : 0;
}

/** `arn:…:loadbalancer/app/<name>/<id>` */
export function loadBalancerNameIn(arn: string): string {
  return arn.split('/')[2] ?? arn;
}

/** The ARN, if it is a dummy's. */
function dummyArn(arn: string): string {
  if (!arn.includes(`/${DUMMY_PREFIX}`)) throw new Error(`${arn} is not a dummy`);
  return arn;
}
