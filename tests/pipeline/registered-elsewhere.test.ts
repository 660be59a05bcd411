/** Instances of Active that somebody has registered elsewhere by hand are needed there: nobody takes them away while they are. */
import type { LoadBalancerDescription } from '../../local/example/load-balancers';
import { guard } from '../harness/guard';
import { Operator } from '../harness/operator';
import { makeLoadBalancer } from '../harness/other-load-balancer';
import { World } from '../harness/world';

const PLACES: [string, Partial<LoadBalancerDescription>][] = [
  ['an Application Load Balancer', {}],
  ['a Classic Load Balancer', { kind: 'classic', targetGroups: [] }],
  ['a target group of addresses', { targetGroups: [{ protocol: 'HTTP', targetType: 'ip' }] }],
];

const violations: string[][] = [];
afterEach(() => expect(violations.flat()).toEqual([]));

async function open(options: Parameters<typeof World.quick>[0] = {}) {
  const world = await World.quick(options);
  violations.push(guard(world));
  return { world, operator: new Operator(world), ...world.fleet };
}

/** The group is complete once the look at the tags and sizes of the last deployment is over. */
async function clean(world: World): Promise<void> {
  await world.clock.advance(120);
  const after = world.events.length;
  await world.put('CleanRequested', { task: world.fleet.task });
  await world.until('Cleaned', { after });
  await world.clock.advance(30);
}

describe.each(PLACES)('registered with %s', (_, description) => {
  test('it is told while there is time, outlives the deployment, and goes once it is deregistered', async () => {
    const { world, operator, activeGroup, standByGroup } = await open();
    const [place = ''] = await makeLoadBalancer(world, description);
    const [id = ''] = await operator.instanceIds(activeGroup);
    const registered = await operator.register(place, [id]);
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.clock.advance(60);

    const notes = world.aws.sns.mails.filter(({ body }) => body.includes(`${id} is registered with the `));
    expect(notes.map(({ subject }) => subject)).toEqual([
      '[Deploy] Call Step 1-1(Task : WAS)',
      '[Success] Non-disruptive deployment(Task : WAS)',
    ]);
    expect(notes[0]?.body).toContain(`as long as they are, ${activeGroup} keeps its instances after the deployment.`);
    const command = notes[1]?.body.split('\n').find((line) => /^ +# aws elb(v2)? deregister-/.test(line)) ?? '';
    expect(command).toContain(place);
    expect(command).toContain(registered[0]);
    expect(world.servedVersions()).toEqual([version]);
    expect(await world.size(activeGroup)).toBe('2/2/4');
    expect(await world.size(standByGroup)).toBe('2/2/4');

    await clean(world);
    expect(await world.size(activeGroup)).toBe('2/2/4');
    expect(world.mailBody(-1)).toContain(command.trim());
    expect(world.mailBody(-1)).not.toContain('was at 2/2/4');

    await operator.deregister(place, registered);
    await clean(world);
    expect(await world.size(activeGroup)).toBe('0/0/0');
    expect(world.servedVersions()).toEqual([version]);
  });
});

describe('in an account with many target groups', () => {
  const many = (count: number) => Array.from({ length: count }, () => ({ protocol: 'HTTP' as const }));

  test('each is looked at once, and before the end only what listed one then, and what was made since', async () => {
    const { world, operator, activeGroup } = await open();
    const [last = ''] = (await makeLoadBalancer(world, { targetGroups: many(45) })).slice(-1);
    const [first = '', second = ''] = await operator.instanceIds(activeGroup);
    await operator.register(last, [first]);
    const looks: string[] = [];
    world.aws.endpoint.intercept((call, proceed) => {
      const isOther = /targetgroup\/(other|late)-/.test(String(call.input.TargetGroupArn));
      if (call.operation === 'DescribeTargetHealth' && isOther) looks.push(String(call.input.TargetGroupArn));
      return proceed();
    });
    await world.upload('app.war', { version: '2' });
    await world.until('RealAttached');
    expect(new Set(looks).size).toBe(45);
    const [late = ''] = await makeLoadBalancer(world, { name: 'late' });
    await operator.register(late, [second]);
    const before = looks.length;
    const { detail } = await world.until('Completed');
    expect(new Set(looks.slice(before))).toEqual(new Set([last, late]));
    const staying = (detail.staying as string[]).join('\n');
    expect(staying).toContain(`${first} is registered with the target group other-45.`);
    expect(staying).toContain(`${second} is registered with the target group late-1.`);
    expect(await world.size(activeGroup)).toBe('2/2/4');
  });

  test('beyond 50 those with the tag of the task are looked at, and it is said how many are not', async () => {
    const { world, operator, activeGroup } = await open();
    const arns: string[] = [];
    for (const name of ['one', 'two', 'three'])
      arns.push(...(await makeLoadBalancer(world, { name, targetGroups: many(20) })));
    const [tagged = ''] = arns.slice(-1);
    await operator.tagLoadBalancing(tagged, 'TaskForDeploy', 'WAS');
    const [id = ''] = await operator.instanceIds(activeGroup);
    await operator.register(tagged, [id]);
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    const told = world.aws.sns.mails.map(({ body }) => body).join('\n');
    expect(told).toContain(`${id} is registered with the target group three-20, where ${activeGroup}`);
    expect(told).toContain(
      `whether instances of ${activeGroup} are registered with 59 of them, which do not have the tag`,
    );
    expect(await world.size(activeGroup)).toBe('2/2/4');
  });
});

test('what is registered late, where nothing was before, is kept, too', async () => {
  const { world, operator, activeGroup } = await open();
  const [place = ''] = await makeLoadBalancer(world);
  await world.upload('app.war', { version: '2' });
  await world.until('RealAttached');
  const [id = ''] = await operator.instanceIds(activeGroup);
  await operator.register(place, [id]);
  const { detail } = await world.until('Completed');
  expect(detail.staying).toContain(`${id} is registered with the target group other-1.`);
  expect(await world.size(activeGroup)).toBe('2/2/4');
});

test('what only drains there is waited for, and then nothing is kept', async () => {
  const { world, operator, activeGroup } = await open();
  const [place = ''] = await makeLoadBalancer(world);
  const [id = ''] = await operator.instanceIds(activeGroup);
  await operator.register(place, [id]);
  await world.upload('app.war', { version: '2' });
  await world.until('Swapped');
  await operator.deregister(place, [id]);
  const { detail } = await world.until('Completed');
  expect(detail).not.toHaveProperty('staying');
  expect(await world.size(activeGroup)).toBe('0/0/0');
});

test('a StandBy that failed is left, too, where somebody has registered it', async () => {
  const { world, operator, standByGroup, activeGroup } = await open();
  const [place = ''] = await makeLoadBalancer(world);
  await world.upload('app.war', { health: '500' });
  await world.until('DummyAttached');
  await world.clock.advance(40);
  const [id = ''] = await operator.instanceIds(standByGroup);
  await operator.register(place, [id]);
  await world.until('Cleaned');
  await world.clock.advance(30);
  expect(world.mailBody(-1)).toContain(`${standByGroup} stays at 2/2/4`);
  expect(world.mailBody(-1)).toContain(`${activeGroup} serves as before.`);
  expect((await world.group(standByGroup)).SuspendedProcesses).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  await operator.deregister(place, [id]);
  await clean(world);
  expect(await world.size(standByGroup)).toBe('0/0/0');
});
