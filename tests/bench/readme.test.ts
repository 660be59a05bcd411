/** README says of times, calls and money what is measured now. */
import { readFileSync } from 'node:fs';
import { measured, parts } from './readme';

test('what README quotes of the bench is so (else: npx tsx tests/bench/write-readme.ts)', async () => {
  expect(parts(readFileSync('README.md', 'utf8')).quoted.trim()).toBe((await measured()).trim());
});
