import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListEventBusesCommand,
  ListReplaysCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  StartReplayCommand,
  type StartReplayCommandInput,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { clientDefaults } from '../../endpoint/client';
import { Endpoint } from '../../endpoint/endpoint';
import { VirtualClock } from '../../kernel/clock';
import { Random } from '../../kernel/random';
import { AwsError } from '../../kernel/service';
import type { PolicyStatement } from '../iam/resource-policy';
import { Sns } from '../sns/sns';
import { Sqs } from '../sqs/sqs';
import type { BusEvent } from './event';
import { EventBridge } from './eventbridge';

const BUS = 'arn:aws:events:eu-central-1:123456789012:event-bus/pipeline';

/** A bus `pipeline` whose rule `everything` matches source `test`, and a queue that its targets can be. */
function world({ seed = 1, allowed = true } = {}) {
  const clock = new VirtualClock();
  const common = { clock, random: new Random(seed), region: 'eu-central-1', accountId: '123456789012' };
  const sqs = new Sqs(common);
  const invoked: unknown[] = [];
  const lambda = { invokeAsync: (_arn: string, event: unknown) => invoked.push(event) };
  const sns = new Sns({ ...common, lambda });
  const iam = { assertMayActBy: () => undefined };
  const eventBridge = new EventBridge({ ...common, targets: { lambda, sqs, sns, iam } });
  const endpoint = new Endpoint(clock, { eventbridge: eventBridge, sqs, sns }, 0);
  const caller = { principal: 'operator', isAlive: () => true };
  const client = new EventBridgeClient(clientDefaults(endpoint, clock, caller, common.region));

  eventBridge.rules.createBus('pipeline');
  const rule = eventBridge.rules.putRule({ name: 'everything', pattern: { source: ['test'] } }, 'pipeline');
  const queue = sqs.createQueue('letters');
  const deadLetters = sqs.createQueue('dead-letters');
  const topicArn = sns.createTopic('mail');
  for (const { url } of [queue, deadLetters])
    if (allowed) sqs.addPolicy(url, { Statement: fromRule('sqs:SendMessage', rule.arn) });
  if (allowed) sns.addPolicy(topicArn, { Statement: PUBLISHING });

  const put = (first: Partial<PutEventsRequestEntry> = {}, ...others: Partial<PutEventsRequestEntry>[]) => {
    const Entries = [first, ...others].map((entry) => ({ ...ENTRY, ...entry }));
    return clock.run(client.send(new PutEventsCommand({ Entries })));
  };
  const target = (parts: Partial<Target> = {}) =>
    eventBridge.rules.putTargets(rule, [{ Id: 'letters', Arn: queue.arn, ...parts }]);
  const received = () => queue.contents().map(({ body }) => JSON.parse(body) as BusEvent & { detail: { n: number } });
  return { clock, client, eventBridge, sqs, sns, rule, queue, deadLetters, topicArn, invoked, put, target, received };
}

const ENTRY = { Source: 'test', DetailType: 'Happened', Detail: '{}', EventBusName: 'pipeline' };

const PUBLISHING: PolicyStatement = {
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sns:Publish',
};

function fromRule(action: string, ruleArn: string): PolicyStatement {
  return {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: action,
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  };
}

