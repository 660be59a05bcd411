/** How a group makes and keeps its instances, in words: what two groups that take turns should have alike. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';

/** What each is called, in the order in which differences are told. */
export const TRAITS = [
  'unit of capacity',
  'weights',
  'share of Spot',
  'launch template',
  'instance types',
  'health check',
  'grace seconds',
  'zones',
  'termination policies',
  'maximum lifetime seconds',
  'capacity rebalancing',
] as const;

/** In words that are compared, too; what the service has a default for is given. */
export type Traits = Readonly<Record<(typeof TRAITS)[number], string>>;

export function traitsOf(group: AutoScalingGroup): Traits {
  const { LaunchTemplate, InstancesDistribution } = group.MixedInstancesPolicy ?? {};
  const overrides = LaunchTemplate?.Overrides ?? [];
  const types = overrides.map(({ InstanceType = 'by requirements' }) => InstanceType);
  return {
    'unit of capacity': group.DesiredCapacityType ?? 'units',
    weights: listed(overrides.map(({ WeightedCapacity = '1' }) => WeightedCapacity)) || '1',
    'share of Spot': shareOfSpot(InstancesDistribution),
    'launch template': templateOf(group),
    'instance types': listed(types) || 'as launched by default',
    'health check': group.HealthCheckType ?? 'EC2',
    'grace seconds': String(group.HealthCheckGracePeriod ?? 0),
    zones: listed(group.AvailabilityZones ?? []),
    'termination policies': (group.TerminationPolicies ?? ['Default']).join(', '),
    'maximum lifetime seconds': String(group.MaxInstanceLifetime || 'none'),
    'capacity rebalancing': group.CapacityRebalance ? 'on' : 'off',
  };
}

type Distribution = NonNullable<AutoScalingGroup['MixedInstancesPolicy']>['InstancesDistribution'];

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html has the defaults. */
function shareOfSpot({
  OnDemandPercentageAboveBaseCapacity = 100,
  OnDemandBaseCapacity = 0,
}: Distribution = {}): string {
  const share = 100 - OnDemandPercentageAboveBaseCapacity;
  return share === 0 ? 'none' : `${share} % above ${OnDemandBaseCapacity} On-Demand`;
}

function templateOf({ LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName }: AutoScalingGroup): string {
  const template = LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  if (!template) return LaunchConfigurationName ? `launch configuration ${LaunchConfigurationName}` : 'none';
  const { LaunchTemplateName, LaunchTemplateId = '', Version = '$Default' } = template;
  return `${LaunchTemplateName ?? LaunchTemplateId} version ${Version}`;
}

function listed(items: readonly string[]): string {
  return [...new Set(items)].sort().join(', ');
}
