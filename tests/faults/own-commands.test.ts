/** The product's own command of a mail does, in the state that produced the mail, what that of AWS below it does. */

import { blockDeployment } from '../harness/blocked';
import { CommandLine } from '../harness/command';
import { World } from '../harness/world';
import { deploy, openScene, type Scene } from './failure-cases';

/** As a shell makes words of them; none of these needs quotes. */
function ownCommandsIn(body: string): string[] {
  return [...body.matchAll(/^ +bluegreen (.*)$/gm)].map(([, words = '']) => words);
}

async function runIn({ world }: Pick<Scene, 'world'>, typed: string): Promise<number> {
  const command = await CommandLine.open(world);
  try {
    return (await command.run([...typed.split(' '), '--watch'], { answers: [true] })).code;
  } finally {
    command.close();
  }
}

test.each([
  ['the war', ['app.war']],
  ['each of its wars', ['a/app.war', 'b/app.war']],
])('after a deployment it goes back with %s', async (_, warKeys) => {
  const scene = await openScene({ warKeys });
  const { world } = scene;
  const before = warKeys.map((_key, index) => world.servedVersions(index + 1));
  for (const key of warKeys) await world.upload(key, { version: '2' });
  await world.until('Completed');
  await world.clock.advance(60);
  const [typed = ''] = ownCommandsIn(world.mailBody(-1));
  expect(await runIn(scene, typed)).toBe(0);
  expect(warKeys.map((_key, index) => world.servedVersions(index + 1))).toEqual(before);
});

test('after a clean-up it deploys again', async () => {
  const scene = await openScene();
  const { world } = scene;
  await deploy(scene, 'DummyAttached');
  await world.put('AbortRequested', { task: 'WAS' });
  await world.until('Cleaned');
  await world.clock.advance(60);
  expect(ownCommandsIn(world.mailBody(-1))).toEqual(['deploy WAS']);
  expect(await runIn(scene, 'deploy WAS')).toBe(0);
});

test('of a blocked task it cleans', async () => {
  const world = await World.quick();
  await blockDeployment(world);
  await world.clock.advance(60);
  const typed = ownCommandsIn(world.mailBody(-1));
  expect(typed).toContain('clean WAS');
});
