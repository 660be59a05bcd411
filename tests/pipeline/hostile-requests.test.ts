/** What a script gone wrong, or an enemy, puts on the bus: each found by drawing, and each answered like any other request. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { readEnvelope } from '../../shared/aws/envelope';
import { readRequest } from '../../shared/pipeline/requests';
import { World } from '../harness/world';

/** As `world.put`, with a text that need not be what an object can hold, and a time. */
async function put(world: World, DetailType: string, Detail: string, Time = world.clock.now()): Promise<void> {
  const entry = { EventBusName: world.stack.outputs.EventBusName, Source: 'bluegreen', DetailType, Detail, Time };
  await world.clock.run(new EventBridgeClient(world.aws.operator).send(new PutEventsCommand({ Entries: [entry] })));
  await world.clock.advance(6);
}

function refusals(world: World): string[] {
  return world.events
    .filter((event) => event['detail-type'] === 'Refused')
    .map(({ detail }) => `${detail.code}: ${detail.message}`);
}

test.each(['__proto__', 'constructor', 'toString'])('a field %s asks for something that there is not', async (name) => {
  const world = await World.quick();
  await put(world, 'DeployRequested', `{"task":"WAS","${name}":{"versions":"previous"}}`);
  await put(world, 'CleanRequested', `{"task":"WAS","${name}":true}`);
  expect(refusals(world)).toEqual(
    Array(2).fill(expect.stringMatching(new RegExp(`^414: .*there is no field '${name}'`))),
  );
  expect(world.mails).toEqual([
    '[Failed] Deploy Start Failed(Task : WAS, errCode : 414)',
    '[Refused] Clean(Task : WAS)',
  ]);
});

test('what is nested without end is refused, and breaks no function', () => {
  let deep: unknown = 'x';
  for (let level = 0; level < 20_000; level++) deep = level % 2 ? [deep] : { deep };
  const event = { source: 'bluegreen', 'detail-type': 'DeployRequested', time: '2030-01-01T00:00:00Z' };
  const read = (detail: object) => readRequest(readEnvelope({ ...event, detail }, new Date(event.time)) as never);
  expect(read({ task: 'WAS', deep })).toMatchObject({ refusal: { code: '414' } });
  expect(read({ task: 'WAS', requestedBy: deep })).toMatchObject({ requestedBy: expect.stringMatching(/^.{1,256}$/) });
});

test.each([
  ['AbortRequested', { task: `${'x'.repeat(255)}😀` }],
  ['DeployRequested', { task: 'WAS\ud800<' }],
  ['CleanRequested', { task: 'WAS', [`${'x'.repeat(79)}😀`]: true }],
  ['Half\ud83d', { task: '\udc00' }],
])('half a character keeps the answer to %s from no mail', async (type, detail) => {
  // The client refuses to encode it for SNS.
  const world = await World.quick({ entry: 'wire' });
  await put(world, type, JSON.stringify(detail));
  expect(world.mails).toHaveLength(1);
  expect(world.mailBody(0).isWellFormed()).toBe(true);
  expect(world.aws.lambda.invocations.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
});

test.each(['\udc00', 'x'.repeat(5000), '"', 7])(
  'a function that broke off over a task that is none (%j) breaks no other',
  async (task) => {
    const world = await World.quick();
    const requestPayload = {
      source: 'bluegreen',
      'detail-type': 'DeployRequested',
      time: world.clock.now().toISOString(),
      detail: { task },
    };
    const entry = {
      EventBusName: world.stack.outputs.EventBusName,
      Source: 'lambda',
      DetailType: 'Lambda Function Invocation Result - Failure',
      Detail: JSON.stringify({ requestContext: {}, requestPayload }),
    };
    await world.clock.run(new EventBridgeClient(world.aws.operator).send(new PutEventsCommand({ Entries: [entry] })));
    await world.clock.advance(6);
    const cleanUps = world.aws.lambda.invocations.filter((one) => one.function === 'clean-up');
    expect(cleanUps.map(({ outcome }) => outcome)).toEqual(['succeeded']);
  },
);

test('a requestId that another upload uses again is told of, and the same upload asked for again is not', async () => {
  const world = await World.quick({ fleet: { extraTags: { settleseconds: '600' } } });
  const upload = { bucket: 'wars', key: 'app.war', versionId: 'v2' };
  await world.put('DeployRequested', { task: 'WAS', requestId: 'mine', upload });
  await world.clock.advance(6);
  await world.put('DeployRequested', { task: 'WAS', requestId: 'mine', upload });
  await world.clock.advance(6);
  expect(refusals(world)).toEqual([]);
  await world.put('DeployRequested', { task: 'WAS', requestId: 'mine', upload: { ...upload, versionId: 'v3' } });
  await world.clock.advance(6);
  expect(refusals(world)).toEqual([expect.stringMatching(/^414: .*'mine' was used by another request/)]);
});

test('an unknown event is mailed once an hour, also by a sender whose clock stands still', async () => {
  const world = await World.quick();
  const then = new Date('2001-01-01T00:00:00Z');
  for (let count = 0; count < 3; count++) await put(world, 'DeployRequest', '{"task":"WAS"}', then);
  expect(world.mails).toHaveLength(1);
  await world.clock.advance(3600);
  await put(world, 'DeployRequest', '{"task":"WAS"}', then);
  expect(world.mails).toHaveLength(2);
});

test.each([
  ['a war key of 243 characters', { key: `${'k'.repeat(239)}.war` }, {}],
  ['a war key of 1024 characters', { key: `${'k'.repeat(1020)}.war` }, {}],
  ['a key of control characters', { key: '\u0007\n.war' }, {}],
  ['a requester of one blank', {}, { requestedBy: ' ' }],
  ['a requester of control characters', {}, { requestedBy: '\u0000\u001b' }],
  ['a requester whose last character is cut', {}, { requestedBy: `${'x'.repeat(255)}😀` }],
  ['a time that no calendar has', {}, { requestedAt: '9999-12-31T23:59:59-23:59' }],
  ['a time before all calendars', {}, { requestedAt: '0000-01-01T00:00:00+23:59' }],
])('a running deployment ends well with an upload of %s that waits', async (_, upload, more) => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const waiting = { bucket: world.fleet.bucket, key: 'app.war', versionId: 'v9', ...upload };
  await world.put('DeployRequested', { task: 'WAS', ...more, upload: waiting });
  await world.until('Completed');
  await world.clock.advance(600);
  expect(world.story.filter((type) => type === 'Failed')).toEqual([]);
  expect(await world.record()).toMatchObject({ status: 'completed' });
  expect((await world.record()).pending).toBeUndefined();
});
