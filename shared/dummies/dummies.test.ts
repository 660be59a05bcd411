/** The clones: named, tagged, always internal, found again, and never somebody else's. */
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicCommand,
  type CreateLoadBalancerCommandInput as CreateClassicCommandInput,
  ElasticLoadBalancingClient,
  type LoadBalancerDescription,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { ClassicLoadBalancers } from '../fleet/classic';
import { dummyName, NoFreeName, type Ownership } from '../fleet/dummy-identity';
import { LoadBalancers } from '../fleet/load-balancers';
import { Dummies } from './dummies';
import { UnreadableClones } from './unreadable-clones';

const OWNERSHIP: Ownership = {
  task: 'WAS',
  deploymentId: '20300101T000000Z-1a2b3c',
  stack: 'arn:aws:events:eu-central-1:123456789012:event-bus/bluegreen-dev',
  createdAt: '2030-01-01T00:00:00.000Z',
};

function setUp() {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances });
  const client = new ElasticLoadBalancingV2Client(aws.operator);
  const classicClient = new ElasticLoadBalancingClient(aws.operator);
  const loadBalancers = new LoadBalancers(client, new ClassicLoadBalancers(classicClient));
  const run = <Result>(program: Promise<Result>) => clock.run(program);
  const dummiesOf = (changes: Partial<Ownership> = {}, before: Readonly<Record<string, string>> = {}) =>
    new Dummies(
      loadBalancers,
      { ...OWNERSHIP, ...changes },
      new Map(),
      new UnreadableClones(before, () => clock.now()),
    );

  const createLoadBalancer = async (input: Partial<CreateLoadBalancerCommandInput> = {}): Promise<LoadBalancer> => {
    const subnets = [...aws.network.zoneOfSubnet.keys()].slice(0, 2);
    const command = new CreateLoadBalancerCommand({
      Name: 'web',
      Subnets: subnets,
      SecurityGroups: ['sg-1'],
      ...input,
    });
    return only((await run(client.send(command))).LoadBalancers);
  };
  const createTargetGroup = async (input: Partial<CreateTargetGroupCommandInput> = {}): Promise<TargetGroup> => {
    const defaults = { Name: 'app', Protocol: 'HTTP', Port: 8080, VpcId: aws.network.vpcId } as const;
    return only((await run(client.send(new CreateTargetGroupCommand({ ...defaults, ...input })))).TargetGroups);
  };
  const loadBalancer = async (arn: string) =>
    only((await run(client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] })))).LoadBalancers);
  const targetGroup = async (arn: string) =>
    only((await run(client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })))).TargetGroups);
  const targetGroups = async () => (await run(client.send(new DescribeTargetGroupsCommand({})))).TargetGroups ?? [];
  const tags = async (arn: string) => {
    const answer = await run(client.send(new DescribeTagsCommand({ ResourceArns: [arn] })));
    return Object.fromEntries(only(answer.TagDescriptions).Tags?.map(({ Key = '', Value }) => [Key, Value]) ?? []);
  };
  return {
    ...{ clock, aws, client, classicClient, loadBalancers, run, dummiesOf, createLoadBalancer, createTargetGroup },
    ...{ loadBalancer, targetGroup, targetGroups, tags },
  };
}

function only<Item>(items: Item[] | undefined): Item {
  if (items?.length !== 1 || items[0] === undefined) throw new Error(`not one but ${items?.length}`);
  return items[0];
}

/** What has no tags has none: it has been looked for long enough, by whatever name. */
const LONG_AGO: Readonly<Record<string, string>> = new Proxy({}, { get: () => '2029-12-31T00:00:00.000Z' });

describe('a name', () => {
  test('is valid for load balancers of every kind, whatever it is made from', () => {
    for (let attempt = 0; attempt < 15; attempt++) {
      expect(dummyName('x'.repeat(64), '한글/arn', attempt)).toMatch(/^deploycheck-[a-z0-9-]{0,19}[a-z0-9]$/);
    }
  });

  test('is another for each deployment, original and attempt, and the same when made again', () => {
    const names = ['d1', 'd2'].flatMap((id) =>
      ['arn1', 'arn2'].flatMap((arn) => [0, 1].map((n) => dummyName(id, arn, n))),
    );
    expect(new Set(names).size).toBe(8);
    expect(dummyName('d1', 'arn1', 0)).toBe(names[0]);
  });
});

