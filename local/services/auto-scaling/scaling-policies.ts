/** Scaling policies, as callers put, describe, execute and delete them. What makes them act is in scaling.ts. */
import type {
  DeletePolicyType,
  DescribePoliciesType,
  ExecutePolicyType,
  PutScalingPolicyType,
  ScalingPolicy as ScalingPolicyDescription,
  TargetTrackingConfiguration,
} from '@aws-sdk/client-auto-scaling';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import type { Fleet, Group, ScalingPolicy, SimplePolicy } from './fleet';
import { alarmName, isCooling, type Scaling } from './scaling';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;

const COMMON_PARAMETERS = ['AutoScalingGroupName', 'PolicyName', 'PolicyType', 'Enabled'];
const SIMPLE_PARAMETERS = ['AdjustmentType', 'ScalingAdjustment', 'MinAdjustmentMagnitude', 'Cooldown'];
const TRACKING_PARAMETERS = ['TargetTrackingConfiguration', 'EstimatedInstanceWarmup'];

const ADJUSTMENT_TYPES = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];
const METRICS_OF_THE_GROUP = ['ASGAverageCPUUtilization', 'ASGAverageNetworkIn', 'ASGAverageNetworkOut'];

/** "app/my-alb/778d41231b141a0f/targetgroup/my-alb-target-group/943f017f100becff" (PredefinedMetricSpecification). */
const RESOURCE_LABEL = /^app\/[^/]+\/[^/]+\/(targetgroup\/[^/]+\/[^/]+)$/;

export function scalingPolicyOperations(fleet: Fleet, scaling: Scaling): Operations {
  return {
    PutScalingPolicy: (input: PutScalingPolicyType) => {
      const group = fleet.group(input.AutoScalingGroupName);
      const policy = policyOf(fleet, group, input);
      group.policies.set(policy.name, policy);
      scaling.watch(group);
      return { PolicyARN: policy.arn, Alarms: alarmsOf(fleet, group, policy) };
    },
    DescribePolicies: (input: DescribePoliciesType) => {
      const groups = input.AutoScalingGroupName
        ? [fleet.group(input.AutoScalingGroupName)]
        : [...fleet.groups.values()];
      const { PolicyNames = [], PolicyTypes = [] } = input;
      const all = groups.flatMap((group) => [...group.policies.values()].map((policy) => ({ group, policy })));
      const wanted = all.filter(
        ({ policy }) =>
          (PolicyNames.length === 0 || PolicyNames.includes(policy.name) || PolicyNames.includes(policy.arn)) &&
          (PolicyTypes.length === 0 || PolicyTypes.includes(policy.type)),
      );
      const size = pageSize(input.MaxRecords, 'maxRecords', PAGE_SIZE, LARGEST_PAGE_SIZE);
      const { items, next } = pageOf(wanted, input.NextToken, size, 'InvalidNextToken');
      return { ScalingPolicies: items.map(({ group, policy }) => describe(fleet, group, policy)), NextToken: next };
    },
    ExecutePolicy: (input: ExecutePolicyType) => {
      refuseUnsupported(input, ['AutoScalingGroupName', 'PolicyName', 'HonorCooldown']);
      const { group, policy } = existing(fleet, input);
      if (policy.type !== 'SimpleScaling') throw validationError(`Policies of type ${policy.type} cannot be executed`);
      if (input.HonorCooldown && isCooling(fleet, group)) {
        const activity = group.activities[0]?.ActivityId;
        const message = `Scaling activity ${activity} is in progress and blocks this action`;
        throw new AwsError('ScalingActivityInProgress', message);
      }
      scaling.adjust(group, policy, `a user request executed policy ${policy.name}`);
    },
    DeletePolicy: (input: DeletePolicyType) => {
      const { group, policy } = existing(fleet, input);
      group.policies.delete(policy.name);
    },
  };
}

function policyOf(fleet: Fleet, group: Group, input: PutScalingPolicyType): ScalingPolicy {
  const { PolicyName: name = '', PolicyType: type = 'SimpleScaling', Enabled: isEnabled = true } = input;
  const { region, accountId, random } = fleet.options;
  const place = `autoScalingGroupName/${group.name}:policyName/${name}`;
  const fresh = `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${random.uuid()}:${place}`;
  const common = { name, arn: group.policies.get(name)?.arn ?? fresh, isEnabled };
  if (type === 'SimpleScaling') {
    refuseUnsupported(input, [...COMMON_PARAMETERS, ...SIMPLE_PARAMETERS]);
    return { ...common, type, ...adjustmentOf(input) };
  }
  if (type === 'TargetTrackingScaling') {
    refuseUnsupported(input, [...COMMON_PARAMETERS, ...TRACKING_PARAMETERS]);
    return { ...common, type, alarmId: random.uuid(), ...trackingOf(group, input), highMinutes: 0, lowMinutes: 0 };
  }
  if (type === 'PredictiveScaling') {
    refuseUnsupported(input, [...COMMON_PARAMETERS, 'PredictiveScalingConfiguration']);
    const { MetricSpecifications = [], ...others } = input.PredictiveScalingConfiguration ?? {};
    // The mode "defaults to ForecastOnly" (PredictiveScalingConfiguration).
    return { ...common, type, forecast: { Mode: 'ForecastOnly', MetricSpecifications, ...others } };
  }
  throw validationError(`Policies of type ${type} are not supported by this embedded AWS`);
}

