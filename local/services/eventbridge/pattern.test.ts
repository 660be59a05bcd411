import { assertSupported, type EventPattern, type Json, matches } from './pattern';
import cases from './pattern-cases.json';

/** Twice as many combinations for each. */
function choices(count: number): EventPattern {
  const each = Array.from({ length: count }, (_, index) => [`k${index}`, { $or: [{ a: ['1'] }, { b: ['2'] }] }]);
  return Object.fromEntries(each);
}

describe('event patterns', () => {
  test.each(cases as [string, EventPattern, Json, boolean][])('%s', (_name, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test.each<[string, EventPattern]>([
    ['an unknown operator', { source: [{ cidr: '10.0.0.0/8' }] }],
    ['an unknown operator deep inside', { detail: { a: { $or: [{ b: ['x'] }, { c: [{ regex: '.*' }] }] } } }],
    ['an unknown operator inside anything-but', { source: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }],
    ['two operators in one rule', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['an unknown comparison', { size: [{ numeric: ['!=', 0] }] }],
    ['a comparison that every object has', { size: [{ numeric: ['constructor', 0] }] }],
    ['an operator that every object has', { source: [{ constructor: 'a' }] } as unknown as EventPattern],
    ['a value that is not in a list', { source: 'a' }],
    ['an empty list', { source: [] }],
    ['a choice of what is no pattern', { $or: [null] }],
    ['a choice of texts', { $or: ['a'] }],
    ['two wildcards in a row', { source: [{ wildcard: 'a**b' }] }],
    ['two wildcards in a row that are excluded', { source: [{ 'anything-but': { wildcard: '\\***' } }] }],
    ['over 1000 combinations', { source: ['a'], ...choices(10) }],
  ])('%s is refused up front', (_name, pattern) => {
    expect(() => assertSupported(pattern)).toThrow(/event pattern/);
    expect(() => matches(pattern, { source: 'a' })).toThrow(/event pattern/);
  });

  test('all conditions on an array of objects must hold in the same element, whichever it is', () => {
    const pattern: EventPattern = { detail: { tags: { key: ['type'], value: ['Active'] } } };
    const tags = (...pairs: [string, string][]) => ({
      detail: { tags: pairs.map(([key, value]) => ({ key, value })) },
    });
    expect(matches(pattern, tags(['other', 'Active'], ['type', 'Active']))).toBe(true);
    expect(matches(pattern, tags(['type', 'StandBy'], ['other', 'Active']))).toBe(false);
  });

  test('anything-but does not match an event that lacks the field', () => {
    expect(matches({ state: [{ 'anything-but': ['x'] }] }, {})).toBe(false);
  });

  test('each array chooses its element for itself, and an inner array within the element of the outer', () => {
    const pattern: EventPattern = { a: { x: [1], b: { y: [2], z: [3] } }, c: { x: [4], y: [5] } };
    const inner: Json = [{ y: 2 }, { y: 2, z: 3 }];
    const c: Json = [{ x: 4 }, { x: 4, y: 5 }];
    expect(matches(pattern, { a: [{ x: 0 }, { x: 1, b: inner }], c })).toBe(true);
    expect(
      matches(pattern, {
        a: [
          { x: 0, b: inner },
          { x: 1, b: [{ y: 2 }, { z: 3 }] },
        ],
        c,
      }),
    ).toBe(false);
    expect(matches(pattern, { a: [{ x: 0, b: inner }, { x: 1 }], c })).toBe(false);
    expect(matches(pattern, { a: [{ x: 1, b: inner }], c: [{ x: 4 }, { y: 5 }] })).toBe(false);
  });

  test('escaped wildcards in a row are characters', () => {
    expect(matches({ x: [{ wildcard: '*\\**\\\\*' }] }, { x: 'a*b\\c' })).toBe(true);
    expect(matches({ x: [{ wildcard: '*\\**\\\\*' }] }, { x: 'a-b\\c' })).toBe(false);
  });

  test('some 500 combinations are judged', () => {
    const event = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, { b: '2' }]));
    expect(matches(choices(9), event)).toBe(true);
    expect(matches(choices(9), { ...event, k8: { b: '1' } })).toBe(false);
  });

  describe('are judged in one pass', () => {
    test.each<[string, EventPattern, Json]>([
      ['40 wildcards', { x: [{ wildcard: `${'*a'.repeat(40)}b` }] }, { x: 'a'.repeat(100_000) }],
      [
        '40 wildcards that are excluded',
        { x: [{ 'anything-but': { wildcard: `${'*a'.repeat(40)}b` } }], y: ['none'] },
        { x: 'a'.repeat(100_000) },
      ],
      ['long lists of values', pattern(8, () => ['v']), fieldsOf(8, () => Array(5_000).fill('v'))],
      ['long lists of objects', pattern(8, () => ({ y: ['v'] })), fieldsOf(8, () => Array(5_000).fill({ y: 'v' }))],
      [
        'elements of one list, of which none has all',
        { k: pattern(8, () => ['v']) },
        { k: Array.from({ length: 40_000 }, (_, at) => ({ ...fieldsOf(8, () => 'v'), [`k${at % 8}`]: 'other' })) },
      ],
      [
        'lists in lists',
        { l: { x: ['v'], y: ['v'], z: ['other'] } },
        { l: nested(500, (l): Json => [{ x: 'v', y: 'v', l }, { x: 'v' }]) },
      ],
    ])('%s', (_name, judged, event) => {
      const begin = performance.now();
      expect(matches(judged, event)).toBe(false);
      expect(performance.now() - begin).toBeLessThan(5_000);
    });
  });
});

/** `k0` to `k7` that the events have, and one that none has. */
function pattern(count: number, value: () => Json): EventPattern {
  return { ...(fieldsOf(count, value) as EventPattern), [`k${count}`]: ['v'] };
}

function fieldsOf(count: number, value: () => Json): { [key: string]: Json } {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value()]));
}

function nested(levels: number, around: (inner: Json) => Json): Json {
  let value: Json = 'v';
  for (let level = 0; level < levels; level++) value = around(value);
  return value;
}