describe('the clone of a load balancer', () => {
  test('stands where the original stands, but is internal, and can be deleted', async () => {
    const { client, loadBalancers, run, dummiesOf, createLoadBalancer, loadBalancer, tags } = setUp();
    const original = await createLoadBalancer({ Scheme: 'internet-facing', SecurityGroups: ['sg-1', 'sg-2'] });
    const protection = [{ Key: 'deletion_protection.enabled', Value: 'true' }];
    const { LoadBalancerArn } = original;
    await run(client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: protection })));

    const arn = await run(dummiesOf().cloneLoadBalancer({ loadBalancer: original }));
    const clone = await loadBalancer(arn);
    const { Type, SecurityGroups, VpcId, IpAddressType } = original;
    expect(clone).toMatchObject({ Type, SecurityGroups, VpcId, IpAddressType, Scheme: 'internal' });
    const subnets = (of: LoadBalancer) => of.AvailabilityZones?.map(({ SubnetId }) => SubnetId);
    expect(subnets(clone)).toEqual(subnets(original));
    expect(await tags(arn)).toEqual({
      'bluegreen:task': 'WAS',
      'bluegreen:deployment': OWNERSHIP.deploymentId,
      'bluegreen:stack': OWNERSHIP.stack,
      'bluegreen:created': OWNERSHIP.createdAt,
    });
    await run(loadBalancers.deleteDummyLoadBalancer(arn));
    await expect(run(loadBalancers.deleteDummyLoadBalancer(LoadBalancerArn ?? ''))).rejects.toThrow('is not a dummy');
  });

  test('carries the task as far as a tag can', async () => {
    const { run, dummiesOf, createLoadBalancer, tags } = setUp();
    const arn = await run(
      dummiesOf({ task: '결제 (WAS) & co' }).cloneLoadBalancer({ loadBalancer: await createLoadBalancer() }),
    );
    expect(await tags(arn)).toMatchObject({
      'bluegreen:task': expect.stringMatching(/^결제 _WAS_ _ co:[0-9a-f]{24}$/),
    });
  });
});

describe('the clone of a target group', () => {
  const CHECK = {
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: '8081',
    HealthCheckPath: '/health?deep=1',
    HealthCheckIntervalSeconds: 7,
    HealthCheckTimeoutSeconds: 3,
    HealthyThresholdCount: 3,
    UnhealthyThresholdCount: 4,
    Matcher: { HttpCode: '200,204' },
  } as const;

  test.each<[string, Partial<CreateTargetGroupCommandInput>]>([
    ['HTTP', CHECK],
    ['HTTPS', { Protocol: 'HTTPS', Port: 8443 }],
    ['HTTP2', { ProtocolVersion: 'HTTP2', ...CHECK }],
  ])('is checked as the original is, and lets go of targets at once (%s)', async (_, input) => {
    const { client, run, dummiesOf, createTargetGroup, targetGroup } = setUp();
    const original = await createTargetGroup(input);
    const arn = await run(dummiesOf().cloneTargetGroup(original));
    const { TargetGroupArn, TargetGroupName, ...settings } = original;
    expect(await targetGroup(arn)).toMatchObject(settings);
    const attributes = await run(client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })));
    expect(attributes.Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '0' });
  });

  test('is found again by a repeated invocation, and is another for another deployment', async () => {
    const { run, dummiesOf, createTargetGroup, targetGroups } = setUp();
    const original = await createTargetGroup();
    const arn = await run(dummiesOf().cloneTargetGroup(original));
    expect(await run(dummiesOf().cloneTargetGroup(original))).toBe(arn);
    expect(await targetGroups()).toHaveLength(2);
    expect(await run(dummiesOf({ deploymentId: 'next' }).cloneTargetGroup(original))).not.toBe(arn);
  });
});

