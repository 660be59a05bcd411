/** What calls of EC2 Auto Scaling need. Describing knows no resources; everything else acts on a group. */
import {
  type Access,
  type Context,
  present,
  requestTags,
  resourceTags,
  type Surroundings,
  undescribed,
} from '../../kernel/access';

interface Input {
  AutoScalingGroupName?: string;
  PolicyName?: string;
  Tags?: { ResourceId?: string; Key?: string; Value?: string }[];
  LoadBalancerNames?: string[];
  TargetGroupARNs?: string[];
  TrafficSources?: { Identifier?: string }[];
  MinSize?: number;
  MaxSize?: number;
  ForceDelete?: boolean;
}

export function autoScalingAccess(operation: string, input: Input, surroundings: Surroundings): Access[] {
  const action = `autoscaling:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*', context: {} }];
  const onGroup = (name: string, context: Context): Access => {
    const group = surroundings.groupIdentity(name);
    const { region, accountId } = surroundings;
    const unknown = `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:*:autoScalingGroupName/${name}`;
    const tags = group ? resourceTags('autoscaling', group.tags) : {};
    return { action, resource: group?.arn ?? unknown, context: { ...tags, ...context } };
  };
  if (operation === 'CreateOrUpdateTags' || operation === 'DeleteTags') {
    const tags = input.Tags ?? [];
    const names = [...new Set(tags.map(({ ResourceId = '' }) => ResourceId))];
    return names.map((name) => onGroup(name, requestTags(tags.filter(({ ResourceId }) => ResourceId === name))));
  }
  // A policy can be named by its ARN alone, in which its group is.
  const [, ofPolicy] = /:autoScalingGroupName\/(.*):policyName\//.exec(input.PolicyName ?? '') ?? [];
  const name = input.AutoScalingGroupName ?? ofPolicy;
  if (name === undefined) throw undescribed('autoscaling', operation);
  return [onGroup(name, { ...requestTags(input.Tags), ...requested(input) })];
}

function requested(input: Input): Context {
  return present({
    'autoscaling:LoadBalancerNames': input.LoadBalancerNames,
    'autoscaling:TargetGroupARNs': input.TargetGroupARNs,
    'autoscaling:TrafficSourceIdentifiers': input.TrafficSources?.map(({ Identifier = '' }) => Identifier),
    'autoscaling:MinSize': input.MinSize?.toString(),
    'autoscaling:MaxSize': input.MaxSize?.toString(),
    'autoscaling:ForceDelete': input.ForceDelete?.toString(),
  });
}
