/** CloudWatch Logs: what functions log, and what clients put; the newest of it. */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../kernel/clock';
import { pageOf } from '../../kernel/paging';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { cloudWatchLogsAccess } from './access';
import { matcherOf } from './filter-pattern';
import { type Line, LineStore } from './line-store';
import { invalid } from './refusal';

export interface CloudWatchLogsOptions {
  clock: Clock;
  region: string;
  accountId: string;
  settings?: Partial<CloudWatchLogsSettings>;
}

export interface CloudWatchLogsSettings {
  /** So much is kept of all log groups together. Retention is not: of what is older than that all is forgotten here. */
  keptBytes: number;
}

interface LogGroup {
  name: string;
  createdAt: Date;
  retentionDays: number | undefined;
  storedBytes: number;
  streams: Set<string>;
}

const KEPT_BYTES = 16 * 1024 ** 2;

/** FilterLogEvents, API reference: "Each page returned can contain up to 1 MB of log events or up to 10,000 log events." */
const PAGE_BYTES = 1024 ** 2;
const PAGE_EVENTS = 10_000;
const PAGE_GROUPS = 50;

/** PutLogEvents, API reference. */
const FUTURE_LIMIT_MS = 2 * 3600 * 1000;
const PAST_LIMIT_MS = 14 * 24 * 3600 * 1000;

export class CloudWatchLogs implements Service {
  readonly requiredAccess = cloudWatchLogsAccess;
  private readonly groups = new Map<string, LogGroup>();
  private readonly lines: LineStore;
  private opened = 0;

  constructor(private readonly options: CloudWatchLogsOptions) {
    this.lines = new LineStore(options.settings?.keptBytes ?? KEPT_BYTES);
  }

  /** Makes a log group as a template describes it; answers its ARN. */
  createLogGroup(name: string, retentionDays?: number): string {
    const createdAt = this.options.clock.now();
    this.groups.set(name, { name, createdAt, retentionDays, storedBytes: 0, streams: new Set() });
    return this.arnOf(name);
  }

  /**
   * Begins a stream of an execution environment; answers what writes to it. Where the log group is not there, that is lost:
   * the roles of functions here may make none. The name is not by chance, which decides about other things, and must decide
   * the same way whatever is logged.
   */
  openStream(groupName: string): (message: string) => void {
    const { clock } = this.options;
    const date = clock.now().toISOString().slice(0, 10).replaceAll('-', '/');
    const stream = `${date}/[$LATEST]${(++this.opened).toString(16).padStart(32, '0')}`;
    return (message) => {
      const group = this.groups.get(groupName);
      if (group) this.keep(group, stream, message, clock.now().getTime());
    };
  }

  private keep(group: LogGroup, stream: string, message: string, timestamp: number): void {
    group.streams.add(stream);
    group.storedBytes += message.length;
    this.lines.add({ group: group.name, stream, message, timestamp, ingestedAt: this.options.clock.now().getTime() });
  }

