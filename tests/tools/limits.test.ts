/** Each limit that docs/limits.md names is what the code has. */
import { readFileSync } from 'node:fs';

const ROW =
  /^\| (?<limit>[^|]+) \| (?<number>[\d.]+) \| `(?<file>[^`]+)` (?<name>[A-Z_]+)(?: \/ (?<divisor>\d+))? \|$/gm;

const limits = [...readFileSync('docs/limits.md', 'utf8').matchAll(ROW)].map(({ groups = {} }) => groups);

test('every row of numbers is one that can be compared', () => {
  const rows = readFileSync('docs/limits.md', 'utf8').match(/^\| .*\d+ \| `.*$/gm) ?? [];
  expect(limits).toHaveLength(rows.length);
  expect(limits.length).toBeGreaterThan(30);
});

test.each(limits.map(({ name = '', ...others }) => [name, others]))(
  '%s',
  (name, { number, file = '', divisor = '1' }) => {
    expect(numberOf(file, name) / Number(divisor)).toBe(Number(number));
  },
);

/** Of a constant that is written as a number, or as numbers multiplied and added. */
function numberOf(file: string, name: string): number {
  const [, written] =
    new RegExp(`^(?:export )?const ${name} = ([\\d_ *+]+);$`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
  if (written === undefined) throw new Error(`${file} has no number called ${name}`);
  const sum = written.split(/ \+ /).map((term) => term.split(/ \*+ /).map((one) => Number(one.replaceAll('_', ''))));
  const isPower = written.includes('**');
  return sum
    .map((factors) => factors.reduce((one, other) => (isPower ? one ** other : one * other)))
    .reduce((one, other) => one + other);
}
