/** Texts with wildcards. A test goes over a text once; a regular expression tries every place where a `*` may end. */

/** `*`. */
export const ANY_CHARACTERS = Symbol('any characters, or none');
/** `?`. */
export const ONE_CHARACTER = Symbol('exactly one character');

/** A character stands for itself. */
export type Token = string | typeof ANY_CHARACTERS | typeof ONE_CHARACTER;

/** What stands between two `*`. */
interface Segment {
  tokens: Token[];
  /** Undefined where a token may be any character. */
  literal: string | undefined;
}

/** `*` and `?` wherever they stand, as in policies of IAM and in paths of load balancers. */
export function globTest(pattern: string): (text: string) => boolean {
  const tokens: Record<string, Token> = { '*': ANY_CHARACTERS, '?': ONE_CHARACTER };
  return wildcardTest(pattern.split('').map((character) => tokens[character] ?? character));
}

/** Tells of a text whether the whole of it is as the pattern says. */
export function wildcardTest(pattern: readonly Token[]): (text: string) => boolean {
  const segments = segmentsOf(pattern);
  const first = segments[0] as Segment;
  const last = segments.at(-1) as Segment;
  const between = segments.slice(1, -1);
  return (text) => {
    if (segments.length === 1 && text.length !== first.tokens.length) return false;
    if (!isAt(first, text, 0)) return false;
    let end = first.tokens.length;
    for (const segment of between) {
      const start = find(segment, text, end); // the earliest place leaves the most to what follows
      if (start < 0) return false;
      end = start + segment.tokens.length;
    }
    const lastStart = text.length - last.tokens.length;
    return segments.length === 1 || (lastStart >= end && isAt(last, text, lastStart));
  };
}

function segmentsOf(pattern: readonly Token[]): Segment[] {
  const segments: Token[][] = [[]];
  for (const token of pattern) {
    if (token === ANY_CHARACTERS) segments.push([]);
    else segments.at(-1)?.push(token);
  }
  return segments.map((tokens) => ({
    tokens,
    literal: tokens.includes(ONE_CHARACTER) ? undefined : tokens.join(''),
  }));
}

function find(segment: Segment, text: string, from: number): number {
  if (segment.literal !== undefined) return text.indexOf(segment.literal, from);
  for (let start = from; start + segment.tokens.length <= text.length; start++) {
    if (isAt(segment, text, start)) return start;
  }
  return -1;
}

function isAt({ tokens, literal }: Segment, text: string, start: number): boolean {
  if (start + tokens.length > text.length) return false;
  if (literal !== undefined) return text.startsWith(literal, start);
  return tokens.every((token, index) => token === ONE_CHARACTER || token === text[start + index]);
}
