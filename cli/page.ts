/** What people see of a result: lines that fit the terminal, with colours only on one. */
import { styleText } from 'node:util';
import { columnsOf, cutTo, padTo, piecesOf } from '../local/terminal/columns';
import { COLUMNS, hasColours, isTerminal, plain, type Stream, wrap } from '../local/terminal/lines';

export type Style = Parameters<typeof styleText>[0];

const FEWEST_COLUMNS = 40;
const ROWS = 24;
const MOST_COLUMNS = 120;
const FEWEST_OF_A_CELL = 6;
const GAP = '  ';

export class Page {
  readonly isTerminal: boolean;
  private readonly hasColours: boolean;

  /** How wide what cannot be wrapped may be: as wide as it is, where nobody says how wide a pipe is. */
  private readonly widest: number;

  constructor(
    private readonly stream: Stream,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.isTerminal = isTerminal(stream, environment);
    this.hasColours = hasColours(stream, environment);
    const isSaid = this.isTerminal || this.saidColumns !== undefined;
    this.widest = isSaid ? this.columns : Number.POSITIVE_INFINITY;
  }

  get columns(): number {
    return Math.min(Math.max(this.saidColumns ?? COLUMNS, FEWEST_COLUMNS), MOST_COLUMNS);
  }

  /** By the terminal, else by who reads the pipe. */
  private get saidColumns(): number | undefined {
    return this.stream.columns || Number.parseInt(this.environment.COLUMNS ?? '', 10) || undefined;
  }

  /** How many lines can be seen at once. */
  get rows(): number {
    return this.stream.rows || ROWS;
  }

  paint(style: Style, text: string): string {
    return this.hasColours ? styleText(style, text, { validateStream: false }) : text;
  }

  /** A paragraph, wrapped. */
  text(text: string, style?: Style): string[] {
    const lines = wrapped(text, this.columns);
    return style ? lines.map((line) => this.paint(style, line)) : lines;
  }

  /** Paragraphs; a line that begins with two blanks is a command, which stays whole so that it can be copied. */
  advice(text: string): string[] {
    return text.split('\n').flatMap((line) => (line.startsWith('  ') ? [plain(line)] : this.text(line)));
  }

  /** `name  value`, the value wrapped under its own beginning. */
  fields(pairs: readonly (readonly [name: string, value: string])[]): string[] {
    const named = pairs.map(([name, value]) => [plain(name), value] as const);
    const widest = Math.max(0, ...named.map(([name]) => columnsOf(name))) + GAP.length;
    const width = Math.min(widest, Math.floor(this.columns / 2));
    return named.flatMap(([name, value]) => this.hanging(padTo(name, width), value, 'bold'));
  }

  /** Text behind what it belongs to, further lines under its own beginning; a long beginning has a line of its own. */
  hanging(beginning: string, text: string, style?: Style): string[] {
    const label = plain(beginning);
    const width = Math.min(columnsOf(label), Math.floor(this.columns / 2));
    const lines = wrapped(text, this.columns - width);
    const shown = style ? this.paint(style, this.cut(label)) : this.cut(label);
    const under = (line: string) => (' '.repeat(width) + line).trimEnd();
    if (columnsOf(label.trimEnd()) > width) return [shown, ...lines.map(under)];
    const [first = '', ...others] = lines;
    return [(shown + first).trimEnd(), ...others.map(under)];
  }

  /** Columns as wide as what stands in them; where that is too wide, the widest are cut. Cells may be painted. */
  table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    styleOf: (cell: string) => Style | undefined = () => undefined,
    /** So many columns, the first ones, are not cut. */
    wholeColumns = 0,
  ): string[] {
    const cells = [head, ...rows].map((row) => row.map(plain));
    const widest = head.map((_, index) => Math.max(...cells.map((row) => columnsOf(row[index] ?? ''))));
    const widths = this.fitting(widest, wholeColumns);
    const lineOf = (row: readonly string[], style: (cell: string) => Style | undefined) =>
      row
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          const text = cutTo(cell, width);
          const gap = index === row.length - 1 ? '' : padTo(text, width).slice(text.length) + GAP;
          const painted = style(cell);
          return (painted ? this.paint(painted, text) : text) + gap;
        })
        .join('')
        .trimEnd();
    const [first = [], ...others] = cells;
    return [lineOf(first, () => 'bold'), ...others.map((row) => lineOf(row, styleOf))];
  }

  private fitting(widths: number[], wholeColumns: number): number[] {
    const room = this.widest - GAP.length * (widths.length - 1);
    const fitted = [...widths];
    while (fitted.reduce((sum, width) => sum + width, 0) > room) {
      const widest = fitted.indexOf(Math.max(...fitted.slice(wholeColumns)), wholeColumns);
      if ((fitted[widest] ?? 0) <= FEWEST_OF_A_CELL) break;
      fitted[widest] = (fitted[widest] ?? 0) - 1;
    }
    return fitted;
  }

  /** One line, however long: what people copy. */
  asItIs(line: string): string {
    return plain(line);
  }

  cut(line: string): string {
    return cutTo(line, this.widest);
  }
}

/** A word that is longer than a line, such as an ARN, goes on in the next one. */
function wrapped(text: string, columns: number): string[] {
  return wrap(plain(text), columns).flatMap((line) => piecesOf(line, columns));
}
