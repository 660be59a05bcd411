import { CommandLine } from '../../tests/harness/command';
import { World } from '../../tests/harness/world';

describe('status', () => {
  let world: World;
  let command: CommandLine;

  beforeAll(async () => {
    world = await World.quick();
    command = await CommandLine.open(world);
  });
  afterAll(() => command.close());

  test('says who serves of a task that was never deployed', async () => {
    const { code, output, errors } = await command.run('status WAS');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^Users are served by uploaded .* UTC\. Nothing to do\.$/m);
  });
});
