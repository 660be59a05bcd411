/** `npm run release` lets nothing out that is no release, and its checksums fit. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf, type Repository } from './release';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-24\n\n### Added\n\n- more\n\n## [1.1.0] - 2026-12-01\n';
const RELEASE: Repository = {
  status: '',
  versions: { 'package.json': '1.2.0', 'cli/package.json': '1.2.0' },
  changelog: CHANGELOG,
  tags: ['v1.1.0'],
};

test('what is a release has no problem', () => {
  expect(problemsOf(RELEASE)).toEqual([]);
});

test.each<[string, Partial<Repository>, RegExp]>([
  ['a file that is not committed', { status: ' M README.md\n' }, /^not everything is committed:\n M README\.md$/],
  [
    'another version',
    { versions: { ...RELEASE.versions, 'cli/package.json': '1.1.0' } },
    /^cli\/package\.json says 1\.1\.0/,
  ],
  ['a version without a word', { versions: { 'package.json': '1.3.0' } }, /newest version of CHANGELOG\.md is 1\.2\.0/],
  [
    'no date',
    { changelog: CHANGELOG.replace(' - 2026-12-24', '') },
    /^the version 1\.2\.0 of CHANGELOG\.md has no date$/,
  ],
  [
    'something unreleased',
    { changelog: CHANGELOG.replace('ed]\n', 'ed]\n\n- new\n') },
    /has something that is not released$/,
  ],
  ['a tag that is there', { tags: ['v1.1.0', 'v1.2.0'] }, /^the tag v1\.2\.0 is there already$/],
])('%s is one', (_, changed, problem) => {
  expect(problemsOf({ ...RELEASE, ...changed })).toEqual([expect.stringMatching(problem)]);
});

test('the changelog begins with the version that this is', () => {
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  expect(problemsOf({ ...RELEASE, versions: { 'package.json': version }, changelog, tags: [] })).toEqual([]);
});

test('a dry run makes everything but the tag', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const before = execFileSync('git', ['tag'], { encoding: 'utf8' });
  execFileSync('npm', ['run', '--silent', 'release', '--', '--dry-run', '--to', folder], { stdio: 'pipe' });
  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n');
  const named = sums.map((line) => line.split('  ')[1]);
  expect(named).toEqual(
    readdirSync(folder)
      .filter((name) => name !== 'SHA256SUMS')
      .sort(),
  );
  expect(named).toEqual(
    expect.arrayContaining([
      ...[`bluegreen-deployer-cli-${version}.tgz`, 'cloudformation-template-update-stack.json'],
      ...['start.zip', 'LICENSE', 'THIRD-PARTY-LICENSES.md'],
    ]),
  );
  for (const line of sums) {
    const [sum, name = ''] = line.split('  ');
    expect(
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ).toBe(sum);
  }
  expect(execFileSync('git', ['tag'], { encoding: 'utf8' })).toBe(before);
  rmSync(folder, { recursive: true });
}, 300_000);
