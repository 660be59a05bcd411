/** EC2, as far as the network can be looked at, and launch templates: subnets with their free addresses, security groups. */
import type * as sdk from '@aws-sdk/client-ec2';
import type { Network, SecurityGroup, SecurityGroupRule } from '../../fleet/network';
import { pageOf } from '../../kernel/paging';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { globTest } from '../../kernel/wildcard';
import { ec2Access } from './access';
import { type LaunchTemplateOptions, launchTemplateOperations } from './launch-templates';

export interface Ec2Options extends LaunchTemplateOptions {
  region: string;
  accountId: string;
  network: Network;
  /**
   * How many addresses instances and load balancers have in a subnet: one each. An Application Load Balancer may have more in
   * AWS, by its load.
   */
  usedAddresses(subnetId: string): number;
  /** Of instances, by their ids: the tags that there are. */
  instanceTags(): ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Those of every Auto Scaling group. */
  instances(): readonly { id: string; privateIp: string; securityGroupIds?: readonly string[] | undefined }[];
}

/** DescribeSubnets and DescribeSecurityGroups, API reference: MaxResults. */
const PAGE_SIZE = { least: 5, most: 1000 };

/** "The first four IP addresses and the last IP address are not available" (VPC user guide). */
const RESERVED_ADDRESSES = 5;

export class Ec2 implements Service {
  readonly operations: Operations;
  readonly requiredAccess = ec2Access;
  private readonly securityGroups: Map<string, SecurityGroup>;
  private readonly occupied = new Map<string, number>();

  constructor(private readonly options: Ec2Options) {
    this.operations = { ...this.ofNetwork, ...launchTemplateOperations(options) };
    this.securityGroups = new Map(options.network.securityGroups.map((group) => [group.id, group]));
  }

  /** So many addresses of the subnet something else has, which is not here. */
  occupy(subnetId: string, addresses: number): void {
    this.occupied.set(subnetId, addresses);
  }

  /** Makes the security group, or changes the one of that id. */
  putSecurityGroup(group: SecurityGroup): void {
    this.securityGroups.set(group.id, group);
  }

  removeSecurityGroup(id: string): void {
    this.securityGroups.delete(id);
  }

  private readonly ofNetwork: Operations = {
    DescribeSubnets: (input: sdk.DescribeSubnetsCommandInput) => {
      const all = [...this.options.network.zoneOfSubnet.keys()].map((id) => this.subnet(id));
      const chosen = chosenOf(all, input.SubnetIds, ({ SubnetId }) => SubnetId, subnetNotFound);
      const filtered = chosen.filter(passes(input.Filters, SUBNET_FILTERS));
      const page = pageOfInput(filtered, input, ['SubnetIds', 'Filters']);
      return { Subnets: page.items, NextToken: page.next };
    },

    /** Those whose launch template names no security groups are in that of the example. All have one network interface. */
    DescribeInstances: (input: sdk.DescribeInstancesCommandInput) => {
      const [, example] = this.options.network.securityGroups;
      const ofExample = example ? [example.id] : [];
      const all = this.options.instances().map(({ id, privateIp: PrivateIpAddress, securityGroupIds = ofExample }) => ({
        InstanceId: id,
        PrivateIpAddress,
        NetworkInterfaces: [{ PrivateIpAddresses: [{ PrivateIpAddress, Primary: true }], Ipv6Addresses: [] }],
        SecurityGroups: securityGroupIds.map((GroupId) => ({
          ...{ GroupId, GroupName: this.securityGroups.get(GroupId)?.name },
        })),
      }));
      const chosen = chosenOf(all, input.InstanceIds, ({ InstanceId }) => InstanceId, instanceNotFound);
      const filtered = chosen.filter(passes(input.Filters, INSTANCE_FILTERS));
      const page = pageOfInput(filtered, input, ['InstanceIds', 'Filters']);
      return { Reservations: page.items.map((instance) => ({ Instances: [instance] })), NextToken: page.next };
    },

    DescribeTags: (input: sdk.DescribeTagsCommandInput) => {
      const all = [...this.options.instanceTags()].flatMap(([ResourceId, tags]) =>
        [...tags].map(([Key, Value]) => ({ ResourceId, ResourceType: 'instance' as const, Key, Value })),
      );
      const page = pageOfInput(all.filter(passes(input.Filters, TAG_FILTERS)), input, ['Filters']);
      return { Tags: page.items, NextToken: page.next };
    },

    DescribeSecurityGroups: (input: sdk.DescribeSecurityGroupsCommandInput) => {
      const all = [...this.securityGroups.values()].map((group) => this.securityGroup(group));
      const chosen = chosenOf(all, input.GroupIds, ({ GroupId }) => GroupId, groupNotFound);
      const filtered = chosen.filter(passes(input.Filters, GROUP_FILTERS));
      const page = pageOfInput(filtered, input, ['GroupIds', 'Filters']);
      return { SecurityGroups: page.items, NextToken: page.next };
    },
  };

