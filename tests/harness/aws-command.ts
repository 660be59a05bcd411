/**
 * The `aws` command as an operator runs it from a mail: every operation of these services, with its parameters by the SDK's
 * schemas, in the spelling of the command (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters.html).
 */
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as s3api from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import type { NormalizedSchema } from '@smithy/core/schema';
import { missingMembers, operationsOf } from '../../local/endpoint/wire/protocol';
import type { World } from './world';

type Answer = Record<string, unknown>;
type Send = (command: object) => Promise<Answer>;

const SERVICES: Record<string, { module: object; connect: (operator: World['aws']['operator']) => unknown }> = {
  autoscaling: { module: autoscaling, connect: (operator) => new autoscaling.AutoScalingClient(operator) },
  elb: { module: elb, connect: (operator) => new elb.ElasticLoadBalancingClient(operator) },
  elbv2: { module: elbv2, connect: (operator) => new elbv2.ElasticLoadBalancingV2Client(operator) },
  events: { module: events, connect: (operator) => new events.EventBridgeClient(operator) },
  s3api: { module: s3api, connect: (operator) => new s3api.S3Client(operator) },
  sqs: { module: sqs, connect: (operator) => new sqs.SQSClient(operator) },
  cloudformation: {
    module: cloudformation,
    connect: (operator) => new cloudformation.CloudFormationClient(operator),
  },
  ec2: { module: ec2, connect: (operator) => new ec2.EC2Client(operator) },
  logs: { module: logs, connect: (operator) => new logs.CloudWatchLogsClient(operator) },
};

/** They change only what is printed. */
const GLOBAL_OPTIONS = ['--query', '--output', '--max-items'];

export interface Command {
  service: string;
  operation: string;
  input: Record<string, unknown>;
}

/** What the words of a line ask for. Throws an Error on what the command would not take. */
export function readCommand(words: readonly string[]): Command {
  const [program, service = '', verb = '', ...args] = words;
  const line = words.join(' ');
  const known = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  const operation = verb.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const described = known && operationsOf(known.module).get(operation);
  if (program !== 'aws' || !described) throw new Error(`no such command: ${line}`);
  const input = inputOf(described.input, args);
  const missing = missingMembers(described.input, input);
  if (missing.length > 0) throw new Error(`${line} lacks ${missing.join(', ')}`);
  return { service, operation, input };
}

/** Runs one line. Throws an Error on what the command would not take, and on what the service refuses. */
export function runCommand(world: World, line: string): Promise<Answer> {
  return send(world, readCommand(wordsOf(line)));
}

export async function send(world: World, { service, operation, input }: Command): Promise<Answer> {
  const { module = {}, connect } = SERVICES[service] ?? {};
  const client = connect?.(world.aws.operator) as { send: Send } | undefined;
  const Command = (module as Record<string, new (input: object) => object>)[`${operation}Command`];
  if (!client || !Command) throw new Error(`nothing to send ${service} ${operation} by`);
  return world.clock.run(client.send(new Command(input)));
}

/** As a POSIX shell splits a line, as far as it has quotes and no expansions. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped),
  );
}

/** `--min-size 0` → `{ MinSize: 0 }`, `--no-protected-from-scale-in` → `{ ProtectedFromScaleIn: false }`. */
function inputOf(schema: NormalizedSchema, args: string[]): Record<string, unknown> {
  const members = new Map([...schema.structIterator()].map(([name, type]) => [optionOf(name), { name, type }]));
  const input: Record<string, unknown> = {};
  for (let rest = args; rest.length > 0; ) {
    const [option = '', ...after] = rest;
    const next = after.findIndex((arg) => arg.startsWith('--'));
    const values = next < 0 ? after : after.slice(0, next);
    rest = after.slice(values.length);
    if (GLOBAL_OPTIONS.includes(option)) continue;
    const isNegated = option.startsWith('--no-');
    const member = members.get(option.replace(/^--(no-)?/, ''));
    if (!option.startsWith('--') || !member) throw new Error(`unknown option: ${option}`);
    const { name, type } = member;
    if (type.isBooleanSchema() !== (values.length === 0)) throw new Error(`not as ${option} is given: ${values}`);
    input[name] = type.isBooleanSchema() ? !isNegated : parsed(type, values);
  }
  return input;
}

/** `TargetGroupARNs` → `target-group-arns`, as the command itself does it. */
function optionOf(member: string): string {
  return member
    .replace(/[A-Z]{2,}s$/, (plural) => `-${plural.toLowerCase()}`)
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
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
