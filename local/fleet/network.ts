/** The network that load balancers and instances live in: one VPC with one subnet per zone, as far as they notice it. */

export interface Network {
  vpcId: string;
  /** The availability zone of each subnet, by subnet id. */
  zoneOfSubnet: ReadonlyMap<string, string>;
  securityGroups: readonly SecurityGroup[];
}

/** What it lets in; out may go everything. */
export interface SecurityGroup {
  id: string;
  name: string;
  description: string;
  rules: readonly SecurityGroupRule[];
}

/** Over TCP, from these addresses and from whatever is in these groups. */
export interface SecurityGroupRule {
  fromPort: number;
  toPort: number;
  /** `10.0.0.0/16`. */
  addresses?: readonly string[];
  /** By id. */
  groups?: readonly string[];
}

/** Of a VPC, and of what is made without naming one. */
const DEFAULT_GROUP: SecurityGroup = {
  id: 'sg-default',
  name: 'default',
  description: 'default VPC security group',
  rules: [{ fromPort: 0, toPort: 65535, groups: ['sg-default'] }],
};

/** Of the example's load balancers and instances: what is in it, clones too, reaches the application. */
const EXAMPLE_GROUP: SecurityGroup = {
  id: 'sg-1',
  name: 'web',
  description: 'load balancers and instances of the example',
  rules: [
    { fromPort: 80, toPort: 443, addresses: ['0.0.0.0/0'] },
    { fromPort: 8080, toPort: 8080, groups: ['sg-1'] },
  ],
};

/** `subnet-a`, `subnet-b` and `subnet-c`, in the zones of those letters. */
export function threeZoneNetwork(region: string): Network {
  const zones = ['a', 'b', 'c'];
  const zoneOfSubnet = new Map(zones.map((letter) => [`subnet-${letter}`, `${region}${letter}`]));
  return { vpcId: 'vpc-1', zoneOfSubnet, securityGroups: [DEFAULT_GROUP, EXAMPLE_GROUP] };
}