  /** Addresses of instances are not those of their subnet here: only how many are free is told as it is. */
  private subnet(SubnetId: string): sdk.Subnet {
    const { network, accountId, region, usedAddresses } = this.options;
    const { vpcId = network.vpcId, zone, cidrBlock = '' } = network.subnet(SubnetId) ?? {};
    const addresses = 2 ** (32 - Number(cidrBlock.split('/')[1]));
    const used = RESERVED_ADDRESSES + usedAddresses(SubnetId) + (this.occupied.get(SubnetId) ?? 0);
    return {
      SubnetId,
      SubnetArn: `arn:aws:ec2:${region}:${accountId}:subnet/${SubnetId}`,
      VpcId: vpcId,
      OwnerId: accountId,
      State: 'available',
      AvailabilityZone: zone,
      CidrBlock: cidrBlock,
      AvailableIpAddressCount: Math.max(0, addresses - used),
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      AssignIpv6AddressOnCreation: false,
    };
  }

  private securityGroup({ id, name, description, vpcId, rules }: SecurityGroup): sdk.SecurityGroup {
    const { network, accountId, region } = this.options;
    return {
      GroupId: id,
      GroupName: name,
      Description: description,
      VpcId: vpcId ?? network.vpcId,
      OwnerId: accountId,
      SecurityGroupArn: `arn:aws:ec2:${region}:${accountId}:security-group/${id}`,
      IpPermissions: rules.map((rule) => permissionOf(rule, accountId)),
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    };
  }
}

function permissionOf(
  { fromPort, toPort, addresses = [], groups = [] }: SecurityGroupRule,
  UserId: string,
): sdk.IpPermission {
  return {
    IpProtocol: 'tcp',
    FromPort: fromPort,
    ToPort: toPort,
    IpRanges: addresses.map((CidrIp) => ({ CidrIp })),
    UserIdGroupPairs: groups.map((GroupId) => ({ GroupId, UserId })),
  };
}

/** Those of these ids, or all. Throws where there is none of an id. */
function chosenOf<Item>(
  all: Item[],
  ids: string[] | undefined,
  idOf: (item: Item) => string | undefined,
  notFound: (id: string) => AwsError,
): Item[] {
  if (!ids || ids.length === 0) return all;
  const missing = ids.find((id) => !all.some((item) => idOf(item) === id));
  if (missing !== undefined) throw notFound(missing);
  return all.filter((item) => ids.includes(idOf(item) ?? ''));
}

const SUBNET_FILTERS = new Map<string, (subnet: sdk.Subnet) => unknown>([
  ['availability-zone', ({ AvailabilityZone }) => AvailabilityZone],
  ['state', ({ State }) => State],
  ['subnet-id', ({ SubnetId }) => SubnetId],
  ['vpc-id', ({ VpcId }) => VpcId],
]);

const INSTANCE_FILTERS = new Map<string, (instance: sdk.Instance) => unknown>([
  ['instance-id', ({ InstanceId }) => InstanceId],
  ['private-ip-address', ({ PrivateIpAddress }) => PrivateIpAddress],
]);

const TAG_FILTERS = new Map<string, (tag: sdk.TagDescription) => unknown>([
  ['key', ({ Key }) => Key],
  ['resource-id', ({ ResourceId }) => ResourceId],
  ['resource-type', ({ ResourceType }) => ResourceType],
  ['value', ({ Value }) => Value],
]);

const GROUP_FILTERS = new Map<string, (group: sdk.SecurityGroup) => unknown>([
  ['group-id', ({ GroupId }) => GroupId],
  ['group-name', ({ GroupName }) => GroupName],
  ['vpc-id', ({ VpcId }) => VpcId],
]);

/** One of the values of each filter has to be as it says; `*` and `?` stand for others ("List and filter", EC2 user guide). */
function passes<Item>(
  filters: sdk.Filter[] = [],
  known: ReadonlyMap<string, (item: Item) => unknown>,
): (item: Item) => boolean {
  const tests = filters.map(({ Name = '', Values = [] }) => {
    const value = known.get(Name);
    if (!value) throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
    const wanted = Values.map(globTest);
    return (item: Item) => wanted.some((matches) => matches(String(value(item))));
  });
  return (item) => tests.every((test) => test(item));
}

interface PagedInput {
  MaxResults?: number;
  NextToken?: string;
  DryRun?: boolean;
}

function pageOfInput<Item>(all: Item[], input: PagedInput, supported: string[]) {
  const { MaxResults = PAGE_SIZE.most, NextToken, DryRun } = input;
  const known = [...supported, 'MaxResults', 'NextToken', 'DryRun'];
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other) throw new AwsError('UnknownParameter', `The parameter ${other[0]} is not supported by this embedded AWS`);
  if (DryRun) throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  if (MaxResults < PAGE_SIZE.least || MaxResults > PAGE_SIZE.most) {
    const message = `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`;
    throw new AwsError('InvalidParameterValue', message);
  }
  return pageOf(all, NextToken, MaxResults, 'InvalidNextToken');
}

/** "Error codes for the Amazon EC2 API", which has the codes; the words were observed. */
function subnetNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}

function instanceNotFound(id: string): AwsError {
  return new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

function groupNotFound(id: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}
