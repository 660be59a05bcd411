/** The tags that are settings of the task, on whichever of its groups they stand. */
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

async function opened() {
  const world = await World.quick();
  return { world, operator: new Operator(world) };
}

test.each(['activeGroup', 'standByGroup'] as const)(
  'autodeploy = false on %s alone holds, however often the groups swap',
  async (group) => {
    const { world, operator } = await opened();
    await operator.tag(world.fleet[group], 'autodeploy', 'false');
    for (const version of ['2', '3', '4']) {
      const uploaded = await world.upload('app.war', { version });
      const seen = world.events.length;
      await world.clock.advance(300);
      expect(world.events.slice(seen)).toEqual([]);
      await world.put('DeployRequested', { task: 'WAS' });
      await world.until('Completed', { after: seen });
      await world.clock.advance(60);
      expect(world.servedVersions()).toEqual([uploaded]);
    }
  },
);

test('groups that say different things are refused, which names both, and nothing is changed', async () => {
  const { world, operator } = await opened();
  const { activeGroup, standByGroup } = world.fleet;
  await operator.tag(activeGroup, 'repetitions', '2');
  await operator.tag(standByGroup, 'Repetitions', '3');
  const before = await world.group(standByGroup);
  await world.upload('app.war', { version: '2' });
  const { detail } = await world.until('Refused');
  expect(detail).toMatchObject({
    code: '400',
    message:
      'was-blue is tagged repetitions = 2 and was-green is tagged repetitions = 3: the groups of a task have to agree',
  });
  expect(await world.group(standByGroup)).toEqual(before);
});

test('what cannot be read is said in the start mail, and the default holds', async () => {
  const { world, operator } = await opened();
  await operator.tag(world.fleet.standByGroup, 'settleseconds', 'soon');
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  const start = world.aws.sns.mails.find(({ subject }) => subject === '[Deploy] Start(Task : WAS)');
  expect(start?.body).toContain(
    'was-green is tagged settleseconds = soon, which is not a number of seconds from 0 to 3600: it does not count.',
  );
});
