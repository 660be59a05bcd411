/** The awkward cases of load balancers, each by itself; tests/pipeline/fleets.test.ts mixes them at random. */
import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
  AutoScalingClient,
  DetachLoadBalancerTargetGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLoadBalancerCommand as CreateClassicCommand,
  DeleteLoadBalancerCommand as DeleteClassicCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FleetDescription } from '../../local/example/fleet';
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { AwsError } from '../../local/kernel/service';
import { World, type WorldOptions } from '../harness/world';

const application: LoadBalancerDescription = {
  kind: 'application',
  way: 'direct',
  isAcrossZones: true,
  targetGroups: [{ protocol: 'HTTP' }],
};
const network: LoadBalancerDescription = {
  kind: 'network',
  way: 'direct',
  isAcrossZones: false,
  targetGroups: [{ protocol: 'TCP' }],
};
const classic: LoadBalancerDescription = { kind: 'classic', way: 'direct', isAcrossZones: false, targetGroups: [] };

/** A Network Load Balancer takes two minutes to take a target in: a step has to be longer. */
function worldOf(fleet: Partial<FleetDescription>, options: WorldOptions = {}): Promise<World> {
  return World.quick({ ...options, fleet, parameters: { CycleSeconds: '210', ...options.parameters } });
}

/** Deploys a new war and answers what ended it: `code: message`, or the event's type. */
async function deploy(world: World): Promise<string> {
  const after = world.events.length;
  await world.upload('app.war', { version: '2' });
  const ended = () =>
    world.events.slice(after).find((event) => /^(Completed|Failed|Refused)$/.test(event['detail-type']));
  await world.clock.runUntil(() => ended() !== undefined, 2 * 3600);
  const event = ended();
  return event?.['detail-type'] === 'Completed' ? 'Completed' : `${event?.detail.code}: ${event?.detail.message}`;
}