describe('the clone of a target group of a Network Load Balancer', () => {
  test.each(['true', 'false'])('speaks the proxy protocol as the original does (%s)', async (Value) => {
    const { client, run, dummiesOf, createTargetGroup } = setUp();
    const original = await createTargetGroup({ Protocol: 'TCP' });
    const Attributes = [{ Key: 'proxy_protocol_v2.enabled', Value }];
    const { TargetGroupArn } = original;
    await run(client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes })));
    const arn = await run(dummiesOf().cloneTargetGroup(original));
    const clone = await run(client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })));
    expect(clone.Attributes).toContainEqual(Attributes[0]);
  });
});

describe('the clone of a Classic Load Balancer', () => {
  const CHECK = { Target: 'HTTP:8080/health', Interval: 7, Timeout: 3, UnhealthyThreshold: 4, HealthyThreshold: 5 };

  async function withOriginal() {
    const world = setUp();
    const { classicClient, run, loadBalancers } = world;
    const create = (input: Partial<CreateClassicCommandInput>) => {
      const Listeners = [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }];
      const defaults = {
        LoadBalancerName: 'old',
        Listeners,
        Subnets: ['subnet-a', 'subnet-b'],
        SecurityGroups: ['sg-1'],
      };
      return run(classicClient.send(new CreateClassicCommand({ ...defaults, ...input })));
    };
    await create({});
    await run(classicClient.send(new ConfigureHealthCheckCommand({ LoadBalancerName: 'old', HealthCheck: CHECK })));
    const read = async (name: string) =>
      (await run(loadBalancers.classic.loadBalancers([name]))).get(name) as LoadBalancerDescription;
    return { ...world, create, read, original: await read('old') };
  }

  test('stands where the original stands and is checked as it is, but is internal, and its own', async () => {
    const { run, dummiesOf, read, original, loadBalancers } = await withOriginal();
    const name = await run(dummiesOf().cloneClassic(original));
    const { Subnets, SecurityGroups, HealthCheck } = original;
    expect(await read(name)).toMatchObject({ Subnets, SecurityGroups, HealthCheck, Scheme: 'internal' });
    expect(await run(loadBalancers.classic.tags(name))).toMatchObject({
      'bluegreen:deployment': OWNERSHIP.deploymentId,
      'bluegreen:stack': OWNERSHIP.stack,
    });
    expect(await run(dummiesOf().cloneClassic(original))).toBe(name);
    await run(loadBalancers.deleteDummy({ kind: 'classic', identifier: name }));
    await run(loadBalancers.deleteDummy({ kind: 'classic', identifier: name }));
    expect(await read(name)).toBeUndefined();
    const real = { kind: 'classic', identifier: 'old' } as const;
    await expect(run(loadBalancers.deleteDummy(real))).rejects.toThrow('is not a dummy');
  });

  test('is found again though the original has changed meanwhile', async () => {
    const { run, dummiesOf, original } = await withOriginal();
    const name = await run(dummiesOf().cloneClassic(original));
    expect(await run(dummiesOf().cloneClassic({ ...original, SecurityGroups: ['sg-2'] }))).toBe(name);
  });

  test('leaves what is not ours alone, takes the next name, and gives up after fifteen', async () => {
    const { run, dummiesOf, create, read, original } = await withOriginal();
    const names = Array.from({ length: 15 }, (_, attempt) => dummyName(OWNERSHIP.deploymentId, 'old', attempt));
    await create({ LoadBalancerName: names[0] });
    expect(await run(dummiesOf({}, LONG_AGO).cloneClassic(original))).toBe(names[1]);
    expect((await read(names[0] ?? '')).HealthCheck).not.toEqual(CHECK);
    for (const LoadBalancerName of names.slice(2)) await create({ LoadBalancerName });
    const another = dummiesOf({ stack: 'another' }, LONG_AGO);
    await expect(run(another.cloneClassic(original))).rejects.toThrow(NoFreeName);
  });
});

