/** The quickest part of `npm run bench` keeps its budgets; all of it is for whoever changes what it costs. */
import { BUDGETS } from './budgets';
import { figuresOf, missedLines } from './report';
import { SECTIONS } from './sections';

test.each(['stages', 'services'])('%s', async (name) => {
  const section = await SECTIONS[name]?.();
  expect(section && missedLines(figuresOf(section, BUDGETS))).toEqual([]);
});

test('there is a budget for no section that is not there', () => {
  expect(Object.keys(BUDGETS).filter((name) => !(name in SECTIONS))).toEqual([]);
});
