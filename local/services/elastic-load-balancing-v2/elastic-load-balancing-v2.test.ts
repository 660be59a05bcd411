import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  SetIpAddressTypeCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { clientDefaults } from '../../endpoint/client';
import { Endpoint } from '../../endpoint/endpoint';
import { threeZoneNetwork } from '../../fleet/network';
import { VirtualInstances } from '../../fleet/virtual-instances';
import { VirtualClock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import { ElasticLoadBalancingV2, type LoadBalancingEvent } from './elastic-load-balancing-v2';

const REGION = 'ap-northeast-2';
const ZONES: Record<string, string> = { a: `${REGION}a`, b: `${REGION}b`, c: `${REGION}c` };

function setUp(settings: ConstructorParameters<typeof ElasticLoadBalancingV2>[0]['settings'] = {}) {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const loadBalancing = new ElasticLoadBalancingV2({
    clock,
    random: new Random(1),
    region: REGION,
    accountId: '111122223333',
    network: threeZoneNetwork(REGION),
    instances,
    settings: { provisioningSeconds: 150, ...settings },
  });
  const endpoint = new Endpoint(clock, { 'elastic-load-balancing-v2': loadBalancing }, 0);
  const caller = { principal: 'operator', isAlive: () => true };
  const client = new ElasticLoadBalancingV2Client(clientDefaults(endpoint, clock, caller, REGION));
  const events: LoadBalancingEvent[] = [];
  loadBalancing.onChange((event) => events.push(event));
  const zones = new Map<string, string>();
  loadBalancing.locateInstancesWith((id) => zones.get(id));

  const launch = (instanceId: string, zone = 'a') => {
    zones.set(instanceId, ZONES[zone] as string);
    instances.launch({ instanceId, availabilityZone: ZONES[zone] as string, privateIp: '10.0.0.4', tags: new Map() });
  };
  const createLoadBalancer = async (input: Partial<CreateLoadBalancerCommandInput> = {}) => {
    const command = new CreateLoadBalancerCommand({ Name: 'web', Subnets: ['subnet-a', 'subnet-b'], ...input });
    return (await client.send(command)).LoadBalancers?.[0]?.LoadBalancerArn as string;
  };
  const createTargetGroup = async (input: Partial<CreateTargetGroupCommandInput> = {}) => {
    const command = new CreateTargetGroupCommand({
      Name: 'app',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: 'vpc-1',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      ...input,
    });
    return (await client.send(command)).TargetGroups?.[0]?.TargetGroupArn as string;
  };
  const forward = async (loadBalancerArn: string, targetGroupArn: string, port = 80) => {
    const command = new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    return (await client.send(command)).Listeners?.[0]?.ListenerArn as string;
  };
  const register = (targetGroupArn: string, ...ids: string[]) =>
    client.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }));
  const deregister = (targetGroupArn: string, ...ids: string[]) =>
    client.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: ids.map((Id) => ({ Id })) }));
  const health = async (targetGroupArn: string) => {
    const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
    return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) =>
      [Target?.Id, TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
    );
  };
  /** A load balancer that is active, with a target group in use. */
  const serving = async () => {
    const loadBalancerArn = await createLoadBalancer();
    const targetGroupArn = await createTargetGroup();
    const listenerArn = await forward(loadBalancerArn, targetGroupArn);
    await clock.advance(150);
    return { loadBalancerArn, targetGroupArn, listenerArn };
  };
  return {
    ...{ clock, instances, loadBalancing, client, events, launch, createLoadBalancer, createTargetGroup },
    ...{ forward, register, deregister, health, serving, zones },
  };
}

