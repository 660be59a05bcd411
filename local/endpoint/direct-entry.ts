/**
 * A shortcut from SDK clients of this process to the embedded AWS, at the level of the operation: its input and output go
 * over as they are, without being written to the wire, signed and read again. What stays of a client are its commands and
 * paginators, its retries, the classes of its errors, and the middlewares that a program added to it. Tests that run many
 * deployments use it; that it makes no difference is a test.
 */
import { Readable } from 'node:stream';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NormalizedSchema, type TypeRegistry } from '@smithy/core/schema';
import { sdkStreamMixin } from '@smithy/core/serde';
import type { MiddlewareStack, StaticErrorSchema } from '@smithy/types';
import { AwsError, type Caller, type ServiceName } from '../kernel/service';
import type { Endpoint } from './endpoint';

/** What clients are constructed with to come in here. */
export function directSettings(endpoint: Endpoint, caller: Caller): { directEntry: Entrance } {
  return { directEntry: { endpoint, caller } };
}

interface Entrance {
  endpoint: Endpoint;
  caller: Caller;
}

/** The part of every SDK client that matters here. */
interface Client {
  config: {
    directEntry?: Entrance;
    protocolSettings: { defaultNamespace: string; errorTypeRegistries: TypeRegistry[] };
  };
  middlewareStack: MiddlewareStack<object, object>;
  send(command: Command, ...options: unknown[]): Promise<object>;
}

/** `schema` is the operation's: kind, namespace, name, traits, input, output. */
interface Command {
  input: object;
  schema: readonly [number, string, string, unknown, unknown, unknown];
}

type Handler = (command: Command) => Promise<{ output: object }>;

const handlers = new WeakMap<Client, Handler>();

/** No setting of a client reaches as far as its `send`, where all that is to be saved begins. */
function openDirectEntry(client: Client): void {
  const { send } = client;
  client.send = function (command, ...options) {
    if (!this.config.directEntry) return send.call(this, command, ...options);
    const handler = handlers.get(this) ?? handlerOf(this, this.config.directEntry);
    handlers.set(this, handler);
    return handler(command).then(({ output }) => output);
  };
}

for (const { prototype } of [
  AutoScalingClient,
  CodeDeployClient,
  ElasticLoadBalancingClient,
  ElasticLoadBalancingV2Client,
  EventBridgeClient,
  S3Client,
  SNSClient,
  SQSClient,
]) {
  openDirectEntry(prototype as unknown as Client);
}

/** The client's middlewares without those that make a request and read a response. They are resolved only once. */
function handlerOf(client: Client, entrance: Entrance): Handler {
  const stack = client.middlewareStack.clone();
  for (const name of namesOfMiddlewares(client)) if (name !== 'retryMiddleware') stack.remove(name);
  const attempt = (command: unknown) => answer(client, entrance, command as Command);
  return stack.resolve(attempt as never, {}) as unknown as Handler;
}

const middlewares = new Map<unknown, readonly string[]>();

/** Of all that the SDK gives to clients of this class: each has a name. */
function namesOfMiddlewares(client: Client): readonly string[] {
  const known = middlewares.get(client.constructor);
  if (known) return known;
  const stack = client.middlewareStack.clone();
  // Some have their place beside this one, which commands add, and are described only where it is.
  stack.add((next) => next, { name: 'endpointV2Middleware', step: 'serialize' });
  const names = stack.identify().map((described) => described.split(' ')[0] ?? '');
  middlewares.set(client.constructor, names);
  return names;
}

async function answer(client: Client, { endpoint, caller }: Entrance, { input, schema }: Command) {
  const [, namespace, operation, , inputSchema] = schema;
  const service = SERVICES[namespace];
  if (!service) throw new Error(`no service is known by the namespace ${namespace}`);
  try {
    // Each attempt gets a copy of its own: what a service keeps must not be what a caller goes on writing into.
    const output = await endpoint.call(
      service,
      operation,
      NormalizedSchema.of(inputSchema as never),
      copyOf(input, service === 's3' ? bytesOf : same) as Record<string, unknown>,
      caller,
    );
    const copy = copyOf(output ?? {}, service === 's3' ? streamOf : same) as object;
    return { response: {}, output: Object.assign(copy, { $metadata: { httpStatusCode: 200 } }) };
  } catch (error) {
    throw error instanceof AwsError ? exceptionOf(client, operation, error) : error;
  }
}

/**
 * An instance of the class that the client has for the code on the wire: `Throttling` is a `ThrottlingException`, say.
 * Where it has none, one of the service's own class, named by the code.
 */
function exceptionOf(client: Client, operation: string, error: AwsError): Error {
  const { status } = error;
  // The answer to a HEAD has no body that could name the error: clients know it by the status alone.
  const isNamed = !operation.startsWith('Head');
  const named = isNamed ? error.code : status === 404 ? 'NotFound' : 'Unknown';
  const message = isNamed ? error.message : 'UnknownError';
  const registries = client.config.protocolSettings.errorTypeRegistries;
  const schema = registries.map((registry) => errorSchema(registry, named)).find((found) => found !== undefined);
  const base = registries.map((registry) => registry.getBaseException()).find((found) => found !== undefined);
  const Exception = registries[0]?.getErrorCtor((schema ?? base) as StaticErrorSchema);
  if (!Exception) throw new Error(`the client has no class for the error ${named}`);
  const $metadata = { httpStatusCode: status };
  if (schema) return Object.assign(new Exception({}), { message, $metadata });
  const $fault = status < 500 ? 'client' : 'server';
  return Object.assign(new Exception({ name: named }), { message, $metadata, $fault });
}

function errorSchema(registry: TypeRegistry, code: string): StaticErrorSchema | undefined {
  const found = registry.find((schema) => {
    const normalized = NormalizedSchema.of(schema as never);
    const traits = normalized.getMergedTraits() as { awsQueryError?: [string, number]; error?: string };
    return traits.error !== undefined && (traits.awsQueryError?.[0] === code || normalized.getName() === code);
  });
  return found as StaticErrorSchema | undefined;
}

/** As the wire would leave it: a copy in which nothing is undefined, with `body` making what a member `Body` becomes. */
function copyOf(value: unknown, body: (content: string | Uint8Array) => unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => copyOf(item, body));
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined) copy[name] = name === 'Body' ? body(member as Uint8Array) : copyOf(member, body);
  }
  return copy;
}

function same(content: string | Uint8Array): string | Uint8Array {
  return content;
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return Buffer.from(content as string);
}

function streamOf(content: string | Uint8Array): unknown {
  return sdkStreamMixin(Readable.from([Buffer.from(content as string)]));
}

/** By the namespace of the client's schemas. */
const SERVICES: Record<string, ServiceName> = {
  'com.amazonaws.autoscaling': 'auto-scaling',
  'com.amazonaws.codedeploy': 'codedeploy',
  'com.amazonaws.elasticloadbalancing': 'elastic-load-balancing',
  'com.amazonaws.elasticloadbalancingv2': 'elastic-load-balancing-v2',
  'com.amazonaws.eventbridge': 'eventbridge',
  'com.amazonaws.s3': 's3',
  'com.amazonaws.sns': 'sns',
  'com.amazonaws.sqs': 'sqs',
};
