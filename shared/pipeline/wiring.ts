/** Whether the pipeline would carry a deployment on: a rule that is disabled or has lost its target ends it silently. */
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand, type Rule } from '@aws-sdk/client-eventbridge';
import type { Deadline } from '../aws/deadline';
import type { Runtime } from '../aws/runtime';
import type { Refusal } from '../deployment/refusal';

/** What every deployment depends on from its start to its end. */
const NEEDED = [
  'DummyAttached',
  'CheckPending',
  'CheckDue',
  'Step1Passed',
  'RealAttached',
  'Step2Passed',
  'Swapped',
  'Failed',
];

/** Who takes over from `start`. Only their targets are looked up: that is a call for each rule. */
const TAKING_OVER = ['DummyAttached', 'CheckPending'];

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
    const rules = (await this.rules()).filter((rule) => NEEDED.some((needed) => detailTypesOf(rule).includes(needed)));
    const missing = NEEDED.filter((needed) => !rules.some((rule) => detailTypesOf(rule).includes(needed)));
    const areWired = await Promise.all(
      rules.map((rule) => rule.State === 'ENABLED' && (!takesOver(rule) || this.hasTarget(rule))),
    );
    const broken = rules.filter((_, index) => !areWired[index]).map(({ Name }) => Name);
    if (missing.length + broken.length === 0) return undefined;
    const problems = [
      ...(missing.length > 0 ? [`no rule reacts to ${missing.join(', ')}`] : []),
      ...(broken.length > 0 ? [`disabled or without a target: ${broken.join(', ')}`] : []),
    ];
    return { code: '411', message: `the pipeline is not wired on the bus ${this.busName}: ${problems.join('; ')}` };
  }

  private async hasTarget({ Name }: Rule): Promise<boolean> {
    const answer = await this.client.send(
      new ListTargetsByRuleCommand({ Rule: Name, EventBusName: this.busName, Limit: 1 }),
    );
    return (answer.Targets ?? []).length > 0;
  }

  private async rules(): Promise<Rule[]> {
    const rules: Rule[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new ListRulesCommand({ EventBusName: this.busName, NextToken }));
      rules.push(...(page.Rules ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return rules;
  }
}

function takesOver(rule: Rule): boolean {
  return TAKING_OVER.some((detailType) => detailTypesOf(rule).includes(detailType));
}

function detailTypesOf({ EventPattern = '{}' }: Rule): string[] {
  return JSON.parse(EventPattern)['detail-type'] ?? [];
}
