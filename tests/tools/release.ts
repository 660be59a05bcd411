/** `npm run release`: checks that the sources are a release, makes what is published of it, and the tag. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCopy, runServerless } from '../../local/cloudformation/template';
import { parseOptions, runProgram } from '../../local/terminal/command-line';

/** What the bundles and the template are made of; not what stages of an account are given. */
const SOURCES = ['events', 'functions', 'shared', 'stack', 'package.json', 'serverless.yml', 'tsconfig.json'];

export interface Repository {
  /** Of `git status --porcelain`. */
  status: string;
  /** By the file that says so. */
  versions: Readonly<Record<string, string>>;
  changelog: string;
  tags: readonly string[];
}

/** Why these sources are no release, a line each. */
export function problemsOf({ status, versions, changelog, tags }: Repository): string[] {
  const version = versions['package.json'];
  const others = Object.entries(versions).filter(([, other]) => other !== version);
  const [newest = 'none', date] = /^## \[(\d[^\]]*)\](?: - (\d{4}-\d\d-\d\d))?$/m.exec(changelog)?.slice(1) ?? [];
  const [, unreleased = ''] = /^## \[Unreleased\]\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(changelog) ?? [];
  return [
    ...(status === '' ? [] : [`not everything is committed:\n${status.trimEnd()}`]),
    ...others.map(([file, other]) => `${file} says ${other}, package.json ${version}`),
    ...(newest === version ? [] : [`the newest version of CHANGELOG.md is ${newest}, that of package.json ${version}`]),
    ...(date === undefined ? [`the version ${newest} of CHANGELOG.md has no date`] : []),
    ...(unreleased.trim() === '' ? [] : ['CHANGELOG.md has something that is not released']),
    ...(tags.includes(`v${version}`) ? [`the tag v${version} is there already`] : []),
  ];
}

function readRepository(): Repository {
  const { version: locked, packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return {
    status: git('status', '--porcelain'),
    versions: {
      'package.json': versionIn('package.json'),
      'cli/package.json': versionIn('cli/package.json'),
      'package-lock.json': locked,
      'package-lock.json, of cli': packages.cli.version,
    },
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
    tags: git('tag').split('\n'),
  };
}

function versionIn(file: string): string {
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function git(...words: string[]): string {
  return execFileSync('git', words, { encoding: 'utf8' });
}

/** The packed command, bundles and template of the stage `prod`, the licences, and the checksums of all. */
function makeArtefacts(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['pack', '--workspace', 'cli', '--pack-destination', folder], { stdio: 'pipe' });
  const copy = makeCopy(SOURCES);
  try {
    runServerless(copy, ['--stage=prod']);
    const packaged = join(copy, '.serverless');
    const template = 'cloudformation-template-update-stack.json';
    for (const name of readdirSync(packaged).filter((one) => one === template || one.endsWith('.zip'))) {
      cpSync(join(packaged, name), join(folder, name));
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  for (const name of ['LICENSE', 'THIRD-PARTY-LICENSES.md', 'CHANGELOG.md']) cpSync(name, join(folder, name));
  const names = readdirSync(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .sort();
  const sums = names.map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
  );
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
  return [...names, 'SHA256SUMS'];
}

interface Options {
  isDry: boolean;
  folder: string;
}

const PROGRAM = {
  command: 'npm run release',
  usage: `npm run release [-- options]

Checks that everything is committed and that all versions are that of the
changelog; then makes the packed command, the packaged stack and their
checksums, and the tag. Nothing is pushed or published.

  --to FOLDER  where to put what is made (release)
  --dry-run    say what is wrong, make everything but the tag
  --help       print this
`,
  readOptions(args: string[]): Options {
    const values = parseOptions(args, { to: { type: 'string' }, 'dry-run': { type: 'boolean' } });
    return { isDry: values['dry-run'] ?? false, folder: resolve(values.to ?? 'release') };
  },
};

function main({ isDry, folder }: Options): number {
  const problems = problemsOf(readRepository());
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0 && !isDry) return 1;
  for (const name of makeArtefacts(folder)) process.stdout.write(`${join(folder, name)}\n`);
  const tag = `v${versionIn('package.json')}`;
  if (isDry) {
    process.stdout.write(`${problems.length > 0 ? 'No tag would be made: see above.' : `The tag would be ${tag}.`}\n`);
    return 0;
  }
  git('tag', '--annotate', tag, '--message', `Release ${tag}`);
  process.stdout.write(`Tagged ${tag}. Publish it: git push origin ${tag}, and what is in the folder.\n`);
  return 0;
}

// Its test imports it, too. Programs that tests start are bundled.
if (/\brelease\.(ts|mjs)$/.test(process.argv[1] ?? ''))
  process.exitCode = await runProgram(PROGRAM, process.argv.slice(2), main);
