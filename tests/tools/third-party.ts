/**
 * What of others ships in the functions and in the packed command, with its licence: what esbuild's metafile says is in them.
 * `npm run documents -- licences` writes it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { buildBundles, packageOf } from '../bench/bundles';

export const THIRD_PARTY_FILE = 'THIRD-PARTY-LICENSES.md';

export interface Shipped {
  folder: string;
  name: string;
  version: string;
  license: string;
  /** Of the functions, of the command, or of both. */
  parts: string[];
}

const PARTS = ['functions', 'command'] as const;

/** Every package of which a byte ships, by its folder: one may be there in several versions. */
export async function shipped(): Promise<Shipped[]> {
  const inputs = [await inputsOfFunctions(), await inputsOfCommand()];
  const folders = inputs.map((files) => new Set(files.flatMap((file) => folderOf(file) ?? [])));
  const all = [...new Set(folders.flatMap((some) => [...some]))].sort();
  return all.map((folder) => {
    const { name, version, license = '' } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    return { folder, name, version, license, parts: PARTS.filter((_, index) => folders[index]?.has(folder)) };
  });
}

async function inputsOfFunctions(): Promise<string[]> {
  const { metafile } = await buildBundles();
  return usedIn(metafile.outputs);
}

/** As cli/build.mjs builds it. */
async function inputsOfCommand(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: ['cli/main.ts'],
    ...{ outfile: 'cli.mjs', bundle: true, platform: 'node', target: 'node20', format: 'esm' },
    mainFields: ['module', 'main'],
    ...{ write: false, metafile: true, logLevel: 'error' },
  });
  return usedIn(metafile.outputs);
}

function usedIn(outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}

/** Of the package that a file is of; none of a file of ours. */
function folderOf(file: string): string | undefined {
  const name = packageOf(file);
  if (name === 'own') return undefined;
  const end = file.lastIndexOf(`node_modules/${name}`) + `node_modules/${name}`.length;
  return file.slice(file.indexOf('node_modules/'), end);
}

export interface Development {
  name: string;
  license: string;
}

/** Every package that is installed, whatever for. */
export function installed(folder = 'node_modules'): Development[] {
  return readdirSync(folder).flatMap((entry): Development[] => {
    const path = `${folder}/${entry}`;
    if (entry.startsWith('@')) return installed(path);
    if (entry.startsWith('.') || !existsSync(`${path}/package.json`)) return [];
    const { name, license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
    const inner = existsSync(`${path}/node_modules`) ? installed(`${path}/node_modules`) : [];
    return [{ name, license: typeof license === 'object' ? license?.type : String(license) }, ...inner];
  });
}

export const COPYLEFT = /GPL|MPL|EPL|CDDL|EUPL|SSPL|OSL/;

/** What may be needed for work on the product under such a licence, and why it does not ship. */
const WHY: Readonly<Record<string, string>> = {
  '@cloud-copilot/iam-simulate':
    'decides in the embedded AWS what a role may do; tests, `npm run local` and the demo ask it',
  '@cloud-copilot/iam-policy': 'what it reads policies with',
  '@cloud-copilot/iam-utils': 'what it takes ARNs apart with',
};

export async function thirdPartyDocument(): Promise<string> {
  const packages = await shipped();
  const strict = installed().filter(({ license }) => COPYLEFT.test(license));
  const unexplained = strict.filter(({ name }) => WHY[name] === undefined).map(({ name }) => name);
  if (unexplained.length > 0) throw new Error(`nobody says why these do not ship: ${unexplained.join(', ')}`);
  return [
    '# Third-party licences',
    '',
    'Made by `npm run documents` from what esbuild says is in the bundles; a test fails where it is out of date.',
    '',
    '## What ships',
    '',
    'In the bundles of the functions, in the packed command, or in both:',
    '',
    '| package | version | licence | in |',
    '| --- | --- | --- | --- |',
    ...packages.map(
      ({ name, version, license, parts }) => `| ${name} | ${version} | ${license} | ${parts.join(', ')} |`,
    ),
    '',
    '## What is used for the work alone, under a licence that asks more',
    '',
    'It is installed by `npm ci` as a development dependency, and no bundle has a byte of it: a test looks.',
    '',
    '| package | licence | what it is for |',
    '| --- | --- | --- |',
    ...strict.map(({ name, license }) => `| ${name} | ${license} | ${WHY[name]} |`),
    '',
    '## The texts',
    '',
    ...textsOf(packages),
  ].join('\n');
}

/** Each text once, with the packages that have it. */
function textsOf(packages: readonly Shipped[]): string[] {
  const byText = new Map<string, string[]>();
  for (const { folder, name, license } of packages) {
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined
        ? `${license}; the package has no text of its own.`
        : readFileSync(`${folder}/${file}`, 'utf8');
    const key = text.replaceAll('\r', '').trim();
    byText.set(key, [...(byText.get(key) ?? []), name]);
  }
  return [...byText].flatMap(([text, names]) => [
    `### ${[...new Set(names)].join(', ')}`,
    '',
    '```text',
    text,
    '```',
    '',
  ]);
}
