/** Archives of a bus, and replays from them. */
import type * as sdk from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../kernel/clock';
import type { Random } from '../../kernel/random';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations } from '../../kernel/service';
import type { BusEvent } from './event';
import { assertSupported, type EventPattern, matches } from './pattern';
import { type EventRules, listed } from './rules';

interface Archive {
  name: string;
  arn: string;
  busName: string;
  sourceArn: string;
  description: string | undefined;
  /** Undefined keeps every event. */
  pattern: EventPattern | undefined;
  /** 0 keeps events for ever. */
  retentionDays: number;
  createdAt: Date;
  events: { event: BusEvent; archivedAt: Date }[];
}

interface Replay {
  name: string;
  arn: string;
  input: sdk.StartReplayCommandInput;
  state: 'STARTING' | 'RUNNING' | 'COMPLETED';
  startedAt: Date;
  endedAt: Date | undefined;
  lastEventTime: Date | undefined;
}

interface EventArchivesOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  settings: { archiveDelaySeconds: number; replayStartSeconds: number; replaySpreadSeconds: number };
  rules: EventRules;
  replay: (busName: string, event: BusEvent, ruleArns: string[]) => void;
}

const MAXIMUM_REPLAYS = 10;
const DAY_MS = 24 * 3600 * 1000;

export class EventArchives {
  private readonly archives = new Map<string, Archive>();
  private readonly replays = new Map<string, Replay>();

  constructor(private readonly options: EventArchivesOptions) {}

  /** Returns the archive's ARN. */
  createArchive(
    name: string,
    sourceArn: string,
    settings: { description?: string; pattern?: EventPattern; retentionDays?: number } = {},
  ): string {
    if (settings.pattern) assertSupported(settings.pattern);
    const arn = this.arn(`archive/${name}`);
    const { description, pattern, retentionDays = 0 } = settings;
    const busName = this.options.rules.bus(sourceArn).name;
    const createdAt = this.options.clock.now();
    const archive = { name, arn, busName, sourceArn, description, pattern, retentionDays, createdAt, events: [] };
    this.archives.set(name, archive);
    return arn;
  }

  /** Archives an event of a bus where a pattern asks for it; replayed events never come here. */
  keep(busName: string, event: BusEvent): void {
    const { clock, settings } = this.options;
    for (const archive of this.archives.values()) {
      if (archive.busName !== busName) continue;
      if (archive.pattern && !matches(archive.pattern, event as never)) continue;
      clock.after(settings.archiveDelaySeconds, () => {
        archive.events.push({ event, archivedAt: clock.now() });
      });
    }
  }

  readonly operations: Operations = {
    CreateArchive: (input: sdk.CreateArchiveCommandInput) => {
      refuseUnsupported(input, ['ArchiveName', 'EventSourceArn', 'Description', 'RetentionDays']);
      const { ArchiveName = '', EventSourceArn = '', Description: description, RetentionDays: retentionDays } = input;
      if (this.archives.has(ArchiveName)) {
        throw new AwsError('ResourceAlreadyExistsException', `Archive ${ArchiveName} already exists.`);
      }
      const ArchiveArn = this.createArchive(ArchiveName, EventSourceArn, { description, retentionDays });
      return { ArchiveArn, State: 'ENABLED', CreationTime: this.options.clock.now() };
    },

    DeleteArchive: ({ ArchiveName = '' }: sdk.DeleteArchiveCommandInput) => {
      if (!this.archives.delete(ArchiveName)) throw notFound(`Archive ${ArchiveName} does not exist.`);
      return {};
    },

    DescribeArchive: (input: sdk.DescribeArchiveCommandInput) => {
      const archive = this.archives.get(input.ArchiveName ?? '');
      if (!archive) throw notFound(`Archive ${input.ArchiveName} does not exist.`);
      const EventPattern = archive.pattern && JSON.stringify(archive.pattern);
      const { arn: ArchiveArn, description: Description } = archive;
      return { ...this.describeArchive(archive), ArchiveArn, Description, EventPattern };
    },

    ListArchives: (input: sdk.ListArchivesCommandInput) => {
      const { NamePrefix = '', EventSourceArn, State = 'ENABLED' } = input;
      const archives = [...this.archives.values()].filter(
        ({ name, sourceArn }) =>
          name.startsWith(NamePrefix) && [undefined, sourceArn].includes(EventSourceArn) && State === 'ENABLED',
      );
      const page = listed(archives, input);
      return { Archives: page.items.map((archive) => this.describeArchive(archive)), NextToken: page.next };
    },

    StartReplay: (input: sdk.StartReplayCommandInput) => {
      const replay = this.startReplay(input);
      return { ReplayArn: replay.arn, State: replay.state, ReplayStartTime: replay.startedAt };
    },

    DescribeReplay: (input: sdk.DescribeReplayCommandInput) => {
      const replay = this.replays.get(input.ReplayName ?? '');
      if (!replay) throw notFound(`Replay ${input.ReplayName} does not exist.`);
      const { Description, Destination } = replay.input;
      return { ...describeReplay(replay), ReplayArn: replay.arn, Description, Destination };
    },

    ListReplays: (input: sdk.ListReplaysCommandInput) => {
      const { NamePrefix = '', EventSourceArn, State } = input;
      const replays = [...this.replays.values()].filter(
        ({ name, state, input: started }) =>
          name.startsWith(NamePrefix) &&
          [undefined, started.EventSourceArn].includes(EventSourceArn) &&
          [undefined, state].includes(State as Replay['state'] | undefined),
      );
      const page = listed(replays, input);
      return { Replays: page.items.map(describeReplay), NextToken: page.next };
    },
  };

