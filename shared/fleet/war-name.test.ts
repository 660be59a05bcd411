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

describe('what S3 has encoded, because it is not ASCII, is decoded', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test.each([
    ['base64', `=?UTF-8?B?${base64('버전 1.2')}?=`, '버전 1.2'],
    ['the bytes of UTF-8, each as a character', '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=', 'ÄMÄZÕÑ S3'],
    ['quoted characters', '=?utf-8?q?caf=C3=A9_1=3F?=', 'café 1?'],
    ['several words, of which the blanks between are none', '=?UTF-8?Q?=C3=A9?= =?UTF-8?B?w6k=?= 2', 'éé 2'],
    ['a line of its own', `=?UTF-8?B?${base64('1\n2; 3\u202e')}?=`, '1 2, 3'],
    ['bytes that are no text', '=?UTF-8?Q?=FF?=', '\ufffd'],
    ['almost', '=?UTF-8?X?1?= =?', '=?UTF-8?X?1?= =?'],
  ])('%s', (_, version, expected) => {
    expect(warName({ metadata: { version }, uploadedAt: undefined }, undefined)).toBe(expected);
  });
});

test('a name is shown with the beginning of the id, and where there is none the id is', () => {
  expect(shownVersion('3sL4kqtJlcpXroDTDmJ', '1.4')).toBe('1.4 (3sL4kqtJ)');
  expect(shownVersion('3sL4kqtJlcpXroDTDmJ', undefined)).toBe('3sL4kqtJlcpXroDTDmJ');
});
