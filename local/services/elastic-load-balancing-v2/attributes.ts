/** Attributes: a fixed set of keys per kind of resource, each with a text value. */
import { AwsError, validationError } from '../../kernel/service';

interface Attribute {
  Key?: string | undefined;
  Value?: string | undefined;
}

export function attributeList(attributes: Map<string, string>): Attribute[] {
  return [...attributes].map(([Key, Value]) => ({ Key, Value }));
}

/** All or nothing: an unknown key changes none of them. */
export function applyAttributes(kind: string, attributes: Map<string, string>, changes: Attribute[]): void {
  for (const { Key = '', Value = '' } of changes) {
    if (!attributes.has(Key)) throw validationError(`${kind} attribute key '${Key}' is not recognized`);
    checkValue(kind, Key, Value);
  }
  for (const { Key = '', Value = '' } of changes) attributes.set(Key, Value);
}

const MAXIMUM_DELAY_SECONDS = 3600;
/** Or 0, which is none (API reference, TargetGroupAttribute). */
const SLOW_START_SECONDS = { least: 30, most: 900 };

function checkValue(kind: string, key: string, value: string): void {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  const wrong =
    key === 'deregistration_delay.timeout_seconds'
      ? !(number <= MAXIMUM_DELAY_SECONDS)
      : key === 'slow_start.duration_seconds'
        ? number !== 0 && !(number >= SLOW_START_SECONDS.least && number <= SLOW_START_SECONDS.most)
        : key.endsWith('.enabled') && !['true', 'false', 'use_load_balancer_configuration'].includes(value);
  if (!wrong) return;
  throw new AwsError('InvalidConfigurationRequest', `${kind} attribute value '${value}' is not valid for key '${key}'`);
}
