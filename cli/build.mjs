/** Makes the one file that the package has besides its beginning: `npm pack --workspace cli` runs it. */
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
