/**
 * Filter patterns of JSON: `{ $.stage = "swap" && ($.code = "T0*" || $.seconds > 5) }`; "Using filter patterns to match terms
 * in JSON log events", user guide.
 */
import { isObject, parsedJson } from '../../kernel/json';
import { ANY_CHARACTERS, wildcardTest } from '../../kernel/wildcard';
import { invalid, unsupported } from './refusal';

type Condition = (event: unknown) => boolean;

/** A message that is no JSON matches none. */
export function jsonPattern(pattern: string): (message: string) => boolean {
  if (!pattern.endsWith('}')) throw invalid("If a filter pattern starts with '{' it must end with '}'");
  const reader = new Reader(tokensOf(pattern.slice(1, -1)));
  const condition = reader.either();
  if (reader.peek() !== undefined) throw invalid('Invalid filter pattern');
  return (message) => {
    const event = message.includes('{') || message.includes('[') ? parsedJson(message) : undefined;
    return typeof event === 'object' && event !== null && condition(event);
  };
}

/** Selectors, operators and parentheses, quoted texts, and what else is between spaces. */
const TOKEN = /\s*("(?:\\.|[^"\\])*"|&&|\|\||!=|<=|>=|[=<>()]|[^\s"&|!=<>()]+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const token = TOKEN.exec(rest)?.[1];
    if (token === undefined) throw invalid('Invalid filter pattern');
    tokens.push(token);
  }
  return tokens;
}

/** `&&` binds tighter than `||`. */
class Reader {
  private position = 0;

  constructor(private readonly tokens: string[]) {}

  peek(): string | undefined {
    return this.tokens[this.position];
  }

  either(): Condition {
    const options = [this.all()];
    while (this.takes('||')) options.push(this.all());
    return (event) => options.some((holds) => holds(event));
  }

  private all(): Condition {
    const conditions = [this.single()];
    while (this.takes('&&')) conditions.push(this.single());
    return (event) => conditions.every((holds) => holds(event));
  }

  private single(): Condition {
    if (!this.takes('(')) return this.comparison();
    const inner = this.either();
    if (!this.takes(')')) throw invalid('Invalid filter pattern');
    return inner;
  }

  private comparison(): Condition {
    const select = selector(this.next());
    const operator = this.next();
    switch (operator) {
      case 'IS':
        return is(select, this.next());
      case 'NOT':
        if (this.next() !== 'EXISTS') throw invalid('Invalid filter pattern');
        return (event) => select(event) === undefined;
      default: {
        const compare = comparisons.get(operator);
        if (!compare) throw invalid('Invalid filter pattern');
        return compare(select, this.next());
      }
    }
  }

  private next(): string {
    const token = this.tokens[this.position++];
    if (token === undefined) throw invalid('Invalid filter pattern');
    return token;
  }

  private takes(token: string): boolean {
    const isNext = this.peek() === token;
    if (isNext) this.position += 1;
    return isNext;
  }
}

type Select = (event: unknown) => unknown;

/** `$.name`, `$.list[0].name`. Undefined where there is nothing. */
function selector(written: string): Select {
  if (/^\$(\.\*|.*\[(\*|'|"))/.test(written)) throw unsupported('a selector of many fields, or of a quoted one');
  if (!/^\$(\.[\w-]+|\[\d+\])+$/.test(written)) throw invalid('Invalid filter pattern');
  const path = [...written.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return (event) =>
    path.reduce<unknown>((value, part) => {
      if (typeof part === 'number') return Array.isArray(value) ? value[part] : undefined;
      return isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    }, event);
}

function is(select: Select, written: string): Condition {
  const wanted = new Map<string, unknown>([
    ['NULL', null],
    ['TRUE', true],
    ['FALSE', false],
  ]);
  if (!wanted.has(written)) throw invalid('Invalid filter pattern');
  return (event) => select(event) === wanted.get(written);
}

const comparisons = new Map<string, (select: Select, written: string) => Condition>([
  ['=', equals],
  // What `!=` says of a field that is not there the guide does not tell: here it does not match.
  ['!=', (select, written) => differs(select, equals(select, written))],
  ['<', ordered((one, other) => one < other)],
  ['<=', ordered((one, other) => one <= other)],
  ['>', ordered((one, other) => one > other)],
  ['>=', ordered((one, other) => one >= other)],
]);

/** A number without quotes is compared with numbers; a text, in which `*` stands for anything, with texts. */
function equals(select: Select, written: string): Condition {
  if (NUMBER.test(written)) return (event) => select(event) === Number(written);
  if (written.startsWith('%')) throw unsupported('a regular expression');
  const quoted = /^"(.*)"$/s.exec(written)?.[1]?.replace(/\\(.)/gs, '$1');
  if (quoted === undefined && !/^[\p{L}\p{N}_.*:/-]+$/u.test(written)) {
    throw invalid(`Invalid character(s) in term '${written}'`);
  }
  const text = quoted ?? written;
  const matches = wildcardTest(text.split('').map((character) => (character === '*' ? ANY_CHARACTERS : character)));
  return (event) => {
    const value = select(event);
    return typeof value === 'string' && matches(value);
  };
}

function differs(select: Select, holds: Condition): Condition {
  return (event) => select(event) !== undefined && !holds(event);
}

function ordered(compare: (one: number, other: number) => boolean): (select: Select, written: string) => Condition {
  return (select, written) => {
    if (!NUMBER.test(written)) throw invalid('Invalid filter pattern');
    return (event) => {
      const value = select(event);
      return typeof value === 'number' && compare(value, Number(written));
    };
  };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
