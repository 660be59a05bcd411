/** EventBridge delivers at least once and in no order: the pipeline is right all the same, and nothing breeds. */
import type { Delivery } from '../../local/services/eventbridge/delivery';
import { FLOW, STAGES } from '../../shared/pipeline/flow';
import { World } from '../harness/world';

const ONCE_EACH = [...STAGES.flatMap((name) => Object.keys(FLOW[name].passes)), 'Completed'];

/** Once soon, and once more anywhere within the next minutes: so events come twice, late, and in the wrong order. */
function twiceAndInDisorder(world: World): (delivery: Delivery) => number[] {
  return () => [0.5 + 4 * world.aws.random.next(), 1 + 300 * world.aws.random.next()];
}

test.each([1, 2, 3])('every event twice, late and in the wrong order makes one deployment (seed %i)', async (seed) => {
  const world = await World.create({ seed });
  const invocationsBefore = world.aws.lambda.invocations.length;
  world.aws.eventBridge.deliveryPolicy = twiceAndInDisorder(world);
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(3600);

  const deployments = new Set(world.events.flatMap(({ detail }) => (detail.deploymentId as string | undefined) ?? []));
  expect(deployments.size).toBe(1);
  for (const detailType of ONCE_EACH) {
    expect(world.events.filter((event) => event['detail-type'] === detailType).length).toBeLessThanOrEqual(2);
  }
  expect(world.servedVersions()).toEqual([version]);
  expect(await world.size(world.fleet.activeGroup)).toBe('0/0/0');
  expect(world.mails).toEqual([...new Set(world.mails)]);

  // Every event is delivered twice, and each poll is two events and a message: a bound that breeding would break.
  const polls = world.events.filter((event) => event['detail-type'] === 'CheckPending').length;
  expect(polls).toBeLessThan(60);
  expect(world.aws.lambda.invocations.length - invocationsBefore).toBeLessThan(60 * 6 + 40);
});

test('a duplicate of every event long after the end changes nothing', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = () => [0.5, 2 * 3600];
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(600);
  const [events, mails, record] = [world.events.length, world.mails.length, await world.record()];
  await world.clock.advance(4 * 3600);

  expect(world.events.slice(events).map((event) => event['detail-type'])).not.toContain('Started');
  expect(world.mails.length).toBe(mails);
  expect(await world.record()).toEqual(record);
});

test('an upload event that S3 delivers twice is one deployment', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = ({ event }) => (event.source === 'aws.s3' ? [0.5, 30, 900] : [0.5]);
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await world.clock.advance(3600);
  expect(world.story.filter((type) => type === 'Started')).toHaveLength(1);
  expect(world.mails.filter((subject) => subject.startsWith('[Failed]'))).toEqual([]);
});
