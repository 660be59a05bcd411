/**
 * Which load balancers are cloned as one. What decides health is where a load balancer stands and whom it is, for security
 * groups, not which of several it is: its clone carries the target groups of all that are alike. Whether it serves across
 * zones each cloned target group says for itself (Network Load Balancer user guide, "Cross-zone load balancing for target
 * groups").
 */
import type {
  CreateLoadBalancerCommandInput,
  LoadBalancer,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { batches } from '../aws/calls';
import { groupedBy } from '../aws/findings';
import type { AccountLimits } from '../deployment/registrations';

/** A load balancer that is cloned, with the target groups that its clone is to carry, and what the clone's listeners need. */
export interface Original {
  loadBalancer: LoadBalancer;
  /** Its own; and those of others that share the clone. */
  targetGroups: TargetGroup[];
  /** For listeners that speak TLS: those of HTTP2 and GRPC target groups, and of TLS target groups. */
  certificateArn?: string;
  /** Of several clones of the load balancer, which one: counted from 0. */
  part?: number;
}

/** What one clone takes where the account does not tell (user guides of the load balancers, quotas). */
const STANDARD_LIMITS = {
  'target-groups-per-application-load-balancer': 100,
  'rules-per-application-load-balancer': 100,
  'listeners-per-network-load-balancer': 50,
};

/**
 * Shares clones among load balancers that are alike, within what one clone takes. The answer is the same whenever it is
 * asked about the same: an invocation that is repeated finds its own clones.
 */
export function shared(originals: readonly Original[], limits: AccountLimits, instances: number): Original[] {
  const sorted = originals.toSorted((one, other) => (arnOf(one) < arnOf(other) ? -1 : 1));
  return groupedBy(sorted, ({ loadBalancer }) => keyOf(loadBalancer)).flatMap(([, some]) => {
    const [first, ...others] = some;
    if (first === undefined || others.length === 0) return some;
    const { loadBalancer } = first;
    const certificateArn = some.find((one) => one.certificateArn)?.certificateArn;
    const targetGroups = some.flatMap((one) => one.targetGroups);
    return batches(targetGroups, roomOf(loadBalancer, limits, instances)).map((carried, part) => ({
      loadBalancer,
      targetGroups: carried,
      certificateArn,
      part,
    }));
  });
}

/** What a clone is created with. */
export function settingsOfClone({
  Type,
  IpAddressType,
  EnablePrefixForIpv6SourceNat,
  AvailabilityZones,
  SecurityGroups,
}: LoadBalancer): Omit<CreateLoadBalancerCommandInput, 'Name'> {
  return {
    Type,
    Scheme: 'internal',
    IpAddressType: IpAddressType?.startsWith('dualstack') ? 'dualstack' : 'ipv4',
    // Without it a dual-stack Network Load Balancer takes no UDP listener.
    EnablePrefixForIpv6SourceNat: EnablePrefixForIpv6SourceNat === 'on' ? 'on' : undefined,
    Subnets: AvailabilityZones?.map(({ SubnetId = '' }) => SubnetId),
    SecurityGroups: SecurityGroups?.length ? SecurityGroups : undefined,
  };
}

function keyOf(loadBalancer: LoadBalancer): string {
  const { Subnets, SecurityGroups, ...settings } = settingsOfClone(loadBalancer);
  return JSON.stringify([settings, Subnets?.toSorted(), SecurityGroups?.toSorted()]);
}

function arnOf({ loadBalancer }: Original): string {
  return loadBalancer.LoadBalancerArn ?? '';
}

/**
 * How many target groups a clone takes: each has a rule or a listener of its own, and registers every instance once more,
 * at worst all of them in one zone.
 */
function roomOf({ Type }: LoadBalancer, limits: AccountLimits, instances: number): number {
  const limit = (name: keyof typeof STANDARD_LIMITS) => limits.get(name) ?? STANDARD_LIMITS[name];
  const targets = (name: string) => Math.floor((limits.get(name) ?? Number.POSITIVE_INFINITY) / Math.max(1, instances));
  const room =
    Type === 'network'
      ? [
          limit('listeners-per-network-load-balancer'),
          targets('targets-per-network-load-balancer'),
          targets('targets-per-availability-zone-per-network-load-balancer'),
        ]
      : [
          limit('target-groups-per-application-load-balancer'),
          limit('rules-per-application-load-balancer'),
          targets('targets-per-application-load-balancer'),
        ];
  return Math.max(1, Math.min(...room));
}