  readonly operations: Operations = {
    FilterLogEvents: (input: sdk.FilterLogEventsCommandInput) => this.filter(input),

    DescribeLogGroups: (input: sdk.DescribeLogGroupsCommandInput) => {
      const { logGroupNamePrefix: prefix, logGroupNamePattern: part, limit = PAGE_GROUPS } = input;
      refuseOthers(input, ['logGroupNamePrefix', 'logGroupNamePattern', 'limit', 'nextToken']);
      if (prefix !== undefined && part !== undefined) {
        throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
      }
      assertWithin('limit', limit, PAGE_GROUPS);
      const wanted = [...this.groups.values()].filter(
        ({ name }) => name.startsWith(prefix ?? '') && name.includes(part ?? ''),
      );
      const sorted = wanted.sort((one, other) => (one.name < other.name ? -1 : 1));
      const page = pageOf(sorted, input.nextToken, limit, 'InvalidParameterException');
      const described =
        part === undefined ? (group: LogGroup) => this.described(group) : (group: LogGroup) => this.named(group);
      return { logGroups: page.items.map(described), nextToken: page.next };
    },

    CreateLogGroup: (input: sdk.CreateLogGroupCommandInput) => {
      const { logGroupName = '' } = input;
      refuseOthers(input, ['logGroupName']);
      assertName('logGroupName', logGroupName, /^[.\-_/#A-Za-z0-9]{1,512}$/);
      if (this.groups.has(logGroupName)) throw alreadyThere('log group');
      this.createLogGroup(logGroupName);
    },

    DeleteLogGroup: ({ logGroupName = '' }: sdk.DeleteLogGroupCommandInput) => {
      this.group(logGroupName);
      this.groups.delete(logGroupName);
      this.lines.forget(logGroupName);
    },

    CreateLogStream: ({ logGroupName = '', logStreamName = '' }: sdk.CreateLogStreamCommandInput) => {
      assertName('logStreamName', logStreamName, /^[^:*]{1,512}$/);
      const { streams } = this.group(logGroupName);
      if (streams.has(logStreamName)) throw alreadyThere('log stream');
      streams.add(logStreamName);
    },

    PutLogEvents: (input: sdk.PutLogEventsCommandInput) => this.put(input),
  };

  private filter(input: sdk.FilterLogEventsCommandInput): sdk.FilterLogEventsCommandOutput['events'] | object {
    const { logStreamNames, logStreamNamePrefix, startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
    const { filterPattern = '', limit = PAGE_EVENTS, nextToken } = input;
    refuseOthers(input, [
      ...['logGroupName', 'logGroupIdentifier', 'logStreamNames', 'logStreamNamePrefix', 'startTime', 'endTime'],
      ...['filterPattern', 'limit', 'nextToken', 'interleaved'],
    ]);
    if (logStreamNames && logStreamNamePrefix !== undefined) {
      throw invalid('logStreamNamePrefix and logStreamNames are mutually exclusive parameters.');
    }
    assertWithin('limit', limit, PAGE_EVENTS);
    const { name } = this.group(this.nameOf(input));
    const matches = matcherOf(filterPattern);
    const isWanted = ({ stream, timestamp, message }: Line) =>
      (logStreamNames?.includes(stream) ?? stream.startsWith(logStreamNamePrefix ?? '')) &&
      timestamp >= startTime &&
      timestamp <= endTime &&
      matches(message);
    const page = this.lines.page(name, isWanted, { after: nextToken, limit, bytes: PAGE_BYTES });
    return { events: page.lines.map(eventOf), searchedLogStreams: [], nextToken: page.next };
  }

  private put({ logGroupName = '', logStreamName = '', logEvents = [] }: sdk.PutLogEventsCommandInput): object {
    const group = this.group(logGroupName);
    if (!group.streams.has(logStreamName)) throw notThere('log stream');
    const times = logEvents.map(({ timestamp = 0 }) => timestamp);
    if (times.some((time, index) => time < (times[index - 1] ?? 0))) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    }
    const now = this.options.clock.now().getTime();
    const taken = logEvents.filter(
      ({ timestamp = 0 }) => timestamp <= now + FUTURE_LIMIT_MS && timestamp >= now - PAST_LIMIT_MS,
    );
    for (const { message = '', timestamp = 0 } of taken) this.keep(group, logStreamName, message, timestamp);
    const tooNew = times.findIndex((time) => time > now + FUTURE_LIMIT_MS);
    const tooOld = times.filter((time) => time < now - PAST_LIMIT_MS).length;
    if (taken.length === logEvents.length) return {};
    return {
      rejectedLogEventsInfo: {
        ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
        ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      },
    };
  }

  /** "You must include either logGroupIdentifier or logGroupName, but not both": API reference. */
  private nameOf({ logGroupName, logGroupIdentifier }: sdk.FilterLogEventsCommandInput): string {
    if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
      throw invalid('Exactly one of logGroupName and logGroupIdentifier must be specified.');
    }
    return logGroupName ?? (logGroupIdentifier ?? '').replace(/^arn:.*:log-group:|:\*$/g, '');
  }

  private group(name: string): LogGroup {
    const group = this.groups.get(name);
    if (!group) throw notThere('log group');
    return group;
  }

  private arnOf(name: string): string {
    const { region, accountId } = this.options;
    return `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`;
  }

  /** "If you specify logGroupNamePattern, then only arn, creationTime, and logGroupName are included": API reference. */
  private named({ name, createdAt }: LogGroup): sdk.LogGroup {
    return { logGroupName: name, creationTime: createdAt.getTime(), arn: this.arnOf(name) };
  }

  private described(group: LogGroup): sdk.LogGroup {
    return {
      ...this.named(group),
      retentionInDays: group.retentionDays,
      metricFilterCount: 0,
      storedBytes: group.storedBytes,
      logGroupClass: 'STANDARD',
      logGroupArn: this.arnOf(group.name).replace(/:\*$/, ''),
    };
  }
}

function eventOf({ stream, timestamp, message, ingestedAt, number }: Line): sdk.FilteredLogEvent {
  const eventId = String(number).padStart(56, '0');
  return { logStreamName: stream, timestamp, message, ingestionTime: ingestedAt, eventId };
}

function assertWithin(name: string, value: number, maximum: number): void {
  if (value >= 1 && value <= maximum) return;
  const bound = value < 1 ? 'greater than or equal to 1' : `less than or equal to ${maximum}`;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

function assertName(name: string, value: string, allowed: RegExp): void {
  if (allowed.test(value)) return;
  const pattern = `Member must satisfy regular expression pattern: ${allowed.source}`;
  throw invalid(`1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${pattern}`);
}

function refuseOthers(input: object, supported: readonly string[]): void {
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !supported.includes(name));
  if (other) throw invalid(`The parameter ${other[0]} is not supported by this embedded AWS`);
}

function notThere(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
}

function alreadyThere(what: string): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
}
