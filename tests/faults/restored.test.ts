/** After a failure everything that people had set on their groups is as it was. */
import { fleetState, withoutVersions } from '../harness/fleet-state';
import { openScene } from './failure-cases';

test.each(['DummyAttached', 'RealAttached', 'Step2Passed'])(
  'a failure after %s leaves sizes, tags, attachments, suspended processes and protection as they were',
  async (moment) => {
    const extraTags = { owner: 'team', repetitions: '3' };
    const { world, operator } = await openScene({ instances: 2, maximum: 5, areProtected: true, extraTags });
    await operator.suspend('was-blue', ['AZRebalance']);
    await operator.suspend('was-green', ['AlarmNotification', 'ReplaceUnhealthy']);
    await operator.setSize('was-blue', 1, 2, 5);
    const before = await fleetState(world);
    await world.upload('app.war', { version: '2' });
    await world.until(moment);
    await operator.setHealth('was-green', 503);
    if (moment === 'DummyAttached') await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.clock.advance(300);
    const after = await fleetState(world);
    expect(after.blue).toEqual(before.blue);
    expect(withoutVersions(after.green)).toEqual(withoutVersions(before.green));
    expect(await world.dummies()).toEqual([]);
  },
);
