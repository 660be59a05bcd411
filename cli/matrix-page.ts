/** Both groups and how each of their instances stands on each load balancer, as lines that fit. */

import { columnsOf } from '../local/terminal/columns';
import { plain } from '../local/terminal/lines';
import type { Matrix, MatrixRow } from '../shared/view/matrix';
import type { GroupView } from '../shared/view/view';
import type { Page, Style } from './page';

interface Shown {
  groups: readonly GroupView[];
  matrix: Matrix;
}

const STYLES: Readonly<Record<string, Style>> = {
  healthy: 'green',
  initial: 'cyan',
  draining: 'yellow',
  unhealthy: 'red',
};

export function matrixLines({ groups, matrix }: Shown, page: Page): string[] {
  const labels = labelsOf(matrix, page);
  const areNumbered = labels.some((label, index) => label !== nameOf(matrix, index));
  return [
    ...(matrix.rows.length > 0 ? tableLines({ groups, matrix }, labels, page) : groupLines(groups, page)),
    ...(areNumbered ? ['', ...legendLines(matrix, labels, page)] : []),
    ...reasonLines(matrix, page),
  ];
}

function groupLines(groups: readonly GroupView[], page: Page): string[] {
  return groups.flatMap((group) => page.hanging(`${plain(group.name)}: `, groupWords(group), 'bold'));
}

function groupWords({ exists, type = 'without a type', sizes = '', inService, suspendedProcesses }: GroupView): string {
  if (!exists) return 'is gone';
  const suspended = suspendedProcesses.length > 0 ? `; suspended: ${suspendedProcesses.join(', ')}` : '';
  const [minimum, desired, maximum] = sizes.split('/');
  return `${type}, ${inService} of ${desired} in service (${minimum} to ${maximum})${suspended}`;
}

/** As wide as instances, states and the widest state on a load balancer are. */
const CELL_COLUMNS = 'unhealthy'.length + 2;
/** Of instances under their group. */
const INDENT = 2;

function nameOf({ columns }: Matrix, index: number): string {
  const column = columns[index];
  return column?.kind === 'clone' ? `clone of ${column.name}` : (column?.name ?? '');
}

/** Names where all of them fit beside each other; else numbers, of which a clone has that of its original. */
function labelsOf(matrix: Matrix, page: Page): string[] {
  const names = matrix.columns.map((_, index) => nameOf(matrix, index));
  const widths = names.map((name) => Math.max(columnsOf(name) + 2, CELL_COLUMNS));
  if (leadingColumns(matrix) + widths.reduce((sum, width) => sum + width, 0) <= page.columns) return names;
  const originals = [...new Set(matrix.columns.map(({ name }) => name))];
  return matrix.columns.map(({ name, kind }) => {
    const number = originals.indexOf(name) + 1;
    return kind === 'clone' ? `${number} clone` : `${number}`;
  });
}

function leadingColumns({ rows }: Matrix): number {
  const widest = (texts: string[]) => Math.max(8, ...texts.map(columnsOf));
  const ids = widest(rows.map(({ instanceId }) => instanceId));
  return INDENT + ids + 2 + widest(rows.map(stateOf)) + 2;
}

function stateOf({ lifecycleState = '-' }: MatrixRow): string {
  return lifecycleState;
}

/** In as many tables as are needed for no column to be cut; the rows of a group stand under it. */
function tableLines({ groups, matrix }: Shown, labels: readonly string[], page: Page): string[] {
  return chunksOf(matrix, labels, page).flatMap((chunk, number) => {
    const [head = '', ...rows] = page.table(
      ['  INSTANCE', 'STATE', ...chunk.map((index) => labels[index] ?? '')],
      matrix.rows.map((row) => [
        ...[`  ${row.instanceId}`, stateOf(row)],
        ...chunk.map((index) => row.cells[index]?.state ?? '-'),
      ]),
      (cell) => STYLES[cell],
    );
    const rowsOf = (name: string) => rows.filter((_, index) => matrix.rows[index]?.group === name);
    const strangers = rowsOf('');
    const underEach = groups.flatMap((group) => [
      ...(number === 0 ? groupLines([group], page) : page.text(group.name, 'bold')),
      ...rowsOf(group.name),
    ]);
    return [
      ...(number > 0 ? [''] : []),
      head,
      ...underEach,
      ...(strangers.length > 0 ? [...page.text('of neither group', 'bold'), ...strangers] : []),
    ];
  });
}

function chunksOf(matrix: Matrix, labels: readonly string[], page: Page): number[][] {
  const chunks: number[][] = [[]];
  let left = page.columns - leadingColumns(matrix);
  for (const [index, label] of labels.entries()) {
    const width = Math.max(columnsOf(label) + 2, CELL_COLUMNS);
    const chunk = chunks.at(-1) as number[];
    if (left < width - 2 && chunk.length > 0) {
      chunks.push([index]);
      left = page.columns - leadingColumns(matrix) - width;
    } else {
      chunk.push(index);
      left -= width;
    }
  }
  return chunks;
}

function legendLines(matrix: Matrix, labels: readonly string[], page: Page): string[] {
  return labels.flatMap((label, index) =>
    matrix.columns[index]?.kind === 'clone' ? [] : page.hanging(`${label} = `, matrix.columns[index]?.name ?? ''),
  );
}

/** Why cells are not healthy, alike ones once. */
function reasonLines(matrix: Matrix, page: Page): string[] {
  const instancesBy = new Map<string, string[]>();
  for (const { instanceId, cells } of matrix.rows) {
    for (const [index, cell] of cells.entries()) {
      if (!cell?.reason || cell.state === 'healthy') continue;
      const why = `${cell.state} on ${nameOf(matrix, index)}: ${cell.reason}`;
      instancesBy.set(why, [...(instancesBy.get(why) ?? []), instanceId]);
    }
  }
  const lines = [...instancesBy].flatMap(([why, ids]) => page.hanging('  ', `${ids.join(', ')}: ${why}`));
  return lines.length > 0 ? ['', ...lines] : [];
}
