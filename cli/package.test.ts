/** The command as people get it who have no clone: packed, installed in an empty folder, run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from './package.json';

const LICENCES = ['LICENSE', 'THIRD-PARTY-LICENSES.md'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  execFileSync('npm', ['pack', '--workspace', 'cli', '--pack-destination', folder], { stdio: 'pipe' });
  const [tarball = ''] = readdirSync(folder);
  mkdirSync(join(folder, 'empty'));
  // It needs nothing else: that would have to come from somewhere.
  execFileSync('npm', ['install', '--offline', join(folder, tarball)], { cwd: join(folder, 'empty'), stdio: 'pipe' });
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...words: string[]) {
  const env = { PATH: process.env.PATH, HOME: folder, npm_config_update_notifier: 'false' };
  return spawnSync('npx', ['--no-install', 'bluegreen', ...words], {
    cwd: join(folder, 'empty'),
    env,
    encoding: 'utf8',
  });
}

test('has what people are to have, and nothing else', () => {
  const installed = join(folder, 'empty/node_modules');
  expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual(['bluegreen-deployer-cli']);
  const files = readdirSync(join(installed, 'bluegreen-deployer-cli'), { recursive: true }).sort();
  expect(files).toEqual([...LICENCES, 'bluegreen.mjs', 'dist', 'dist/bluegreen.mjs', 'package.json']);
});

test('runs', () => {
  const { status, stdout, stderr } = run('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^ {2}bluegreen status \[task\]/m);
});

test('says its version', () => {
  expect(run('--version').stdout).toBe(`${version}\n`);
});

test('says in one sentence what lacks', () => {
  const { status, stderr } = run('status', 'WAS');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^No AWS region is given\.\n/);
});
