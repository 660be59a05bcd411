/**
 * What stands behind `--` is no option, however it begins: tasks and files may be called `-odd`. The parser leaves such
 * words out of what it gives to a verb, so that they are given to it with a mark in front, which is taken off again.
 */

/** No program is ever given a word with this character. */
const MARK = '\0';

export function withMarks(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  if (end < 0) return [...args];
  return [...args.slice(0, end), ...args.slice(end + 1).map((word) => (word.startsWith('-') ? MARK + word : word))];
}

export function withoutMark(text: string): string {
  return text.startsWith(`${MARK}-`) ? text.slice(MARK.length) : text;
}

/** Of every value, and of those in lists. */
export function withoutMarks<Given extends object>(given: Given): Given {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    return typeof value === 'string' ? withoutMark(value) : value;
  };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, clean(value)])) as Given;
}
