/**
 * Programs that tests start again and again, with all that they import in one file each: that starts in a third of the time
 * that it takes `tsx` to find, read and translate a few hundred. That they start by it, too, as people start them, is what
 * readme.test.ts looks at.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Beside them, packages are found that are asked for while a program runs. */
const FOLDER = 'node_modules/.cache/bluegreen-deployer';

/** Packages of the other kind of modules ask for what Node has. */
const REQUIRE =
  "import { createRequire as requireBeside } from 'node:module'; const require = requireBeside(import.meta.url);";

export interface BundledPrograms {
  /** What is run in the place of a source file, both from the root of the project. */
  fileOf(source: string): string;
  remove(): void;
}

export async function bundlePrograms(sources: readonly string[]): Promise<BundledPrograms> {
  mkdirSync(FOLDER, { recursive: true });
  const outdir = mkdtempSync(join(FOLDER, 'programs-'));
  await build({
    entryPoints: [...sources],
    outdir,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['esbuild', 'fast-check'],
    banner: { js: REQUIRE },
    logLevel: 'error',
  });
  return {
    fileOf: (source) => join(outdir, source.replace(/\.ts$/, '.mjs')),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
