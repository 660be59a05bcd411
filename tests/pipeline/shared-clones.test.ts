/** Load balancers that are alike are cloned as one, within what one clone takes. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { dummyName } from '../../shared/fleet/dummy-identity';
import { guard } from '../harness/guard';
import { World, type WorldOptions } from '../harness/world';

function balancer(
  kind: 'application' | 'network',
  targetGroups: number,
  isAcrossZones = true,
): LoadBalancerDescription {
  const protocol = kind === 'network' ? 'TCP' : 'HTTP';
  return {
    ...{ kind, isAcrossZones, way: 'direct' },
    targetGroups: Array.from({ length: targetGroups }, () => ({ protocol })),
  };
}

async function open(
  loadBalancers: LoadBalancerDescription[],
  limits: Record<string, number> = {},
  options: WorldOptions = {},
) {
  const settings = { elasticLoadBalancingV2: { limits } };
  const world = await World.quick({
    parameters: { CycleSeconds: '210' },
    ...options,
    settings,
    fleet: { instances: 1, maximum: 2, loadBalancers },
  });
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const clones = async () => {
    const { LoadBalancers = [] } = await world.clock.run(client.send(new DescribeLoadBalancersCommand({})));
    return LoadBalancers.filter(({ LoadBalancerName }) => LoadBalancerName?.startsWith('deploycheck-'));
  };
  return { world, client, clones };
}

async function expectCompletion(world: World, version: string, violations: string[]): Promise<void> {
  await world.until('Completed');
  expect(world.story.filter((type) => /^(Failed|Lambda)/.test(type))).toEqual([]);
  expect(world.servedVersions()).toEqual([version]);
  expect(await world.dummies()).toEqual([]);
  expect(violations).toEqual([]);
}

const fifteen = Array.from({ length: 15 }, () => balancer('application', 3));

test.each<[string, LoadBalancerDescription[], Record<string, number>, string[]]>([
  ['fifteen application load balancers of one network', fifteen, {}, ['application']],
  [
    'load balancers of both kinds',
    [balancer('application', 1), balancer('network', 2), balancer('application', 2), balancer('network', 1)],
    {},
    ['application', 'network'],
  ],
  [
    'more target groups than one takes',
    [balancer('application', 3), balancer('application', 3), balancer('application', 3)],
    { 'target-groups-per-application-load-balancer': 4 },
    ['application', 'application', 'application'],
  ],
  [
    'more rules than one takes',
    [balancer('application', 3), balancer('application', 2)],
    { 'rules-per-application-load-balancer': 3 },
    ['application', 'application'],
  ],
  [
    'more listeners than one takes',
    [balancer('network', 2), balancer('network', 2)],
    { 'listeners-per-network-load-balancer': 2 },
    ['network', 'network'],
  ],
  [
    'more targets than one takes',
    [balancer('application', 2), balancer('application', 2)],
    { 'targets-per-application-load-balancer': 4 },
    ['application'],
  ],
  [
    'more targets in one zone than one takes',
    [balancer('network', 1), balancer('network', 1), balancer('network', 1)],
    { 'targets-per-availability-zone-per-network-load-balancer': 2 },
    ['network', 'network'],
  ],
])('%s are cloned as few', async (_, loadBalancers, limits, kinds) => {
  const { world, clones } = await open(loadBalancers, limits);
  const violations = guard(world);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Step1Passed');
  expect((await clones()).map(({ Type = '' }) => Type).sort()).toEqual(kinds);
  await expectCompletion(world, version, violations);
});

test('where a load balancer serves across zones its clones do so too, whatever they share with', async () => {
  const { world, client } = await open([balancer('network', 1, true), balancer('network', 1, false)]);
  await world.upload('app.war', { version: '2' });
  await world.until('Step1Passed');
  const { TargetGroups = [] } = await world.clock.run(client.send(new DescribeTargetGroupsCommand({})));
  const said = [];
  for (const { TargetGroupName = '', TargetGroupArn } of TargetGroups) {
    if (!TargetGroupName.startsWith('deploycheck-')) continue;
    const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn });
    const { Attributes = [] } = await world.clock.run(client.send(command));
    said.push(Attributes.find(({ Key }) => Key === 'load_balancing.cross_zone.enabled')?.Value);
  }
  expect(said.sort()).toEqual(['true', 'use_load_balancer_configuration']);
});

test('what is waited for, and what somebody deleted, is told with the names of the originals', async () => {
  const { world } = await open(
    [balancer('application', 1), balancer('application', 2)],
    {},
    { provisioningSeconds: 3600 },
  );
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  expect(detail.message).toMatch(/limit: deploycheck-\w+ is provisioning, in place of was-web, was-web-2$/);
});

test('a clone of a load balancer alone, from before they were shared, is used as it is, and removed', async () => {
  const { world, client, clones } = await open([balancer('application', 1), balancer('application', 1)]);
  const violations = guard(world);
  const originals = (await world.clock.run(client.send(new DescribeTargetGroupsCommand({})))).TargetGroups ?? [];
  const last = originals.toSorted((one, other) => (carrierOf(one) < carrierOf(other) ? -1 : 1)).at(-1);
  let isFirst = true;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const invocation = isInvocationCaller(call.caller) ? call.caller.invocation : undefined;
    if (call.operation !== 'CreateLoadBalancer' || !invocation || !isFirst) return proceed();
    isFirst = false;
    const { Tags = [], ...settings } = call.input as unknown as CreateLoadBalancerCommandInput;
    const { Value: deploymentId = '' } = Tags.find(({ Key }) => Key === 'bluegreen:deployment') ?? {};
    const nameFor = (original = '') => dummyName(deploymentId, original, 0);
    const alone = new CreateLoadBalancerCommand({ ...settings, Tags, Name: nameFor(last?.LoadBalancerArns?.[0]) });
    const LoadBalancerArn = (await client.send(alone)).LoadBalancers?.[0]?.LoadBalancerArn;
    const Names = [nameFor(last?.TargetGroupArn)];
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ Names }));
    const DefaultActions = [{ Type: 'forward', TargetGroupArn: TargetGroups[0]?.TargetGroupArn } as const];
    const listener = { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions } as const;
    await client.send(new CreateListenerCommand(listener));
    world.aws.lambda.kill(invocation);
    return proceed();
  });
  const version = await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  expect(await clones()).toHaveLength(2);
  await expectCompletion(world, version, violations);
});

function carrierOf({ LoadBalancerArns: [arn = ''] = [] }: TargetGroup): string {
  return arn;
}
