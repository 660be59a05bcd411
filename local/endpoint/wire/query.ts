/** The AWS Query protocol: form-encoded requests, XML answers (Auto Scaling, Elastic Load Balancing, SNS). */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { AwsError } from '../../kernel/service';
import { decodeForm, type Naming } from './form';
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
      return decodeForm(request, operations, NAMING);
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

const NAMING: Naming = {
  memberName: (name, member) => (member.getMergedTraits().xmlName as string | undefined) ?? name,
  isFlattened: (list) => Boolean(list.getMergedTraits().xmlFlattened),
};

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
