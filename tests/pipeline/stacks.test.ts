/** Two stacks in one account: what is put on the bus of one changes nothing that is the other's. */
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { FleetDescription } from '../../local/example/fleet';
import { blockDeployment } from '../harness/blocked';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';
import { fleetState } from '../harness/fleet-state';
import { objectText } from '../harness/observe';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

interface Stacks {
  dev: World;
  prod: World;
}

/** Each with a bucket, and a fleet: of the same task, or each of its own. */
async function twoStacks(fleet: Partial<FleetDescription>): Promise<Stacks> {
  const dev = await World.quick();
  return { dev, prod: await dev.beside('prod', { fleet: { name: 'prod', ...fleet } }) };
}

/** Everything that an operator can ask for, of the task that prod deploys. */
async function putEverything(dev: World, task: string): Promise<void> {
  for (const [type, detail] of [
    ['CleanRequested', { task }],
    ['CleanRequested', { task, abort: true }],
    ['AbortRequested', { task }],
    ['DeployRequested', { task }],
    ['DeployRequested', { task, versions: 'previous' }],
  ] as const) {
    await dev.put(type, detail);
    await dev.clock.advance(1);
  }
}

/** Everything of a stack and its fleet that somebody else could change. */
async function stateOf(world: World): Promise<unknown> {
  const { StateBucketName = '' } = world.stack.outputs;
  const record = objectText(world.aws, StateBucketName, `tasks/${encodeURIComponent(world.fleet.task)}.json`);
  return { fleet: await fleetState(world), dummies: await world.dummies(), record };
}

const MOMENTS = ['Started', 'DummyAttached', 'Step1Passed', 'RealAttached', 'Step2Passed', 'Swapped'];

describe.each(['WAS', 'SHOP'])('while a stack deploys its %s', (task) => {
  test.each(MOMENTS)('after %s, what another stack is asked for changes nothing', async (moment) => {
    const { dev, prod } = await twoStacks({ task });
    const version = await prod.upload('app.war', { version: '2' });
    await prod.until(moment);
    await putEverything(dev, task);
    await prod.until('Completed', { limitSeconds: 1800 });
    await dev.clock.advance(1200);
    expect(prod.servedVersions()).toEqual([version]);
    expect(dev.servedVersions()).toEqual(dev.fleet.versionIds);
    expect(prod.story).not.toContain('Failed');
    expect(prod.story).not.toContain('Cleaned');
    expect(await prod.record()).toMatchObject({ status: 'completed', resolvedFailures: [] });
    expect(await dev.dummies()).toEqual([]);
  });
});

test('what a stack has left behind is not cleaned by another, which says whose it is', async () => {
  const { dev, prod } = await twoStacks({ task: 'SHOP' });
  const operator = new Operator(prod);
  await operator.attach(prod.fleet.standByGroup, prod.fleet.targetGroupArns);
  await operator.setSize(prod.fleet.standByGroup, 1, 1, 1);
  await dev.clock.advance(120);
  const before = await stateOf(prod);
  await putEverything(dev, 'SHOP');
  await dev.clock.advance(900);
  expect(await stateOf(prod)).toEqual(before);
  const answers = dev.events.flatMap(({ 'detail-type': type, detail }) =>
    type === 'Refused' ? [`${detail.request ?? 'Deploy'} ${detail.code}`] : [],
  );
  expect(answers.sort()).toEqual(['Abort 418', 'Clean 402', 'Clean 402', 'Deploy 402', 'Deploy 402']);
  const { detail } = await dev.until('Refused');
  expect(detail.message).toMatch(
    new RegExp(`the tag bucket of prod-\\w+ is ${prod.fleet.bucket}, which is not one of`),
  );

  await prod.put('CleanRequested', { task: 'SHOP' });
  await prod.until('Cleaned');
  expect(await prod.size(prod.fleet.standByGroup)).toBe('0/0/0');
});

test('a blocked deployment whose groups were given to another stack is not that stack’s to lose', async () => {
  const { dev, prod } = await twoStacks({ task: 'SHOP' });
  await blockDeployment(prod);
  for (const group of [prod.fleet.activeGroup, prod.fleet.standByGroup]) {
    await new Operator(prod).tag(group, 'bucket', dev.fleet.bucket);
  }
  const before = await fleetState(prod);
  await prod.put('CleanRequested', { task: 'SHOP' });
  expect((await prod.until('Refused')).detail).toMatchObject({ code: '402', request: 'Clean' });
  await prod.clock.advance(900);
  expect(await fleetState(prod)).toEqual(before);
});

describe('two stacks that share a bucket, which belongs to one', () => {
  /** `prod` has the bucket and the task of `dev`, which deploys. */
  async function shared(way: 'direct' | 'traffic-source'): Promise<Stacks & { version: string }> {
    const targetGroups = [{ protocol: 'HTTP' as const }];
    const loadBalancers = [
      { kind: 'classic' as const, way, isAcrossZones: true, targetGroups: [] },
      { kind: 'application' as const, way, isAcrossZones: true, targetGroups },
    ];
    const dev = await World.quick({ provisioningSeconds: 120, fleet: { loadBalancers } });
    const prod = await dev.beside('prod', { parameters: { WarBuckets: dev.fleet.bucket } });
    const rule = new DisableRuleCommand({ Name: 'bluegreen-prod-war-uploaded' });
    await prod.clock.run(new EventBridgeClient(prod.aws.operator).send(rule));
    const version = await dev.upload('app.war', { version: '2' });
    await dev.until('DummyAttached');
    return { dev, prod, version };
  }

  test.each(['direct', 'traffic-source'] as const)(
    'are refused where one can know it, attached the %s way: the dummies are of the other',
    async (way) => {
      const { dev, prod, version } = await shared(way);
      await putEverything(prod, 'WAS');
      await dev.until('Completed', { limitSeconds: 1800 });
      await dev.clock.advance(600);
      expect(dev.servedVersions()).toEqual([version]);
      expect(dev.story).not.toContain('Failed');
      const refused = prod.events.filter((event) => event['detail-type'] === 'Refused').map(({ detail }) => detail);
      expect(refused.map(({ code }) => code).sort()).toEqual(['402', '402', '402', '402', '418']);
      for (const { message } of refused.filter(({ code }) => code === '402')) {
        expect(message).toContain(`that of the bus ${dev.stack.outputs.EventBusArn}`);
        expect(message).toContain('One bucket belongs to one stack');
      }
    },
  );
});

describe('of two stacks that hear the same failed CodeDeploy deployment', () => {
  /** By how much later the second stack hears of it. */
  test.each([0, 0.02, 0.1, 0.3, 1, 5, 60])(
    'one mails, where the other hears of it %d s later',
    async (laterSeconds) => {
      const dev = await World.quick();
      await dev.beside('prod');
      dev.aws.eventBridge.deliveryPolicy = ({ target }) => [
        target.Arn?.endsWith(':bluegreen-prod-codedeploy-clean-up') ? 0.5 + laterSeconds : 0.5,
      ];
      const codeDeployFleet = await CodeDeployFleet.open(dev);
      const id = await codeDeployFleet.fail('installation', 7200);
      expect(await codeDeployFleet.groupNames()).not.toContain(codeDeployFleet.copyOf(id));
      expect(dev.mails.filter((subject) => subject.includes('CodeDeploy Clean'))).toEqual([
        '[Success] CodeDeploy Clean(Group : shop-web)',
      ]);
    },
  );
});
