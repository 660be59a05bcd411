/** The Query protocol of EC2: as that of the others, with names, lists, answers and errors of its own. */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { AwsError } from '../../kernel/service';
import { decodeForm, type Naming } from './form';
import { type Operation, operationsOf, type Protocol, type WireRequest, type WireResponse } from './protocol';
import { escapeXml } from './query';

/** `namespace` is the `xmlns` of the answers. "AWS EC2 query protocol", Smithy's documentation. */
export function ec2QueryProtocol(client: object, namespace: string): Protocol {
  const operations = operationsOf(client);
  const serializer = new XmlShapeSerializer({
    xmlNamespace: '',
    serviceNamespace: '',
    timestampFormat: { useTrait: true, default: 5 },
  });

  return {
    decode: (request: WireRequest) => decodeForm(request, operations, NAMING),

    encode(operation: Operation, output: Record<string, unknown>, requestId: string): WireResponse {
      const name = `${operation.name}Response`;
      serializer.write(operation.output, output);
      const content = (serializer.flush() as string).replace(/^<[^>]*>|<\/[^<>]+>$/g, '');
      const body = `<${name} xmlns="${namespace}"><requestId>${requestId}</requestId>${content}</${name}>`;
      return xml(200, body, requestId);
    },

    encodeError(error: AwsError, requestId: string): WireResponse {
      const detail = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
      const body = `<Response><Errors><Error>${detail}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
      return xml(error.status, body, requestId);
    },
  };
}

/** A name of the protocol's own, or the one in XML with a capital letter; lists are always flattened. */
const NAMING: Naming = {
  memberName(name, member) {
    const { ec2QueryName, xmlName } = member.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
    return ec2QueryName ?? (xmlName === undefined ? name : xmlName.charAt(0).toUpperCase() + xmlName.slice(1));
  },
  isFlattened: () => true,
};

function xml(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
