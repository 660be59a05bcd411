/** Whatever the product can report, it says what that means and what to do about it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, meaningOf, nextStepOf, pageOf } from './codes';

const SOURCES = ['functions', 'shared', 'events'];

/** By code, a file that names it. */
function codesInSources(): Map<string, string> {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  );
  const named = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?<!meaningOf\(|nextStepOf\()'(T\d{3}|4\d{2}|500)'(?!:)/g)].map(
      ([, code = '']) => [code, file] as const,
    ),
  );
  return new Map(named);
}

test('the codes that the sources name are those of the table', () => {
  const codes = [...codesInSources().keys()].sort();
  expect(codes.length).toBeGreaterThan(25);
  expect(codes).toEqual(Object.keys(CODES).sort());
});

test.each(['T998', '', 'constructor', '__proto__', 'toString'])(
  'a code that nobody knows is that of T999: %j',
  (code) => {
    expect(meaningOf(code)).toBe(meaningOf('T999'));
    expect(nextStepOf(code)).toBe(nextStepOf('T999'));
    expect(pageOf(code, '')).toBe('docs/codes/T999.md');
  },
);

test.each(Object.entries(CODES))(
  'what is said of %s are sentences, on one line, that a mail can take as they are',
  (_, code) => {
    const { meaning, when, nextStep } = code;
    for (const text of [meaning, when, nextStep]) expect(text).toMatch(/^[A-Z][^"\\<>\n]*\.$/);
    expect(meaning.length).toBeLessThanOrEqual(120);
  },
);

test.each([
  ['', 'docs/codes/T001.md'],
  ['https://example.com/bluegreen/docs', 'https://example.com/bluegreen/docs/codes/T001.md'],
  ['https://example.com/docs/', 'https://example.com/docs/codes/T001.md'],
])('where the documentation is at %j the page of T001 is %s', (documentationUrl, page) => {
  expect(pageOf('T001', documentationUrl)).toBe(page);
});

test('a page in another language stands beside it', () => {
  expect(pageOf('T001', '', 'ko')).toBe('docs/codes/T001.ko.md');
});
