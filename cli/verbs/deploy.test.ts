import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';

describe('deploy', () => {
  let world: World;
  let command: CommandLine;

  beforeEach(async () => {
    world = await World.quick({ fleet: { extraTags: { autodeploy: 'false' } } });
    command = await CommandLine.open(world);
  });
  afterEach(() => command.close());

  test('says what it will do, follows it, and ends when the new version serves', async () => {
    const versionId = await world.upload('app.war', { health: '200' });
    const { code, output, errors } = await command.run('deploy WAS --yes --watch');
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/completed after \d+ s\.$/m);
    expect(world.servedVersions()).toEqual([versionId]);
  });

  test('is asked for at the time that AWS has, whatever this machine thinks', async () => {
    await world.clock.advance(600);
    const at = world.clock.now().getTime();
    const { code, output } = await command.run('deploy WAS --latest --yes --watch', { clockBehindSeconds: 3600 });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/completed after/) });
    const { request } = await world.record();
    expect(Math.abs(Date.parse(request.requestedAt) - at)).toBeLessThan(10_000);
  });
});
