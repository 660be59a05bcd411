/** Whether the pipeline would carry a deployment on: a rule that is disabled or has lost its target ends it silently. */
import { isDeepStrictEqual } from 'node:util';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand, type Rule } from '@aws-sdk/client-eventbridge';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import type { Refusal } from '../deployment/refusal';
import { FLOW } from './flow';
import { carryingRules, type FlowPattern } from './flow-rules';

/** What takes over from `start`. Only there the targets are looked up: that is a call for each rule. */
const TAKING_OVER = [...Object.keys(FLOW.start.passes), 'CheckPending'];

/** What the rules have in common. */
function whatIsWrong(rules: readonly Rule[]): string {
  const disabled = rules.filter(({ State }) => State !== 'ENABLED');
  if (disabled.length === rules.length) return 'disabled rules of EventBridge';
  return disabled.length === 0
    ? 'rules of EventBridge without a target'
    : 'rules of EventBridge that are disabled or without a target';
}

export class Wiring {
  constructor(
    private readonly client: EventBridgeClient,
    private readonly busName: string,
  ) {}

  static connect(runtime: Runtime, deadline: Deadline, busName: string): Wiring {
    return new Wiring(deadline.guard(new EventBridgeClient(runtime.clientDefaults)), busName);
  }

  /** 411 where one of the pipeline's events would reach nobody. */
  async refusal(): Promise<Refusal | undefined> {
    const needed = carryingRules().map(({ pattern }) => pattern);
    const rules = (await this.rules()).map((rule) => ({ ...rule, pattern: patternOf(rule) }));
    const missing = needed.filter((pattern) => !rules.some((rule) => covers(rule.pattern, pattern)));
    const carrying = rules.filter((rule) => needed.some((pattern) => covers(rule.pattern, pattern)));
    const areWired = await Promise.all(carrying.map((rule) => this.isWired(rule)));
    const broken = carrying.filter((_, index) => !areWired[index]);
    if (missing.length + broken.length === 0) return undefined;
    const problems = [
      ...(missing.length > 0 ? [`no rule reacts to ${missing.map(nameOf).join(', ')}`] : []),
      ...(broken.length > 0
        ? [`${whatIsWrong(broken)}: ${broken.map(({ Name, pattern }) => `${Name} (${nameOf(pattern)})`).join(', ')}`]
        : []),
    ];
    const message = `a deployment would stand still on the bus ${this.busName}: ${problems.join('; ')}`;
    const disabled = broken.flatMap(({ Name, State }) => (State !== 'ENABLED' && Name ? [Name] : []));
    const areAllDisabled = missing.length === 0 && disabled.length === broken.length;
    return {
      code: '411',
      message,
      remedy: areAllDisabled
        ? { kind: 'enable-rules', busName: this.busName, rules: disabled }
        : { kind: 'deploy-stack', stack: this.busName },
    };
  }

  private async isWired({ Name, State, pattern }: Rule & { pattern: Partial<FlowPattern> }): Promise<boolean> {
    if (State !== 'ENABLED') return false;
    if (!TAKING_OVER.some((event) => pattern['detail-type']?.includes(event))) return true;
    const answer = await this.client.send(
      new ListTargetsByRuleCommand({ Rule: Name, EventBusName: this.busName, Limit: 1 }),
    );
    return (answer.Targets ?? []).length > 0;
  }

  /** Those of the stack, which is called as its bus is: what others listen for on the bus is their own affair. */
  private async rules(): Promise<Rule[]> {
    const rules: Rule[] = [];
    let NextToken: string | undefined;
    do {
      const query = { EventBusName: this.busName, NamePrefix: `${this.busName}-`, NextToken };
      const page = await this.client.send(new ListRulesCommand(query));
      rules.push(...(page.Rules ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return rules;
  }
}

function patternOf({ EventPattern = '{}' }: Rule): Partial<FlowPattern> {
  return JSON.parse(EventPattern);
}

/** It takes every event that the flow needs taken: of this type, for this stage, and whether it is a replay. */
function covers(found: Partial<FlowPattern>, needed: FlowPattern): boolean {
  const [{ next: nextFound, ...detailFound }, { next: nextNeeded, ...detailNeeded }] = [
    detailOf(found),
    detailOf(needed),
  ];
  return (
    needed['detail-type'].every((event) => found['detail-type']?.includes(event)) &&
    // A rule of an earlier version does not ask for whom the event is.
    (nextFound === undefined || isDeepStrictEqual(nextFound, nextNeeded)) &&
    isDeepStrictEqual(detailFound, detailNeeded) &&
    isDeepStrictEqual(found['replay-name'], needed['replay-name'])
  );
}

function detailOf({ detail = {} }: Partial<FlowPattern>): { next?: unknown } {
  return detail;
}

function nameOf({ 'detail-type': types = [], detail }: Partial<FlowPattern>): string {
  const { stage } = (detail ?? {}) as { stage?: string[] };
  return `${types.join(', ')}${stage ? ` of ${stage}` : ''}`;
}
