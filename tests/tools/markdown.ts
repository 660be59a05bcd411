/** What generated documents are written with, and what is read of any document. */

/** The first row is the head. A bar in a cell would end it. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = [head, head.map(() => '---'), ...rows];
  return cells.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/**
 * Where GitHub puts the heading: letters and digits of any language, `-` and `_` stay, blanks become `-`
 * (https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links).
 */
export function anchorOf(heading: string): string {
  const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]*>/g, '');
  return shown
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\s-]/gu, '')
    .replace(/\s/g, '-');
}

/** With the made table in the place of the one that has the same head. Throws an Error where there is none. */
export function withTable(text: string, made: string): string {
  const [head = ''] = made.split('\n');
  const from = text.indexOf(`${head}\n`);
  if (from < 0) throw new Error(`there is no table with the head ${head}`);
  const after = text.slice(from).search(/\n(?!\|)/);
  return text.slice(0, from) + made + (after < 0 ? '\n' : text.slice(from + after));
}
