/** What `--json` prints is a published interface: every run of a test is compared with the schemas; here is one of each verb. */
import { CommandLine } from '../tests/harness/command';
import { tourOf } from '../tests/harness/command-tour';
import { World } from '../tests/harness/world';

test('every verb prints data as its schemas say, and nothing else', async () => {
  const world = await World.quick();
  const command = await CommandLine.open(world);
  try {
    const runs = await tourOf(world, command, { version: '2.4.1', reason: 'not today' }, {}, ['--json']);
    expect(runs.filter(({ code }) => [2, 3, 6].includes(code))).toEqual([]);
    for (const { output } of runs) expect(() => JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')).not.toThrow();
  } finally {
    command.close();
  }
});
