/**
 * The `aws` command as an operator runs it from a mail: every operation of these services, with its parameters by the SDK's
 * schemas, in the spelling of the command (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters.html).
 */
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as elb from '@aws-sdk/client-elastic-load-balancing';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import type { NormalizedSchema } from '@smithy/core/schema';
import { missingMembers, operationsOf } from '../../local/endpoint/wire/protocol';
import type { World } from './world';

type Answer = Record<string, unknown>;
type Send = (command: object) => Promise<Answer>;

function servicesOf({ aws: { operator } }: World): Record<string, { module: object; client: unknown }> {
  return {
    autoscaling: { module: autoscaling, client: new autoscaling.AutoScalingClient(operator) },
    elb: { module: elb, client: new elb.ElasticLoadBalancingClient(operator) },
    elbv2: { module: elbv2, client: new elbv2.ElasticLoadBalancingV2Client(operator) },
    events: { module: events, client: new events.EventBridgeClient(operator) },
  };
}

/** Runs one line. Throws an Error on what the command would not take, and on what the service refuses. */
export async function runCommand(world: World, line: string): Promise<Answer> {
  const [program, service = '', operation = '', ...args] = wordsOf(line);
  const known = servicesOf(world)[service];
  const name = operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const described = known && operationsOf(known.module).get(name);
  if (program !== 'aws' || !known || !described) throw new Error(`no such command: ${line}`);
  const Command = (known.module as Record<string, new (input: object) => object>)[`${name}Command`];
  if (!Command) throw new Error(`the SDK has no ${name}Command`);
  const input = inputOf(described.input, args);
  const missing = missingMembers(described.input, input);
  if (missing.length > 0) throw new Error(`${line} lacks ${missing.join(', ')}`);
  const { send } = known.client as { send: Send };
  return world.clock.run(send.call(known.client, new Command(input)));
}

/** As a POSIX shell splits a line, as far as it has quotes and no expansions. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped),
  );
}

/** `--min-size 0` → `{ MinSize: 0 }`, `--no-protected-from-scale-in` → `{ ProtectedFromScaleIn: false }`. */
function inputOf(schema: NormalizedSchema, args: string[]): Record<string, unknown> {
  const members = new Map([...schema.structIterator()].map(([name, type]) => [name.toLowerCase(), { name, type }]));
  const input: Record<string, unknown> = {};
  for (let rest = args; rest.length > 0; ) {
    const [option = '', ...after] = rest;
    const next = after.findIndex((arg) => arg.startsWith('--'));
    const values = next < 0 ? after : after.slice(0, next);
    rest = after.slice(values.length);
    const isNegated = option.startsWith('--no-');
    const member = members.get(option.replace(/^--(no-)?/, '').replaceAll('-', ''));
    if (!option.startsWith('--') || !member) throw new Error(`unknown option: ${option}`);
    const { name, type } = member;
    if (type.isBooleanSchema() !== (values.length === 0)) throw new Error(`not as ${option} is given: ${values}`);
    input[name] = type.isBooleanSchema() ? !isNegated : parsed(type, values);
  }
  return input;
}

function parsed(type: NormalizedSchema, values: string[]): unknown {
  const [text = '', ...more] = values;
  if (type.isListSchema() && !/^\s*\[/.test(text)) return values.map((value) => parsed(type.getValueSchema(), [value]));
  if (more.length > 0) throw new Error(`one value is enough: ${values.join(' ')}`);
  if (!type.isStringSchema() && /^\s*[[{]/.test(text)) return JSON.parse(text);
  if (type.isStructSchema()) return shorthand(type, text);
  if (type.isBooleanSchema()) return text === 'true';
  if (type.isTimestampSchema()) return new Date(text);
  return type.isNumericSchema() ? Number(text) : text;
}

/** `Key=type,Value=Active`: a value may not hold what separates. */
function shorthand(schema: NormalizedSchema, text: string): object {
  const members = new Map(schema.structIterator());
  const pairs = text.split(',').map((pair) => {
    const [, key = '', value = ''] = /^(\w+)=([^=,"']*)$/.exec(pair) ?? [];
    const type = members.get(key);
    if (!type) throw new Error(`not a pair of key and value: ${pair}`);
    return [key, parsed(type, [value])];
  });
  return Object.fromEntries(pairs);
}
