/** Bad input: each gets a clear error with a code, or a logged refusal, and nothing is changed or lost. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { PutBucketVersioningCommand, RestoreObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildWar } from '../../local/fleet/war';
import { holdHandlers, withHold } from '../harness/hold';
import { World } from '../harness/world';

let world: World;
let fleetBefore: unknown;

beforeAll(async () => {
  world = await World.create({ fleet: { warKeys: ['app.war', 'admin.war'] } });
  fleetBefore = await fleetState();
});

/** No request of this file changes anything. */
afterEach(async () => {
  expect(await fleetState()).toEqual(fleetBefore);
  expect(await world.dummies()).toEqual([]);
  expect(world.story).not.toContain('Started');
});

async function fleetState(): Promise<unknown> {
  return [await world.group(world.fleet.activeGroup), await world.group(world.fleet.standByGroup)];
}

/** The refusal that a request gets: `code: message`. */
async function refusalOf(request: object): Promise<string> {
  const after = world.events.length;
  await world.put('DeployRequested', request);
  const { detail } = await world.until('Refused', { after, limitSeconds: 300 });
  await world.clock.advance(60);
  expect(world.mails.at(-1)).toMatch(
    new RegExp(`^\\[Failed\\] Deploy Start Failed\\(Task : .*, errCode : ${detail.code}\\)$`),
  );
  return `${detail.code}: ${detail.message}`;
}

/** What the functions logged since, as parsed lines. */
function logsOf(functionName: string): Record<string, unknown>[] {
  return world.logs.filter((log) => log.function === functionName).map(({ line }) => JSON.parse(line));
}

describe('a request', () => {
  test.each([
    [
      'of an unknown task',
      { task: 'NOPE' },
      /^400: no group is tagged Active, and no group is tagged StandBy: the task NOPE needs exactly one Active and one StandBy group/,
    ],
    ['of a task with another spelling', { task: 'was' }, /^400: /],
    ['without a task', {}, /^414: the request is not valid: .*task/],
    ['whose task is no text', { task: 7 }, /^414: /],
    ['whose task has characters of markup', { task: 'WAS"}<b>\\' }, /^414: .*task/],
    ['whose task is endless', { task: 'x'.repeat(5000) }, /^414: .*task/],
    [
      'with a version that does not exist',
      { task: 'WAS', versions: 'a'.repeat(32) },
      /^402: .*app\.war.*a{32}.*does not exist/,
    ],
    ['with more versions than slots', { task: 'WAS', versions: ',,' }, /^414: .*3 versions for 2 war slots/],
    ['with a version of impossible characters', { task: 'WAS', versions: 'a b' }, /^414: .*'a b' is not a version id/],
    ['with a version that no tag can hold', { task: 'WAS', versions: 'v'.repeat(257) }, /^414: .*is not a version id/],
    ['with versions that are no text', { task: 'WAS', versions: ['a'] }, /^414: .*versions/],
  ])('%s is refused', async (_, request, expected) => {
    expect(await refusalOf(request)).toMatch(expected);
  });

  test('names bucket, key and version where a version is missing', async () => {
    const missing = 'b'.repeat(32);
    const refusal = await refusalOf({ task: 'WAS', versions: `,${missing}` });
    expect(refusal).toContain(`${world.fleet.bucket} key(admin.war) versionId(${missing})`);
  });
});

describe('an upload', () => {
  test.each([
    ['empty', '', /^402: .*admin\.war.*is empty/],
    ['no zip', 'PKzip? no.', /^402: .*admin\.war.*not a zip/],
  ])('of a war that is %s is refused, and the next good one is not held up', async (_, body, expected) => {
    const after = world.events.length;
    await world.uploadBytes('admin.war', body);
    const { detail } = await world.until('Refused', { after, limitSeconds: 300 });
    expect(`${detail.code}: ${detail.message}`).toMatch(expected);
    await world.clock.advance(60);
  });

  test.each(['no task has this.war', '한국어 + 100%.war', 'a/b/../c.war', '"quoted"\n.war'])(
    'of a war that no task has (%j) is logged and nothing else',
    async (key) => {
      const [events, logged] = [world.events.length, logsOf('war-uploaded').length];
      await world.upload(key);
      await world.clock.advance(120);
      expect(world.events.length).toBe(events);
      expect(logsOf('war-uploaded').slice(logged)).toMatchObject([{ message: 'ignored: no task has this war', key }]);
    },
  );

  test('of something else than a war is not even looked at', async () => {
    const looks = () => logsOf('war-uploaded').length;
    const before = looks();
    await world.upload('readme.txt');
    await world.clock.advance(120);
    expect(looks()).toBe(before);
  });
});

