/** What does not fit the terminal is numbered, and stands in more than one table: nothing is cut. */
import type { Matrix } from '../shared/view/matrix';
import type { GroupView } from '../shared/view/view';
import { matrixLines } from './matrix-page';
import { Page } from './page';

const GROUP: GroupView = {
  ...{ name: 'was-blue', role: 'old', exists: true, type: 'Active', sizes: '1/1/2', inService: 1 },
  suspendedProcesses: [],
};

function matrixOf(names: readonly string[], hasClones: boolean): Matrix {
  const columns: Matrix['columns'] = names.flatMap((name) => [
    { name, kind: 'real' as const },
    ...(hasClones ? [{ name, kind: 'clone' as const }] : []),
  ]);
  const cells = columns.map(({ kind }) =>
    kind === 'clone' ? { state: 'unhealthy', reason: 'Target.Timeout' } : { state: 'healthy' },
  );
  const row = { instanceId: 'i-0123456789abcdef0', zone: 'a', lifecycleState: 'InService', cells };
  return {
    columns,
    rows: [
      { ...row, group: 'was-blue' },
      { ...row, instanceId: 'i-stranger', group: '' },
    ],
  };
}

function linesOf(matrix: Matrix, columns: number): string[] {
  return matrixLines({ groups: [GROUP], matrix }, new Page({ columns } as never, {}));
}

test('names where they fit', () => {
  const lines = linesOf(matrixOf(['web', 'api'], false), 80);
  expect(lines).toEqual([
    '  INSTANCE             STATE      web      api',
    'was-blue: Active, 1 of 1 in service (1 to 2)',
    '  i-0123456789abcdef0  InService  healthy  healthy',
    'of neither group',
    '  i-stranger           InService  healthy  healthy',
  ]);
});

test.each([60, 80])('numbers with a legend, and as many tables as needed, on %d columns', (columns) => {
  const names = ['web', 'api', 'internal', 'admin', 'reports'].map((name) => `was-${name}-load-balancer`);
  const lines = linesOf(matrixOf(names, true), columns);
  expect(lines.filter((line) => line.length > columns || line.includes('…'))).toEqual([]);
  const heads = lines.filter((line) => line.startsWith('  INSTANCE')).join(' ');
  for (const [index, name] of names.entries()) {
    expect(heads).toContain(` ${index + 1} clone`);
    expect(lines).toContain(`${index + 1} = ${name}`);
  }
});

test('alike reasons are told once, with their instances', () => {
  const lines = linesOf(matrixOf(['web'], true), 100);
  expect(lines.at(-1)).toBe('  i-0123456789abcdef0, i-stranger: unhealthy on clone of web: Target.Timeout');
});

test('a group without instances, and one that is gone', () => {
  const groups: GroupView[] = [
    { ...GROUP, suspendedProcesses: ['Launch'] },
    { name: 'was-green', role: 'new', exists: false, inService: 0, suspendedProcesses: [] },
  ];
  const lines = matrixLines({ groups, matrix: { columns: [], rows: [] } }, new Page({ columns: 80 } as never, {}));
  expect(lines).toEqual(['was-blue: Active, 1 of 1 in service (1 to 2); suspended: Launch', 'was-green: is gone']);
});
