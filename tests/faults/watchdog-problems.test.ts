/** What the watchdog cannot do keeps it from nothing else, and is mailed: once a day, with what to do. */
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import { World } from '../harness/world';

const SUBJECT = '[Error] Pipeline(Stack : bluegreen-dev)';

async function putObject(world: World, Key: string, Body: string): Promise<void> {
  const write = { Bucket: world.stack.outputs.StateBucketName, Key, Body };
  await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(write)));
}

interface DummyTags {
  task?: string;
  deployment?: string;
  stack?: string;
  created?: string;
}

/** A target group with the name of a dummy; unless told otherwise, of a task without a deployment and two hours old. */
async function addDummy(world: World, suffix: string, changes: DummyTags = {}): Promise<string> {
  const created = new Date(world.clock.now().getTime() - 7_200_000).toISOString();
  const stack = world.stack.resources.get('Bus')?.attributes.Arn;
  const tags = { task: 'OTHER', deployment: `20291231T220000Z-${suffix}`, stack, created, ...changes };
  const Tags = Object.entries(tags).flatMap<Tag>(([key, Value]) => (Value ? [{ Key: `bluegreen:${key}`, Value }] : []));
  const Name = `deploycheck-${suffix}`;
  const settings = { Protocol: 'HTTP', Port: 80, VpcId: world.aws.network.vpcId } as const;
  const command = new CreateTargetGroupCommand({ Name, ...settings, ...(Tags.length > 0 && { Tags }) });
  await world.clock.run(new ElasticLoadBalancingV2Client(world.aws.operator).send(command));
  return Name;
}

/** Lets calls of the watchdog fail. */
function refuse(world: World, isMeant: (call: Call) => boolean, error = denied): () => void {
  return world.aws.endpoint.intercept(async (call, proceed) => {
    const { caller } = call;
    const isWatchdog = isInvocationCaller(caller) && caller.invocation?.function === 'watchdog';
    if (!isWatchdog || !isMeant(call)) return proceed();
    throw error();
  });
}

const denied = () => new AwsError('AccessDenied', 'not authorized', 403);
const throttled = () => new AwsError('Throttling', 'Rate exceeded', 400);
const unavailable = () => new AwsError('InternalFailure', 'not now', 500);

const isDeletionOf = (name: string) => (call: Call) =>
  call.operation.startsWith('Delete') && JSON.stringify(call.input).includes(name);

function problemMails(world: World): string[] {
  return world.aws.sns.mails.flatMap(({ subject, body }) => (subject === SUBJECT ? [body] : []));
}

function failedRounds(world: World): number {
  return world.aws.lambda.invocations.filter((one) => one.function === 'watchdog' && one.outcome !== 'succeeded')
    .length;
}

const KEYS_THAT_ARE_NO_RECORDS = [
  'tasks/',
  'tasks/x.txt',
  'tasks/WAS.json.bak',
  'tasks/%zz.json',
  'tasks/old/WAS.json',
];

const DAMAGED: [how: string, body: (record: object) => string][] = [
  ['no JSON', () => '{"schemaVersion":1,'],
  ['of another schema', (record) => JSON.stringify({ ...record, seq: 'seven' })],
  ['the record of another task', (record) => JSON.stringify(record)],
  ['empty', () => ''],
];

test('with all that can be wrong in the bucket and in the fleet, it does its work for everything else', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '1b' });
  await world.until('Completed');
  await world.clock.advance(60);
  for (const key of KEYS_THAT_ARE_NO_RECORDS) await putObject(world, key, '{}');
  const record = await world.record();
  for (const [index, [, bodyOf]] of DAMAGED.entries()) await putObject(world, `tasks/D${index}.json`, bodyOf(record));
  refuse(world, isDeletionOf('deploycheck-denied'));
  const kept = await Promise.all([
    addDummy(world, 'denied'),
    addDummy(world, 'of-damaged', { task: 'D0' }),
    addDummy(world, 'no-date', { created: 'yesterday' }),
    addDummy(world, 'short-date', { created: '1' }),
    addDummy(world, 'future', { created: '2099-01-01T00:00:00.000Z' }),
    addDummy(world, 'no-task', { task: '' }),
    addDummy(world, 'theirs', { stack: 'arn:aws:events:eu-central-1:123456789012:event-bus/theirs' }),
    addDummy(world, 'untagged', { task: '', deployment: '', stack: '', created: '' }),
  ]);
  for (const suffix of ['orphan-1', 'orphan-2']) await addDummy(world, suffix);
  let losses = 0;
  world.aws.eventBridge.deliveryPolicy = ({ event }) =>
    event['detail-type'] === 'Step1Passed' && losses++ === 0 ? [] : [0.5];

  const after = world.events.length;
  const version = await world.upload('app.war', { version: '2' });
  await world.until('Completed', { after, limitSeconds: 1500 });
  expect([losses, world.servedVersions()]).toEqual([expect.any(Number), [version]]);
  expect(losses).toBeGreaterThan(1);
  await world.clock.advance(600);
  expect((await world.dummies()).sort()).toEqual(kept.sort());
  expect(failedRounds(world)).toBe(0);
  expect(problemMails(world)).toHaveLength(1);
});

