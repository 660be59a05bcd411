/** Where the clones of others take up what the account allows, a deployment waits for its turn before it changes anything. */
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../local/kernel/service';
import { World } from '../harness/world';

const WAITING = '[Deploy] Waiting(Task : WAS)';

/** The account allows two, of which one is the fleet's, and one the clone of another stack. */
async function open() {
  const world = await World.quick({ settings: { elasticLoadBalancingV2: { applicationLoadBalancerLimit: 2 } } });
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const clone = { Name: 'deploycheck-other', Scheme: 'internal' as const, Subnets: ['subnet-a', 'subnet-b'] };
  const { LoadBalancers = [] } = await world.clock.run(client.send(new CreateLoadBalancerCommand(clone)));
  const LoadBalancerArn = LoadBalancers[0]?.LoadBalancerArn;
  const free = () => world.clock.run(client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })));
  return { world, free };
}

async function untouched(world: World): Promise<void> {
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
  expect(await world.dummies()).toEqual(['deploycheck-other']);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
}

test('it deploys what is newest once they are gone, and says in one mail what it waits for', async () => {
  const { world, free } = await open();
  await world.upload('app.war', { version: '2' });
  await world.clock.advance(15 * 60);
  await untouched(world);
  expect(world.mails).toEqual([WAITING]);
  expect(world.mailBody(0)).toContain("waits for 1 of the account's 2 Application Load Balancers");
  expect(world.story).toEqual(['DeployRequested', 'Postponed']);

  const newest = await world.upload('app.war', { version: '3' });
  await world.clock.advance(60);
  await free();
  await world.until('Completed');
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([newest]);
  expect(world.mails.filter((subject) => subject === WAITING)).toHaveLength(1);
  expect(world.mailBody(1)).toMatch(/Before that it waited 1[67] min for room in the account/);
});

test('after an hour it is refused with 413, and nothing was changed', async () => {
  const { world } = await open();
  await world.put('DeployRequested', { task: 'WAS' });
  const { detail } = await world.until('Refused', { limitSeconds: 3600 + 120 });
  expect(detail).toMatchObject({
    code: '413',
    message: expect.stringMatching(/no room in the account for 6[01] min: /),
  });
  await world.clock.advance(30);
  expect(world.mails).toEqual([WAITING, '[Failed] Deploy Start Failed(Task : WAS, errCode : 413)']);
  await untouched(world);
});

test('an abort ends the wait', async () => {
  const { world, free } = await open();
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Postponed');
  await world.put('AbortRequested', { task: 'WAS' });
  await world.until('Cleaned');
  await untouched(world);
  await free();
  await world.clock.advance(600);
  expect(world.story).not.toContain('Started');
});

test('whoever is too late with what there was room for waits with what it has made, and goes on', async () => {
  const world = await World.quick();
  let isFull = true;
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation !== 'CreateLoadBalancer' || !isFull) return proceed();
    throw new AwsError('TooManyLoadBalancers', 'The maximum number of load balancers has been reached');
  });
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Postponed');
  await world.clock.advance(600);
  expect(await world.size(world.fleet.standByGroup)).toBe('0/0/0');
  isFull = false;
  await world.until('Completed');
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([version]);
  expect(world.mails.filter((subject) => subject === WAITING)).toHaveLength(1);
});