describe('a name that is taken', () => {
  const { deploymentId } = OWNERSHIP;

  test.each<[string, Partial<CreateTargetGroupCommandInput>]>([
    ['with the same settings', {}],
    ['with other settings', { Port: 9999 }],
    [
      'by another stack’s dummy of a deployment with the same id',
      { Tags: [{ Key: 'bluegreen:deployment', Value: deploymentId }] },
    ],
  ])('by a target group %s is left alone, and the next name taken', async (_, input) => {
    const { run, dummiesOf, createTargetGroup, targetGroup, tags } = setUp();
    const original = await createTargetGroup();
    const name = dummyName(deploymentId, original.TargetGroupArn ?? '', 0);
    const { TargetGroupArn: foreign = '' } = await createTargetGroup({ Name: name, ...input });
    const before = [await targetGroup(foreign), await tags(foreign)];
    const arn = await run(dummiesOf({}, LONG_AGO).cloneTargetGroup(original));
    expect((await targetGroup(arn)).TargetGroupName).toBe(dummyName(deploymentId, original.TargetGroupArn ?? '', 1));
    expect(await run(dummiesOf({}, LONG_AGO).cloneTargetGroup(original))).toBe(arn);
    expect([await targetGroup(foreign), await tags(foreign)]).toEqual(before);
  });

  test('by a load balancer with the same settings is left alone, and the next name taken', async () => {
    const { run, dummiesOf, createLoadBalancer, loadBalancer, tags } = setUp();
    const original = await createLoadBalancer({ Scheme: 'internal' });
    const [first, second] = [0, 1].map((attempt) => dummyName(deploymentId, original.LoadBalancerArn ?? '', attempt));
    const foreign = await createLoadBalancer({ Name: first, Scheme: 'internal' });
    const arn = await run(dummiesOf({}, LONG_AGO).cloneLoadBalancer({ loadBalancer: original }));
    expect((await loadBalancer(arn)).LoadBalancerName).toBe(second);
    expect(await tags(foreign.LoadBalancerArn ?? '')).toEqual({});
  });

  test('by what has no tags, for all that is known, is left alone and looked at again for five minutes', async () => {
    const { run, clock, dummiesOf, createTargetGroup, targetGroups, tags } = setUp();
    const original = await createTargetGroup();
    const name = dummyName(deploymentId, original.TargetGroupArn ?? '', 0);
    const { TargetGroupArn: foreign = '' } = await createTargetGroup({ Name: name });
    const since = { [name]: clock.now().toISOString() };
    expect(await run(dummiesOf({}, since).cloneTargetGroup(original))).toBe(foreign);
    expect(await tags(foreign)).toEqual({});
    expect(await targetGroups()).toHaveLength(2);
    await clock.advance(300);
    expect(await run(dummiesOf({}, since).cloneTargetGroup(original))).not.toBe(foreign);
  });

  test('fifteen times over is given up, permanently', async () => {
    const { run, dummiesOf, createTargetGroup, targetGroups } = setUp();
    const original = await createTargetGroup();
    const names = Array.from({ length: 15 }, (_, n) => dummyName(deploymentId, original.TargetGroupArn ?? '', n));
    for (const Name of names) await createTargetGroup({ Name });
    const cloning = run(dummiesOf({}, LONG_AGO).cloneTargetGroup(original));
    await expect(cloning).rejects.toMatchObject({ name: 'NoFreeName', $fault: 'client' });
    await expect(cloning).rejects.toThrow(NoFreeName);
    expect(await targetGroups()).toHaveLength(16);
  });
});

