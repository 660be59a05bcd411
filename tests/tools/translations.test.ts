/** The Korean documents say what the English ones say: as many headings of each depth, the same commands, tables and links. */
import { readFileSync } from 'node:fs';

const PAIRS = [
  ['README.md', 'README.ko.md'],
  ['docs/tutorial.md', 'docs/tutorial.ko.md'],
] as const;

/** What is the same in every language, in its order. */
function shapeOf(file: string) {
  const text = readFileSync(file, 'utf8');
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return {
    headings: [...prose.matchAll(/^#+(?= )/gm)].map(([depth]) => depth),
    code: [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, language, block = '']) => [
      language,
      withoutWords(block),
    ]),
    rowsOfTables: [...prose.matchAll(/^\|/gm)].length,
    keysOfTables: [...prose.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, key]) => key),
    addresses: [...prose.matchAll(/https:[^\s)]+/g)].map(([address]) => address).sort(),
    documents: [
      ...new Set([...prose.matchAll(/\]\(([\w./-]+)/g)].map(([, path = '']) => path.replace('.ko.md', '.md'))),
    ].sort(),
  };
}

/** What stands behind `#` is for people. */
function withoutWords(block: string): string[] {
  return block.split('\n').map((line) => line.replace(/(^| +)#.*/, ''));
}

test.each(PAIRS)('%s and %s are of one shape', (english, korean) => {
  expect(shapeOf(korean)).toEqual(shapeOf(english));
});
