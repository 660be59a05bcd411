import { assertSupported, type EventPattern, type Json, matches } from './pattern';
import cases from './pattern-cases.json';

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
});
