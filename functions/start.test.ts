/** The beginning: what is decided before anything is changed, and what StandBy gets. */
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Operator } from '../tests/harness/operator';
import { World } from '../tests/harness/world';

test('StandBy gets the versions and the size, and is attached to internal clones alone', async () => {
  const world = await World.quick();
  const { standByGroup, activeGroup } = world.fleet;
  const version = await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  expect(await world.size(standByGroup)).toBe('2/2/4');
  expect(await world.tag(standByGroup, 's3versionidapp1')).toMatchObject({
    Key: 's3VersionIdApp1',
    Value: version,
    PropagateAtLaunch: true,
  });
  expect((await world.tag(activeGroup, 's3versionidapp1'))?.Value).toBe(world.fleet.versionIds[0]);
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const { LoadBalancers = [] } = await world.clock.run(client.send(new DescribeLoadBalancersCommand({})));
  const schemes = LoadBalancers.map(({ LoadBalancerName = '', Scheme }) => [LoadBalancerName.split('-')[0], Scheme]);
  expect(schemes.sort()).toEqual([
    ['deploycheck', 'internal'],
    ['was', 'internet-facing'],
  ]);
  const { TargetGroupARNs = [] } = await world.group(standByGroup);
  expect(TargetGroupARNs.map((arn) => arn.includes('/deploycheck-'))).toEqual([true]);
});

describe('a request that cannot be run', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.quick();
  });

  async function refusalOf(request: object): Promise<unknown> {
    const after = world.events.length;
    await world.put('DeployRequested', request);
    const { detail } = await world.until('Refused', { after });
    return detail;
  }

  test.each([
    [
      'an unknown task',
      { task: 'NOBODY' },
      '400',
      'no group is tagged Active, and no group is tagged StandBy: the task NOBODY needs exactly one Active and one StandBy group',
    ],
    [
      'a task in another case',
      { task: 'was' },
      '400',
      'no group is tagged Active, and no group is tagged StandBy: the task was needs exactly one',
    ],
    ['an unknown version', { task: 'WAS', versions: '0'.repeat(32) }, '402', 'the key has no such version'],
    ['an impossible version', { task: 'WAS', versions: '버전' }, '414', 'is not a version id'],
    ['more versions than slots', { task: 'WAS', versions: ',v2' }, '414', '2 versions for 1 war slot'],
    ['no task', { tusk: 'WAS' }, '414', 'the request is not valid'],
  ])('for %s changes nothing, and says why', async (_, request, code, message) => {
    const { standByGroup } = world.fleet;
    const before = [await world.group(standByGroup), await world.dummies()];
    expect(await refusalOf(request)).toMatchObject({ code, message: expect.stringContaining(message) });
    expect([await world.group(standByGroup), await world.dummies()]).toEqual(before);
    await world.clock.advance(5);
    expect(world.mails.at(-1)).toContain(`errCode : ${code})`);
  });

  test('with the requestId of another one is told so, and the other keeps its outcome', async () => {
    await refusalOf({ task: 'NOBODY', requestId: 'twice' });
    await world.clock.advance(5);
    for (const versions of ['latest', 'latest']) {
      const refusal = await refusalOf({ task: 'NOBODY', requestId: 'twice', versions });
      const message = expect.stringContaining("requestId 'twice' was used by another request");
      expect(refusal).toMatchObject({ code: '414', message });
      await world.clock.advance(5);
    }
  });
});

test.each([
  [
    'StandBy is not empty',
    '401',
    (operator: Operator, world: World) => operator.setSize(world.fleet.standByGroup, 0, 1, 1),
  ],
  [
    'StandBy launches nothing',
    '415',
    (operator: Operator, world: World) => operator.suspend(world.fleet.standByGroup, ['Launch']),
  ],
  [
    'Active is attached to nothing',
    '403',
    (operator: Operator, world: World) => operator.detach(world.fleet.activeGroup, world.fleet.targetGroupArns),
  ],
  [
    'there are two Active groups',
    '400',
    (operator: Operator, world: World) =>
      operator.createGroup('second', { taskForDeploy: world.fleet.task, type: 'Active' }),
  ],
])('where %s the request is refused with %s', async (_, code, prepare) => {
  const world = await World.quick();
  await prepare(new Operator(world), world);
  await world.clock.advance(120);
  await world.put('DeployRequested', { task: 'WAS' });
  expect((await world.until('Refused')).detail.code).toBe(code);
  expect(world.story).toEqual(['DeployRequested', 'Refused']);
});

test.each([
  ['CreateTargetGroup', '409'],
  ['CreateLoadBalancer', '410'],
  ['CreateOrUpdateTags', '402'],
  ['UpdateAutoScalingGroup', '412'],
])('where %s is refused for good, it fails with %s, and has a headline of its own', async (operation, code) => {
  const world = await World.quick();
  new Operator(world).failCalls(operation, 'AccessDenied', { status: 403 });
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Failed');
  const headline = `[Failed] Deploy Start Failed(Task : WAS, errCode : ${code})`;
  expect(detail).toMatchObject({ code, stage: 'start', headline });
  expect(world.servedVersions()).toEqual(world.fleet.versionIds);
});

test('a request that says it is from the future does not keep later ones from running', async () => {
  const world = await World.quick();
  await world.put('DeployRequested', { task: 'WAS', requestedAt: '2099-01-01T00:00:00Z' });
  await world.until('Completed');
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Started', { after, limitSeconds: 60 });
});
