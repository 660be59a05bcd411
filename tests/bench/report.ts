/** What the bench says: sections of rows of figures, each beside its budget, as a table and as data. */
import type { Budgets } from './budgets';

/** How a figure is printed. */
export type Unit = 'count' | 'seconds' | 'dollars' | 'bytes' | 'ratio';

export interface Column {
  figure: string;
  unit: Unit;
  /** Whether a budget is the most or the least that a figure may be; `none` where nobody can be held to it. */
  budget?: 'most' | 'least' | 'none';
}

export interface Row {
  name: string;
  /** By figure; what a row does not have is not there. */
  figures: Readonly<Record<string, number>>;
  /** Calculated from a description: nothing was run, and nothing can be missed. */
  isModelled?: boolean;
}

export interface Section {
  name: string;
  title: string;
  columns: readonly Column[];
  rows: readonly Row[];
}

export interface Figure {
  section: string;
  row: string;
  figure: string;
  value: number;
  unit: Unit;
  budget?: number;
  isMissed: boolean;
  isModelled: boolean;
}

/** Every figure of a section, by rows. Throws an Error where one that should have a budget has none, or a budget no figure. */
export function figuresOf(measured: Section, budgets: Budgets): Figure[] {
  const { name: section, columns, rows } = measured;
  const figures = rows.flatMap(({ name: row, figures, isModelled = false }) =>
    columns.flatMap(({ figure, unit, budget: direction = 'most' }): Figure[] => {
      const value = figures[figure];
      if (value === undefined) return [];
      const isBound = direction !== 'none' && !isModelled;
      const budget = isBound ? budgets[section]?.[row]?.[figure] : undefined;
      if (isBound && budget === undefined) throw new Error(`budgets.ts has none for ${section}, ${row}: ${figure}`);
      const isMissed = budget !== undefined && (direction === 'least' ? value < budget : value > budget);
      return [{ section, row, figure, value, unit, budget, isMissed, isModelled }];
    }),
  );
  for (const [row, ofRow] of Object.entries(budgets[section] ?? {})) {
    for (const figure of Object.keys(ofRow)) {
      const isThere = figures.some((one) => one.row === row && one.figure === figure && one.budget !== undefined);
      if (!isThere) throw new Error(`budgets.ts has one for what is not measured: ${section}, ${row}: ${figure}`);
    }
  }
  return figures;
}

export function missedLines(figures: readonly Figure[]): string[] {
  return figures
    .filter(({ isMissed }) => isMissed)
    .map(({ section, row, figure, value, unit, budget = 0 }) => {
      return `${section}, ${row}: ${figure} ${printed(value, unit)}, and the budget is ${printed(budget, unit)}`;
    });
}

/** For a terminal: a section each, the budget behind each figure, and `!` where it is missed. */
export function tableOf({ name, title, columns, rows }: Section, figures: readonly Figure[]): string {
  const cellOf = (row: string, figure: string) => {
    const found = figures.find((one) => one.section === name && one.row === row && one.figure === figure);
    return found ? cellText(found) : '';
  };
  const head = [name, ...columns.map(({ figure }) => figure)];
  const body = rows.map(({ name: row }) => [row, ...columns.map(({ figure }) => cellOf(row, figure))]);
  return [title, '', ...aligned([head, ...body])].join('\n');
}

function cellText({ value, unit, budget, isMissed }: Figure): string {
  const text = printed(value, unit);
  return budget === undefined ? text : `${text} [${printed(budget, unit)}]${isMissed ? ' !' : ''}`;
}

function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function printed(value: number, unit: Unit): string {
  switch (unit) {
    case 'count':
      return String(value);
    case 'seconds':
      return value.toFixed(1);
    case 'ratio':
      return value.toFixed(2);
    case 'bytes':
      return value.toLocaleString('en');
    case 'dollars':
      return value.toFixed(5);
  }
}
