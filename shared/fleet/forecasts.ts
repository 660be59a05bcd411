/** Policies that scale a group by a forecast of its load. */
import { AutoScalingClient, DescribePoliciesCommand } from '@aws-sdk/client-auto-scaling';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';

export class Forecasts {
  constructor(private readonly client: AutoScalingClient) {}

  static connect(runtime: Runtime, deadline: Deadline): Forecasts {
    return new Forecasts(deadline.guard(new AutoScalingClient(runtime.clientDefaults)));
  }

  /**
   * The names of those that act on it, and do not only forecast. As observed, no suspended process stops them.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-predictive-scaling.html
   */
  async of(groupName: string): Promise<string[]> {
    const { ScalingPolicies = [] } = await this.client.send(
      new DescribePoliciesCommand({ AutoScalingGroupName: groupName, PolicyTypes: ['PredictiveScaling'] }),
    );
    const acting = ScalingPolicies.filter(
      ({ Enabled, PredictiveScalingConfiguration }) =>
        Enabled !== false && PredictiveScalingConfiguration?.Mode === 'ForecastAndScale',
    );
    return acting.map(({ PolicyName = '' }) => PolicyName);
  }
}
