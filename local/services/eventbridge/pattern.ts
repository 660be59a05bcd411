/** Event patterns as Amazon EventBridge matches them. Operators that it does not know are refused, never skipped. */
import { isObject } from '../../kernel/json';
import { ANY_CHARACTERS, type Token, wildcardTest } from '../../kernel/wildcard';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type EventPattern = { [key: string]: Json };

/**
 * Whether `event` matches `pattern`. All keys of the pattern must match; in a list of rules one must.
 * Throws on an operator that is not supported.
 */
export function matches(pattern: EventPattern, event: Json): boolean {
  const fields = fieldsOf(event);
  return compiled(pattern).some((conditions) => holds(conditions, fields));
}

/** Throws an Error that names the first operator, anywhere in the pattern, that `matches` could not judge. */
export function assertSupported(pattern: EventPattern): void {
  compiled(pattern);
}

/** A leaf of the event. `element` is undefined for a leaf that is in no array of objects. */
interface Field {
  value: Json;
  element: Element | undefined;
}

/** One object of an array: all leaves that match must agree on which. */
interface Element {
  /** What the paths of its leaves begin with. */
  prefix: string;
  /** The element that its array is in. */
  parent: Element | undefined;
}

/** The leaves of an event by their dotted path, as EventBridge compares them: `a.b` and `{a: {b}}` are the same. */
type Fields = ReadonlyMap<string, readonly Field[]>;

interface Condition {
  path: string;
  rules: Rule[];
}

/** `absent` holds when the event has no such leaf; every other rule is a test of the leaf's value. */
type Rule = { absent: true } | { absent: false; test: (value: Json) => boolean };

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html, "Or" matching. */
const MAXIMUM_COMBINATIONS = 1000;

/** Patterns are read once and judge many events; one event is judged by many patterns. Neither is ever written into. */
const compiledPatterns = new WeakMap<EventPattern, Condition[][]>();
const fieldsOfEvents = new WeakMap<object, Fields>();

function compiled(pattern: EventPattern): Condition[][] {
  const known = compiledPatterns.get(pattern);
  if (known) return known;
  const alternatives = alternativesOf(pattern, []);
  for (const conditions of alternatives) conditions.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  compiledPatterns.set(pattern, alternatives);
  return alternatives;
}

function fieldsOf(event: Json): Fields {
  const known = typeof event === 'object' && event !== null && fieldsOfEvents.get(event);
  if (known) return known;
  const fields = new Map<string, Field[]>();
  flatten(event, '', undefined, fields);
  if (typeof event === 'object' && event !== null) fieldsOfEvents.set(event, fields);
  return fields;
}

/** `prefix` is the path of what is in `value`, up to its own key. */
function flatten(value: Json, prefix: string, element: Element | undefined, fields: Map<string, Field[]>): void {
  if (Array.isArray(value)) {
    for (const item of value) flatten(item, prefix, isObject(item) ? { prefix, parent: element } : element, fields);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) flatten(member, `${prefix}${key}.`, element, fields);
  } else {
    const path = prefix.slice(0, -1);
    const known = fields.get(path);
    if (known) known.push({ value, element });
    else fields.set(path, [{ value, element }]);
  }
}

/** The pattern as a choice (`$or`) between lists of conditions that must all hold. */
function alternativesOf(pattern: EventPattern, path: string[]): Condition[][] {
  let alternatives: Condition[][] = [[]];
  for (const [key, value] of Object.entries(pattern)) {
    const choices = choicesOf(key, value, path);
    if (alternatives.length * choices.length > MAXIMUM_COMBINATIONS) {
      throw new Error(`event pattern: its "$or" make more than ${MAXIMUM_COMBINATIONS} combinations`);
    }
    alternatives = alternatives.flatMap((conditions) => choices.map((choice) => [...conditions, ...choice]));
  }
  return alternatives;
}

function choicesOf(key: string, value: Json, path: string[]): Condition[][] {
  if (key === '$or' && Array.isArray(value)) {
    return value.flatMap((alternative) => {
      if (!isObject(alternative)) throw new Error('event pattern: "$or" is a list of objects');
      return alternativesOf(alternative as EventPattern, path);
    });
  }
  const here = [...path, key];
  if (Array.isArray(value)) {
    if (value.length === 0) throw new Error(`event pattern: "${here.join('.')}" has an empty list of values`);
    return [[{ path: here.join('.'), rules: value.map(ruleOf) }]];
  }
  if (typeof value === 'object' && value !== null) return alternativesOf(value, here);
  throw new Error(`event pattern: "${here.join('.')}" must be an object or an array`);
}

/**
 * Goes through the conditions once. In the order of their paths, those that an array can tie to one of its elements come
 * one after another: what has been chosen in other arrays before no longer matters. `chosen` has the innermost element
 * of every choice that is still possible.
 */
function holds(conditions: Condition[], fields: Fields): boolean {
  let chosen: ReadonlySet<Element | undefined> = new Set([undefined]);
  for (const { path, rules } of conditions) {
    const candidates = fields.get(path);
    if (!candidates && rules.some((rule) => rule.absent)) continue;
    const found = candidates?.filter(({ value }) => rules.some((rule) => !rule.absent && rule.test(value))) ?? [];
    const before = new Set([...chosen].map((element) => enclosing(element, path)));
    chosen = agreeing(before, new Set(found.map(({ element }) => element)));
    if (chosen.size === 0) return false;
  }
  return true;
}

