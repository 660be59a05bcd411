/** What serverless.yml says of the way of a deployment is what the flow says: nothing less, and nothing more. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { CATALOG } from '../../events/catalog';
import { SOURCE } from '../../events/contract';
import { FLOW, HELPERS, requestsOf, STAGES, toldBy } from '../../shared/pipeline/flow';
import { type FlowRule, flowRules } from '../../shared/pipeline/flow-rules';
import { flowTable } from '../tools/flow-table';
import { allRules, functions, logicalId, nameOf, type Rule, statementsOf, targetOf, template } from './packaged';

const NAMES = [...STAGES, ...Object.keys(HELPERS)];

test('every function is in the flow', () => {
  expect(functions.map(nameOf).sort()).toEqual([...NAMES].sort());
});

describe('rules', () => {
  const packaged = allRules.map(described);
  const foreseen = flowRules().map(sorted);

  test.each(foreseen.map((rule) => [nameOfRule(rule), rule] as const))('%s', (_, rule) => {
    const ofTheTarget = packaged.filter(({ targets }) => isDeepStrictEqual(targets, rule.targets));
    expect(ofTheTarget).toContainEqual(rule);
  });

  test('there are no others', () => {
    expect(packaged.filter((rule) => !foreseen.some((known) => isDeepStrictEqual(known, rule)))).toEqual([]);
    expect(packaged).toHaveLength(foreseen.length);
  });

  // `start` looks only at those when it asks whether a deployment would be carried on.
  test('those of the bus are called as it is', () => {
    const { Name: bus } = template.Resources.Bus?.Properties ?? {};
    const names = allRules.flatMap(({ EventBusName, Name = '' }) => (EventBusName === undefined ? [] : [Name]));
    expect(names.filter((name) => !name.startsWith(`${bus}-`))).toEqual([]);
  });

  test('uploads are those to a war bucket of the stack', () => {
    const [uploads] = allRules.filter(({ EventPattern }) => EventPattern?.source?.includes('aws.s3'));
    expect(uploads?.EventPattern.detail).toMatchObject({ bucket: { name: [{ Ref: 'WarBucket' }] } });
  });
});

describe('what a role may publish is what its function has to tell:', () => {
  test.each(NAMES)('%s', (name) => {
    const definition = functions.find((candidate) => nameOf(candidate) === name);
    const puts = statementsOf(definition?.Role).filter(({ Action }) => [Action].flat().includes('events:PutEvents'));
    const conditions = puts.map(({ Condition }) => Condition?.['ForAllValues:StringEquals'] ?? {});
    const own = conditions.filter((condition) => condition['events:source'] === SOURCE);
    const granted = own.flatMap((condition) => [condition['events:detail-type']].flat() as string[]);
    expect([...granted].sort()).toEqual(toldBy(name));
    // The others report that the stage crashed, which Lambda does in its name.
    const isStage = Object.hasOwn(FLOW, name) && name !== 'clean-up';
    const others = conditions.filter((condition) => condition['events:source'] !== SOURCE);
    expect(others).toEqual(isStage ? [{ 'events:source': 'lambda' }] : []);
  });

  test('an operator may put every request, and nothing else', () => {
    const requests = STAGES.flatMap(requestsOf).sort();
    const policies = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
    const statements = policies.flatMap(([, { Properties }]) => {
      const { PolicyDocument } = Properties as {
        PolicyDocument: { Statement: { Action: string; Condition: object }[] };
      };
      return PolicyDocument.Statement.filter(({ Action }) => Action === 'events:PutEvents');
    });
    const types = statements.flatMap(
      ({ Condition }) =>
        (Condition as Record<string, Record<string, string[]>>)['ForAllValues:StringEquals']?.['events:detail-type'],
    );
    expect(types.sort()).toEqual(requests);
  });
});

test('every event of the catalog is told by somebody, or asked for', () => {
  const known = new Set<string>([...NAMES.flatMap(toldBy), ...STAGES.flatMap(requestsOf)]);
  expect(Object.keys(CATALOG).filter((event) => !known.has(event))).toEqual([]);
  expect([...known].filter((event) => !Object.hasOwn(CATALOG, event))).toEqual([]);
});

test('every event of the catalog is heard by somebody', () => {
  const heard = flowRules().flatMap(({ pattern }) => pattern?.['detail-type'] ?? []);
  expect(Object.keys(CATALOG).filter((event) => !heard.includes(event))).toEqual([]);
});

test('the table of ARCHITECTURE.md is made from the flow', () => {
  expect(readFileSync('ARCHITECTURE.md', 'utf8')).toContain(flowTable());
});

function nameOfRule({ pattern, schedule, targets }: FlowRule): string {
  const waited = pattern
    ? `${(pattern['detail-type'] ?? ['what no contract knows']).join(', ')} ${JSON.stringify(pattern.detail ?? {})}`
    : schedule;
  return `${waited} reaches ${targets.join(' and ')}`;
}

/** A rule of the template, as the flow describes one. */
function described(rule: Rule & { ScheduleExpression?: string }): FlowRule {
  const bus = rule.EventBusName === undefined ? 'default' : 'own';
  const targets = rule.Targets.map(targetOf);
  const listener = functions.find((definition) => nameOf(definition) === targets[0]);
  const deadLetters = [...new Set(rule.Targets.map(({ DeadLetterConfig }) => logicalId(DeadLetterConfig?.Arn)))];
  return sorted({
    bus,
    ...(rule.EventPattern && { pattern: withoutBucket(rule.EventPattern) }),
    ...(rule.ScheduleExpression && { schedule: rule.ScheduleExpression }),
    targets,
    deadLetters: deadLetters.join(),
    ...(bus === 'default' && listener && { role: logicalId(listener.Role) }),
  });
}

/** Which bucket it is only the stack can say. */
function withoutBucket({ detail, ...pattern }: Rule['EventPattern']): FlowRule['pattern'] {
  const { bucket: _, ...rest } = (detail ?? {}) as { bucket?: object };
  return { ...pattern, ...(detail && { detail: rest }) } as FlowRule['pattern'];
}

/** The order of targets and types says nothing. */
function sorted({ pattern, targets, ...rule }: FlowRule): FlowRule {
  const types = pattern?.['detail-type'] && { 'detail-type': [...pattern['detail-type']].sort() };
  return { ...rule, ...(pattern && { pattern: { ...pattern, ...types } }), targets: [...targets].sort() };
}
