/** What is uploaded for each function: built as the packager builds it, and what of it is from where. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import { functionNames } from '../../local/functions';

export interface Bundle {
  name: string;
  bytes: number;
  text: string;
  /** Bytes by package; `own` is the product itself. */
  packages: ReadonlyMap<string, number>;
}

export interface Bundles {
  all: readonly Bundle[];
  metafile: Metafile;
}

/** What the packager has for itself, and esbuild does not know. */
const OF_THE_PACKAGER = ['exclude', 'outputFileExtension', 'plugins'];

const requireHere = createRequire(join(process.cwd(), 'package.json')); // as the packager does

export async function buildBundles(names: readonly string[] = functionNames()): Promise<Bundles> {
  const { outputFiles = [], metafile } = await build({
    ...packagerOptions(),
    entryPoints: names.map((name) => `functions/${name}.ts`),
    outdir: 'bundles', // nothing is written there
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  if (!metafile) throw new Error('esbuild tells nothing of what it has built');
  const all = names.map((name): Bundle => {
    const file = outputFiles.find(({ path }) => path === resolve(`bundles/${name}.mjs`));
    if (!file) throw new Error(`functions/${name}.ts became no bundle`);
    return { name, bytes: file.contents.length, text: file.text, packages: packagesIn(metafile, name) };
  });
  return { all, metafile };
}

/** Of esbuild, as serverless.yml gives them to the packager. */
export function packagerOptions(): BuildOptions {
  const { custom } = parse(readFileSync('serverless.yml', 'utf8')) as { custom: { esbuild: Record<string, unknown> } };
  const { plugins } = custom.esbuild as { plugins?: string };
  const own = Object.entries(custom.esbuild).filter(([option]) => !OF_THE_PACKAGER.includes(option));
  return {
    ...Object.fromEntries(own),
    plugins: plugins === undefined ? [] : (requireHere(plugins) as Plugin[]),
  };
}

function packagesIn({ outputs }: Metafile, name: string): Map<string, number> {
  const packages = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(outputs[`bundles/${name}.mjs`]?.inputs ?? {})) {
    const from = packageOf(file);
    packages.set(from, (packages.get(from) ?? 0) + bytesInOutput);
  }
  return packages;
}

/** Of a file of a package within another package, the inner one. */
export function packageOf(file: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'own';
}

/** Packages that are not among these, or larger in some bundle: a line each, with who imports them. */
export function whatCameIn({ all, metafile }: Bundles, known: Readonly<Record<string, number>>): string[] {
  return all.flatMap(({ name, packages }) => {
    const news = [...packages].filter(([from, bytes]) => bytes > (known[from] ?? -1));
    return news.map(([from, bytes]) => {
      const most = known[from] === undefined ? 'new' : `at most ${known[from]}`;
      return `${name}: ${bytes} bytes of ${from} (${most}), which ${importersOf(metafile, name, from).join(', ')} imports`;
    });
  });
}

const SHOWN_IMPORTERS = 3;

/** Files of other packages that are in the bundle, too. */
function importersOf({ inputs, outputs }: Metafile, name: string, imported: string): string[] {
  const inBundle = Object.keys(outputs[`bundles/${name}.mjs`]?.inputs ?? {});
  const importers = inBundle.filter((file) => {
    if (packageOf(file) === imported) return false;
    return inputs[file]?.imports.some(({ path }) => packageOf(path) === imported);
  });
  return importers.slice(0, SHOWN_IMPORTERS);
}
