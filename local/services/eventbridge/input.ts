/** What a target gets: the event, a constant, a part of the event, or a template with parts of the event inserted. */
import type { InputTransformer, Target } from '@aws-sdk/client-eventbridge';
import { parsedJson } from '../../kernel/json';
import { AwsError } from '../../kernel/service';
import type { BusEvent } from './event';

/** The text that the target receives. `arrivedAt` stands for `<aws.events.event.ingestion-time>`. */
export function targetInput(target: Target, event: BusEvent, rule: { name: string; arn: string }, arrivedAt: Date) {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (!target.InputTransformer) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate = '' } = target.InputTransformer;
  const values = new Map<string, unknown>([
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', arrivedAt.toISOString()],
    ['aws.events.event.json', event],
    ['aws.events.event', { ...event, detail: undefined }],
  ]);
  for (const [name, path] of Object.entries(InputPathsMap)) values.set(name, valueAt(event, path));
  const input = fill(InputTemplate, (name, quoted) => inserted(values.get(name), name, quoted));
  if (!isJsonOrQuotedLines(input) && isObject(InputTemplate)) {
    throw new AwsError('InvalidJson', 'The input transformer did not make valid JSON.');
  }
  return input;
}

/** Throws an Error when AWS would refuse the input, or when it could not be made here. */
export function assertInputSupported(target: Target): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter((input) => input !== undefined);
  if (given.length > 1) throw new Error('a target has one of Input, InputPath and InputTransformer');
  if (target.Input !== undefined && !isJson(target.Input)) throw new Error('the input of a target is JSON');
  if (target.InputPath !== undefined) pathParts(target.InputPath);
  if (target.InputTransformer) assertTransformerSupported(target.InputTransformer);
}

function assertTransformerSupported({ InputPathsMap = {}, InputTemplate = '' }: InputTransformer): void {
  for (const [name, path] of Object.entries(InputPathsMap)) {
    if (!/^[A-Za-z0-9_-]+$/.test(name) || name.startsWith('AWS')) throw new Error(`"${name}" cannot name a value`);
    pathParts(path);
  }
  const sample = fill(InputTemplate, (name, quoted) => {
    if (!Object.hasOwn(InputPathsMap, name) && !reserved.has(name))
      throw new Error(`the input template names <${name}>, which is not defined`);
    return quoted ? 'x' : '0';
  });
  if (!isJsonOrQuotedLines(sample))
    throw new Error(`the input template is neither JSON nor quoted lines: ${InputTemplate}`);
}

const reserved = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event.json',
  'aws.events.event',
]);

/** Replaces each `<name>`; `insert` learns whether it stands inside of a string. */
function fill(template: string, insert: (name: string, quoted: boolean) => string): string {
  let quoted = false;
  return template.replace(/\\[\s\S]|"|<([A-Za-z0-9._-]+)>/g, (token, name: string | undefined) => {
    if (name !== undefined) return insert(name, quoted);
    if (token === '"') quoted = !quoted;
    return token;
  });
}

/** Inside of a string a value comes as it is: nothing is escaped, so a quote in it ends the string. */
function inserted(value: unknown, name: string, quoted: boolean): string {
  if (!quoted) return JSON.stringify(value ?? '');
  if (typeof value === 'object' && value !== null) {
    throw new AwsError('InvalidJson', `<${name}> stands inside of a string but is an object: not supported here`);
  }
  return String(value ?? '');
}

/** A part of the event by a JSON path in dot notation: `$.detail.task`, `$.resources[0]`. */
function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const part of pathParts(path)) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    value = isThere ? (value as Record<string, unknown>)[part] : undefined;
  }
  return value;
}

function pathParts(path: string): string[] {
  if (!/^\$(\.[A-Za-z0-9_-]+(\[\d+\])*)*$/.test(path)) throw new Error(`the path ${path} is not supported here`);
  return path.match(/[A-Za-z0-9_-]+/g) ?? [];
}

function isJsonOrQuotedLines(text: string): boolean {
  return isJson(text) || text.split('\n').every((line) => line.trim() === '' || /^\s*"[\s\S]*"\s*$/.test(line));
}

function isObject(template: string): boolean {
  return template.trimStart().startsWith('{');
}

function isJson(text: string): boolean {
  return parsedJson(text) !== undefined;
}