test('the same is mailed once a day', async () => {
  const world = await World.quick({ fleet: { instances: 1, healthCheckIntervalSeconds: 300 } });
  await putObject(world, 'tasks/D.json', '');
  await world.clock.advance(20 * 3600);
  expect(problemMails(world)).toHaveLength(1);
  await world.clock.advance(20 * 3600);
  expect(problemMails(world)).toHaveLength(2);
});

test.each(DAMAGED)('a record that is %s is mailed with why, and with the command that mends it', async (_, bodyOf) => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  await world.until('Completed');
  await putObject(world, 'tasks/SHOP%20A.json', bodyOf(await world.record()));
  await world.clock.advance(400);
  const [body = ''] = problemMails(world);
  expect(body).toContain('SHOP A');
  expect(body).toMatch(/\nWhy\n {2}the record of SHOP A is damaged: \S/);
  expect(body).toContain('aws events put-events');
  expect(body).toContain(String.raw`\"DetailType\":\"CleanRequested\"`.replaceAll('\\', ''));
  expect(body).toContain(String.raw`{\"task\":\"SHOP A\"}`);
  for (const line of body.split('\n')) expect(line.length).toBeLessThan(1000);
});

test('a key that looks like that of a record and is none is mailed, one that does not look so is nobody’s business', async () => {
  const world = await World.quick();
  for (const key of KEYS_THAT_ARE_NO_RECORDS) await putObject(world, key, '{}');
  await world.clock.advance(400);
  const [body = ''] = problemMails(world);
  expect(body).toContain('tasks/%zz.json');
  expect(body).toContain('tasks/old/WAS.json');
  expect(body).not.toMatch(/x\.txt|\.bak/);
});

test('a deletion that is denied is mailed with the command that does it by hand, and done once it may be', async () => {
  const world = await World.quick();
  const allow = refuse(world, isDeletionOf('deploycheck-denied'));
  await addDummy(world, 'denied');
  await world.clock.advance(400);
  const [body = ''] = problemMails(world);
  expect(body).toMatch(/aws elbv2 delete-target-group --target-group-arn arn:\S+\/deploycheck-denied\//);
  expect(body).toContain('\nWhy\n  not authorized\n');
  allow();
  await world.clock.advance(600);
  expect(await world.dummies()).toEqual([]);
  expect(problemMails(world)).toHaveLength(1);
});

test('of each kind of dummy that may not be removed the mail has the command', async () => {
  const loadBalancers = (['application', 'classic'] as const).map((kind) => ({
    ...{ kind, way: 'direct' as const, isAcrossZones: true },
    targetGroups: kind === 'classic' ? [] : [{ protocol: 'HTTP' as const }],
  }));
  const world = await World.quick({ fleet: { loadBalancers } });
  await world.upload('app.war', { version: '2' });
  await world.until('DummyAttached');
  const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
  await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(record)));
  refuse(world, ({ operation }) => operation.startsWith('Delete'));
  await world.clock.advance(2 * 3600);
  expect(problemMails(world)).toHaveLength(1);
  for (const command of [
    'elbv2 delete-load-balancer --load-balancer-arn arn:',
    'elbv2 delete-target-group --target-group-arn arn:',
    'elb delete-load-balancer --load-balancer-name deploycheck-',
  ]) {
    expect(problemMails(world)[0]).toContain(`aws ${command}`);
  }
});

test('a dummy that is in use for hours is mailed, and not before', async () => {
  const world = await World.quick();
  const inUse = () => new AwsError('ResourceInUse', 'in use by a listener', 400);
  refuse(world, isDeletionOf('deploycheck-used'), inUse);
  await addDummy(world, 'used');
  await world.clock.advance(2 * 3600);
  expect(problemMails(world)).toEqual([]);
  await world.clock.advance(3 * 3600);
  expect(problemMails(world)[0]).toContain('in use by a listener');
});