/** The innermost element around it that a leaf at `path` can be in. */
function enclosing(element: Element | undefined, path: string): Element | undefined {
  let around = element;
  while (around && !path.startsWith(around.prefix)) around = around.parent;
  return around;
}

/** Two choices agree where one is inside of the other. */
function agreeing(some: ReadonlySet<Element | undefined>, others: ReadonlySet<Element | undefined>) {
  const inside = [...some].filter((element) => isWithin(element, others));
  return new Set([...inside, ...[...others].filter((element) => isWithin(element, some))]);
}

function isWithin(element: Element | undefined, outer: ReadonlySet<Element | undefined>): boolean {
  for (let around = element; around; around = around.parent) if (outer.has(around)) return true;
  return outer.has(undefined);
}

function ruleOf(rule: Json): Rule {
  if (Array.isArray(rule)) throw new Error('event pattern: a list of values must not contain a list');
  if (typeof rule !== 'object' || rule === null) return { absent: false, test: (value) => value === rule };
  const [operator, operand] = onlyEntry(rule);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw unsupported('exists', operand);
    return operand ? { absent: false, test: () => true } : { absent: true };
  }
  if (operator === 'anything-but') return { absent: false, test: anythingBut(operand) };
  if (operator === 'numeric') return { absent: false, test: numeric(operand) };
  return { absent: false, test: text(operator, operand) };
}

function anythingBut(operand: Json): (value: Json) => boolean {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [operator, values] = onlyEntry(operand);
    const tests = (Array.isArray(values) ? values : [values]).map((value) => text(operator, value));
    return (value) => !tests.some((test) => test(value));
  }
  const excluded = Array.isArray(operand) ? operand : [operand];
  for (const value of excluded) {
    if (typeof value !== 'string' && typeof value !== 'number') throw unsupported('anything-but', value);
  }
  return (value) => !excluded.includes(value);
}

function numeric(operand: Json): (value: Json) => boolean {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0)
    throw unsupported('numeric', operand);
  const comparisons: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const limit = operand[index + 1];
    const comparator = String(operand[index]);
    const compare = Object.hasOwn(comparators, comparator) ? comparators[comparator] : undefined;
    if (!compare || typeof limit !== 'number') throw unsupported('numeric', operand);
    comparisons.push((value) => compare(value, limit));
  }
  return (value) => typeof value === 'number' && comparisons.every((comparison) => comparison(value));
}

const comparators: Record<string, (value: number, limit: number) => boolean> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** The operators that judge strings alone; `prefix` and `suffix` also take `{"equals-ignore-case": …}`. */
function text(operator: string, operand: Json): (value: Json) => boolean {
  const ignoresCase = typeof operand === 'object' && operand !== null && !Array.isArray(operand);
  if (ignoresCase && (operator === 'prefix' || operator === 'suffix')) {
    const [inner, wanted] = onlyEntry(operand);
    if (inner !== 'equals-ignore-case' || typeof wanted !== 'string') throw unsupported(operator, operand);
    const test = text(operator, wanted.toLowerCase());
    return (value) => typeof value === 'string' && test(value.toLowerCase());
  }
  if (typeof operand !== 'string') throw unsupported(operator, operand);
  switch (operator) {
    case 'prefix':
      return (value) => typeof value === 'string' && value.startsWith(operand);
    case 'suffix':
      return (value) => typeof value === 'string' && value.endsWith(operand);
    case 'equals-ignore-case':
      return (value) => typeof value === 'string' && value.toLowerCase() === operand.toLowerCase();
    case 'wildcard': {
      const test = wildcardTest(wildcardTokens(operand));
      return (value) => typeof value === 'string' && test(value);
    }
    default:
      throw unsupported(operator, operand);
  }
}

/**
 * `*` stands for any characters, `\*` for an asterisk and `\\` for a backslash. Two in a row are refused, in these words:
 * https://github.com/aws/event-ruler/blob/main/src/test/software/amazon/event/ruler/ByteMachineTest.java
 */
function wildcardTokens(pattern: string): Token[] {
  const consecutive = pattern.replace(/\\[*\\]/g, '--').indexOf('**');
  if (consecutive >= 0) throw new Error(`event pattern: Consecutive wildcard characters at pos ${consecutive}`);
  const tokens = pattern.match(/\\[*\\]|[\s\S]/g) ?? [];
  return tokens.map((token) => (token === '*' ? ANY_CHARACTERS : token.slice(-1)));
}

function onlyEntry(rule: { [key: string]: Json }): [string, Json] {
  const entries = Object.entries(rule);
  const [first] = entries;
  if (!first || entries.length > 1) throw new Error(`event pattern: ${JSON.stringify(rule)} must have one operator`);
  return first;
}

function unsupported(operator: string, operand: Json): Error {
  return new Error(`event pattern: the operator ${JSON.stringify({ [operator]: operand })} is not supported here`);
}
