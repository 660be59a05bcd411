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
    const command = notes[1]?.body.split('\n').find((line) => /^ +aws elb(v2)? deregister-/.test(line)) ?? '';
    expect(command).toContain(place);
    expect(command).toContain(registered[0]);
    expect(world.servedVersions()).toEqual([version]);
    expect(await world.size(activeGroup)).toBe('2/2/4');
    expect(await world.size(standByGroup)).toBe('2/2/4');

    await clean(world);
    expect(await world.size(activeGroup)).toBe('2/2/4');
    expect(world.mailBody(-1)).toContain(command.trim());

    await operator.deregister(place, registered);
    await clean(world);
    expect(await world.size(activeGroup)).toBe('0/0/0');
    expect(world.servedVersions()).toEqual([version]);
  });
});