describe('PutEvents', () => {
  test('a target gets the event half a second later, in the form that EventBridge gives it', async () => {
    const { clock, put, target, received } = world();
    target();
    const { Entries } = await put({
      Detail: '{"n":1}',
      Resources: ['arn:x'],
      Time: new Date('2030-01-01T00:00:00.900Z'),
    });
    await clock.advance(0.4);
    expect(received()).toEqual([]);
    await clock.advance(0.1);
    expect(received()).toEqual([
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'Happened',
        source: 'test',
        account: '123456789012',
        time: '2030-01-01T00:00:00Z',
        region: 'eu-central-1',
        resources: ['arn:x'],
        detail: { n: 1 },
      },
    ]);
  });

  test('errors are reported per entry, and the other entries are published', async () => {
    const { clock, put, target, received } = world();
    target();
    const output = await put(
      { Detail: '{"n":1}' },
      { Source: 'aws.s3' },
      { Detail: '{"n":' },
      { Detail: '[1]' },
      { DetailType: undefined },
      { Detail: '{"n":2}' },
    );
    expect(output.FailedEntryCount).toBe(4);
    expect(output.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      undefined,
    ]);
    await clock.advance(1);
    expect(received().map(({ detail }) => detail.n)).toEqual([1, 2]);
  });

  test('an event for a bus that does not exist is answered with success and lost', async () => {
    const { put } = world();
    const output = await put({ EventBusName: 'nowhere' });
    expect(output).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
  });

  test('ten entries are the most of one request', async () => {
    const { put } = world();
    expect(await put(...Array(10).fill({}))).toMatchObject({ FailedEntryCount: 0 });
    await expect(put(...Array(11).fill({}))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('the entries of one request are at most 1 MB together', async () => {
    const { put } = world();
    const half = JSON.stringify({ text: 'x'.repeat(500 * 1024) });
    expect(await put({ Detail: half }, { Detail: half })).toMatchObject({ FailedEntryCount: 0 });
    await expect(put({ Detail: half }, { Detail: half }, { Detail: half })).rejects.toThrow('over the limit');
  });

  test('a bus may be named by its ARN', async () => {
    const { clock, put, target, received } = world();
    target();
    await put({ EventBusName: BUS });
    await clock.advance(1);
    expect(received()).toHaveLength(1);
  });
});

describe('delivery', () => {
  test('a disabled rule delivers nothing until it is enabled again', async () => {
    const { clock, client, put, target, received } = world();
    target();
    await clock.run(client.send(new DisableRuleCommand({ Name: 'everything', EventBusName: 'pipeline' })));
    await put({ Detail: '{"n":1}' });
    await clock.run(client.send(new EnableRuleCommand({ Name: 'everything', EventBusName: 'pipeline' })));
    await put({ Detail: '{"n":2}' });
    await clock.advance(1);
    expect(received().map(({ detail }) => detail.n)).toEqual([2]);
  });

  test('an event may arrive twice, late, out of order or not at all', async () => {
    const { clock, eventBridge, put, target, received } = world();
    target();
    const delays: Record<number, number[]> = { 1: [30, 60], 2: [], 3: [1] };
    eventBridge.deliveryPolicy = ({ event }) => delays[event.detail.n as number] ?? [];
    await put({ Detail: '{"n":1}' }, { Detail: '{"n":2}' }, { Detail: '{"n":3}' });
    await clock.advance(100);
    expect(received().map(({ detail }) => detail.n)).toEqual([3, 1, 1]);
  });

  test('a target that is not available is tried again, each time later', async () => {
    const { clock, eventBridge, put, target, received } = world();
    target();
    const attempts: number[] = [];
    eventBridge.delivery.targetFault = () => {
      attempts.push(clock.now().getTime() / 1000);
      return attempts.length < 5 ? new AwsError('ServiceUnavailable', 'try later', 503) : undefined;
    };
    await put();
    await clock.advance(60);
    const pauses = attempts.slice(1).map((attempt, index) => attempt - (attempts[index] as number));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(received()).toHaveLength(1);
  });

  test('after the attempts of the retry policy the event goes to the dead-letter queue, with the reason', async () => {
    const { clock, eventBridge, put, target, rule, queue, deadLetters } = world();
    target({ RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: deadLetters.arn } });
    eventBridge.delivery.targetFault = () => new AwsError('ServiceUnavailable', 'try later', 503);
    await put({ Detail: '{"n":1}' });
    await clock.advance(60);
    const [letter] = deadLetters.contents();
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ 'detail-type': 'Happened', detail: { n: 1 } });
    expect(texts(letter?.attributes)).toEqual({
      RULE_ARN: rule.arn,
      TARGET_ARN: queue.arn,
      ERROR_CODE: 'ERROR_FROM_TARGET',
      ERROR_MESSAGE: 'try later',
      RETRY_ATTEMPTS: '2',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  test('an event that is too old is not tried any more', async () => {
    const { clock, eventBridge, put, target, deadLetters } = world();
    target({ RetryPolicy: { MaximumEventAgeInSeconds: 60 }, DeadLetterConfig: { Arn: deadLetters.arn } });
    eventBridge.delivery.targetFault = () => new AwsError('ServiceUnavailable', 'try later', 503);
    await put();
    await clock.advance(61);
    const [letter] = deadLetters.contents();
    expect(texts(letter?.attributes)).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
  });

  test('without a dead-letter queue the event is dropped', async () => {
    const { clock, eventBridge, put, target } = world();
    target({ RetryPolicy: { MaximumRetryAttempts: 0 } });
    eventBridge.delivery.targetFault = () => new AwsError('ServiceUnavailable', 'try later', 503);
    await put();
    await clock.advance(10);
    expect(eventBridge.delivery.dropped).toBe(1);
  });

  test('without permission on the target there is no retry: NO_PERMISSIONS at once', async () => {
    const { clock, sqs, rule, put, target, deadLetters, queue } = world({ allowed: false });
    sqs.addPolicy(deadLetters.url, { Statement: fromRule('sqs:SendMessage', rule.arn) });
    target({ DeadLetterConfig: { Arn: deadLetters.arn } });
    await put();
    await clock.advance(1);
    expect(queue.contents()).toEqual([]);
    expect(texts(deadLetters.contents()[0]?.attributes)).toMatchObject({
      ERROR_CODE: 'NO_PERMISSIONS',
      RETRY_ATTEMPTS: '0',
    });
  });

  test('a permission for another rule, or a denial, does not help', async () => {
    const { clock, sqs, eventBridge, rule, put, target, queue } = world({ allowed: false });
    target();
    sqs.addPolicy(queue.url, { Statement: fromRule('sqs:SendMessage', `${rule.arn}-of-somebody-else`) });
    await put();
    await clock.advance(1);
    expect(eventBridge.delivery.dropped).toBe(1);
    sqs.addPolicy(queue.url, { Statement: fromRule('sqs:SendMessage', rule.arn) });
    sqs.addPolicy(queue.url, { Statement: { ...fromRule('sqs:*', rule.arn), Effect: 'Deny' } });
    await put();
    await clock.advance(1);
    expect(eventBridge.delivery.dropped).toBe(2);
  });

  test('a condition that is not known is refused, not skipped', () => {
    const { sqs, queue } = world();
    const statement = {
      ...fromRule('sqs:SendMessage', 'x'),
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    };
    expect(() => sqs.addPolicy(queue.url, { Statement: statement })).toThrow('IpAddress');
  });

  test('a topic that is encrypted with the key that AWS manages loses what rules send', async () => {
    const { clock, eventBridge, sns, rule, put } = world();
    const topicArn = sns.createTopic('secret', { kmsKey: 'alias/aws/sns' });
    sns.addPolicy(topicArn, { Statement: PUBLISHING });
    eventBridge.rules.putTargets(rule, [{ Id: 'secret', Arn: topicArn }]);
    await put();
    await clock.advance(1);
    expect([sns.mails.length, eventBridge.delivery.dropped]).toEqual([0, 1]);
  });

  test.each([
    ['the rule', (ruleArn: string) => ({ ArnEquals: { 'aws:SourceArn': ruleArn } })],
    ['the account', () => ({ StringEquals: { 'aws:SourceAccount': '123456789012' } })],
  ])('a topic whose policy asks for %s is told neither: NO_PERMISSIONS', async (_name, conditionOf) => {
    const { clock, eventBridge, sns, rule, put, deadLetters } = world();
    const topicArn = sns.createTopic('conditional');
    sns.addPolicy(topicArn, { Statement: { ...PUBLISHING, Condition: conditionOf(rule.arn) } });
    eventBridge.rules.putTargets(rule, [{ Id: 'mail', Arn: topicArn, DeadLetterConfig: { Arn: deadLetters.arn } }]);
    await put();
    await clock.advance(1);
    expect(sns.mails).toEqual([]);
    expect(texts(deadLetters.contents()[0]?.attributes)).toMatchObject({ ERROR_CODE: 'NO_PERMISSIONS' });
  });

  test('a role of a target that is no topic is refused, not left out', () => {
    expect(() => world().target({ RoleArn: 'arn:aws:iam::123456789012:role/sending' })).toThrow('RoleArn');
  });
});

describe('what a target gets', () => {
  async function inputOf(parts: Partial<Target>, detail: object = { task: 'WAS', n: 5, list: ['a', 'b'] }) {
    const { clock, put, target, queue } = world();
    target(parts);
    await put({ Detail: JSON.stringify(detail) });
    await clock.advance(1);
    return queue.contents()[0]?.body;
  }

  function transformed(InputTemplate: string, InputPathsMap: Record<string, string> = {}): Partial<Target> {
    return { InputTransformer: { InputPathsMap, InputTemplate } };
  }

  test('a constant', async () => {
    expect(await inputOf({ Input: '{"a":1}' })).toBe('{"a":1}');
  });

  test('a part of the event', async () => {
    expect(await inputOf({ InputPath: '$.detail.list' })).toBe('["a","b"]');
    expect(await inputOf({ InputPath: '$.detail.list[1]' })).toBe('"b"');
  });

  test('a template of lines keeps the quotes around each line', async () => {
    const lines = transformed('"Task <task>"\n"<n> of <task>"', { task: '$.detail.task', n: '$.detail.n' });
    expect(await inputOf(lines)).toBe('"Task WAS"\n"5 of WAS"');
  });

  test('values are inserted into text unescaped', async () => {
    const line = transformed('"Why: <why>"', { why: '$.detail.why' });
    expect(await inputOf(line, { why: 'a "quoted" \\ word' })).toBe('"Why: a "quoted" \\ word"');
  });

  test('outside of a string a value is inserted as JSON', async () => {
    const json = transformed('{"task": <task>, "list": <list>, "text": "n is <n>"}', {
      task: '$.detail.task',
      list: '$.detail.list',
      n: '$.detail.n',
    });
    expect(await inputOf(json)).toBe('{"task": "WAS", "list": ["a","b"], "text": "n is 5"}');
  });

  test('a value that is not in the event is empty', async () => {
    expect(await inputOf(transformed('"<gone>."', { gone: '$.detail.gone' }))).toBe('"."');
  });

  test.each<[string, Partial<Target>]>([
    ['names a value that is not defined', transformed('"<unknown>"')],
    ['is neither JSON nor quoted lines', transformed('Task <task>', { task: '$.detail.task' })],
    ['has a path in bracket notation', transformed('"<task>"', { task: "$['detail']" })],
  ])('a template is refused that %s', (_name, parts) => {
    expect(() => world().target(parts)).toThrow();
  });

  test('a topic gets the whole event as the message, without a subject', async () => {
    const { clock, eventBridge, sns, rule, topicArn, put } = world();
    eventBridge.rules.putTargets(rule, [{ Id: 'mail', Arn: topicArn }]);
    await put({ Detail: '{"n":1}' });
    await clock.advance(1);
    expect(sns.mails).toEqual([
      expect.objectContaining({ topicArn, body: expect.stringContaining('"detail":{"n":1}') }),
    ]);
    expect(sns.mails[0]).not.toHaveProperty('subject');
  });

  test('a function gets the event as an object', async () => {
    const { clock, eventBridge, rule, invoked, put } = world();
    const Arn = 'arn:aws:lambda:eu-central-1:123456789012:function:f';
    eventBridge.rules.putTargets(rule, [{ Id: 'f', Arn }]);
    await put({ Detail: '{"n":1}' });
    await clock.advance(1);
    expect(invoked).toMatchObject([{ source: 'test', detail: { n: 1 } }]);
  });
});

describe('archive and replay', () => {
  const ARCHIVE = 'arn:aws:events:eu-central-1:123456789012:archive/memory';

  function archived(seed = 1) {
    const made = world({ seed });
    made.eventBridge.archives.createArchive('memory', BUS, { pattern: { source: ['test'] } });
    const start = made.clock.now();
    const replay = (parts: Partial<StartReplayCommandInput> = {}) =>
      made.clock.run(
        made.client.send(
          new StartReplayCommand({
            ReplayName: 'again',
            EventSourceArn: ARCHIVE,
            EventStartTime: start,
            EventEndTime: made.clock.now(),
            Destination: { Arn: BUS },
            ...parts,
          }),
        ),
      );
    const eventCount = async () => {
      const command = new DescribeArchiveCommand({ ArchiveName: 'memory' });
      return (await made.clock.run(made.client.send(command))).EventCount;
    };
    return { ...made, replay, eventCount };
  }

  test('an event is in the archive ten minutes later, if the pattern of the archive matches', async () => {
    const { clock, put, eventCount } = archived();
    await put({}, { Source: 'other' });
    await clock.advance(599);
    expect(await eventCount()).toBe(0);
    await clock.advance(1);
    expect(await eventCount()).toBe(1);
  });

  test('a replayed event has a replay-name and a new id, and keeps its time', async () => {
    const { clock, put, target, received, replay } = archived();
    target();
    await put({ Detail: '{"n":1}' });
    await clock.advance(700);
    expect(await replay()).toMatchObject({ State: 'STARTING' });
    await clock.advance(60);
    const [original, replayed] = received();
    expect(replayed).toEqual({ ...original, id: expect.any(String), 'replay-name': 'again' });
    expect(replayed?.id).not.toBe(original?.id);
  });

  test('the order of a replay is a matter of chance', async () => {
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    const orderOf = async (seed: number) => {
      const { clock, put, target, received, replay } = archived(seed);
      target();
      await put(...numbers.map((n) => ({ Detail: JSON.stringify({ n }) })));
      await clock.advance(700);
      await replay();
      await clock.advance(60);
      return received()
        .filter((event) => event['replay-name'])
        .map(({ detail }) => detail.n);
    };
    const order = await orderOf(1);
    expect(order).not.toEqual(numbers);
    expect([...order].sort()).toEqual(numbers);
    expect(await orderOf(1)).toEqual(order);
    expect(await orderOf(2)).not.toEqual(order);
  });

  test('replayed events are never archived again', async () => {
    const { clock, put, replay, eventCount } = archived();
    await put();
    await clock.advance(700);
    await replay();
    await clock.advance(1400);
    expect(await eventCount()).toBe(1);
  });

  test('a replay can be limited to some rules', async () => {
    const { clock, eventBridge, put, target, queue, received, replay, sqs } = archived();
    target();
    const other = eventBridge.rules.putRule({ name: 'other', pattern: { source: ['test'] } }, 'pipeline');
    eventBridge.rules.putTargets(other, [{ Id: 'letters', Arn: queue.arn, Input: '{"from":"other"}' }]);
    sqs.addPolicy(queue.url, { Statement: fromRule('sqs:SendMessage', other.arn) });
    await put();
    await clock.advance(700);
    await replay({ Destination: { Arn: BUS, FilterArns: [other.arn] } });
    await clock.advance(60);
    expect(received().slice(2)).toEqual([{ from: 'other' }]);
  });

  test('a rule can leave replays out', async () => {
    const { clock, eventBridge, queue, sqs, put, received, replay } = archived();
    const pattern = { source: ['test'], 'replay-name': [{ exists: false }] };
    const rule = eventBridge.rules.putRule({ name: 'first-hand', pattern }, 'pipeline');
    eventBridge.rules.putTargets(rule, [{ Id: 'letters', Arn: queue.arn }]);
    sqs.addPolicy(queue.url, { Statement: fromRule('sqs:SendMessage', rule.arn) });
    await put();
    await clock.advance(700);
    await replay();
    await clock.advance(60);
    expect(received()).toHaveLength(1);
  });

  test('a replay goes to its own bus only', async () => {
    const { replay, clock } = archived();
    await clock.advance(60);
    const Arn = 'arn:aws:events:eu-central-1:123456789012:event-bus/default';
    await expect(replay({ Destination: { Arn } })).rejects.toThrow('Cross event bus replay is not permitted');
  });

  test('ten replays run at a time', async () => {
    const { clock, replay } = archived();
    await clock.advance(60);
    for (let number = 0; number < 10; number++) await replay({ ReplayName: `replay-${number}` });
    await expect(replay()).rejects.toMatchObject({ name: 'LimitExceededException' });
    await clock.advance(60);
    await expect(replay({ ReplayName: 'replay-1' })).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    expect(await replay()).toMatchObject({ State: 'STARTING' });
  });

  test('how far a replay has come is the time of an event, and never goes back', async () => {
    const { clock, client, put, replay } = archived();
    for (let number = 0; number < 12; number++) {
      await put();
      await clock.advance(60);
    }
    const end = clock.now();
    await clock.advance(700);
    await replay({ EventEndTime: clock.now() });
    const seen: number[] = [];
    for (let seconds = 0; seconds < 120; seconds++) {
      await clock.advance(1);
      const { EventLastReplayedTime } = await client.send(new DescribeReplayCommand({ ReplayName: 'again' }));
      if (EventLastReplayedTime) seen.push(EventLastReplayedTime.getTime());
    }
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(seen.at(-1)).toBeGreaterThanOrEqual(end.getTime() - 61_000);
    expect(seen.at(-1)).toBeLessThan(end.getTime());
  });

  test('a replay tells how far it is', async () => {
    const { clock, client, put, replay } = archived();
    await put();
    await clock.advance(700);
    await replay();
    await clock.advance(6);
    const describe = () => clock.run(client.send(new DescribeReplayCommand({ ReplayName: 'again' })));
    expect(await describe()).toMatchObject({ State: 'RUNNING', EventSourceArn: ARCHIVE, Destination: { Arn: BUS } });
    await clock.advance(60);
    expect(await describe()).toMatchObject({ State: 'COMPLETED', ReplayEndTime: expect.any(Date) });
    const { Replays } = await clock.run(client.send(new ListReplaysCommand({ NamePrefix: 'ag' })));
    expect(Replays).toMatchObject([{ ReplayName: 'again', State: 'COMPLETED' }]);
    const { Archives } = await clock.run(client.send(new ListArchivesCommand({ EventSourceArn: BUS })));
    expect(Archives).toMatchObject([{ ArchiveName: 'memory', EventCount: 1 }]);
  });
});

describe('looking at rules', () => {
  test('buses, rules and targets are described as they were made', async () => {
    const { clock, client, rule, queue, target } = world();
    target();
    const EventBusName = 'pipeline';
    expect(await clock.run(client.send(new DescribeEventBusCommand({ Name: BUS })))).toMatchObject({ Arn: BUS });
    const buses = await clock.run(client.send(new ListEventBusesCommand({})));
    expect(buses.EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'pipeline']);
    expect(await clock.run(client.send(new DescribeRuleCommand({ Name: 'everything', EventBusName })))).toMatchObject({
      Arn: 'arn:aws:events:eu-central-1:123456789012:rule/pipeline/everything',
      EventPattern: '{"source":["test"]}',
      State: 'ENABLED',
    });
    const rules = await clock.run(client.send(new ListRulesCommand({ EventBusName, NamePrefix: 'every' })));
    expect(rules.Rules).toMatchObject([{ Name: 'everything', Arn: rule.arn }]);
    const targets = await clock.run(client.send(new ListTargetsByRuleCommand({ Rule: 'everything', EventBusName })));
    expect(targets.Targets).toEqual([{ Id: 'letters', Arn: queue.arn }]);
    const names = await clock.run(
      client.send(new ListRuleNamesByTargetCommand({ TargetArn: queue.arn, EventBusName })),
    );
    expect(names.RuleNames).toEqual(['everything']);
  });

  test('long lists come in pages', async () => {
    const { clock, client, eventBridge } = world();
    for (const name of ['b', 'c']) eventBridge.rules.putRule({ name, pattern: { source: ['x'] } }, 'pipeline');
    const page = (NextToken?: string) =>
      clock.run(client.send(new ListRulesCommand({ EventBusName: 'pipeline', Limit: 2, NextToken })));
    const first = await page();
    expect(first.Rules).toHaveLength(2);
    const second = await page(first.NextToken);
    expect([second.Rules?.length, second.NextToken]).toEqual([1, undefined]);
  });

  test('what does not exist is answered as AWS does, and what is not known here is refused', async () => {
    const { clock, client } = world();
    const missing = client.send(new DescribeRuleCommand({ Name: 'gone', EventBusName: 'pipeline' }));
    await expect(clock.run(missing)).rejects.toThrow('Rule gone does not exist on EventBus pipeline.');
    const bus = client.send(new DescribeEventBusCommand({ Name: 'gone' }));
    await expect(clock.run(bus)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const permission = client.send(new PutPermissionCommand({ EventBusName: 'pipeline' }));
    await expect(clock.run(permission)).rejects.toThrow('PutPermission');
  });
});

function texts(
  attributes: Readonly<Record<string, { StringValue?: string }>> = {},
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]));
}