describe('load balancers', () => {
  test('are provisioning for minutes before they are active', async () => {
    const { clock, client, createLoadBalancer, events } = setUp();
    await createLoadBalancer();
    const state = async () => (await client.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.[0]?.State?.Code;
    await clock.advance(149);
    expect(await state()).toBe('provisioning');
    await clock.advance(1);
    expect(await state()).toBe('active');
    expect(events.map((event) => event.type)).toEqual(['load-balancer-active']);
  });

  test('created again with the same settings are the same one, and keep their tags', async () => {
    const { client, createLoadBalancer } = setUp();
    const arn = await createLoadBalancer({ Tags: [{ Key: 'owner', Value: 'first' }] });
    expect(await createLoadBalancer({ Tags: [{ Key: 'owner', Value: 'second' }] })).toBe(arn);
    const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
    expect(TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'owner', Value: 'first' }]);
  });

  test('created again with other settings are refused', async () => {
    const { createLoadBalancer } = setUp();
    await createLoadBalancer();
    await expect(createLoadBalancer({ Scheme: 'internal' })).rejects.toMatchObject({
      name: 'DuplicateLoadBalancerNameException',
      message: "A load balancer with the same name 'web' exists, but with different settings",
    });
  });

  test.each([['a'.repeat(33)], ['with_underscore'], ['-leading'], ['trailing-'], ['internal-web']])(
    'refuse the name %s',
    async (Name) => {
      const { createLoadBalancer } = setUp();
      await expect(createLoadBalancer({ Name })).rejects.toMatchObject({ name: 'ValidationError' });
    },
  );

  test('need subnets that exist, in two zones', async () => {
    const { createLoadBalancer } = setUp();
    await expect(createLoadBalancer({ Subnets: ['subnet-a', 'subnet-x'] })).rejects.toMatchObject({
      name: 'SubnetNotFoundException',
    });
    await expect(createLoadBalancer({ Subnets: ['subnet-a'] })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('take other subnets in place of theirs; what is in a zone that is left out is not used any more', async () => {
    const { clock, client, launch, register, health, serving } = setUp();
    const { loadBalancerArn: LoadBalancerArn, targetGroupArn } = await serving();
    for (const [id, zone] of [
      ['i-1', 'a'],
      ['i-2', 'c'],
    ] as const)
      launch(id, zone);
    await register(targetGroupArn, 'i-1', 'i-2');
    await clock.advance(11);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy', 'i-2 unused Target.NotInUse']);
    const set = (...Subnets: string[]) => client.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets }));
    const { AvailabilityZones } = await set('subnet-b', 'subnet-c');
    expect(AvailabilityZones?.map(({ SubnetId }) => SubnetId)).toEqual(['subnet-b', 'subnet-c']);
    await clock.advance(11);
    expect(await health(targetGroupArn)).toEqual(['i-1 unused Target.NotInUse', 'i-2 healthy']);
    await expect(set('subnet-b')).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(set('subnet-b', 'subnet-x')).rejects.toMatchObject({ name: 'SubnetNotFoundException' });
  });

  test('are limited in number, and the limits can be asked', async () => {
    const { client, createLoadBalancer } = setUp({ applicationLoadBalancerLimit: 1 });
    await createLoadBalancer();
    await expect(createLoadBalancer({ Name: 'second' })).rejects.toMatchObject({
      name: 'TooManyLoadBalancersException',
    });
    const { Limits } = await client.send(new DescribeAccountLimitsCommand({}));
    expect(Limits).toContainEqual({ Name: 'application-load-balancers', Max: '1' });
    expect(Limits).toContainEqual({ Name: 'target-groups', Max: '3000' });
  });

  test('with deletion protection cannot be deleted', async () => {
    const { client, createLoadBalancer } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const protect = (Value: string) => [{ Key: 'deletion_protection.enabled', Value }];
    await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: protect('true') }));
    await expect(client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }))).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
    });
    await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: protect('false') }));
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    const described = client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }));
    await expect(described).rejects.toMatchObject({ name: 'LoadBalancerNotFoundException' });
  });

  test('are described page by page, 400 at most, and 20 by name', async () => {
    const { client, createLoadBalancer } = setUp();
    for (const Name of ['one', 'two', 'three']) await createLoadBalancer({ Name });
    const first = await client.send(new DescribeLoadBalancersCommand({ PageSize: 2 }));
    expect(first.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['one', 'two']);
    const second = await client.send(new DescribeLoadBalancersCommand({ PageSize: 2, Marker: first.NextMarker }));
    expect(second.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['three']);
    expect(second.NextMarker).toBeUndefined();
    await expect(client.send(new DescribeLoadBalancersCommand({ PageSize: 401 }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    const names = Array.from({ length: 21 }, (_, index) => `name-${index}`);
    await expect(client.send(new DescribeLoadBalancersCommand({ Names: names }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  test('refuse what this embedded AWS does not do', async () => {
    const { client, createLoadBalancer } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const moved = client.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'dualstack' }));
    await expect(moved).rejects.toMatchObject({ name: 'UnknownOperationException' });
    await expect(createLoadBalancer({ Name: 'gateway', Type: 'gateway' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(createLoadBalancer({ Name: 'pool', CustomerOwnedIpv4Pool: 'p' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});

describe('target groups', () => {
  test('created again are the same with the same settings, and refused with others', async () => {
    const { createTargetGroup } = setUp();
    const arn = await createTargetGroup();
    expect(await createTargetGroup()).toBe(arn);
    await expect(createTargetGroup({ Port: 9090 })).rejects.toMatchObject({
      name: 'DuplicateTargetGroupNameException',
    });
  });

  test('cannot be deleted while a rule refers to them, nor in the moments after their load balancer is deleted', async () => {
    const { clock, client, createLoadBalancer, createTargetGroup } = setUp({ releaseSeconds: 3 });
    const LoadBalancerArn = await createLoadBalancer();
    const TargetGroupArn = await createTargetGroup();
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      }),
    );
    await client.send(
      new CreateRuleCommand({
        ListenerArn: Listeners?.[0]?.ListenerArn,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/app/*'] }],
        Actions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    const remove = () => client.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await clock.advance(3);
    await remove();
    await expect(
      client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] })),
    ).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
  });

  test('belong to one load balancer at most', async () => {
    const { client, createLoadBalancer, createTargetGroup, forward } = setUp();
    const first = await createLoadBalancer();
    const second = await createLoadBalancer({ Name: 'other' });
    const targetGroupArn = await createTargetGroup();
    await forward(first, targetGroupArn);
    await forward(first, targetGroupArn, 81);
    await expect(forward(second, targetGroupArn)).rejects.toMatchObject({
      name: 'TargetGroupAssociationLimitException',
    });
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: first }));
    expect(TargetGroups?.map((one) => one.LoadBalancerArns)).toEqual([[first]]);
  });

  test('have a deregistration delay of 0 to 3600 seconds, 300 by default', async () => {
    const { client, createTargetGroup } = setUp();
    const TargetGroupArn = await createTargetGroup();
    const { Attributes } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '300' });
    for (const [Key, Value] of [
      ['deregistration_delay.timeout_seconds', '3601'],
      ['no.such.key', '1'],
    ]) {
      const change = new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] });
      await expect(client.send(change)).rejects.toThrow();
    }
  });

  test('refuse health checks that cannot be', async () => {
    const { createTargetGroup } = setUp();
    await expect(createTargetGroup({ HealthCheckTimeoutSeconds: 10 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(createTargetGroup({ HealthCheckIntervalSeconds: 4 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(createTargetGroup({ Matcher: { HttpCode: 'fine' } })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});

describe('listeners and rules', () => {
  const fixedResponse = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } }];

  test('one port has one listener, and HTTPS needs a certificate', async () => {
    const { client, createLoadBalancer } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const create = (Protocol: 'HTTP' | 'HTTPS', CertificateArn?: string) =>
      client.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol,
          Port: 443,
          DefaultActions: fixedResponse,
          ...(CertificateArn ? { Certificates: [{ CertificateArn }] } : {}),
        }),
      );
    await expect(create('HTTPS')).rejects.toMatchObject({ name: 'CertificateNotFoundException' });
    await create('HTTPS', 'arn:aws:acm:ap-northeast-2:111122223333:certificate/1');
    await expect(create('HTTP')).rejects.toMatchObject({ name: 'DuplicateListenerException' });
    const { Listeners } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners?.[0]).toMatchObject({ Protocol: 'HTTPS', SslPolicy: expect.any(String) });
  });

  test('rules have a condition and a priority of their own, and are read in their order, the default last', async () => {
    const { client, createLoadBalancer, createTargetGroup, loadBalancing } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const TargetGroupArn = await createTargetGroup();
    const { Listeners } = await client.send(
      new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: fixedResponse }),
    );
    const ListenerArn = Listeners?.[0]?.ListenerArn;
    const create = (Priority: number, paths: string[]) =>
      client.send(
        new CreateRuleCommand({
          ListenerArn,
          Priority,
          Conditions: paths.map((path) => ({ Field: 'path-pattern', Values: [path] })),
          Actions: [{ Type: 'forward', TargetGroupArn }],
        }),
      );
    await expect(create(1, [])).rejects.toMatchObject({ name: 'ValidationError' });
    await create(20, ['/b']);
    await create(10, ['/a']);
    await expect(create(10, ['/c'])).rejects.toMatchObject({ name: 'PriorityInUseException' });
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn }));
    expect(Rules?.map((rule) => rule.Priority)).toEqual(['10', '20', 'default']);
    expect(loadBalancing.listenersOf(LoadBalancerArn)[0]?.rules.map((rule) => rule.priority)).toEqual([
      10,
      20,
      'default',
    ]);
    await client.send(new DeleteRuleCommand({ RuleArn: Rules?.[0]?.RuleArn }));
    const last = client.send(new DeleteRuleCommand({ RuleArn: Rules?.[2]?.RuleArn }));
    await expect(last).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
  });

  test('weighted forwards keep their weights', async () => {
    const { client, createLoadBalancer, createTargetGroup } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const groups = [await createTargetGroup(), await createTargetGroup({ Name: 'canary' })];
    const TargetGroups = groups.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: index * 10 }));
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
      }),
    );
    expect(Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups).toEqual(TargetGroups);
  });

  test('actions that cannot be honoured are refused', async () => {
    const { client, createLoadBalancer } = setUp();
    const LoadBalancerArn = await createLoadBalancer();
    const command = new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'authenticate-cognito' }],
    });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('protocols', () => {
  test.each([
    ['TCP', 'TCP'],
    ['TCP', 'TCP_UDP'],
    ['TLS', 'TLS'],
    ['UDP', 'UDP'],
    ['TCP_UDP', 'TCP_UDP'],
  ] as const)('a %s listener takes a target group of %s, and checks its targets by TCP', async (listener, protocol) => {
    const { clock, client, createLoadBalancer, createTargetGroup, register, health, launch, loadBalancing } = setUp();
    const loadBalancerArn = await createLoadBalancer({ Type: 'network' });
    const arn = await createTargetGroup({ Protocol: protocol, HealthCheckPath: undefined });
    const Certificates = listener === 'TLS' ? [{ CertificateArn: 'arn:aws:acm:certificate' }] : undefined;
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }];
    const input = { LoadBalancerArn: loadBalancerArn, Protocol: listener, Port: 53, Certificates, DefaultActions };
    await client.send(new CreateListenerCommand(input));
    launch('i-1', 'b');
    await register(arn, 'i-1');
    await clock.advance(600);
    expect((await health(arn)).map((state) => JSON.stringify(state))).toEqual([expect.stringContaining('healthy')]);
    expect(loadBalancing.healthyZones(arn)).toEqual([`${REGION}b`]);
  });

  test.each([
    ['TCP', 'UDP'],
    ['TCP', 'TLS'],
    ['UDP', 'TCP'],
    ['TCP_UDP', 'TCP'],
    ['TCP', 'HTTP'],
  ] as const)('a %s listener refuses a target group of %s', async (listener, protocol) => {
    const { client, createLoadBalancer, createTargetGroup } = setUp();
    const LoadBalancerArn = await createLoadBalancer({ Type: 'network' });
    const TargetGroupArn = await createTargetGroup({ Protocol: protocol, HealthCheckPath: undefined });
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
    const command = new CreateListenerCommand({ LoadBalancerArn, Protocol: listener, Port: 53, DefaultActions });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'IncompatibleProtocolsException' });
  });

  test('HTTP/2 and gRPC need a listener that speaks TLS; gRPC has a matcher of its own', async () => {
    const { createLoadBalancer, createTargetGroup, forward } = setUp();
    const loadBalancerArn = await createLoadBalancer();
    const grpc = await createTargetGroup({ ProtocolVersion: 'GRPC', Matcher: { GrpcCode: '0-12' } });
    await expect(forward(loadBalancerArn, grpc)).rejects.toMatchObject({
      name: 'InvalidConfigurationRequestException',
    });
    await expect(createTargetGroup({ Name: 'x', Matcher: { GrpcCode: '0' } })).rejects.toThrow('does not fit');
    await expect(createTargetGroup({ Name: 'x', Protocol: 'TCP', ProtocolVersion: 'GRPC' })).rejects.toThrow(
      'protocol version',
    );
  });
});

describe('targets', () => {
  test('are no more than the account allows, nor are listeners and rules', async () => {
    const limits = {
      'targets-per-target-group': 1,
      'rules-per-application-load-balancer': 1,
      'listeners-per-application-load-balancer': 1,
    };
    const { client, createLoadBalancer, createTargetGroup, register, launch, loadBalancing } = setUp({ limits });
    for (const id of ['i-1', 'i-2']) launch(id);
    const [first, second] = await Promise.all(['one', 'two'].map((Name) => createTargetGroup({ Name })));
    await register(first ?? '', 'i-1');
    await expect(register(first ?? '', 'i-2')).rejects.toMatchObject({ name: 'TooManyTargetsException' });
    loadBalancing.register(first ?? '', ['i-2']);
    expect(loadBalancing.stateOf(first ?? '', 'i-2')).toBeUndefined();

    const LoadBalancerArn = await createLoadBalancer();
    const forward = (TargetGroupArn = '') => [{ Type: 'forward', TargetGroupArn } as const];
    const listen = (Port: number) =>
      client.send(
        new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions: forward(first) }),
      );
    const ListenerArn = (await listen(80)).Listeners?.[0]?.ListenerArn;
    await expect(listen(81)).rejects.toMatchObject({ name: 'TooManyListenersException' });
    const rule = (Priority: number, arn: string | undefined) => {
      const Conditions = [{ Field: 'path-pattern', Values: [`/${Priority}`] }];
      return client.send(new CreateRuleCommand({ ListenerArn, Priority, Conditions, Actions: forward(arn) }));
    };
    await rule(1, second);
    await expect(rule(2, second)).rejects.toMatchObject({ name: 'TooManyRulesException' });
  });

  test('are unused while no listener or rule refers to their target group', async () => {
    const { client, clock, launch, createTargetGroup, register, health, createLoadBalancer, forward } = setUp();
    launch('i-1');
    const targetGroupArn = await createTargetGroup();
    await register(targetGroupArn, 'i-1');
    await clock.advance(60);
    expect(await health(targetGroupArn)).toEqual(['i-1 unused Target.NotInUse']);
    const listenerArn = await forward(await createLoadBalancer(), targetGroupArn);
    expect(await health(targetGroupArn)).toEqual(['i-1 initial Elb.RegistrationInProgress']);
    await client.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
    expect(await health(targetGroupArn)).toEqual(['i-1 unused Target.NotInUse']);
  });

  test('are not probed before the load balancer is active; then one passed check is enough', async () => {
    const { clock, launch, createTargetGroup, register, health, createLoadBalancer, forward } = setUp();
    launch('i-1');
    const targetGroupArn = await createTargetGroup();
    await forward(await createLoadBalancer(), targetGroupArn);
    await register(targetGroupArn, 'i-1');
    await clock.advance(149);
    expect(await health(targetGroupArn)).toEqual(['i-1 initial Elb.RegistrationInProgress']);
    await clock.advance(1);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
  });

  test('in a zone that the load balancer does not have are unused', async () => {
    const { clock, launch, serving, register, health } = setUp();
    const { targetGroupArn } = await serving();
    launch('i-1', 'c');
    await register(targetGroupArn, 'i-1');
    await clock.advance(60);
    expect(await health(targetGroupArn)).toEqual(['i-1 unused Target.NotInUse']);
  });

  test('turn unhealthy and healthy again only after as many checks as the thresholds say', async () => {
    const { clock, instances, launch, serving, register, health } = setUp();
    const { targetGroupArn } = await serving();
    launch('i-1');
    await register(targetGroupArn, 'i-1');
    await clock.advance(1);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
    instances.setHealth('i-1', 500);
    await clock.advance(10);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
    await clock.advance(10);
    expect(await health(targetGroupArn)).toEqual(['i-1 unhealthy Target.ResponseCodeMismatch']);
    instances.setHealth('i-1', undefined);
    await clock.advance(10);
    expect(await health(targetGroupArn)).toEqual(['i-1 unhealthy Target.ResponseCodeMismatch']);
    await clock.advance(10);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
  });

  test('stay healthy while failed checks do not follow each other', async () => {
    const { clock, instances, launch, serving, register, health } = setUp();
    const { targetGroupArn } = await serving();
    launch('i-1');
    await register(targetGroupArn, 'i-1');
    await clock.advance(1);
    for (const status of [500, 200, 500, 200, 500]) {
      instances.setHealth('i-1', status);
      await clock.advance(10);
    }
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
  });

  test('that never passed stay initial until they have failed often enough, and say why', async () => {
    const { clock, client, instances, launch, serving, register } = setUp();
    const { targetGroupArn: TargetGroupArn } = await serving();
    for (const id of ['i-500', 'i-dead']) launch(id);
    instances.setHealth('i-500', 500);
    instances.setHealth('i-dead', 'dead');
    await register(TargetGroupArn, 'i-500', 'i-dead');
    const described = async () =>
      (await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.map(
        (one) => one.TargetHealth,
      );
    await clock.advance(1);
    expect(await described()).toEqual(
      Array(2).fill({
        State: 'initial',
        Reason: 'Elb.InitialHealthChecking',
        Description: 'Initial health checks in progress',
      }),
    );
    await clock.advance(10);
    expect(await described()).toEqual([
      {
        State: 'unhealthy',
        Reason: 'Target.ResponseCodeMismatch',
        Description: 'Health checks failed with these codes: [500]',
      },
      { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' },
    ]);
  });

  test.each([
    ['200', 302, 'unhealthy'],
    ['200,302', 302, 'healthy'],
    ['200-299', 204, 'healthy'],
    ['200-299', 300, 'unhealthy'],
  ])('matcher %s judges the status %d %s', async (HttpCode, status, state) => {
    const { clock, client, instances, launch, serving, register, health } = setUp();
    const { targetGroupArn: TargetGroupArn } = await serving();
    await client.send(new ModifyTargetGroupCommand({ TargetGroupArn, Matcher: { HttpCode } }));
    launch('i-1');
    instances.setHealth('i-1', status);
    await register(TargetGroupArn, 'i-1');
    await clock.advance(11);
    expect(await health(TargetGroupArn)).toEqual([expect.stringContaining(`i-1 ${state}`)]);
  });

  test('drain for the whole deregistration delay', async () => {
    const { clock, client, launch, serving, register, deregister, health, events } = setUp();
    const { targetGroupArn: TargetGroupArn } = await serving();
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }];
    await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    launch('i-1');
    await register(TargetGroupArn, 'i-1');
    await clock.advance(1);
    await deregister(TargetGroupArn, 'i-1');
    await clock.advance(29);
    expect(await health(TargetGroupArn)).toEqual(['i-1 draining Target.DeregistrationInProgress']);
    await clock.advance(1);
    expect(await health(TargetGroupArn)).toEqual([]);
    expect(events.flatMap((event) => (event.type === 'target' ? [event.state] : []))).toEqual([
      'initial',
      'healthy',
      'draining',
      'deregistered',
    ]);
  });

  test('go at once with a delay of 0, and from a target group that is not in use', async () => {
    const { clock, client, launch, serving, createTargetGroup, register, deregister, health } = setUp();
    const { targetGroupArn } = await serving();
    const unused = await createTargetGroup({ Name: 'unused' });
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }];
    await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn, Attributes }));
    launch('i-1');
    for (const arn of [targetGroupArn, unused]) {
      await register(arn, 'i-1');
      await clock.advance(1);
      await deregister(arn, 'i-1');
      expect(await health(arn)).toEqual([]);
    }
  });

  test('registered again while they drain start anew', async () => {
    const { clock, launch, serving, register, deregister, health } = setUp();
    const { targetGroupArn } = await serving();
    launch('i-1');
    await register(targetGroupArn, 'i-1');
    await clock.advance(1);
    await deregister(targetGroupArn, 'i-1');
    await clock.advance(100);
    await register(targetGroupArn, 'i-1');
    await clock.advance(300);
    expect(await health(targetGroupArn)).toEqual(['i-1 healthy']);
  });

  test('that do not run are refused, and those that are not registered are described as such', async () => {
    const { client, serving, register } = setUp();
    const { targetGroupArn: TargetGroupArn } = await serving();
    await expect(register(TargetGroupArn, 'i-none')).rejects.toMatchObject({ name: 'InvalidTargetException' });
    const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: 'i-none' }] }));
    expect(answer.TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });

  test('whose instances are terminated are in no state to be used, until somebody deregisters them', async () => {
    const { clock, instances, launch, register, deregister, health, serving, zones } = setUp();
    const { targetGroupArn } = await serving();
    launch('i-1');
    await register(targetGroupArn, 'i-1');
    await clock.advance(11);
    instances.terminate('i-1');
    zones.delete('i-1');
    await clock.advance(60);
    expect(await health(targetGroupArn)).toEqual(['i-1 unused Target.InvalidState']);
    await expect(register(targetGroupArn, 'i-1')).rejects.toMatchObject({ name: 'InvalidTargetException' });
    await deregister(targetGroupArn, 'i-1');
    await clock.advance(301);
    expect(await health(targetGroupArn)).toEqual([]);
  });

  test('get traffic while they are healthy; when none is, all of them do', async () => {
    const { clock, instances, loadBalancing, launch, serving, register } = setUp();
    const { targetGroupArn } = await serving();
    for (const id of ['i-1', 'i-2']) launch(id);
    await register(targetGroupArn, 'i-1', 'i-2');
    instances.setHealth('i-1', 500);
    await clock.advance(11);
    expect(loadBalancing.routableTargets(targetGroupArn)).toEqual([{ instanceId: 'i-2', port: 8080, share: 1 }]);
    instances.setHealth('i-2', 500);
    await clock.advance(20);
    expect(loadBalancing.routableTargets(targetGroupArn).map((target) => target.instanceId)).toEqual(['i-1', 'i-2']);
  });

  test('of a network load balancer take minutes to be taken in, and need the whole threshold', async () => {
    const { clock, client, launch, createLoadBalancer, createTargetGroup, register, health } = setUp({
      networkRegistrationSeconds: 120,
    });
    launch('i-1');
    const LoadBalancerArn = await createLoadBalancer({ Name: 'net', Type: 'network', Subnets: ['subnet-a'] });
    const TargetGroupArn = await createTargetGroup({ Name: 'tcp', Protocol: 'TCP', HealthCheckPath: undefined });
    await client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'TCP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    await clock.advance(150);
    await register(TargetGroupArn, 'i-1');
    await clock.advance(119);
    expect(await health(TargetGroupArn)).toEqual(['i-1 initial Elb.RegistrationInProgress']);
    await clock.advance(2);
    expect(await health(TargetGroupArn)).toEqual(['i-1 initial Elb.InitialHealthChecking']);
    await clock.advance(10);
    expect(await health(TargetGroupArn)).toEqual(['i-1 healthy']);
  });
});

test('tags: 20 resources a call', async () => {
  const { client, createLoadBalancer } = setUp();
  const arn = await createLoadBalancer();
  await client.send(new AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key: 'task', Value: 'WAS' }] }));
  const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
  expect(TagDescriptions).toEqual([{ ResourceArn: arn, Tags: [{ Key: 'task', Value: 'WAS' }] }]);
  const tooMany = client.send(new DescribeTagsCommand({ ResourceArns: Array(21).fill(arn) }));
  await expect(tooMany).rejects.toMatchObject({ name: 'ValidationError' });
});

describe('a listener that is modified', () => {
  test('forwards to another target group, whose targets are checked from then on, and the others no more', async () => {
    const { clock, client, launch, register, health, serving, createTargetGroup } = setUp();
    const { listenerArn: ListenerArn, targetGroupArn } = await serving();
    const other = await createTargetGroup({ Name: 'other' });
    launch('i-1');
    await register(targetGroupArn, 'i-1');
    await register(other, 'i-1');
    await clock.advance(11);
    expect([await health(targetGroupArn), await health(other)].flat()).toEqual([
      'i-1 healthy',
      'i-1 unused Target.NotInUse',
    ]);
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: other }];
    const { Listeners } = await client.send(new ModifyListenerCommand({ ListenerArn, DefaultActions, Port: 8080 }));
    expect(Listeners).toMatchObject([
      { ListenerArn, Port: 8080, Protocol: 'HTTP', DefaultActions: [{ TargetGroupArn: other }] },
    ]);
    await clock.advance(11);
    expect([await health(targetGroupArn), await health(other)].flat()).toEqual([
      'i-1 unused Target.NotInUse',
      'i-1 healthy',
    ]);
    await client.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroupArn }));
  });

  test('is refused what a new one is refused', async () => {
    const { client, forward, serving } = setUp();
    const { listenerArn: ListenerArn, loadBalancerArn, targetGroupArn } = await serving();
    await forward(loadBalancerArn, targetGroupArn, 81);
    const modify = (change: object) => client.send(new ModifyListenerCommand({ ListenerArn, ...change }));
    await expect(modify({ Port: 81 })).rejects.toMatchObject({ name: 'DuplicateListenerException' });
    await expect(modify({ Protocol: 'HTTPS' })).rejects.toMatchObject({ name: 'CertificateNotFoundException' });
    await expect(modify({ Protocol: 'TCP' })).rejects.toMatchObject({ name: 'ValidationError' });
    const unknown = client.send(new ModifyListenerCommand({ ListenerArn: `${ListenerArn}0`, Port: 82 }));
    await expect(unknown).rejects.toMatchObject({ name: 'ListenerNotFoundException' });
    await modify({ Port: 80 });
  });
});
