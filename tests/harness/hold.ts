/**
 * A stage beside the plain chain, which the product does not have: between `check-real` and `swap` it holds a deployment
 * until somebody releases it, and parks meanwhile. Whoever imports this has it in the flow, for tasks whose tag says so.
 */
import * as z from 'zod/mini';
import { contract, ofDeployment } from '../../events/contract';
import { Step2Passed } from '../../events/step-2-passed';
import type { Template, TemplateResource } from '../../local/cloudformation/template';
import type { CreateHandler } from '../../shared/aws/runtime';
import { drop } from '../../shared/pipeline/deciding';
import { FLOW, type FlowStage, type StageName, toldBy } from '../../shared/pipeline/flow';
import { parked, passed } from '../../shared/pipeline/outcome';
import { isAtWork } from '../../shared/pipeline/record';
import { operatorRequests } from '../../shared/pipeline/request-adapter';
import { stage } from '../../shared/pipeline/stage';

/** To whoever runs the next test file in this process. */
export const CHANGES_WHAT_IT_IMPORTS = true;

/** On one of its groups, this tag has a task held. */
export const HELD = { hold: 'beforeswap' };

/** How long for each of its cycles: a limit that depends on the plan. */
const HELD_SECONDS = 600;

const HOLD = 'hold' as StageName;
const RELEASED = 'HoldReleased';

const HoldReleased = contract(RELEASED, z.pick(z.object(ofDeployment), { task: true }));

const flow = FLOW as unknown as Record<string, FlowStage>;
flow[HOLD] = {
  passes: { Step2Passed: ['swap'] },
  movesTo: [],
  takes: [RELEASED as never],
  tells: [],
  option: { tag: 'hold', values: [HELD.hold] },
  isWanted: ({ options }) => options?.hold === HELD.hold,
};
flow['check-real'] = { ...(flow['check-real'] as FlowStage), passes: { Step2Passed: [HOLD, 'swap'] } };

const release = operatorRequests({
  contract: HoldReleased,
  name: 'Approve',
  whereLost: '418',
  decide(_, record) {
    if (record?.stage !== HOLD || !isAtWork(record)) return drop('nothing is held');
    return { kind: 'transition', outcome: passed(Step2Passed, {}) };
  },
});

const createHandler = stage<object>({
  name: HOLD,
  limit: ({ plan }) => ({ seconds: HELD_SECONDS * (plan?.repetitions ?? 1), code: 'T017' }),
  connect: () => ({}),
  run: async () => parked('somebody to release it'),
  requests: { [RELEASED]: release },
});

export const holdHandlers: Record<string, CreateHandler> = { [HOLD]: createHandler };

/** The stack with one function more: what belongs to `swap`, once more, with what the flow says of this one. */
export function withHold(template: Template): Template {
  const own = Object.entries(template.Resources).filter(([id]) => /^(Swap(?!ped)|Bluegreendevswap)/.test(id));
  const copies = own.map(([id, resource]) => [renamed(id), JSON.parse(renamed(JSON.stringify(resource)))]);
  const resources: Record<string, TemplateResource> = Object.fromEntries(copies);
  for (const id of ['Bluegreendevholdrule#EventBridgeRule', 'HoldEventBridgeLambdaPermission#']) {
    resources[id.replace('#', '3')] = JSON.parse(
      JSON.stringify(resources[id.replace('#', '1')]).replace(/rule-1/g, 'rule-3'),
    );
  }
  const source = ['bluegreen'];
  set('Bluegreendevholdrule1EventBridgeRule', { source, 'detail-type': ['Step2Passed'], detail: { next: [HOLD] } });
  set('Bluegreendevholdrule3EventBridgeRule', { source, 'detail-type': [RELEASED] });
  resources.HoldRole = roleOf(resources.HoldRole);
  return { ...template, Resources: { ...template.Resources, ...resources } };

  function set(id: string, EventPattern: object): void {
    const properties = resources[id]?.Properties;
    if (!properties?.EventPattern) throw new Error(`there is no rule ${id}`);
    properties.EventPattern = EventPattern;
  }
}

function renamed(text: string): string {
  return text.replace(/Swap(?=[A-Z])/g, 'Hold').replace(/swap/g, HOLD);
}

/** It does nothing but keep its record, what it has refused, and tell. */
function roleOf(role: TemplateResource | undefined): TemplateResource {
  const statement = (Action: string[], Resource: object) => ({ Effect: 'Allow', Action, Resource });
  const object = (prefix: string) => ({ 'Fn::Sub': `\${StateBucket.Arn}/${prefix}/*` });
  const telling = { 'events:source': ['bluegreen', 'lambda'], 'events:detail-type': toldBy(HOLD) };
  const Statement = [
    {
      ...statement(['events:PutEvents'], { 'Fn::GetAtt': ['Bus', 'Arn'] }),
      Condition: { 'ForAllValues:StringEquals': telling },
    },
    statement(['s3:ListBucket'], { 'Fn::GetAtt': ['StateBucket', 'Arn'] }),
    ...['tasks', 'refusals'].map((prefix) => statement(['s3:GetObject', 's3:PutObject'], object(prefix))),
  ];
  const policy = { PolicyName: HOLD, PolicyDocument: { Version: '2012-10-17', Statement } };
  return { ...role, Type: 'AWS::IAM::Role', Properties: { ...role?.Properties, Policies: [policy] } };
}
