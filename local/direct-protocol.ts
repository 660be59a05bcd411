/**
 * A shortcut from SDK clients of this process to the embedded AWS: an operation's input and output go over as they are,
 * without being written to the wire, signed and read again. Everything else of a client stays: its commands, retries and
 * paginators, and the names of its errors. Tests that run many deployments use it; that it makes no difference is a test.
 */
import { Readable } from 'node:stream';
import { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NormalizedSchema, type TypeRegistry } from '@smithy/core/schema';
import { sdkStreamMixin } from '@smithy/core/serde';
import type { Endpoint } from './endpoint';
import { AwsError, type Caller, type ServiceName } from './service';

/** What clients are constructed with instead of a request handler and a protocol of their own. */
export function directSettings(endpoint: Endpoint, caller: Caller) {
  return {
    protocol: DirectProtocol,
    requestHandler: {
      handle: async (request: HttpRequest) => ({ response: await answer(endpoint, caller, request) }),
    },
    endpointProvider: () => ({ url: new URL('http://direct') }),
    signer: { sign: async (request: unknown) => request },
    cacheMiddleware: true,
    // Without a level `info`: a client would take what is secret out of everything that it tells nobody.
    logger: { debug: silent, warn: silent, error: silent },
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
  };
}

interface DirectCall {
  service: ServiceName;
  operation: string;
  schema: NormalizedSchema;
  input: Record<string, unknown>;
}

/** Middlewares copy requests, but never their headers' values: the header names the call that the request is about. */
const underWay = new Map<string, DirectCall>();
const HEADER = 'x-direct-call';
let calls = 0;

function requestFor(call: DirectCall): HttpRequest {
  const id = String(++calls);
  underWay.set(id, call);
  const headers = { [HEADER]: id, 'content-length': '0' };
  return new HttpRequest({ method: 'POST', hostname: 'direct', path: '/', headers, body: '' });
}

/** An answer whose body looks empty to middlewares; what it says hangs on it. */
class DirectResponse extends HttpResponse {
  constructor(
    statusCode: number,
    readonly content: object,
  ) {
    super({ statusCode, headers: {}, body: Readable.from([]) });
  }
}

/** In place of the protocols that `@aws-sdk/core/protocols` exports: the interface that a client's config asks for. */
class DirectProtocol {
  constructor(private readonly settings: { defaultNamespace: string; errorTypeRegistries?: TypeRegistry[] }) {}

  setSerdeContext(): void {}

  getShapeId(): string {
    return 'local#direct';
  }

  getRequestType() {
    return HttpRequest;
  }

  getResponseType() {
    return HttpResponse;
  }

  async serializeRequest(operation: { name: string; input: unknown }, input: object): Promise<HttpRequest> {
    const service = SERVICES[this.settings.defaultNamespace];
    if (!service) throw new Error(`no service is known by the namespace ${this.settings.defaultNamespace}`);
    const schema = NormalizedSchema.of(operation.input as never);
    const name = operation.name.split('#').at(-1) ?? '';
    return requestFor({ service, operation: name, schema, input: input as Record<string, unknown> });
  }

  async deserializeResponse(
    operation: { name: string },
    _context: unknown,
    response: DirectResponse,
  ): Promise<unknown> {
    const { statusCode, content } = response;
    const $metadata = { httpStatusCode: statusCode };
    if (!(content instanceof AwsError)) return { ...content, $metadata };
    const { code, message, status } = content;
    const $fault = status < 500 ? 'client' : 'server';
    const name = operation.name.includes('Head') ? headErrorName(status) : this.errorName(code);
    throw Object.assign(new Error(message), { name, $fault, $metadata });
  }

  /** The name of the client's class for the code on the wire: `Throttling` is a `ThrottlingException`, say. */
  private errorName(code: string): string {
    for (const registry of this.settings.errorTypeRegistries ?? []) {
      const found = registry.find((schema) => {
        const normalized = NormalizedSchema.of(schema as never);
        const traits = normalized.getMergedTraits() as { awsQueryError?: [string, number] };
        return traits.awsQueryError?.[0] === code;
      });
      const name = found === undefined ? undefined : NormalizedSchema.of(found as never).getName();
      if (name) return name;
    }
    return code;
  }
}

/** The answer to a HEAD has no body that could name the error: clients know it by the status alone. */
function headErrorName(status: number): string {
  return status === 404 ? 'NotFound' : status === 403 ? 'Forbidden' : 'UnknownError';
}

async function answer(endpoint: Endpoint, caller: Caller, request: HttpRequest): Promise<DirectResponse> {
  const { service, operation, schema, input } = underWay.get(request.headers[HEADER] ?? '') as DirectCall;
  try {
    // Each attempt gets a copy of its own: what a service keeps must not be what a caller goes on writing into.
    const output = await endpoint.call(
      service,
      operation,
      schema,
      copyOf(input, service === 's3' ? bytesOf : same) as Record<string, unknown>,
      caller,
    );
    return new DirectResponse(200, copyOf(output ?? {}, service === 's3' ? streamOf : same) as object);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return new DirectResponse(error.status, error);
  }
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

function silent(): void {}

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
