/** The network that load balancers and instances live in: one VPC with one subnet per zone, as far as they notice it. */

export interface Network {
  vpcId: string;
  /** The availability zone of each subnet, by subnet id. */
  zoneOfSubnet: ReadonlyMap<string, string>;
}

/** `subnet-a`, `subnet-b` and `subnet-c`, in the zones of those letters. */
export function threeZoneNetwork(region: string): Network {
  const zones = ['a', 'b', 'c'];
  return { vpcId: 'vpc-1', zoneOfSubnet: new Map(zones.map((letter) => [`subnet-${letter}`, `${region}${letter}`])) };
}
