/** What worker processes run: one file made of all that the program imports, which is quicker than each translated alone. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Modules of packages are found from here as they are from the sources. */
const FOLDER = 'node_modules/.cache/bluegreen-deployer';

/** Answers the path of the file, which is there until this process ends. */
export async function bundled(program: string): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = join(process.cwd(), FOLDER, `worker-${process.pid}.mjs`);
  process.on('exit', () => rmSync(outfile, { force: true }));
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'error',
  });
  return outfile;
}
