/** What is mailed is mailed once: told twice in the same instant, told to one that dies, and where answers are lost. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError, type Call, type Interceptor } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { World } from '../harness/world';

/** Every event reaches `notify` twice in the same instant. */
async function toldTwice(): Promise<World> {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.includes('notify') ? [0.5, 0.5] : [0.5]);
  return world;
}

const CLEANED = '[Success] Deploy Clean(Task : WAS)';

const COURSES: [course: string, provoke: (world: World) => Promise<unknown>, mails: string[]][] = [
  [
    'a deployment',
    async (world) => {
      await world.upload('app.war', { version: '2' });
      await world.until('Completed');
    },
    [
      '[Deploy] Start(Task : WAS)',
      '[Deploy] Call Step 1-1(Task : WAS)',
      '[Deploy] Call Step 2-1(Task : WAS)',
      '[Success] Non-disruptive deployment(Task : WAS)',
    ],
  ],
  [
    'a request that is refused',
    async (world) => {
      await world.put('DeployRequested', { task: 'NOPE' });
      await world.until('Refused');
    },
    ['[Failed] Deploy Start Failed(Task : NOPE, errCode : 400)'],
  ],
  [
    'a deployment that is cleaned up',
    async (world) => {
      await world.upload('app.war', { version: '2' });
      await world.until('DummyAttached');
      await world.put('AbortRequested', { task: 'WAS' });
      await world.until('Cleaned');
    },
    [
      '[Deploy] Start(Task : WAS)',
      '"[Failed] Non-disruptive deployment(errCode : T015, Task : WAS)"',
      '[Failed] Non-disruptive deployment(errCode : T015, Task : WAS)',
      CLEANED,
    ],
  ],
  [
    "an operator's request without a deployment",
    async (world) => {
      await world.put('CleanRequested', { task: 'WAS' });
      await world.until('Cleaned');
    },
    [CLEANED],
  ],
];

test.each(COURSES)('%s is mailed once, though notify hears each event twice in the same instant', async (...course) => {
  const [, provoke, mails] = course;
  const world = await toldTwice();
  await provoke(world);
  await world.clock.advance(900);
  expect(world.mails).toEqual(mails);
});

/** Lets `fault` meet the next `times` mails that are sent; answers how many have met it. */
function onMails(world: World, times: number, fault: Interceptor) {
  let met = 0;
  world.aws.endpoint.intercept((call, proceed) => {
    if (call.operation !== 'Publish' || met >= times) return proceed();
    met++;
    return fault(call, proceed);
  });
  return () => met;
}

function kill(world: World, { caller }: Call): Promise<never> {
  if (isInvocationCaller(caller) && caller.invocation) world.aws.lambda.kill(caller.invocation);
  return new Promise(() => {});
}

const STARTED = {
  deploymentId: '20300101T000000Z-abc123',
  task: 'WAS',
  seq: 2,
  requestedBy: 'jane',
  oldGroup: 'blue',
  newGroup: 'green',
  instances: 2,
  wars: [],
  notes: [],
};

test('a mail whose sender dies before it has sent it comes once, a minute later, though another was told too', async () => {
  const world = await toldTwice();
  const killed = onMails(world, 1, (call) => kill(world, call));
  await world.put('Started', STARTED);
  await world.clock.advance(55);
  expect([killed(), world.mails]).toEqual([1, []]);
  await world.clock.advance(20);
  expect(world.mails).toEqual(['[Deploy] Start(Task : WAS)']);
  await world.clock.advance(600);
  expect(world.mails).toHaveLength(1);
});

test('a mail of which every sender died, and that two are told of again in the same instant, comes once', async () => {
  const world = await toldTwice();
  const killed = onMails(world, 3, (call) => kill(world, call));
  await world.put('Started', STARTED);
  await world.clock.advance(600);
  const unread = '[Error] Pipeline(Stack : bluegreen-dev)'; // what nobody could send is a dead letter
  expect([killed(), world.mails]).toEqual([3, [unread]]);
  await world.replay('again');
  await world.clock.advance(600);
  expect(world.mails).toEqual([unread, '[Deploy] Start(Task : WAS)']);
});

test('a mail that is told of again while it waits to be sent is sent by whoever was first', async () => {
  const world = await World.quick();
  onMails(world, 1, async (_, proceed) => {
    await world.clock.sleep(20);
    return proceed();
  });
  await world.put('Started', STARTED);
  await world.clock.advance(10);
  await world.put('Started', STARTED);
  await world.clock.advance(600);
  expect(world.mails).toEqual(['[Deploy] Start(Task : WAS)']);
});

const timeOut = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
const serverError = () => new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
const race = () => new AwsError('ConditionalRequestConflict', 'The conditional request cannot succeed', 409);

test.each<[string, string, boolean, () => Error]>([
  ['a time-out', 'before', false, timeOut],
  ['a time-out', 'after', true, timeOut],
  ['an error of the server', 'before', false, serverError],
  ['an error of the server', 'after', true, serverError],
  ['a conflict that nobody wins', 'before', false, race],
])('a mail comes once where %s meets the first claim of both who are told of it, %s its effect', async (...row) => {
  const [, , takesEffect, error] = row;
  const world = await toldTwice();
  const met = new Set<unknown>();
  world.aws.endpoint.intercept(async (call, proceed) => {
    const { operation, input, caller } = call;
    const invocation = isInvocationCaller(caller) ? caller.invocation : undefined;
    if (operation !== 'PutObject' || !String(input.Key).startsWith('mails/') || met.has(invocation)) return proceed();
    met.add(invocation);
    if (takesEffect) await proceed();
    throw error();
  });
  await world.put('Started', STARTED);
  await world.clock.advance(10);
  expect(met.size).toBe(2);
  expect(world.mails).toEqual(['[Deploy] Start(Task : WAS)']);
  await world.clock.advance(600);
  expect(world.mails).toHaveLength(1);
});

test.each([
  [
    'that was sent by an earlier version',
    JSON.stringify({ subject: '[Deploy] Start', at: '2030-01-01T00:00:00.000Z' }),
  ],
  ['whose mark somebody has damaged', '{"claim":'],
])('a mail %s is not sent again', async (_, Body) => {
  const world = await World.quick();
  const mark = { Bucket: world.stack.outputs.StateBucketName, Key: `mails/${STARTED.deploymentId}/${STARTED.seq}` };
  await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand({ ...mark, Body })));
  await world.put('Started', STARTED);
  await world.clock.advance(600);
  expect(world.mails).toEqual([]);
});
