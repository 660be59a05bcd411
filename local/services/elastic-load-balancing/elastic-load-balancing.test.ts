import {
  AddTagsCommand,
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingClient,
  EnableAvailabilityZonesForLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import { clientDefaults } from '../../endpoint/client';
import { Endpoint } from '../../endpoint/endpoint';
import { threeZoneNetwork } from '../../fleet/network';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import { ElasticLoadBalancing } from './elastic-load-balancing';

const REGION = 'ap-northeast-2';
const LoadBalancerName = 'old';

async function setUp(settings: ConstructorParameters<typeof ElasticLoadBalancing>[0]['settings'] = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const network = threeZoneNetwork(REGION);
  const service = new ElasticLoadBalancing({
    clock,
    random: new Random(1),
    region: REGION,
    network,
    instances,
    settings,
  });
  const endpoint = new Endpoint(clock, { 'elastic-load-balancing': service }, 0);
  const caller = { principal: 'operator', isAlive: () => true };
  const client = new ElasticLoadBalancingClient(clientDefaults(endpoint, clock, caller, REGION));
  const create = (input: Partial<CreateLoadBalancerCommandInput> = {}) =>
    client.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName,
        Subnets: ['subnet-a', 'subnet-b'],
        Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }],
        ...input,
      }),
    );
  const launch = (instanceId: string) =>
    instances.launch({ instanceId, availabilityZone: `${REGION}a`, privateIp: '10.0.0.4', tags: new Map() });
  const register = (InstanceId: string) =>
    client.send(new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName, Instances: [{ InstanceId }] }));
  const deregister = (InstanceId: string) =>
    client.send(new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName, Instances: [{ InstanceId }] }));
  const health = async () => {
    const { InstanceStates } = await client.send(new DescribeInstanceHealthCommand({ LoadBalancerName }));
    return InstanceStates?.map(({ State, ReasonCode, Description }) => [State, ReasonCode, Description]);
  };
  const check = (Target = 'HTTP:8080/health') =>
    client.send(
      new ConfigureHealthCheckCommand({
        LoadBalancerName,
        HealthCheck: { Target, Interval: 10, Timeout: 5, HealthyThreshold: 3, UnhealthyThreshold: 2 },
      }),
    );
  await create();
  return { clock, instances, service, client, create, launch, register, deregister, health, check };
}

test('an instance is in service after the healthy threshold and out of service after the unhealthy one', async () => {
  const { clock, instances, launch, register, health, check } = await setUp();
  await check();
  launch('i-1');
  await register('i-1');
  const registering = ['OutOfService', 'ELB', 'Instance registration is still in progress.'];
  await clock.advance(19);
  expect(await health()).toEqual([registering]);
  await clock.advance(2);
  expect(await health()).toEqual([['InService', 'N/A', 'N/A']]);
  instances.setHealth('i-1', 302);
  await clock.advance(10);
  expect(await health()).toEqual([['InService', 'N/A', 'N/A']]);
  await clock.advance(10);
  expect(await health()).toEqual([['OutOfService', 'Instance', expect.stringContaining('UnhealthyThreshold')]]);
});

test('tells who serves real traffic its listeners, and the instances in service that do not drain', async () => {
  const { clock, service, instances, client, launch, register, deregister, check } = await setUp();
  await check();
  const LoadBalancerAttributes = { ConnectionDraining: { Enabled: true, Timeout: 60 } };
  await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes }));
  for (const id of ['i-1', 'i-2', 'i-3']) {
    launch(id);
    await register(id);
  }
  expect(service.routableInstances(LoadBalancerName)).toEqual([]);
  await clock.advance(21);
  expect(service.routableInstances(LoadBalancerName)).toEqual(['i-1', 'i-2', 'i-3']);
  instances.setHealth('i-1', 500);
  await deregister('i-2');
  await clock.advance(20);
  expect(service.routableInstances(LoadBalancerName)).toEqual(['i-3']);
  expect(service.listenersOf(LoadBalancerName)).toMatchObject([{ Protocol: 'HTTP', LoadBalancerPort: 80 }]);
  expect(service.listenersOf('other')).toEqual([]);
});