test.each([
  ['a record cannot be read', 'GetObject'],
  ['the records cannot be listed', 'ListObjectsV2'],
  ['the dummies cannot be listed', 'DescribeTargetGroups'],
  ['a dummy cannot be deleted', 'DeleteTargetGroup'],
])('what passes by itself is not mailed, and left to the next round: %s', async (_, operation) => {
  for (const error of [throttled, unavailable]) {
    const world = await World.quick();
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    await addDummy(world, 'orphan', { task: 'WAS' });
    const pass = refuse(world, (call) => call.operation === operation, error);
    await world.clock.advance(400);
    // To repeat at once what is throttled would take of the rate that it waits for.
    expect(failedRounds(world) > 0).toBe(error === unavailable);
    expect(await world.dummies()).toHaveLength(1);
    pass();
    await world.clock.advance(600);
    expect(await world.dummies()).toEqual([]);
    // What is left of a round that failed on each attempt is a dead letter.
    expect(problemMails(world).filter((body) => !body.includes('Dead letters lie unread in'))).toEqual([]);
  }
});

test.each([
  ['the records may not be listed', ({ input }: Call) => input.Prefix === 'tasks/'],
  ['no record may be read', ({ operation, input }: Call) => operation === 'GetObject' && /^tasks/.test(`${input.Key}`)],
  ['the dummies may not be listed', (call: Call) => call.operation === 'DescribeTargetGroups'],
  ['no event may be put', (call: Call) => call.operation === 'PutEvents'],
])('what is denied is mailed once, and no dummy that may be in use is removed: %s', async (_, isMeant) => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = ({ event }) => (event['detail-type'] === 'Step1Passed' ? [] : [0.5]);
  await world.upload('app.war', { version: '2' });
  await world.until('Step1Passed');
  refuse(world, isMeant);
  await addDummy(world, 'of-was', { task: 'WAS' });
  await world.clock.advance(1200);
  expect(problemMails(world)).toHaveLength(1);
  expect(problemMails(world)[0]).toContain('\nWhy\n  not authorized\n');
  expect(failedRounds(world)).toBe(0);
  expect(await world.dummies()).toContain('deploycheck-of-was');
});

test('two rounds in the same instant mail once', async () => {
  const world = await World.quick();
  world.aws.eventBridge.deliveryPolicy = ({ target }) => (target.Arn?.includes('watchdog') ? [0.5, 0.5] : [0.5]);
  await putObject(world, 'tasks/D.json', '');
  await world.clock.advance(400);
  expect(problemMails(world)).toHaveLength(1);
});

test('what is new on the same day is mailed too, but not for ever', async () => {
  const world = await World.quick();
  for (let count = 1; count <= 15; count++) {
    await putObject(world, `tasks/D${count}.json`, '');
    await world.clock.advance(300);
    expect(problemMails(world)).toHaveLength(Math.min(count, 10));
  }
  expect(problemMails(world).at(-1)).toContain('D10');
});

test('of a bucket full of damaged records the mail names some, counts the others, and can be sent', async () => {
  const world = await World.quick();
  const keys = Array.from({ length: 100 }, (_, index) => `tasks/${'x'.repeat(200)}${index}.json`);
  await Promise.all(keys.map((key) => putObject(world, key, '')));
  await world.clock.advance(400);
  const [body = ''] = problemMails(world);
  expect(body).toContain('80 more');
  expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
});

test('a dummy that somebody else removes while it is looked at is nobody’s problem', async () => {
  const world = await World.quick();
  await addDummy(world, 'orphan');
  await addDummy(world, 'gone');
  const client = new ElasticLoadBalancingV2Client(world.aws.operator);
  const { TargetGroups = [] } = await world.clock.run(
    client.send(new DescribeTargetGroupsCommand({ Names: ['deploycheck-gone'] })),
  );
  world.aws.endpoint.intercept(async (call, proceed) => {
    const arn = TargetGroups[0]?.TargetGroupArn;
    const isAsked = call.operation === 'DescribeTags' && JSON.stringify(call.input).includes(arn ?? '');
    if (isAsked) throw new AwsError('TargetGroupNotFound', `Target groups '${arn}' not found`, 400);
    return proceed();
  });
  await world.clock.advance(400);
  expect(await world.dummies()).toEqual(['deploycheck-gone']);
  expect(problemMails(world)).toEqual([]);
  expect(failedRounds(world)).toBe(0);
});
