/** Whatever the product can report, it says what to do about it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEXT_STEPS, nextStepOf } from './failure-codes';

const SOURCES = ['functions', 'shared', 'events'];

/** By code, a file that names it. */
function codesInSources(): Map<string, string> {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  );
  const named = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/'(T\d{3}|4\d{2}|500)'/g)].map(([, code = '']) => [code, file] as const),
  );
  return new Map(named);
}

test('every code that the sources name has a next step', () => {
  const codes = codesInSources();
  expect(codes.size).toBeGreaterThan(25);
  expect([...codes].filter(([code]) => !Object.hasOwn(NEXT_STEPS, code))).toEqual([]);
});

test.each(['T998', '', 'constructor', '__proto__', 'toString'])('so has a code that nobody knows: %j', (code) => {
  expect(nextStepOf(code)).toBe(nextStepOf('T999'));
});

test.each(Object.entries(NEXT_STEPS))(
  'that of %s is a sentence, on one line, that a mail can take as it is',
  (_, step) => {
    expect(step).toMatch(/^[A-Z][^"\\<>\n]*\.$/);
  },
);
