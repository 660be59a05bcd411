import { globTest } from './wildcard';

test.each<[string, string, boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'a', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', 'ab', false],
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a*', 'ab\nc', true],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*ab*ab', 'abab', true],
  ['*ab*ab', 'ab', false],
  ['a?c*?', 'abcd', true],
  ['a?c*?', 'abc', false],
  ['*?b*', 'b', false],
  ['*?b*', 'bb', true],
  ['*?b?d*', 'xbbbcd', true],
  ['*.+$', 'x.+$', true],
  ['*.+$', 'xa+$', false],
])('"%s" and "%s": %p', (pattern, text, expected) => {
  expect(globTest(pattern)(text)).toBe(expected);
});

test('a hundred wildcards take no longer than the text is long', () => {
  for (const pattern of ['*a'.repeat(100), '*a?'.repeat(100), '?*a'.repeat(100)]) {
    const text = 'a'.repeat(100_000);
    expect(globTest(`${pattern}*b`)(text)).toBe(false);
    expect(globTest(`${pattern}*`)(text)).toBe(true);
  }
});
