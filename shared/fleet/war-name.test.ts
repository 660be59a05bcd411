/** What a version is called, and how it is shown. */
import { shownVersion, warName } from './war-name';

const AT = new Date('2030-01-01T00:00:05.900Z');

test.each<[string | undefined, Record<string, string>, string | undefined, Date | undefined]>([
  ['1.4', { version: '1.4' }, '9', AT],
  ['9', {}, '9', AT],
  ['uploaded 2030-01-01 00:00:05 UTC', {}, undefined, AT],
  ['uploaded 2030-01-01 00:00:05 UTC', { version: '\u0000 ' }, ' \u200b', AT],
  ['commit abc', { commit: 'abc' }, undefined, new Date(Number.NaN)],
  [undefined, {}, undefined, new Date(Number.NaN)],
  ['1, 2', { version: '1; 2' }, undefined, undefined],
  [undefined, {}, undefined, undefined],
])('a war is called %p', (expected, metadata, built, uploadedAt) => {
  expect(warName({ metadata, uploadedAt }, built)).toBe(expected);
});

test('a name is shown with the beginning of the id, and where there is none the id is', () => {
  expect(shownVersion('3sL4kqtJlcpXroDTDmJ', '1.4')).toBe('1.4 (3sL4kqtJ)');
  expect(shownVersion('3sL4kqtJlcpXroDTDmJ', undefined)).toBe('3sL4kqtJlcpXroDTDmJ');
});