test('with connection draining an instance leaves when its time is over, without it at once', async () => {
  const { clock, client, launch, register, deregister, health } = await setUp();
  launch('i-1');
  await register('i-1');
  const ConnectionDraining = { Enabled: true, Timeout: 60 };
  const LoadBalancerAttributes = { ConnectionDraining };
  await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes }));
  await deregister('i-1');
  await clock.advance(59);
  expect(await health()).toEqual([['InService', 'N/A', 'Instance deregistration currently in progress.']]);
  await clock.advance(1);
  expect(await health()).toEqual([]);
  const off = { ConnectionDraining: { Enabled: false } };
  await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerName, LoadBalancerAttributes: off }));
  await register('i-1');
  await deregister('i-1');
  expect(await health()).toEqual([]);
});

test('attributes start as AWS starts them: no draining, no cross-zone', async () => {
  const { client } = await setUp();
  const described = await client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerName }));
  expect(described.LoadBalancerAttributes).toMatchObject({
    ConnectionDraining: { Enabled: false, Timeout: 300 },
    CrossZoneLoadBalancing: { Enabled: false },
  });
});

test('one that is not there is LoadBalancerNotFound to describe, and no error to delete', async () => {
  const { client } = await setUp();
  await client.send(new DeleteLoadBalancerCommand({ LoadBalancerName }));
  await client.send(new DeleteLoadBalancerCommand({ LoadBalancerName }));
  const described = client.send(new DescribeLoadBalancersCommand({ LoadBalancerNames: [LoadBalancerName] }));
  await expect(described).rejects.toMatchObject({
    name: 'AccessPointNotFoundException',
    message: "There is no ACTIVE Load Balancer named 'old'",
  });
});

test('created again with the same settings it is the same, with others or other tags it is refused', async () => {
  const { client, create } = await setUp();
  await create();
  const Tags = [{ Key: 'owner', Value: 'someone' }];
  await expect(create({ Tags })).rejects.toMatchObject({ name: 'DuplicateAccessPointNameException' });
  const { LoadBalancerDescriptions } = await client.send(new DescribeLoadBalancersCommand({}));
  expect(LoadBalancerDescriptions).toHaveLength(1);
});

test('they are limited in number', async () => {
  const { create } = await setUp({ loadBalancerLimit: 1 });
  await expect(create({ LoadBalancerName: 'second' })).rejects.toMatchObject({ name: 'TooManyAccessPointsException' });
});

test.each([['HTTP:8080'], ['TCP:8080/health'], ['FTP:21']])('the health check target %s is refused', async (target) => {
  const { check } = await setUp();
  await expect(check(target)).rejects.toMatchObject({ name: 'ValidationError' });
});

test('tags are added and described, 20 load balancers a call', async () => {
  const { client } = await setUp();
  const Tags = [{ Key: 'task', Value: 'WAS' }];
  await client.send(new AddTagsCommand({ LoadBalancerNames: [LoadBalancerName], Tags }));
  const described = await client.send(new DescribeTagsCommand({ LoadBalancerNames: [LoadBalancerName] }));
  expect(described.TagDescriptions).toEqual([{ LoadBalancerName, Tags }]);
  const LoadBalancerNames = Array(21).fill(LoadBalancerName);
  const tooMany = client.send(new DescribeTagsCommand({ LoadBalancerNames }));
  await expect(tooMany).rejects.toMatchObject({ name: 'ValidationError' });
});

test('what this embedded AWS does not do is refused', async () => {
  const { client } = await setUp();
  const command = new EnableAvailabilityZonesForLoadBalancerCommand({ LoadBalancerName, AvailabilityZones: ['c'] });
  await expect(client.send(command)).rejects.toMatchObject({ name: 'UnknownOperationException' });
});
