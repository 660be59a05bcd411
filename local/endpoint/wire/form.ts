/** Requests that are forms, as the Query protocols of AWS have them: names are paths into the input. */
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../../kernel/service';
import type { Operation, WireRequest } from './protocol';

/** In what the Query protocols differ. */
export interface Naming {
  /** What a member of a structure is called. */
  memberName(name: string, member: NormalizedSchema): string;
  /** Whether the entries of a list or a map are numbered without a name between. */
  isFlattened(list: NormalizedSchema): boolean;
}

/** Undefined where the form names no operation. */
export function decodeForm(
  request: WireRequest,
  operations: ReadonlyMap<string, Operation>,
  naming: Naming,
): { operation: Operation; input: Record<string, unknown> } | undefined {
  const parameters = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  for (const [name, value] of request.query) parameters.append(name, value);
  const operation = operations.get(parameters.get('Action') ?? '');
  if (!operation) return undefined;
  const input = decodeValue(operation.input, parameterTree(parameters), naming) ?? {};
  return { operation, input: input as Record<string, unknown> };
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

function decodeValue(schema: NormalizedSchema, value: Tree | string | undefined, naming: Naming): unknown {
  if (value === undefined) return undefined;
  if (schema.isListSchema()) return decodeList(schema, value, naming);
  if (schema.isMapSchema()) return decodeMap(schema, value, naming);
  if (schema.isStructSchema()) return typeof value === 'object' ? decodeStructure(schema, value, naming) : undefined;
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

function decodeStructure(schema: NormalizedSchema, value: Tree, naming: Naming): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const decoded = decodeValue(member, value[naming.memberName(name, member)], naming);
    if (decoded !== undefined) structure[name] = decoded;
  }
  return structure;
}

function decodeList(schema: NormalizedSchema, value: Tree | string, naming: Naming): unknown[] {
  if (typeof value === 'string') return []; // how clients send an empty list
  const item = schema.getValueSchema();
  const itemName = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
  const items = naming.isFlattened(schema) ? value : value[itemName];
  return inOrder(items).map((entry) => {
    const decoded = decodeValue(item, entry, naming);
    if (decoded === undefined) throw new AwsError('MalformedInput', 'Unexpected value in a list');
    return decoded;
  });
}

function decodeMap(schema: NormalizedSchema, value: Tree | string, naming: Naming): Record<string, unknown> {
  if (typeof value === 'string') return {};
  const keyName = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
  const valueName = (schema.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'value';
  const entries = inOrder(naming.isFlattened(schema) ? value : value.entry);
  return Object.fromEntries(
    entries.map((entry) => [
      (entry as Tree)[keyName] as string,
      decodeValue(schema.getValueSchema(), (entry as Tree)[valueName], naming),
    ]),
  );
}

function inOrder(items: Tree | string | undefined): (Tree | string)[] {
  if (items === undefined || typeof items === 'string') return [];
  const positions = Object.keys(items).sort((a, b) => Number(a) - Number(b));
  return positions.map((position) => items[position] as Tree | string);
}
