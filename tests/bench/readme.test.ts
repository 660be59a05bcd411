/** The page of costs says of times, calls and money what is measured now. */
import { readFileSync } from 'node:fs';
import { COSTS_FILE, measured, parts } from './readme';

test('what the page of costs quotes of the bench is so (else: npm run documents -- measured)', async () => {
  expect(parts(readFileSync(COSTS_FILE, 'utf8')).quoted.trim()).toBe((await measured()).trim());
});
