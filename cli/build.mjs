/** Makes what the package has besides its beginning: one file of code, and the licences. `npm pack --workspace cli` runs it. */
import { copyFileSync } from 'node:fs';
import { build } from 'esbuild';

await build({
  entryPoints: [new URL('main.ts', import.meta.url).pathname],
  outfile: new URL('dist/bluegreen.mjs', import.meta.url).pathname,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  // Some of what is bundled is CommonJS, and asks for modules of Node by `require`.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});

for (const name of ['LICENSE', 'THIRD-PARTY-LICENSES.md']) {
  copyFileSync(new URL(`../${name}`, import.meta.url), new URL(name, import.meta.url));
}