describe('an event', () => {
  test.each([
    ['without a deployment', { task: 'WAS' }],
    ['of another deployment', { task: 'WAS', deploymentId: '20200101T000000Z-000000', seq: 3 }],
    ['with a sequence number that is none', { task: 'WAS', deploymentId: 'x', seq: 'one' }],
  ])('%s is logged and dropped by every stage, and raises no alarm', async (_, detail) => {
    const after = world.events.length;
    for (const type of ['DummyAttached', 'Step1Passed', 'RealAttached', 'Step2Passed', 'Swapped']) {
      await world.put(type, detail);
    }
    await world.put('CheckDue', { ...detail, stage: 'swap' });
    await world.put('CheckPending', { ...detail, stage: 'swap', waitingFor: 'a forged event', cycle: '1-1' });
    await world.clock.advance(900);
    const types = world.events.slice(after).map((event) => event['detail-type']);
    expect(types.filter((type) => type === 'Failed' || type.startsWith('Lambda Function'))).toEqual([]);
    expect(logsOf('swap').at(-1)?.message).toMatch(/^(dropped|refused): /);
  });
});

test('a bucket without versioning is refused with that reason', async () => {
  const own = await World.create();
  const s3 = new S3Client(own.aws.operator);
  const suspended = { Status: 'Suspended' as const };
  await own.clock.run(
    s3.send(new PutBucketVersioningCommand({ Bucket: own.fleet.bucket, VersioningConfiguration: suspended })),
  );
  await own.upload('app.war', { version: '2' });
  const { detail } = await own.until('Refused', { limitSeconds: 300 });
  expect(`${detail.code}: ${detail.message}`).toMatch(/^402: .*versioning is not enabled/);
});

describe('a war that S3 does not give', () => {
  const war = buildWar({ health: 'well', version: '2' });

  async function refusalAfter(own: World): Promise<string> {
    const { detail } = await own.until('Refused', { limitSeconds: 300 });
    await own.clock.advance(5);
    expect(own.mails.at(-1)).toBe('[Failed] Deploy Start Failed(Task : WAS, errCode : 402)');
    expect(await own.dummies()).toEqual([]);
    return `${detail.code}: ${detail.message}`;
  }

  test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)(
    'because it is archived (%s) is refused with its version, and is deployed once it is restored',
    async (StorageClass) => {
      const own = await World.quick();
      const version = await own.uploadBytes('app.war', war, { StorageClass });
      const refusal = await refusalAfter(own);
      expect(refusal).toMatch(/^402: .*is archived .*restore that version.*InvalidObjectState/);
      expect(refusal).toContain(`${own.fleet.bucket} key(app.war) versionId(${version})`);
      const request = { Bucket: own.fleet.bucket, Key: 'app.war', VersionId: version, RestoreRequest: { Days: 7 } };
      await own.clock.run(new S3Client(own.aws.operator).send(new RestoreObjectCommand(request)));
      await own.clock.advance(13 * 3600);
      await own.put('DeployRequested', { task: 'WAS' });
      await own.until('Completed');
      expect(own.servedVersions()).toEqual([version]);
    },
  );

  test('because the role of start has no right to its key is refused, with its version and that key', async () => {
    const own = await World.quick();
    const SSEKMSKeyId = 'arn:aws:kms:eu-central-1:123456789012:key/ours';
    const version = await own.uploadBytes('app.war', war, { ServerSideEncryption: 'aws:kms', SSEKMSKeyId });
    const refusal = await refusalAfter(own);
    expect(refusal).toMatch(/^402: .*the KMS key .* cannot be used.* with SSE-S3/);
    expect(refusal).toContain(`key(app.war) versionId(${version})`);
    expect(refusal).toContain(SSEKMSKeyId);
  });

  test('because its bucket is in another region is refused', async () => {
    const own = await World.quick();
    own.aws.s3.createBucket(own.fleet.bucket, { region: 'us-west-2' });
    await own.put('DeployRequested', { task: 'WAS' });
    expect(await refusalAfter(own)).toMatch(
      /^402: .*key\(app\.war\).* in another region than the stack.*PermanentRedirect/,
    );
  });
});

test('a war with a script in front deploys', async () => {
  const own = await World.quick();
  const war = buildWar({ health: 'well', version: '2' });
  const version = await own.uploadBytes(
    'app.war',
    Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0"\n'), war]),
  );
  await own.until('Completed');
  expect(own.servedVersions()).toEqual([version]);
});

test.each(['릴리스 +1 100%.war', 'with space & "quotes" <b>.war'])(
  'a war with a strange key (%j) deploys',
  async (key) => {
    const own = await World.create({ fleet: { warKeys: [key] } });
    const version = await own.upload(key, { version: '2' });
    await own.until('Completed');
    await own.clock.advance(120);
    expect(own.servedVersions()).toEqual([version]);
    expect(own.mailBody(0)).toContain(key);
  },
);