  private startReplay(input: sdk.StartReplayCommandInput): Replay {
    const { clock, random, settings } = this.options;
    const archive = this.archiveToReplay(input);
    const name = input.ReplayName ?? '';
    const replay: Replay = {
      name,
      arn: this.arn(`replay/${name}`),
      input,
      state: 'STARTING',
      startedAt: clock.now(),
      endedAt: undefined,
      lastEventTime: undefined,
    };
    this.replays.set(name, replay);
    clock.after(settings.replayStartSeconds, () => {
      replay.state = 'RUNNING';
      for (const event of this.eventsBetween(archive, input.EventStartTime as Date, input.EventEndTime as Date)) {
        clock.after(random.next() * settings.replaySpreadSeconds, () => {
          // "The time within the specified time range associated with the last event replayed": DescribeReplay, API
          // reference. There it goes by the minute; here events are mixed, and what is told is how far any has come.
          const time = new Date(event.time);
          if (!replay.lastEventTime || time > replay.lastEventTime) replay.lastEventTime = time;
          const replayed = { ...event, id: random.uuid(), 'replay-name': name };
          this.options.replay(archive.busName, replayed, input.Destination?.FilterArns ?? []);
        });
      }
      clock.after(settings.replaySpreadSeconds, () => {
        replay.state = 'COMPLETED';
        replay.endedAt = clock.now();
      });
    });
    return replay;
  }

  private archiveToReplay(input: sdk.StartReplayCommandInput): Archive {
    if (this.replays.has(input.ReplayName ?? '')) {
      throw new AwsError('ResourceAlreadyExistsException', `Replay ${input.ReplayName} already exists.`);
    }
    const archive = [...this.archives.values()].find(({ arn }) => arn === input.EventSourceArn);
    if (!archive) {
      const name = input.EventSourceArn?.split('/').pop();
      throw invalid('EventSourceArn', `Archive ${name} does not exist.`);
    }
    if (input.Destination?.Arn !== archive.sourceArn) {
      throw invalid('Destination.Arn', 'Cross event bus replay is not permitted.');
    }
    if ((input.EventEndTime?.getTime() ?? 0) <= (input.EventStartTime?.getTime() ?? 0)) {
      throw invalid('EventEndTime', 'EventStartTime must be before EventEndTime.');
    }
    const ruleArns = [...this.options.rules.ofBus(archive.busName)].map((rule) => rule.arn);
    for (const arn of input.Destination.FilterArns ?? []) {
      if (!ruleArns.includes(arn)) throw invalid('Destination.FilterArns', `Rule ${arn} does not exist.`);
    }
    const unfinished = [...this.replays.values()].filter((replay) => replay.state !== 'COMPLETED');
    if (unfinished.length >= MAXIMUM_REPLAYS) {
      throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
    }
    return archive;
  }

  private eventsBetween(archive: Archive, start: Date, end: Date): BusEvent[] {
    return this.retained(archive)
      .map(({ event }) => event)
      .filter(({ time }) => new Date(time) >= start && new Date(time) < end);
  }

  private retained(archive: Archive): Archive['events'] {
    const oldest_ms = this.options.clock.now().getTime() - archive.retentionDays * DAY_MS;
    return archive.events.filter(({ archivedAt }) => archive.retentionDays === 0 || archivedAt.getTime() > oldest_ms);
  }

  private describeArchive(archive: Archive): sdk.Archive {
    const retained = this.retained(archive);
    return {
      ArchiveName: archive.name,
      EventSourceArn: archive.sourceArn,
      State: 'ENABLED',
      RetentionDays: archive.retentionDays,
      SizeBytes: retained.reduce((bytes, { event }) => bytes + Buffer.byteLength(JSON.stringify(event)), 0),
      EventCount: retained.length,
      CreationTime: archive.createdAt,
    };
  }

  private arn(resource: string): string {
    return `arn:aws:events:${this.options.region}:${this.options.accountId}:${resource}`;
  }
}

function describeReplay(replay: Replay): sdk.Replay {
  return {
    ReplayName: replay.name,
    EventSourceArn: replay.input.EventSourceArn,
    State: replay.state,
    EventStartTime: replay.input.EventStartTime,
    EventEndTime: replay.input.EventEndTime,
    EventLastReplayedTime: replay.lastEventTime,
    ReplayStartTime: replay.startedAt,
    ReplayEndTime: replay.endedAt,
  };
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}`);
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}
