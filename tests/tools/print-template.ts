/**
 * `npm run template [-- --param "AdminEmails=…"]`: packages the service and prints its CloudFormation template, so that two
 * versions of the sources can be compared to the byte: with sorted keys, and each bundle called by its name alone, which
 * otherwise begins with the time of packaging. What follows `--` goes to `serverless package`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** What the bundles and the template are made of. */
const SOURCES = ['events', 'functions', 'shared', 'stack', 'package.json', 'serverless.yml', 'tsconfig.json'];
const CACHE = 'node_modules/.cache/bluegreen-deployer';
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

/** Where a bundle does not build, the packager reports it and then never ends. */
const LIMIT_MILLISECONDS = 100_000;

/** Packages a copy: what somebody has packaged in this folder stays. */
function main(options: readonly string[]): void {
  mkdirSync(CACHE, { recursive: true });
  const copy = mkdtempSync(join(CACHE, 'print-'));
  try {
    for (const source of SOURCES) cpSync(source, join(copy, source), { recursive: true });
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    // Its own words go to standard error: what is printed is the template alone.
    execFileSync('node_modules/.bin/serverless', ['package', ...options], {
      cwd: copy,
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      timeout: LIMIT_MILLISECONDS,
      killSignal: 'SIGKILL',
    });
    const template = JSON.parse(readFileSync(join(copy, TEMPLATE), 'utf8'), withoutTimeOfPackaging);
    process.stdout.write(`${JSON.stringify(sorted(template), null, 2)}\n`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function withoutTimeOfPackaging(key: string, value: unknown): unknown {
  return key === 'S3Key' && typeof value === 'string' ? basename(value) : value;
}

/** The order of keys says nothing in a template; that of lists may. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

// Whoever reads may have seen enough: `npm run template | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
main(process.argv.slice(2));
