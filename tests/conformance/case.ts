/** A case of the conformance table: one behaviour of AWS, where it is documented, what showing it needs, and how. */
import type { Context } from './context';

/** Everything that a case may need beyond an account, and how it is given. */
export const NEEDS = {
  network: { what: 'a VPC and subnets in two zones', option: '--vpc ID --subnets A,B' },
  'third zone': { what: 'a subnet in a third zone', option: '--subnets A,B,C' },
  'launch template': { what: 'a launch template, of which nothing is launched', option: '--launch-template NAME' },
  instances: { what: 'launches EC2 instances, which costs', option: '--instances' },
  'load balancer': { what: 'creates load balancers, which costs', option: '--load-balancers' },
  certificate: { what: 'a certificate of that region', option: '--certificate ARN' },
  'service role': { what: 'a role that CodeDeploy acts with', option: '--service-role ARN' },
  minutes: { what: 'waits for minutes', option: '--minutes' },
} as const;

export type Need = keyof typeof NEEDS;

export interface ConformanceCase {
  /** A sentence that states the behaviour; with the outcome it fits 80 columns. */
  name: string;
  /** Where the behaviour is documented, or that it was observed. */
  source: string;
  /** None: nothing beyond an account. */
  needs: readonly Need[];
  /** Throws, where the behaviour is another. What it makes it registers with the context, which takes it away. */
  run(context: Context): Promise<void>;
}

export interface Section {
  service: string;
  cases: readonly ConformanceCase[];
}
