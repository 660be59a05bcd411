/**
 * A task that clean-up has left to an operator is freed by what its mail says: by the commands of either way, run one after
 * the other; by CleanRequested wherever in between somebody stops; and by CleanRequested alone once the cause is gone.
 */
import { runCommand } from '../harness/aws-command';
import { Operator } from '../harness/operator';
import { World } from '../harness/world';
import { BLOCKED, type BlockedCase, type Choice, type Scene } from './cases-blocked';

const BLUE = 'was-blue';
const GREEN = 'was-green';

/** Answers the scene once clean-up has stopped, and the lines of its mail that are to be run by hand. */
async function blocked({ fleet, provoke }: BlockedCase): Promise<Scene & { lines: string[] }> {
  const world = await World.quick({ fleet: { minimum: 1, deregistrationDelaySeconds: 20, ...fleet } });
  const scene: Scene = { world, operator: new Operator(world), allow: () => undefined };
  await provoke(scene);
  const { detail } = await world.until('Cleaned', { limitSeconds: 6 * 3600 });
  expect(detail.outcome).toBe('operator-needed');
  await world.clock.advance(60);
  return { ...scene, allow: () => scene.allow(), lines: linesByHand(world) };
}

function linesByHand({ mails, aws }: World): string[] {
  expect(mails.at(-1)).toBe('[Error] Deploy Clean(Task : WAS)');
  const [, section = ''] = aws.sns.mails.at(-1)?.body.split('decide and run by hand\n') ?? [];
  const [text = ''] = section.split('\n\n');
  return text.split('\n').map((line) => line.trim());
}

/** What belongs to this way, as somebody reads it: what shows who serves, the way, and what frees the task. */
function linesOf(choice: Choice, lines: string[]): string[] {
  const headings = [/^# (Either keep|Keep) /, /^# (Or go|Go) back/, /^# When that is done/];
  const [keep, back, end] = headings.map((heading) => lines.findIndex((line) => heading.test(line)));
  const at = (index = -1, otherwise = lines.length) => (index < 0 ? otherwise : index);
  const freeing = lines.slice(at(end));
  const looking = lines.slice(0, Math.min(at(keep), at(back), at(end)));
  const way = choice === 'keep' ? lines.slice(at(keep), at(back, at(end))) : lines.slice(at(back), at(end));
  return [...looking, ...way, ...freeing];
}

/** Where the mail says to wait, somebody waits. */
async function follow({ world, operator }: Scene, line: string, { helpByHand }: BlockedCase): Promise<void> {
  const [, command] = /^(?:# )?(aws .*)/.exec(line) ?? [];
  if (command) return void (await runCommand(world, command));
  if (/^# (wait|make)/.test(line)) await helpByHand?.({ world, operator }, line);
  if (/^# wait/.test(line)) await world.clock.advance(300);
}

async function expectFreed({ world, allow }: Scene, choices: readonly Choice[]): Promise<void> {
  await world.clock.advance(1800);
  expect((await world.record()).status).toMatch(/^(completed|failed)$/);
  const [active, standBy] = (await world.tag(GREEN, 'type'))?.Value === 'Active' ? [GREEN, BLUE] : [BLUE, GREEN];
  const choice = active === GREEN ? 'keep' : 'back';
  expect(choices).toContain(choice);
  const names = await world.groupNames();
  const other = names.includes(standBy) ? standBy : (names.find((name) => name !== active) ?? '');
  expect((await world.tag(active, 'type'))?.Value).toBe('Active');
  expect((await world.tag(other, 'type'))?.Value).toBe('StandBy');
  expect(await world.size(active)).toBe(`${world.fleet.minimum}/2/4`);
  expect(await world.size(other)).toBe('0/0/0');
  expect((await world.group(other)).Instances).toEqual([]);
  for (const name of [active, other]) expect((await world.group(name)).SuspendedProcesses).toEqual([]);
  expect(await world.dummies()).toEqual([]);
  expect(world.servedVersions()).toEqual([(await world.tag(active, 's3versionidapp1'))?.Value]);

  allow();
  const after = world.events.length;
  const version = await world.upload('app.war', { version: '3' });
  await world.until('Completed', { after, limitSeconds: 7200 });
  expect(world.servedVersions()).toEqual([version]);
}

describe.each(BLOCKED.map((blockedCase) => [blockedCase.when, blockedCase] as const))('where %s', (_, blockedCase) => {
  test.each(blockedCase.choices)('the commands by hand free it, though the cause stays: %s', async (choice) => {
    const { lines, ...scene } = await blocked(blockedCase);
    const chosen = linesOf(choice, lines);
    expect(chosen.filter((line) => line.startsWith('aws ')).length).toBeGreaterThan(2);
    await blockedCase.mend?.(scene, choice);
    for (const line of chosen) await follow(scene, line, blockedCase);
    await expectFreed(scene, [choice]);
  });

  test.each(blockedCase.choices)(
    'CleanRequested frees it, wherever somebody stopped who began to: %s',
    async (choice) => {
      for (let done = 0; ; done++) {
        const { lines, ...scene } = await blocked(blockedCase);
        const chosen = linesOf(choice, lines);
        const commands = chosen.filter((line) => /^aws autoscaling (?!describe)/.test(line));
        if (done >= commands.length) break;
        // Where nothing was done by hand, the cause has to be gone.
        if (done === 0) await blockedCase.cure?.(scene);
        else await blockedCase.mend?.(scene, choice);
        await scene.world.clock.advance(60);
        const until = done === 0 ? 0 : chosen.indexOf(commands[done - 1] ?? '') + 1;
        for (const line of chosen.slice(0, until)) await follow(scene, line, blockedCase);
        scene.allow();
        await scene.world.put('CleanRequested', { task: 'WAS' });
        await expectFreed(scene, blockedCase.choices);
      }
    },
  );
});
