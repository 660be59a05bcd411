/** The Auto Scaling groups that CodeDeploy makes as copies: reading and deleting them. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DeleteAutoScalingGroupCommand,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import type { Deadline } from '../aws/deadline';
import { errorCode, errorMessage } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import type { Attachment } from '../fleet/attachment';
import { type Tag, tagValue } from '../fleet/tags';
import { COPY_PREFIX } from './code-deploy';

/** A group with this tag is kept, unless the value is `true`. Like those of the fleet it matches without regard to case. */
export const OPT_OUT_KEY = 'autocleanup';

export interface CopiedGroup {
  name: string;
  instances: { id: string; lifecycleState: string }[];
  /** What the group itself is attached to. CodeDeploy registers instances without that. */
  attachments: Pick<Attachment, 'kind' | 'identifier'>[];
  hasOptedOut: boolean;
  /** `none`, or what is prevented. */
  deletionProtection: string;
  isBeingDeleted: boolean;
}

export class CopiedGroups {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): CopiedGroups {
    return new CopiedGroups(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  async find(name: string): Promise<CopiedGroup | undefined> {
    const [found] = await this.describe({ AutoScalingGroupNames: [name] });
    return found;
  }

  /** Every group with the name of a copy: the service cannot be asked for a prefix. */
  async all(): Promise<CopiedGroup[]> {
    return (await this.describe({})).filter(({ name }) => name.startsWith(COPY_PREFIX));
  }

  /**
   * Deletes the group with its instances. What is gone, or going, is as good; it was somebody else, unless this call may have
   * been sent before and its answer been lost.
   */
  async delete(name: string): Promise<'by us' | 'by another'> {
    const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true });
    try {
      await this.client.send(command);
    } catch (error) {
      if (!isGoing(error)) throw error;
      if ((error as { $metadata?: { attempts?: number } }).$metadata?.attempts === 1) return 'by another';
    }
    return 'by us';
  }

  private async describe(input: { AutoScalingGroupNames?: string[] }): Promise<CopiedGroup[]> {
    const groups: CopiedGroup[] = [];
    const paginator = paginateDescribeAutoScalingGroups({ client: this.client, pageSize: GROUPS_PER_PAGE }, input);
    for await (const page of paginator) groups.push(...(page.AutoScalingGroups ?? []).map(groupOf));
    return groups;
  }
}

const GROUPS_PER_PAGE = 100;

function groupOf(group: AutoScalingGroup): CopiedGroup {
  const tags = (group.Tags ?? []).map(({ Key = '', Value = '', PropagateAtLaunch = false }) => ({
    key: Key,
    value: Value,
    propagateAtLaunch: PropagateAtLaunch,
  }));
  return {
    name: group.AutoScalingGroupName ?? '',
    instances: (group.Instances ?? []).map(({ InstanceId = '', LifecycleState = '' }) => ({
      id: InstanceId,
      lifecycleState: LifecycleState,
    })),
    attachments: attachmentsOf(group),
    hasOptedOut: hasOptedOut(tags),
    deletionProtection: group.DeletionProtection ?? 'none',
    isBeingDeleted: group.Status !== undefined,
  };
}

export function hasOptedOut(tags: readonly Tag[]): boolean {
  const said = tagValue(tags, OPT_OUT_KEY);
  return said !== undefined && said.toLowerCase() !== 'true';
}

function attachmentsOf({ LoadBalancerNames = [], TargetGroupARNs = [], TrafficSources = [] }: AutoScalingGroup) {
  const classic = TrafficSources.filter(({ Type }) => Type === 'elb');
  const others = TrafficSources.filter(({ Type }) => Type !== 'elb');
  const identifiers = (sources: typeof TrafficSources) => sources.map(({ Identifier = '' }) => Identifier);
  return [
    ...[...LoadBalancerNames, ...identifiers(classic)].map((identifier) => ({ kind: 'classic' as const, identifier })),
    ...[...TargetGroupARNs, ...identifiers(others)].map((identifier) => ({
      kind: 'target-group' as const,
      identifier,
    })),
  ];
}

/** One that does not exist is a ValidationError; a second deletion is refused as an activity in progress. */
function isGoing(error: unknown): boolean {
  const isUnknown = errorCode(error).startsWith('ValidationError') && /not found/i.test(errorMessage(error));
  return isUnknown || /pending delete/i.test(errorMessage(error));
}
