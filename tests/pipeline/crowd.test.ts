/** An account is never empty: what belongs to others changes nothing, and nothing of it is changed. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicLoadBalancerCommand,
  ElasticLoadBalancingClient,
  paginateDescribeLoadBalancers as paginateDescribeClassicLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { throttlingOf } from '../../local/kernel/throttle';
import { World } from '../harness/world';

async function crowd(world: World): Promise<void> {
  const autoScaling = new AutoScalingClient(world.aws.operator);
  for (let index = 0; index < 300; index++) {
    // Some carry the task's name, but not as their task; some another task with every other tag the same.
    const isNamesake = index % 10 === 0;
    const tags = {
      taskfordeploy: `OTHER-${index}`,
      type: index % 2 ? 'Active' : 'StandBy',
      bucket: world.fleet.bucket,
    };
    const pairs = Object.entries(isNamesake ? { owner: 'WAS', type: 'Active' } : { ...tags, apps3key1: 'app.war' });
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: `other-${index}`,
        LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '1' },
        MinSize: 0,
        MaxSize: 0,
        VPCZoneIdentifier: 'subnet-a',
        Tags: pairs.map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
      }),
    );
  }
  const balancing = new ElasticLoadBalancingV2Client(world.aws.operator);
  const classic = new ElasticLoadBalancingClient(world.aws.operator);
  const listener = { Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 };
  for (let index = 0; index < 20; index++) {
    await classic.send(
      new CreateClassicLoadBalancerCommand({
        LoadBalancerName: `other-classic-${index}`,
        Subnets: ['subnet-a'],
        Listeners: [listener],
      }),
    );
  }
  for (let index = 0; index < 40; index++) {
    const name = index % 20 === 0 ? `deploycheck-of-others-${index}` : `other-${index}`;
    await balancing.send(
      new CreateLoadBalancerCommand({ Name: name, Subnets: ['subnet-a', 'subnet-b'], Type: 'network' }),
    );
  }
}

/** Everything of others, as the services describe it. */
async function others(world: World): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const page of paginateDescribeAutoScalingGroups(
    { client: new AutoScalingClient(world.aws.operator) },
    {},
  )) {
    found.push(...(page.AutoScalingGroups ?? []).filter((group) => group.AutoScalingGroupName?.startsWith('other-')));
  }
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  for await (const page of paginateDescribeLoadBalancers({ client }, {})) {
    found.push(...(page.LoadBalancers ?? []).filter((balancer) => balancer.LoadBalancerName?.includes('other')));
  }
  const classic = new ElasticLoadBalancingClient(world.aws.operator);
  for await (const page of paginateDescribeClassicLoadBalancers({ client: classic }, {})) {
    found.push(...(page.LoadBalancerDescriptions ?? []));
  }
  return found;
}

test('300 other groups and 60 other load balancers change nothing, and are not changed', async () => {
  const world = await World.create();
  await world.clock.run(crowd(world));
  await world.clock.advance(600);
  const before = await world.clock.run(others(world));
  expect(before).toHaveLength(360);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(600);

  expect(world.servedVersions()).toEqual([version]);
  expect(world.story.filter((type) => type === 'DeployRequested')).toHaveLength(1);
  expect(await world.clock.run(others(world))).toEqual(before);
});

test('a start looks at nobody else’s clones, however many deployments there are beside it', async () => {
  const world = await World.quick();
  const balancing = new ElasticLoadBalancingV2Client(world.aws.operator);
  const command = new CreateLoadBalancerCommand({
    Name: 'deploycheck-of-another-task',
    Subnets: ['subnet-a', 'subnet-b'],
    Type: 'network',
  });
  await world.clock.run(balancing.send(command));
  world.aws.endpoint.intercept((call, proceed) => {
    const isOfAnother = call.operation === 'DescribeTags' && JSON.stringify(call.input).includes('of-another-task');
    return isOfAnother && call.caller.principal === 'StartRole'
      ? Promise.reject(throttlingOf(call.service))
      : proceed();
  });
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
});
