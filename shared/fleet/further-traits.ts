/** What the description of a group does not tell of how it makes its instances: asked for where two groups are compared. */
import {
  AutoScalingClient,
  DescribeLifecycleHooksCommand,
  DescribePoliciesCommand,
  type LifecycleHook,
  type ScalingPolicy,
} from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Deadline } from '../aws/deadline';
import { errorCode, isThrottling } from '../aws/errors';
import type { Runtime } from '../aws/runtime';
import type { Group } from './auto-scaling-groups';

/** What each is called, in the order in which differences are told. */
export const FURTHER_TRAITS = ['architecture', 'lifecycle hooks', 'scaling policies'] as const;

/** In words that are compared, too; undefined where it cannot be known. */
export type FurtherTraits = Readonly<Record<(typeof FURTHER_TRAITS)[number], string | undefined>> & {
  /**
   * The names of the policies that scale by a forecast, and do not only make one. As observed, no suspended process stops
   * them. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-predictive-scaling.html
   */
  readonly forecasts: readonly string[];
};

export class TraitsReader {
  constructor(
    private readonly autoScaling: AutoScalingClient,
    private readonly ec2: EC2Client,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline): TraitsReader {
    const ec2 = deadline.guard(new EC2Client(runtime.clientDefaults));
    return new TraitsReader(deadline.guard(new AutoScalingClient(runtime.clientDefaults)), ec2);
  }

  /** What launches from the same template is of the same architecture: nothing is asked for that. */
  async ofPair(one: Group, other: Group): Promise<[FurtherTraits, FurtherTraits]> {
    const isSame = JSON.stringify(one.machines) === JSON.stringify(other.machines);
    const [first, second] = await Promise.all([one, other].map((group) => this.of(group, isSame)));
    return [first as FurtherTraits, second as FurtherTraits];
  }

  private async of(group: Group, isSame: boolean): Promise<FurtherTraits> {
    const { name } = group;
    // A group has at most 50 of each ("Quotas for Auto Scaling resources and groups", user guide): one page has them all.
    const [types, hooks, policies] = await Promise.all([
      isSame ? [] : this.typesOf(group),
      unlessThrottled(this.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }))),
      unlessThrottled(
        this.autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName: name, MaxRecords: 100 })),
      ),
    ]);
    return {
      architecture: types.length > 0 ? listed([...new Set(types.map(architectureOf))]) : undefined,
      'lifecycle hooks': hooks && (listed((hooks.LifecycleHooks ?? []).map(hookInWords)) || 'none'),
      'scaling policies': policies && (listed((policies.ScalingPolicies ?? []).map(policyInWords)) || 'none'),
      forecasts: (policies?.ScalingPolicies ?? []).filter(isForecast).map(({ PolicyName = '' }) => PolicyName),
    };
  }

  /** What it has tells as well as what it would launch. Empty of a version that is gone: that launches nothing. */
  private async typesOf({ instances, machines }: Group): Promise<string[]> {
    const { types = [], template } = machines ?? {};
    const known = types.length > 0 ? types : instances.flatMap(({ type }) => (type ? [type] : []));
    if (known.length > 0 || !template) return known;
    const { Version = '$Default', ...named } = template;
    const command = new DescribeLaunchTemplateVersionsCommand({ ...named, Versions: [Version] });
    const answer = await this.ec2.send(command).catch((error: unknown) => {
      if (!/NotFound/.test(errorCode(error))) throw error;
      return undefined;
    });
    const type = answer?.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.InstanceType;
    return type ? [type] : [];
  }
}

/** What is only told does not keep a busy account from deploying. */
async function unlessThrottled<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  return asking.catch((error: unknown) => {
    if (!isThrottling(error)) throw error;
    return undefined;
  });
}

/**
 * `c7g.large`: a `g` behind the generation stands for Graviton, which is Arm; the first of these are called `a1`
 * (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
 */
export function architectureOf(instanceType: string): string {
  return /^(a1|mac2|[a-z]+\d+[a-z]*g[a-z]*)[.-]/.test(instanceType) ? 'arm64' : 'x86_64';
}

function isForecast({ Enabled, PredictiveScalingConfiguration }: ScalingPolicy): boolean {
  return Enabled !== false && PredictiveScalingConfiguration?.Mode === 'ForecastAndScale';
}

/** Without its name, which may be made of the group's. */
function hookInWords({ LifecycleTransition = '', HeartbeatTimeout, DefaultResult }: LifecycleHook): string {
  const when = LifecycleTransition.endsWith('LAUNCHING') ? 'at the launch' : 'at the termination';
  return `${when} for up to ${HeartbeatTimeout} s, then ${DefaultResult}`;
}

function policyInWords(policy: ScalingPolicy): string {
  const { PolicyType = '', Enabled = true, TargetTrackingConfiguration: tracking } = policy;
  const { PredefinedMetricType } = tracking?.PredefinedMetricSpecification ?? {};
  const metric = PredefinedMetricType ?? tracking?.CustomizedMetricSpecification?.MetricName;
  const steps = (policy.StepAdjustments ?? []).map(({ ScalingAdjustment }) => ScalingAdjustment);
  const adjustment = policy.ScalingAdjustment ?? (steps.length > 0 ? steps.join('/') : undefined);
  const said = [PolicyType, metric, tracking?.TargetValue, policy.AdjustmentType, adjustment, Enabled ? '' : '(off)'];
  return said.filter((part) => part !== undefined && part !== '').join(' ');
}

function listed(items: readonly string[]): string {
  return [...items].sort().join(', ');
}
