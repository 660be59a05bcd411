/** What every wire protocol of the embedded AWS does: find the operation, decode its input, encode its answer. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../../kernel/service';

/** A request as it arrives, over HTTP or from an SDK client in this process. Header names are lower case. */
export interface WireRequest {
  method: string;
  /** Host header, without the port. */
  host: string;
  /** Path, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

export interface Operation {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Method, path pattern and success status, of the REST protocols only. */
  http?: [method: string, path: string, status: number];
}

/** `decode` returns undefined where the request names no operation of this service. */
export interface Protocol {
  decode(request: WireRequest): { operation: Operation; input: Record<string, unknown> } | undefined;
  encode(operation: Operation, output: Record<string, unknown>, requestId: string): WireResponse;
  encodeError(error: AwsError, requestId: string, operation?: Operation): WireResponse;
}

/** Every operation of an SDK client, from the schemas that the client's module exports (`AttachLoadBalancers$`, …). */
export function operationsOf(client: object): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const exported of Object.values(client)) {
    if (!Array.isArray(exported) || exported[0] !== OPERATION_SCHEMA) continue;
    const [, , name, traits, input, output] = exported as [number, string, string, Traits, Schema, Schema];
    operations.set(name, {
      name,
      input: NormalizedSchema.of(resolve(input)),
      output: NormalizedSchema.of(resolve(output)),
      http: typeof traits === 'object' ? traits.http : undefined,
    });
  }
  return operations;
}

/** By the name of an error: the code that it has in the Query protocol, where a service spoke that before (SQS). */
export function queryErrorCodes(client: object): Map<string, string> {
  const codes = new Map<string, string>();
  for (const exported of Object.values(client)) {
    if (!Array.isArray(exported) || exported[0] !== ERROR_SCHEMA) continue;
    const [, , name, traits] = exported as [number, string, string, { awsQueryError?: [code: string, status: number] }];
    if (traits.awsQueryError) codes.set(name, traits.awsQueryError[0]);
  }
  return codes;
}

/** The names of the members of a structure that must be there. The schemas list them first, and count them. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  const raw = schema.getSchema();
  if (!Array.isArray(raw) || raw[0] !== STRUCTURE_SCHEMA) return [];
  return (raw[4] as string[]).slice(0, (raw[6] as number | undefined) ?? 0);
}

/** The names of the required members that `input` lacks. */
export function missingMembers(schema: NormalizedSchema, input: Record<string, unknown>): string[] {
  return requiredMembers(schema).filter((name) => input[name] === undefined);
}

const OPERATION_SCHEMA = 9;
const STRUCTURE_SCHEMA = 3;
const ERROR_SCHEMA = -3;

type Traits = number | { http?: [string, string, number] };
type Schema = Parameters<typeof NormalizedSchema.of>[0] | (() => Parameters<typeof NormalizedSchema.of>[0]);

function resolve(schema: Schema): Parameters<typeof NormalizedSchema.of>[0] {
  return typeof schema === 'function' ? (schema as () => Parameters<typeof NormalizedSchema.of>[0])() : schema;
}
