/** A template as people write it: JSON, or YAML with the short forms of intrinsic functions. */
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { validationError } from '../kernel/service';
import type { Template } from './template';

/** Throws a ValidationError, as CloudFormation does, on what is no template. */
export function readTemplate(text: string): Template {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw formatError(`YAML not well-formed. ${error.message}`);
  const template = document.contents && valueIn(document.contents);
  if (typeof template !== 'object' || template === null || !('Resources' in template)) {
    throw formatError('At least one Resources member must be defined.');
  }
  return template as Template;
}

export function formatError(message: string): Error {
  return validationError(`Template format error: ${message}`);
}

/** "CloudFormation doesn't support … aliases" (template formats, user guide). */
function valueIn(node: Node): unknown {
  if (isAlias(node)) throw formatError('YAML aliases are not allowed in CloudFormation templates');
  const value = isMap(node)
    ? Object.fromEntries(node.items.map(({ key, value: member }) => [String(valueIn(key as Node)), memberOf(member)]))
    : isSeq(node)
      ? node.items.map(memberOf)
      : isScalar(node)
        ? node.value
        : undefined;
  const [, name] = /^!(\w+)$/.exec(node.tag ?? '') ?? [];
  if (name === undefined) return value;
  if (name === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': value.split(/\.(.*)/s).slice(0, 2) };
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}

function memberOf(node: unknown): unknown {
  return node === null ? null : valueIn(node as Node);
}
