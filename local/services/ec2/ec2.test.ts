import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeSecurityGroups,
} from '@aws-sdk/client-ec2';
import { World } from '../../../tests/harness/world';
import { EmbeddedAws } from '../../embedded-aws';
import type { LoadBalancerDescription } from '../../example/load-balancers';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';

function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  return { aws, client: new EC2Client(aws.operator) };
}

/** By subnet. */
async function freeAddresses(client: EC2Client): Promise<Record<string, number | undefined>> {
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
  return Object.fromEntries(
    Subnets.map(({ SubnetId, AvailableIpAddressCount }) => [SubnetId, AvailableIpAddressCount]),
  );
}

test('addresses are taken by instances, load balancers, and what a test says', async () => {
  const { aws, client } = setUp();
  expect(await freeAddresses(client)).toEqual({ 'subnet-a': 4091, 'subnet-b': 4091, 'subnet-c': 4091 });
  aws.ec2.occupy('subnet-c', 4089);
  expect(await freeAddresses(client)).toMatchObject({ 'subnet-c': 2 });
  const classic: LoadBalancerDescription = { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] };
  const world = await World.quick({ fleet: { instances: 3, loadBalancers: [classic, { ...classic }] } });
  const free = await world.clock.run(freeAddresses(new EC2Client(world.aws.operator)));
  expect(free).toEqual({ 'subnet-a': 4091 - 2 - 2, 'subnet-b': 4091 - 1 - 2, 'subnet-c': 4091 });
});

test("the example's security group lets its own members in, until a test changes it", async () => {
  const { aws, client } = setUp();
  const rules = async () => {
    const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-1'] }));
    return SecurityGroups[0]?.IpPermissions?.map(({ FromPort, ToPort, IpRanges, UserIdGroupPairs }) => ({
      ports: [FromPort, ToPort],
      addresses: IpRanges?.map(({ CidrIp }) => CidrIp) ?? [],
      groups: UserIdGroupPairs?.map(({ GroupId }) => GroupId) ?? [],
    }));
  };
  expect(await rules()).toContainEqual({ ports: [8080, 8080], addresses: [], groups: ['sg-1'] });
  const changed = { fromPort: 8080, toPort: 8080, addresses: ['10.0.0.7/32'] };
  aws.ec2.putSecurityGroup({ id: 'sg-1', name: 'web', description: 'narrow', rules: [changed] });
  expect(await rules()).toEqual([{ ports: [8080, 8080], addresses: ['10.0.0.7/32'], groups: [] }]);
});

test('what there is comes page by page', async () => {
  const { aws, client } = setUp();
  for (let index = 0; index < 10; index += 1) {
    aws.ec2.putSecurityGroup({ id: `sg-${index}x`, name: `${index}`, description: 'x', rules: [] });
  }
  const pages: (number | undefined)[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client, pageSize: 5 }, {}))
    pages.push(page.SecurityGroups?.length);
  expect(pages).toEqual([5, 5, 2]);
});

test('what is not known is refused', async () => {
  const { client } = setUp();
  await expect(client.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: 'DescribeVpcs is not part of this embedded AWS',
  });
  const dry = client.send(new DescribeSubnetsCommand({ DryRun: true }));
  await expect(dry).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } });
  const named = client.send(new DescribeSecurityGroupsCommand({ GroupNames: ['web'] }));
  await expect(named).rejects.toMatchObject({ name: 'UnknownParameter' });
});

test('a user without the permission is told so as EC2 does', async () => {
  const { aws } = setUp();
  const nobody = aws.addUser({ name: 'nobody', accessKeyId: 'NOBODY', policyArns: [] });
  await expect(new EC2Client(nobody).send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
    message: expect.stringMatching(
      /^You are not authorized to perform this operation\. User: .*user\/nobody is not authorized/,
    ),
    $metadata: { httpStatusCode: 403 },
  });
});

test('instances of groups are told with their security groups', async () => {
  const world = await World.quick();
  const client = new EC2Client(world.aws.operator);
  const { Reservations = [] } = await world.clock.run(client.send(new DescribeInstancesCommand({})));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  expect(instances).toHaveLength(2);
  expect(instances[0]?.SecurityGroups).toEqual([{ GroupId: 'sg-1', GroupName: 'web' }]);
  const unknown = client.send(new DescribeInstancesCommand({ InstanceIds: ['i-0'] }));
  await expect(world.clock.run(unknown)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
});
