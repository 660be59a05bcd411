/** Findings in, bounded text out: nothing is cut inside a finding, and no more is lost than has to be. */
import * as fc from 'fast-check';
import { bounded, boundedText, fitted, groupedBy, joined, named, shortened, sizeOf } from './findings';

const bytes = (text: string) => Buffer.byteLength(text);
const numbered = (count: number, text = 'i-1 on web: initial') => Array<string>(count).fill(text);

test.each<[what: string, findings: string[], maximumBytes: number, shown: string]>([
  ['nothing', [], 10, ''],
  ['what fits, as it is', ['one', 'two'], 12, 'one; two'],
  ['what does not fit, by number', numbered(20, 'ill'), 45, 'ill; ill; ill; ill; ill; and 15 more'],
  ['bytes, not characters', numbered(20, '병'), 45, '병; 병; 병; 병; 병; and 15 more'],
  [
    'the last one, though "and 1 more" would be shorter',
    ['one', 'a second that is long'],
    30,
    'one; a second that is long',
  ],
  ['one that alone has no room, shortened', ['x'.repeat(100), 'two', 'three'], 40, 'xxxxxxx…; two; three'],
  ['one that alone has no room, by whole characters', ['가'.repeat(100)], 40, '가가…'],
])('%s', (_, findings, maximumBytes, shown) => {
  expect(bounded(findings, maximumBytes).join('; ')).toBe(shown);
  expect(bytes(shown)).toBeLessThanOrEqual(maximumBytes);
});

test('whatever the findings are: what is shown has room, is of whole findings, and counts the rest', async () => {
  const finding = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('; '));
  await fc.assert(
    fc.property(fc.array(finding, { maxLength: 60 }), fc.integer({ min: 600, max: 1500 }), (findings, maximumBytes) => {
      const text = boundedText(findings.join('; '), maximumBytes);
      expect(bytes(text)).toBeLessThanOrEqual(maximumBytes);
      const shown = findings.length === 0 ? [] : text.split('; ');
      const more = Number(/^and (\d+) more$/.exec(shown.at(-1) ?? '')?.[1] ?? 0);
      const whole = more > 0 ? shown.slice(0, -1) : shown;
      expect(whole).toEqual(findings.slice(0, whole.length));
      expect(whole.length + more).toBe(findings.length);
    }),
  );
});

test('two thousand targets are as long a text as two hundred', () => {
  const text = boundedText(joined(numbered(2000)), 1000);
  expect(bytes(text)).toBeLessThanOrEqual(1000);
  expect(text).toMatch(/^(i-1 on web: initial; )+and 19\d\d more$/);
});

test('what is cut once is not cut again', () => {
  const once = bounded(numbered(500), 1000);
  expect(bounded(once, 1000)).toEqual(once);
});

test('what AWS says stays one finding, however it is written', () => {
  expect(joined(['failed: one; two', 'three'])).toBe('failed: one, two; three');
});

test('a text is shortened by whole characters', () => {
  expect(shortened('가나다라', 9)).toBe('가나…');
  expect(shortened('a👍🏽b', 8)).toBe('a👍…');
  expect(shortened('가나다', 9)).toBe('가나다');
});

test('names are listed as far as anybody reads them', () => {
  expect(named([])).toBe('');
  expect(named(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e');
  expect(named(Array.from({ length: 42 }, (_, index) => `i-${index}`))).toBe('i-0, i-1, i-2, i-3, i-4 and 37 more');
});

test('what is most comes first, and among equals what came first', () => {
  const groups = groupedBy(['b1', 'a1', 'c1', 'a2', 'c2'], ([letter = '']) => letter);
  expect(groups.map(([key, items]) => `${key}: ${items}`)).toEqual(['a: a1,a2', 'c: c1,c2', 'b: b1']);
});

describe('as a last resort', () => {
  const detail = {
    task: 'WAS',
    message: joined(numbered(2000)),
    findings: numbered(2000, 'web: 0 of 100 targets are healthy'),
    commands: ['aws one'],
  };
  const fields = ['message', 'findings', 'commands'];

  test('the largest fields are shortened, and the others stay', () => {
    const fitting = fitted(detail, 8000, fields);
    expect(sizeOf(fitting)).toBeLessThanOrEqual(8000);
    expect(fitting).toMatchObject({ task: 'WAS', commands: ['aws one'] });
    expect(fitting.message).toMatch(/; and \d+ more$/);
    expect(fitting.findings.at(-1)).toMatch(/^and \d+ more$/);
  });

  test('what fits is left alone', () => {
    expect(fitted(detail, 1_000_000, fields)).toBe(detail);
  });

  test('a field that is no text for people is not touched, though it does not fit', () => {
    const large = { task: 'W'.repeat(5000), message: 'ill' };
    expect(fitted(large, 1000, ['message'])).toEqual(large);
  });

  test('it ends, whatever the text is', async () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 2000 }), fc.array(fc.string({ maxLength: 500 })));
    await fc.assert(
      fc.property(texts, fc.nat(3000), (text, maximumBytes) => {
        const fitting = fitted({ text }, maximumBytes, ['text']);
        expect(sizeOf(fitting)).toBeLessThanOrEqual(Math.max(sizeOf({ text }), maximumBytes));
      }),
    );
  });
});
