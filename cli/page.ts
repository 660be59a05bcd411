/** What people see of a result: lines that fit the terminal, with colours only on one. */
import { styleText } from 'node:util';
import { COLUMNS, hasColours, isTerminal, plain, type Stream, wrap } from '../local/terminal/lines';

export type Style = Parameters<typeof styleText>[0];

const FEWEST_COLUMNS = 40;
const MOST_COLUMNS = 120;
const GAP = '  ';

export class Page {
  readonly isTerminal: boolean;
  private readonly hasColours: boolean;

  constructor(
    private readonly stream: Stream,
    environment: NodeJS.ProcessEnv,
  ) {
    this.isTerminal = isTerminal(stream, environment);
    this.hasColours = hasColours(stream, environment);
  }

  get columns(): number {
    return Math.min(Math.max(this.stream.columns || COLUMNS, FEWEST_COLUMNS), MOST_COLUMNS);
  }

  paint(style: Style, text: string): string {
    return this.hasColours ? styleText(style, text, { validateStream: false }) : text;
  }

  /** A paragraph, wrapped. */
  text(text: string, style?: Style): string[] {
    const lines = wrap(text, this.columns);
    return style ? lines.map((line) => this.paint(style, line)) : lines;
  }

  /** `name  value`, the value wrapped under its own beginning. */
  fields(pairs: readonly (readonly [name: string, value: string])[]): string[] {
    const width = Math.max(0, ...pairs.map(([name]) => name.length)) + GAP.length;
    return pairs.flatMap(([name, value]) => {
      const [first = '', ...others] = wrap(value, this.columns - width);
      return [this.paint('bold', name.padEnd(width)) + first, ...others.map((line) => ' '.repeat(width) + line)];
    });
  }

  /** Columns as wide as what stands in them; the last one takes what is left, and what does not fit is cut. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const cells = [head, ...rows].map((row) => row.map(plain));
    const widths = head.map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
    const lineOf = (row: readonly string[]) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join(GAP)
        .trimEnd();
    const [first = '', ...others] = cells.map(lineOf).map((line) => this.cut(line));
    return [this.paint('bold', first), ...others];
  }

  cut(line: string): string {
    return line.length > this.columns ? `${line.slice(0, this.columns - 1)}…` : line;
  }
}
