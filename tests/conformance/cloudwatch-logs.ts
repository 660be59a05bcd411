/** Log groups, and what filters find in them. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { ConformanceCase } from './case';
import type { Context } from './context';
import { refusalOf } from './refusal';

/** What was put can be found a little later. */
const INGESTION_LIMIT_SECONDS = 60;

const SYNTAX = 'CloudWatch Logs User Guide, Filter pattern syntax';
const JSON_SYNTAX = 'CloudWatch Logs User Guide, matching terms in JSON log events';
const FILTERING = 'CloudWatch Logs API Reference, FilterLogEvents';

const WORDS = ['[ERROR 400] BAD REQUEST', '[ERROR 401] UNAUTHORIZED', '[WARN] a "quoted" thing', 'error in lower case'];

const EVENTS = [
  { name: 'one', stage: 'start', count: 1, seen: true, nested: { code: 'T001' }, list: ['a', 'b'], none: null },
  { name: 'two', stage: 'swap', count: 2, seen: false, nested: { code: 'T002' } },
  { name: 'three', stage: 'swap.late', count: 30 },
];

/** By pattern: the texts, or the names of the events, that it finds. */
const TERMS: Readonly<Record<string, string[]>> = {
  ERROR: WORDS.slice(0, 2),
  'ERROR REQUEST': WORDS.slice(0, 1),
  '"BAD REQUEST"': WORDS.slice(0, 1),
  '"REQUEST BAD"': [],
  '"[ERROR 401]"': WORDS.slice(1, 2),
  '?UNAUTHORIZED ?thing': WORDS.slice(1, 3),
  'ERROR -BAD': WORDS.slice(1, 2),
  '"a \\"quoted\\" thing"': WORDS.slice(2, 3),
};

const CONDITIONS: Readonly<Record<string, string[]>> = {
  '{ $.stage = "swap" }': ['two'],
  '{ $.stage = swap }': ['two'],
  '{$.stage="swap*"}': ['two', 'three'],
  '{ $.stage = "swap" && $.count = 2 }': ['two'],
  '{ $.stage = "swap" && $.count = 1 }': [],
  '{ $.stage = "start" || $.count > 10 }': ['one', 'three'],
  '{ $.count >= 1 && ($.stage = "start" || $.stage = "swap.late") }': ['one', 'three'],
  '{ $.stage = "start" || $.stage = "swap" && $.count = 1 }': ['one'],
  '{ $.nested.code = "T002" }': ['two'],
  '{ $.list[1] = "b" }': ['one'],
  '{ $.seen IS TRUE }': ['one'],
  '{ $.seen IS FALSE }': ['two'],
  '{ $.none IS NULL }': ['one'],
  '{ $.seen NOT EXISTS }': ['three'],
  '{ $.stage != "swap" }': ['one', 'three'],
};

