/** Event patterns as Amazon EventBridge matches them. Operators that it does not know are refused, never skipped. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type EventPattern = { [key: string]: Json };

/**
 * Whether `event` matches `pattern`. All keys of the pattern must match; in a list of rules one must.
 * Throws on an operator that is not supported.
 */
export function matches(pattern: EventPattern, event: Json): boolean {
  const fields = fieldsOf(event);
  return compiled(pattern).some((conditions) => holds(conditions, fields, NO_ELEMENTS));
}

/** Throws an Error that names the first operator, anywhere in the pattern, that `matches` could not judge. */
export function assertSupported(pattern: EventPattern): void {
  compiled(pattern);
}

/** A leaf of the event: EventBridge compares leaves by their dotted path, so `a.b` and `{a: {b}}` are the same. */
interface Field {
  path: string;
  value: Json;
  /** Which element of which array of objects the leaf is in: all leaves that match must agree. */
  elements: ReadonlyMap<string, number>;
}

interface Condition {
  path: string;
  rules: Rule[];
}

/** `absent` holds when the event has no such leaf; every other rule is a test of the leaf's value. */
type Rule = { absent: true } | { absent: false; test: (value: Json) => boolean };

const NO_ELEMENTS: ReadonlyMap<string, number> = new Map();

/** Patterns are read once and judge many events; one event is judged by many patterns. Neither is ever written into. */
const compiledPatterns = new WeakMap<EventPattern, Condition[][]>();
const fieldsOfEvents = new WeakMap<object, Field[]>();

function compiled(pattern: EventPattern): Condition[][] {
  const known = compiledPatterns.get(pattern);
  if (known) return known;
  const alternatives = alternativesOf(pattern, []);
  compiledPatterns.set(pattern, alternatives);
  return alternatives;
}

function fieldsOf(event: Json): Field[] {
  const known = typeof event === 'object' && event !== null && fieldsOfEvents.get(event);
  if (known) return known;
  const fields: Field[] = [];
  flatten(event, [], NO_ELEMENTS, fields);
  if (typeof event === 'object' && event !== null) fieldsOfEvents.set(event, fields);
  return fields;
}

function flatten(value: Json, path: string[], elements: ReadonlyMap<string, number>, fields: Field[]): void {
  if (Array.isArray(value)) {
    const array = `${path.join('.')}#${[...elements].join()}`;
    for (const [index, item] of value.entries()) {
      const inObject = typeof item === 'object' && item !== null && !Array.isArray(item);
      flatten(item, path, inObject ? new Map([...elements, [array, index]]) : elements, fields);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) flatten(member, [...path, key], elements, fields);
  } else {
    fields.push({ path: path.join('.'), value, elements });
  }
}

/** The pattern as a choice (`$or`) between lists of conditions that must all hold. */
function alternativesOf(pattern: EventPattern, path: string[]): Condition[][] {
  let alternatives: Condition[][] = [[]];
  for (const [key, value] of Object.entries(pattern)) {
    const choices = choicesOf(key, value, path);
    alternatives = alternatives.flatMap((conditions) => choices.map((choice) => [...conditions, ...choice]));
  }
  return alternatives;
}

function choicesOf(key: string, value: Json, path: string[]): Condition[][] {
  if (key === '$or' && Array.isArray(value)) {
    return value.flatMap((alternative) => alternativesOf(alternative as EventPattern, path));
  }
  const here = [...path, key];
  if (Array.isArray(value)) {
    if (value.length === 0) throw new Error(`event pattern: "${here.join('.')}" has an empty list of values`);
    return [[{ path: here.join('.'), rules: value.map(ruleOf) }]];
  }
  if (typeof value === 'object' && value !== null) return alternativesOf(value, here);
  throw new Error(`event pattern: "${here.join('.')}" must be an object or an array`);
}

/** Tries the leaves that may satisfy the first condition, each with the array elements that it ties the others to. */
function holds(conditions: Condition[], fields: Field[], elements: ReadonlyMap<string, number>): boolean {
  const [first, ...others] = conditions;
  if (!first) return true;
  const candidates = fields.filter((field) => field.path === first.path);
  if (candidates.length === 0) return first.rules.some((rule) => rule.absent) && holds(others, fields, elements);
  return candidates.some((field) => {
    const agrees = [...field.elements].every(([array, index]) => (elements.get(array) ?? index) === index);
    if (!agrees || !first.rules.some((rule) => !rule.absent && rule.test(field.value))) return false;
    return holds(others, fields, new Map([...elements, ...field.elements]));
  });
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
      const expression = wildcard(operand);
      return (value) => typeof value === 'string' && expression.test(value);
    }
    default:
      throw unsupported(operator, operand);
  }
}

/** `*` stands for any characters, `\*` for an asterisk and `\\` for a backslash. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\[*\\]|[\s\S]/g, (token) => {
    if (token === '*') return '[\\s\\S]*';
    return token.slice(-1).replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
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
