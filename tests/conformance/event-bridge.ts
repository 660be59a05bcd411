/** Buses, rules, their targets, archives and replays. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  CreateArchiveCommand,
  DeleteArchiveCommand,
  DeleteRuleCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  PutRuleCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { allow, createBus, createQueue, createRule, ENTRY, type Event, Listener, put, receive } from './queues';
import { refusalOf } from './refusal';

const ENTRIES_PER_CALL = 10;
const KILOBYTE = 1024;
/** "Allow ten minutes before you replay", and some. */
const ARCHIVE_SECONDS = 660;
const FROM_CASE = { source: [ENTRY.Source] };

export const EVENT_BRIDGE: readonly ConformanceCase[] = [
  {
    name: 'PutEvents takes 10 entries, and refuses 11',
    source: 'Amazon EventBridge API Reference, PutEvents: Entries',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const answer = await put(context, name, ...Array(ENTRIES_PER_CALL).fill({}));
      equal(answer.FailedEntryCount, 0);
      await refusalOf(put(context, name, ...Array(ENTRIES_PER_CALL + 1).fill({})), 'ValidationException');
    },
  },
  {
    name: 'The entries of a PutEvents call have 1 MB together',
    source: 'Amazon EventBridge User Guide, Calculating PutEvents event entry size',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const half = { Detail: JSON.stringify({ text: 'x'.repeat(500 * KILOBYTE) }) };
      equal((await put(context, name, half, half)).FailedEntryCount, 0);
      await refusalOf(put(context, name, half, half, half));
    },
  },
  {
    name: 'Errors are told per entry, and the other entries are delivered',
    source: 'Amazon EventBridge API Reference, PutEventsResultEntry',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const listener = await Listener.create(context, name, FROM_CASE);
      await listener.untilReadyOn(name);
      const details = ['{"number": 1}', '{"number": ', '{"number": 2}'];
      const { FailedEntryCount, Entries = [] } = await put(context, name, ...details.map((Detail) => ({ Detail })));
      equal(FailedEntryCount, 1);
      deepEqual(
        Entries.map(({ ErrorCode }) => ErrorCode),
        [undefined, 'MalformedDetail', undefined],
      );
      const events = await listener.until('the two others arrive', 2);
      deepEqual(events.map(({ detail }) => detail.number).sort(), [1, 2]);
    },
  },
  {
    name: 'An entry whose source begins with aws. is refused',
    source: 'observed',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const { FailedEntryCount, Entries } = await put(context, name, { Source: 'aws.conformance' });
      equal(FailedEntryCount, 1);
      equal(Entries?.[0]?.ErrorCode, 'NotAuthorizedForSourceException');
    },
  },
  {
    name: 'A wildcard beside another is refused: InvalidEventPatternException',
    source: 'Amazon EventBridge User Guide, Wildcard matching; aws/event-ruler, ByteMachineTest',
    needs: [],
    async run(context) {
      const { name: EventBusName } = await createBus(context);
      const EventPattern = JSON.stringify({ detail: { text: [{ wildcard: 'a**b' }] } });
      const command = new PutRuleCommand({ Name: context.name(), EventBusName, EventPattern });
      await refusalOf(context.clients.eventBridge.send(command), 'InvalidEventPatternException');
    },
  },
  {
    name: 'A pattern whose $or make over 1000 combinations is refused',
    source: 'Amazon EventBridge User Guide, Comparison operators: Or matching',
    needs: [],
    async run(context) {
      const { name: EventBusName } = await createBus(context);
      const choice = { $or: [{ a: ['1'] }, { b: ['2'] }] };
      const detail = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key${index}`, choice]));
      const EventPattern = JSON.stringify({ detail });
      const command = new PutRuleCommand({ Name: context.name(), EventBusName, EventPattern });
      await refusalOf(context.clients.eventBridge.send(command));
    },
  },
  {
    name: 'A rule delivers an event as it was put, with the id that was answered',
    source: 'Amazon EventBridge User Guide, Event structure',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const listener = await Listener.create(context, name, { ...FROM_CASE, detail: { wanted: [true] } });
      await listener.untilReady(() => put(context, name, { Detail: '{"wanted": true, "first": true}' }));
      const wanted = { Detail: '{"wanted": true}', Resources: ['arn:aws:s3:::conformance'] };
      const { Entries } = await put(context, name, { Detail: '{"wanted": false}' }, wanted);
      const [event] = await listener.until('it arrives', 1, ({ detail }) => !detail.first);
      const { id, time, source, resources, detail, 'detail-type': type } = event as Event;
      deepEqual([id, source, type], [Entries?.[1]?.EventId, ENTRY.Source, ENTRY.DetailType]);
      deepEqual([resources, detail], [wanted.Resources, { wanted: true }]);
      match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    },
  },
  {
    name: 'A rule can take the events that name it, and those that name nobody',
    source: 'Amazon EventBridge User Guide, Comparison operators for use in event patterns: Exists matching',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const mine = { ...FROM_CASE, detail: { next: [{ exists: false }, 'mine'] } };
      const listener = await Listener.create(context, name, mine);
      await listener.untilReady(() => put(context, name, { Detail: '{"first": true}' }));
      const details = ['{"next": "theirs", "number": 1}', '{"next": "mine", "number": 2}', '{"number": 3}'];
      await put(context, name, ...details.map((Detail) => ({ Detail })));
      const events = await listener.until('two arrive', 2, ({ detail }) => !detail.first);
      deepEqual(events.map(({ detail }) => detail.number).sort(), [2, 3]);
    },
  },
  {
    name: 'ListRules answers the rules of a bus whose names begin so',
    source: 'Amazon EventBridge API Reference, ListRules: NamePrefix, EventBusName',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const { eventBridge } = context.clients;
      const EventPattern = JSON.stringify(FROM_CASE);
      for (const Name of ['ours-1', 'ours-2', 'theirs']) {
        await eventBridge.send(new PutRuleCommand({ Name, EventBusName: name, EventPattern }));
        context.afterwards(() => eventBridge.send(new DeleteRuleCommand({ Name, EventBusName: name })));
      }
      const query = new ListRulesCommand({ EventBusName: name, NamePrefix: 'ours-' });
      const { Rules = [] } = await eventBridge.send(query);
      deepEqual(Rules.map(({ Name }) => Name).sort(), ['ours-1', 'ours-2']);
      equal(Rules[0]?.EventPattern, EventPattern);
    },
  },
  {
    name: 'A rule tells whether it is enabled: ListRules and DescribeRule',
    source: 'Amazon EventBridge API Reference, DisableRule and DescribeRule: State',
    needs: [],
    async run(context) {
      const { name: EventBusName } = await createBus(context);
      const { eventBridge } = context.clients;
      const Name = context.name();
      await eventBridge.send(new PutRuleCommand({ Name, EventBusName, EventPattern: JSON.stringify(FROM_CASE) }));
      context.afterwards(() => eventBridge.send(new DeleteRuleCommand({ Name, EventBusName })));
      const states = async () => {
        const { State } = await eventBridge.send(new DescribeRuleCommand({ Name, EventBusName }));
        const { Rules = [] } = await eventBridge.send(new ListRulesCommand({ EventBusName }));
        return [State, ...Rules.map((rule) => rule.State)];
      };
      deepEqual(await states(), ['ENABLED', 'ENABLED']);
      await eventBridge.send(new DisableRuleCommand({ Name, EventBusName }));
      deepEqual(await states(), ['DISABLED', 'DISABLED']);
      await eventBridge.send(new EnableRuleCommand({ Name, EventBusName }));
      deepEqual(await states(), ['ENABLED', 'ENABLED']);
      await refusalOf(
        eventBridge.send(new DescribeRuleCommand({ Name: context.name(), EventBusName })),
        'ResourceNotFoundException',
      );
    },
  },
  {
    name: 'An input template keeps its quotes and escapes nothing it inserts',
    source: 'Amazon EventBridge User Guide, Input transformation; observed',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const InputTransformer = { InputPathsMap: { text: '$.detail.text' }, InputTemplate: '"It says <text>."\n"End."' };
      const listener = await Listener.create(context, name, FROM_CASE, { InputTransformer });
      const Detail = JSON.stringify({ text: 'a "quoted" word' });
      await listener.untilReady(() => put(context, name, { Detail }));
      equal(listener.bodies[0], '"It says a "quoted" word."\n"End."');
    },
  },
  {
    name: 'An event that its target may not get goes to the dead-letter queue',
    source: 'Amazon EventBridge User Guide, Using dead-letter queues',
    needs: [],
    async run(context) {
      const { name } = await createBus(context);
      const [closed, deadLetters] = [await createQueue(context), await createQueue(context)];
      const target = { Arn: closed.arn, DeadLetterConfig: { Arn: deadLetters.arn } };
      const rule = await createRule(context, name, FROM_CASE, [target]);
      await allow(context, deadLetters, rule);
      const [letter] = await context.until('a dead letter arrives', 600, async () => {
        await put(context, name, { Detail: '{"number": 1}' });
        await context.sleep(1);
        const letters = await receive(context, deadLetters);
        return letters.length > 0 && letters;
      });
      deepEqual((JSON.parse(letter?.Body ?? '') as Event).detail, { number: 1 });
      const attribute = (key: string) => letter?.MessageAttributes?.[key]?.StringValue;
      deepEqual([attribute('ERROR_CODE'), attribute('RULE_ARN')], ['NO_PERMISSIONS', rule]);
      deepEqual(await receive(context, closed), []);
    },
  },
  {
    name: 'A replay goes to the bus of its archive alone',
    source: 'Amazon EventBridge API Reference, StartReplay: Destination',
    needs: [],
    async run(context) {
      const [bus, other] = [await createBus(context), await createBus(context)];
      const archiveArn = await createArchive(context, bus.arn);
      const now = Date.now();
      const period = { from: new Date(now - 3600_000), to: new Date(now - 60_000) };
      await refusalOf(replay(context, archiveArn, other.arn, period), 'ValidationException');
    },
  },
  {
    name: 'A replayed event tells the replay, comes to the rules asked for, once',
    source: 'Amazon EventBridge User Guide, Replaying archived events',
    needs: ['minutes'],
    async run(context) {
      const bus = await createBus(context);
      const [first, second] = [
        await Listener.create(context, bus.name, FROM_CASE),
        await Listener.create(context, bus.name, FROM_CASE),
      ];
      for (const listener of [first, second]) await listener.untilReadyOn(bus.name);
      const archiveArn = await createArchive(context, bus.arn);
      await context.sleep(60); // an archive sees events from a while after it was made
      await put(context, bus.name, { Detail: '{"number": 1}' });
      const [event] = await second.until('the event arrives', 1);
      const at_ms = Date.parse((event as Event).time);
      const period = { from: new Date(at_ms - 30_000), to: new Date(at_ms + 30_000) };

      await context.sleep(ARCHIVE_SECONDS);
      const one = await replay(context, archiveArn, bus.arn, period, [first.ruleArn]);
      const [replayed] = await first.until('the replayed event arrives', 1, isOf(one));
      deepEqual(replayed?.detail, { number: 1 });
      await second.poll();
      deepEqual(second.events.filter(isOf(one)), [], 'it came to a rule that was not asked for');

      await context.sleep(ARCHIVE_SECONDS);
      const two = await replay(context, archiveArn, bus.arn, period);
      await untilCompleted(context, two);
      const { EventLastReplayedTime } = await context.clients.eventBridge.send(
        new DescribeReplayCommand({ ReplayName: two }),
      );
      const replayedTo_ms = EventLastReplayedTime?.getTime() ?? 0;
      ok(replayedTo_ms >= period.from.getTime() && replayedTo_ms <= period.to.getTime(), 'it is a time of the period');
      await second.until('it arrives again', 1, isOf(two));
      equal(second.events.filter(isOf(two)).length, 1, 'what was replayed was archived');
    },
  },
];

async function createArchive(context: Context, EventSourceArn: string): Promise<string> {
  const { eventBridge } = context.clients;
  const ArchiveName = context.name();
  const { ArchiveArn = '' } = await eventBridge.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn }));
  context.afterwards(() => eventBridge.send(new DeleteArchiveCommand({ ArchiveName })));
  return ArchiveArn;
}

/** Answers its name. */
async function replay(
  context: Context,
  EventSourceArn: string,
  busArn: string,
  { from: EventStartTime, to: EventEndTime }: { from: Date; to: Date },
  FilterArns?: string[],
): Promise<string> {
  const ReplayName = context.name();
  const Destination = { Arn: busArn, FilterArns };
  const input = { ReplayName, EventSourceArn, EventStartTime, EventEndTime, Destination };
  await context.clients.eventBridge.send(new StartReplayCommand(input));
  return ReplayName;
}

async function untilCompleted(context: Context, ReplayName: string): Promise<void> {
  await context.until(
    'the replay is complete',
    900,
    async () => {
      const { State } = await context.clients.eventBridge.send(new DescribeReplayCommand({ ReplayName }));
      ok(State !== 'FAILED', 'the replay failed');
      return State === 'COMPLETED';
    },
    15,
  );
}

function isOf(replayName: string): (event: Event) => boolean {
  return (event) => event['replay-name'] === replayName;
}
