/** The event buses, their rules and the rules' targets. */
import type * as sdk from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../kernel/clock';
import { parsedObject } from '../../kernel/json';
import { type Page, pageOf, pageSize } from '../../kernel/paging';
import { refused, refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations } from '../../kernel/service';
import { assertInputSupported } from './input';
import { assertSupported, type EventPattern } from './pattern';

export interface Rule {
  name: string;
  arn: string;
  busName: string;
  description: string | undefined;
  /** Of a rule that waits for events; a rule that runs on a schedule has none. */
  pattern: EventPattern | undefined;
  /** `rate(5 minutes)`. */
  schedule: string | undefined;
  state: 'ENABLED' | 'DISABLED';
  targets: sdk.Target[];
}

interface Bus {
  name: string;
  arn: string;
  createdAt: Date;
  rules: Map<string, Rule>;
}

interface EventRulesOptions {
  clock: Clock;
  region: string;
  accountId: string;
  /** Lets a rule run every so many seconds. */
  keepSchedule: (rule: Rule, everySeconds: number) => void;
}

const PAGE_SIZE = 100;
/** PutRule, API reference: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
const MAXIMUM_PATTERN_LENGTH = 4096;
const MAXIMUM_TARGETS = 5;

export class EventRules {
  private readonly buses = new Map<string, Bus>();

  constructor(private readonly options: EventRulesOptions) {
    this.createBus('default');
  }

  /** Returns the ARN of the new bus. */
  createBus(name: string): string {
    if (this.buses.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
    const arn = this.arn(`event-bus/${name}`);
    this.buses.set(name, { name, arn, createdAt: this.options.clock.now(), rules: new Map() });
    return arn;
  }

  /** The name of the bus that a name or an ARN means (default: the default bus); undefined when there is none. */
  busName(nameOrArn = 'default'): string | undefined {
    return [...this.buses.values()].find((bus) => bus.name === nameOrArn || bus.arn === nameOrArn)?.name;
  }

  ofBus(busName: string): Iterable<Rule> {
    return this.bus(busName).rules.values();
  }

  /** Makes a rule. Throws an Error on a pattern that could not be matched here, or a schedule that could not be kept. */
  putRule(rule: Pick<Rule, 'name'> & Partial<Omit<Rule, 'arn' | 'busName' | 'targets'>>, bus?: string): Rule {
    if (rule.pattern) assertSupported(rule.pattern);
    if (!rule.pattern === !rule.schedule) throw new Error(`the rule ${rule.name} needs either a pattern or a schedule`);
    const { name: busName, rules } = this.bus(bus);
    const arn = this.arn(busName === 'default' ? `rule/${rule.name}` : `rule/${busName}/${rule.name}`);
    const unset = { description: undefined, pattern: undefined, schedule: undefined };
    const made: Rule = { ...unset, state: 'ENABLED', ...rule, arn, busName, targets: [] };
    rules.set(rule.name, made);
    if (made.schedule) this.options.keepSchedule(made, rateSeconds(made.schedule));
    return made;
  }

  /** A target takes the place of one with its id. Throws an Error on what could not be delivered here. */
  putTargets(rule: Rule, targets: sdk.Target[]): void {
    for (const target of targets) {
      const [, , service] = (target.Arn ?? '').split(':');
      if (!['lambda', 'sqs', 'sns'].includes(service ?? '')) throw new Error(`${target.Arn} cannot be a target here`);
      if (target.RoleArn !== undefined && service !== 'sns') throw new Error(`${target.Arn} takes no RoleArn here`);
      assertInputSupported(target);
      checkRetryPolicy(target.RetryPolicy);
    }
    const ids = targets.map(({ Id }) => Id);
    const all = [...rule.targets.filter(({ Id }) => !ids.includes(Id)), ...targets];
    if (all.length > MAXIMUM_TARGETS) {
      throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
    }
    rule.targets = all;
  }

  readonly operations: Operations = {
    CreateEventBus: (input: sdk.CreateEventBusCommandInput) => {
      refuseUnsupported(input, ['Name']);
      return { EventBusArn: this.createBus(input.Name ?? '') };
    },

    /** One that does not exist is no error. */
    DeleteEventBus: ({ Name = '' }: sdk.DeleteEventBusCommandInput) => {
      if (Name === 'default') throw invalid('Cannot delete event bus default.');
      if (this.buses.get(Name)?.rules.size) throw invalid(`Event bus ${Name} can't be deleted since it has rules.`);
      this.buses.delete(Name);
      return {};
    },

    PutRule: (input: sdk.PutRuleCommandInput) => ({ RuleArn: this.putRuleByRequest(input).arn }),

    DeleteRule: ({ Name = '', EventBusName }: sdk.DeleteRuleCommandInput) => {
      const { rules } = this.bus(EventBusName);
      const rule = rules.get(Name);
      if (rule?.targets.length) throw invalid("Rule can't be deleted since it has targets.");
      if (rule) rule.state = 'DISABLED'; // ends its schedule
      rules.delete(Name);
      return {};
    },

    PutTargets: ({ Rule: name, EventBusName, Targets = [] }: sdk.PutTargetsCommandInput) => {
      refused(() => this.putTargets(this.rule(name, EventBusName), Targets));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    DescribeEventBus: (input: sdk.DescribeEventBusCommandInput) => describeBus(this.bus(input.Name)),

    ListEventBuses: (input: sdk.ListEventBusesCommandInput) => {
      const named = [...this.buses.values()].filter((bus) => bus.name.startsWith(input.NamePrefix ?? ''));
      const page = listed(named, input);
      return { EventBuses: page.items.map(describeBus), NextToken: page.next };
    },

    DescribeRule: (input: sdk.DescribeRuleCommandInput) => {
      const rule = this.rule(input.Name, input.EventBusName);
      return { ...describeRule(rule), CreatedBy: this.options.accountId };
    },

    ListRules: (input: sdk.ListRulesCommandInput) => {
      const rules = [...this.bus(input.EventBusName).rules.values()];
      const page = listed(
        rules.filter((rule) => rule.name.startsWith(input.NamePrefix ?? '')),
        input,
      );
      return { Rules: page.items.map(describeRule), NextToken: page.next };
    },

    ListTargetsByRule: (input: sdk.ListTargetsByRuleCommandInput) => {
      const page = listed(this.rule(input.Rule, input.EventBusName).targets, input);
      return { Targets: page.items, NextToken: page.next };
    },

    ListRuleNamesByTarget: (input: sdk.ListRuleNamesByTargetCommandInput) => {
      const rules = [...this.bus(input.EventBusName).rules.values()];
      const names = rules.filter((rule) => rule.targets.some((target) => target.Arn === input.TargetArn));
      const page = listed(
        names.map((rule) => rule.name),
        input,
      );
      return { RuleNames: page.items, NextToken: page.next };
    },

    RemoveTargets: (input: sdk.RemoveTargetsCommandInput) => {
      const rule = this.rule(input.Rule, input.EventBusName);
      rule.targets = rule.targets.filter(({ Id = '' }) => !input.Ids?.includes(Id));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    EnableRule: (input: sdk.EnableRuleCommandInput) => {
      this.rule(input.Name, input.EventBusName).state = 'ENABLED';
      return {};
    },

    DisableRule: (input: sdk.DisableRuleCommandInput) => {
      this.rule(input.Name, input.EventBusName).state = 'DISABLED';
      return {};
    },
  };

  /** An existing rule takes the new settings and keeps its targets. */
  private putRuleByRequest(input: sdk.PutRuleCommandInput): Rule {
    refuseUnsupported(input, ['Name', 'EventBusName', 'EventPattern', 'Description', 'State']);
    const { Name: name = '', EventBusName, Description: description, EventPattern, State: state = 'ENABLED' } = input;
    if (state !== 'ENABLED' && state !== 'DISABLED') throw invalid(`The state ${state} is not supported here.`);
    const before = this.bus(EventBusName).rules.get(name);
    const pattern = EventPattern === undefined ? undefined : patternOf(EventPattern);
    const rule = refused(() => this.putRule({ name, description, state, pattern }, EventBusName));
    rule.targets = before?.targets ?? [];
    if (before) before.state = 'DISABLED'; // ends its schedule
    return rule;
  }

  /** Throws ResourceNotFoundException. */
  bus(nameOrArn = 'default'): Bus {
    const bus = this.buses.get(this.busName(nameOrArn) ?? '');
    if (!bus) throw notFound(`Event bus ${nameOrArn} does not exist.`);
    return bus;
  }

  private rule(name: string | undefined, busNameOrArn: string | undefined): Rule {
    const bus = this.bus(busNameOrArn);
    const rule = bus.rules.get(name ?? '');
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  }

  private arn(resource: string): string {
    return `arn:aws:events:${this.options.region}:${this.options.accountId}:${resource}`;
  }
}

function describeBus(bus: Bus): sdk.EventBus {
  return { Name: bus.name, Arn: bus.arn, CreationTime: bus.createdAt, LastModifiedTime: bus.createdAt };
}

function describeRule(rule: Rule): sdk.Rule {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern && JSON.stringify(rule.pattern),
    ScheduleExpression: rule.schedule,
    State: rule.state,
    Description: rule.description,
    EventBusName: rule.busName,
  };
}

/** "rate(value unit)". Throws an Error on cron expressions, which are not kept here. */
function rateSeconds(schedule: string): number {
  const [, value, unit = ''] = schedule.match(/^rate\((\d+) (minute|hour|day)s?\)$/) ?? [];
  const seconds = { minute: 60, hour: 3600, day: 86400 }[unit];
  if (!value || !seconds) throw new Error(`the schedule ${schedule} is not supported here`);
  return Number(value) * seconds;
}

function checkRetryPolicy(policy: sdk.RetryPolicy | undefined): void {
  const { MaximumRetryAttempts: attempts = 185, MaximumEventAgeInSeconds: ageSeconds = 86400 } = policy ?? {};
  if (attempts < 0 || attempts > 185 || ageSeconds < 60 || ageSeconds > 86400) {
    throw new AwsError('ValidationException', `The retry policy ${JSON.stringify(policy)} is out of its bounds.`);
  }
}

/** One page of a list of EventBridge. */
export function listed<Item>(items: Item[], { Limit, NextToken }: { Limit?: number; NextToken?: string }): Page<Item> {
  return pageOf(items, NextToken, pageSize(Limit, 'limit', PAGE_SIZE, PAGE_SIZE), 'ValidationException');
}

/** Throws InvalidEventPatternException. */
function patternOf(text: string): EventPattern {
  try {
    if (text.length > MAXIMUM_PATTERN_LENGTH) throw new Error(`it is longer than ${MAXIMUM_PATTERN_LENGTH} characters`);
    const pattern = parsedObject(text) as EventPattern | undefined;
    if (!pattern) throw new Error('it is no JSON object');
    assertSupported(pattern);
    return pattern;
  } catch (error) {
    const reason = (error as Error).message;
    throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}
