/** `npm run mails` shows every mail that there is, as README says. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { CODES } from '../../shared/codes/codes';

let printed: string;
beforeAll(async () => {
  printed = await mails();
});

async function mails(...options: string[]): Promise<string> {
  const print = ['--import', 'tsx', 'tests/tools/print-mails.ts', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, print, { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** Subjects; of a mail that has none, the first line of its text. */
function headlines(text: string): string[] {
  return [...text.matchAll(/^Subject: (\[.*)|^"(\[.*)"$/gm)].map(([, subject, line]) => subject ?? line ?? '');
}

test('of every code that a mail may have', () => {
  const codes = Object.keys(CODES);
  expect(
    codes.filter(
      (code) =>
        !new RegExp(`errCode : ${code}\\b|with code ${code}\\b|^ +Code ${code}$|\\b${code}: the clone`, 'm').test(
          printed,
        ),
    ),
  ).toEqual([]);
});

test('of every subject that README names', () => {
  const [, table = ''] = /\n## Read the mail\n(.*?)\n## /s.exec(readFileSync('README.md', 'utf8')) ?? [];
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) => line.split(' | ')[0] ?? '');
  const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replace('…)', '')));
  expect(named.length).toBeGreaterThan(7);
  const seen = headlines(printed);
  expect(named.filter((text) => !seen.some((headline) => headline.includes(text)))).toEqual([]);
});

test('of what becomes of a copy that CodeDeploy left behind', () => {
  const seen = headlines(printed).filter((headline) => headline.includes('CodeDeploy'));
  expect(seen).toEqual(['[Success] CodeDeploy Clean(Group : shop-web)', '[Error] CodeDeploy Clean(Group : shop-web)']);
});

test('of one code, where that is asked for', async () => {
  const titles = [...(await mails('T014')).matchAll(/^\[(T\d+|\d+), where/gm)].map(([, code]) => code);
  expect(new Set(titles)).toEqual(new Set(['T014']));
});
