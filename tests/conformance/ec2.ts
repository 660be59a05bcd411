/** Subnets and security groups, as far as they are looked at. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type DescribeSubnetsCommandInput,
  DescribeTagsCommand,
  type Filter,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { createGroup, createLoadBalancer, LAUNCH_LIMIT_SECONDS, untilInService } from './fleet';
import { refusalOf } from './refusal';

const ONE = { MinSize: 0, DesiredCapacity: 1, MaxSize: 1 };

export const EC2: readonly ConformanceCase[] = [
  {
    name: 'A subnet tells its zone, its VPC and how many addresses are free',
    source: 'Amazon EC2 API Reference, DescribeSubnets and Subnet',
    needs: ['network'],
    async run(context) {
      const subnets = await describe(context, { SubnetIds: context.given.subnetIds });
      deepEqual(subnets.map(({ SubnetId }) => SubnetId).sort(), [...context.given.subnetIds].sort());
      equal(
        new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone)).size,
        subnets.length,
        'zones of their own',
      );
      for (const { VpcId, State, CidrBlock = '', AvailableIpAddressCount = 0 } of subnets) {
        deepEqual({ VpcId, State }, { VpcId: context.given.vpcId, State: 'available' });
        const bits = Number(/^[\d.]+\/(\d+)$/.exec(CidrBlock)?.[1]);
        ok(AvailableIpAddressCount >= 0 && AvailableIpAddressCount <= 2 ** (32 - bits) - 5, 'five are reserved');
      }
    },
  },
  {
    name: 'An instance takes an address of its subnet',
    source: 'Amazon EC2 API Reference, Subnet: AvailableIpAddressCount',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const [SubnetId = ''] = context.given.subnetIds;
      const free = async () => (await describe(context, { SubnetIds: [SubnetId] }))[0]?.AvailableIpAddressCount ?? 0;
      const before = await free();
      const settings = { MinSize: 1, DesiredCapacity: 1, MaxSize: 1, VPCZoneIdentifier: SubnetId };
      await untilInService(context, await createGroup(context, settings), 1);
      ok((await free()) < before);
    },
  },
  {
    name: 'A filter by ids leaves out instances that it does not know',
    source: 'Amazon EC2 API Reference, DescribeInstances and InstanceNetworkInterface',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const [id = ''] = await untilInService(context, await createGroup(context, ONE), 1);
      const Values = [id, 'i-0abcdef0123456789'];
      const command = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }] });
      const { Reservations = [] } = await context.clients.ec2.send(command);
      const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
      deepEqual(
        instances.map(({ InstanceId }) => InstanceId),
        [id],
      );
      const [{ PrivateIpAddress = '', NetworkInterfaces = [] } = {}] = instances;
      match(PrivateIpAddress, /^\d+\.\d+\.\d+\.\d+$/);
      const addresses = NetworkInterfaces.flatMap(({ PrivateIpAddresses = [] }) => PrivateIpAddresses);
      ok(addresses.some((one) => one.PrivateIpAddress === PrivateIpAddress));
    },
  },
  {
    name: 'An instance has the tags of its group that propagate, and its name',
    source: 'Amazon EC2 Auto Scaling User Guide, Tag Auto Scaling groups and instances; API Reference, DescribeTags',
    needs: ['network', 'launch template', 'instances'],
    async run(context) {
      const propagated = { Key: 's3VersionIdApp1', Value: 'a version' };
      const Tags = [
        { ...propagated, PropagateAtLaunch: true },
        { Key: 'type', Value: 'Active', PropagateAtLaunch: false },
      ];
      const name = await createGroup(context, { ...ONE, Tags });
      const [id = ''] = await untilInService(context, name, 1);
      const command = new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] });
      const described = (await context.clients.ec2.send(command)).Tags ?? [];
      const tagValue = (key: string) => described.find(({ Key }) => Key === key)?.Value;
      equal(tagValue(propagated.Key), propagated.Value);
      equal(tagValue('type'), undefined);
      equal(tagValue('aws:autoscaling:groupName'), name);
    },
  },
  {
    name: 'A load balancer takes at least one address of each of its subnets',
    source: 'User Guide for Application Load Balancers, subnets; how many is not said',
    needs: ['network', 'load balancer'],
    async run(context) {
      const [SubnetId = ''] = context.given.subnetIds;
      const free = async () => (await describe(context, { SubnetIds: [SubnetId] }))[0]?.AvailableIpAddressCount ?? 0;
      const before = await free();
      await createLoadBalancer(context, { Type: 'network', SecurityGroups: undefined });
      await context.until('an address is taken', LAUNCH_LIMIT_SECONDS, async () => (await free()) < before);
    },
  },
  {
    name: 'Filters find what has one of the values of each, wildcards too',
    source: 'Amazon EC2 User Guide, List and filter your resources',
    needs: ['network'],
    async run(context) {
      const { vpcId = '', subnetIds } = context.given;
      const [first = ''] = subnetIds;
      const found = async (...Filters: Filter[]) =>
        (await describe(context, { Filters })).map(({ SubnetId }) => SubnetId);
      deepEqual(await found({ Name: 'subnet-id', Values: [first] }, { Name: 'vpc-id', Values: [vpcId, 'vpc-0'] }), [
        first,
      ]);
      deepEqual(await found({ Name: 'subnet-id', Values: [first] }, { Name: 'vpc-id', Values: ['vpc-0'] }), []);
      ok((await found({ Name: 'subnet-id', Values: [`${first.slice(0, -1)}?`] })).includes(first));
      await refusalOf(describe(context, { Filters: [{ Name: 'nonsense', Values: ['x'] }] }), 'InvalidParameterValue');
      await refusalOf(describe(context, { MaxResults: 4 }), 'InvalidParameterValue');
    },
  },
  {
    name: 'A subnet or security group that does not exist is named in a refusal',
    source: 'Amazon EC2 API Reference, Error codes for the Amazon EC2 API',
    needs: [],
    async run(context) {
      const subnet = await refusalOf(
        describe(context, { SubnetIds: ['subnet-0abcdef0123456789'] }),
        'InvalidSubnetID.NotFound',
      );
      deepEqual([subnet.status, subnet.message], [400, "The subnet ID 'subnet-0abcdef0123456789' does not exist"]);
      const command = new DescribeSecurityGroupsCommand({ GroupIds: ['sg-0abcdef0123456789'] });
      const group = await refusalOf(context.clients.ec2.send(command), 'InvalidGroup.NotFound');
      deepEqual([group.status, group.message], [400, "The security group 'sg-0abcdef0123456789' does not exist"]);
    },
  },
  {
    name: 'A security group tells whom it lets in: addresses and groups',
    source: 'Amazon EC2 API Reference, SecurityGroup; VPC User Guide, default security groups',
    needs: ['network'],
    async run(context) {
      const Filters = [
        { Name: 'vpc-id', Values: [context.given.vpcId ?? ''] },
        { Name: 'group-name', Values: ['default'] },
      ];
      const { SecurityGroups = [] } = await context.clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      equal(SecurityGroups.length, 1);
      const [{ GroupId, GroupName, VpcId, IpPermissions = [] } = {}] = SecurityGroups;
      deepEqual({ GroupName, VpcId }, { GroupName: 'default', VpcId: context.given.vpcId });
      match(GroupId ?? '', /^sg-/);
      ok(
        IpPermissions.every(({ IpProtocol }) => IpProtocol),
        'each rule has a protocol',
      );
    },
  },
];

async function describe(context: Context, input: DescribeSubnetsCommandInput): Promise<Subnet[]> {
  return (await context.clients.ec2.send(new DescribeSubnetsCommand(input))).Subnets ?? [];
}
