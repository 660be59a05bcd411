#!/usr/bin/env node
/** The command `bluegreen`: in a clone the source as it is; in the installed package there is the bundle alone. */
import { existsSync } from 'node:fs';

if (existsSync(new URL('main.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
} else await import('./dist/bluegreen.mjs');
