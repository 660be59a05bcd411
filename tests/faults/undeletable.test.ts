/** A clone of ours that cannot be deleted holds up no deployment: not its own, not the next one. Who can is told how. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { runCommand } from '../harness/aws-command';
import { PROTECTED, protectLoadBalancers } from '../harness/protection';
import type { World } from '../harness/world';
import { CLASSIC, openScene, type Scene } from './failure-cases';

/** Somebody forwards from a load balancer of his own to the target group that we have just made. */
async function forwardTo({ world }: Scene): Promise<void> {
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const send = async () => {
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({}));
    const ours = TargetGroups.find(({ TargetGroupName }) => TargetGroupName?.startsWith('deploycheck-'));
    const Subnets = [...world.aws.network.zoneOfSubnet.keys()].slice(0, 2);
    const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'theirs', Subnets }));
    const theirs = { LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80 } as const;
    const DefaultActions = [{ Type: 'forward', TargetGroupArn: ours?.TargetGroupArn }] as const;
    // Since our own load balancer has let go of it: it belongs to one at most.
    world.aws.endpoint.intercept(async (call, proceed) => {
      const answer = await proceed();
      if (call.operation !== 'DeleteLoadBalancer' || call.caller.principal === 'operator') return answer;
      await client.send(new CreateListenerCommand({ ...theirs, DefaultActions: [...DefaultActions] })).catch(() => {});
      return answer;
    });
  };
  await world.clock.run(send());
}

/** Deploys a new war to the end, and answers the mail of that. */
async function deploy(world: World, version: string): Promise<string> {
  const after = world.events.length;
  const uploaded = await world.upload('app.war', { version });
  await world.until('Completed', { after });
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([uploaded]);
  expect(world.story).not.toContain('Failed');
  return world.mailBody(-1);
}

const CAUSES: [what: string, fleet: typeof CLASSIC, kind: string, cause: (scene: Scene) => Promise<void> | void][] = [
  [
    'that account automation protects, and that we may not change',
    undefined,
    'load balancer',
    async (scene) => {
      await protectLoadBalancers(scene.world);
      scene.operator.failCalls('ModifyLoadBalancerAttributes', 'AccessDenied', { status: 403 });
    },
  ],
  [
    'whose deletion is denied',
    undefined,
    'load balancer',
    ({ operator }) => operator.failCalls('DeleteLoadBalancer', 'AccessDenied', { status: 403 }),
  ],
  [
    'of a Classic Load Balancer whose deletion is denied',
    CLASSIC,
    'Classic Load Balancer',
    ({ operator }) => operator.failCalls('DeleteLoadBalancer', 'AccessDenied', { status: 403 }),
  ],
  ['that somebody forwards to', undefined, 'target group', forwardTo],
  [
    'whose deletion ends in an error of the service each time',
    undefined,
    'target group',
    ({ operator }) => operator.failCalls('DeleteTargetGroup', 'InternalFailure', { status: 500 }),
  ],
];

describe.each(CAUSES)('a clone %s', (_, fleet, kind, cause) => {
  test('is left, the mail names it with a command, and the next deployment completes, too', async () => {
    const scene = await openScene(fleet);
    const { world } = scene;
    await world.upload('app.war', { version: '2' });
    await world.until('DummyAttached');
    await cause(scene);
    await world.until('Completed');
    await world.clock.advance(60);
    const left = await world.dummies();
    expect(left).not.toEqual([]);
    const body = world.mailBody(-1);
    expect(body).toMatch(new RegExp(`T00[356]: the clone deploycheck-\\w+ \\(${kind}\\) could not be deleted: \\w+`));
    for (const name of left) expect(body).toContain(name);
    await deploy(world, '3');
  });

  test('is left by clean-up, too, which ends and says so', async () => {
    const scene = await openScene(fleet);
    const { world } = scene;
    await world.upload('app.war', { health: '500' });
    await world.until('DummyAttached');
    await cause(scene);
    await world.until('Cleaned', { limitSeconds: 1200 });
    await world.clock.advance(60);
    expect(world.mails.at(-1)).toBe('[Success] Deploy Clean(Task : WAS)');
    expect(world.mailBody(-1)).toContain('could not be deleted');
    expect(await world.size('was-green')).toBe('0/0/0');
  });
});

describe('a clone that account automation protects', () => {
  test.each(['2', 'ill'])('is ours to release: nothing is left of a deployment (%s)', async (version) => {
    const scene = await openScene();
    const { world } = scene;
    await protectLoadBalancers(scene.world);
    await world.upload('app.war', version === 'ill' ? { health: '500' } : { version });
    await world.until(version === 'ill' ? 'Cleaned' : 'Completed');
    await world.clock.advance(60);
    expect(await world.dummies()).toEqual([]);
    expect(world.mailBody(-1)).not.toContain('could not be deleted');
  });

  test('and that was left is removed by the commands of the mail', async () => {
    const scene = await openScene();
    const { world } = scene;
    await protectLoadBalancers(scene.world);
    scene.operator.failCalls('ModifyLoadBalancerAttributes', 'AccessDenied', { status: 403 });
    await deploy(world, '2');
    const commands = world.mailBody(-1).match(/aws elb.*/g) ?? [];
    for (const command of commands) {
      await runCommand(world, command);
      await world.clock.advance(10);
    }
    expect(await world.dummies()).toEqual([]);
  });

  test('though somebody else made it, is left as it is', async () => {
    const scene = await openScene();
    const { world } = scene;
    const client = new ElasticLoadBalancingV2Client(world.aws.operator);
    const Subnets = [...world.aws.network.zoneOfSubnet.keys()].slice(0, 2);
    const create = new CreateLoadBalancerCommand({ Name: 'deploycheck-theirs', Subnets });
    const { LoadBalancers } = await world.clock.run(client.send(create));
    const protect = { LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Attributes: PROTECTED };
    await world.clock.run(client.send(new ModifyLoadBalancerAttributesCommand(protect)));
    await deploy(world, '2');
    await world.clock.advance(6 * 3600);
    expect(await world.dummies()).toEqual(['deploycheck-theirs']);
  });
});