describe('a fleet', () => {
  test('of a hundred protected instances deploys', async () => {
    const world = await worldOf({ instances: 100, maximum: 120, areProtected: true });
    expect(await deploy(world)).toBe('Completed');
    await world.clock.advance(60); // the last of them are terminating
    expect((await world.group(world.fleet.activeGroup)).Instances).toEqual([]);
    expect((await world.group(world.fleet.standByGroup)).Instances).toHaveLength(100);
  });

  test.each(['direct', 'traffic-source'] as const)(
    'behind more target groups than one call attaches (%s) deploys',
    async (way) => {
      const targetGroups = Array.from({ length: 11 }, () => ({ protocol: 'HTTP' }) as const);
      const world = await worldOf({ loadBalancers: [{ ...application, way, targetGroups }], instances: 1 });
      expect(await deploy(world)).toBe('Completed');
      const arns = (await world.group(world.fleet.standByGroup)).TargetGroupARNs;
      expect(arns?.sort()).toEqual([...world.fleet.targetGroupArns].sort());
    },
  );

  test('with a target group that no listener refers to gets it attached as it is, and the mail says so', async () => {
    const idle = { ...application, targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTP', isIdle: true }] } as const;
    const world = await worldOf({ loadBalancers: [{ ...idle, targetGroups: [...idle.targetGroups] }] });
    expect(await deploy(world)).toBe('Completed');
    expect(world.mailBody(0)).toContain('No listener refers to the target group was-web-2: it is attached as it is');
    const { TargetGroupARNs } = await world.group(world.fleet.standByGroup);
    expect(TargetGroupARNs?.sort()).toEqual([...world.fleet.targetGroupArns].sort());
  });

  test('where cross-zone is off and StandBy misses a zone does not take over, and the mail names the zone', async () => {
    const world = await worldOf({ loadBalancers: [network], instances: 4 });
    const input = { AutoScalingGroupName: world.fleet.standByGroup, VPCZoneIdentifier: 'subnet-a' };
    await world.clock.run(new AutoScalingClient(world.aws.operator).send(new UpdateAutoScalingGroupCommand(input)));
    const ended = await deploy(world);
    expect(ended).toMatch(
      /^T011: .*was-web-1 of was-web: cross-zone is off and only was-blue is healthy in eu-central-1b/,
    );
    expect(world.aws.elasticLoadBalancingV2.healthyZones(world.fleet.targetGroupArns[0] ?? '')).toContain(
      'eu-central-1b',
    );
  });
});

describe('a clone that cannot be made', () => {
  test.each<[string, WorldOptions['settings']]>([
    ['an Application Load Balancer', { elasticLoadBalancingV2: { applicationLoadBalancerLimit: 1 } }],
    ['a Network Load Balancer', { elasticLoadBalancingV2: { networkLoadBalancerLimit: 1 } }],
    ['a Classic Load Balancer', { elasticLoadBalancing: { loadBalancerLimit: 1 } }],
    ['a target group', { elasticLoadBalancingV2: { targetGroupLimit: 3 } }],
  ])('for the limit of the account (%s) is refused with 413, and Active serves on', async (what, settings) => {
    const world = await worldOf({ loadBalancers: [application, network, classic] }, { settings });
    const kind = what.replace(/^an? /, '');
    expect(await deploy(world)).toMatch(
      new RegExp(
        `^413: the clones need \\d more ${kind}s?, and the account allows \\d \\(.*\\), of which \\d are taken`,
      ),
    );
    expect(world.servedVersions()).toEqual(world.fleet.versionIds);
    expect(await world.dummies()).toEqual([]);
    expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
  });

  test('for want of addresses in a subnet fails with 413', async () => {
    const world = await worldOf({ loadBalancers: [application] });
    world.aws.endpoint.intercept((call, proceed) => {
      if (call.operation !== 'CreateLoadBalancer') return proceed();
      throw new AwsError(
        'InvalidSubnet',
        'Not enough IP space available in subnet-a. ELB requires at least 8 free IP addresses in each subnet.',
      );
    });
    expect(await deploy(world)).toMatch(/^413: .*8 free IP addresses/);
  });
});

test.each([
  ['406', 'a Classic Load Balancer', 'was-web-2 was deleted'],
  ['408', 'a target group', 'was-blue \\(Active\\) was detached from was-web-1 of was-web'],
])('%s while starting: somebody takes %s away from Active', async (code, what, message) => {
  const world = await worldOf({ loadBalancers: [application, classic] });
  const { activeGroup, targetGroupArns } = world.fleet;
  let isTaken = false;
  world.aws.endpoint.intercept(async (call, proceed) => {
    const isStarted = call.operation === 'PutEvents' && JSON.stringify(call.input).includes('"DetailType":"Started"');
    if (isTaken || !isStarted) return proceed();
    isTaken = true;
    const detach = { AutoScalingGroupName: activeGroup, TargetGroupARNs: targetGroupArns };
    await (what === 'a target group'
      ? new AutoScalingClient(world.aws.operator).send(new DetachLoadBalancerTargetGroupsCommand(detach))
      : new ElasticLoadBalancingClient(world.aws.operator).send(
          new DeleteClassicCommand({ LoadBalancerName: 'was-web-2' }),
        ));
    return proceed();
  });
  expect(await deploy(world)).toMatch(new RegExp(`^${code}: ${message} while the deployment started`));
  expect(await world.dummies()).toEqual([]);
});

describe('what Active is attached to', () => {
  const clients = ({ aws }: World) => ({
    autoScaling: new AutoScalingClient(aws.operator),
    classicClient: new ElasticLoadBalancingClient(aws.operator),
    modern: new ElasticLoadBalancingV2Client(aws.operator),
  });

  async function attachDummyClassic(world: World): Promise<void> {
    const { autoScaling, classicClient } = clients(world);
    const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 8080 }];
    const name = 'deploycheck-left';
    await classicClient.send(new CreateClassicCommand({ LoadBalancerName: name, Subnets: ['subnet-a'], Listeners }));
    const input = { AutoScalingGroupName: world.fleet.activeGroup, LoadBalancerNames: [name] };
    await autoScaling.send(new AttachLoadBalancersCommand(input));
  }

  async function attachDummyTargetGroup(world: World): Promise<void> {
    const { autoScaling, modern } = clients(world);
    const settings = { Name: 'deploycheck-left', Protocol: 'HTTP', Port: 80, VpcId: world.aws.network.vpcId } as const;
    const { TargetGroups = [] } = await modern.send(new CreateTargetGroupCommand(settings));
    const arns = TargetGroups.map(({ TargetGroupArn = '' }) => TargetGroupArn);
    const input = { AutoScalingGroupName: world.fleet.activeGroup, TargetGroupARNs: arns };
    await autoScaling.send(new AttachLoadBalancerTargetGroupsCommand(input));
  }

  async function deleteClassic(world: World): Promise<void> {
    const LoadBalancerName = world.fleet.attachments.find(({ kind }) => kind === 'classic')?.identifier;
    await clients(world).classicClient.send(new DeleteClassicCommand({ LoadBalancerName }));
  }

  async function deleteIdleTargetGroup(world: World): Promise<void> {
    const TargetGroupArn = world.fleet.attachments.find(({ isIdle }) => isIdle)?.identifier;
    await clients(world).modern.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  }

  /** The embedded AWS has no VPC Lattice. */
  async function attachLattice(world: World): Promise<void> {
    const Identifier = 'arn:aws:vpc-lattice:eu-central-1:123456789012:targetgroup/tg-0123456789abcdef0';
    world.aws.endpoint.intercept(async (call, proceed) => {
      if (call.operation !== 'DescribeTrafficSources') return proceed();
      return { TrafficSources: [{ Identifier, Type: 'vpc-lattice', State: 'InService' }] };
    });
  }

  const idle = { ...application, targetGroups: [{ protocol: 'HTTP', isIdle: true } as const] };

  test.each<[string, string, LoadBalancerDescription[], (world: World) => Promise<void>]>([
    ['403', 'nothing', [], async () => {}],
    ['404', 'a dummy Classic Load Balancer', [application], attachDummyClassic],
    ['405', 'a dummy target group', [application], attachDummyTargetGroup],
    ['406', 'a Classic Load Balancer that is gone', [application, classic], deleteClassic],
    ['408', 'a target group that is gone', [application, idle], deleteIdleTargetGroup],
    ['413', 'a target group of VPC Lattice', [application], attachLattice],
  ])('is refused with %s where it is %s, and nothing is changed', async (code, _, loadBalancers, spoil) => {
    const world = await worldOf({ loadBalancers });
    await world.clock.run(spoil(world));
    await world.clock.advance(60);
    const groups = async () => [
      await world.group(world.fleet.activeGroup),
      await world.group(world.fleet.standByGroup),
    ];
    const [groupsBefore, dummiesBefore] = [await groups(), await world.dummies()];
    expect(await deploy(world)).toMatch(new RegExp(`^${code}: `));
    expect(await groups()).toEqual(groupsBefore);
    expect(await world.dummies()).toEqual(dummiesBefore);
    expect(world.story).not.toContain('Started');
  });
});
