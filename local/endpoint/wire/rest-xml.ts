/** The REST protocol with XML bodies, as Amazon S3 speaks it: the operation is in method, path and query. */
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../../kernel/service';
import { isChunked, unchunk } from './aws-chunked';
import { type Operation, operationsOf, type Protocol, requiredMembers, type WireRequest } from './protocol';
import { escapeXml } from './query';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** No document of S3 has more than a few. What is deeper is only there to exhaust the stack of whoever reads it. */
const MAXIMUM_LEVELS = 100;

export function restXmlProtocol(client: object): Protocol {
  const routes = [...operationsOf(client).values()].filter((operation) => operation.http).map(routeOf);
  routes.sort((a, b) => b.conditions.length - a.conditions.length); // the most particular first
  const settings = { serviceNamespace: '', timestampFormat: { useTrait: true, default: 5 as const } };
  const serializer = new XmlShapeSerializer({ ...settings, xmlNamespace: NAMESPACE });
  const deserializer = new XmlShapeDeserializer({ ...settings, xmlNamespace: '' });
  const document = (schema: NormalizedSchema, value: unknown) => {
    serializer.write(schema, value);
    return XML_DECLARATION + (serializer.flush() as string);
  };

  return {
    decode(request: WireRequest) {
      const address = addressOf(request);
      const operation = routes.find((route) => isRouteOf(route, request, address))?.operation;
      if (!operation) return undefined;
      return { operation, input: decodeInput(operation.input, unchunked(request), address, deserializer) };
    },

    encode(operation: Operation, output: Record<string, unknown>, requestId: string) {
      const answer = { headers: { 'x-amz-request-id': requestId } as Record<string, string>, body: '' };
      const { headers, payload, elements } = partsOf(operation.output, output);
      Object.assign(answer.headers, headers);
      const status = output.ContentRange === undefined ? (operation.http?.[2] ?? 200) : 206;
      if (payload && !payload.schema.isStructSchema()) {
        return { ...answer, status, body: (payload.value ?? '') as Uint8Array | string };
      }
      if (!payload && !elements) return { ...answer, status };
      answer.headers['content-type'] = 'application/xml';
      if (operation.name === 'GetBucketLocation') return { ...answer, status, body: locationXml(output) };
      const body = payload ? document(payload.schema, payload.value ?? {}) : document(operation.output, elements);
      return { ...answer, status, body };
    },

    encodeError(error: AwsError, requestId: string, operation?: Operation) {
      const headers = { 'content-type': 'application/xml', 'x-amz-request-id': requestId, ...error.headers };
      const hasBody = operation?.http?.[0] !== 'HEAD' && error.status !== 304;
      const detail = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
      const xml = `${XML_DECLARATION}<Error>${detail}<RequestId>${requestId}</RequestId></Error>`;
      return { status: error.status, headers, body: hasBody ? xml : '' };
    },
  };
}

interface Address {
  bucket: string;
  key: string;
}

interface Route {
  operation: Operation;
  method: string;
  isOfBucket: boolean;
  isOfKey: boolean;
  /** What tells this operation from others of its method and path: UploadPart from PutObject, say. */
  conditions: ((request: WireRequest) => boolean)[];
}

function routeOf(operation: Operation): Route {
  const [method, pattern] = operation.http as [string, string, number];
  const [path = '', query = ''] = pattern.split('?');
  const conditions: Route['conditions'] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'x-id') continue; // named by SDK clients only, and only for people who read logs
    conditions.push((request) => request.query.has(name) && (value === '' || request.query.get(name) === value));
  }
  const required = requiredMembers(operation.input);
  for (const [name, member] of members(operation.input)) {
    if (!required.includes(name)) continue;
    const { httpHeader, httpQuery } = bindingOf(member);
    if (httpHeader) conditions.push((request) => httpHeader.toLowerCase() in request.headers);
    if (httpQuery) conditions.push((request) => request.query.has(httpQuery));
  }
  return {
    operation,
    method,
    isOfBucket: required.includes('Bucket'),
    isOfKey: path.includes('{Key+}'),
    conditions,
  };
}

function isRouteOf(route: Route, request: WireRequest, { bucket, key }: Address): boolean {
  return (
    route.method === request.method &&
    route.isOfBucket === (bucket !== '') &&
    route.isOfKey === (key !== '') &&
    route.conditions.every((holds) => holds(request))
  );
}

