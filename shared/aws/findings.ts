/**
 * What is told of many things at once has a bound, in UTF-8 bytes: it is cut between findings, and says how many more
 * there are. Findings that are one text are separated by `; `.
 */

const SEPARATOR = '; ';

/** In a list, beside the finding itself: what separates lines of a mail, or items of JSON. */
const SEPARATOR_BYTES = 3;

/** What is shorter is not shortened any more, however little room there is. */
const SHORTEST_BYTES = 200;

const NAMES_SHOWN = 5;

/** `a, b, c, d, e and 37 more`. */
export function named(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${more} more` : names.join(', ');
}

/** What there is of each key, most of it first; what comes first stays first among equals. */
export function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [key: string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].sort(([, one], [, other]) => other.length - one.length);
}

/**
 * As many findings, from the first, as have room, and how many more there are. Only one that would take more than half
 * of the room is shortened itself: else it would hide all that comes after it.
 */
export function bounded(
  findings: readonly string[],
  maximumBytes: number,
  rest: (count: number) => string = (count) => `and ${count} more`,
): string[] {
  if (bytesOf(findings) <= maximumBytes) return [...findings];
  const room = maximumBytes - bytesOf([rest(findings.length)]);
  const kept: string[] = [];
  let bytes = 0;
  for (const finding of findings) {
    const shown = shortened(finding, Math.floor(room / 2) - SEPARATOR_BYTES);
    bytes += bytesOf([shown]);
    if (bytes > room) break;
    kept.push(shown);
  }
  const more = findings.length - kept.length;
  return more > 0 ? [...kept, rest(more)] : kept;
}

/** The findings as one text. */
export function joined(findings: readonly string[]): string {
  return findings.map((finding) => finding.replaceAll(SEPARATOR, ', ')).join(SEPARATOR);
}

/** The same text, cut between its findings. */
export function boundedText(text: string, maximumBytes: number): string {
  if (Buffer.byteLength(text) <= maximumBytes) return text;
  return bounded(text.split(SEPARATOR), maximumBytes).join(SEPARATOR);
}

/** Whole characters of a text. */
export function shortened(text: string, maximumBytes: number): string {
  if (Buffer.byteLength(text) <= maximumBytes) return text;
  const room = new Uint8Array(Math.max(0, maximumBytes - Buffer.byteLength('…')));
  return `${text.slice(0, new TextEncoder().encodeInto(text, room).read)}…`;
}

/** As JSON. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/**
 * The last resort: shortens the largest of these fields again and again, until all of it fits as JSON. What cannot be
 * made to fit is answered as small as it can be.
 */
export function fitted<Value extends object>(value: Value, maximumBytes: number, fields: readonly string[]): Value {
  let fitting = value as Record<string, unknown>;
  while (sizeOf(fitting) > maximumBytes) {
    const current = fitting;
    const sizes = fields.map((field) => ({ field, bytes: textBytesOf(current[field]) }));
    const largest = sizes.reduce((one, other) => (other.bytes > one.bytes ? other : one), { field: '', bytes: 0 });
    if (largest.bytes <= SHORTEST_BYTES) break;
    fitting = { ...current, [largest.field]: halved(current[largest.field], largest.bytes / 2) };
  }
  return fitting as Value;
}

function halved(value: unknown, maximumBytes: number): unknown {
  const isList = isTexts(value) && value.length > 1;
  if (isList) return bounded(value, maximumBytes);
  return isTexts(value)
    ? value.map((text) => boundedText(text, maximumBytes))
    : boundedText(String(value), maximumBytes);
}

function textBytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return isTexts(value) ? bytesOf(value) : 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function bytesOf(findings: readonly string[]): number {
  return findings.reduce((sum, finding) => sum + Buffer.byteLength(finding) + SEPARATOR_BYTES, 0);
}
