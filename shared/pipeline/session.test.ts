/** What a stage can do to its deployment: act under a claim, read, and make its outcome last. */
import { OpenDeployment } from '../../tests/harness/open-deployment';
import { Bus } from '../aws/bus';
import { Deadline } from '../aws/deadline';
import { again } from './outcome';
import { connectStageServices } from './services';
import { ActionFailed, Session } from './session';

/** A session on a record that was just read. */
async function openSession(): Promise<{ world: OpenDeployment; session: Session }> {
  const world = new OpenDeployment();
  await world.writeRecord();
  const { records } = connectStageServices(world.runtime, 'attach-real');
  const stored = await world.clock.run(records.read('WAS'));
  if (!stored) throw new Error('there is no record');
  return { world, session: new Session(records, stored, world.runtime, world.invocation()) };
}

test('an action waits for all its calls, also where one fails, and then fails with its code', async () => {
  const { world, session } = await openSession();
  const ended: string[] = [];
  const call = (name: string, seconds: number, error?: Error) => async () => {
    await world.clock.sleep(seconds);
    ended.push(name);
    if (error) throw error;
    return name;
  };
  const cause = new Error('Rate exceeded');
  const action = session.act('T008', 'detaching was-blue', [call('a', 3), call('b', 1, cause), call('c', 2)]);
  await expect(world.clock.run(action)).rejects.toEqual(new ActionFailed('T008', 'detaching was-blue', cause));
  expect(ended).toEqual(['b', 'c', 'a']);
});

test('an action answers what its calls answered, in their order, and makes five of them at once', async () => {
  const { world, session } = await openSession();
  let underWay = 0;
  let most = 0;
  const calls = Array.from({ length: 12 }, (_, index) => async () => {
    most = Math.max(most, ++underWay);
    await world.clock.sleep(12 - index);
    underWay--;
    return index;
  });
  expect(await world.clock.run(session.act('T006', 'deleting', calls))).toEqual(calls.map((_, index) => index));
  expect(most).toBe(5);
});

test('after a failed call no further one begins', async () => {
  const { world, session } = await openSession();
  const begun: number[] = [];
  const calls = Array.from({ length: 6 }, (_, index) => async () => {
    begun.push(index);
    if (index === 0) throw new Error('sorry');
  });
  await expect(world.clock.run(session.act('T006', 'deleting', calls))).rejects.toThrow('deleting failed: sorry');
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('the claim, and what is noted of the action, stand in the record before the first call', async () => {
  const { world, session } = await openSession();
  const detachingSince = world.in(0);
  let seen: unknown;
  const look = async () => {
    seen = JSON.parse(Buffer.from(world.aws.s3.readObject('state', 'tasks/WAS.json')?.bytes ?? []).toString());
  };
  await world.clock.run(session.act('T008', 'detaching', [look], { progress: { detachingSince } }));
  expect(seen).toMatchObject({ seq: 7, claim: { attempt: 1 }, progress: { detachingSince } });
  expect(session.isClaimed).toBe(true);
});

test('what was seen too long ago is not acted upon, and nothing is noted of it', async () => {
  const { world, session } = await openSession();
  const seenAt = world.clock.now();
  await world.clock.advance(11);
  let called = 0;
  const detach = async () => {
    called++;
  };
  const action = session.act('T008', 'detaching', [detach], { progress: { detachingSince: world.in(0) }, seenAt });
  await expect(world.clock.run(action)).rejects.toMatchObject({
    name: 'OutOfDate',
    progress: { detachingSince: undefined },
  });
  expect(called).toBe(0);
});

test('an invocation claims once, and writes again only what it notes', async () => {
  const { world, session } = await openSession();
  let writes = 0;
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation === 'PutObject') writes++;
    return proceed();
  });
  await world.clock.run(session.act('T004', 'one', []));
  const claim = session.record.claim;
  await world.clock.run(session.act('T004', 'two', []));
  expect(writes).toBe(1);
  await world.clock.run(session.act('T004', 'three', [], { progress: { cycle: 1 } }));
  expect(writes).toBe(2);
  expect(session.record).toMatchObject({ claim, progress: { cycle: 1 } });
});

test('an outcome gives the claim back, so that the next look counts its attempts anew', async () => {
  const { world, session } = await openSession();
  await world.clock.run(session.act('T004', 'attaching', []));
  await world.clock.run(session.transition(again('the load balancer')));
  const published = world.events.map(({ detail, ...event }) => ({ detailType: event['detail-type'], detail }));
  expect(published).toEqual((await world.record()).outbox.events);
  expect((await world.record()).claim).toBeUndefined();
  expect([session.isClaimed, session.attempt]).toEqual([false, 1]);
});

test('what only reads neither claims nor writes, and a failed read has its code', async () => {
  const { world, session } = await openSession();
  const before = await world.record();
  expect(await session.read('T007', 'reading', async () => 'healthy')).toBe('healthy');
  const cause = new Error('sorry');
  const failed = session.read('T007', 'reading', () => Promise.reject(cause));
  await expect(failed).rejects.toEqual(new ActionFailed('T007', 'reading', cause));
  expect(await world.record()).toEqual(before);
});

test('a publication of more than ten events is split, and one that the bus refuses is an error', async () => {
  const { world } = await openSession();
  const bus = Bus.connect(world.runtime, new Deadline(), 'pipeline');
  const entries = Array.from({ length: 23 }, (_, seq) => ({ detailType: 'Swapped', detail: { seq } }));
  await world.clock.run(bus.publish(entries));
  expect(world.events.map(({ detail }) => detail.seq)).toEqual(entries.map(({ detail }) => detail.seq));
  const unnamed = bus.publish([{ detailType: '', detail: {} }]);
  await expect(world.clock.run(unnamed)).rejects.toThrow('the bus did not take every event: InvalidArgument');
});
