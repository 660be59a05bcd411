/** The AWS Query protocol: form-encoded requests, XML answers (Auto Scaling, Elastic Load Balancing, SNS). */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../../kernel/service';
import { type Operation, operationsOf, type Protocol, type WireRequest, type WireResponse } from './protocol';

/** `namespace` is the `xmlns` of the answers. */
export function queryProtocol(client: object, namespace: string): Protocol {
  const operations = operationsOf(client);
  const serializer = new XmlShapeSerializer({
    xmlNamespace: '',
    serviceNamespace: '',
    timestampFormat: { useTrait: true, default: 5 },
  });
  const root = (name: string, content: string) => `<${name} xmlns="${namespace}">${content}</${name}>`;

  return {
    decode(request: WireRequest) {
      const parameters = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
      for (const [name, value] of request.query) parameters.append(name, value);
      const operation = operations.get(parameters.get('Action') ?? '');
      if (!operation) return undefined;
      const tree = parameterTree(parameters);
      return { operation, input: (decodeValue(operation.input, tree) ?? {}) as Record<string, unknown> };
    },

    encode(operation: Operation, output: Record<string, unknown>, requestId: string): WireResponse {
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const result = operation.output.isStructSchema() ? resultXml(serializer, operation, output) : '';
      return xml(200, root(`${operation.name}Response`, result + metadata), requestId);
    },

    encodeError(error: AwsError, requestId: string): WireResponse {
      const type = error.status < 500 ? 'Sender' : 'Receiver';
      const detail = `<Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
      const body = root('ErrorResponse', `<Error>${detail}</Error><RequestId>${requestId}</RequestId>`);
      return xml(error.status, body, requestId);
    },
  };
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function xml(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function resultXml(serializer: XmlShapeSerializer, operation: Operation, output: Record<string, unknown>): string {
  serializer.write(operation.output, output);
  const element = serializer.flush() as string;
  return element.replace(/^<[^\s/>]+/, `<${operation.name}Result`).replace(/<\/[^<>]+>$/, `</${operation.name}Result>`);
}

/** `{'Filters.member.1.Name': 'x'}` as nested objects: `{Filters: {member: {1: {Name: 'x'}}}}`. */
interface Tree {
  [part: string]: Tree | string;
}

function parameterTree(parameters: URLSearchParams): Tree {
  const tree: Tree = Object.create(null);
  for (const [path, value] of parameters) {
    const parts = path.split('.');
    const last = parts.pop() as string;
    let node = tree;
    for (const part of parts) {
      const known = node[part];
      const next: Tree = typeof known === 'object' ? known : Object.create(null);
      node[part] = next;
      node = next;
    }
    node[last] = value;
  }
  return tree;
}

function decodeValue(schema: NormalizedSchema, value: Tree | string | undefined): unknown {
  if (value === undefined) return undefined;
  if (schema.isListSchema()) return decodeList(schema, value);
  if (schema.isMapSchema()) return decodeMap(schema, value);
  if (schema.isStructSchema()) return typeof value === 'object' ? decodeStructure(schema, value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (schema.isBooleanSchema()) return value === 'true';
  if (schema.isNumericSchema()) return wellFormed(value, Number(value));
  if (schema.isTimestampSchema()) return wellFormed(value, new Date(value));
  if (schema.isBlobSchema()) return Buffer.from(value, 'base64');
  return value;
}

function wellFormed<Value extends Date | number>(text: string, value: Value): Value {
  if (text === '' || !Number.isFinite(Number(value)))
    throw new AwsError('MalformedInput', `Cannot read the value: ${text}`);
  return value;
}

function decodeStructure(schema: NormalizedSchema, value: Tree): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const decoded = decodeValue(member, value[(member.getMergedTraits().xmlName as string | undefined) ?? name]);
    if (decoded !== undefined) structure[name] = decoded;
  }
  return structure;
}

function decodeList(schema: NormalizedSchema, value: Tree | string): unknown[] {
  if (typeof value === 'string') return []; // how clients send an empty list
  const item = schema.getValueSchema();
  const itemName = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
  const items = schema.getMergedTraits().xmlFlattened ? value : value[itemName];
  return inOrder(items).map((entry) => {
    const decoded = decodeValue(item, entry);
    if (decoded === undefined) throw new AwsError('MalformedInput', 'Unexpected value in a list');
    return decoded;
  });
}

function decodeMap(schema: NormalizedSchema, value: Tree | string): Record<string, unknown> {
  if (typeof value === 'string') return {};
  const keyName = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
  const valueName = (schema.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'value';
  const entries = inOrder(schema.getMergedTraits().xmlFlattened ? value : value.entry);
  return Object.fromEntries(
    entries.map((entry) => [
      (entry as Tree)[keyName] as string,
      decodeValue(schema.getValueSchema(), (entry as Tree)[valueName]),
    ]),
  );
}

function inOrder(items: Tree | string | undefined): (Tree | string)[] {
  if (items === undefined || typeof items === 'string') return [];
  const positions = Object.keys(items).sort((a, b) => Number(a) - Number(b));
  return positions.map((position) => items[position] as Tree | string);
}
