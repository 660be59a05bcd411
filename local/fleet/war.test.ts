import { buildWar, healthOfWar, readWar } from './war';

test('a war gives back the entries it was built from', () => {
  const entries = { health: 'fine', 'WEB-INF/한글 + name.txt': '내용 & <text>\n', empty: '' };
  expect(Object.fromEntries(readWar(buildWar(entries)))).toEqual(entries);
});

test('the same entries make the same bytes, which start as a zip does', () => {
  const war = buildWar({ health: '200', version: '2' });
  expect(Buffer.from(war).equals(Buffer.from(buildWar({ health: '200', version: '2' })))).toBe(true);
  expect(Buffer.from(war.subarray(0, 4)).toString('latin1')).toBe('PK\x03\x04');
});

test('a script in front of a war is not of it', () => {
  const war = buildWar({ health: 'fine' });
  const executable = Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0"\n'), war]);
  expect(Object.fromEntries(readWar(executable))).toEqual({ health: 'fine' });
});

test.each([
  ['nothing', new Uint8Array()],
  ['text', Buffer.from('<html>not found</html>')],
  ['half a war', buildWar({ health: '200' }).subarray(0, 20)],
])('%s is not a war', (_, bytes) => {
  expect(() => readWar(bytes)).toThrow('the war is not a zip');
});

test.each([
  ['500 broken', 500],
  ['503', 503],
  ['200', 200],
  ['fine', 200],
  ['', 200],
  ['  500', 200],
])('a war whose health is %j answers %i', (health, status) => {
  expect(healthOfWar(readWar(buildWar({ health })))).toBe(status);
});

test('a war without health answers 404', () => {
  expect(healthOfWar(readWar(buildWar({ index: 'x' })))).toBe(404);
});

test('what would fill the memory is not read, and all else is', () => {
  const large = ' '.repeat(2 * 1024 ** 2);
  expect([...readWar(buildWar({ large, health: 'well' })).keys()]).toEqual(['health']);
});
