/** The AWS JSON protocol: the operation in a header, JSON both ways (CodeDeploy, EventBridge, SQS). */
import { JsonCodec } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { DocumentType } from '@smithy/types';
import { AwsError } from '../../kernel/service';
import {
  type Operation,
  operationsOf,
  type Protocol,
  queryErrorCodes,
  type WireRequest,
  type WireResponse,
} from './protocol';

/** `version` is `1.0` or `1.1`, as the service speaks it. */
export function jsonProtocol(client: object, version: '1.0' | '1.1'): Protocol {
  const operations = operationsOf(client);
  const queryCodes = queryErrorCodes(client);
  const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });
  const answer = (status: number, body: string, requestId: string): WireResponse => ({
    status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId },
    body,
  });

  return {
    decode(request: WireRequest) {
      const operation = operations.get(request.headers['x-amz-target']?.split('.').pop() ?? '');
      if (!operation) return undefined;
      const body = parse(request.body);
      checkType(operation.input, body, 'The request');
      const input = codec.createDeserializer().readObject(operation.input, body) as Record<string, unknown>;
      return { operation, input };
    },

    encode(operation: Operation, output: Record<string, unknown>, requestId: string): WireResponse {
      if (!operation.output.isStructSchema()) return answer(200, '{}', requestId);
      const serializer = codec.createSerializer();
      serializer.write(operation.output, output);
      return answer(200, serializer.flush() as string, requestId);
    },

    encodeError(error: AwsError, requestId: string): WireResponse {
      const response = answer(error.status, JSON.stringify({ __type: error.code, message: error.message }), requestId);
      const queryCode = queryCodes.get(error.code);
      if (queryCode)
        response.headers['x-amzn-query-error'] = `${queryCode};${error.status < 500 ? 'Sender' : 'Receiver'}`;
      return response;
    },
  };
}

function parse(body: Uint8Array): DocumentType {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8') || '{}');
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON');
  }
}

/** The codec takes what it gets: whatever is not of its type is refused before. Null stands for what is not there. */
function checkType(schema: NormalizedSchema, value: DocumentType, name: string): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (schema.isListSchema() && Array.isArray(value)) {
    for (const item of value) checkType(schema.getValueSchema(), item, name);
  } else if (schema.isMapSchema() && isObject) {
    for (const [key, item] of Object.entries(value)) checkType(schema.getValueSchema(), item, `${name}.${key}`);
  } else if (schema.isStructSchema() && isObject) {
    for (const [key, member] of schema.structIterator()) {
      const item = value[key];
      if (item !== undefined && item !== null) checkType(member, item, key);
    }
  } else if (!isScalarOf(schema, value)) {
    throw new AwsError('SerializationException', `${name} is not of the type that it should have`);
  }
}

function isScalarOf(schema: NormalizedSchema, value: DocumentType): boolean {
  if (schema.isUnitSchema()) return true;
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isNumericSchema()) return typeof value === 'number';
  if (schema.isTimestampSchema()) return typeof value === 'number' && !Number.isNaN(new Date(value * 1000).getTime());
  return (schema.isStringSchema() || schema.isBlobSchema()) && typeof value === 'string';
}