export const CLOUDWATCH_LOGS: readonly ConformanceCase[] = [
  {
    name: 'Terms find the lines that have them: all, a phrase, any, or without',
    source: SYNTAX,
    needs: [],
    async run(context) {
      const group = await groupWith(context, { stream: WORDS });
      for (const [filterPattern, expected] of Object.entries(TERMS)) {
        deepEqual(await messages(context, { logGroupName: group, filterPattern }), expected, filterPattern);
      }
    },
  },
  {
    name: 'Conditions find the JSON lines whose fields fulfil them',
    source: JSON_SYNTAX,
    needs: [],
    async run(context) {
      const lines = [...EVENTS.map((event) => JSON.stringify(event)), 'stage = "swap", but no JSON'];
      const group = await groupWith(context, { stream: lines });
      for (const [filterPattern, expected] of Object.entries(CONDITIONS)) {
        const found = await messages(context, { logGroupName: group, filterPattern });
        deepEqual(
          found.map((line) => JSON.parse(line).name),
          expected,
          filterPattern,
        );
      }
    },
  },
  {
    name: 'A pattern that is none is an InvalidParameterException',
    source: `${FILTERING}; which are none was observed`,
    needs: [],
    async run(context) {
      const logGroupName = await createGroup(context);
      for (const filterPattern of ['user@example.com', '{ $.a = "b"', '{ $.a }', '{ a = "b" }', '{ $.a = "b" && }']) {
        await refusalOf(filter(context, { logGroupName, filterPattern }), 'InvalidParameterException');
      }
    },
  },
  {
    name: 'Times are from the first to the last millisecond, both included',
    source: FILTERING,
    needs: [],
    async run(context) {
      const group = await groupWith(context, { stream: ['first', 'second', 'third'] });
      const { events = [] } = await filter(context, { logGroupName: group });
      const [first = 0, second = 0, third = 0] = events.map(({ timestamp = 0 }) => timestamp);
      const between = (startTime: number, endTime: number) =>
        messages(context, { logGroupName: group, startTime, endTime });
      deepEqual(await between(second, third), ['second', 'third']);
      deepEqual(await between(first, second), ['first', 'second']);
      deepEqual(await between(first + 1, second - 1), []);
    },
  },
  {
    name: 'Streams are found by the beginning of their names, or by names',
    source: FILTERING,
    needs: [],
    async run(context) {
      const logGroupName = await groupWith(context, { 'a/1': ['one'], 'a/2': ['two'], b: ['three'] });
      deepEqual((await messages(context, { logGroupName, logStreamNamePrefix: 'a/' })).sort(), ['one', 'two']);
      deepEqual(await messages(context, { logGroupName, logStreamNames: ['b'] }), ['three']);
      const both = filter(context, { logGroupName, logStreamNamePrefix: 'a/', logStreamNames: ['a/1'] });
      await refusalOf(both, 'InvalidParameterException');
    },
  },
  {
    name: 'Lines come by time, page by page, with their stream and times',
    source: FILTERING,
    needs: [],
    async run(context) {
      const lines = ['one', 'two', 'three', 'four', 'five'];
      const logGroupName = await groupWith(context, { stream: lines });
      const found = [];
      for await (const page of paginateFilterLogEvents(
        { client: context.clients.cloudWatchLogs },
        { logGroupName, limit: 2 },
      )) {
        ok((page.events ?? []).length <= 2);
        found.push(...(page.events ?? []));
      }
      deepEqual(
        found.map(({ message }) => message),
        lines,
      );
      equal(new Set(found.map(({ eventId }) => eventId)).size, lines.length);
      for (const { logStreamName, timestamp, ingestionTime } of found) {
        equal(logStreamName, 'stream');
        ok(timestamp !== undefined && ingestionTime !== undefined && timestamp <= ingestionTime);
      }
      for (const limit of [0, 10_001]) {
        await refusalOf(filter(context, { logGroupName, limit }), 'InvalidParameterException');
      }
    },
  },
  {
    name: 'A log group that does not exist is a ResourceNotFoundException',
    source: FILTERING,
    needs: [],
    async run(context) {
      const call = filter(context, { logGroupName: context.name() });
      const { message, status } = await refusalOf(call, 'ResourceNotFoundException');
      deepEqual({ message, status }, { message: 'The specified log group does not exist.', status: 400 });
    },
  },
  {
    name: 'Log groups are described by the beginning or a part of their names',
    source: 'CloudWatch Logs API Reference, DescribeLogGroups',
    needs: [],
    async run(context) {
      const { cloudWatchLogs } = context.clients;
      const name = await createGroup(context);
      const describe = (input: DescribeLogGroupsCommand['input']) =>
        cloudWatchLogs.send(new DescribeLogGroupsCommand(input));
      const { logGroups: [byPrefix] = [] } = await describe({ logGroupNamePrefix: name });
      equal(byPrefix?.logGroupName, name);
      match(byPrefix?.arn ?? '', new RegExp(`^arn:aws[a-z-]*:logs:[a-z0-9-]+:\\d{12}:log-group:${name}:\\*$`));
      equal(byPrefix?.logGroupArn, byPrefix?.arn?.replace(/:\*$/, ''));
      const { logGroups: byPart } = await describe({ logGroupNamePattern: name.slice(1) });
      deepEqual(
        byPart?.map(({ logGroupName, metricFilterCount }) => [logGroupName, metricFilterCount]),
        [[name, undefined]],
      );
      deepEqual((await describe({ logGroupNamePrefix: name.slice(1) })).logGroups, []);
      await refusalOf(describe({ logGroupNamePrefix: name, logGroupNamePattern: name }), 'InvalidParameterException');
      await refusalOf(describe({ limit: 51 }), 'InvalidParameterException');
    },
  },
  {
    name: 'What is put has to be in order, and not from the future or long ago',
    source: 'CloudWatch Logs API Reference, PutLogEvents',
    needs: [],
    async run(context) {
      const logGroupName = await groupWith(context, { stream: ['now'] });
      const { events: [{ ingestionTime: now = 0 } = {}] = [] } = await filter(context, { logGroupName });
      const put = (...hours: number[]) => {
        const logEvents = hours.map((hour) => ({ timestamp: now + hour * 3600 * 1000, message: `${hour} h` }));
        const input = { logGroupName, logStreamName: 'stream', logEvents };
        return context.clients.cloudWatchLogs.send(new PutLogEventsCommand(input));
      };
      await refusalOf(put(0, -1), 'InvalidParameterException');
      deepEqual((await put(-1, 3)).rejectedLogEventsInfo?.tooNewLogEventStartIndex, 1);
      deepEqual((await put(-15 * 24, -15 * 24 + 1)).rejectedLogEventsInfo?.tooOldLogEventEndIndex, 2);
      await context.until('the one that was taken is found', INGESTION_LIMIT_SECONDS, async () => {
        return (await messages(context, { logGroupName, filterPattern: '"-1 h"' })).length === 1;
      });
    },
  },
];

async function createGroup(context: Context): Promise<string> {
  const { cloudWatchLogs } = context.clients;
  const logGroupName = context.name();
  await cloudWatchLogs.send(new CreateLogGroupCommand({ logGroupName }));
  context.afterwards(() => cloudWatchLogs.send(new DeleteLogGroupCommand({ logGroupName })));
  return logGroupName;
}

/** A log group with these streams, whose lines are a second apart; waits until all of them can be found. */
async function groupWith(context: Context, streams: Record<string, string[]>): Promise<string> {
  const { cloudWatchLogs } = context.clients;
  const logGroupName = await createGroup(context);
  const count = Object.values(streams).flat().length;
  const begin = Date.now() - 60_000;
  for (const [logStreamName, lines] of Object.entries(streams)) {
    await cloudWatchLogs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const logEvents = lines.map((message, index) => ({ message, timestamp: begin + index * 1000 }));
    await cloudWatchLogs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  }
  await context.until('all lines are found', INGESTION_LIMIT_SECONDS, async () => {
    return (await messages(context, { logGroupName })).length === count;
  });
  return logGroupName;
}

function filter(context: Context, input: FilterLogEventsCommandInput) {
  return context.clients.cloudWatchLogs.send(new FilterLogEventsCommand(input));
}

/** Of all pages. */
async function messages(context: Context, input: FilterLogEventsCommandInput): Promise<string[]> {
  const found: string[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client: context.clients.cloudWatchLogs }, input)) {
    found.push(...events.map(({ message = '' }) => message));
  }
  return found;
}
