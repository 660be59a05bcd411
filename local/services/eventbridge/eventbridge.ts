/** Amazon EventBridge: buses that match events to rules, deliver them at least once and in no order, and archive them. */
import type * as sdk from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../kernel/clock';
import { parsedObject } from '../../kernel/json';
import type { Random } from '../../kernel/random';
import { AwsError, type Operations, type Service } from '../../kernel/service';
import { eventBridgeAccess } from './access';
import { EventArchives } from './archives';
import { type Delivery, EventDelivery, type Targets } from './delivery';
import type { BusEvent } from './event';
import { matches } from './pattern';
import { EventRules, type Rule } from './rules';

export interface EventBridgeSettings {
  /** From a matching event to the call of a target. */
  deliveryDelaySeconds: number;
  /** From an event to its place in the archive: "allow ten minutes before you replay". */
  archiveDelaySeconds: number;
  /** From StartReplay to its first event. */
  replayStartSeconds: number;
  /** The time over which the events of a replay come, in an order of chance. */
  replaySpreadSeconds: number;
  /** Whether a topic is published to by the role of its target; older guides have it that the topic's policy decides. */
  actsByRoles: boolean;
}

export interface EventBridgeOptions {
  clock: Clock;
  random: Random;
  region: string;
  accountId: string;
  targets: Targets;
  settings?: Partial<EventBridgeSettings>;
}

const STANDARD_SETTINGS: EventBridgeSettings = {
  deliveryDelaySeconds: 0.5,
  archiveDelaySeconds: 600,
  replayStartSeconds: 5,
  replaySpreadSeconds: 10,
  actsByRoles: true,
};
const MAXIMUM_ENTRIES = 10;
const MAXIMUM_REQUEST_BYTES = 1024 * 1024;

export class EventBridge implements Service {
  readonly rules: EventRules;
  readonly archives: EventArchives;
  readonly delivery: EventDelivery;
  readonly operations: Operations;
  readonly requiredAccess = eventBridgeAccess;
  private readonly listeners: ((event: BusEvent, busName: string) => void)[] = [];

  constructor(private readonly options: EventBridgeOptions) {
    const settings = { ...STANDARD_SETTINGS, ...options.settings };
    this.rules = new EventRules({ ...options, keepSchedule: (rule, seconds) => this.keepSchedule(rule, seconds) });
    this.delivery = new EventDelivery({ ...options, settings });
    const replay = (busName: string, event: BusEvent, ruleArns: string[]) => this.route(busName, event, ruleArns);
    this.archives = new EventArchives({ ...options, settings, rules: this.rules, replay });
    this.operations = {
      PutEvents: (input: sdk.PutEventsCommandInput) => {
        if (input.EndpointId !== undefined) throw validation('Global endpoints are not supported here.');
        return this.putEvents(input.Entries ?? []);
      },
      ...this.rules.operations,
      ...this.archives.operations,
    };
  }

  /** Hears every event that reaches a bus, replayed ones too. */
  onEvent(listener: (event: BusEvent, busName: string) => void): void {
    this.listeners.push(listener);
  }

  /** Tests may lose, delay and repeat deliveries: the delays of its calls in seconds; none is a lost delivery. */
  set deliveryPolicy(policy: (delivery: Delivery) => number[]) {
    this.delivery.policy = policy;
  }

  /** What AWS services themselves publish, on the default bus. */
  publish(event: BusEvent): void {
    this.accept('default', event);
  }

  private putEvents(entries: sdk.PutEventsRequestEntry[]): Omit<sdk.PutEventsCommandOutput, '$metadata'> {
    if (entries.length === 0 || entries.length > MAXIMUM_ENTRIES) {
      const bound = entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAXIMUM_ENTRIES}`;
      throw validation(
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
      );
    }
    if (sum(entries.map(entryBytes)) > MAXIMUM_REQUEST_BYTES) {
      throw validation('Total size of the entries in the request is over the limit.');
    }
    const results = entries.map((entry) => this.putEvent(entry));
    return { FailedEntryCount: results.filter((result) => result.ErrorCode).length, Entries: results };
  }

  private putEvent(entry: sdk.PutEventsRequestEntry): sdk.PutEventsResultEntry {
    for (const name of ['Source', 'DetailType', 'Detail'] as const) {
      if (!entry[name])
        return failed('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
    const { Source = '', DetailType = '', Detail = '' } = entry;
    if (Source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
    if (DetailType.length > 128) {
      return failed('InvalidArgument', 'Parameter DetailType is not valid. Reason: Length must be at most 128.');
    }
    const detail = parsedObject(Detail);
    if (!detail) return failed('MalformedDetail', 'Detail is malformed.');
    const time = entry.Time ?? this.options.clock.now();
    const event = this.busEvent({
      source: Source,
      detailType: DetailType,
      resources: entry.Resources ?? [],
      detail,
      time,
    });
    // AWS answers success for a bus that does not exist; the event is gone.
    const busName = this.rules.busName(entry.EventBusName);
    if (busName !== undefined) this.accept(busName, event);
    return { EventId: event.id };
  }

  private busEvent(event: {
    source: string;
    detailType: string;
    resources: string[];
    detail: Record<string, unknown>;
    time: Date;
  }): BusEvent {
    return {
      version: '0',
      id: this.options.random.uuid(),
      'detail-type': event.detailType,
      source: event.source,
      account: this.options.accountId,
      time: event.time.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: this.options.region,
      resources: event.resources,
      detail: event.detail,
    };
  }

  /** Every interval the rule's targets get a Scheduled Event, while the rule is enabled. */
  private keepSchedule(rule: Rule, everySeconds: number): void {
    const { clock } = this.options;
    clock.after(everySeconds, () => {
      const about = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} };
      const event = this.busEvent({ ...about, time: clock.now() });
      for (const target of rule.state === 'ENABLED' ? rule.targets : [])
        this.delivery.schedule({ event, rule, target });
      this.keepSchedule(rule, everySeconds);
    });
  }

  private accept(busName: string, event: BusEvent): void {
    this.archives.keep(busName, event);
    this.route(busName, event);
  }

  /** Hands the event to every target of every matching rule; a replay may be limited to `ruleArns`. */
  private route(busName: string, event: BusEvent, ruleArns: string[] = []): void {
    for (const listener of this.listeners) listener(event, busName);
    for (const rule of this.rules.ofBus(busName)) {
      if (rule.state !== 'ENABLED' || (ruleArns.length > 0 && !ruleArns.includes(rule.arn))) continue;
      if (!rule.pattern || !matches(rule.pattern, event as never)) continue;
      for (const target of rule.targets) this.delivery.schedule({ event, rule, target });
    }
  }
}

function failed(ErrorCode: string, ErrorMessage: string): sdk.PutEventsResultEntry {
  return { ErrorCode, ErrorMessage };
}

/** "Calculating PutEvents event entry size": 14 bytes for a time, and the UTF-8 length of everything else. */
function entryBytes(entry: sdk.PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return (entry.Time ? 14 : 0) + sum(texts.map((text) => Buffer.byteLength(text ?? '')));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
