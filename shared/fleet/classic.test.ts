/** Classic Load Balancers in the words of the others. */
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  ElasticLoadBalancingClient,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { ClassicLoadBalancers } from './classic';
import { LoadBalancers } from './load-balancers';

const NAME = 'old';

async function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  aws.elasticLoadBalancing.locateInstancesWith(() => 'eu-central-1a');
  const client = new ElasticLoadBalancingClient(aws.operator);
  const classic = new ClassicLoadBalancers(client);
  const loadBalancers = new LoadBalancers(new ElasticLoadBalancingV2Client(aws.operator), classic);
  const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 8080 }];
  const run = <Result>(program: Promise<Result>) => clock.run(program);
  await run(client.send(new CreateLoadBalancerCommand({ LoadBalancerName: NAME, Subnets: ['subnet-a'], Listeners })));
  const HealthCheck = { Target: 'TCP:8080', Interval: 5, Timeout: 2, UnhealthyThreshold: 2, HealthyThreshold: 2 };
  await run(client.send(new ConfigureHealthCheckCommand({ LoadBalancerName: NAME, HealthCheck })));
  for (const instanceId of ['i-1', 'i-2']) {
    instances.launch({ instanceId, availabilityZone: 'eu-central-1a', privateIp: '10.0.0.4', tags: new Map() });
  }
  const Instances = [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }];
  await run(client.send(new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName: NAME, Instances })));
  const modify = (LoadBalancerAttributes: object) =>
    run(client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerName: NAME, LoadBalancerAttributes })));
  const attachment = { kind: 'classic', identifier: NAME } as const;
  const states = async () => Object.fromEntries(await run(loadBalancers.targetStates(attachment)));
  return { clock, client, instances, loadBalancers, attachment, run, modify, states };
}

test('an instance is healthy once it is in service, else its reason is told', async () => {
  const { clock, instances, states } = await setUp();
  expect((await states())['i-1']).toEqual({
    state: 'unhealthy',
    reasonCode: 'ELB',
    description: 'Instance registration is still in progress.',
  });
  instances.setHealth('i-2', 'dead');
  await clock.advance(60);
  expect(await states()).toEqual({
    'i-1': { state: 'healthy', reasonCode: undefined, description: undefined },
    'i-2': { state: 'unhealthy', reasonCode: 'Instance', description: expect.stringContaining('UnhealthyThreshold') },
  });
});

test('an instance that is being deregistered drains, though it still says that it is in service', async () => {
  const { clock, client, run, modify, states } = await setUp();
  await modify({ ConnectionDraining: { Enabled: true, Timeout: 30 } });
  await clock.advance(60);
  const input = { LoadBalancerName: NAME, Instances: [{ InstanceId: 'i-1' }] };
  await run(client.send(new DeregisterInstancesFromLoadBalancerCommand(input)));
  expect((await states())['i-1']?.state).toBe('draining');
  await clock.advance(31);
  expect(Object.keys(await states())).toEqual(['i-2']);
});

test('draining and cross-zone are read from its attributes', async () => {
  const { loadBalancers, attachment, run, modify } = await setUp();
  expect(await run(loadBalancers.drainSeconds(attachment))).toBe(0);
  expect(await run(loadBalancers.serving(attachment, undefined))).toEqual({ isZonal: true, drainSeconds: 0 });
  await modify({ ConnectionDraining: { Enabled: true, Timeout: 30 }, CrossZoneLoadBalancing: { Enabled: true } });
  expect(await run(loadBalancers.drainSeconds(attachment))).toBe(30);
  expect(await run(loadBalancers.serving(attachment, undefined))).toEqual({ isZonal: false, drainSeconds: 30 });
});

test('of many names those that exist are found, in however many calls', async () => {
  const { loadBalancers, run } = await setUp();
  const names = Array.from({ length: 45 }, (_, index) => (index === 30 ? NAME : `gone-${index}`));
  expect([...(await run(loadBalancers.classic.loadBalancers(names))).keys()]).toEqual([NAME]);
});
