/** A copy that serves where CodeDeploy does not know of is not deleted: everything of the account is looked through before. */
import {
  ElasticLoadBalancingClient,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import { DeregisterTargetsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CodeDeployFleet } from '../tests/harness/codedeploy-fleet';
import { guard } from '../tests/harness/guard';
import { Operator } from '../tests/harness/operator';
import { makeLoadBalancer } from '../tests/harness/other-load-balancer';
import { World } from '../tests/harness/world';

const HOURS = 3600;
const MINUTES = 60;

/** What the function has done that could make requests fail: a list for each world. */
const violations: string[][] = [];
afterEach(() => expect(violations.flat()).toEqual([]));

async function open(): Promise<CodeDeployFleet> {
  const world = await World.quick({ fleet: { healthCheckIntervalSeconds: 60 } });
  violations.push(guard(world));
  const codeDeployFleet = await CodeDeployFleet.open(world);
  codeDeployFleet.silence();
  return codeDeployFleet;
}

async function instancesOf({ world }: CodeDeployFleet, groupName: string): Promise<string[]> {
  const { Instances = [] } = await world.group(groupName);
  return Instances.map(({ InstanceId = '' }) => InstanceId);
}

function registerByHand({ world }: CodeDeployFleet, targetGroupArn: string, ids: readonly string[]) {
  return new Operator(world).register(targetGroupArn, [...ids]);
}

test.each([
  ['an Application Load Balancer', 'application', 'HTTP', 'instance'],
  ['an Application Load Balancer, by their addresses,', 'application', 'HTTP', 'ip'],
  ['a Network Load Balancer', 'network', 'TCP', 'instance'],
] as const)(
  'whoever registers its instances behind %s of their own keeps it, and the mail says where',
  async (_, kind, protocol, targetType) => {
    const codeDeployFleet = await open();
    const [arn = ''] = await makeLoadBalancer(
      codeDeployFleet.world,
      { kind, targetGroups: [{ protocol, targetType }] },
      900,
    );
    const copy = codeDeployFleet.copyOf(await codeDeployFleet.fail());
    await registerByHand(codeDeployFleet, arn, (await instancesOf(codeDeployFleet, copy)).slice(0, 1));
    await codeDeployFleet.world.clock.advance(2 * HOURS);
    expect(await codeDeployFleet.groupNames()).toContain(copy);
    expect(codeDeployFleet.mails.map(({ subject }) => subject)).toEqual(['[Error] CodeDeploy Clean(Group : shop-web)']);
    expect(codeDeployFleet.mails[0]?.body).toMatch(/it may serve: i-\w+ on other-1: /);
  },
);

test('one behind a Classic Load Balancer keeps it, too', async () => {
  const codeDeployFleet = await open();
  await makeLoadBalancer(codeDeployFleet.world, { kind: 'classic', targetGroups: [] }, 900);
  const copy = codeDeployFleet.copyOf(await codeDeployFleet.fail());
  const Instances = (await instancesOf(codeDeployFleet, copy)).map((InstanceId) => ({ InstanceId }));
  const client = new ElasticLoadBalancingClient(codeDeployFleet.world.aws.operator);
  const command = new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName: 'other', Instances });
  await codeDeployFleet.world.clock.run(client.send(command));
  await codeDeployFleet.world.clock.advance(2 * HOURS);
  expect(await codeDeployFleet.groupNames()).toContain(copy);
  expect(codeDeployFleet.mails[0]?.body).toMatch(/it may serve: i-\w+, i-\w+ on other: /);
});

test('where it was registered by hand and drains, it is deleted once it has drained', async () => {
  const codeDeployFleet = await open();
  const { world } = codeDeployFleet;
  const [arn = ''] = await makeLoadBalancer(codeDeployFleet.world, {}, 900);
  const copy = codeDeployFleet.copyOf(await codeDeployFleet.fail());
  const ids = await instancesOf(codeDeployFleet, copy);
  await registerByHand(codeDeployFleet, arn, ids);
  await world.clock.advance(50 * MINUTES);
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const Targets = ids.map((Id) => ({ Id }));
  await world.clock.run(client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets })));
  await world.clock.advance(12 * MINUTES);
  expect(await codeDeployFleet.groupNames()).toContain(copy);
  await world.clock.advance(30 * MINUTES);
  expect(await codeDeployFleet.groupNames()).not.toContain(copy);
});

describe('of more target groups than are looked at in one go', () => {
  async function openLarge() {
    const codeDeployFleet = await open();
    const targetGroups = Array.from({ length: 50 }, () => ({ protocol: 'HTTP' as const }));
    const arns: string[] = [];
    for (const name of ['large-1', 'large-2', 'large-3']) {
      arns.push(...(await makeLoadBalancer(codeDeployFleet.world, { name, targetGroups }, 900)));
    }
    return { codeDeployFleet, arns };
  }

  test('the copy is kept until all of them were seen', async () => {
    const { codeDeployFleet } = await openLarge();
    const asked = codeDeployFleet.count('DescribeTargetHealth');
    const copy = codeDeployFleet.copyOf(await codeDeployFleet.fail());
    const { clock } = codeDeployFleet.world;
    await clock.advance(1.25 * HOURS);
    const before = asked.calls.length;
    expect(before).toBeGreaterThan(0);
    expect(await codeDeployFleet.groupNames()).toContain(copy);
    await clock.advance(30 * MINUTES);
    expect(await codeDeployFleet.groupNames()).not.toContain(copy);
    // Each of the others once, and what the deployment group names at every look.
    expect(asked.calls.length).toBeLessThan(150 + 10);
    expect(codeDeployFleet.mails.map(({ subject }) => subject)).toEqual([
      '[Success] CodeDeploy Clean(Group : shop-web)',
    ]);
  });

  test('the last of them may be the one that keeps it, and so may one that was made meanwhile', async () => {
    const { codeDeployFleet, arns } = await openLarge();
    const { clock } = codeDeployFleet.world;
    const copy = codeDeployFleet.copyOf(await codeDeployFleet.fail());
    await clock.advance(1.1 * HOURS);
    const [made = ''] = await makeLoadBalancer(codeDeployFleet.world, { name: 'a-first' }, 900);
    const ids = await instancesOf(codeDeployFleet, copy);
    await registerByHand(codeDeployFleet, made, ids);
    await clock.advance(3 * HOURS);
    expect(arns).toHaveLength(150);
    expect(await codeDeployFleet.groupNames()).toContain(copy);
    expect(codeDeployFleet.mails[0]?.body).toMatch(/it may serve: i-\w+, i-\w+ on a-first-1: /);
  });
});
