/** Clients that come in past the wire see and do exactly what those on the wire do. */
import type { Entry } from '../local/client';
import { World, type WorldOptions } from './world';

const LOAD_BALANCERS: WorldOptions = { bootSeconds: 20, provisioningSeconds: 30, parameters: { CycleSeconds: '60' } };

/** Everything that a run leaves behind. */
async function historyOf(entry: Entry, war: Record<string, string>, ending: string): Promise<unknown> {
  const world = await World.create({ ...LOAD_BALANCERS, entry });
  await world.upload('app.war', war);
  await world.until(ending);
  await world.put('DeployRequested', { task: 'WAS', versions: 'no such version' });
  await world.put('DeployRequested', { task: 'NOPE' });
  await world.clock.advance(600);
  const { activeGroup, standByGroup } = world.fleet;
  return {
    events: world.events,
    mails: world.aws.sns.mails,
    logs: world.logs,
    groups: [await world.group(activeGroup), await world.group(standByGroup)],
    record: await world.record(),
  };
}

test.each([
  ['completes', { version: '2' }, 'Completed'],
  ['fails and is cleaned up', { health: '500' }, 'Cleaned'],
])('a deployment that %s leaves the same events, mails, logs, groups and record', async (_, war, ending) => {
  const [onTheWire, pastIt] = [await historyOf('wire', war, ending), await historyOf('direct', war, ending)];
  expect(pastIt).toEqual(onTheWire);
});
