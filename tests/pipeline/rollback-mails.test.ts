/** The mails of a rollback say that it is one: from what to what, what is held from its end on, and how that is lifted. */
import { runCommand } from '../harness/aws-command';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';

function bodyOf({ aws }: World, subject: RegExp): string {
  return aws.sns.mails.findLast((mail) => subject.test(mail.subject ?? ''))?.body ?? '';
}

const START = /^\[Deploy\] Start/;
const SUCCESS = /^\[Success\] Non-disruptive/;

/** A world in which the second version was deployed and taken back. */
async function rolledBack(versions: (world: World) => string): Promise<{ world: World; second: string }> {
  const world = await World.quick();
  const second = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  expect(bodyOf(world, START)).toMatch(/^A deployment of WAS has started\./);
  expect(bodyOf(world, SUCCESS)).not.toMatch(/held/i);
  await world.clock.advance(120);
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS', versions: versions(world), requestedBy: 'jane' });
  await world.until('Completed', { after });
  await world.clock.advance(120);
  return { world, second };
}

test.each([
  ['asked for as previous', () => 'previous'],
  ['asked for by its version', ({ fleet }: World) => String(fleet.versionIds[0])],
])('a rollback, %s', async (_, versions) => {
  const { world, second } = await rolledBack(versions);
  const { fleet } = world;
  for (const [body, opening] of [
    [bodyOf(world, START), /^A rollback of WAS has started\.\n/],
    [bodyOf(world, SUCCESS), /^The rollback of WAS is complete, after /],
  ] as const) {
    expect(body).toMatch(opening);
    const shown = (versionId = '') => `from .*${versionId.slice(0, 8)}`;
    expect(body).toMatch(new RegExp(`${shown(second)}.*\n.*to .*${fleet.versionIds[0]?.slice(0, 8)}`));
    expect(body).toMatch(new RegExp(`\n {2}Held .*: app\\.war .*${second.slice(0, 8)}`));
  }

  const after = world.events.length;
  const lifting = bodyOf(world, SUCCESS).split('To lift what is held')[1]?.split('\n\n')[0] ?? '';
  const command = lifting.split('\n').find((line) => line.startsWith('  aws ')) ?? '';
  await runCommand(world, command.trim());
  await world.until('Completed', { after });
  await world.clock.advance(60);
  expect(world.servedVersions()).toEqual([second]);
  expect((await world.record()).heldVersions['app.war'] ?? []).toEqual([]);
});

test('an emergency does not say that the group that is empty serves', async () => {
  const world = await World.quick();
  await new Operator(world).setSize(world.fleet.activeGroup, 0, 0, 4);
  await world.clock.advance(300);
  await world.put('DeployRequested', { task: 'WAS' });
  await world.until('Completed');
  await world.clock.advance(60);
  const body = bodyOf(world, START);
  expect(body).toContain('Users\n  Nobody is served by was-blue, which is at 0: was-green is to serve in its place');
  expect(body).toContain('was-blue is Active, and at 0.');
  expect(body).not.toMatch(/was-blue serves|Nothing has changed/);
});

test('a deployment after a rollback says which upload it did not take, by name', async () => {
  const { world, second } = await rolledBack(() => 'previous');
  const after = world.events.length;
  await world.put('DeployRequested', { task: 'WAS', requestedBy: 'jane' });
  await world.until('Completed', { after });
  await world.clock.advance(60);
  const body = bodyOf(world, SUCCESS);
  const name = `uploaded 2030-01-01 00:\\d\\d:\\d\\d UTC \\(${second.slice(0, 8)}\\)`;
  expect(body).toMatch(
    new RegExp(`\\nLeft over\\n {2}Not deployed, because it was rolled back before: app\\.war ${name}\\.\\n`),
  );
  expect(body).toMatch(new RegExp(`To go back\\n {2}# app\\.war gets ${name}, which was rolled back before\\n`));
});
