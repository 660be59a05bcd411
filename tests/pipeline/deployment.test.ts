/** The main path, whole: from the upload of a war to the old group at zero, in virtual time. */
import { World } from '../harness/world';

describe('an upload', () => {
  test('deploys: the other group serves the new war, the old one is at zero, and nothing is left behind', async () => {
    const world = await World.create();
    const { activeGroup, standByGroup } = world.fleet;
    const version = await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await world.clock.advance(300);

    expect(world.story).toEqual([
      ...['DeployRequested', 'Started', 'DummyAttached', 'Step1Passed', 'RealAttached', 'Step2Passed', 'Swapped'],
      'Completed',
    ]);
    expect(world.servedVersions()).toEqual([version]);
    expect(await world.size(standByGroup)).toBe('2/2/4');
    expect(await world.size(activeGroup)).toBe('0/0/0');
    expect((await world.group(activeGroup)).Instances).toEqual([]);
    expect((await world.tag(standByGroup, 'type'))?.Value).toBe('Active');
    expect((await world.tag(activeGroup, 'type'))?.Value).toBe('StandBy');
    expect(await world.dummies()).toEqual([]);
    expect((await world.group(standByGroup)).SuspendedProcesses).toEqual([]);
    expect((await world.record()).status).toBe('completed');
  });
});
