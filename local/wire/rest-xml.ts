/** The REST protocol with XML bodies, as Amazon S3 speaks it: the operation is in method, path and query. */
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../service';
import { type Operation, operationsOf, type Protocol, type WireRequest, type WireResponse } from './protocol';
import { escapeXml } from './query';

const settings = { xmlNamespace: '', serviceNamespace: '', timestampFormat: { useTrait: true, default: 5 as const } };

export function restXmlProtocol(client: object): Protocol {
  const routes = [...operationsOf(client).values()].filter((operation) => operation.http).map(routeOf);
  routes.sort((a, b) => b.literals.length - a.literals.length); // the most particular first
  const serializer = new XmlShapeSerializer(settings);
  const deserializer = new XmlShapeDeserializer(settings);

  return {
    decode(request: WireRequest) {
      const { bucket, key } = addressOf(request);
      const route = routes.find((candidate) => matches(candidate, request, bucket, key));
      if (!route) return undefined;
      const input = decodeInput(route.operation.input, request, deserializer);
      if (bucket !== '') input.Bucket = bucket;
      if (key !== '') input.Key = key;
      return { operation: route.operation, input };
    },

    encode(operation: Operation, output: Record<string, unknown>, requestId: string): WireResponse {
      const headers: Record<string, string> = { 'x-amz-request-id': requestId };
      let body: Uint8Array | string = '';
      const inBody: Record<string, unknown> = {};
      for (const [name, member] of operation.output.isStructSchema() ? operation.output.structIterator() : []) {
        const value = output[name];
        if (value === undefined) continue;
        const traits = member.getMergedTraits();
        if (traits.httpHeader) headers[(traits.httpHeader as string).toLowerCase()] = headerValue(member, value);
        else if (traits.httpPrefixHeaders) Object.assign(headers, prefixed(traits.httpPrefixHeaders as string, value));
        else if (traits.httpPayload) body = value as Uint8Array;
        else inBody[name] = value;
      }
      if (Object.keys(inBody).length > 0 || hasXmlBody(operation)) {
        serializer.write(operation.output, inBody);
        headers['content-type'] = 'application/xml';
        body = `<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush() as string}`;
      }
      const status = output.ContentRange ? 206 : (operation.http?.[2] ?? 200);
      return { status, headers, body };
    },

    encodeError(error: AwsError, requestId: string, operation?: Operation): WireResponse {
      const headers = { 'content-type': 'application/xml', 'x-amz-request-id': requestId, ...error.headers };
      const detail = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
      const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${detail}<RequestId>${requestId}</RequestId></Error>`;
      return { status: error.status, headers, body: operation?.http?.[0] === 'HEAD' ? '' : xml };
    },
  };
}

interface Route {
  operation: Operation;
  method: string;
  hasKey: boolean;
  /** Query parameters that the path pattern demands: `versions` in `/?versions`. */
  literals: string[];
  /** Required members that come as a header or query parameter: they tell CopyObject from PutObject. */
  demands: { header?: string; query?: string }[];
}

function routeOf(operation: Operation): Route {
  const [method, pattern] = operation.http as [string, string, number];
  const [path = '', query = ''] = pattern.split('?');
  const literals = query.split('&').filter((part) => part !== '' && !part.startsWith('x-id='));
  const schema = operation.input.getSchema() as unknown as [number, string, string, number, string[], unknown[], number?];
  const required = new Set(schema[0] === 3 ? schema[4].slice(0, schema[6] ?? 0) : []);
  const demands: Route['demands'] = [];
  for (const [name, member] of operation.input.isStructSchema() ? operation.input.structIterator() : []) {
    const traits = member.getMergedTraits();
    if (!required.has(name)) continue;
    if (traits.httpHeader) demands.push({ header: (traits.httpHeader as string).toLowerCase() });
    if (traits.httpQuery) demands.push({ query: traits.httpQuery as string });
  }
  return { operation, method, hasKey: path.includes('{Key+}'), literals: [...literals, ...demands.map(String)], demands };
}

function matches(route: Route, request: WireRequest, bucket: string, key: string): boolean {
  if (route.method !== request.method) return false;
  if (route.operation.name === 'ListBuckets' ? bucket !== '' : bucket === '') return false;
  if (route.hasKey !== (key !== '')) return false;
  const literals = route.literals.slice(0, route.literals.length - route.demands.length);
  const literalsHold = literals.every((literal) => {
    const [name = '', value] = literal.split('=');
    return request.query.has(name) && (value === undefined || request.query.get(name) === value);
  });
  return (
    literalsHold &&
    route.demands.every(
      (demand) =>
        (demand.header === undefined || demand.header in request.headers) &&
        (demand.query === undefined || request.query.has(demand.query)),
    )
  );
}

/** Bucket and key of host-style (`bucket.s3.region.amazonaws.com/key`) and path-style (`/bucket/key`) requests. */
function addressOf(request: WireRequest): { bucket: string; key: string } {
  const path = request.path.replace(/^\//, '');
  const hostBucket = request.host.match(/^(.+)\.(?:s3[.-]|localhost$|127\.0\.0\.1$)/)?.[1];
  if (hostBucket) return { bucket: hostBucket, key: decodeURIComponent(path) };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: decodeURIComponent(path), key: '' };
  return { bucket: decodeURIComponent(path.slice(0, slash)), key: decodeURIComponent(path.slice(slash + 1)) };
}

function decodeInput(
  schema: NormalizedSchema,
  request: WireRequest,
  deserializer: XmlShapeDeserializer,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (!schema.isStructSchema()) return input;
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpHeader) set(input, name, member, request.headers[(traits.httpHeader as string).toLowerCase()]);
    else if (traits.httpQuery) set(input, name, member, request.query.get(traits.httpQuery as string) ?? undefined);
    else if (traits.httpPrefixHeaders) input[name] = unprefixed(traits.httpPrefixHeaders as string, request.headers);
    else if (traits.httpPayload) {
      const body = isChunked(request) ? unchunk(request.body) : request.body;
      if (member.isStructSchema()) {
        if (body.length > 0) input[name] = rootOf(deserializer, member, body);
      } else input[name] = body;
    }
  }
  return input;
}

function rootOf(deserializer: XmlShapeDeserializer, member: NormalizedSchema, body: Uint8Array): unknown {
  return deserializer.read(member, body);
}

function set(input: Record<string, unknown>, name: string, member: NormalizedSchema, text: string | undefined): void {
  if (text === undefined) return;
  if (member.isBooleanSchema()) input[name] = text === 'true';
  else if (member.isNumericSchema()) input[name] = Number(text);
  else if (member.isTimestampSchema()) input[name] = new Date(text);
  else input[name] = text;
}

function headerValue(member: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toUTCString();
  return member.isTimestampSchema() ? new Date(value as string).toUTCString() : String(value);
}

function prefixed(prefix: string, values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(values as Record<string, string>).map(([k, v]) => [prefix + k, v]));
}

function unprefixed(prefix: string, headers: Record<string, string>): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function hasXmlBody(operation: Operation): boolean {
  if (!operation.output.isStructSchema()) return false;
  return [...operation.output.structIterator()].some(([, member]) => {
    const traits = member.getMergedTraits();
    return !traits.httpHeader && !traits.httpPrefixHeaders && !traits.httpPayload;
  });
}

function isChunked(request: WireRequest): boolean {
  return (
    (request.headers['content-encoding'] ?? '').includes('aws-chunked') ||
    (request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
  );
}

/** The content of an `aws-chunked` body: each chunk is `size[;signature]\r\n…\r\n`; trailers follow the empty one. */
function unchunk(body: Uint8Array): Uint8Array {
  const buffer = Buffer.from(body);
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = buffer.indexOf('\r\n', position);
    const size = Number.parseInt(buffer.toString('latin1', position, lineEnd).split(';')[0] ?? '0', 16);
    if (lineEnd < 0 || !size) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
}
