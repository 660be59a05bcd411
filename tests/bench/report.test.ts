/** A figure is held to its budget, and neither of the two is forgotten. */
import { figuresOf, missedLines, type Section, tableOf } from './report';

const SECTION: Section = {
  name: 'deployments',
  title: 'A deployment each.',
  columns: [
    { figure: 'calls', unit: 'count' },
    { figure: 'speed', unit: 'ratio', budget: 'least' },
    { figure: 'services alone', unit: 'seconds', budget: 'none' },
  ],
  rows: [
    { name: '1 ALB', figures: { calls: 277, speed: 2, 'services alone': 192 } },
    { name: 'modelled', figures: { calls: 1000 }, isModelled: true },
  ],
};

const budgets = (calls: number, speed: number) => ({ deployments: { '1 ALB': { calls, speed } } });
const missed = (calls: number, speed: number) => missedLines(figuresOf(SECTION, budgets(calls, speed)));

test('what is at its budget keeps it', () => {
  expect(missed(277, 2)).toEqual([]);
});

test('what is past its budget is named with it, and marked in the table', () => {
  expect(missed(276, 2)).toEqual(['deployments, 1 ALB: calls 277, and the budget is 276']);
  expect(missed(277, 2.1)).toEqual(['deployments, 1 ALB: speed 2.00, and the budget is 2.10']);
  expect(tableOf(SECTION, figuresOf(SECTION, budgets(276, 2)))).toBe(
    [
      'A deployment each.',
      '',
      'deployments  calls        speed        services alone',
      '1 ALB        277 [276] !  2.00 [2.00]  192.0',
      'modelled     1000',
    ].join('\n'),
  );
});

test('a figure without a budget is an error, and so is a budget without a figure', () => {
  expect(() => figuresOf(SECTION, { deployments: { '1 ALB': { calls: 277 } } })).toThrow(
    'budgets.ts has none for deployments, 1 ALB: speed',
  );
  const more = { deployments: { '1 ALB': { calls: 277, speed: 2, seconds: 1 } } };
  expect(() => figuresOf(SECTION, more)).toThrow('not measured: deployments, 1 ALB: seconds');
});
