/** What ships of others is listed, and may ship. */
import { readFileSync } from 'node:fs';
import { COPYLEFT, installed, shipped, THIRD_PARTY_FILE, thirdPartyDocument } from './third-party';

test('the list of what ships is up to date (else: npm run documents -- licences)', async () => {
  expect(readFileSync(THIRD_PARTY_FILE, 'utf8')).toBe(await thirdPartyDocument());
});

test('no bundle has anything under a licence that asks more than ours', async () => {
  const packages = await shipped();
  expect(packages.length).toBeGreaterThan(30);
  expect(packages.filter(({ license }) => license === '' || COPYLEFT.test(license))).toEqual([]);
  const strict = new Set(installed().flatMap(({ name, license }) => (COPYLEFT.test(license) ? [name] : [])));
  expect(strict).toContain('@cloud-copilot/iam-simulate');
  expect(packages.filter(({ name }) => strict.has(name))).toEqual([]);
});
