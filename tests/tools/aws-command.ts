/**
 * The `aws` command, as far as documentation and mails use it, for machines that have none: every operation of these
 * services, with its parameters by the SDK's schemas, and `s3 cp`. `--query` and `--output` change only what is printed, so
 * they are taken and not obeyed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as elb from '@aws-sdk/client-elastic-load-balancing';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as s3api from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import type { NormalizedSchema } from '@smithy/core/schema';
import { operationsOf } from '../../local/endpoint/wire/protocol';

interface Client {
  send(command: object): Promise<Record<string, unknown>>;
}

const SERVICES: Record<string, { module: object; client: () => unknown }> = {
  autoscaling: { module: autoscaling, client: () => new autoscaling.AutoScalingClient() },
  elb: { module: elb, client: () => new elb.ElasticLoadBalancingClient() },
  elbv2: { module: elbv2, client: () => new elbv2.ElasticLoadBalancingV2Client() },
  events: { module: events, client: () => new events.EventBridgeClient() },
  s3api: { module: s3api, client: () => new s3api.S3Client({ forcePathStyle: true }) },
  sns: { module: sns, client: () => new sns.SNSClient() },
  sqs: { module: sqs, client: () => new sqs.SQSClient() },
};
const GLOBAL_OPTIONS = ['query', 'output', 'endpoint-url'];

async function main([service = '', operation = '', ...args]: string[]): Promise<void> {
  if (service === 's3' && operation === 'cp') return copy(args);
  const known = SERVICES[service];
  const name = pascalCase(operation);
  const described = known && operationsOf(known.module).get(name);
  if (!known || !described) throw new Error(`no such operation: ${service} ${operation}`);
  const Command = (known.module as Record<string, new (input: object) => object>)[`${name}Command`];
  if (!Command) throw new Error(`the SDK has no ${name}Command`);
  const { $metadata: _, ...answer } = await (known.client() as Client).send(
    new Command(inputOf(described.input, args)),
  );
  process.stdout.write(`${JSON.stringify(answer, null, 4)}\n`);
}

/** One of the two is `s3://bucket/key`, of which the key may end in `/` or be left out. */
async function copy([from = '', to = '', ...others]: string[]): Promise<void> {
  if (others.length > 0) throw new Error(`unknown options: ${others.join(' ')}`);
  const [, Bucket = '', given = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(from.startsWith('s3:') ? from : to) ?? [];
  if (!Bucket) throw new Error('one of the two is s3://bucket/key');
  const client = new s3api.S3Client({ forcePathStyle: true });
  if (from.startsWith('s3:')) {
    const { Body } = await client.send(new s3api.GetObjectCommand({ Bucket, Key: given }));
    writeFileSync(to === '.' ? basename(given) : to, (await Body?.transformToByteArray()) ?? '');
  } else {
    const Key = given === '' || given.endsWith('/') ? given + basename(from) : given;
    await client.send(new s3api.PutObjectCommand({ Bucket, Key, Body: readFileSync(from) }));
  }
}

/** `--event-source-arn ARN` → `{ EventSourceArn: 'ARN' }`. Throws an Error on what the operation does not take. */
function inputOf(schema: NormalizedSchema, args: string[]): object {
  const members = new Map(
    [...schema.structIterator()].map(([member, type]) => [member.toLowerCase(), { member, type }]),
  );
  const input: Record<string, unknown> = {};
  while (args.length > 0) {
    const option = args.shift()?.replace(/^--/, '') ?? '';
    const next = args.findIndex((arg) => arg.startsWith('--'));
    const values = args.splice(0, next < 0 ? args.length : next);
    if (GLOBAL_OPTIONS.includes(option)) continue;
    const known = members.get(option.replaceAll('-', ''));
    if (!known || values.length === 0) throw new Error(`unknown option or no value: --${option}`);
    input[known.member] = parsed(known.type, values);
  }
  return input;
}

function parsed(type: NormalizedSchema, [given = '', ...more]: string[]): unknown {
  const text = given.startsWith('file://') ? readFileSync(given.slice('file://'.length), 'utf8') : given;
  if (type.isListSchema() && !/^\s*\[/.test(text)) {
    return [text, ...more].map((one) => parsed(type.getValueSchema(), [one]));
  }
  if (more.length > 0) throw new Error(`one value is enough: ${more.join(' ')}`);
  if (/^\s*[[{]/.test(text) && !type.isStringSchema()) return JSON.parse(text);
  if (type.isStructSchema()) return Object.fromEntries(text.split(',').map((pair) => pair.split(/=(.*)/s)));
  if (type.isTimestampSchema()) return timeOf(text);
  if (type.isNumericSchema()) return Number(text);
  return text;
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`no time: ${text}`);
  return time;
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
