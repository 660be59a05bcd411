/** The network that load balancers and instances live in, as far as they notice it: VPCs, and subnets in zones. */

export interface Subnet {
  id: string;
  vpcId: string;
  zone: string;
  cidrBlock: string;
}

export class Network {
  private readonly vpcIds: Set<string>;
  private readonly subnets: Map<string, Subnet>;
  /** The availability zone of each subnet, by subnet id. */
  readonly zoneOfSubnet: ReadonlyMap<string, string>;
  private readonly zones = new Map<string, string>();

  constructor(
    /** Of the VPC that is there from the beginning. */
    readonly vpcId: string,
    subnets: readonly Subnet[],
    /** Those that are there from the beginning. */
    readonly securityGroups: readonly SecurityGroup[],
  ) {
    this.vpcIds = new Set([vpcId]);
    this.subnets = new Map();
    this.zoneOfSubnet = this.zones;
    for (const subnet of subnets) this.addSubnet(subnet);
  }

  addVpc(id: string): void {
    this.vpcIds.add(id);
  }

  removeVpc(id: string): void {
    this.vpcIds.delete(id);
  }

  addSubnet(subnet: Subnet): void {
    this.subnets.set(subnet.id, subnet);
    this.zones.set(subnet.id, subnet.zone);
  }

  removeSubnet(id: string): void {
    this.subnets.delete(id);
    this.zones.delete(id);
  }

  hasVpc(id: string): boolean {
    return this.vpcIds.has(id);
  }

  subnet(id: string): Subnet | undefined {
    return this.subnets.get(id);
  }

  /** That of the first of these subnets; where there is none, the one that was there from the beginning. */
  vpcOf([first = '']: readonly string[]): string {
    return this.subnets.get(first)?.vpcId ?? this.vpcId;
  }
}

/** What it lets in; out may go everything. */
export interface SecurityGroup {
  id: string;
  name: string;
  description: string;
  /** Where not given, that of the network which is there from the beginning. */
  vpcId?: string;
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
  const vpcId = 'vpc-1';
  const subnets = ['a', 'b', 'c'].map((letter, index) => ({
    ...{ id: `subnet-${letter}`, vpcId, zone: `${region}${letter}`, cidrBlock: `10.0.${index * 16}.0/20` },
  }));
  return new Network(vpcId, subnets, [DEFAULT_GROUP, EXAMPLE_GROUP]);
}