describe('the listeners of a clone', () => {
  /** A load balancer with these target groups, cloned with its listeners as often as asked. */
  async function listening(
    inputs: Partial<CreateTargetGroupCommandInput>[],
    { times = 1, ...settings }: { times?: number } & Partial<CreateLoadBalancerCommandInput> = {},
  ) {
    const world = setUp();
    const { client, run, dummiesOf, createLoadBalancer, createTargetGroup, targetGroup } = world;
    const targetGroups: TargetGroup[] = [];
    for (const [index, input] of inputs.entries()) {
      targetGroups.push(await createTargetGroup({ Name: `app-${index}`, ...input }));
    }
    const original = {
      loadBalancer: await createLoadBalancer(settings),
      targetGroups,
      certificateArn: 'arn:aws:acm:certificate',
    };
    let clones: string[] = [];
    let arn = '';
    for (let time = 0; time < times; time++) {
      arn = await run(dummiesOf().cloneLoadBalancer(original));
      clones = [];
      for (const one of targetGroups) clones.push(await run(dummiesOf().cloneTargetGroup(one)));
      await run(dummiesOf().listen(original, arn, clones));
    }
    const { Listeners = [] } = await run(client.send(new DescribeListenersCommand({ LoadBalancerArn: arn })));
    const rulesOf = async (ListenerArn?: string) => {
      const { Rules = [] } = await run(client.send(new DescribeRulesCommand({ ListenerArn })));
      return Rules.filter(({ IsDefault }) => !IsDefault).flatMap(({ Actions }) => only(Actions).TargetGroupArn ?? '');
    };
    const rules = [];
    for (const { ListenerArn } of Listeners) rules.push(await rulesOf(ListenerArn));
    const refersTo = [];
    for (const clone of clones) refersTo.push((await targetGroup(clone)).LoadBalancerArns);
    return { arn, clones, listeners: Listeners, rules, refersTo };
  }

  test('answer 503 themselves, and refer to every target group, so that each is checked', async () => {
    const { arn, clones, listeners, rules, refersTo } = await listening([{}, {}, {}]);
    expect(listeners).toMatchObject([
      { Protocol: 'HTTP', Port: 80, DefaultActions: [{ FixedResponseConfig: { StatusCode: '503' } }] },
    ]);
    expect(rules).toEqual([clones]);
    expect(refersTo).toEqual([[arn], [arn], [arn]]);
  });

  test('speak TLS, with the certificate of the original, where a target group needs it', async () => {
    const { clones, listeners, rules } = await listening([
      {},
      { ProtocolVersion: 'GRPC' },
      { ProtocolVersion: 'HTTP2' },
    ]);
    expect(listeners.map(({ Protocol, Port }) => [Protocol, Port])).toEqual([
      ['HTTP', 80],
      ['HTTPS', 443],
    ]);
    expect(listeners[1]?.Certificates).toEqual([{ CertificateArn: 'arn:aws:acm:certificate' }]);
    expect(rules).toEqual([[clones[0]], [clones[1], clones[2]]]);
  });

  test('of a Network Load Balancer are one per target group, in its protocol', async () => {
    const protocols = ['TCP', 'TLS', 'UDP', 'TCP_UDP'] as const;
    const { clones, listeners, refersTo, arn } = await listening(
      protocols.map((Protocol) => ({ Protocol })),
      { times: 2, Type: 'network' },
    );
    expect(listeners.map(({ Protocol }) => Protocol)).toEqual(protocols);
    expect(listeners.map(({ DefaultActions }) => only(DefaultActions).TargetGroupArn)).toEqual(clones);
    expect(listeners.map(({ Certificates }) => Certificates?.length ?? 0)).toEqual([0, 1, 0, 0]);
    expect(refersTo).toEqual([[arn], [arn], [arn], [arn]]);
  });

  test('for UDP are made on a dual-stack clone too', async () => {
    const dualStack = { Type: 'network', IpAddressType: 'dualstack', EnablePrefixForIpv6SourceNat: 'on' } as const;
    const { listeners } = await listening([{ Protocol: 'UDP' }], dualStack);
    expect(listeners).toMatchObject([{ Protocol: 'UDP' }]);
  });

  test('are made once, however often the invocation is repeated', async () => {
    const { clones, listeners, rules } = await listening([{}, {}], { times: 2 });
    expect(listeners).toHaveLength(1);
    expect(rules).toEqual([clones]);
  });
});
