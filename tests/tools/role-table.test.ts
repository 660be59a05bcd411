/** The page on security says what the template grants. */
import { readFileSync } from 'node:fs';
import { SECURITY_FILE, withRoles } from './role-table';

test('the roles in docs/security.md are those of the template (else: npm run documents -- roles)', () => {
  const page = readFileSync(SECURITY_FILE, 'utf8');
  expect(page).toBe(withRoles(page));
});
