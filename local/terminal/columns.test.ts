import * as fc from 'fast-check';
import { columnsOf, cutTo, padTo, piecesOf } from './columns';
import { wrap } from './lines';

test.each([
  ['', 0],
  ['2.4.1 – Straße', 14],
  ['결제', 4],
  ['결제'.normalize('NFD'), 4],
  ['e\u0301', 1],
  ['カ', 2],
  ['ｶ', 1],
  ['Ａ', 2],
  ['🚀', 2],
  ['👍🏽', 2],
  ['👩‍💻', 2],
  ['🇰🇷', 2],
  ['❤️', 2],
  ['…→✔│', 4],
  ['\u200c', 0],
])('%j takes %d columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each([
  ['결제 서비스', 11, '결제 서비스'],
  ['결제 서비스', 10, '결제 서비…'],
  ['결제 서비스', 9, '결제 서…'],
  ['🚀🚀🚀', 5, '🚀🚀…'],
  ['cafe\u0301s', 5, 'cafe\u0301s'],
  ['cafe\u0301s', 4, 'caf…'],
])('%s in %d columns is %s', (text, columns, cut) => {
  expect(cutTo(text, columns)).toBe(cut);
});

test('is filled up with blanks', () => {
  expect([padTo('결제', 6), padTo('결제', 3)]).toEqual(['결제  ', '결제']);
});

const text = fc.string({ unit: fc.constantFrom('a', ' ', '결', '🚀', 'e\u0301', '👩‍💻') });

test('no piece and no line is wider than it may be, and nothing is lost', async () => {
  await fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 20 }), (given, columns) => {
      const pieces = piecesOf(given, columns);
      expect(pieces.join('')).toBe(given);
      expect(Math.max(...pieces.map(columnsOf))).toBeLessThanOrEqual(columns);
      expect(columnsOf(cutTo(given, columns))).toBeLessThanOrEqual(columns);
      const words = given.split(' ').filter((word) => columnsOf(word) <= columns);
      const lines = wrap(words.join(' ').trim(), columns);
      expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(words.filter(Boolean));
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
    }),
  );
});