/** Bucket and key of host-style (`bucket.s3.region.amazonaws.com/key`) and path-style (`/bucket/key`) requests. */
function addressOf(request: WireRequest): Address {
  const path = request.path.replace(/^\//, '');
  const hostBucket = bucketOfHost(request.host);
  if (hostBucket !== undefined) return { bucket: hostBucket, key: decodePath(path) };
  const [, bucket = '', key = ''] = path.match(/^([^/]*)\/?(.*)$/s) ?? [];
  return { bucket: decodePath(bucket), key: decodePath(key) };
}

/** Undefined where the host names S3 alone. On this machine, S3 need not be named: `bucket.localhost`. */
function bucketOfHost(host: string): string | undefined {
  const [, named] = host.match(/^(.+)\.s3[.-](?:.+\.)?(?:amazonaws\.com|localhost|127\.0\.0\.1)$/) ?? [];
  if (named !== undefined) return named;
  const [, prefix] = host.match(/^(.+)\.(?:localhost|127\.0\.0\.1)$/) ?? [];
  return prefix === 's3' || prefix?.startsWith('s3.') ? undefined : prefix;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** The same request with its plain body, and with the trailers of an `aws-chunked` one among its headers. */
function unchunked(request: WireRequest): WireRequest {
  if (!isChunked(request.headers)) return request;
  const decoded = unchunk(request.body);
  if (!decoded) {
    throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
  }
  const headers = { ...request.headers, ...decoded.trailers };
  const encodings = (headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim());
  const kept = encodings.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  if (kept.length > 0) headers['content-encoding'] = kept.join(',');
  else delete headers['content-encoding'];
  return { ...request, headers, body: decoded.content };
}

function decodeInput(
  schema: NormalizedSchema,
  request: WireRequest,
  address: Address,
  deserializer: XmlShapeDeserializer,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, member] of members(schema)) {
    const { httpLabel, httpHeader, httpQuery, httpPrefixHeaders, httpPayload } = bindingOf(member);
    let value: unknown;
    if (httpLabel) value = name === 'Bucket' ? address.bucket : address.key;
    else if (httpHeader) value = decodeText(name, member, request.headers[httpHeader.toLowerCase()]);
    else if (httpQuery) value = decodeText(name, member, request.query.get(httpQuery) ?? undefined);
    else if (httpPrefixHeaders) value = withoutPrefix(httpPrefixHeaders, request.headers);
    else if (httpPayload) value = decodePayload(member, request.body, deserializer);
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function decodePayload(member: NormalizedSchema, body: Uint8Array, deserializer: XmlShapeDeserializer): unknown {
  if (member.isBlobSchema()) return body;
  if (body.length === 0) return undefined;
  if (!member.isStructSchema()) return Buffer.from(body).toString('utf8');
  try {
    // The parser begins anew for each, and no document of S3 has one.
    const text = Buffer.from(body).toString('latin1');
    if (/<!doctype/i.test(text)) throw new Error('a document type');
    if (isDeeper(text, MAXIMUM_LEVELS)) throw new Error('too many levels');
    return deserializer.read(member, body);
  } catch {
    const message = 'The XML you provided was not well-formed or did not validate against our published schema';
    throw new AwsError('MalformedXML', message);
  }
}

function isDeeper(xml: string, maximum: number): boolean {
  let levels = 0;
  for (const [, isEnd, isEmpty] of xml.matchAll(/<(\/?)[\w:][^<>]*?(\/?)>/g)) {
    if (!isEmpty) levels += isEnd ? -1 : 1;
    if (levels > maximum) return true;
  }
  return false;
}

function decodeText(name: string, member: NormalizedSchema, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (member.isListSchema()) return text.split(',').map((item) => item.trim());
  if (member.isBooleanSchema()) return text === 'true';
  if (member.isTimestampSchema()) return valid(name, new Date(text));
  return member.isNumericSchema() ? valid(name, Number(text)) : text;
}

function valid<Value extends Date | number>(name: string, value: Value): Value {
  if (!Number.isFinite(Number(value))) throw new AwsError('InvalidArgument', `Provided ${name} is not valid`);
  return value;
}

/** Where each member of an output goes; `elements` is undefined where the operation's answers have no XML body. */
function partsOf(schema: NormalizedSchema, output: Record<string, unknown>) {
  const headers: Record<string, string> = {};
  let payload: { schema: NormalizedSchema; value: unknown } | undefined;
  let elements: Record<string, unknown> | undefined;
  for (const [name, member] of members(schema)) {
    const { httpHeader, httpPrefixHeaders, httpPayload } = bindingOf(member);
    const value = output[name];
    if (httpPayload) payload = { schema: member, value };
    else if (httpPrefixHeaders) Object.assign(headers, withPrefix(httpPrefixHeaders, value ?? {}));
    else if (!httpHeader) elements = { ...elements, [name]: value };
    else if (value !== undefined) headers[httpHeader.toLowerCase()] = encodeText(value);
  }
  return { headers, payload, elements };
}

function encodeText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value);
}

/** The one answer whose root element is not a structure but the value itself. */
function locationXml(output: Record<string, unknown>): string {
  const region = escapeXml(String(output.LocationConstraint ?? ''));
  return `${XML_DECLARATION}<LocationConstraint xmlns="${NAMESPACE}">${region}</LocationConstraint>`;
}

function withPrefix(prefix: string, values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, String(value)]));
}

function withoutPrefix(prefix: string, headers: Record<string, string>): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Where a member of an operation's input or output is in the HTTP message. */
interface Binding {
  httpLabel?: 1;
  httpHeader?: string;
  httpQuery?: string;
  httpPrefixHeaders?: string;
  httpPayload?: 1;
}

function bindingOf(member: NormalizedSchema): Binding {
  return member.getMergedTraits() as Binding;
}

function members(schema: NormalizedSchema): Iterable<[string, NormalizedSchema]> {
  return schema.isStructSchema() ? schema.structIterator() : [];
}