function adjustmentOf(input: PutScalingPolicyType) {
  const { AdjustmentType = '', ScalingAdjustment, MinAdjustmentMagnitude, Cooldown } = input;
  if (!ADJUSTMENT_TYPES.includes(AdjustmentType)) {
    throw validationError(`Adjustment type must be one of ${ADJUSTMENT_TYPES.join(', ')}`);
  }
  if (ScalingAdjustment === undefined) throw validationError('ScalingAdjustment must be specified');
  if (AdjustmentType === 'ExactCapacity' && ScalingAdjustment < 0) {
    throw validationError('ScalingAdjustment must not be negative for ExactCapacity');
  }
  if (MinAdjustmentMagnitude !== undefined && AdjustmentType !== 'PercentChangeInCapacity') {
    throw validationError('MinAdjustmentMagnitude is valid only for PercentChangeInCapacity');
  }
  return {
    adjustmentType: AdjustmentType as SimplePolicy['adjustmentType'],
    adjustment: ScalingAdjustment,
    leastAdjustment: MinAdjustmentMagnitude,
    cooldownSeconds: Cooldown,
  };
}

function trackingOf(
  group: Group,
  { TargetTrackingConfiguration: tracking, EstimatedInstanceWarmup }: PutScalingPolicyType,
) {
  const { PredefinedMetricSpecification: metric, TargetValue = 0, DisableScaleIn = false, ...others } = tracking ?? {};
  const [unsupported] = Object.keys(others);
  if (unsupported) throw validationError(`The parameter ${unsupported} is not supported by this embedded AWS`);
  if (!tracking || !metric)
    throw validationError('A target tracking configuration with a predefined metric is required');
  if (TargetValue <= 0) throw validationError('TargetValue must be positive');
  return {
    tracking: tracking as TargetTrackingConfiguration,
    target: TargetValue,
    scalesIn: !DisableScaleIn,
    warmupSeconds: EstimatedInstanceWarmup,
    targetGroupArn: targetGroupOf(group, metric),
  };
}

/** "You can't specify a resource label unless the target group is attached to the Auto Scaling group" (API reference). */
function targetGroupOf(
  group: Group,
  { PredefinedMetricType, ResourceLabel }: NonNullable<TargetTrackingConfiguration['PredefinedMetricSpecification']>,
): string | undefined {
  if (PredefinedMetricType !== 'ALBRequestCountPerTarget') {
    if (ResourceLabel !== undefined) throw validationError('Resource label is only for ALBRequestCountPerTarget');
    if (METRICS_OF_THE_GROUP.includes(PredefinedMetricType as string)) return undefined;
    throw validationError(`There is no predefined metric ${PredefinedMetricType}`);
  }
  const [, resource] = RESOURCE_LABEL.exec(ResourceLabel ?? '') ?? [];
  const attached = group.attachments.find(
    ({ identifier, state }) => resource && identifier.endsWith(`:${resource}`) && state !== 'Removing',
  );
  if (attached) return attached.identifier;
  throw validationError(`The resource label ${ResourceLabel} names no target group that is attached to ${group.name}`);
}

function existing(fleet: Fleet, { AutoScalingGroupName, PolicyName = '' }: DeletePolicyType) {
  const groups = AutoScalingGroupName ? [fleet.group(AutoScalingGroupName)] : [...fleet.groups.values()];
  for (const group of groups) {
    const policy = [...group.policies.values()].find(({ name, arn }) => name === PolicyName || arn === PolicyName);
    if (policy) return { group, policy };
  }
  throw validationError(`PolicyName not found - Scaling policy '${PolicyName}' not found`);
}

function describe(fleet: Fleet, group: Group, policy: ScalingPolicy): ScalingPolicyDescription {
  return {
    AutoScalingGroupName: group.name,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.type,
    Enabled: policy.isEnabled,
    StepAdjustments: [],
    Alarms: alarmsOf(fleet, group, policy),
    ...settingsOf(policy),
  };
}

function settingsOf(policy: ScalingPolicy): Partial<ScalingPolicyDescription> {
  switch (policy.type) {
    case 'SimpleScaling':
      return {
        AdjustmentType: policy.adjustmentType,
        ScalingAdjustment: policy.adjustment,
        MinAdjustmentMagnitude: policy.leastAdjustment,
        Cooldown: policy.cooldownSeconds,
      };
    case 'TargetTrackingScaling':
      return { TargetTrackingConfiguration: policy.tracking, EstimatedInstanceWarmup: policy.warmupSeconds };
    case 'PredictiveScaling':
      return { PredictiveScalingConfiguration: policy.forecast };
  }
}

/** Of target tracking, which makes them itself, by the names that the example of PutScalingPolicy has. */
function alarmsOf({ options: { region, accountId } }: Fleet, group: Group, policy: ScalingPolicy) {
  if (policy.type !== 'TargetTrackingScaling') return [];
  const kinds = policy.scalesIn ? (['High', 'Low'] as const) : (['High'] as const);
  const names = kinds.map((kind) => alarmName(group, policy, kind));
  return names.map((name) => ({
    AlarmName: name,
    AlarmARN: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`,
  }));
}