test.each([
  ['is disabled', (rule: string, bus: string) => new DisableRuleCommand({ Name: rule, EventBusName: bus })],
  [
    'has lost its target',
    (rule: string, bus: string) => new RemoveTargetsCommand({ Rule: rule, EventBusName: bus, Ids: ['delay-queue'] }),
  ],
])('a deployment is refused with 411 where a rule that would carry it on %s', async (_, breakIt) => {
  const own = await World.create();
  const [bus = '', rule = ''] = (own.stack.resources.get('CheckPendingRule')?.physicalId ?? '').split('|');
  await own.clock.run(new EventBridgeClient(own.aws.operator).send(breakIt(rule, bus) as DisableRuleCommand));
  await own.upload('app.war', { version: '2' });
  const { detail } = await own.until('Refused', { limitSeconds: 300 });
  expect(`${detail.code}: ${detail.message}`).toMatch(
    /^411: a deployment would stand still on the bus .*: (?:disabled rules|rules) of EventBridge.*: .*CheckPending/,
  );
});

test.each([
  [
    'by which swap begins, though another stage hears of the same event,',
    'Bluegreendevswaprule1EventBridgeRule',
    'Step2Passed',
  ],
  ['of one stage, though others hear of the same event,', 'Bluegreendevswaprule2EventBridgeRule', 'CheckDue of swap'],
  ['of the delay queue, though notify hears of some,', 'CheckPendingRule', 'CheckPending'],
  ['of a failure, though one of replays is left,', 'FailureRule', 'Failed'],
])('a deployment is refused with 411 where the rule %s is gone', async (_, id, missing) => {
  const own = await World.create({ handlers: holdHandlers, extend: withHold });
  const [bus = '', rule = ''] = (own.stack.resources.get(id)?.physicalId ?? '').split('|');
  const client = new EventBridgeClient(own.aws.operator);
  const { Targets = [] } = await own.clock.run(
    client.send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: bus })),
  );
  const Ids = Targets.map(({ Id = '' }) => Id);
  await own.clock.run(client.send(new RemoveTargetsCommand({ Rule: rule, EventBusName: bus, Ids })));
  await own.clock.run(client.send(new DeleteRuleCommand({ Name: rule, EventBusName: bus })));
  await own.upload('app.war', { version: '2' });
  const { detail } = await own.until('Refused', { limitSeconds: 300 });
  expect(`${detail.code}: ${detail.message}`).toMatch(new RegExp(`^411: .*no rule reacts to ${missing}$`));
});

test('what others listen for on the bus is no business of a deployment: their disabled rules keep none from running', async () => {
  const own = await World.quick();
  const [bus = ''] = (own.stack.resources.get('CheckPendingRule')?.physicalId ?? '').split('|');
  const EventPattern = JSON.stringify({
    source: ['bluegreen'],
    'detail-type': ['DummyAttached', 'CheckPending', 'Failed'],
  });
  const theirs = { Name: 'audit-of-all-deployments', EventBusName: bus, EventPattern, State: 'DISABLED' as const };
  await own.clock.run(new EventBridgeClient(own.aws.operator).send(new PutRuleCommand(theirs)));
  await own.upload('app.war', { version: '2' });
  await own.until('Completed');
  expect(own.story).not.toContain('Refused');
});

test('nor do they stand in for a rule of the pipeline that is gone', async () => {
  const own = await World.quick();
  const [bus = '', rule = ''] = (own.stack.resources.get('CheckPendingRule')?.physicalId ?? '').split('|');
  const client = new EventBridgeClient(own.aws.operator);
  const { EventPattern } = await own.clock.run(client.send(new DescribeRuleCommand({ Name: rule, EventBusName: bus })));
  const theirs = { Rule: 'audit-of-checks', EventBusName: bus };
  await own.clock.run(client.send(new PutRuleCommand({ Name: theirs.Rule, EventBusName: bus, EventPattern })));
  const { Targets } = await own.clock.run(client.send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: bus })));
  await own.clock.run(client.send(new PutTargetsCommand({ ...theirs, Targets })));
  const Ids = (Targets ?? []).map(({ Id = '' }) => Id);
  await own.clock.run(client.send(new RemoveTargetsCommand({ Rule: rule, EventBusName: bus, Ids })));
  await own.clock.run(client.send(new DeleteRuleCommand({ Name: rule, EventBusName: bus })));
  await own.upload('app.war', { version: '2' });
  const { detail } = await own.until('Refused', { limitSeconds: 300 });
  expect(`${detail.code}: ${detail.message}`).toMatch(/^411: .*no rule reacts to CheckPending$/);
});
