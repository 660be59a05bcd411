/** The settings of a group that creating and updating it have in common. */
import type {
  CreateAutoScalingGroupType,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import type { LaunchTemplates } from '../../fleet/launch-templates';
import type { Network } from '../../fleet/network';
import { refuseUnsupported } from '../../kernel/refusal';
import { validationError } from '../../kernel/service';
import type { FleetOptions, Group } from './fleet';

type Input = CreateAutoScalingGroupType | UpdateAutoScalingGroupType;

/** No influence here: nothing is billed, warmed up, placed, on spot or too old. They are stored and described. */
const DESCRIPTIVE = [
  ...['ServiceLinkedRoleARN', 'Context', 'DefaultInstanceWarmup', 'PlacementGroup', 'CapacityRebalance'],
  ...['TerminationPolicies', 'MaxInstanceLifetime'],
];

/** The parameters that CreateAutoScalingGroup and UpdateAutoScalingGroup both take. */
export const CHANGEABLE = [
  ...['AutoScalingGroupName', 'MinSize', 'MaxSize', 'DesiredCapacity', 'DefaultCooldown', 'HealthCheckType'],
  ...['HealthCheckGracePeriod', 'AvailabilityZones', 'VPCZoneIdentifier', 'LaunchTemplate', 'LaunchConfigurationName'],
  ...['MixedInstancesPolicy', 'NewInstancesProtectedFromScaleIn', 'DeletionProtection', ...DESCRIPTIVE],
];

/** Terminating the oldest instance of the fullest zone is within what these two promise. */
const TERMINATION_POLICIES = ['Default', 'OldestInstance'];

/** Only what is given is in the answer. `descriptive` are the parameters of that kind that the group has so far. */
export function settingsOf(
  input: Input,
  { network, launchTemplates }: Pick<FleetOptions, 'network' | 'launchTemplates'>,
  descriptive: Record<string, unknown>,
): Partial<Group> {
  const unsupported = input.TerminationPolicies?.find((policy) => !TERMINATION_POLICIES.includes(policy));
  if (unsupported) throw validationError(`The termination policy ${unsupported} is not supported by this embedded AWS`);
  const settings: Partial<Group> = {
    defaultCooldownSeconds: input.DefaultCooldown,
    healthCheckTypes: input.HealthCheckType === undefined ? undefined : healthCheckTypes(input.HealthCheckType),
    healthCheckGraceSeconds: input.HealthCheckGracePeriod,
    protectsNewInstances: input.NewInstancesProtectedFromScaleIn,
    deletionProtection: input.DeletionProtection,
    ...placeOf(input, network),
  };
  const given = (object: object) =>
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
  const changes = Object.fromEntries(Object.entries(input).filter(([name]) => DESCRIPTIVE.includes(name)));
  return {
    ...given(settings),
    ...launchSettingsOf(input, launchTemplates),
    descriptive: { ...descriptive, ...given(changes) },
  };
}

export function checkSizes({
  minSize,
  maxSize,
  desiredCapacity,
}: Pick<Group, 'minSize' | 'maxSize' | 'desiredCapacity'>): void {
  if (minSize < 0) throw validationError(`Min bound, ${minSize}, must not be negative`);
  if (maxSize < minSize) {
    throw validationError(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  }
  if (desiredCapacity < minSize || desiredCapacity > maxSize) {
    throw validationError(
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
  }
}

/** One of the three takes the place of another. */
function launchSettingsOf(
  { LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy }: Input,
  launchTemplates: LaunchTemplates,
): Partial<Group> {
  const given = [LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy].filter(Boolean);
  if (given.length === 0) return {};
  if (given.length > 1) {
    throw validationError(
      'Only one of LaunchTemplate, LaunchConfigurationName and MixedInstancesPolicy can be specified',
    );
  }
  if (MixedInstancesPolicy) checkMixedInstances(MixedInstancesPolicy);
  return {
    launchTemplate: LaunchTemplate && completed(LaunchTemplate, launchTemplates),
    launchConfigurationName: LaunchConfigurationName,
    mixedInstancesPolicy: MixedInstancesPolicy && withTemplate(MixedInstancesPolicy, launchTemplates),
  };
}

/** Both id and name are told of it, and one of them is asked for (API reference, LaunchTemplateSpecification). */
function completed(specification: LaunchTemplateSpecification, launchTemplates: LaunchTemplates) {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version = '$Default' } = specification;
  if ((id === undefined) === (name === undefined)) {
    throw validationError('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  }
  if (!/^(\$Latest|\$Default|\d+)$/.test(Version)) {
    const allowed = "either '$Default', '$Latest', or a numeric version are allowed";
    throw validationError(`Invalid launch template version: ${allowed}.`);
  }
  try {
    const { template } = launchTemplates.version(specification);
    return { ...specification, LaunchTemplateId: template.id, LaunchTemplateName: template.name };
  } catch (error) {
    // "Troubleshoot … issues with launch templates", user guide, has the beginning; the rest is what EC2 says.
    throw validationError(`You must use a valid fully-formed launch template. ${(error as Error).message}`);
  }
}

function withTemplate(policy: MixedInstancesPolicy, launchTemplates: LaunchTemplates): MixedInstancesPolicy {
  const { LaunchTemplateSpecification: specification = {}, ...others } = policy.LaunchTemplate ?? {};
  const LaunchTemplate = { ...others, LaunchTemplateSpecification: completed(specification, launchTemplates) };
  return { ...policy, LaunchTemplate };
}

const HIGHEST_WEIGHT = 999;

/** What the policy says of prices has no influence here; of the overrides only type and weight are known. */
function checkMixedInstances({ LaunchTemplate }: MixedInstancesPolicy): void {
  if (!LaunchTemplate?.LaunchTemplateSpecification) {
    throw validationError('The mixed instances policy must have a launch template');
  }
  const overrides = LaunchTemplate.Overrides ?? [];
  for (const override of overrides) refuseUnsupported(override, ['InstanceType', 'WeightedCapacity']);
  const weights = overrides.flatMap(({ WeightedCapacity }) =>
    WeightedCapacity === undefined ? [] : [WeightedCapacity],
  );
  if (weights.length > 0 && weights.length < overrides.length) {
    throw validationError('If you specify a weighted capacity for one override, you must specify it for all of them');
  }
  if (weights.some((weight) => !/^\d+$/.test(weight) || Number(weight) < 1 || Number(weight) > HIGHEST_WEIGHT)) {
    throw validationError(`The weighted capacity must be between 1 and ${HIGHEST_WEIGHT}`);
  }
}

function placeOf(input: Input, network: Network): Pick<Group, 'zones' | 'subnets'> | undefined {
  if (input.VPCZoneIdentifier) {
    const subnets = input.VPCZoneIdentifier.split(',').map((subnet) => subnet.trim());
    const zones = subnets.map((subnet) => {
      const zone = network.zoneOfSubnet.get(subnet);
      if (!zone) throw validationError(`The subnet ID '${subnet}' does not exist`);
      return zone;
    });
    return { subnets, zones: [...new Set(zones)] };
  }
  return input.AvailabilityZones?.length ? { subnets: [], zones: input.AvailabilityZones } : undefined;
}

function healthCheckTypes(text: string): string[] {
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => type !== 'EC2' && type !== 'ELB');
  if (unknown !== undefined)
    throw validationError(`Health check type '${unknown}' is not supported by this embedded AWS`);
  return types;
}