describe('what clients make', () => {
  const rule = { Name: 'own', EventBusName: 'own' };
  const Arn = 'arn:aws:sqs:eu-central-1:123456789012:letters';

  test('a rule that is put again keeps its targets, and a target takes the place of one with its id', async () => {
    const { client } = world();
    await client.send(new CreateEventBusCommand({ Name: 'own' }));
    const putRule = (source: string) =>
      client.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [source] }) }));
    await putRule('one');
    const Targets = [{ Id: 'a', Arn }];
    await client.send(new PutTargetsCommand({ Rule: 'own', EventBusName: 'own', Targets }));
    const changed = [{ Id: 'a', Arn, Input: '1' }];
    await client.send(new PutTargetsCommand({ Rule: 'own', EventBusName: 'own', Targets: changed }));
    await putRule('two');
    expect(await client.send(new DescribeRuleCommand(rule))).toMatchObject({ EventPattern: '{"source":["two"]}' });
    const listed = await client.send(new ListTargetsByRuleCommand({ Rule: 'own', EventBusName: 'own' }));
    expect(listed.Targets).toEqual(changed);
  });

  test('goes from the inside out: targets, rules, the bus', async () => {
    const { client } = world();
    const { EventBusArn } = await client.send(new CreateEventBusCommand({ Name: 'own' }));
    await client.send(new PutRuleCommand({ ...rule, EventPattern: '{"source":["own"]}' }));
    await client.send(new PutTargetsCommand({ Rule: 'own', EventBusName: 'own', Targets: [{ Id: 'a', Arn }] }));
    const deleteRule = () => client.send(new DeleteRuleCommand(rule));
    const deleteBus = (Name: string) => client.send(new DeleteEventBusCommand({ Name }));
    await expect(deleteRule()).rejects.toThrow('it has targets');
    await expect(deleteBus('own')).rejects.toThrow('it has rules');
    await expect(deleteBus('default')).rejects.toThrow('default');
    await client.send(new RemoveTargetsCommand({ Rule: 'own', EventBusName: 'own', Ids: ['a'] }));
    for (let times = 0; times < 2; times += 1) await deleteRule();
    for (let times = 0; times < 2; times += 1) await deleteBus('own');
    const archive = new CreateArchiveCommand({ ArchiveName: 'own', EventSourceArn: EventBusArn });
    await expect(client.send(archive)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('archives have a name of their own, until they are deleted', async () => {
    const { client } = world();
    const create = () => client.send(new CreateArchiveCommand({ ArchiveName: 'own', EventSourceArn: BUS }));
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    const remove = () => client.send(new DeleteArchiveCommand({ ArchiveName: 'own' }));
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await create();
  });

  test.each([
    ['no JSON', new PutRuleCommand({ Name: 'x', EventPattern: '{' }), 'InvalidEventPatternException'],
    [
      'an operator',
      new PutRuleCommand({ Name: 'x', EventPattern: '{"a":[{"like":"b"}]}' }),
      'InvalidEventPatternException',
    ],
    ['a schedule', new PutRuleCommand({ Name: 'x', ScheduleExpression: 'rate(1 hour)' }), 'ValidationError'],
    ['a bus', new PutRuleCommand({ Name: 'x', EventBusName: 'none', EventPattern: '{}' }), 'ResourceNotFoundException'],
  ])('a rule is refused for %s that is not known', async (_, command, name) => {
    await expect(world().client.send(command)).rejects.toMatchObject({ name });
  });
});

describe('a rule on a schedule', () => {
  test('gives its targets a Scheduled Event every interval, as long as it is enabled', async () => {
    const { clock, client, eventBridge, sqs, queue, received } = world();
    const rule = eventBridge.rules.putRule({ name: 'often', schedule: 'rate(5 minutes)' });
    sqs.addPolicy(queue.url, { Statement: fromRule('sqs:SendMessage', rule.arn) });
    eventBridge.rules.putTargets(rule, [{ Id: 'letters', Arn: queue.arn }]);
    await clock.advance(3 * 300 + 10);
    expect(received()).toMatchObject([{ source: 'aws.events', 'detail-type': 'Scheduled Event' }, {}, {}]);
    expect(received()[0]?.resources).toEqual([rule.arn]);
    await clock.run(client.send(new DisableRuleCommand({ Name: 'often' })));
    await clock.advance(3600);
    expect(received()).toHaveLength(3);
    await clock.run(client.send(new EnableRuleCommand({ Name: 'often' })));
    await clock.advance(301);
    expect(received()).toHaveLength(4);
  });

  test('is not made where the schedule could not be kept here', () => {
    const { eventBridge } = world();
    expect(() => eventBridge.rules.putRule({ name: 'nightly', schedule: 'cron(0 3 * * ? *)' })).toThrow('cron');
    expect(() => eventBridge.rules.putRule({ name: 'neither' })).toThrow('either a pattern or a schedule');
  });
});
