#!/usr/bin/env node
/** The command `bluegreen`: the bundle, where this is the installed package; in a clone the source as it is. */
import { existsSync } from 'node:fs';

const bundle = new URL('dist/bluegreen.mjs', import.meta.url);
if (existsSync(bundle)) await import(bundle.href);
else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
